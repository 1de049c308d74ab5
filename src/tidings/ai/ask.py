"""Ask the archive, or one article: an answer in the publishers' own sentences, or a plain "that is not said here".

Search finds articles; here their likeliest sentences are compared with the question (shortlist.py, fitting.py), and the best
become the answer where it can be trusted.  Nothing is phrased: every claim is a sentence as it stands, cited.  The passages of
a refusal are the same sentences, shown as what comes nearest and not as an answer (docs/design/ask.md).

Cost, of twelve articles of 950 words: 35 ms of one core to choose eight sentences, and the embedder's time for them, alone and
between their neighbours: 250 ms of one core with MiniLM, which computes on two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from tidings.ai.fitting import (
    FIT_FACTS,
    LEAST_SCORE,
    Facts,
    Reading,
    facts_of,
    fit,
    learned_weights,
    trust,
)
from tidings.ai.question import Question, read_question
from tidings.ai.shortlist import Found, Passage, passages_of
from tidings.errors import AIError
from tidings.model import Citation, Claim
from tidings.stories.rarity import primary
from tidings.text import search_tokens

if TYPE_CHECKING:
    from tidings.ai.fitting import Meanings

SENTENCES_READ = 8
# Confidence from which the best sentences are called an answer: of the archive, and of the one article that is asked, whose
# reader asks what may well be there (docs/design/ask.md has the curves).
SAYS, SAYS_ALONE = 0.45, 0.4
BEHIND = 3.0  # log-odds by which a further sentence of an answer may be behind the best
SURELY = 0.5  # that a sentence holds the number sought, of 1 (seeking.py)
LED = 8  # articles that the first one is compared with (docs/design/ask.md)
SAME = 0.8  # share of the words of the shorter of two sentences from which they say one thing


@dataclass(frozen=True, slots=True)
class Reply:
    """What the sources say to a question.

    says: whether they answer it.  claims: the answer, best first; none where they do not.  nearest: where they do not, the
    passages that come nearest, best first.  confidence: the probability, 0 to 1, that the sentences shown answer.
    """

    says: bool
    confidence: float
    claims: tuple[Claim, ...]
    nearest: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Ranked:
    """A sentence as it was compared with the question."""

    passage: Passage
    reading: Reading
    facts: Facts
    fit: float


def answer(
    question: str,
    sources: Sequence[Found],
    *,
    asked_at: datetime,
    meanings: Meanings | None = None,
    english: Meanings | None = None,
    most: int = 3,
) -> Reply:
    """Return the sentences that answer a question, at most so many, or that the sources do not say.

    sources: what search found, best first; the one article that is asked, without a score.  meanings: vectors of texts (n × dim,
    unit length) in any language, english: of English ones, read instead where question and text are English; where one
    cannot answer, words alone decide.
    """
    asked = read_question(question)
    if not asked.tokens():
        return Reply(False, 0.0, ())
    ranked = compared(asked, sources, asked_at=asked_at, meanings=meanings, english=english)
    if not ranked:
        return Reply(False, 0.0, ())
    confidence = trusted(ranked, sources)
    shown = [one.passage for one in shown_of(ranked, most=most)]
    is_alone = ranked[0].passage.found.score is None
    if confidence < (SAYS_ALONE if is_alone else SAYS):
        return Reply(False, confidence, (), tuple(passage.citation() for passage in shown))
    claims = tuple(
        Claim(passage.words, (passage.citation(),), passage.found.source.language) for passage in shown
    )
    return Reply(True, confidence, claims)


def compared(
    question: Question,
    sources: Sequence[Found],
    *,
    asked_at: datetime,
    meanings: Meanings | None,
    english: Meanings | None,
) -> list[Ranked]:
    """Return the likeliest sentences with what speaks for each, best first."""
    passages = passages_of(question, sources, most=SENTENCES_READ)
    ranked: list[Ranked] = []
    is_english = english is not None and primary(question.language) == "en"
    for is_read_as_english in (True, False):
        group = [p for p in passages if (is_english and _is_english(p)) is is_read_as_english]
        reader = english if is_read_as_english else meanings
        if group:
            ranked += _read(question, group, asked_at, reader, "english" if is_read_as_english else "other")
    return sorted(
        ranked, key=lambda one: (-one.fit, one.passage.place, one.passage.paragraph, one.passage.start)
    )


def _is_english(passage: Passage) -> bool:
    return primary(passage.found.source.language) == "en"


def _read(
    question: Question,
    passages: Sequence[Passage],
    asked_at: datetime,
    reader: Meanings | None,
    reading: Reading,
) -> list[Ranked]:
    try:
        facts = facts_of(question, passages, today=asked_at.date(), meanings=reader)
    except AIError:
        reader, facts = None, facts_of(question, passages, today=asked_at.date(), meanings=None)
    reading = "words" if reader is None else reading
    weights = learned_weights()[reading]
    return [
        Ranked(passage, reading, these, fit(these, weights))
        for passage, these in zip(passages, facts, strict=True)
    ]


def trusted(ranked: Sequence[Ranked], sources: Sequence[Found]) -> float:
    """Return the probability, 0 to 1, that the best of the sentences, and those close behind, answer."""
    best = ranked[0]
    return trust(best.facts, lead(sources), learned_weights()[best.reading])


def lead(sources: Sequence[Found]) -> float | None:
    """Return the log-odds that search gives its first article above the mean of the next eight on other events.

    None where nothing was searched.  Where an answer is, one event stands out; where none is, many are equally near.  Where search
    found fewer than nine articles, the missing ones count as the least likely.
    """
    searched = [(one.score, one.event) for one in sources if one.score is not None]
    if not searched:
        return None
    first, event = searched[0]
    others = [max(-LEAST_SCORE, score) for score, other in searched[1:] if other != event][:LED]
    behind = others + [-LEAST_SCORE] * max(0, 1 + LED - len(searched))
    return max(0.0, min(LEAST_SCORE, first - (sum(behind) / len(behind) if behind else -LEAST_SCORE)))


def shown_of(ranked: Sequence[Ranked], *, most: int = 3) -> list[Ranked]:
    """Return the sentences that are shown: the best and those close behind, none that says what a better one says.

    Of the numbers that the reports of one story give, the newest comes first.
    """
    close = [one for one in ranked if one.fit >= ranked[0].fit - BEHIND]
    if ranked and _gives_number(ranked[0]):
        event = ranked[0].passage.found.event
        given = [one for one in close if _gives_number(one) and one.passage.found.event == event]
        given.sort(key=lambda one: one.passage.found.source.at, reverse=True)
        close = given + [one for one in close if one not in given]
    kept: list[Ranked] = []
    for one in close:
        if len(kept) < most and not any(_is_same(one.passage, other.passage) for other in kept):
            kept.append(one)
    return kept


def _gives_number(one: Ranked) -> bool:
    """Whether a sentence surely holds the number that is sought."""
    return one.facts[FIT_FACTS.index("figure")] > SURELY


def _is_same(a: Passage, b: Passage) -> bool:
    tokens_a = set(search_tokens(a.words, a.found.source.language))
    tokens_b = set(search_tokens(b.words, b.found.source.language))
    fewer = min(len(tokens_a), len(tokens_b))
    return fewer > 0 and len(tokens_a & tokens_b) >= SAME * fewer
