"""Stories, formed online: each article joins the story it tells of, or opens one, in the order of arrival.

An article is compared with every story of the window at once: the weighted words they share, the nearness of their meanings
(headline, text, and the English embedder's) to the story's articles, the names they share, the days between.  A learned
logistic decision on these says whether it joins (stories/decision; docs/design/clustering.md gives the tables), and whether two
stories are one after all.  There is no rule on how large a story is or how often a publisher may appear in it.  A story's id
is that of the article that opened it.

Cost: one matrix product a batch over the stories of the window, over their outlines when there are many, and a walk along the
postings of at most a hundred words an article; nothing grows with the archive.  The same calls with the same values give the same plans.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from tidings.model import CopyOf, Description, KnownHashtag, Merge, Placement, Plan, WindowStory
from tidings.stories.copies import CopyIndex
from tidings.stories.corrections import Ties
from tidings.stories.decision import Decision, Meeting, learned_decisions
from tidings.stories.desks import Desks
from tidings.stories.hashtags import Vocabulary
from tidings.stories.ranking import Report, StoryFacts
from tidings.stories.rarity import primary
from tidings.stories.rows import VIEWS, Postings, Rows, View, outlines_of
from tidings.stories.weights import Rarities, Weights, dot, name_weights, word_weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tidings.ports import Matrix

    Flags = NDArray[np.bool_]
    Floats = NDArray[np.floating[Any]]

MADE_BY = "group/3"
WINDOW_DAYS = 14.0
MOST_STORIES = 30_000  # a bulk import of old articles does not fill the memory
MOST_STORY_WORDS = 400
CANDIDATES = 48  # stories that are looked at closely: those nearest by words and meaning together
SEEN_WHOLE = 8_000  # stories; of more, only the nearest in outline are looked at whole
SHORTLISTED = 256
LEAD_SPAN = 0.5
MERGE_MARGIN = 3.0  # how far above joining two stories, as wholes, must score to be one (measured: 1 to 3, see docs/design)
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
    articles: dict[int, Report] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class _Reading:
    """An article as the window weighs it on arrival; `column` is its place in the batch."""

    description: Description
    column: int
    words: Weights
    names: Weights
    whole_names: tuple[tuple[str, ...], ...]  # the parts of each name

    @property
    def language(self) -> str:
        return primary(self.description.language)


@dataclass(frozen=True, slots=True, eq=False)
class Meetings:
    """What an article met on arrival: the nearest stories as their articles, with the facts of each (stories × FACTS)."""

    article_id: int
    stories: tuple[tuple[int, ...], ...]
    facts: Floats
    meetings: tuple[Meeting, ...]


@dataclass(frozen=True, slots=True)
class _Choice:
    """The story an article joins, its own id for a new one; has_others: it might join another as well."""

    story_id: int
    similarity: float = 1.0
    has_others: bool = True


class _Batch:
    """The vectors of a batch and their nearness to every story, kept up as stories change."""

    def __init__(
        self, descriptions: Sequence[Description], rows: Rows, model: str | None, english_model: str | None
    ) -> None:
        self._rows = rows
        self.vectors: dict[View, Floats] = {
            # Vectors of two models cannot be compared.
            "headline": _stacked([d.headline_vector if d.model == model else None for d in descriptions]),
            "body": _stacked([d.body_vector if d.model == model else None for d in descriptions]),
            "english": _stacked(
                [d.english_vector if d.english_model == english_model else None for d in descriptions]
            ),
        }
        self._near: dict[View, Floats] = {}  # made when the first article asks: a restored window never does
        self._outlines: Floats | None = None
        self._near_outlines: Floats | None = None

    def update(self, row: int) -> None:
        """Bring the nearness of a changed or new story up to date."""
        for view, near in self._near.items():
            self._near[view] = near = _with_row(near, row)
            near[row] = self._rows.nearness(view, self.vectors[view], only=row)[0]
        if self._outlines is not None and self._near_outlines is not None:
            self._near_outlines = near = _with_row(self._near_outlines, row)
            near[row] = self._rows.outlined_nearness(self._outlines, only=row)[0]

    def of(self, column: int) -> dict[View, Floats]:
        """Return the vectors that an article has."""
        return {view: vectors[column] for view, vectors in self.vectors.items() if vectors[column].any()}

    def shortlist(self, column: int, words: Floats, within: Flags) -> NDArray[np.intp]:
        """Return the rows that are worth an exact look, of those within: all of few, else the nearest in outline and words."""
        places = np.flatnonzero(within)
        if self._rows.used <= SEEN_WHOLE:
            return places
        if self._near_outlines is None:
            self._outlines = outlines_of(self.vectors)
            self._near_outlines = self._rows.outlined_nearness(self._outlines)
        nearness = words + self._near_outlines[: self._rows.used, column]
        return places[_largest(nearness[places], SHORTLISTED)]

    def near(self, view: View, column: int, rows: NDArray[np.intp]) -> Floats:
        """Return an article's nearness to some rows."""
        near: Floats
        if self._rows.used > SEEN_WHOLE:
            near = self._rows.nearness(view, self.vectors[view][[column]], only=rows)[:, 0]
        else:
            if view not in self._near:
                self._near[view] = self._rows.nearness(view, self.vectors[view])
            near = self._near[view][rows, column]
        return near


