"""Tolls: what victims a figure counts, by the words beside it.

"11 people died", "14 Todesopfer" and "11명이 숨졌다" count the dead, whatever noun stands there.  The words are those of tolls.toml.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from tidings.ai.sayings import Saying
from tidings.stories.calendars import lowered
from tidings.stories.lexicon import either, table_of, words_of
from tidings.stories.rarity import primary


def toll_of(saying: Saying) -> str | None:
    """Return what victims a figure counts ("dead"), by the words beside it; None when it counts none, or only some of them."""
    figure = saying.figure
    rules = _tolls(primary(saying.source.language))
    if figure is None or figure.unit not in ("", "명") or rules is None:
        return None
    text = lowered(saying.source.text(saying.paragraph))
    left, right = saying.room
    before, after = text[left : figure.start], text[figure.end : right]
    if rules.subset and rules.subset.match(after):
        return None
    if _is_of_another_time(saying):
        return None
    before = rules.conjunction.split(before[-60:])[-1]
    after = lowered(figure.words) + after[:60]
    for words, pick in ((_clause(after, 0), 0), (_clause(before, -1), -1)):
        hits = sorted((m.start(), m.lastgroup or "") for m in rules.kinds.finditer(words))
        if hits:
            return hits[pick][1]
    return None


def _clause(text: str, which: int) -> str:
    return re.split(r"[,;:–—()]", text)[which]


def _is_of_another_time(saying: Saying) -> bool:
    """Whether the sentence tells of an earlier event: it names a time months before its article."""
    facts = saying.source.facts
    day = saying.source.at.date().toordinal()
    return facts is not None and any(
        t.paragraph == saying.paragraph
        and saying.start <= t.start < saying.end
        and day - t.last.toordinal() > 60
        for t in facts.times
    )


@dataclass(frozen=True)
class _Tolls:
    kinds: re.Pattern[str]
    subset: re.Pattern[str] | None
    conjunction: re.Pattern[str]


@lru_cache(maxsize=32)
def _tolls(code: str) -> _Tolls | None:
    table = _toll_table().get(code)
    if table is None:
        return None
    kinds = "|".join(
        f"(?P<{kind}>{'|'.join(_pattern(word, code) for word in words.split())})"
        for kind, words in table.items()
        if kind != "subset"
    )
    conjunction = re.compile(rf"\s(?:{either(words_of(table_of(code, 'speech') or {}, 'and'))})\s")
    subset = "|".join(_pattern(word, "ko") for word in table["subset"].split())
    return _Tolls(re.compile(kinds), re.compile(rf"\s+(?:{subset})\b") if subset else None, conjunction)


def _pattern(word: str, code: str) -> str:
    start = "" if code == "ko" else r"\b"
    word, ending = (word[:-1], r"\w{0,12}") if word.endswith("*") else (word, r"\b")
    return start + re.escape(word).replace("_", r"\s") + ending


@lru_cache(maxsize=1)
def _toll_table() -> dict[str, dict[str, str]]:
    return tomllib.loads(files("tidings.ai").joinpath("tolls.toml").read_text("utf-8"))
