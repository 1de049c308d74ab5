"""Compare coverage: what the reports of a story have in common, where they differ, and what only one of them has.

A row is a claim: a verbatim sentence with its citation, and where it is about a figure, the figure.  A column is a publisher, a
cell what its newest report says of the claim.  Nothing is phrased; nothing is decided but which sentences say the same.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from tidings.ai.matching import same_sayings
from tidings.ai.sayings import Saying, names_in, sayings_of, shown_of, told_once
from tidings.model import Citation, Claim, Source
from tidings.ports import Embedder
from tidings.stories.rarity import primary

MOST_SOURCES = 60  # the newest are compared
GOOD_LENGTH = 130  # characters of a sentence that is quickly read

State = Literal["said", "differs", "updated since", "not mentioned"]


@dataclass(frozen=True, slots=True)
class Report:
    """What one article says of a claim: the sentence, and the figure as it prints it with the citation of that."""

    article_id: int
    publisher: str
    voice: str
    at: datetime
    citation: Citation
    figure: Citation | None = None
    value: Decimal | None = None
    is_rounded: bool = False

    def agrees(self, value: Decimal | None) -> bool:
        """Whether it prints this value, or rounds to it: "about 190" is said of 187."""
        if self.value == value or self.value is None or value is None or not self.is_rounded:
            return self.value == value
        digits = len(self.value.normalize().as_tuple().digits)
        return value.adjusted() == self.value.adjusted() and round(
            value.scaleb(digits - 1 - value.adjusted())
        ) == self.value.scaleb(digits - 1 - self.value.adjusted())


@dataclass(frozen=True, slots=True)
class Cell:
    """What a publisher says of a claim: its newest report first, with those that came before.

    "differs" prints another figure than the row, "said" the same or one rounded from it; "updated since" printed a lower count
    before the row's was known.
    """

    publisher: str
    state: State
    reports: tuple[Report, ...] = ()


@dataclass(frozen=True, slots=True)
class ComparedClaim:
    """A row: the claim, a cell for each publisher in the comparison's order, and how many independent reports say so.

    `figure` is what the row is about, as the claim's own article prints it; `differing` counts the independent reports that
    print another.
    """

    claim: Claim
    cells: tuple[Cell, ...]
    figure: Citation | None
    agreeing: int
    differing: int

    @property
    def is_single_source(self) -> bool:
        """Whether only one independent report says so."""
        return self.agreeing + self.differing == 1

    @property
    def reports(self) -> tuple[Report, ...]:
        """All that say something of it, publisher by publisher."""
        return tuple(report for cell in self.cells for report in cell.reports)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The table: `claims` that several independent reports have, best first; `single` those of one only.

    `report_count` are the independent reports among the articles read.
    """

    publishers: tuple[str, ...]
    claims: tuple[ComparedClaim, ...]
    single: tuple[ComparedClaim, ...]
    report_count: int
    article_ids: tuple[int, ...]

    def only_in(self, publisher: str) -> tuple[ComparedClaim, ...]:
        """Return the claims that one independent report has, and this publisher printed."""
        return tuple(
            row
            for row in self.single
            if any(cell.publisher == publisher and cell.reports for cell in row.cells)
        )


def compare(sources: Sequence[Source], *, meanings: Embedder | None = None, most: int = 12) -> Comparison:
    """Return the claims of a story by publisher: said, differs, updated since, not mentioned.

    At most `most` rows, those of most independent reports first, then those in dispute, then those that stand high in the
    articles; and for each publisher as many claims that it alone has.  Cost: 0.4 s for thirty long articles, a third of it
    the embedder's; see evals/compare for how well claims are matched.
    """
    sources = sorted(sources, key=lambda s: (s.at, s.article_id))[-MOST_SOURCES:]
    voices = voices_of(sources)
    publishers = tuple(dict.fromkeys(s.publisher for s in sources))
    language = next(iter(Counter(primary(s.language) for s in sources).most_common(1)), ("", 0))[0]
    groups = same_sayings([saying for source in sources for saying in sayings_of(source)], meanings)
    told = [
        _Told.of(group, voices, language)
        for group in groups
        if group[0].figure is None or len({voices[saying.source.article_id] for saying in group}) > 1
    ]  # a figure of one report alone is told by its sentence
    shared = sorted(
        (one for one in told if one.voices > 1),
        key=lambda one: (-one.voices, not one.differing, one.depth, one.key),
    )
    covered = {place for one in shared for place in one.sentences}
    single = sorted(
        (one for one in told if one.voices == 1 and one.shown.figure is None and not one.sentences & covered),
        key=lambda one: (one.depth, one.key),
    )
    return Comparison(
        publishers,
        tuple(one.row(publishers) for one in _not_told_twice(shared)[:most]),
        tuple(told_once((one.row(publishers) for one in _most_each(single, most)), lambda row: row.claim)),
        len(set(voices.values())),
        tuple(s.article_id for s in sources),
    )


def voices_of(sources: Iterable[Source]) -> dict[int, str]:
    """Return whose report each article is: copies speak with the voice of what they copy, if that is here."""
    by_id = {s.article_id: s for s in sources}
    return {
        s.article_id: _voice(by_id.get(s.original_id or 0, s), s.original_id or s.article_id)
        for s in by_id.values()
    }


def _voice(source: Source, article_id: int) -> str:
    return source.voice or (source.publisher if source.article_id == article_id else f"article {article_id}")


