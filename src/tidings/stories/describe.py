"""What stories/ needs of each article: vectors, words, names, phrases, sketch, credited agency."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tidings.model import Article, Description
from tidings.stories.agencies import AGENCIES, agency_named, credited_agency
from tidings.stories.names import names_in
from tidings.stories.phrases import key_phrases
from tidings.stories.sketches import sketch_of
from tidings.text import language_of, search_tokens

if TYPE_CHECKING:
    from tidings.ports import Embedder

MADE_BY = "describe/2"
READ_PARAGRAPHS = 200  # a live page of a thousand paragraphs tells no more than its first two hundred
READ_CHARACTERS = 20_000
MOST_WORDS = 600  # distinct words kept of one article, the most frequent ones


def describe(articles: Sequence[Article], embedder: Embedder) -> list[Description]:
    """Return one description an article, in their order; all texts are embedded in one call.

    Cost: 9 ms of one core for an article of 850 words, and 12 ms for its embedding.  Raises AIError when the
    embedder cannot answer; odd text raises nothing.
    """
    readings = [_reading(article) for article in articles]
    vectors = embedder.embed(
        [_title_text(headline, standfirst, body) for headline, standfirst, body in readings]
        + [_body_text(headline, standfirst, body) for headline, standfirst, body in readings]
    )
    return [
        _described(article, reading, vectors[i], vectors[len(articles) + i], embedder.name)
        for i, (article, reading) in enumerate(zip(articles, readings, strict=True))
    ]


_Reading = tuple[str, str, tuple[str, ...]]  # headline, standfirst, paragraphs that are read


def _reading(article: Article) -> _Reading:
    extract = article.extract
    body: list[str] = []
    left = READ_CHARACTERS
    for paragraph in extract.paragraphs[:READ_PARAGRAPHS]:
        body.append(paragraph[:left])
        left -= len(paragraph)
        if left <= 0:
            break
    return extract.headline[:1000], (extract.standfirst or "")[:2000], tuple(body)


def _title_text(headline: str, standfirst: str, body: Sequence[str]) -> str:
    """Return what the headline vector reads: headline and standfirst, for want of both the first 25 words."""
    title = f"{headline}. {standfirst}" if headline and standfirst else headline or standfirst
    return title or " ".join(" ".join(body[:2]).split()[:25])


def _body_text(headline: str, standfirst: str, body: Sequence[str]) -> str:
    """Return headline and text as the body vector reads them; "" when there is no text beyond the headline."""
    opening = [f"{_title_text(headline, standfirst, ())}."] if headline or standfirst else []
    return " ".join([*opening, *body]) if body else ""


def _described(
    article: Article,
    reading: _Reading,
    headline_vector: np.ndarray[tuple[int], np.dtype[np.float32]],
    body_vector: np.ndarray[tuple[int], np.dtype[np.float32]],
    model: str,
) -> Description:
    headline, standfirst, body = reading
    extract = article.extract
    language = extract.language or language_of(" ".join([headline, standfirst, *body[:5]]))[0]
    body_tokens = [token for paragraph in body for token in search_tokens(paragraph, language)]
    headline_words = Counter(search_tokens(headline, language))
    words = headline_words + Counter(search_tokens(standfirst, language)) + Counter(body_tokens)
    texts = [headline, *([standfirst] if standfirst else []), *body]
    agency = credited_agency(extract.paragraphs, byline=extract.byline, dateline=extract.dateline)
    names = names_in(headline, texts[1:], language)
    if agency:  # its credit names who sent the text, not what it is about
        names = tuple(name for name in names if name.label not in AGENCIES[agency])
    return Description(
        article_id=article.id,
        publisher_id=article.publisher.id,
        language=language,
        at=article.at,
        dated=extract.published_at is not None,
        headline=headline,
        headline_vector=headline_vector,
        body_vector=body_vector,
        words=dict(words.most_common(MOST_WORDS)),
        headline_words=dict(headline_words),
        names=names,
        phrases=key_phrases(texts, language),
        sketch=sketch_of(body_tokens, by_agency=agency_named(article.publisher.name) is not None),
        word_count=len(body_tokens),
        agency=agency,
        model=model,
        made_by=MADE_BY,
    )
