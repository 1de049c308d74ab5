"""Timelines: what happened on which day, each day in the publishers' own sentences.

A day is that of the event: the one the sentence itself names, else the one that its article's opening tells.  The day of printing
is none.  Only where it is asked to, for articles whose dates are all there is, does it take the opening of an article that names no
day at all for news of the day of printing or of the one before, whichever is told by more.  Days are ranked by who tells them
(independent reports, above all those that still name a day later on); a day's sentences are those that together hold the most
of what its reports share.
"""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import Literal

from tidings.ai.sentences import Sentence, claim_of, is_quotation, sentences_of, showable
from tidings.ai.summarise import Part, choose, in_one_language, voice_of
from tidings.model import Claim, Grain, Source, TimeExpression
from tidings.stories.rarity import FUNCTION_WORD_ZIPF, token_zipf

DAY_FACTS = ("bias", "mentions", "naming", "later", "opening", "eve")
READ_CHARACTERS = 75_000  # of all sources together
LEAST_READ = 2_500  # of each
OPENING = 5  # sentences that tell an article's news
LATER = timedelta(days=2)  # a report that names a day so long after it says that the day mattered
LEAST_CHANCE = 0.5  # of belonging on a timeline, where no number of dates is asked for
MOST_DATES = 30  # then


@dataclass(frozen=True, slots=True)
class Dated:
    """What happened on a day, as sentences that cite themselves; `grain` is "day": vaguer times are not told."""

    day: date
    grain: Grain
    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class _Told:
    """A sentence with the day it tells of, and how that is known.

    "named": the sentence names it; "news": it stands in the opening of an article whose news is of that day; "eve": in that of one which
    names no day and was printed on the next.
    """

    sentence: Sentence
    day: date
    how: Literal["named", "news", "eve"]


def timeline(
    sources: Sequence[Source],
    *,
    dates: int | None = None,
    sentences: int = 1,
    window: tuple[date, date] | None = None,
    weights: Sequence[float] | None = None,
    by_printing: bool = False,
) -> tuple[Dated, ...]:
    """Return the days on which something happened, oldest first, at most so many sentences each.

    dates: how many days, those most told of; None: those that are likely to matter, at most MOST_DATES.  window: the first and
    the last day that count.  weights: of DAY_FACTS, the kept ones by default.  by_printing: whether the day of printing may stand
    for one that an opening does not name.  A day none of whose sentences may be shown is left out, and the next takes its place.
    A claim stands under one day only.  Cost: 300 ms for 30 articles of 600 words.
    """
    sources = originals_of(sources)
    told = _told(sources, window, by_printing)
    ranked = _ranked(_day_facts(told, sources), learned_day_weights() if weights is None else weights)
    common = _shares([one.sentence for ones in told.values() for one in ones])
    most = MOST_DATES if dates is None else dates
    chosen: list[Dated] = []
    shown: set[tuple[str, ...]] = set()
    for day, chance in ranked:
        if len(chosen) == most or (dates is None and chosen and chance < LEAST_CHANCE):
            break
        picked = _sentences_of_day([one.sentence for one in told[day]], sentences, common, shown)
        if picked:
            shown.update(s.tokens for s in picked)
            chosen.append(Dated(day, "day", tuple(map(claim_of, picked))))
    return tuple(sorted(chosen, key=lambda one: one.day))


def timeline_facts(
    sources: Sequence[Source], *, window: tuple[date, date] | None = None
) -> dict[date, tuple[float, ...]]:
    """Return what is known of each day that these articles tell of, in the order of DAY_FACTS."""
    sources = originals_of(sources)
    return _day_facts(_told(sources, window, by_printing=True), sources)


def originals_of(sources: Sequence[Source]) -> list[Source]:
    """Return one source of each text that was copied, the original where it is among them, all in one language."""
    one_of: dict[int, Source] = {}
    for source in sorted(sources, key=lambda s: s.original_id is not None):
        one_of.setdefault(source.original_id or source.article_id, source)
    return in_one_language(list(one_of.values()))


