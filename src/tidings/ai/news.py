"""What is new: claims of later reports that no earlier report made.

A figure that changed is shown beside what it was; everything else is a sentence that nobody had said, verbatim.  Nothing is told
twice: neither what was known before, nor one new thing in the words of two publishers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from tidings.ai.compare import voices_of
from tidings.ai.matching import same_sayings
from tidings.ai.sayings import Saying, cited, names_in, sayings_of
from tidings.model import HEADLINE, Citation, Claim, Figure, Source
from tidings.ports import Embedder

MOST_KNOWN = 0.7  # of a sentence's words that may stand in one earlier sentence
MOST_SOURCES = 60

NewKind = Literal["figure", "quote", "name", "event"]
_ORDER: tuple[NewKind, ...] = ("figure", "quote", "name", "event")


@dataclass(frozen=True, slots=True)
class NewClaim:
    """A claim that nobody had made: what is new in it, and of a figure that changed, where it stands and what it was.

    `reports` counts the independent reports that make it.
    """

    claim: Claim
    kind: NewKind
    reports: int = 1
    figure: Citation | None = None
    was: Citation | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    new: NewClaim
    saying: Saying

    @property
    def order(self) -> tuple[bool, int, int, int, int]:
        saying, new = self.saying, self.new
        return (
            new.was is None,
            -new.reports,
            saying.paragraph,
            _ORDER.index(new.kind),
            saying.source.article_id,
        )


def new_since(
    before: Sequence[Source], after: Sequence[Source], *, meanings: Embedder | None = None, most: int = 8
) -> tuple[NewClaim, ...]:
    """Return what is new in `after` to somebody who has read `before`, the most telling first.

    Changed figures come first, then what most independent reports have, then what stands high in its article.  An article that
    stands in both with one text is not new; one that was revised is read for what the revision added.
    """
    known = {(s.article_id, s.text_digest) for s in before}
    fresh = [s for s in after if (s.article_id, s.text_digest) not in known][-MOST_SOURCES:]
    if not fresh:
        return ()
    old = list(before)[-MOST_SOURCES:]
    told = [saying for source in old for saying in sayings_of(source)]
    asked = [saying for source in fresh for saying in sayings_of(source)]
    old_ids = {id(saying) for saying in told}
    voices = voices_of([*old, *fresh])
    seen = _Seen.of(told, old)
    found: list[_Found] = []
    for group in same_sayings(told + asked, meanings):
        earlier = [s for s in group if id(s) in old_ids]
        later = [s for s in group if id(s) not in old_ids]
        if later and (item := _new(earlier, later, seen, voices)) is not None:
            found.append(item)
    return _best(found, most)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the earlier reports hold: the words of each sentence, their figures, their names, all their text."""

    sentences: tuple[frozenset[str], ...]
    figures: frozenset[str]
    names: frozenset[str]
    text: str

    @classmethod
    def of(cls, sayings: Iterable[Saying], sources: Sequence[Source]) -> _Seen:
        sentences = tuple({s.tokens for s in sayings if s.figure is None})
        return cls(
            sentences,
            frozenset(t for tokens in sentences for t in tokens if t[0] == "#"),
            frozenset(name.key for source in sources for name in source.names),
            "\n".join(part for s in sources for part in (s.headline, s.standfirst or "", *s.paragraphs)),
        )

    def is_known(self, saying: Saying) -> bool:
        """Whether most words of a sentence stand in one earlier sentence."""
        least = MOST_KNOWN * len(saying.tokens)
        return any(len(saying.tokens & tokens) >= least for tokens in self.sentences)

    def kind_of(self, saying: Saying) -> NewKind | None:
        """Return what is new in a sentence that nobody had said; None when it has no fact to tell."""
        numbers = {token for token in saying.tokens if token[0] == "#"}
        if any(len(n) > 2 for n in numbers - self.figures):
            return "figure"
        if saying.quote is not None and saying.quote.words not in self.text:
            return "quote"
        names = names_in(saying)
        if names - self.names:
            return "name"
        return "event" if names or numbers else None


def _new(
    earlier: Sequence[Saying], later: Sequence[Saying], seen: _Seen, voices: dict[int, str]
) -> _Found | None:
    newest = max(later, key=lambda s: (s.source.at, s.is_of_text, -s.paragraph))
    if newest.figure is not None:
        return _changed(earlier, later, voices)
    if earlier:
        return None
    shown = min(
        later, key=lambda s: (not s.is_of_text, s.source.original_id is not None, s.paragraph, len(s.text))
    )
    if not shown.is_of_text or seen.is_known(shown) or (kind := seen.kind_of(shown)) is None:
        return None
    return _Found(NewClaim(shown.claim, kind, _voices(later, voices)), shown)


def _changed(earlier: Sequence[Saying], later: Sequence[Saying], voices: dict[int, str]) -> _Found | None:
    """Return a figure that earlier reports gave otherwise, as the newest report prints it; None when it is not new."""
    was = [s for s in earlier if s.figure is not None]
    known = {s.figure.value for s in was if s.figure}
    fresh = [s for s in later if s.figure is not None and s.figure.value not in known]
    if not was or not fresh:
        return None
    shown = max(fresh, key=lambda s: (s.is_of_text, s.source.at, -s.paragraph))
    before = max(was, key=lambda s: (s.source.at, s.paragraph != HEADLINE, s.paragraph))
    if shown.figure is None or before.figure is None or shown.source.at < before.source.at:
        return None
    same = [s for s in fresh if s.figure and s.figure.value == shown.figure.value]
    new = NewClaim(
        shown.claim,
        "figure",
        _voices(same, voices),
        _cited_figure(shown, shown.figure),
        _cited_figure(before, before.figure),
    )
    return _Found(new, shown)


def _cited_figure(saying: Saying, figure: Figure) -> Citation:
    return cited(saying.source, saying.paragraph, figure.start, figure.end)


def _voices(sayings: Iterable[Saying], voices: dict[int, str]) -> int:
    return len({voices[s.source.article_id] for s in sayings})


def _best(found: Sequence[_Found], most: int) -> tuple[NewClaim, ...]:
    """Return the best, each sentence once, and no figure twice."""
    told: set[tuple[int, int, int]] = set()
    kept: list[NewClaim] = []
    for item in sorted(found, key=lambda f: f.order):
        place = (item.saying.source.article_id, item.saying.paragraph, item.saying.start)
        if place not in told:
            told.add(place)
            kept.append(item.new)
    return tuple(kept[:most])
