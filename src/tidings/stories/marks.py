"""Quotation marks: which stretches of a text stand between them, in every convention that print knows.

“…”  „…“  „…”  «…»  »…«  »…»  ‹…›  「…」  『…』  ‘…’  "…"  '…'  ``…''  and the mixtures that careless converters leave ('…").
Apostrophes are told from marks by what stands around them.  A quotation that runs over several paragraphs is opened
again at each and closed once at its end.  One pass over each paragraph, whatever is in it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tidings.text import is_cjk

MOST_OPEN = 12  # marks that wait for their end at one time; deeper nesting is no prose


class Quoted(NamedTuple):
    """Words between marks, the marks left out; `continues` what stood in the paragraph before."""

    paragraph: int
    start: int
    end: int
    continues: bool
    goes_on: bool  # no mark closed it here: the next paragraph opens it again


_MARK = re.compile(r"``|''|[\"“”„‟«»‹›「」『』‘’‚‛'`＂〝〞〟]")
_DOUBLE, _SINGLE, _GUILLEMET, _ANGLE, _CORNER, _WHITE = "double", "single", "guillemet", "angle", "「", "『"
_FAMILY = {
    **dict.fromkeys(('"', "“", "”", "„", "‟", "``", "''", "＂", "〝", "〞", "〟"), _DOUBLE),
    **dict.fromkeys(("'", "‘", "’", "‚", "‛", "`"), _SINGLE),
    **dict.fromkeys(("«", "»"), _GUILLEMET),
    **dict.fromkeys(("‹", "›"), _ANGLE),
    **dict.fromkeys(("「", "」"), _CORNER),
    **dict.fromkeys(("『", "』"), _WHITE),
}
_ONLY_OPEN = frozenset(("„", "‚", "``", "〝", "「", "『"))
_ONLY_CLOSE = frozenset(("」", "』", "〞", "〟"))
# Words that begin with an apostrophe: '90s, 'em, 't (Dutch), 's avonds.
_ELISION = re.compile(
    r"(?:\d0s?\b|(?:em|tis|twas|til|till|cause|bout|round|n|s|t|un|neath|sup)\b)", re.IGNORECASE
)
_STOPS = ".!?,;:…。！？，"


@dataclass(frozen=True, slots=True)
class _Style:
    """What the whole text shows of its conventions."""

    guillemet: str  # the one that opens
    angle: str
    has_opening: bool  # “, „ or « stand somewhere, so that ” only closes
    has_single_opening: bool


@dataclass(frozen=True, slots=True)
class _Mark:
    text: str
    start: int
    end: int
    family: str
    opens: bool
    closes: bool
    strongly: bool  # it closes beyond doubt: a stop before it, or no letter behind


def quoted_spans(paragraphs: Sequence[str]) -> list[Quoted]:
    """Return the outermost stretches between quotation marks, in order; none is empty or crosses a paragraph."""
    style = _style_of(paragraphs)
    found: list[Quoted] = []
    carried: str | None = None  # the family that the paragraph before left open
    for number, text in enumerate(paragraphs):
        marks = _marks_of(text, style) if _MARK.search(text) else []
        again = carried is not None and bool(marks) and marks[0].start == 0 and marks[0].family == carried
        pairs, left_open = _paired(marks)
        following = paragraphs[number + 1] if number + 1 < len(paragraphs) else ""
        carried = None
        if left_open is not None and following:
            opener = _MARK.match(following)
            if opener and _FAMILY[opener.group()] == left_open.family:
                carried = left_open.family
                pairs = [pair for pair in pairs if pair[0].start < left_open.start]
                pairs.append((left_open, None))
        for opening, closing in _outermost(pairs):
            start, end = _trimmed(text, opening.end, closing.start if closing else len(text))
            if start < end:
                continued = again and opening.start == 0
                found.append(Quoted(number, start, end, continued, closing is None))
    return found


def _style_of(paragraphs: Sequence[str]) -> _Style:
    text = "\n".join(paragraphs)

    def first_of(pair: str) -> str:
        places = [(text.find(mark), mark) for mark in pair if mark in text]
        return min(places)[1] if places else pair[0]

    return _Style(
        guillemet=first_of("«»"),
        angle=first_of("‹›"),
        has_opening=any(mark in text for mark in "“„«"),
        has_single_opening=any(mark in text for mark in "‘‚"),
    )


def _marks_of(text: str, style: _Style) -> list[_Mark]:
    found = [_judged(match, text, style) for match in _MARK.finditer(text)]
    marks = [mark for mark in found if mark is not None]
    # "the players' union": an apostrophe when a mark that closes beyond doubt comes before the next one opens.
    strong_ahead = False
    kept: list[_Mark] = []
    for mark in reversed(marks):
        if mark.family == _SINGLE and mark.closes and not mark.opens and not mark.strongly:
            if strong_ahead and text[mark.start - 1] in "sSxzß":
                continue
        elif mark.family in (_SINGLE, _DOUBLE):
            strong_ahead = mark.closes and not mark.opens
        kept.append(mark)
    return kept[::-1]


def _judged(match: re.Match[str], text: str, style: _Style) -> _Mark | None:
    """Return a mark with what it can do here; None for an apostrophe, an inch or a foot."""
    mark, start, end = match.group(), match.start(), match.end()
    family = _FAMILY[mark]
    before, after = text[start - 1 : start], text[end : end + 1]
    spaced_before, spaced_after = not before or before.isspace(), not after or after.isspace()
    strongly = before in _STOPS if before else False
    strongly = strongly or (spaced_after is False and not after.isalnum()) or not after
    if mark in _ONLY_OPEN:
        return _Mark(mark, start, end, family, True, False, False)
    if mark in _ONLY_CLOSE:
        return _Mark(mark, start, end, family, False, True, True)
    if family in (_GUILLEMET, _ANGLE):
        opener = style.guillemet if family == _GUILLEMET else style.angle
        opens = mark == opener
        toggles = opens and not spaced_before and (spaced_after or after in _STOPS)  # »…» of the north
        return _Mark(mark, start, end, family, opens and not toggles, not opens or toggles, True)
    if family == _SINGLE:
        inside = before.isalnum() and after.isalnum()
        if inside and not (is_cjk(before) or is_cjk(after)):
            return None
        if mark in ("‘", "‛", "`"):
            closes = mark == "‘" and not spaced_before and (spaced_after or not after.isalnum())
            return _Mark(mark, start, end, family, not spaced_after, closes, False)
        opens = not spaced_after and not before.isalnum() and not _ELISION.match(text, end)
        if mark == "’":
            opens = opens and not style.has_single_opening and spaced_before
        closes = not spaced_before
        if before.isdigit() and spaced_after and mark == "'":
            closes = closes and strongly  # 6' tall
        return _Mark(mark, start, end, family, opens or inside, closes, strongly) if opens or closes else None
    opens, closes = not spaced_after, not spaced_before
    if mark == "”":
        opens = opens and spaced_before and not style.has_opening
    elif mark == "“":
        closes = closes and (spaced_after or not after.isalnum() or is_cjk(after) or before in _STOPS)
    elif mark == "''":
        opens = opens and spaced_before
    elif spaced_before and spaced_after:
        opens = closes = True  # " so "
    return _Mark(mark, start, end, family, opens, closes, strongly)


_Pair = tuple[_Mark, _Mark | None]


def _paired(marks: Sequence[_Mark]) -> tuple[list[_Pair], _Mark | None]:
    """Return the pairs of one paragraph and the first mark that nothing closed, where it may go on in the next."""
    open_marks: list[_Mark] = []
    pairs: list[_Pair] = []
    stray: _Mark | None = None  # a single mark that closes beyond doubt, with nothing of its kind to close
    for mark in marks:
        if mark.closes:
            place = _opener_of(mark, open_marks)
            if place is not None:
                pairs.append((open_marks[place], mark))
                del open_marks[place:]
                continue
            if mark.family == _SINGLE and mark.strongly and open_marks:
                stray = mark
        if mark.opens and len(open_marks) < MOST_OPEN:
            open_marks.append(mark)
    unclosed = next((m for m in open_marks if m.family != _SINGLE), None)
    if unclosed and stray and stray.start > unclosed.end and unclosed.family == _DOUBLE:
        pairs.append((unclosed, stray))  # "…'
        unclosed = None
    return pairs, unclosed


def _opener_of(mark: _Mark, open_marks: Sequence[_Mark]) -> int | None:
    """Return the place of the mark that this one closes: the last of its kind, or a single one that it ends by mistake."""
    for place in range(len(open_marks) - 1, -1, -1):
        if _fits(open_marks[place], mark):
            return place
    if mark.family == _DOUBLE and not mark.opens:
        for place in range(len(open_marks) - 1, -1, -1):
            if open_marks[place].family == _SINGLE:
                return place
    return None


def _fits(opening: _Mark, closing: _Mark) -> bool:
    if opening.family != closing.family:
        return False
    if closing.text == "“":
        return opening.text == "„" or not closing.opens
    if closing.text == "‘":
        return opening.text == "‚"
    return not (opening.text == "„" and closing.text == "„")


def _outermost(pairs: Sequence[_Pair]) -> list[_Pair]:
    kept: list[_Pair] = []
    covered = -1
    for opening, closing in sorted(pairs, key=lambda pair: pair[0].start):
        if opening.start < covered:
            continue
        kept.append((opening, closing))
        covered = closing.end if closing else 1 << 60
    return kept


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Return a span without white space at its ends, and without the comma that belongs to the sentence around it."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in ",，"):
        end -= 1
    return start, end
