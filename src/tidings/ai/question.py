"""What a question asks for, read by code: the kind of its answer, its telling words, the time that it names.

The words that open a question are in questions.toml, a table a language.  A question in a language without one asks for
"anything"; its words and its meaning are looked for all the same.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal, get_args

from tidings.ai.lexicon import lexicon_of
from tidings.stories.rarity import expected_share, primary
from tidings.text import (
    fold,
    is_cjk,
    language_of,
    search_tokens,
    search_tokens_with_spans,
    sentences,
    tidy,
)

Sought = Literal["person", "place", "time", "number", "reason", "name", "anything"]
SOUGHT: tuple[Sought, ...] = ("person", "place", "time", "number", "reason", "name", "anything")
Measure = Literal["age", "length", "extent"]  # extent: in space or time

MOST_CHARACTERS = 500  # of a question; the rest is not read
MOST_TOKENS = 64
_COUNTED_WITHIN = 3  # words after "how many" that may name what is counted: "how many of the whales"
_SORT_WITHIN = 4  # words after "which" among which the sort of thing is named: "which large European country"
_ANY_SORT: tuple[Sought, ...] = ("name", "anything")  # what the sort of thing named after it may tell more of
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Question:
    """A question as it was read.

    sought: the kind of thing that answers it; "name" where it asks which of many, "anything" where that is not known.  measure:
    what a number is sought of; `counts` are the words that may name what is counted.
    """

    text: str
    language: str | None
    sought: Sought
    measure: Measure | None = None
    counts: str = ""

    def counted(self, language: str | None) -> frozenset[str]:
        """Return the tokens of what is counted, as texts of a language have them; none where that is not said."""
        function = lexicon_of(self.language).function
        words = [word for word in self.counts.split() if fold(word) not in function]
        return frozenset(search_tokens(" ".join(words), language))

    def weights(self, language: str | None) -> Mapping[str, float]:
        """Return how telling each of its tokens is in texts of a language: the log of how few of them have it."""
        return _weights(self.text, language, primary(self.language))

    def tokens(self) -> frozenset[str]:
        """Return its tokens in its own language and as they stand."""
        return frozenset(self.weights(self.language)) | frozenset(self.weights(None))


def read_question(text: str, *, language: str | None = None) -> Question:
    """Return a question as it was read; its language is guessed where none is given."""
    text = tidy(text[:MOST_CHARACTERS])
    language = language or language_of(text)[0]
    return _read(text, language)


@lru_cache(maxsize=512)
def _weights(text: str, language: str | None, asked_in: str) -> Mapping[str, float]:
    openers = _table(asked_in).openers
    weights: dict[str, float] = {}
    for token, start, end in search_tokens_with_spans(text, language):
        if len(weights) < MOST_TOKENS and fold(text[start:end]) not in openers:
            weights[token] = -math.log(expected_share(token, language) + 1e-6)
    return weights


# ── the kind of answer ───────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Table:
    """What questions of a language open with, by the kind that is sought, and the sorts of thing that tell it."""

    opens: Mapping[str, Sought]  # folded words, two of them with a space between
    sorts: Mapping[str, Sought]
    openers: frozenset[str]
    being: frozenset[str]
    least_name: (
        int  # words of a name behind "who is": where every noun has a capital, one is no sign of a name
    )
    measures: Mapping[str, Measure]
    counting: frozenset[str]  # openers that go before what is counted


@lru_cache(maxsize=64)
def _table(code: str) -> _Table:
    table: Mapping[str, Any] = _tables().get(code, {})
    sorts = table.get("sorts", {})
    opens = {word.replace("~", " "): kind for kind in SOUGHT for word in table.get(kind, "").split()}
    return _Table(
        opens=opens,
        sorts={word: kind for kind in SOUGHT for word in sorts.get(kind, "").split()},
        openers=frozenset(word for opener in opens for word in opener.split()),
        being=frozenset(table.get("being", "").split()),
        least_name=int(table.get("least_name", 1)),
        measures={
            word.replace("~", " "): measure
            for measure in get_args(Measure)
            for word in table.get("measures", {}).get(measure, "").split()
        },
        counting=frozenset(word.replace("~", " ") for word in table.get("counting", "").split()),
    )


@lru_cache(maxsize=1)
def _tables() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads((files("tidings.ai") / "questions.toml").read_text("utf-8"))


def _read(text: str, language: str | None) -> Question:
    table = _table(primary(language))
    asked = [sentence for sentence in sentences(text, language) if sentence.rstrip().endswith(("?", "？"))]
    last = asked[-1] if asked else text
    if is_cjk(last):
        return Question(text, language, _sought_within(last, table))
    written = [match.group() for match in _WORD.finditer(last)]
    words = [fold(word) for word in written]
    opened = [(n, word, kind) for n, word in enumerate(_with_pairs(words)) if (kind := table.opens.get(word))]
    if not opened:
        return Question(text, language, "anything")
    # "who" within a sentence may only go on about a name; "which" and "how many" there always ask.
    asks = [one for one in opened if one[0] == 0 or one[2] in (*_ANY_SORT, "number")]
    n, word, kind = (asks or opened)[0]
    behind = n + len(word.split())
    if kind in _ANY_SORT:
        following = words[n + 1 : n + 1 + _SORT_WITHIN]
        return Question(text, language, next((table.sorts[w] for w in following if w in table.sorts), kind))
    named = written[behind + 1 :]
    if kind == "person" and words[behind : behind + 1] and words[behind] in table.being and named:
        is_name = all(word[:1].isupper() and fold(word) not in table.sorts for word in named)
        if is_name and len(named) >= table.least_name:
            return Question(text, language, "anything")  # "Who is Ida Morrow?" asks what she is
    elif kind == "number":
        counts = " ".join(written[behind : behind + _COUNTED_WITHIN]) if word in table.counting else ""
        return Question(text, language, kind, table.measures.get(word), counts)
    return Question(text, language, kind)


def _with_pairs(words: Sequence[str]) -> list[str]:
    """The words, each with the one that follows where the two open a question together ("how many")."""
    numbers = ("how", "wie")
    return [
        f"{word} {words[n + 1]}" if word in numbers and n + 1 < len(words) else word
        for n, word in enumerate(words)
    ]


def _sought_within(text: str, table: _Table) -> Sought:
    """In a script whose words carry particles, or without spaces: the sort of thing, else the word, wherever it stands."""
    opened = [kind for word, kind in table.opens.items() if word in text]
    sorts = [kind for word, kind in table.sorts.items() if word in text]
    told = [kind for kind in (*opened, *sorts) if kind not in _ANY_SORT]
    return (told or opened)[0] if opened else "anything"
