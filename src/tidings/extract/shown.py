"""What a page shows of author and time, where no metadata states them: elements called byline or date, links to an author.

The page is walked once from its headline down.  What stands between the headline and the text is trusted first, then what
stands right above the headline, then what stands beside or below the text, provided that nothing else there says otherwise:
lists of other articles carry bylines and dates of their own.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from urllib.parse import urlsplit

from lxml import etree
from lxml.html import HtmlElement

from tidings.extract.byline import people
from tidings.extract.dates import Stated, dates_in, stated_time
from tidings.extract.tags import text_of, texts_of
from tidings.text import fold, is_cjk, tidy, words

MAX_MARKED, MAX_MARKED_ABOVE = (
    60,
    200,
)  # elements looked into below and above the headline; a news page has about ten
MAX_CREDIT_CHARS, MAX_DATE_CHARS, MAX_NAME_CHARS = 400, 160, 90
_PROSE_CHARS = 140  # of one run of text: a standfirst, or a paragraph
_OPENING_PROSE = 2  # so many runs may stand between the headline and the credit
_ABOVE_CHARS = 250  # of text between a credit and the headline under it

_CREDIT = re.compile(
    r"by-?line|author|\bautor|[-_]autor|auteur|contributor|redakteur|journalist|submitted|\bwriter|[-_]writer|signature|vcard"
)
_NO_CREDIT = re.compile(
    r"comment|social|share|follow|avatar|image|photo|bio(?:graphy)?\b|description|related|count|tags?\b"
)
_AUTHORS_PAGE = re.compile(
    r"/(?:authors?|autor(?:es|en|in)?|auteurs?|contributors?|journalists?|reporters?|firmas)/[^/]", re.I
)
# Where people are shown who may be authors: the address must name them.  Under /people/ there are sections as well.
_PEOPLES_PAGE = re.compile(
    r"/(?:writers?|by|bio|staff|profiles?|redaktion|redakteur|columnists?|perfil)/([^/]+)", re.I
)
_DATE = re.compile(
    r"date|datum|fecha|\btime\b|time-?stamp|[-_]time|publish|posted|created|dateline|meta-?info|article-?info|infoline|webtime|caption-s"
)
_CHANGED = re.compile(
    r"\b(?:changed|updated|modified|edited|corrected|aktualisiert|geändert|stand|mis\s+à\s+jour|actualizado|atualizado|aggiornato)\b",
    re.I,
)
_ELSEWHERE_TAGS = frozenset(
    ["nav", "figure", "figcaption", "select", "button", "script", "style", "noscript", "svg"]
)
_ELSEWHERE = re.compile(
    r"(?:^|[\s_])(?:related|teaser|recirc|recommend|promo|comment|trending|popular|most-?read|newsletter|carousel|more-?from|read-?more|"
    r"also-?like|tweet|latest|ticker|menu|\bfeed\b|feed-item|listing|outbrain|taboola)"
)
_SLASHES = re.compile(
    r"(?<![\d/.])(\d{1,2})[/.](\d{1,2})[/.](\d{4})(?![\d/])(?:\D{1,6}(\d{1,2})[:h](\d{2}))?"
)
_DAY_FIRST = frozenset(["fr", "es", "pt", "it", "ca", "gl", "ro", "el", "tr", "id", "vi"])
_BREAKS = re.compile(r"\s+[/|·•–—-]\s+|\s*[|·•]\s*")


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows: names of people, and the times of publication and of the last change."""

    names: tuple[str, ...] = ()
    published: Stated | None = None
    changed: Stated | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Mark:
    """A small element that its page calls a credit or a date; `chars` is how much text stands before it."""

    element: HtmlElement
    marks: str
    text: str
    chars: int

    def is_within(self, other: _Mark) -> bool:
        return any(above is other.element for above in self.element.iterancestors())


@dataclass(frozen=True, slots=True)
class _Marked:
    """What is marked as one thing, in the page's order, by where it stands: below the headline, right above it, further on."""

    opening: list[_Mark] = field(default_factory=list)
    above: deque[_Mark] = field(default_factory=lambda: deque(maxlen=8))
    beyond: list[_Mark] = field(default_factory=list)


def shown_on(
    tree: HtmlElement, headline: str, *, organisations: Sequence[str], language: str | None, latest: datetime
) -> Shown:
    """Return what the page shows around its headline; what several places further on contradict is left out."""
    credits, times = _marked(tree, headline)
    published, changed = _times(times, language=language, latest=latest)
    return Shown(_names(credits, organisations), published, changed)


