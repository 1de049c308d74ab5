"""Near-duplicates and wire copies: which articles repeat a report that is already there.

Candidates come from two small indexes over original reports: bands of the MinHash (texts alike as wholes, of any length) and
a sixteenth of the shingle hashes (an extract of a longer text).  Each is verified on the shingles themselves: how much of
each text stands in the other, boilerplate that several reports have left out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import numpy as np

from tidings.model import CopyOf, Description
from tidings.stories.sketches import PERMUTATIONS, Sketch, unpacked

BANDS = 32  # of four values: half of the pairs with a Jaccard overlap of .38 meet, nearly all above .6
SAMPLED = 16  # one shingle hash in 16 stands in the index of extracts
LEAST_CONTAINED = 0.55  # share of a copy's shingles that must stand in the original
LEAST_CONTAINED_AT_HOME = 0.8  # the same within one publisher, whose reports share forms of words
LEAST_SHARED = 12  # shingles in common: a sentence or two
BOILERPLATE_REPORTS = 4  # a shingle of so many different reports belongs to none of them
BOILERPLATE_AT_HOME = 2  # the same among the reports of one publisher: its footers
MOST_CANDIDATES = 40
_Key = TypeVar("_Key")


@dataclass(slots=True, eq=False)
class _Report:
    """An article as the index knows it; `root` is the report it repeats, itself for an original."""

    article_id: int
    publisher_id: int
    at: datetime
    agency: str | None
    sketch: Sketch
    root: int


@dataclass(frozen=True, slots=True)
class Overlap:
    """How much of each of two texts stands in the other, 0 to 1, and the shingles they share."""

    of_first: float
    of_second: float
    shared: int


def overlap(first: Sketch, second: Sketch, *, boilerplate: float = 0.0) -> Overlap:
    """Return the overlap of two texts; boilerplate is the share of their common shingles that does not count."""
    common = int(np.intersect1d(first.shingles, second.shingles, assume_unique=True).size)
    own = round(common * (1.0 - boilerplate))
    left_out = common - own
    return Overlap(
        own / max(1, first.shingles.size - left_out), own / max(1, second.shingles.size - left_out), own
    )


class CopyIndex:
    """The reports of the window; `place` says what each new article repeats."""

    def __init__(self) -> None:
        self._reports: dict[int, _Report] = {}
        self._bands: dict[tuple[int, bytes], list[int]] = defaultdict(list)
        self._samples: dict[int, list[int]] = defaultdict(list)
        self._copies: dict[int, set[int]] = defaultdict(set)

    def root_of(self, article_id: int) -> int:
        """Return the original that an article repeats, itself when it repeats none."""
        report = self._reports.get(article_id)
        return report.root if report else article_id

    def place(self, description: Description) -> list[CopyOf]:
        """Take an article in and return what changes: it is a copy, or it is the original of others from now on.

        The original is the agency's own article, else the first, unless it is only an extract of a fuller one.  Every
        CopyOf points to an original, never to another copy.  An article already known changes nothing.
        """
        sketch = unpacked(description.sketch)
        if sketch is None or description.article_id in self._reports:
            return []
        report = _Report(
            article_id=description.article_id,
            publisher_id=description.publisher_id,
            at=description.at,
            agency=description.agency,
            sketch=sketch,
            root=description.article_id,
        )
        original, shares = self._best_match(report)
        self._reports[report.article_id] = report
        if original is None or shares is None:
            self._index(report)
            return []
        if _is_original_of(report, original, shares):
            return self._replace_root(report, original)
        report.root = original.article_id
        self._copies[original.article_id].add(report.article_id)
        return [_copy(report, original)]

    def forget(self, article_ids: Iterable[int]) -> None:
        """Drop articles that left the window."""
        for article_id in article_ids:
            report = self._reports.pop(article_id, None)
            if report is None:
                continue
            if report.root == article_id:
                self._unindex(report)
                self._copies.pop(article_id, None)
            elif report.root in self._copies:
                self._copies[report.root].discard(article_id)

    # ── candidates ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _best_match(self, report: _Report) -> tuple[_Report | None, Overlap | None]:
        best: tuple[float, _Report, Overlap] | None = None
        samples = _sampled(report.sketch)
        for candidate in self._candidates(report, samples):
            shares = overlap(
                report.sketch,
                candidate.sketch,
                boilerplate=self._boilerplate(samples, report, candidate),
            )
            larger = max(shares.of_first, shares.of_second)
            if _is_copy(report, candidate, shares) and (best is None or larger > best[0]):
                best = (larger, candidate, shares)
        return (best[1], best[2]) if best else (None, None)

    def _candidates(self, report: _Report, samples: list[int]) -> list[_Report]:
        met: Counter[int] = Counter()
        for key in _band_keys(report.sketch):
            met.update(self._bands.get(key, ()))
        for value in samples:
            met.update(self._samples.get(value, ()))
        ranked = sorted(met.items(), key=lambda m: (-m[1], m[0]))[:MOST_CANDIDATES]
        return [self._reports[article_id] for article_id, _ in ranked]

    def _boilerplate(self, samples: list[int], report: _Report, candidate: _Report) -> float:
        """Return which share of two texts' common shingles several different reports have, as far as the sample tells."""
        holders = [self._samples.get(value, ()) for value in samples]
        common = [ids for ids in holders if candidate.article_id in ids]
        if not common:
            return 0.0
        least = BOILERPLATE_REPORTS
        if report.publisher_id == candidate.publisher_id:
            least = BOILERPLATE_AT_HOME
            common = [
                [i for i in ids if self._reports[i].publisher_id == report.publisher_id] for ids in common
            ]
        return sum(len(ids) >= least for ids in common) / len(common)

    def _index(self, report: _Report) -> None:
        for key in _band_keys(report.sketch):
            self._bands[key].append(report.article_id)
        for value in _sampled(report.sketch):
            self._samples[value].append(report.article_id)

    def _unindex(self, report: _Report) -> None:
        for key in _band_keys(report.sketch):
            _remove(self._bands, key, report.article_id)
        for value in _sampled(report.sketch):
            _remove(self._samples, value, report.article_id)

    def _replace_root(self, report: _Report, original: _Report) -> list[CopyOf]:
        """Make report the original of another, and of the copies of that one that it holds as well."""
        self._unindex(original)
        self._index(report)
        changes = []
        for article_id in [original.article_id, *sorted(self._copies.pop(original.article_id, set()))]:
            other = self._reports[article_id]
            other.root = report.article_id
            self._copies[report.article_id].add(article_id)
            changes.append(_copy(other, report))
        return changes