def _with_row(near: Floats, row: int) -> Floats:
    """Return an array that has a row, with room for the next ones."""
    return near if row < len(near) else np.pad(near, ((0, row + 64 - len(near)), (0, 0)))


def _stacked(vectors: Sequence[Floats | None]) -> Floats:
    """Return vectors as the rows of a matrix; for one that is not there a row of zeros."""
    dim = max((len(vector) for vector in vectors if vector is not None), default=0)
    stacked = np.zeros((len(vectors), dim), dtype=np.float32)
    for row, vector in zip(stacked, vectors, strict=True):
        if vector is not None:
            row[:] = vector
    return stacked


class Window:
    """The stories of the last days, as the one writer of stories holds them between batches.

    Not safe to share between threads.  When a plan could not be applied, drop the window and restore a new one.
    """

    def __init__(
        self,
        *,
        vocabulary: Iterable[KnownHashtag] = (),
        window_days: float = WINDOW_DAYS,
        ties: Ties | None = None,
        decisions: Mapping[Meeting, Decision] | None = None,
        observe: Callable[[Meetings], None] | None = None,
        press: Iterable[str] = (),
        desks: Desks | None = None,
        meanings: Callable[[Sequence[str]], Matrix] | None = None,
    ) -> None:
        """press: names of publishers, which are no hashtags; desks: chooses sections by text, and learns them; meanings: see
        Vocabulary.

        decisions: other ones than the learned; observe: called with what each article met, before it is placed.
        """
        self.ties = ties or Ties()  # what editors said, which goes before every score
        self._days = window_days
        self._decisions = decisions or learned_decisions()
        self._observe = observe
        self._stories: dict[int, _Story] = {}
        self._story_of: dict[int, int] = {}
        self._by_row: dict[int, _Story] = {}
        self._rows = Rows()
        self._words = Postings()
        self._rarities = Rarities()
        self._copies = CopyIndex()
        self._vocabulary = Vocabulary(vocabulary, press=press, meanings=meanings)
        self._desks = desks
        self._model: str | None = None
        self._english_model: str | None = None
        self._turn = 0
        self._earliest: deque[datetime] = deque(maxlen=_LATE_BATCHES)

    @classmethod
    def restore(
        cls,
        stories: Iterable[WindowStory],
        *,
        vocabulary: Iterable[KnownHashtag] = (),
        window_days: float = WINDOW_DAYS,
        ties: Ties | None = None,
        press: Iterable[str] = (),
        desks: Desks | None = None,
        meanings: Callable[[Sequence[str]], Matrix] | None = None,
    ) -> Window:
        """Return the window as it stands after these stories were formed; articles are taken in by their ids."""
        window = cls(
            vocabulary=vocabulary,
            window_days=window_days,
            ties=ties,
            press=press,
            desks=desks,
            meanings=meanings,
        )
        placed = sorted(
            ((description, story.story_id) for story in stories for description in story.articles),
            key=lambda p: p[0].article_id,
        )
        for description, story_id in placed:
            window._copies.place(description)
            window._vocabulary.restore(description)
            batch = window._batch([description])
            window._add(window._reading(description, 0), batch, story_id)
            window._rarities.observe(description)
            window._learn_desk(description)
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
            choice = self._choose(reading, vectors)
            similarity[description.article_id] = choice.similarity
            story = self._add(reading, vectors, choice.story_id)
            self._rarities.observe(description)
            self._learn_desk(description)
            for merge in self._merges(reading, vectors, story) if choice.has_others else ():
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
            desks={d.article_id: self._desks.choose(d) if self._desks else d.desk for d in batch},
            made_by=MADE_BY,
        )

    def align(self, plan: Plan, entities: Mapping[int, str]) -> Plan:
        """Return a plan in which names that mean one entity are one hashtag; entities are the labels by id."""
        if plan.entities is None:
            return plan
        tags = self._vocabulary.align(plan.hashtags, plan.entities.mentions, entities)
        return replace(plan, hashtags=tags)

    def _learn_desk(self, description: Description) -> None:
        if self._desks is not None:
            self._desks.learn([description])

    def rearrange(self, stories: Sequence[WindowStory], *, ended: Collection[int] = ()) -> None:
        """Take in stories as a correction left them, instead of what the window holds under their ids and those that ended."""
        for story_id in {*ended, *(story.story_id for story in stories)} & self._stories.keys():
            self._drop(self._stories[story_id])
        for story in stories:
            for description in story.articles:
                batch = self._batch([description])
                self._add(self._reading(description, 0), batch, story.story_id)

    def stories_with(self, publisher_ids: Collection[int]) -> list[int]:
        """Return the stories of the window that hold a report of any of these publishers."""
        return sorted(
            story.id
            for story in self._stories.values()
            if any(report.publisher_id in publisher_ids for report in story.articles.values())
        )

    def facts(self, story_ids: Collection[int]) -> Mapping[int, StoryFacts]:
        """Return what the ranking needs of these stories; stories that are not in the window are left out."""
        return {
            story_id: StoryFacts(story_id, tuple(self._stories[story_id].articles.values()))
            for story_id in sorted(story_ids)
            if story_id in self._stories
        }

    def _batch(self, descriptions: Sequence[Description]) -> _Batch:
        for description in descriptions:
            self._model = self._model or description.model
            self._english_model = self._english_model or description.english_model
        return _Batch(descriptions, self._rows, self._model, self._english_model)

    def _reading(self, description: Description, column: int) -> _Reading:
        return _Reading(
            description,
            column,
            word_weights(description, self._rarities),
            name_weights(description, self._rarities),
            tuple(tuple(name.key.split()) for name in description.names),
        )

    def _choose(self, reading: _Reading, batch: _Batch) -> _Choice:
        article_id = reading.description.article_id
        barred = self._stories_of(self.ties.apart_from(article_id))
        tied = self._stories_of(self.ties.together_with(article_id)) - barred
        if tied:
            return _Choice(min(tied))
        root = self._copies.root_of(article_id)
        copied = self._story_of.get(root) if root != article_id else None
        if copied is not None and copied not in barred:
            return _Choice(copied)
        rows, facts, meetings = self._facts_of(reading, batch)
        if self._observe is not None:
            stories = [self._by_row[int(row)] for row in rows]
            self._observe(
                Meetings(article_id, tuple(tuple(s.articles) for s in stories), facts, tuple(meetings))
            )
        scores = self._scored(facts, meetings)
        if barred:
            scores[[self._by_row[int(row)].id in barred for row in rows]] = -np.inf
        best = float(scores.max(initial=-math.inf))
        if best <= 0.0:
            return _Choice(article_id)
        # Of equals, the oldest story.
        story_id = min(self._by_row[int(row)].id for row in rows[scores == best])
        return _Choice(story_id, _squashed(best), has_others=int((scores > COMPARED_FROM).sum()) > 1)

    def _stories_of(self, article_ids: Iterable[int]) -> set[int]:
        """Return the stories of the window that hold any of these articles."""
        return {self._story_of[a] for a in article_ids if a in self._story_of}

    # ── scoring ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _scored(self, facts: Floats, meetings: Sequence[Meeting]) -> Floats:
        """Return the score of each row of facts, by the decision for its meeting."""
        scores = np.empty(len(facts), dtype=np.float32)
        for meeting in set(meetings):
            met = np.array([m == meeting for m in meetings])
            scores[met] = self._decisions[meeting].scores(facts[met])
        return scores

    def _facts_of(self, reading: _Reading, batch: _Batch) -> tuple[NDArray[np.intp], Floats, list[Meeting]]:
        """Return the nearest rows within an article's time, the facts of each (rows × FACTS) and how they meet."""
        rows, description, column = self._rows, reading.description, reading.column
        # A time that the publisher did not give says nothing for or against.
        gaps = rows.gaps(description.at) if description.dated else np.zeros(rows.used)
        words = self._words.dots(reading.words, rows.used) / rows.sizes
        looked = batch.shortlist(column, words, rows.alive & (gaps <= self._days))
        parts = {view: batch.near(view, column, looked) for view in VIEWS}
        nearness = words[looked] + parts["headline"] + parts["body"] + parts["english"]
        nearest = _largest(nearness, CANDIDATES)
        chosen = looked[nearest]
        middles = rows.middles(description.at, chosen) if description.dated else np.zeros(len(chosen))
        names = _shared_names(reading, [self._by_row[int(row)].names for row in chosen]) / rows.sizes[chosen]
        meetings = self._meetings(reading, batch, chosen)
        facts = np.column_stack(
            [
                words[chosen],
                names,
                *(parts[view][nearest] for view in VIEWS),
                np.log1p(gaps[chosen]),
                np.log1p(middles),
                _leads(nearness[nearest]),
                np.ones(len(chosen)),
            ]
        )
        return chosen, facts, meetings

    def _meetings(self, reading: _Reading, batch: _Batch, rows: NDArray[np.intp]) -> list[Meeting]:
        """Return how an article and each of some stories meet."""
        vectors = batch.of(reading.column)
        foreign = self._rows.is_foreign(reading.language, rows)
        texts = self._rows.has("body")[rows] & ("body" in vectors)
        in_english = self._rows.has("english")[rows] & ("english" in vectors)
        return [
            _meeting(is_foreign=bool(a), has_text=bool(b), in_english=bool(c))
            for a, b, c in zip(foreign, texts, in_english, strict=True)
        ]

    # ── merges ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _merges(self, reading: _Reading, batch: _Batch, story: _Story) -> list[Merge]:
        """Join to an article's story the others that it belongs to as well, when the stories themselves are alike."""
        if len(story.articles) < 2:
            return []
        rows, facts, meetings = self._facts_of(reading, batch)
        scores = self._scored(facts, meetings)
        found: list[Merge] = []
        others = [i for i in np.argsort(-scores, kind="stable") if rows[i] != story.row]
        for row, score in ((rows[i], scores[i]) for i in others[:3]):
            if score <= COMPARED_FROM:
                break
            other = self._by_row[int(row)]
            if self.ties.keep_apart(story.articles, other.articles):
                continue
            if self._story_score(story, other) <= MERGE_MARGIN:
                continue
            story, newer = sorted((story, other), key=lambda s: (s.first_at, s.id))
            self._join(story, newer)
            batch.update(story.row)
            batch.update(newer.row)
            found.append(Merge(newer.id, story.id))
        return found

    def _story_score(self, a: _Story, b: _Story) -> float:
        """Return the score of two stories as if the smaller were an article."""
        rows = self._rows
        gap = max(timedelta(0), b.first_at - a.last_at, a.first_at - b.last_at) / timedelta(days=1)
        middle = abs(
            (a.first_at + (a.last_at - a.first_at) / 2) - (b.first_at + (b.last_at - b.first_at) / 2)
        )
        meeting = _meeting(
            is_foreign=not rows.share_language(a.row, b.row),
            has_text=bool(rows.has("body")[[a.row, b.row]].all()),
            in_english=bool(rows.has("english")[[a.row, b.row]].all()),
        )
        facts = np.array(
            [
                _cosine(a.words, b.words),
                _cosine(a.names, b.names),
                *(rows.alike(view, a.row, b.row) for view in VIEWS),
                math.log1p(gap),
                math.log1p(middle / timedelta(days=1)),
                0.0,
                1.0,
            ]
        )
        return float(self._decisions[meeting].scores(facts))

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
            row = self._rows.open(description.at)
            story = _Story(story_id, row, description.at, description.at, self._turn)
            self._stories[story_id] = self._by_row[row] = story
        self._rows.add(story.row, batch.of(reading.column), language=reading.language, at=description.at)
        self._pour(story, reading.words, reading.names)
        story.first_at = min(story.first_at, description.at)
        story.last_at = max(story.last_at, description.at)
        is_copy = self._copies.root_of(article_id) != article_id
        story.articles[article_id] = Report(
            description.at, description.publisher_id, is_copy, description.agency
        )
        story.touched = self._turn
        self._story_of[article_id] = story_id
        batch.update(story.row)
        return story

    def _pour(self, story: _Story, words: Weights, names: Weights) -> None:
        self._words.pour(story.row, story.words, words)
        for part, weight in names.items():
            story.names[part] = story.names.get(part, 0.0) + weight
        if len(story.words) > 2 * MOST_STORY_WORDS:
            for word in sorted(story.words, key=lambda w: (-story.words[w], w))[MOST_STORY_WORDS:]:
                self._words.remove(story.row, word, story.words.pop(word))

    def _drop(self, story: _Story) -> None:
        for word, weight in story.words.items():
            self._words.remove(story.row, word, weight)
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
                story.articles[article_id] = replace(known, is_copy=is_copy)


