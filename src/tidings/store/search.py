"""ports.Search: words and meaning together.

Words are found by the word index (BM25 over passages), meaning by the vectors in the database, of every embedder there is;
what either finds is then compared in full and ranked by fusing.py.  Each looks at a few hundred articles: a list longer
than that is no answer any more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tidings.errors import AIError
from tidings.model import ArticleCard, Period, SearchAnswer, SearchHit, SearchQuery, SearchText, Understood
from tidings.ports import Embedder, Store
from tidings.store.asking import Asked, read
from tidings.store.fusing import Likeness, ranked
from tidings.store.highlights import fragments_of, spans_in
from tidings.store.values import key_parts, page_key
from tidings.store.word_index import Meant, OtherNames, WordIndex
from tidings.store.wording import outside_quotes, replaced, runs_of
from tidings.text import fold, words_with_spans

if TYPE_CHECKING:
    from tidings.ports import Vector

# Articles looked at for their words, and for their meaning by each embedder: with more the first ten stay the same on all
# but one of 1,802 questions.
WORDED = 150
NEAREST = 60
SEARCH_THREADS = 4
SLIPS_READ = 4_000  # characters of a text in which a word is looked up as it is written
# What an article of another time loses, in log-odds, against one of the time that a question names: enough to come after its
# like, too little to hide the only answer.
OTHER_TIME = 2.0


class HybridSearch:
    """Search over everything a store holds; `folder` is where the word index is kept.

    english: the embedder of English texts, where there is one.  other_names: what else the things are called that a text
    names.
    """

    def __init__(
        self,
        store: Store,
        embedder: Embedder,
        english: Embedder | None = None,
        *,
        folder: Path,
        clock: Callable[[], datetime],
        other_names: Callable[[str], Sequence[OtherNames]] = lambda text: (),
    ) -> None:
        self._store = store
        self._embedder = embedder
        self._english = english
        self._clock = clock
        self._other_names = other_names
        self._embedders = [one for one in (embedder, english) if one is not None]
        self._words = WordIndex(folder)
        self._threads = ThreadPoolExecutor(SEARCH_THREADS, thread_name_prefix="search")

    def refresh(self, *, limit: int | None = None) -> int:
        """Take in what changed since the last call, at most about `limit` articles; returns how many.

        Returns 0 while another process takes it in.  About 250 articles of 800 words a second.
        """
        return self._words.refresh(self._store, limit=limit)

    def search(self, query: SearchQuery, *, after: str | None = None, limit: int = 20) -> SearchAnswer:
        """Articles by words and meaning, best first, and how the query was understood.

        A query without words lists what its filters let pass, newest first.  A date in it that leaves no article with its words
        is left out.
        """
        asked = read(query, now=self._clock(), publishers=self._store.publishers)
        if asked.wording.is_blank:
            return self._filtered(asked, after=after, limit=limit)
        asked = self._mended(asked)
        scores, places = self._found(asked)
        if asked.timeless is not None and not places:
            timeless = asked.of_all_times()
            of_all_times = self._found(timeless)
            if of_all_times[1]:
                asked, (scores, places) = timeless, of_all_times
        key = key_parts(after, float, int)
        if key:
            scores = [one for one in scores if (-one[0], one[1]) > (-key[0], key[1])]
        shown = scores[:limit]
        next_key = page_key(*shown[-1]) if len(scores) > limit else None
        return SearchAnswer(self._hits(shown, asked, places), next_key, asked.understood)

    def likeness(self, query: SearchQuery) -> Mapping[int, Likeness]:
        """How each article that a query finds fits it, by article id: what the ranking is made from."""
        return self._compared(read(query, now=self._clock(), publishers=self._store.publishers))[0]

    def _found(self, asked: Asked) -> tuple[list[tuple[float, int]], Mapping[int, tuple[int, ...]]]:
        """(score, article id), best first, and the best places of those that have the words."""
        likeness, places = self._compared(asked)
        return self._wished(ranked(likeness), asked.wish), places

    def _compared(self, asked: Asked) -> tuple[dict[int, Likeness], Mapping[int, tuple[int, ...]]]:
        """How each article that words or meaning find fits, and the best places of those that have the words.

        Words are looked for while the embedders read, each in a thread of its own.
        """
        text = asked.wording.plain
        meant = [
            self._threads.submit(self._near, embedder, text, asked.query) for embedder in self._embedders
        ]
        others = [*self._other_names(text), *self._known_as(text)]
        found = self._words.find(asked.wording, asked.query, others)[:WORDED]
        vectors = {
            name: (vector, near)
            for name, vector, near in (one.result() for one in meant)
            if vector is not None
        }
        near = self._allowed(
            asked, {i for _, near in vectors.values() for i in near} - {one.article_id for one in found}
        )
        candidates = [*(one.article_id for one in found), *sorted(near)]
        compared = [
            (
                name,
                known,
                self._threads.submit(self._compare, name, vector, [i for i in candidates if i not in known]),
            )
            for name, (vector, known) in vectors.items()
        ]
        similarity = {name: {**known, **rest.result()} for name, known, rest in compared}
        meaning = similarity.get(self._embedder.name, {})
        in_english = similarity.get(self._english.name, {}) if self._english else {}
        by_words = {one.article_id: one for one in found}
        return {
            article_id: Likeness(
                words=one.share if one else 0.0,
                meaning=meaning.get(article_id),
                english=in_english.get(article_id),
                has_all=one is not None and one.has_all,
                in_a_row=one is not None and one.in_a_row,
            )
            for article_id in candidates
            for one in [by_words.get(article_id)]
        }, {one.article_id: one.places for one in found}

    def _known_as(self, text: str) -> list[OtherNames]:
        """What else those are called whom a query names, as articles taught it."""
        return list(self._store.names_like(sorted(runs_of(text))).items())

    def _near(
        self, embedder: Embedder, text: str, query: SearchQuery
    ) -> tuple[str, Vector | None, Mapping[int, float]]:
        """What a query means to an embedder, and what is near in it; None and nothing when it cannot answer."""
        try:
            vector = embedder.embed([text])[0]
        except AIError:
            return embedder.name, None, {}
        if not vector.any():
            return embedder.name, None, {}
        near = self._store.nearest(vector, model=embedder.name, query=query, limit=NEAREST)
        return embedder.name, vector, dict(near)

    def _compare(self, model: str, vector: Vector, article_ids: Sequence[int]) -> Mapping[int, float]:
        return self._store.similarities(article_ids, vector, model=model) if article_ids else {}

    def _allowed(self, asked: Asked, near: set[int]) -> set[int]:
        """What is near in meaning, without what the words forbid."""
        near = near - self._words.having(asked.wording.without)
        for phrase in asked.wording.phrases:
            near &= self._words.having([phrase])
        return near

    def _wished(self, scores: list[tuple[float, int]], wish: Period | None) -> list[tuple[float, int]]:
        """The scores with those of another time than is wished made a little less."""
        if wish is None or not scores:
            return scores
        at = {card.id: card.at for card in self._store.cards([article_id for _, article_id in scores])}
        weighed = [
            (
                score if article_id in at and _is_in(at[article_id], wish) else round(score - OTHER_TIME, 9),
                article_id,
            )
            for score, article_id in scores
        ]
        return sorted(weighed, key=lambda one: (-one[0], one[1]))

    def _mended(self, asked: Asked) -> Asked:
        """The query with the words that no text has as they were probably meant; those in quotation marks stay."""
        text = asked.query.text
        slips = self._words.meant(" ".join(outside_quotes(text)))
        understood = list(asked.understood)
        for slip in slips:
            meant = self._as_written(slip)
            text = replaced(text, slip.said, meant)
            instead = replaced(asked.typed, slip.said, f'"{slip.said}"')
            understood.append(Understood("slip", slip.said, meant, instead))
        return asked.reworded(text, tuple(understood)) if slips else asked

    def _as_written(self, slip: Meant) -> str:
        """The word that was meant, as the text writes it that has it."""
        for text in self._store.search_texts([slip.article_id]):
            for part in (text.headline, text.standfirst or "", *text.paragraphs):
                for word, _, _ in words_with_spans(part[:SLIPS_READ]):
                    if fold(word) == slip.meant:
                        return word
        return slip.meant

    def _hits(
        self, scores: Sequence[tuple[float, int]], asked: Asked, places: Mapping[int, tuple[int, ...]]
    ) -> tuple[SearchHit, ...]:
        ids = [article_id for _, article_id in scores]
        cards = {card.id: card for card in self._store.cards(ids)}
        texts = {text.article_id: text for text in self._store.search_texts(ids)}
        tokens = {
            language: frozenset(self._words.telling(asked.wording.plain, language))
            for language in {text.language for text in texts.values()}
        }
        return tuple(
            _hit(
                cards[article_id],
                score,
                texts[article_id],
                tokens[texts[article_id].language],
                places.get(article_id, ()),
            )
            for score, article_id in scores
            if article_id in cards and article_id in texts
        )

    def _filtered(self, asked: Asked, *, after: str | None, limit: int) -> SearchAnswer:
        listed = self._store.listed(asked.query, after=after, limit=limit)
        hits = tuple(
            SearchHit(card, 0.0, (), ((card.lead, ()),) if card.lead else ()) for card in listed.rows
        )
        return SearchAnswer(hits, listed.next_key, asked.understood)


def _hit(
    card: ArticleCard, score: float, text: SearchText, tokens: frozenset[str], places: Sequence[int]
) -> SearchHit:
    body = (text.standfirst or "", *text.paragraphs)
    return SearchHit(
        card=card,
        score=score,
        headline_spans=spans_in(card.headline, tokens, text.language),
        fragments=fragments_of(body, places, tokens, text.language),
    )


def _is_in(at: datetime, period: Period) -> bool:
    return (period.since is None or at >= period.since) and (period.until is None or at < period.until)