# ── days ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _told(
    sources: Sequence[Source], window: tuple[date, date] | None, by_printing: bool
) -> dict[date, list[_Told]]:
    """Return the sentences that tell of each day."""
    characters = max(LEAST_READ, READ_CHARACTERS // max(1, len(sources)))
    by_day: dict[date, list[_Told]] = defaultdict(list)
    for source in sources:
        for one in _dated_sentences(source, characters, by_printing):
            if window is None or window[0] <= one.day <= window[1]:
                by_day[one.day].append(one)
    return by_day


def _dated_sentences(source: Source, characters: int, by_printing: bool) -> list[_Told]:
    days: dict[int, list[TimeExpression]] = defaultdict(list)
    for time in source.facts.times if source.facts else ():
        if _is_day(time):
            days[time.paragraph].append(time)
    event = source.facts.event if source.facts else None
    printed = source.at.date()
    told = []
    for sentence in sentences_of(source, characters=characters):
        named = [t for t in days[sentence.paragraph] if sentence.start <= t.start < sentence.end]
        happened = [t for t in named if not t.is_printing] or named
        if happened:
            told.append(_Told(sentence, happened[0].first, "named"))
        elif sentence.place < OPENING and (by_printing or (event and event.grain == "day")):
            news = event.first if event and event.grain == "day" else printed
            told.append(_Told(sentence, news, "news"))
            if by_printing and news == printed > date.min:
                told.append(_Told(sentence, printed - timedelta(days=1), "eve"))
    return told


def _day_facts(
    told: Mapping[date, Sequence[_Told]], sources: Sequence[Source]
) -> dict[date, tuple[float, ...]]:
    """Return what is known of each day, in the order of DAY_FACTS, each from 0 to 1 against the day that has most of it.

    How often a day is named is counted over the whole texts, not only over what is read of them.
    """
    times = [(source, t) for source in sources if source.facts for t in source.facts.times if _is_day(t)]
    mentions = Counter(t.first for _, t in times)
    naming: dict[date, set[str]] = defaultdict(set)
    later: dict[date, set[str]] = defaultdict(set)
    for source, t in times:
        naming[t.first].add(voice_of(source))
        if source.at.date() - t.first >= LATER:
            later[t.first].add(voice_of(source))
    counted = {}
    for day, ones in told.items():
        opening = {
            voice_of(one.sentence.source) for one in ones if one.how != "eve" and one.sentence.place < OPENING
        }
        eve = {voice_of(one.sentence.source) for one in ones if one.how == "eve"}
        counts = (mentions[day], len(naming[day]), len(later[day]), len(opening), len(eve))
        counted[day] = tuple(map(math.log1p, counts))
    tops = [max(column) or 1.0 for column in zip(*counted.values(), strict=True)]
    return {day: (1.0, *(x / top for x, top in zip(its, tops, strict=True))) for day, its in counted.items()}


def _is_day(time: TimeExpression) -> bool:
    return time.grain == "day" and time.first == time.last


def _ranked(facts: Mapping[date, Sequence[float]], weights: Sequence[float]) -> list[tuple[date, float]]:
    chances = {
        day: 1.0 / (1.0 + math.exp(-sum(w * x for w, x in zip(weights, its, strict=True))))
        for day, its in facts.items()
    }
    return sorted(chances.items(), key=lambda one: (-one[1], one[0]))


@lru_cache(maxsize=1)
def learned_day_weights() -> tuple[float, ...]:
    """Return the weights of DAY_FACTS that are kept (evals.train_timelines makes them)."""
    kept = json.loads((files("tidings.ai") / "timeline.json").read_text("utf-8"))["days"]
    return tuple(float(kept[fact]) for fact in DAY_FACTS)


# ── the sentences of a day ───────────────────────────────────────────────────────────────────────────────────────────


def _sentences_of_day(
    told: Sequence[Sentence], most: int, common: Mapping[Part, float], shown: AbstractSet[tuple[str, ...]]
) -> list[Sentence]:
    """Return the sentences that hold the most of what the reports of a day share with each other and with all of them.

    What somebody said is shown only of a day of which nothing else is told.
    """
    shares = _shares(told)
    worths = {
        part: share + common[part]
        for part, share in shares.items()
        if _is_telling(part[0], told[0].source.language)
    }
    by_source: dict[int, list[Sentence]] = defaultdict(list)
    for sentence in told:
        by_source[sentence.source.article_id].append(sentence)
    fit = [s for text in by_source.values() for s in showable(text) if not s.leans and s.tokens not in shown]
    happened = [s for s in fit if not is_quotation(s)]
    chosen = choose(happened or fit, worths, words=math.inf, most=most)
    return sorted(chosen, key=lambda s: (s.source.at, s.source.article_id, s.place))


def _shares(sentences: Sequence[Sentence]) -> dict[Part, float]:
    """Return the share of the independent reports that hold each token, 0 to 1."""
    held: dict[str, set[str]] = defaultdict(set)
    for sentence in sentences:
        held[voice_of(sentence.source)].update(sentence.tokens)
    counts = Counter(token for tokens in held.values() for token in tokens)
    return {(token,): count / len(held) for token, count in counts.items()}


@lru_cache(maxsize=100_000)
def _is_telling(token: str, language: str | None) -> bool:
    return token_zipf(token, language) < FUNCTION_WORD_ZIPF
