"""ports.Search: words and meaning together.

Words are found by the word index (BM25 over passages), meaning by the vectors in the database; their scores are brought to
one scale and added.  Both look at a few hundred articles: a list longer than that is no answer any more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from tidings.errors import AIError
from tidings.model import ArticleCard, Listed, SearchHit, SearchQuery, SearchText
from tidings.ports import Embedder, Store
from tidings.store.highlights import fragments_of, spans_in
from tidings.store.values import key_parts, page_key
from tidings.store.word_index import WordIndex
from tidings.store.wording import Wording, wording_of

NEAREST = 100  # articles looked at for their meaning
# Measured on 400 of evals.questions with the 12,000 articles (MRR@10, November 2026): words alone .465, meaning alone .454;
# together .501 to .517 for weights of .60 to .75 and floors of 0 to .3.
MEANING_FLOOR = 0.15  # cosine similarity below which meaning says nothing
MEANING_WEIGHT = 0.65  # against words
LEAST_SCORE = 0.1  # of 1: an article that shares one common word, or is of the same field only, is no answer


class HybridSearch:
    """Search over everything a store holds; `folder` is where the word index is kept."""

    def __init__(self, store: Store, embedder: Embedder, *, folder: Path) -> None:
        self._store = store
        self._embedder = embedder
        self._words = WordIndex(folder)

    def refresh(self, *, limit: int | None = None) -> int:
        """Take in what changed since the last call, at most about `limit` articles; returns how many.

        Returns 0 while another process takes it in.  About 400 articles of 800 words a second.
        """
        return self._words.refresh(self._store, limit=limit)

    def search(self, query: SearchQuery, *, after: str | None = None, limit: int = 20) -> Listed[SearchHit]:
        """Articles by words and meaning, best first.  A query without words lists what its filters let pass, newest first."""
        wording = wording_of(query.text)
        if wording.is_blank:
            return self._filtered(query, after=after, limit=limit)
        found = self._words.find(wording, query)
        ranked = fuse([(one.article_id, one.score) for one in found], self._near(wording, query))
        key = key_parts(after, float, int)
        if key:
            ranked = [
                (score, article_id)
                for score, article_id in ranked
                if (-score, article_id) > (-key[0], key[1])
            ]
        shown = ranked[:limit]
        next_key = page_key(*shown[-1]) if len(ranked) > limit else None
        places = {one.article_id: one.places for one in found}
        return Listed(self._hits(shown, wording, places), next_key)

    def _near(self, wording: Wording, query: SearchQuery) -> list[tuple[int, float]]:
        """What is near in meaning, without what the words forbid; nothing when the embedder cannot answer."""
        try:
            vector = self._embedder.embed([wording.plain])[0]
        except AIError:
            return []
        if not vector.any():
            return []
        near = self._store.nearest(vector, model=self._embedder.name, query=query, limit=NEAREST)
        if wording.without:
            unwanted = self._words.having(wording.without)
            near = [found for found in near if found[0] not in unwanted]
        for phrase in wording.phrases:
            having = self._words.having([phrase])
            near = [found for found in near if found[0] in having]
        return near

    def _hits(
        self, ranked: Sequence[tuple[float, int]], wording: Wording, places: Mapping[int, tuple[int, ...]]
    ) -> tuple[SearchHit, ...]:
        ids = [article_id for _, article_id in ranked]
        cards = {card.id: card for card in self._store.cards(ids)}
        texts = {text.article_id: text for text in self._store.search_texts(ids)}
        tokens = {
            language: frozenset(self._words.telling(wording.plain, language))
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
            for score, article_id in ranked
            if article_id in cards and article_id in texts
        )

    def _filtered(self, query: SearchQuery, *, after: str | None, limit: int) -> Listed[SearchHit]:
        listed = self._store.listed(query, after=after, limit=limit)
        hits = tuple(
            SearchHit(card, 0.0, (), ((card.lead, ()),) if card.lead else ()) for card in listed.rows
        )
        return Listed(hits, listed.next_key)


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


def fuse(words: Sequence[tuple[int, float]], meaning: Sequence[tuple[int, float]]) -> list[tuple[float, int]]:
    """Return (score, article id), best first, of both lists; a score is 0 to 1.

    A word score counts as a share of the best one, a similarity as how far it lies between MEANING_FLOOR and 1; they are
    added with weights.
    """
    best = max((score for _, score in words), default=0.0)
    scores: dict[int, float] = {}
    if best > 0:
        for article_id, score in words:
            scores[article_id] = (1 - MEANING_WEIGHT) * score / best
    for article_id, similarity in meaning:
        if similarity > MEANING_FLOOR:
            nearness = (similarity - MEANING_FLOOR) / (1 - MEANING_FLOOR)
            scores[article_id] = scores.get(article_id, 0.0) + MEANING_WEIGHT * nearness
    ranked = [(round(score, 9), article_id) for article_id, score in scores.items() if score >= LEAST_SCORE]
    return sorted(ranked, key=lambda one: (-one[0], one[1]))