# ── the walk ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _marked(tree: HtmlElement, headline: str) -> tuple[_Marked, _Marked]:
    """Return what is marked as a credit and what as a date."""
    credits, times = _Marked(), _Marked()
    title = _title_element(tree, headline)
    seen, prose, chars, left = (
        False,
        0,
        0,
        [MAX_MARKED_ABOVE if title is not None else MAX_MARKED, MAX_MARKED],
    )
    body = tree.find("body")
    walk = etree.iterwalk(tree if body is None else body, events=("start", "end"))
    for event, element in walk:
        if event == "end":
            length = len((element.tail or "").strip())
        else:
            marks = _marks_of(element)
            is_elsewhere, is_credit, is_date = _meant(marks) if marks else (False, False, False)
            if element.tag in _ELSEWHERE_TAGS or (seen and is_elsewhere):
                walk.skip_subtree()
                continue
            if element is title:
                seen = True
                for found in (credits, times):
                    while found.above and chars - found.above[0].chars > _ABOVE_CHARS:
                        found.above.popleft()
            is_credit = is_credit or (element.tag == "a" and _leads_to_author(element))
            is_date = is_date or element.tag in ("time", "date")
            kinds = [found for found, is_one in ((credits, is_credit), (times, is_date)) if is_one]
            if kinds and left[seen]:
                left[seen] -= 1
                mark = _Mark(element, marks, text_of(element), chars)
                for found in (
                    kinds if 0 < len(mark.text) <= MAX_CREDIT_CHARS or element.get("datetime") else ()
                ):
                    is_above, is_opening = title is not None and not seen, seen and prose <= _OPENING_PROSE
                    (found.above if is_above else found.opening if is_opening else found.beyond).append(mark)
            length = len((element.text or "").strip())
        chars += length
        prose += seen and length >= _PROSE_CHARS
    if not seen:
        credits.above.clear()
        times.above.clear()
    return credits, times


def _title_element(tree: HtmlElement, headline: str) -> HtmlElement | None:
    """Return the element that shows the headline: an h1 that says the same, or nearly, or is the only one; else any."""
    title, said = _squeezed(headline), frozenset(words(fold(headline)))
    headings = [(h, text) for h in list(tree.iter("h1"))[:10] if (text := text_of(h)) and not _is_in_menu(h)]
    for heading, text in headings:
        if _squeezed(text) == title:
            return heading
    for heading, text in headings:
        own = frozenset(words(fold(text)))
        if len(own) >= 3 and len(own & said) >= 0.6 * min(len(own), len(said)):
            return heading
    if len(headings) == 1 and len(words(headings[0][1])) >= 3:
        return headings[0][0]
    for element in tree.iter("h2", "h3", "p", "div", "span"):
        text = (element.text or "").strip()
        # Folding every text of a page costs more than looking at the length first.
        if abs(len(text) - len(headline)) <= 8 and _squeezed(text) == title and not _is_in_menu(element):
            return element
    return None


def _is_in_menu(element: HtmlElement) -> bool:
    return any(above.tag in _ELSEWHERE_TAGS for above in element.iterancestors())


def _squeezed(text: str) -> str:
    return "".join(words(fold(text)))


def _marks_of(element: HtmlElement) -> str:
    marks = (element.get("class"), element.get("id"), element.get("itemprop"), element.get("rel"))
    return " ".join(filter(None, marks))[:300].lower()


@lru_cache(maxsize=4096)
def _meant(marks: str) -> tuple[bool, bool, bool]:
    """Return whether marks speak of other articles, of a credit, of a date; a page repeats the same few marks."""
    return (
        _ELSEWHERE.search(marks) is not None,
        _CREDIT.search(marks) is not None,
        _DATE.search(marks) is not None,
    )


def _leads_to_author(element: HtmlElement) -> bool:
    if "author" in (element.get("rel") or ""):
        return True
    href = element.get("href") or ""
    if len(href) > 500 or not (_AUTHORS_PAGE.search(href) or _PEOPLES_PAGE.search(href)):
        return False
    try:
        path = urlsplit(href).path
    except ValueError:
        return False
    if _AUTHORS_PAGE.search(path):
        return True
    page = _PEOPLES_PAGE.search(path)
    return page is not None and all(word in fold(page[1]) for word in words(fold(text_of(element)))[-1:])


# ── names ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _names(marked: _Marked, organisations: Sequence[str]) -> tuple[str, ...]:
    for zone in (marked.opening, marked.above):
        names = _first_credit(zone, organisations)
        if names:
            return names
    return _unanimous(names for _, names in _credits(marked.beyond, organisations))


