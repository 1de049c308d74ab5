"""What is new: claims of later reports that no earlier report made.

A figure that changed is shown beside what it was; everything else is a sentence that nobody had said, verbatim.  Nothing is
told twice: neither what was known before, nor one new thing in the words of two publishers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tidings.ai.compare import voices_of
from tidings.ai.matching import same_sayings
from tidings.ai.sayings import Saying, names_in, sayings_of, shown_of, told_once
from tidings.model import HEADLINE, Citation, Claim, Figure, Source
from tidings.ports import Embedder
from tidings.stories.rarity import primary

MOST_KNOWN = 0.7  # of a sentence's words that may stand in one earlier sentence
MOST_SOURCES = 60
WITHIN_BOUND = Decimal("1.25")  # how far from its bound a known value may lie to be what is meant
ROUGHLY = Decimal("0.05")  # of a value that "about" leaves open

Place = tuple[int, int, int]
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
    sayings: tuple[Saying, ...]

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
    split = [
        ([s for s in group if id(s) in old_ids], [s for s in group if id(s) not in old_ids])
        for group in same_sayings(told + asked, meanings)
    ]
    retold = {_place(s) for earlier, later in split if earlier for s in later}
    found = [_new(earlier, later, seen, retold, voices) for earlier, later in split if later]
    return _best([item for item in found if item is not None], most)


def _place(saying: Saying) -> Place:
    return saying.source.article_id, saying.paragraph, saying.start


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the earlier reports hold: the words of each sentence, their figures, names and languages, all their text.

    `holding` has for each word the numbers of the sentences that hold it.
    """

    holding: Mapping[str, NDArray[np.intp]]
    figures: frozenset[str]
    names: frozenset[str]
    languages: frozenset[str]
    text: str

    @classmethod
    def of(cls, sayings: Iterable[Saying], sources: Sequence[Source]) -> _Seen:
        sentences = {s.tokens for s in sayings if s.figure is None}
        places: dict[str, list[int]] = defaultdict(list)
        for number, tokens in enumerate(sentences):
            for token in tokens:
                places[token].append(number)
        return cls(
            {token: np.array(numbers, np.intp) for token, numbers in places.items()},
            frozenset(token for token in places if token[0] == "#"),
            frozenset(name.key for source in sources for name in source.names),
            frozenset(primary(source.language) for source in sources),
            "\n".join(part for s in sources for part in (s.headline, s.standfirst or "", *s.paragraphs)),
        )

    def is_known(self, saying: Saying) -> bool:
        """Whether most words of a sentence stand in one earlier sentence."""
        shared = [self.holding[token] for token in saying.tokens if token in self.holding]
        return bool(shared) and np.bincount(np.concatenate(shared)).max() >= MOST_KNOWN * len(saying.tokens)

    def kind_of(self, saying: Saying) -> NewKind | None:
        """Return what is new in a sentence that nobody had said; None when it has no fact to tell."""
        numbers = {token for token in saying.tokens if token[0] == "#"}
        if any(len(n) > 2 for n in numbers - self.figures):
            return "figure"
        if saying.quote is not None and saying.quote.words not in self.text:
            return "quote"
        names = names_in(saying)
        # In a language that no earlier report is in every name is spelled otherwise, and new only by its spelling.
        if names - self.names and primary(saying.source.language) in self.languages:
            return "name"
        return "event" if names or numbers else None


def _new(
    earlier: Sequence[Saying],
    later: Sequence[Saying],
    seen: _Seen,
    retold: AbstractSet[Place],
    voices: Mapping[int, str],
) -> _Found | None:
    """Return what is new in a group: the figure that changed, or the sentence that nobody had said.

    `retold` are the places of sentences whose figures were known.
    """
    newest = max(later, key=lambda s: (s.source.at, s.is_of_text, -s.paragraph))
    if newest.figure is not None:
        return _changed(earlier, later, voices)
    if earlier:
        return None
    shown = min(
        later, key=lambda s: (not s.is_of_text, s.source.original_id is not None, s.paragraph, len(s.text))
    )
    kind = seen.kind_of(shown) if shown.is_of_text and not seen.is_known(shown) else None
    claim = shown_of(shown)
    if kind is None or claim is None or (kind == "event" and _place(shown) in retold):
        return None
    return _Found(NewClaim(claim, kind, _voices(later, voices)), shown, tuple(later))


def _changed(earlier: Sequence[Saying], later: Sequence[Saying], voices: Mapping[int, str]) -> _Found | None:
    """Return a figure that earlier reports gave otherwise, as the newest report prints it; None when it is not new."""
    was = [s for s in earlier if s.figure is not None]
    known = {s.figure.value for s in was if s.figure}
    fresh = [s for s in later if s.figure is not None and s.figure.value not in known]
    if not was or not fresh:
        return None
    shown = max(fresh, key=lambda s: (s.is_of_text, s.source.at, -s.paragraph))
    language = shown.source.language
    before = max(was, key=lambda s: (s.source.language == language, s.source.at, s.paragraph != HEADLINE))
    if shown.figure is None or before.figure is None or shown.source.at < before.source.at:
        return None
    if _rounds(shown.figure, before.figure):
        return None
    same = [s for s in fresh if s.figure and s.figure.value == shown.figure.value]
    new = NewClaim(
        shown_of(shown) or shown.claim,
        "figure",
        _voices(same, voices),
        shown.cited_figure,
        before.cited_figure,
    )
    return _Found(new, shown, tuple(same))


def _rounds(new: Figure, old: Figure) -> bool:
    """Whether a figure says the known one roughly: "more than 200" of 217, "eight hundred" of "about 830"."""
    if new.bound == "at least":
        return new.value <= old.value <= new.value * WITHIN_BOUND
    if new.bound == "at most":
        return old.value <= new.value <= old.value * WITHIN_BOUND
    return "about" in (new.bound, old.bound) and abs(new.value - old.value) <= old.value * ROUGHLY


def _voices(sayings: Iterable[Saying], voices: Mapping[int, str]) -> int:
    return len({voices[s.source.article_id] for s in sayings})


def _best(found: Sequence[_Found], most: int) -> tuple[NewClaim, ...]:
    """Return the best, no sentence twice: nor one whose figure was told already."""
    told: set[Place] = set()
    kept: list[NewClaim] = []
    for item in sorted(found, key=lambda f: f.order):
        places = {_place(s) for s in item.sayings}
        if not places <= told:
            kept.append(item.new)
        told |= places
    return tuple(told_once(kept[: 2 * most], lambda new: new.claim)[:most])
