"""A sentence as the gate reads it: its words, marks (negation, doubt, speech, cause), numbers and times.

The same reading serves claims and cited words, so that what is compared was cut alike.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import NamedTuple

from tidings.ai.lexicon import Lexicon, MarkKind, lexicon_of
from tidings.model import FigureBound, TimeExpression
from tidings.stories.figures import figures_in
from tidings.stories.lexicon import table_of
from tidings.stories.mentions import grammar_of
from tidings.stories.rarity import primary, token_zipf
from tidings.stories.times import times_in
from tidings.stories.units import currency_of
from tidings.text import fold, search_tokens_with_spans

COMMON = 6.0  # Zipf value above which a word of a language without a list carries nothing


class Word(NamedTuple):
    """A word: `key` is what is compared (a stem, or "#11" for a number), `low` the word folded."""

    key: str
    low: str
    start: int
    end: int
    content: bool
    capital: bool


class Mark(NamedTuple):
    """Words that say how something is meant; `first` and `last` count the sentence's words."""

    kind: MarkKind
    first: int
    last: int
    words: str


class Number(NamedTuple):
    """A number of a sentence, digits or words, with what it counts if that could be read."""

    value: Decimal
    high: Decimal | None
    unit: str
    bound: FigureBound
    words: str
    place: int  # of its first digit or number word


@dataclass(frozen=True)
class Sentence:
    """A sentence that was read."""

    text: str
    language: str | None
    lexicon: Lexicon
    words: tuple[Word, ...]
    marks: tuple[Mark, ...]
    numbers: tuple[Number, ...]
    times: tuple[TimeExpression, ...]

    def of(self, *kinds: MarkKind) -> list[Mark]:
        """Return the marks of these kinds, in order."""
        return [mark for mark in self.marks if mark.kind in kinds]

    def gap(self, i: int) -> str:
        """Return what stands between a word and the one before."""
        return self.text[self.words[i - 1].end if i else 0 : self.words[i].start]


def read(
    text: str, language: str | None, *, today: date, times: Sequence[TimeExpression] | None = None
) -> Sentence:
    """Return a sentence's words, marks, numbers and times; times: those already found in it, as of paragraph 0."""
    lexicon = lexicon_of(language)
    found = tuple(times_in((text,), language, today=today) if times is None else times)
    numbers, keyed, covered = _numbers(text, language, found)
    words = []
    for key, start, end in search_tokens_with_spans(text, language):
        low = fold(text[start:end])
        if start in keyed:
            words.append(Word(f"#{keyed[start].normalize():f}", low, start, end, True, False))
            continue
        negated = low.endswith("n") and text[end : end + 2] in ("'t", "’t")
        content = start not in covered and not negated and not _is_function(low, key, language)
        words.append(Word(key, low, start, end, content, text[start].isupper()))
    return Sentence(
        text, language, lexicon, tuple(words), tuple(_marks(text, words, lexicon)), numbers, found
    )


@lru_cache(maxsize=64)
def _function_words(language: str | None) -> frozenset[str]:
    grammar = grammar_of(language)
    lexicon = lexicon_of(language)
    return (lexicon.function | (grammar.function if grammar else frozenset())) - lexicon.telling


def _is_function(low: str, key: str, language: str | None) -> bool:
    own = lexicon_of(language).function
    return low in _function_words(language) or (not own and token_zipf(key, language) > COMMON)


# ── numbers ──────────────────────────────────────────────────────────────────────────────────────────────────────────

_SHORT_SCALE = re.compile(r"(\d[\d.,]*)\s?(bn|tn|mn|mln|mrd|md)\b", re.IGNORECASE)
_SCALES = {"bn": 10**9, "tn": 10**12, "mn": 10**6, "mln": 10**6, "mrd": 10**9, "md": 10**9}
_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
_MOST_DIGITS = 24


