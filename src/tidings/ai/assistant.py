"""What readers are given beside the texts: summaries, answers, comparisons; each from its sources, through the gate.

The sources come from the store, code chooses sentences of theirs, evidence.check passes each, and what was withdrawn is left
out.  Work is kept in memory under a digest of its sources, so that a page shown again costs three queries; a source that
changed makes a new digest, and nothing stale is shown.  What a language model phrases is in modelled.py.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import numpy as np

from tidings.ai.ask import answer
from tidings.ai.compare import Comparison, compare
from tidings.ai.evidence import checked
from tidings.ai.news import NewClaim, new_since
from tidings.ai.people import Described, background, open_questions, who_is
from tidings.ai.sentences import length_of
from tidings.ai.shortlist import Found
from tidings.ai.summarise import key_points, summary
from tidings.ai.timeline import Dated, timeline
from tidings.errors import AIError, NotFound, StoreBusy
from tidings.model import (
    Answer,
    ArticleCard,
    Citation,
    Claim,
    SearchAnswer,
    SearchQuery,
    Source,
    StoryView,
)
from tidings.ports import Embedder, Store

if TYPE_CHECKING:
    from tidings.model import Vector
    from tidings.ports import Matrix

MADE_BY = "extract/1"
BRIEF_WORDS = 120
STORY_SOURCES = 40  # reports that a story's features are made from, the newest
EARLIER_SOURCES = 20  # reports that an article's background is made from
ASKED_ARTICLES = 12  # that a question is looked up in, the best found
LEAST_SHORTENED = (
    1.8  # times a summary's words that an article must have: what is as long as its article is no summary
)
TIMELINE_DAYS = 12
KEPT = 2_000  # pieces of work
MADE_AT_ONCE = 2
LONGEST_WAIT_S = 15.0
REMEMBERED = 8_000  # sentences whose vectors are kept, 16 MB

T = TypeVar("T")
Length = Literal["line", "short", "long"]
WORDS: Mapping[Length, int] = {"line": 25, "short": 60, "long": 150}


@dataclass(frozen=True, slots=True)
class Reply:
    """What the archive or an article says to a question; where it does not say, `nearest` are the passages that come nearest."""

    answer: Answer
    nearest: tuple[Citation, ...]
    sources: tuple[Source, ...]


class Assistant:
    """The features of one instance; `search` finds the articles that a question is looked up in."""

    def __init__(
        self,
        store: Store,
        *,
        search: Callable[[SearchQuery, int], SearchAnswer],
        embedder: Embedder,
        english: Embedder | None,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._search = search
        self._embedder = _Remembering(embedder)
        self._english = english
        self._clock = clock
        self._work = _Kept()

    def forget(self) -> None:
        """Forget all work that is kept: texts it was made from may be gone."""
        self._work.forget()
        self._embedder.forget()

    # ── an article ───────────────────────────────────────────────────────────────────────────────────────────────────
    def summary(self, source: Source, length: Length) -> Answer:
        """Return an article's summary of about 25, 60 or 150 words; no claims where the article is hardly longer."""
        if words_of(source) < LEAST_SHORTENED * WORDS[length]:
            return Answer((), MADE_BY, self._clock(), (source.article_id,))
        return self._said(length, [source], lambda: summary([source], words=WORDS[length]))

    def key_points(self, source: Source) -> Answer:
        return self._said("points", [source], lambda: key_points(source))

    def background(self, source: Source, earlier: Sequence[Source]) -> Answer:
        """Return the story so far: what the reports before an article told that it does not tell again."""

        read = [source, *earlier]

        def made(embedder: Embedder | None) -> Answer:
            told = background(source, earlier, meanings=embedder)
            return self._gated([one.claim for one in told], read)

        return self._standing(self._meant("background", (read,), made)) if earlier else self._nothing()

    def people(self, source: Source, earlier: Sequence[Source]) -> tuple[Described, ...]:
        """Return who is named in an article, as it and the reports before it describe them."""
        read = [source, *earlier]

        def made() -> tuple[Described, ...]:
            found = who_is(source, read)
            return tuple(
                replace(one, descriptions=self._gated(one.descriptions, read).claims) for one in found
            )

        people = self._work.get(("people", inputs_of(read)), made)
        left = set(standing(self._store, [claim for one in people for claim in one.descriptions]))
        told = (replace(one, descriptions=tuple(c for c in one.descriptions if c in left)) for one in people)
        return tuple(one for one in told if one.descriptions)

    def ask_article(self, source: Source, question: str) -> Reply:
        return self._replied(question, [Found(source)])

    def source(self, article_id: int) -> Source:
        """Return an article as it can be cited.  Raises NotFound."""
        found = self._store.sources([article_id])
        if not found:
            self._store.article(article_id)  # says what became of it
            raise NotFound(f"article {article_id}", "There is no such article here.")
        return found[0]

    def earlier(self, article_id: int) -> list[Source]:
        """Return the reports of an article's story that came before it, oldest first."""
        return self._store.sources(self._store.earlier_reports(article_id, limit=EARLIER_SOURCES))

    # ── a story ──────────────────────────────────────────────────────────────────────────────────────────────────────
    def sources_of(self, story: StoryView) -> list[Source]:
        """Return a story's newest reports as they can be cited, oldest first; copies tell nothing of their own."""
        return self._store.sources([card.id for card, _ in story.reports[-STORY_SOURCES:]])

    def brief(self, sources: Sequence[Source], *, length: Literal["short", "brief"] = "brief") -> Answer:
        """Return what the publishers of a story tell together, in about 60 or 120 words."""
        words = BRIEF_WORDS if length == "brief" else WORDS["short"]
        return self._said(f"{length} of a story", sources, lambda: summary(sources, words=words))

    def open_questions(self, sources: Sequence[Source]) -> Answer:
        """Return what the reports of a story say is not known yet."""
        return self._said("questions", sources, lambda: [q.claim for q in open_questions(sources)])

    def timeline(self, sources: Sequence[Source]) -> tuple[Dated, ...]:
        """Return what happened on which day, by the day of the event, in a sentence each."""

        def made() -> tuple[Dated, ...]:
            days = timeline(sources, dates=TIMELINE_DAYS)
            return tuple(replace(day, claims=self._gated(day.claims, sources).claims) for day in days)

        days = self._work.get(("timeline", inputs_of(sources)), made)
        left = set(standing(self._store, [claim for day in days for claim in day.claims]))
        told = (replace(day, claims=tuple(c for c in day.claims if c in left)) for day in days)
        return tuple(day for day in told if day.claims)

    def compare(self, story: StoryView) -> Comparison:
        """Return what each publisher says of the story's claims; copies are read too, and count with what they copy."""
        newest = story.reports[-STORY_SOURCES:]
        return self.comparison(
            self._store.sources([c.id for card, copies in newest for c in (card, *copies)])
        )

    def comparison(self, sources: Sequence[Source]) -> Comparison:
        made = self._meant("compare", (sources,), lambda embedder: compare(sources, meanings=embedder))
        passed = self._gated([row.claim for row in (*made.claims, *made.single)], sources).claims
        left = set(standing(self._store, passed))
        return replace(
            made,
            claims=tuple(row for row in made.claims if row.claim in left),
            single=tuple(row for row in made.single if row.claim in left),
        )

    def new_since(self, before: Sequence[Source], after: Sequence[Source]) -> tuple[NewClaim, ...]:
        """Return what reports tell that the ones before did not, each through the gate, none that was withdrawn."""
        found = self._meant(
            "new", (before, after), lambda embedder: new_since(before, after, meanings=embedder)
        )
        by_id = {source.article_id: source for source in (*before, *after)}
        passed, _ = checked([new.claim for new in found], by_id)
        left = set(standing(self._store, passed))
        return tuple(new for new in found if new.claim in left)

    def split(
        self, story: StoryView, is_known: Callable[[ArticleCard], bool]
    ) -> tuple[list[Source], list[Source]]:
        """Return a story's reports in two: what the reader knows, and the rest; each oldest first."""
        cards = [card for card, _ in story.reports]
        known = [card.id for card in cards if is_known(card)][-STORY_SOURCES:]
        fresh = [card.id for card in cards if not is_known(card)][-STORY_SOURCES:]
        return self._store.sources(known), self._store.sources(fresh)

    # ── the archive ──────────────────────────────────────────────────────────────────────────────────────────────────
    def ask(self, question: str) -> Reply:
        """Return what the archive says to a question, in sentences of the articles that search finds."""
        return self._replied(question, self.found(question))

    def found(self, question: str, *, limit: int = ASKED_ARTICLES) -> list[Found]:
        """Return what search finds for a question, best first, as answer() reads it."""
        hits = self._search(SearchQuery(question), limit).rows
        sources = {source.article_id: source for source in self._store.sources([h.card.id for h in hits])}
        return [Found(sources[h.card.id], h.score, h.card.story_id) for h in hits if h.card.id in sources]

    def _replied(self, question: str, found: Sequence[Found]) -> Reply:
        sources = tuple(one.source for one in found)
        reply = answer(
            question,
            found,
            asked_at=self._clock(),
            meanings=self._embedder.embed,
            english=self._english.embed if self._english else None,
        )
        said = self._standing(self._gated(reply.claims, sources))
        near = self._gated([Claim(cited.words, (cited,)) for cited in reply.nearest], sources)
        nearest = tuple(c for claim in standing(self._store, near.claims) for c in claim.citations)
        return Reply(said, () if said.claims else nearest, sources)

    # ── from claims to an answer ─────────────────────────────────────────────────────────────────────────────────────
    def _said(self, feature: str, sources: Sequence[Source], make: Callable[[], Sequence[Claim]]) -> Answer:
        """Return an answer, made now or kept from before, without the claims that were withdrawn since."""
        if not sources:
            return self._nothing()
        made = self._work.get((feature, inputs_of(sources)), lambda: self._gated(make(), sources))
        return self._standing(made)

    def _nothing(self) -> Answer:
        return Answer((), MADE_BY, self._clock(), ())

    def _meant(
        self, feature: str, read: Sequence[Sequence[Source]], make: Callable[[Embedder | None], T]
    ) -> T:
        """Return work that an embedder helps with; where it cannot answer it is made by words alone, and not kept."""
        try:
            return self._work.get((feature, *map(inputs_of, read)), lambda: make(self._embedder))
        except AIError:
            return make(None)

    def _gated(self, claims: Sequence[Claim], sources: Sequence[Source]) -> Answer:
        by_id = {source.article_id: source for source in sources}
        passed, dropped = checked(claims, by_id)
        return Answer(tuple(passed), MADE_BY, self._clock(), tuple(by_id), dropped)

    def _standing(self, made: Answer) -> Answer:
        return replace(made, claims=standing(self._store, made.claims))


