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
HOLDS_NUMBER = 0.5  # "figure" (fitting.py) from which a sentence surely holds the number that is sought
# What a newer number may lack of the best one's share of the question, and of its fit.
NEARLY, BEHIND_COUNT = 0.1, 1.0
LED = 8  # articles on other events that the first one is compared with (docs/design/ask.md)
SAME = 0.8  # share of the words of the shorter of two sentences from which they say one thing
_FIGURE, _WORDS = FIT_FACTS.index("figure"), FIT_FACTS.index("words")


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
    found fewer than nine articles, the missing ones count as the least likely; where it found one story only, and more than could
    be read, its rivals are as near as the last of it.
    """
    searched = [(max(-LEAST_SCORE, one.score), one.event) for one in sources if one.score is not None]
    if not searched:
        return None
    first, event = searched[0]
    others = [score for score, other in searched[1:] if other != event][:LED]
    missing = max(0, 1 + LED - len(searched)) / LED
    rivals = sum(others) / len(others) if others else -LEAST_SCORE if missing else searched[-1][0]
    return max(0.0, min(LEAST_SCORE, first - rivals * (1 - missing) + LEAST_SCORE * missing))


def shown_of(ranked: Sequence[Ranked], *, most: int = 3) -> list[Ranked]:
    """Return the sentences that are shown: the best and those close behind, none that says what a better one says.

    Where the best one gives the number sought, others of its story that give one in as many of the question's words, and fit nearly as
    well, stand beside it, the newest first.
    """
    kept: list[Ranked] = []
    for one in ranked:
        is_close = one.fit >= ranked[0].fit - BEHIND
        if is_close and not any(_is_same(one.passage, other.passage) for other in kept):
            kept.append(one)

    def newest_count_first(one: Ranked) -> tuple[bool, float]:
        counts = _counts_the_same(one, ranked[0])
        return not counts, -one.passage.found.source.at.timestamp() if counts else 0.0

    return sorted(kept, key=newest_count_first)[:most]


def _counts_the_same(one: Ranked, best: Ranked) -> bool:
    """Whether both give the number sought of one event, as far as the question's words tell."""
    return (
        min(one.facts[_FIGURE], best.facts[_FIGURE]) > HOLDS_NUMBER
        and one.passage.found.event == best.passage.found.event
        and one.facts[_WORDS] >= best.facts[_WORDS] - NEARLY
        and one.fit >= best.fit - BEHIND_COUNT
    )


def _is_same(a: Passage, b: Passage) -> bool:
    """Whether the shorter sentence stands nearly whole in the longer; never where each has a number of its own."""
    tokens_a = set(search_tokens(a.words, a.found.source.language))
    tokens_b = set(search_tokens(b.words, b.found.source.language))
    if any(map(str.isdecimal, tokens_a - tokens_b)) and any(map(str.isdecimal, tokens_b - tokens_a)):
        return False
    fewer = min(len(tokens_a), len(tokens_b))
    return fewer > 0 and len(tokens_a & tokens_b) >= SAME * fewer
