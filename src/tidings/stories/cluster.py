"""Stories, formed online: each article joins the story it tells of, or opens one, in the order of arrival.

An article is compared with every story of the window at once: the weighted words they share, the nearness of both meanings
(headline and text) to the story's, the names they share, the days between.  A linear score of these decides; its few
weights were fitted on real, labelled streams (evals/stories; docs/design gives the tables).  There is no rule on
how large a story is or how often a publisher may appear in it.  A story's id is that of the article that opened it.

Cost: one matrix product a batch over the stories of the window and a walk along the postings of at most a hundred words an
article; nothing grows with the archive.  The same calls with the same values give the same plans.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from tidings.model import CopyOf, Description, KnownHashtag, Merge, Placement, Plan, WindowStory
from tidings.stories.copies import CopyIndex
from tidings.stories.hashtags import Vocabulary
from tidings.stories.ranking import Report, StoryFacts
from tidings.stories.rarity import primary
from tidings.stories.rows import Postings, Rows
from tidings.stories.weights import Rarities, Weights, dot, name_weights, word_weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]

MADE_BY = "group/2"
WINDOW_DAYS = 14.0
MOST_STORIES = 30_000  # a bulk import of old articles does not fill the memory
MOST_STORY_WORDS = 400
_Number = TypeVar("_Number", float, "Floats")


@dataclass(frozen=True, slots=True)
class Decision:
    """The linear score of an article and a story; above 0 the article joins."""

    words: float
    names: float
    headline: float
    body: float
    age: float  # times ln(1 + days between)
    bias: float
    lead: float = 0.0  # times how much nearer the story is than the next one (leads)

    def nearness(self, words: _Number, names: _Number, headline: _Number, body: _Number) -> _Number:
        """Return how alike they are, whenever they were written."""
        near: _Number = self.words * words + self.names * names + self.headline * headline + self.body * body
        return near

    def score(self, nearness: _Number, log_days: _Number, lead: _Number | float = 0.0) -> _Number:
        scored: _Number = nearness - self.age * log_days + self.lead * lead + self.bias
        return scored


# With text on both sides; with headlines only on one; across languages, where words cannot meet.  What two texts of one
# language share in meaning is often only the topic, so their names weigh more; across languages the meaning is what there
# is, and how far the best story stands out tells the event from the topic.
WITH_TEXT = Decision(words=7.4, names=4.1, headline=1.9, body=3.4, age=2.45, bias=-4.7)
HEADLINES = Decision(words=5.0, names=1.5, headline=6.0, body=0.0, age=2.6, bias=-2.35)
ACROSS = Decision(words=7.5, names=2.5, headline=4.5, body=6.5, age=2.45, bias=-5.5, lead=1.8)
MOST_LEAD = 1.5
MERGE_MARGIN = 2.5  # how far above joining two stories must score to be one
COMPARED_FROM = 0.0  # an article that could have joined another story makes the two be compared
_LATE_BATCHES = 20


@dataclass(slots=True, eq=False)
class _Story:
    """A story of the window: sums of its articles' weights, their facts, and its row in the arrays."""

    id: int
    row: int
    first_at: datetime
    last_at: datetime
    touched: int
    words: Weights = field(default_factory=dict)
    names: Weights = field(default_factory=dict)
    words_norm2: float = 0.0
    names_norm2: float = 0.0
    articles: dict[int, Report] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class _Reading:
    """An article as the window weighs it on arrival; `column` is its place in the batch."""

    description: Description
    column: int
    words: Weights
    names: Weights

    @property
    def language(self) -> str:
        return primary(self.description.language)