def standing(store: Store, claims: Sequence[Claim]) -> tuple[Claim, ...]:
    """Return the claims that were not withdrawn."""
    gone = store.withdrawn(claims) if claims else frozenset()
    return tuple(claim for place, claim in enumerate(claims) if place not in gone)


def words_of(source: Source) -> float:
    """Return about how many words an article has; two characters count as one where words are not spaced."""
    return sum(length_of(paragraph, source.language) for paragraph in source.paragraphs)


def inputs_of(sources: Iterable[Source]) -> bytes:
    """Return a digest of what an answer is made from: it changes with any text, with facts, with who is in it."""
    digest = hashlib.sha256(MADE_BY.encode())
    for source in sources:
        # Every word and its place: the digest of a text leaves out what is no change of it, and a citation may stand behind that.
        known = (
            source.article_id,
            source.original_id,
            source.voice,
            source.publisher,
            source.at.isoformat(),
            source.language,
            source.headline,
            source.standfirst,
            source.paragraphs,
            source.facts.made_by if source.facts else "",
            tuple((name.key, name.forms) for name in source.names),
        )
        digest.update(repr(known).encode("utf-8", "replace"))
        digest.update(source.text_digest)
    return digest.digest()


class _Remembering:
    """An embedder that knows what the last texts mean: as a story grows, only what is new in it is read."""

    def __init__(self, embedder: Embedder) -> None:
        self.name = embedder.name
        self.dim = embedder.dim
        self._embedder = embedder
        self._lock = threading.Lock()
        self._known: OrderedDict[str, Vector] = OrderedDict()

    def forget(self) -> None:
        with self._lock:
            self._known.clear()

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Return what the embedder does.  Raises AIError."""
        with self._lock:
            known = {text: self._known[text] for text in texts if text in self._known}
        unknown = list(dict.fromkeys(text for text in texts if text not in known))
        if unknown:
            made = dict(zip(unknown, self._embedder.embed(unknown), strict=True))
            known |= made
            with self._lock:
                self._known.update(made)
                while len(self._known) > REMEMBERED:
                    self._known.popitem(last=False)
        return (
            np.stack([known[text] for text in texts]) if texts else np.zeros((0, self.dim), dtype=np.float32)
        )


class _Kept:
    """The last pieces of work by key; one is made once, however many ask for it at the same time."""

    def __init__(self) -> None:
        self._made: OrderedDict[Any, Any] = OrderedDict()
        self._lock = threading.Lock()
        self._making: dict[Any, threading.Lock] = {}
        self._turns = threading.BoundedSemaphore(MADE_AT_ONCE)

    def forget(self) -> None:
        with self._lock:
            self._made.clear()

    def get(self, key: Any, make: Callable[[], T]) -> T:
        with self._lock:
            turn = self._making.setdefault(key, threading.Lock())
        with turn:
            try:
                kept: T | None = self._made.get(key)
                made = self._in_turn(make) if kept is None else kept
            finally:
                with self._lock:
                    self._making.pop(key, None)
            with self._lock:
                self._made[key] = made
                self._made.move_to_end(key)
                while len(self._made) > KEPT:
                    self._made.popitem(last=False)
            return made

    def _in_turn(self, make: Callable[[], T]) -> T:
        """Make something when few others are being made: visitors must not take the machine away from one another."""
        if not self._turns.acquire(timeout=LONGEST_WAIT_S):
            raise StoreBusy("assistant", "Much is being asked here just now. Reload in a few seconds.")
        try:
            return make()
        finally:
            self._turns.release()