@dataclass(frozen=True, slots=True)
class _Told:
    """What is told by a group of sayings: the sentence to show, the value that most print, who says so.

    `depth` is how far down the articles its sentences stand, 0 the top; `sentences` are where they stand.
    """

    shown: Saying
    value: Decimal | None
    reports: tuple[Report, ...]
    agreeing: int
    differing: int
    depth: float
    sentences: frozenset[tuple[int, int, int]]

    @classmethod
    def of(cls, group: Sequence[Saying], voices: Mapping[int, str], language: str) -> _Told:
        depth = sum(max(0, s.paragraph) / max(1, len(s.source.paragraphs)) for s in group) / len(group)
        places = frozenset((s.source.article_id, s.paragraph, s.start) for s in group)
        if len(group) == 1:  # as most are
            alone = _report(group[0], voices)
            return cls(group[0], alone.value, (alone,), 1, 0, round(depth, 3), places)
        by_article: dict[int, list[Saying]] = defaultdict(list)
        for saying in group:
            by_article[saying.source.article_id].append(saying)
        reports = tuple(_report(_best_said(own), voices) for own in by_article.values())
        newest = _newest(reports)
        value = _agreed_value(newest.values())
        shown = _most_readable([s for s in group if s.figure is None or s.figure.value == value], language)
        agreeing = sum(r.agrees(value) for r in newest.values())
        return cls(shown, value, reports, agreeing, len(newest) - agreeing, round(depth, 3), places)

    @property
    def voices(self) -> int:
        return self.agreeing + self.differing

    @property
    def key(self) -> tuple[int, int, int]:
        return self.shown.source.article_id, self.shown.paragraph, self.shown.start

    def row(self, publishers: Sequence[str]) -> ComparedClaim:
        shown, reports = self.shown, self.reports
        first = min(r.at for r in reports if r.value == self.value)
        return ComparedClaim(
            shown_of(shown) or shown.claim,
            tuple(
                _cell(p, [r for r in reports if r.publisher == p], self.value, first, shown)
                for p in publishers
            ),
            shown.cited_figure,
            self.agreeing,
            self.differing,
        )


def _best_said(own: Sequence[Saying]) -> Saying:
    """Return where an article says a claim: the figure that it prints most, where that stands first in the text."""
    counts = Counter(s.figure.value for s in own if s.figure)
    value = max(counts, key=lambda v: counts[v]) if counts else None
    return next(
        s for s in sorted(own, key=lambda s: not s.is_of_text) if s.figure is None or s.figure.value == value
    )


def _report(saying: Saying, voices: Mapping[int, str]) -> Report:
    figure, source = saying.figure, saying.source
    return Report(
        source.article_id,
        source.publisher,
        voices[source.article_id],
        source.at,
        saying.citation,
        saying.cited_figure,
        figure.value if figure else None,
        figure is not None and figure.bound == "about",
    )


def _newest(reports: Iterable[Report]) -> dict[str, Report]:
    """Return the newest report of each voice."""
    return {r.voice: r for r in sorted(reports, key=lambda r: r.at)}


def _agreed_value(newest: Iterable[Report]) -> Decimal | None:
    """Return the figure that most independent reports print in their newest word on it; of two the newer."""
    latest: dict[Decimal | None, datetime] = {}
    counts: Counter[Decimal | None] = Counter()
    for report in newest:
        counts[report.value] += 1
        latest[report.value] = max(report.at, latest.get(report.value, report.at))
    return max(counts, key=lambda value: (counts[value], latest[value]))


def _most_readable(told: Sequence[Saying], language: str) -> Saying:
    """Return the sentence to show: of the text, not a copy's, in the story's language, one that can be shown alone.

    Then, of figures, near the top of its article, of sentences, most like the others; short; new.
    """

    def standing(saying: Saying) -> tuple[bool, bool, bool]:
        source = saying.source
        return not saying.is_of_text, source.original_id is not None, primary(source.language) != language

    def reading(place: int) -> tuple[float, int, int]:
        saying = told[place]
        length = abs(len(saying.text) - GOOD_LENGTH) // 60
        return saying.paragraph > 2 if saying.figure else place, length, -saying.source.article_id

    best = min(map(standing, told))
    places = sorted((i for i, saying in enumerate(told) if standing(saying) == best), key=reading)
    return next((told[i] for i in places if shown_of(told[i])), told[places[0]])


def _cell(
    publisher: str, reports: Sequence[Report], value: Decimal | None, first: datetime, shown: Saying
) -> Cell:
    if not reports:
        return Cell(publisher, "not mentioned")
    newest_first = tuple(sorted(reports, key=lambda r: (r.at, r.article_id), reverse=True))
    newest = newest_first[0]
    state: State = "said" if newest.agrees(value) else "differs"
    is_count = shown.figure is not None and not shown.figure.unit
    if (
        state == "differs"
        and is_count
        and newest.value
        and value
        and newest.value < value
        and newest.at < first
    ):
        state = "updated since"
    return Cell(publisher, state, newest_first)


def _is_telling(saying: Saying) -> bool:
    """Whether a sentence of the text tells a fact, a quotation, a figure or a name, to somebody who reads it alone."""
    has_fact = saying.quote or any(t[0] == "#" for t in saying.tokens) or names_in(saying)
    return saying.is_of_text and bool(has_fact) and shown_of(saying) is not None


def _not_told_twice(told: Sequence[_Told]) -> list[_Told]:
    """Return what is told without the sentences that one row about a figure shows already."""
    of_figures = [one.sentences for one in told if one.shown.figure is not None]
    return [
        one
        for one in told
        if one.shown.figure is not None or not any(one.sentences <= shown for shown in of_figures)
    ]


def _most_each(told: Sequence[_Told], most: int) -> list[_Told]:
    """Return the first that tell a fact, so many of each publisher."""
    counts: Counter[str] = Counter()
    kept = []
    for one in told:
        publishers = {report.publisher for report in one.reports}
        if any(counts[p] < most for p in publishers) and _is_telling(one.shown):
            kept.append(one)
            counts.update(publishers)
    return kept
