"""The lines between a headline and its text, for pages that state time and author nowhere else.

Friday 6 March 2026, 11:00, by Ole Marsten      5 March 2026 / Yusef Brandl / changed 6 March
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from lxml.html import HtmlElement

from tidings.extract.byline import people
from tidings.extract.dates import Stated, stated_time
from tidings.text import fold, tidy

MAX_LINES, MAX_LINE_CHARS = 12, 160
_LEAST_PROSE = 140  # characters of a text run that begins the article

_MONTHS = (
    "jan(?:uary|uar)?|feb(?:ruary|ruar)?|mar(?:ch)?|märz|apr(?:il)?|may|mai|june?|juni|july?|juli|aug(?:ust)?|"
    "sept?(?:ember)?|oct(?:ober)?|okt(?:ober)?|nov(?:ember)?|dec(?:ember)?|dez(?:ember)?"
)
_CLOCK = r"(?:,?\s*(?:at\s+)?\d{1,2}:\d{2}(?:\s*[ap]\.?m\.?)?(?:\s*(?:[A-Z]{3,4}\b|[+-]\d{2}:?\d{2}))?)?"
_DATE = re.compile(
    rf"\d{{4}}-\d{{2}}-\d{{2}}(?:[T ]\d{{2}}:\d{{2}}(?::\d{{2}})?(?:Z|[+-]\d{{2}}:?\d{{2}})?)?"
    rf"|\d{{1,2}}\.?\s+(?:{_MONTHS})\.?\s+\d{{4}}{_CLOCK}|(?:{_MONTHS})\.?\s+\d{{1,2}},?\s+\d{{4}}{_CLOCK}"
    rf"|\d{{1,2}}\.\d{{1,2}}\.\d{{4}}(?:,?\s*\d{{1,2}}:\d{{2}})?|\d{{4}}[.年]\s?\d{{1,2}}[.月]\s?\d{{1,2}}[.日]?(?:\s*\d{{1,2}}:\d{{2}})?",
    re.I,
)
_CHANGED = re.compile(r"\b(?:changed|updated|modified|edited|corrected|aktualisiert|geändert|stand)\b", re.I)
_BY = re.compile(r"(?:^|[\s,·|/–—-])(?:by|von|par|por|di|door|av|글)[:\s]\s*(.+)$", re.I)
_PARTS = re.compile(r"\s+[/|·•–—-]\s+|\s*[|·•]\s*")
_GERMAN = {"januar": "January", "februar": "February", "märz": "March", "mai": "May", "juni": "June", "juli": "July",
           "okt": "Oct", "oktober": "October", "dez": "Dec", "dezember": "December"}  # fmt: skip


def lines_under(tree: HtmlElement, headline: str) -> list[str]:
    """Return the short lines that follow the headline, up to the first prose."""
    title = fold(headline)
    lines: list[str] = []
    above = True
    texts = (
        (tidy(text[:2000]), text.getparent()) for text in tree.xpath("//body//text()[normalize-space()]")
    )
    for text, parent in texts:
        if above:
            above = fold(text) != title
        elif parent.tag in ("script", "style", "noscript"):
            continue
        elif len(text) >= _LEAST_PROSE or len(lines) == MAX_LINES:
            break
        elif fold(text) != title:
            lines.append(text)
    return [line for line in lines if len(line) <= MAX_LINE_CHARS]


def is_credit_line(text: str) -> bool:
    """Whether a short text says when and by whom, and nothing else: it holds a date and ends no sentence."""
    return len(text) <= 100 and bool(_DATE.search(text)) and not text.endswith((".", "!", "?", "。"))


def time_in(lines: Sequence[str], *, latest: datetime) -> Stated | None:
    """Return the first time that a line states as its publication's."""
    for line in lines:
        for match in _DATE.finditer(line):
            if not _CHANGED.search(line[: match.start()]):
                found = stated_time(_in_iso_or_english(match[0]), latest=latest)
                if found:
                    return found
    return None


def _in_iso_or_english(text: str) -> str:
    match = re.match(r"(\d{4})[.年]\s?(\d{1,2})[.月]\s?(\d{1,2})[.日]?\s*(\d{1,2}:\d{2})?$", text)
    if match:
        return f"{match[1]}-{int(match[2]):02}-{int(match[3]):02} {match[4] or ''}".strip()
    words = re.sub(r"(\d)\.(?=\s)", r"\1", text)
    return re.sub(r"[^\W\d_]+", lambda m: _GERMAN.get(m[0].lower(), m[0]), words)


def names_in(lines: Sequence[str], *, organisations: Sequence[str]) -> tuple[str, ...]:
    """Return the names that a line credits: after "by", or beside a date and apart from it."""
    for line in lines:
        credited = _BY.search(_DATE.sub(" ", line))
        if credited:
            names = people([_PARTS.split(credited[1])[0]], organisations=organisations)
            if names:
                return names
        elif _DATE.search(line):
            parts = [p for p in _PARTS.split(line) if not _DATE.search(p) and not _CHANGED.search(p)]
            names = people(parts, organisations=organisations)
            if names and all(" " in name for name in names):
                return names
    return ()
