"""Which sentences of the articles that search found are worth reading for a question: chosen by their words, in a few milliseconds.

Cutting twenty articles into sentences takes ten times as long as looking for a question's words in them, and an embedder a
thousand times; so paragraphs are told by their words first, only the likely ones are cut, and only the likely sentences
of those are read for their meaning.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tidings.ai.evidence import cite
from tidings.ai.question import Question
from tidings.model import HEADLINE, STANDFIRST, Citation, Source
from tidings.text import is_cjk, search_matches, search_tokens, sentence_spans

MOST_SOURCES = 20
MOST_PARAGRAPHS = 80  # of an article; what is asked for stands in its first thousands of words
PARAGRAPH_CHARACTERS = 4_000
PARAGRAPHS_READ = 3  # of one of many articles, those with most of the question
SENTENCES_KEPT = 4  # of one of many articles
TURN = 3  # places in the search that an article's next sentence is behind its best
HOLDS_OFFICE = 12.0  # as much as a rare word: "Who is the governor?" beside the name of one
LONGEST = 90  # words: a longer "sentence" is a table or a list, which nobody reads as an answer


@dataclass(frozen=True, slots=True)
class Found:
    """An article that search found; `score` are its log-odds of answering, None where nothing was searched."""

    source: Source
    score: float | None = None
    story_id: int | None = None

    @property
    def event(self) -> tuple[bool, int]:
        """What it tells of: reports of one story tell of one event."""
        return (True, self.story_id) if self.story_id is not None else (False, self.source.article_id)


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence that may answer, where it stands, and what surrounds it.

    place: that of its article in the search.  has: the question's tokens in it; around: those in its paragraph, the one before
    and the headline.  before, after: the sentences beside it in the paragraph.
    """

    found: Found
    place: int
    paragraph: int
    start: int
    end: int
    words: str
    has: frozenset[str]
    around: frozenset[str]
    before: str = ""
    after: str = ""

    def in_context(self) -> str:
        """Return the sentence between its neighbours."""
        return " ".join(filter(None, (self.before, self.words, self.after)))

    def citation(self) -> Citation:
        return cite(self.found.source, self.paragraph, self.start, self.end)


def passages_of(question: Question, found: Sequence[Found], *, most: int) -> list[Passage]:
    """Return the sentences that are likeliest by their words, in order of search and text; at most so many.

    Every article keeps its best sentence while there is room.  An article in another language than the question shares names
    and numbers with it at most; what opens it is read then.
    """
    ranked: list[tuple[int, int, Passage]] = []
    found = found[:MOST_SOURCES]
    each = most // max(1, len(found))
    for place, one in enumerate(found):
        weights = question.weights(one.source.language)
        holders = _holders(question, one.source)
        candidates = _sentences(one, place, weights, holders, paragraphs=max(PARAGRAPHS_READ, each))
        candidates.sort(key=lambda passage: -_worth(passage, weights, holders))
        for turn, passage in enumerate(candidates[: max(SENTENCES_KEPT, each)]):
            ranked.append((TURN * turn + place, place, passage))
    ranked.sort(key=lambda one: one[:2])
    return [passage for _, _, passage in ranked[:most]]


def _worth(passage: Passage, weights: Mapping[str, float], holders: re.Pattern[str] | None) -> float:
    worth = sum(weights[token] for token in passage.has) + 0.5 * sum(
        weights[token] for token in passage.around
    )
    return worth + (HOLDS_OFFICE if holders and holders.search(passage.words) else 0.0)


def _holders(question: Question, source: Source) -> re.Pattern[str] | None:
    """Return what finds the names of those who hold an office that the question asks the holder of; None for nobody."""
    if question.sought != "person":
        return None
    asked = question.tokens()
    forms = [
        form
        for name in source.names
        if any(set(search_tokens(role, source.language)) & asked for role in name.roles)
        for form in (name.label, *name.forms)
        if not set(search_tokens(form, source.language)) & asked
    ]
    # Whole words, but where particles cling to names or nothing parts words.
    either = "|".join(
        re.escape(form) if is_cjk(form) else rf"\b{re.escape(form)}\b" for form in forms if form.strip()
    )
    return re.compile(either) if either else None


def _sentences(
    found: Found,
    place: int,
    weights: Mapping[str, float],
    holders: re.Pattern[str] | None,
    *,
    paragraphs: int,
) -> list[Passage]:
    source = found.source
    tokens = frozenset(weights)
    numbers = [n for n in (STANDFIRST, *range(len(source.paragraphs[:MOST_PARAGRAPHS]))) if source.text(n)]
    texts = [source.text(n)[:PARAGRAPH_CHARACTERS] for n in numbers]
    if not numbers:
        numbers, texts = [HEADLINE], [source.headline[:PARAGRAPH_CHARACTERS]]
    headline = _having(source.headline, tokens, source.language)
    has = [_having(text, tokens, source.language) for text in texts]
    shares = [
        sum(weights[token] for token in these) + (HOLDS_OFFICE if holders and holders.search(text) else 0.0)
        for text, these in zip(texts, has, strict=True)
    ]
    likely = sorted(range(len(texts)), key=lambda n: (-shares[n], n))[:paragraphs]
    passages: list[Passage] = []
    for n in sorted(likely):
        around = headline | has[n] | (has[n - 1] if n else frozenset())
        spans = sentence_spans(texts[n], source.language)
        said = [texts[n][start:end] for start, end in spans]
        for i, (start, end) in enumerate(spans):
            if len(said[i].split()) > LONGEST:
                continue
            passages.append(
                Passage(
                    found=found,
                    place=place,
                    paragraph=numbers[n],
                    start=start,
                    end=end,
                    words=said[i],
                    has=_having(said[i], tokens, source.language),
                    around=around,
                    before=said[i - 1] if i else "",
                    after=said[i + 1] if i + 1 < len(said) else "",
                )
            )
    return passages


def _having(text: str, tokens: frozenset[str], language: str | None) -> frozenset[str]:
    return frozenset(token for token, _, _ in search_matches(text, tokens, language)) if text else frozenset()