def _is_copy(report: _Report, candidate: _Report, shares: Overlap) -> bool:
    least = LEAST_CONTAINED if report.publisher_id != candidate.publisher_id else LEAST_CONTAINED_AT_HOME
    if shares.shared < LEAST_SHARED:
        return False
    if shares.of_first >= least:
        return not (report.sketch.by_agency and not candidate.sketch.by_agency and shares.of_second < least)
    # Only the older text stands in the newer: an extract that came first.  An agency's own report is nobody's extract.
    return shares.of_second >= least and not candidate.sketch.by_agency


def _is_original_of(report: _Report, original: _Report, shares: Overlap) -> bool:
    """Whether the newcomer is the original of what was there before it."""
    if report.sketch.by_agency != original.sketch.by_agency:
        return report.sketch.by_agency
    least = LEAST_CONTAINED if report.publisher_id != original.publisher_id else LEAST_CONTAINED_AT_HOME
    if shares.of_first < least:
        return True  # the older one is only an extract of it
    if shares.of_second < least:
        return False
    return (report.at, report.article_id) < (original.at, original.article_id)


def _copy(copy: _Report, original: _Report) -> CopyOf:
    shares = overlap(copy.sketch, original.sketch)
    return CopyOf(
        article_id=copy.article_id,
        original_id=original.article_id,
        similarity=round(shares.of_first, 4),
        agency=copy.agency or (original.agency if original.sketch.by_agency else None),
    )


def _band_keys(sketch: Sketch) -> list[tuple[int, bytes]]:
    width = PERMUTATIONS // BANDS
    packed = sketch.minhash.tobytes()
    return [(band, packed[band * width * 4 : (band + 1) * width * 4]) for band in range(BANDS)]


def _sampled(sketch: Sketch) -> list[int]:
    chosen: list[int] = sketch.shingles[sketch.shingles % SAMPLED == 0].tolist()
    return chosen


def _remove(index: dict[_Key, list[int]], key: _Key, article_id: int) -> None:
    left = [i for i in index.get(key, ()) if i != article_id]
    if left:
        index[key] = left
    else:
        index.pop(key, None)
