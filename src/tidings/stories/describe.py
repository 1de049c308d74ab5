"""What stories/ needs of each article: vectors, words, names, phrases, sketch, credited agency."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidings.model import Article, Description
from tidings.stories.agencies import AGENCIES, agency_named, credited_agency
from tidings.stories.desks import stated_desk
from tidings.stories.names import names_in
from tidings.stories.phrases import key_phrases
from tidings.stories.rarity import primary
from tidings.stories.sketches import sketch_of
from tidings.text import cut_paragraphs, language_of, search_tokens

if TYPE_CHECKING:
    from tidings.model import Vector
    from tidings.ports import Embedder

MADE_BY = "describe/3"
READ_PARAGRAPHS = 200  # a live page of a thousand paragraphs tells no more than its first two hundred
READ_CHARACTERS = 20_000
MOST_WORDS = 600  # distinct words kept of one article, the most frequent ones


def describe(
    articles: Sequence[Article], embedder: Embedder, english: Embedder | None = None
) -> list[Description]:
    """Return one description an article, in their order; all texts are embedded in one call an embedder.

    english: the embedder of English texts, None where there is none; texts of other languages never reach it.
    Cost: 9 ms of one core for an article of 850 words, 12 ms for its embedding, 35 ms for the English one.  Raises
    AIError when an embedder cannot answer; odd text raises nothing.
    """
    readings = [_reading_of(article) for article in articles]
    vectors = embedder.embed([r.title_text for r in readings] + [r.body_text for r in readings])
    in_english = [i for i, reading in enumerate(readings) if primary(reading.language) == "en"]
    english_vectors: dict[int, Vector] = {}
    if english is not None and in_english:
        made = english.embed([readings[i].body_text or readings[i].title_text for i in in_english])
        english_vectors = dict(zip(in_english, made, strict=True))
    return [
        _described(
            article,
            reading,
            headline_vector=vectors[i],
            body_vector=vectors[len(articles) + i],
            english_vector=english_vectors.get(i),
            model=embedder.name,
            english_model=english.name if english is not None and i in english_vectors else None,
        )
        for i, (article, reading) in enumerate(zip(articles, readings, strict=True))
    ]


@dataclass(frozen=True, slots=True)
class _Reading:
    """What of an article is read."""

    headline: str
    standfirst: str
    body: tuple[str, ...]
    language: str | None

    @property
    def title_text(self) -> str:
        """What the headline vector reads: headline and standfirst, for want of both the first 25 words."""
        return self._title or " ".join(" ".join(self.body[:2]).split()[:25])

    @property
    def body_text(self) -> str:
        """Headline and text as the body vector reads them; "" when there is no text beyond the headline."""
        opening = [f"{self._title}."] if self._title else []
        return " ".join([*opening, *self.body]) if self.body else ""

    @property
    def _title(self) -> str:
        if self.headline and self.standfirst:
            return f"{self.headline}. {self.standfirst}"
        return self.headline or self.standfirst


def _reading_of(article: Article) -> _Reading:
    extract = article.extract
    body = cut_paragraphs(extract.paragraphs, most=READ_PARAGRAPHS, characters=READ_CHARACTERS)
    headline, standfirst = extract.headline[:1000], (extract.standfirst or "")[:2000]
    language = extract.language or language_of(" ".join([headline, standfirst, *body[:5]]))[0]
    return _Reading(headline, standfirst, body, language)


def _described(
    article: Article,
    reading: _Reading,
    *,
    headline_vector: Vector,
    body_vector: Vector,
    english_vector: Vector | None,
    model: str,
    english_model: str | None,
) -> Description:
    headline, standfirst, body, language = (
        reading.headline,
        reading.standfirst,
        reading.body,
        reading.language,
    )
    extract = article.extract
    body_tokens = [token for paragraph in body for token in search_tokens(paragraph, language)]
    headline_words = Counter(search_tokens(headline, language))
    words = headline_words + Counter(search_tokens(standfirst, language)) + Counter(body_tokens)
    texts = [headline, *([standfirst] if standfirst else []), *body]
    agency = credited_agency(extract.paragraphs, byline=extract.byline, dateline=extract.dateline)
    names = names_in(headline, texts[1:], language, dateline=extract.dateline)
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
        english_vector=english_vector,
        words=dict(words.most_common(MOST_WORDS)),
        headline_words=dict(headline_words),
        names=names,
        phrases=key_phrases(texts, language),
        sketch=sketch_of(body_tokens, by_agency=agency_named(article.publisher.name) is not None),
        word_count=len(body_tokens),
        agency=agency,
        model=model,
        english_model=english_model,
        made_by=MADE_BY,
        desk=stated_desk(extract.section, article.url),
    )