class _Batch:
    """The vectors of a batch and their nearness to every story, kept up as stories change."""

    def __init__(self, descriptions: Sequence[Description], rows: Rows, model: str) -> None:
        dim = max((len(d.headline_vector) for d in descriptions), default=0)
        self.headlines = np.zeros((len(descriptions), dim), dtype=np.float32)
        self.bodies = np.zeros((len(descriptions), dim), dtype=np.float32)
        for i, description in enumerate(descriptions):
            if description.model == model:  # vectors of two models cannot be compared
                self.headlines[i] = description.headline_vector
                self.bodies[i] = description.body_vector
        self._rows = rows
        self._near_headlines = self._near(self.headlines, bodies=False)
        self._near_bodies = self._near(self.bodies, bodies=True)

    def _near(self, vectors: Floats, *, bodies: bool) -> Floats:
        if not self._rows.used:
            return np.zeros((0, len(vectors)), dtype=np.float32)
        return self._rows.nearness(vectors, bodies=bodies)

    def update(self, row: int) -> None:
        """Bring the nearness of a changed or new story up to date."""
        if row >= len(self._near_headlines):
            missing = np.zeros((row + 64 - len(self._near_headlines), len(self.headlines)), dtype=np.float32)
            self._near_headlines = np.vstack([self._near_headlines, missing])
            self._near_bodies = np.vstack([self._near_bodies, missing])
        self._near_headlines[row] = self._rows.nearness(self.headlines, bodies=False, only=row)[0]
        self._near_bodies[row] = self._rows.nearness(self.bodies, bodies=True, only=row)[0]

    def headline(self, column: int) -> Floats:
        near: Floats = self._near_headlines[: self._rows.used, column]
        return near

    def body(self, column: int) -> Floats:
        near: Floats = self._near_bodies[: self._rows.used, column]
        return near