def _numbers(
    text: str, language: str | None, times: Sequence[TimeExpression]
) -> tuple[tuple[Number, ...], dict[int, Decimal], frozenset[int]]:
    """Return the numbers, the value by the place of each number's first word, the places of words that belong to a number."""
    numbers: list[Number] = []
    keyed: dict[int, Decimal] = {}
    covered: set[int] = set()
    taken: list[tuple[int, int]] = [(t.start, t.end) for t in times]
    for start, end in taken:
        covered.update(range(start, end))
    scaled = {m.start(1): m for m in _SHORT_SCALE.finditer(text)}
    parts = _number_words(language)
    for figure in figures_in((text,), language, times=times):
        at = _place_of(text, figure.start, figure.end, parts)
        short = scaled.get(at)
        value, high = figure.value, figure.high
        end = figure.end
        if short and value < 10**6:
            value, end = value * _SCALES[short[2].lower()], max(end, short.end())
        unit = figure.unit
        if short and not unit and (after := _WORDS.match(text, end + 1)):
            unit = currency_of(after.group().lower()) or ""  # "5.3bn crowns"
            end = after.end() if unit else end
        numbers.append(Number(value, high, unit, figure.bound, figure.words, at))
        keyed[at] = value
        if figure.counted and figure.counted in text[at:end]:
            end = text.index(figure.counted, at)
        taken.append((figure.start, end))
        covered.update(range(figure.start, end))
        digits = _DIGITS.match(text, at)
        if digits and figure.high is None:  # "30 of 61 seats" is 30: what it is a part of is a number too
            for match in _DIGITS.finditer(text, min(digits.end(), end), figure.end):
                more = _decimal(match.group(), language)
                if more is not None:
                    numbers.append(Number(more, None, "", "exact", match.group(), match.start()))
                    keyed[match.start()] = more
    for match in _DIGITS.finditer(text):
        if not any(start < match.end() and match.start() < end for start, end in taken):
            plain = _decimal(match.group(), language)
            if plain is not None:
                numbers.append(Number(plain, None, "", "exact", match.group(), match.start()))
                keyed[match.start()] = plain
    for match in _WORDS.finditer(text):
        low = match.group().lower()
        if parts.get(low, 0) > 1 and not any(s < match.end() and match.start() < e for s, e in taken):
            value = Decimal(parts[low])
            numbers.append(Number(value, None, "", "exact", match.group(), match.start()))
            keyed[match.start()] = value
    return tuple(numbers), keyed, frozenset(covered)


_WORDS = re.compile(r"[^\W\d_]+")


def _place_of(text: str, start: int, end: int, parts: dict[str, int]) -> int:
    """Return where the first digit or number word of a figure stands."""
    for match in re.finditer(r"\d|[^\W\d_]+", text[start:end]):
        if match.group().isdigit() or match.group().lower() in parts:
            return start + match.start()
    return start


@lru_cache(maxsize=32)
def _number_words(language: str | None) -> dict[str, int]:
    table = table_of(language, "figures") or {}
    return {word: int(n) for word, n in table.get("numbers", {}).items() if word.isalpha()}


def _decimal(digits: str, language: str | None) -> Decimal | None:
    """Return a number in digits: "1,900", "2.5"; the last mark before other than three digits parts the decimals."""
    if len(digits) > _MOST_DIGITS or not digits.isascii():
        return None
    head, mark, tail = digits.rpartition("," if "," in digits and "." not in digits else ".")
    if mark and (len(tail) != 3 or (primary(language) == "en" and mark == ".")):
        digits = head.replace(",", "").replace(".", "") + "." + tail
    else:
        digits = digits.replace(",", "").replace(".", "")
    try:
        return Decimal(digits).normalize() if digits.count(".") < 2 else None
    except InvalidOperation:
        return None


# ── marks ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _marks(text: str, words: Sequence[Word], lexicon: Lexicon) -> list[Mark]:
    if lexicon.inside:
        return _marks_inside(text, words, lexicon)
    found: list[Mark] = []
    inside = 0  # up to which word a longer phrase reaches: the "due to" of "is due to start"
    for i, word in enumerate(words):
        if word.low.endswith("n") and text[word.end : word.end + 2] in ("'t", "’t"):
            found.append(Mark("negation", i, i, word.low))
        seen = set()
        for phrase, kind in lexicon.phrases.get(word.low, ()):
            if kind in seen or i + len(phrase) <= inside:
                continue
            if tuple(w.low for w in words[i : i + len(phrase)]) != phrase:
                continue
            if (
                i
                and word.capital
                and kind in _VERBS
                and not _OPENS & set(text[words[i - 1].end : word.start])
            ):
                continue  # the United States, 3 May
            seen.add(kind)
            inside = max(inside, i + len(phrase))
            found.append(Mark(kind, i, i + len(phrase) - 1, " ".join(phrase)))
    return found


_OPENS = frozenset(':.!?"“„‘«')
_VERBS = frozenset(("hedge", "planned", "future", "says", "cause_before"))


def _marks_inside(text: str, words: Sequence[Word], lexicon: Lexicon) -> list[Mark]:
    starts = [word.start for word in words]
    found = []
    for kind, stems in lexicon.stems.items():
        for part in stems:
            at = text.find(part)
            while at >= 0 and words:
                i = max(0, bisect_left(starts, at + 1) - 1)
                found.append(Mark(kind, i, i, part))
                at = text.find(part, at + len(part))
    return sorted(found, key=lambda mark: mark.first)
