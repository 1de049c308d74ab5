"""What editors correct: how a correction changes stories, how it is undone, and what it forbids and demands from then on.

    decide(correction, story, other)    the splits and merges that carry it out
    undo(change, now)                   those that take it back, unless there is a hindrance
    Ties(changes)                       which articles belong together and which do not, whatever a score says

A story's id stays with the part that holds the article that opened it.  The other part's is that of its oldest article, as if
that had opened it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from tidings.model import (
    Change,
    Correction,
    Description,
    Merge,
    Split,
    StoryArticle,
    StoryArticles,
    WindowStory,
)


@dataclass(frozen=True, slots=True)
class Decided:
    """What to do about a correction; nothing but a `problem` in words when it cannot be done."""

    splits: tuple[Split, ...] = ()
    merges: tuple[Merge, ...] = ()
    change: Change | None = None
    problem: str = ""


ONE_STORY = "The two were one story already when this was to be done."
GONE = "None of the chosen articles was in the story any more."
ALL_OF_IT = "All of the story was chosen: choose some of its articles, or merge it with another."
ID_TAKEN = "The addresses of the new story's articles all lead to other stories. Undo what moved those articles first."


def decide(
    correction: Correction,
    story: StoryArticles,
    other: StoryArticles | None,
    *,
    taken: Set[int] = frozenset(),
) -> Decided:
    """Return how a correction is carried out on the stories as they are now.

    story and other are what the correction names, merges followed; taken are ids of other living stories that articles of
    `story` have opened once.  A chosen report takes its copies along: they tell the same event.
    """
    if correction.kind == "merge":
        return _merge(story, other)
    roots = {a.root for a in story.articles if a.article_id in correction.article_ids}
    moved = [a for a in story.articles if a.root in roots]
    left = [a for a in story.articles if a.root not in roots]
    if not moved:
        return Decided(problem=GONE)
    if not left:
        return Decided(problem=ALL_OF_IT)
    if correction.kind == "split":
        return _split(story.story_id, moved, left, taken)
    return _move(story.story_id, moved, left, other, taken)


def _merge(story: StoryArticles, other: StoryArticles | None) -> Decided:
    if other is None or other.story_id == story.story_id:
        return Decided(problem=ONE_STORY)
    older, younger = sorted((story, other), key=lambda s: (s.articles[0].at, s.story_id))
    change = Change(
        from_id=younger.story_id,
        into_id=older.story_id,
        rest_id=younger.story_id,
        moved=_ids(younger.articles),
        joined=_ids(older.articles),
    )
    return Decided(merges=(Merge(younger.story_id, older.story_id),), change=change)


def _split(
    story_id: int, moved: Sequence[StoryArticle], left: Sequence[StoryArticle], taken: Set[int]
) -> Decided:
    moved_opened = story_id in _ids(moved)
    leaving = left if moved_opened else moved
    opened = _oldest_free(leaving, taken)
    if opened is None:
        return Decided(problem=ID_TAKEN)
    change = Change(
        from_id=story_id,
        into_id=story_id if moved_opened else opened,
        rest_id=opened if moved_opened else story_id,
        moved=_ids(moved),
        left=_ids(left),
    )
    return Decided(splits=(Split(story_id, opened, _ids(leaving)),), change=change)


def _move(
    story_id: int,
    moved: Sequence[StoryArticle],
    left: Sequence[StoryArticle],
    other: StoryArticles | None,
    taken: Set[int],
) -> Decided:
    """Without the article that opened it, a story goes on under the id of its oldest, and its address leads there."""
    if other is None or other.story_id == story_id:
        return Decided(problem=ONE_STORY)
    rest_id = _oldest_free(left, taken) if story_id in _ids(moved) else story_id
    if rest_id is None:
        return Decided(problem=ID_TAKEN)
    merges = (Merge(story_id, rest_id),) if rest_id != story_id else ()
    change = Change(
        from_id=story_id,
        into_id=other.story_id,
        rest_id=rest_id,
        moved=_ids(moved),
        left=_ids(left),
        joined=_ids(other.articles),
    )
    return Decided(splits=(Split(story_id, other.story_id, change.moved),), merges=merges, change=change)


def _oldest_free(articles: Sequence[StoryArticle], taken: Set[int]) -> int | None:
    """Return the id a new story of these articles has: that of the oldest which no other story goes by."""
    return next((a.article_id for a in articles if a.article_id not in taken), None)


def _ids(articles: Iterable[StoryArticle]) -> tuple[int, ...]:
    return tuple(a.article_id for a in articles)


# ── taking it back ───────────────────────────────────────────────────────────────────────────────────────────────────


def undo(change: Change, *, now: Callable[[int], int | None]) -> Decided:
    """Return what takes a change back; now tells under which id a story lives today, None when it is gone.

    Stories have the ids and articles they had before.  What came since stays with the story it came to, except that the story
    a split opened ends with the split.
    """
    into, rest = now(change.into_id), now(change.rest_id)
    if not change.left:  # a merge: what was merged stands by itself again
        return Decided(splits=() if into is None else (Split(into, change.from_id, change.moved),))
    if not change.joined:
        return _rejoin(change, into, rest)
    splits, merges = [], []
    target = rest
    if change.rest_id != change.from_id and rest == change.rest_id:
        target = change.from_id
        merges.append(Merge(change.rest_id, change.from_id))
    if into is not None and target is not None and into != target:
        splits.append(Split(into, target, change.moved))
    return Decided(splits=tuple(splits), merges=tuple(merges))


def _rejoin(change: Change, into: int | None, rest: int | None) -> Decided:
    """Return what makes the two parts of a split one again, under the id that was there before."""
    opened, kept = (into, rest) if change.into_id != change.from_id else (rest, into)
    opened_id = change.into_id if change.into_id != change.from_id else change.rest_id
    if opened is None or kept is None or opened == kept:
        return Decided()
    if opened == opened_id:
        return Decided(merges=(Merge(opened, kept),))
    part = change.moved if opened_id == change.into_id else change.left
    return Decided(splits=(Split(opened, kept, part),))


def hinders(later: Change, earlier: Change) -> bool:
    """Whether a later change must be undone before an earlier one can be: the two say something about the same articles."""
    mine = {*earlier.moved, *earlier.left, *earlier.joined}
    return not mine.isdisjoint(later.moved) or not set(earlier.moved).isdisjoint({*later.left, *later.joined})


def hindrance(correction: Correction, standing: Sequence[Correction]) -> str:
    """Return in words why a correction cannot be undone yet: a later one builds on it; "" when it can."""
    mine = next((n for n, c in enumerate(standing) if c.id == correction.id), len(standing))
    for later in reversed(standing[mine + 1 :]):
        if later.change and correction.change and hinders(later.change, correction.change):
            return f"A later correction of the same articles stands. Undo that {later.kind} first."
    return ""


def rearranged(stories: Mapping[int, Sequence[Description]], decided: Decided) -> list[WindowStory]:
    """Return what these stories are after the splits and merges; those that ended are left out."""
    held = {story_id: list(articles) for story_id, articles in stories.items()}
    for split in decided.splits:
        chosen = set(split.article_ids)
        going = [d for d in held.get(split.from_id, ()) if d.article_id in chosen]
        held[split.from_id] = [d for d in held.get(split.from_id, ()) if d.article_id not in chosen]
        held.setdefault(split.into_id, []).extend(going)
    for merge in decided.merges:
        held.setdefault(merge.into_id, []).extend(held.pop(merge.from_id, []))
    return [
        WindowStory(story_id, tuple(sorted(articles, key=lambda d: (d.at, d.article_id))))
        for story_id, articles in held.items()
        if articles
    ]


# ── what holds from then on ──────────────────────────────────────────────────────────────────────────────────────────


class Ties:
    """Which articles editors said belong together, and which do not; of two that contradict each other the later holds.

    Memory and the time to build grow with what editors chose by hand, not with the archive; to ask about an article that
    nobody corrected is one look-up.
    """

    def __init__(self, changes: Iterable[Change] = ()) -> None:
        """changes: those that stand, in the order in which they were made."""
        self._group: dict[int, set[int]] = {}
        pairs: list[tuple[set[int], set[int]]] = []
        for change in changes:
            moved, left = set(change.moved), set(change.left)
            together = moved | set(change.joined)
            if left:
                self._carve(moved)
            pairs = [kept for pair in pairs for kept in _without_pairs_in(pair, together)]
            if left:
                pairs.append((moved, left))
            self._join(together)
        self._opposite: dict[int, list[set[int]]] = {}
        for one, other in pairs:
            for side, opposite in ((one, other), (other, one)):
                for article_id in side:
                    self._opposite.setdefault(article_id, []).append(opposite)

    def _carve(self, moved: set[int]) -> None:
        for group in {id(g): g for a in moved if (g := self._group.get(a)) is not None}.values():
            for part in (group & moved, group - moved):
                for article_id in part:
                    self._group[article_id] = part

    def _join(self, together: set[int]) -> None:
        joined = together.union(*(self._group.get(a, ()) for a in together))
        for article_id in joined:
            self._group[article_id] = joined

    def together_with(self, article_id: int) -> Set[int]:
        """Return the articles that belong into one story with this one; itself among them, when there are any."""
        return self._group.get(article_id, frozenset())

    def apart_from(self, article_id: int) -> Iterator[int]:
        """Yield the articles that must not share a story with this one."""
        for opposite in self._opposite.get(article_id, ()):
            yield from opposite

    def keep_apart(self, some: Collection[int], others: Collection[int]) -> bool:
        """Whether two stories with these articles must not become one."""
        if not self._opposite:
            return False
        there = others if isinstance(others, (Set, Mapping)) else set(others)
        return any(not opposite.isdisjoint(there) for a in some for opposite in self._opposite.get(a, ()))


def _without_pairs_in(pair: tuple[set[int], set[int]], together: set[int]) -> list[tuple[set[int], set[int]]]:
    """Return what is left of a pair of sets kept apart when those in `together` no longer are: up to two pairs."""
    one, other = pair
    within = one & together
    if not within or other.isdisjoint(together):
        return [pair]
    kept = [(one - together, other), (within, other - together)]
    return [(some, others) for some, others in kept if some and others]