class Window:
    """The stories of the last days, as the one writer of stories holds them between batches.

    Not safe to share between threads.  When a plan could not be applied, drop the window and restore a new one.
    """

    def __init__(self, *, vocabulary: Iterable[KnownHashtag] = (), window_days: float = WINDOW_DAYS) -> None:
        self._days = window_days
        self._stories: dict[int, _Story] = {}
        self._story_of: dict[int, int] = {}
        self._by_row: dict[int, _Story] = {}
        self._rows = Rows()
        self._words = Postings()
        self._names = Postings()
        self._rarities = Rarities()
        self._copies = CopyIndex()
        self._vocabulary = Vocabulary(vocabulary)
        self._model: str | None = None
        self._turn = 0
        self._earliest: deque[datetime] = deque(maxlen=_LATE_BATCHES)

    @classmethod
    def restore(
        cls,
        stories: Iterable[WindowStory],
        *,
        vocabulary: Iterable[KnownHashtag] = (),
        window_days: float = WINDOW_DAYS,
    ) -> Window:
        """Return the window as it stands after these stories were formed; articles are taken in by their ids."""
        window = cls(vocabulary=vocabulary, window_days=window_days)
        placed = sorted(
            ((description, story.story_id) for story in stories for description in story.articles),
            key=lambda p: p[0].article_id,
        )
        for description, story_id in placed:
            window._copies.place(description)
            window._vocabulary.restore(description)
            batch = window._batch([description])
            window._add(window._reading(description, 0), batch, story_id)
        window._mark_copies(window._story_of)
        return window

    def __len__(self) -> int:
        return len(self._stories)

    # ── one batch ────────────────────────────────────────────────────────────────────────────────────────────────────

    def assign(self, batch: Sequence[Description], *, now: datetime) -> Plan:
        """Place the articles of a batch, in its order, and return what changes.

        An article that is in the window already keeps its story.  Placements name the stories as they are after the plan's
        merges; a merge is listed for stories that existed before.
        """
        self._turn += 1
        self._forget(min([now, *(d.at for d in batch)]))
        existed = set(self._stories)
        copies: dict[int, CopyOf] = {}
        similarity: dict[int, float] = {}
        merged: dict[int, int] = {}
        vectors = self._batch(batch)
        for column, description in enumerate(batch):
            for copy in self._copies.place(description):
                copies[copy.article_id] = copy
            if description.article_id in self._story_of:
                similarity.setdefault(description.article_id, 1.0)
                continue
            reading = self._reading(description, column)
            story_id, similarity[description.article_id] = self._choose(reading, vectors)
            story = self._add(reading, vectors, story_id)
            for merge in self._merges(reading, vectors, story):
                merged[merge.from_id] = merge.into_id
        self._mark_copies(copies)
        return Plan(
            copies=tuple(copies.values()),
            placements=tuple(
                Placement(article_id, self._story_of[article_id], round(similar, 4))
                for article_id, similar in similarity.items()
            ),
            merges=tuple(Merge(a, _last(merged, a)) for a in merged if a in existed),
            hashtags=self._vocabulary.tag(batch),
            made_by=MADE_BY,
        )

    def facts(self, story_ids: Collection[int]) -> Mapping[int, StoryFacts]:
        """Return what the ranking needs of these stories; stories that are not in the window are left out."""
        return {
            story_id: StoryFacts(story_id, tuple(self._stories[story_id].articles.values()))
            for story_id in sorted(story_ids)
            if story_id in self._stories
        }

    def _batch(self, descriptions: Sequence[Description]) -> _Batch:
        if self._model is None and descriptions:
            self._model = descriptions[0].model
        return _Batch(descriptions, self._rows, self._model or "")

    def _reading(self, description: Description, column: int) -> _Reading:
        return _Reading(
            description,
            column,
            word_weights(description, self._rarities),
            name_weights(description, self._rarities),
        )

    def _choose(self, reading: _Reading, batch: _Batch) -> tuple[int, float]:
        """Return the story an article joins, its own id for a new one, and the similarity to it."""
        article_id = reading.description.article_id
        root = self._copies.root_of(article_id)
        if root != article_id and root in self._story_of:
            return self._story_of[root], 1.0
        scores = self._scores(reading, batch)
        best = float(scores.max(initial=-math.inf))
        if best <= 0.0:
            return article_id, 1.0
        # Of equals, the oldest story.
        return min(self._by_row[int(row)].id for row in np.flatnonzero(scores == best)), _squashed(best)

    # ── scoring ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _scores(self, reading: _Reading, batch: _Batch) -> Floats:
        """Return an article's score with every row; −inf for free rows and stories out of its time."""
        rows = self._rows
        description = reading.description
        parts = (
            self._words.dots(reading.words, rows.used) / rows.word_norms,
            self._names.dots(reading.names, rows.used) / rows.name_norms,
            batch.headline(reading.column),
            batch.body(reading.column),
        )
        # A time that the publisher did not give says nothing for or against.
        gaps = rows.gaps(description.at) if description.dated else np.zeros(rows.used)
        log_days = np.log1p(gaps)
        out_of_time = ~rows.alive | (gaps > self._days)
        foreign = rows.is_foreign(reading.language)
        has_text = rows.has_body & bool(batch.bodies[reading.column].any())
        near = np.where(has_text, WITH_TEXT.nearness(*parts), HEADLINES.nearness(*parts))
        scores = np.where(has_text, WITH_TEXT.score(near, log_days), HEADLINES.score(near, log_days))
        if foreign.any():
            near = np.where(foreign, ACROSS.nearness(*parts), near)
            lead = _leads(np.where(out_of_time, -np.inf, near))
            scores = np.where(foreign, ACROSS.score(near, log_days, lead), scores)
        scores[out_of_time] = -np.inf
        return scores.astype(np.float32)

    # ── merges ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _merges(self, reading: _Reading, batch: _Batch, story: _Story) -> list[Merge]:
        """Join to an article's story the others that it belongs to as well, when the stories themselves are alike."""
        if len(story.articles) < 2:
            return []
        scores = self._scores(reading, batch)
        scores[story.row] = -np.inf
        found: list[Merge] = []
        for row in np.argsort(-scores, kind="stable")[:3]:
            if scores[row] <= COMPARED_FROM:
                break
            other = self._by_row[int(row)]
            if self._story_score(story, other) <= MERGE_MARGIN:
                continue
            story, newer = sorted((story, other), key=lambda s: (s.first_at, s.id))
            self._join(story, newer)
            batch.update(story.row)
            batch.update(newer.row)
            found.append(Merge(newer.id, story.id))
        return found

    def _story_score(self, a: _Story, b: _Story) -> float:
        """Return the score of two stories as if one were an article."""
        headline = _cosine(self._rows.headlines[a.row], self._rows.headlines[b.row])
        body = _cosine(self._rows.bodies[a.row], self._rows.bodies[b.row])
        gap = max(timedelta(0), b.first_at - a.last_at, a.first_at - b.last_at) / timedelta(days=1)
        alike = WITH_TEXT if body else HEADLINES
        decision = alike if self._rows.share_language(a.row, b.row) else ACROSS
        near = decision.nearness(
            dot(a.words, b.words) / math.sqrt(max(1e-9, a.words_norm2 * b.words_norm2)),
            dot(a.names, b.names) / math.sqrt(max(1e-9, a.names_norm2 * b.names_norm2)),
            headline,
            body,
        )
        return decision.score(near, math.log1p(gap))

    def _join(self, into: _Story, other: _Story) -> None:
        """Pour one story into another and free its row."""
        self._rows.pour(into.row, other.row)
        self._pour(into, other.words, other.names)
        into.first_at = min(into.first_at, other.first_at)
        into.last_at = max(into.last_at, other.last_at)
        into.articles.update(other.articles)
        into.touched = self._turn
        for article_id in other.articles:
            self._story_of[article_id] = into.id
        other.articles = {}
        self._drop(other)

    # ── keeping ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _add(self, reading: _Reading, batch: _Batch, story_id: int) -> _Story:
        """Add an article to a story, opening it when it is not there."""
        description = reading.description
        article_id = description.article_id
        story = self._stories.get(story_id)
        if story is None:
            row = self._rows.open(batch.headlines.shape[1], description.at)
            story = _Story(story_id, row, description.at, description.at, self._turn)
            self._stories[story_id] = self._by_row[row] = story
        self._rows.add(
            story.row,
            batch.headlines[reading.column],
            batch.bodies[reading.column],
            language=reading.language,
            at=description.at,
        )
        self._pour(story, reading.words, reading.names)
        story.first_at = min(story.first_at, description.at)
        story.last_at = max(story.last_at, description.at)
        is_copy = self._copies.root_of(article_id) != article_id
        story.articles[article_id] = Report(description.at, description.publisher_id, is_copy)
        story.touched = self._turn
        self._story_of[article_id] = story_id
        self._rarities.observe(description)
        batch.update(story.row)
        return story

    def _pour(self, story: _Story, words: Weights, names: Weights) -> None:
        story.words_norm2 += self._words.pour(story.row, story.words, words)
        story.names_norm2 += self._names.pour(story.row, story.names, names)
        if len(story.words) > 2 * MOST_STORY_WORDS:
            for word in sorted(story.words, key=lambda w: (-story.words[w], w))[MOST_STORY_WORDS:]:
                story.words_norm2 -= story.words.pop(word) ** 2
                self._words.remove(story.row, word)
        self._rows.set_sparse_norms(
            story.row,
            words=math.sqrt(max(0.0, story.words_norm2)),
            names=math.sqrt(max(0.0, story.names_norm2)),
        )

    def _drop(self, story: _Story) -> None:
        for word in story.words:
            self._words.remove(story.row, word)
        for name in story.names:
            self._names.remove(story.row, name)
        for article_id in story.articles:
            self._story_of.pop(article_id, None)
        self._rows.close(story.row)
        del self._stories[story.id], self._by_row[story.row]

    def _forget(self, earliest: datetime) -> None:
        """Drop stories that ended a window before the earliest article of the last batches; of too many, those longest
        untouched.  So an import of old articles finds the stories of its own time.
        """
        self._earliest.append(earliest)
        edge = min(self._earliest) - timedelta(days=self._days)
        gone = [story for story in self._stories.values() if story.last_at < edge]
        if len(self._stories) - len(gone) > MOST_STORIES:
            by_use = sorted(self._stories.values(), key=lambda s: (s.touched, s.last_at, s.id))
            gone = by_use[: len(self._stories) - MOST_STORIES * 9 // 10]
        for story in gone:
            self._copies.forget(story.articles)
            self._vocabulary.forget(story.articles)
            self._drop(story)

    def _mark_copies(self, article_ids: Iterable[int]) -> None:
        """Bring the facts of these articles up to date with what is a copy."""
        for article_id in article_ids:
            story = self._stories.get(self._story_of.get(article_id, -1))
            if story is not None and article_id in story.articles:
                known = story.articles[article_id]
                is_copy = self._copies.root_of(article_id) != article_id
                story.articles[article_id] = Report(known.at, known.publisher_id, is_copy)


def _leads(nearness: Floats) -> Floats:
    """Return by how much each story is nearer than the best of the others, 0 to MOST_LEAD; half of that when it is alone."""
    if np.isfinite(nearness).sum() < 2:
        return np.full(len(nearness), MOST_LEAD / 2)
    second, best = np.partition(nearness, -2)[-2:]
    rival = np.where(nearness >= best, second, best)
    lead: Floats = np.clip(np.maximum(nearness, -1e9) - rival, 0.0, MOST_LEAD)
    return lead


def _cosine(a: Floats, b: Floats) -> float:
    norms = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / norms if norms > 1e-9 else 0.0


def _squashed(score: float) -> float:
    """Return a score as a similarity, ½ at the threshold to 1."""
    return 1.0 / (1.0 + math.exp(-score))


def _last(merged: Mapping[int, int], story_id: int) -> int:
    """Return where a chain of merges ends."""
    while story_id in merged:
        story_id = merged[story_id]
    return story_id
