"""The lines around a headline, for pages that state time and author nowhere else.

Friday 6 March 2026, 11:00, by Ole Marsten      5 March 2026 / Yusef Brandl / changed 6 March
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from lxml.html import HtmlElement

from tidings.extract.byline import people
from tidings.extract.dates import Stated, dates_in, stated_time
from tidings.text import fold, tidy

MAX_LINES_ABOVE, MAX_LINES, MAX_LINE_CHARS = 3, 12, 160
_LEAST_PROSE_CHARS = 140  # characters of a text run that begins the article

_CHANGED = re.compile(
    r"\b(?:changed|updated|modified|edited|corrected|aktualisiert|geändert|stand|mis\s+à\s+jour|actualizado|aggiornato)\b",
    re.I,
)
_BY = re.compile(
    r"(?:^|[\s,·|/–—-])(?:(?:written|posted|published|veröffentlicht|geschrieben|escrito|publicado|publié|écrit|scritto)\s+)?"
    r"(?:by|von|par|por|di|door|av|글)[:\s]\s*(.+)$",
    re.I,
)
_PARTS = re.compile(r"\s+[/|·•–—-]\s+|\s*[|·•]\s*")
_NO_CREDIT = re.compile(r"[.!?。…]$")
_TEASING = re.compile(
    r"\b(?:min(?:ute)?s?\.?\s+read|lesezeit|reading\s+time|share:|click\s+to\s+share)\b", re.I
)


@dataclass(frozen=True, slots=True)
class Lines:
    """The short lines right above the headline and those below it, up to the first prose."""

    above: tuple[str, ...]
    below: tuple[str, ...]


def lines_around(tree: HtmlElement, headline: str) -> Lines:
    """Return the lines around the headline; none where the headline does not stand in the text."""
    title, length = fold(headline), len(headline)
    above: deque[str] = deque(maxlen=MAX_LINES_ABOVE)
    below: list[str] = []
    seen = False
    for node in tree.xpath("//body//text()[normalize-space()]"):
        if node.getparent().tag in ("script", "style", "noscript"):
            continue
        if not seen:
            # Folding every text of a page costs more than finding the headline's length first.
            seen = abs(len(" ".join(node.split())) - length) <= 8 and fold(tidy(node)) == title
            if not seen:
                above.append(node)
            continue
        text = tidy(node[:2000])
        if len(text) >= _LEAST_PROSE_CHARS or len(below) == MAX_LINES:
            break
        if fold(text) != title:
            below.append(text)
    if not seen:
        return Lines((), ())
    return Lines(
        tuple(line for line in (tidy(node[:2000]) for node in above) if len(line) <= MAX_LINE_CHARS // 2),
        tuple(line for line in below if len(line) <= MAX_LINE_CHARS),
    )


def is_credit_line(text: str) -> bool:
    """Whether a short text says when and by whom, and nothing else: it holds a date and ends no sentence."""
    if next(dates_in(text), None) is None:
        return False
    without = _without_dates(text)
    return bool(_TEASING.search(without)) or (
        len(text) <= 100 and not (_NO_CREDIT.search(text) and len(without) > 25)
    )


def _without_dates(text: str) -> str:
    for date in reversed(list(dates_in(text))):
        text = f"{text[: date.start]} {text[date.end :]}"
    return tidy(text)


def time_in(lines: Lines, *, latest: datetime) -> Stated | None:
    """Return the first time that a line states as its publication's: below the headline, else right above it."""
    return next(_times(lines, changed=False, latest=latest), None)


def changed_in(lines: Lines, *, latest: datetime) -> Stated | None:
    """Return the first time that a line states as that of a change."""
    return next(_times(lines, changed=True, latest=latest), None)


def _times(lines: Lines, *, changed: bool, latest: datetime) -> Iterator[Stated]:
    for line in (*lines.below, *reversed(lines.above)):
        for date in dates_in(line):
            found = stated_time(date.iso, latest=latest)
            if found and bool(_CHANGED.search(line[: date.start])) is changed:
                yield replace(found, in_text=True)


def names_in(lines: Lines, *, organisations: Sequence[str]) -> tuple[str, ...]:
    """Return the names that a line credits: after "by", or beside a date and apart from it."""
    for line in lines.below:
        bare = _without_dates(line)
        credited = _BY.search(bare)
        if credited:
            names = people([_PARTS.split(credited[1])[0]], organisations=organisations)
            if names:
                return names
        elif bare != line:
            parts = [p for p in map(_without_dates, _PARTS.split(line)) if not _CHANGED.search(p)]
            names = people(parts, organisations=organisations)
            if names and all(" " in name for name in names):
                return names
    return ()