def _shared_names(reading: _Reading, stories: Sequence[Weights]) -> Floats:
    """Return what an article's names weigh in each of some stories' names, the one that weighs most by half: a single name may
    be a namesake's.
    """
    if not reading.names or not stories:
        return np.zeros(len(stories))
    mine = reading.names
    place = {part: i for i, part in enumerate(mine)}
    weighed = np.zeros((len(stories), len(place)))
    for row, names in zip(weighed, stories, strict=True):
        for part in place.keys() & names.keys():  # few of many
            row[place[part]] = names[part] * mine[part]
    wholes = np.zeros((len(reading.whole_names), len(place)))
    for whole, name in zip(wholes, reading.whole_names, strict=True):
        for part in name:
            whole[place[part]] += 1
    shared: Floats = weighed.sum(axis=1) - (weighed @ wholes.T).max(axis=1) / 2
    return shared


def _meeting(*, is_foreign: bool, has_text: bool, in_english: bool) -> Meeting:
    if is_foreign:
        return "across"
    if in_english:
        return "english text" if has_text else "english headlines"
    return "text" if has_text else "headlines"


def _largest(values: Floats, count: int) -> NDArray[np.intp]:
    """Return the places of the largest finite values, at most count, in order of place."""
    places = np.flatnonzero(np.isfinite(values))
    if len(places) > count:
        places = np.sort(places[np.argpartition(-values[places], count - 1)[:count]])
    return places


def _leads(nearness: Floats) -> Floats:
    """Return by how much each story is nearer than the best of the others, within ±LEAD_SPAN; of a lone one half of that."""
    if len(nearness) < 2:
        return np.full(len(nearness), LEAD_SPAN / 2)
    second, best = np.partition(nearness, -2)[-2:]
    rival = np.where(nearness >= best, second, best)
    lead: Floats = np.clip(nearness - rival, -LEAD_SPAN, LEAD_SPAN)
    return lead


def _cosine(a: Weights, b: Weights) -> float:
    return dot(a, b) / math.sqrt(max(1e-9, dot(a, a) * dot(b, b)))


def _squashed(score: float) -> float:
    """Return a score as a similarity, ½ at the threshold to 1."""
    return 1.0 / (1.0 + math.exp(-score))


def _last(merged: Mapping[int, int], story_id: int) -> int:
    """Return where a chain of merges ends."""
    while story_id in merged:
        story_id = merged[story_id]
    return story_id