def _first_credit(marked: Sequence[_Mark], organisations: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the first element that credits anybody, and of its like beside it."""
    first: _Mark | None = None
    names: dict[str, str] = {}
    for mark, found in _credits(marked, organisations):
        if first is None:
            first = mark
        elif mark.element.tag != first.element.tag or _list_of(mark.element) is not _list_of(first.element):
            break
        names |= {fold(name): name for name in found}
    return tuple(names.values())


def _list_of(element: HtmlElement) -> HtmlElement | None:
    """Return what the elements of one list share: the parent, of links that stand alone in their place its parent."""
    parent = element.getparent()
    if parent is not None and element.tag == "a" and len(text_of(parent)) < MAX_NAME_CHARS:
        return parent.getparent()
    return parent


def _credits(
    marked: Sequence[_Mark], organisations: Sequence[str]
) -> Iterator[tuple[_Mark, tuple[str, ...]]]:
    """Yield what credits people, nothing within another, with the names."""
    last: _Mark | None = None
    for mark in marked:
        if (last and mark.is_within(last)) or _NO_CREDIT.search(mark.marks):
            continue
        names = _credited(mark, [other for other in marked if other.is_within(mark)], organisations)
        if names:
            last = mark
            yield mark, names


def _credited(mark: _Mark, inner: Sequence[_Mark], organisations: Sequence[str]) -> tuple[str, ...]:
    """Return the full names in a credit: in the links to authors, else in the innermost marks, else in its own words."""
    around = {above for other in inner for above in other.element.iterancestors()}
    innermost = [other for other in inner if other.element not in around]
    links = [other for other in inner if other.element.tag == "a" and _leads_to_author(other.element)]
    pieces = [tidy(piece) for piece in texts_of(mark.element)][:12]
    text = mark.text
    if any(len(piece) == 1 and piece.islower() for piece in pieces):  # letters apart, for show
        text, pieces = tidy("".join(texts_of(mark.element))), []
    for sources in (
        [other.text for other in links or innermost if not _NO_CREDIT.search(other.marks)],
        _parts(text),
        pieces,
    ):
        names = people([s for s in sources if 0 < len(s) <= MAX_NAME_CHARS], organisations=organisations)
        full = tuple(name for name in names if 1 <= name.count(" ") <= 4 or is_cjk(name))
        if full:
            return full
    return ()


def _parts(text: str) -> list[str]:
    """Return the first parts of a credit in words, without its dates."""
    for date in reversed(list(dates_in(text))):
        text = f"{text[: date.start]} | {text[date.end :]}"
    return [part for part in _BREAKS.split(text) if part and not _CHANGED.search(part)][:3]


def _unanimous(found: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """Return what all of them say; nothing when they differ."""
    said = {tuple(map(fold, names)): names for names in found}
    return next(iter(said.values())) if len(said) == 1 else ()


# ── times ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _times(marked: _Marked, *, language: str | None, latest: datetime) -> tuple[Stated | None, Stated | None]:
    """Return when the page says that it was published, and when it was changed."""
    opening, above, beyond = (
        [time for mark in sorted(zone, key=_is_called_updated) for time in _dated(mark, language, latest)]
        for zone in (marked.opening, marked.above, marked.beyond)
    )
    changed = next((at for is_change, at in [*opening, *above] if is_change), None)
    for zone in (opening, above):
        published = [at for is_change, at in zone if not is_change]
        if published:
            return _exact(published), changed
    published = [at for is_change, at in beyond if not is_change]
    if changed is None and len({at.at.date() for at in published}) == 1:
        return _exact(published), None
    return None, changed


def _is_called_updated(mark: _Mark) -> bool:
    """Many templates call the time of publication so: it counts, but after others."""
    return "updat" in mark.marks and "publi" not in mark.marks


def _exact(stated: Sequence[Stated]) -> Stated:
    """Return the first time, or one with clock and zone that stands for the same day beside it."""
    first = stated[0]
    return next((at for at in stated if at.exact and abs(at.at - first.at) < timedelta(hours=36)), first)


def _dated(mark: _Mark, language: str | None, latest: datetime) -> Iterator[tuple[bool, Stated]]:
    """Yield the times that an element shows, each with whether it is that of a change."""
    if len(mark.text) > MAX_DATE_CHARS:
        return
    found = stated_time(mark.element.get("datetime") or "", latest=latest)
    if found:
        yield _says_changed(mark.text), found
        return
    previous = 0
    for start, end, iso in _written(mark.text, language):
        at = stated_time(iso, latest=latest)
        if at:
            yield _says_changed(mark.text[previous:start]), replace(at, in_text=mark.element.tag != "time")
        previous = end


def _says_changed(text: str) -> bool:
    return _CHANGED.search(text) is not None


def _written(text: str, language: str | None) -> Iterator[tuple[int, int, str]]:
    """Yield where dates stand and what they say; with slashes the day comes first where the language has it so."""
    found = [(date.start, date.end, date.iso) for date in dates_in(text)]
    if found:
        yield from found
        return
    for match in _SLASHES.finditer(text):
        first, second = int(match[1]), int(match[2])
        if first > 12 or first == second or (language in _DAY_FIRST and second <= 12):
            day, month = first, second
        elif second > 12:
            day, month = second, first
        else:
            continue
        clock = f"T{int(match[4]):02}:{match[5]}" if match[4] else ""
        yield match.start(), match.end(), f"{match[3]}-{month:02}-{day:02}{clock}"
