"""What a found article is shown by: stretches of its own text, verbatim, and where in them the words stand that were asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from tidings.text import search_matches

Span = tuple[int, int]
Fragment = tuple[str, tuple[Span, ...]]

FRAGMENT_CHARS = 240
PASSAGE_CHARS = 900  # read from where a passage begins: a hundred words, and the rest of their paragraph
LONGEST_READ = 6_000  # of one paragraph
_SENTENCE_END = re.compile(r"""[.!?…]["”’»)\]]*\s+|[。！？][」』”]?""")


def spans_in(text: str, tokens: AbstractSet[str], language: str | None) -> tuple[Span, ...]:
    """Return the (start, end) code points of the words of a text that were asked; touching ones joined."""
    return _joined(search_matches(text, tokens, language))


def fragments_of(
    paragraphs: Sequence[str], places: Sequence[int], tokens: AbstractSet[str], language: str | None
) -> tuple[Fragment, ...]:
    """Return what to show of an article: from each of its best passages the stretch that says most of what was asked.

    places: the paragraphs where the passages begin, the best one first; without any, the text was found by its meaning.
    A second fragment is shown only when it adds a word; fragments stand in the text's order, at most FRAGMENT_CHARS long.
    A text in which no asked word stands is shown by its beginning.
    """
    chosen: list[tuple[int, int, Fragment]] = []
    said: frozenset[str] = frozenset()
    for place in places or (0,):
        best: tuple[int, int, Fragment, frozenset[str]] | None = None
        read = 0
        for number in range(place, len(paragraphs)):
            found = _best_stretch(paragraphs[number][:LONGEST_READ], tokens, language)
            if found and (best is None or len(found[2] - said) > len(best[3] - said)):
                best = (number, found[0], found[1], found[2])
            read += len(paragraphs[number])
            if read >= PASSAGE_CHARS:
                break
        if best and (best[3] - said):
            chosen.append(best[:3])
            said |= best[3]
    if chosen:
        return tuple(fragment for _, _, fragment in sorted(set(chosen), key=lambda c: c[:2]))
    beginning = next((p for p in paragraphs if p.strip()), "")
    return ((_stretch(beginning, 0), ()),) if beginning else ()


def _best_stretch(
    text: str, tokens: AbstractSet[str], language: str | None
) -> tuple[int, Fragment, frozenset[str]] | None:
    """The stretch of a text with most different words that were asked, the first of several: start, fragment, words."""
    matches = search_matches(text, tokens, language)
    best: tuple[int, str, frozenset[str]] | None = None
    for _, start, _ in matches:
        begin = _beginning(text, start)
        stretch = _stretch(text, begin)
        said = frozenset(t for t, s, e in matches if s >= begin and e <= begin + len(stretch))
        if best is None or len(said) > len(best[2]):
            best = (begin, stretch, said)
    if best is None:
        return None
    begin, stretch, said = best
    inside = [(t, s - begin, e - begin) for t, s, e in matches if s >= begin and e <= begin + len(stretch)]
    return begin, (stretch, _joined(inside)), said


def _beginning(text: str, start: int) -> int:
    """Where a stretch begins that has a word at start: its sentence's beginning when that is near, else a word's."""
    if len(text) <= FRAGMENT_CHARS:
        return 0
    earliest = max(0, start - FRAGMENT_CHARS // 2)
    if earliest == 0:
        return 0
    ends = [match.end() for match in _SENTENCE_END.finditer(text, earliest, start) if match.end() <= start]
    if ends:
        return ends[-1]
    space = text.find(" ", earliest, start)
    return space + 1 if space >= 0 else earliest


def _stretch(text: str, begin: int) -> str:
    """At most FRAGMENT_CHARS from there on, cut at a space where there is one near."""
    if len(text) - begin <= FRAGMENT_CHARS:
        return text[begin:]
    end = begin + FRAGMENT_CHARS
    space = text.rfind(" ", end - 40, end)
    return text[begin : space if space > begin else end]


def _joined(matches: Sequence[tuple[str, int, int]]) -> tuple[Span, ...]:
    joined: list[Span] = []
    for _, start, end in matches:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)
