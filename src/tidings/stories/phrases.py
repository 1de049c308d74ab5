"""Key phrases of one text, ranked without other texts.

A candidate is a run of up to three words that no punctuation parts, that neither begins nor ends with a function word or a
number.  A logistic score of nine features ranks them: how often it stands there, how long it is, and what stands beside it.
None of them needs to know the language: a word between two function words, or before a full stop, is what a sentence is
about in any of them, and how common its neighbours are is known for 42 (rarity.py).

The weights stand in phrases.json, fitted by `python -m evals.train_keyphrases` on a crowd's choices; docs/design/tags.md
says what was tried and how it was measured.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from stopwordsiso import has_lang, stopwords

from tidings.model import Phrase
from tidings.stories.korean import noun_of
from tidings.stories.rarity import FUNCTION_WORD_ZIPF, primary, word_zipf, word_zipfs
from tidings.text import fold, is_cjk, stem, words_with_spans

LONGEST = 3
MOST_PHRASES = 20
LEAST_LONG = 8  # of them are runs of several words, if there are so many: the crowd prefers lone words, hashtags do not
READ_TOKENS = 500  # news says early what it is about; more costs time and moves no ranking
_STOP_ZIPF = 4.5  # the lists also hold "information" and "homepage": a stop word is listed and common
_NO_NEIGHBOUR = 1.5  # the rarity that stands for the edge of a clause: between function words and others
_APOSTROPHES = ("'", "’")
WEIGHTS_FILE = Path(__file__).with_name("phrases.json")


class Features(NamedTuple):
    """What the score of a candidate is made of; the last six are averages over its occurrences."""

    log_count: float
    two: float  # words: 1.0 or 0.0
    three: float
    log_length: float  # of the first occurrence, in characters
    alone: float  # share that has function words, punctuation or nothing on both sides
    rarity_before: float  # of the word before: 7 minus its Zipf value, the rarest 4.6
    rarity_after: float
    owning: float  # share before an apostrophe: who has something is less the topic than what is had
    opening: float  # share that opens a paragraph


@dataclass(slots=True)
class _Candidate:
    size: int
    words: str
    count: int = 0
    measured: int = 0  # after a number
    alone: int = 0
    before: float = 0.0
    after: float = 0.0
    owning: int = 0
    opening: int = 0

    def score(self, bias: float, weights: Features) -> float:
        """Return the weighted sum of the features; written out, because it is asked three hundred times an article."""
        n = self.count
        shares = (
            weights.alone * self.alone
            + weights.rarity_before * self.before
            + weights.rarity_after * self.after
            + weights.owning * self.owning
            + weights.opening * self.opening
        )
        size = (0.0, weights.two, weights.three)[self.size - 1]
        return (
            bias
            + size
            + shares / n
            + weights.log_count * math.log(n)
            + weights.log_length * math.log(len(self.words))
        )

    def features(self) -> Features:
        n = self.count
        return Features(
            log_count=math.log(n),
            two=float(self.size == 2),
            three=float(self.size == 3),
            log_length=math.log(len(self.words)),
            alone=self.alone / n,
            rarity_before=self.before / n,
            rarity_after=self.after / n,
            owning=self.owning / n,
            opening=self.opening / n,
        )


@cache
def _weights() -> tuple[float, Features]:
    """Return the bias and the weights as kept in the file."""
    kept = json.loads(WEIGHTS_FILE.read_text("utf-8"))
    return float(kept["bias"]), Features(**kept["weights"])


def key_phrases(
    texts: Sequence[str], language: str | None, *, limit: int = MOST_PHRASES
) -> tuple[Phrase, ...]:
    """Return the most telling phrases of a text, best first, weights 1 to 0; each verbatim in one of the texts.

    texts are the headline, the standfirst and the paragraphs in reading order.  Among `limit` phrases, LEAST_LONG have
    several words where there are so many.
    """
    candidates = _candidates(texts, primary(language))
    bias, weights = _weights()
    scored = sorted(
        ((c.score(bias, weights), key) for key, c in candidates.items()), key=lambda s: (-s[0], s[1])
    )
    chosen = scored[:limit]
    long = [one for one in scored[limit:] if candidates[one[1]].size > 1]
    long.sort(key=lambda one: -candidates[one[1]].count)  # of runs of words, those that recur mean something
    missing = min(LEAST_LONG, limit // 2) - sum(candidates[key].size > 1 for _, key in chosen)
    if missing > 0 and long:
        chosen = [*chosen[: limit - len(long[:missing])], *long[:missing]]
    return tuple(
        Phrase(
            key=key,
            words=candidates[key].words,
            weight=round(1.0 / (1.0 + math.exp(-score)), 4),
            count=candidates[key].count - candidates[key].measured,
        )
        for score, key in chosen
    )


def phrase_features(texts: Sequence[str], language: str | None) -> list[tuple[str, Features]]:
    """Return every candidate of a text as it is written first, with its features, for training."""
    return [(c.words, c.features()) for c in _candidates(texts, primary(language)).values()]


def _candidates(texts: Sequence[str], code: str) -> dict[str, _Candidate]:
    candidates: dict[str, _Candidate] = {}
    read = 0
    for text in texts:
        tokens = _tokens(text, code)
        _collect(candidates, text, tokens)
        read += len(tokens)
        if read >= READ_TOKENS:
            break
    return candidates


def phrase_key(words: str, language: str | None) -> str:
    """Return what inflections of a phrase have in common: its folded stems."""
    return " ".join(stem(word, language) for word, _, _ in words_with_spans(words))


def word_key(words: str, language: str | None) -> str:
    """Return what the singular and the plural of a phrase have in common, and no other words do.

    Stems go too far where words are shown: they make one of "nation" and "nationalism", of "report" and "reportedly".
    """
    if primary(language) not in ("en", ""):
        return phrase_key(words, language)
    return _singular(fold(words))


def _singular(words: str) -> str:
    if len(words) > 4 and words.endswith("ies"):
        return words[:-3] + "y"
    if len(words) > 4 and words.endswith(("sses", "shes", "ches", "xes", "zzes")):
        return words[:-2]
    if len(words) > 3 and words.endswith("s") and not words.endswith(("ss", "us", "is", "ics")):
        return words[:-1]
    return words


LONE_WORD_ZIPF = 4.4  # "glacier" 3.6, "flood" 4.3; above are "votes", "agencies", "customers"
LONE_HEADLINE_WORD_ZIPF = 5.0  # "lake" 4.8; above are "announced", "letter"
_VERBAL = ("ed", "ly")
_CLIPPED = frozenset(
    ("didn", "doesn", "isn", "wasn", "couldn", "wouldn", "shouldn", "hasn", "haven", "hadn", "aren", "weren")
)


def is_topic(words: str, language: str | None, *, headline: str = "") -> bool:
    """Whether a phrase names a topic by itself: several words, or one that is rare enough, the rarer when it is not in the
    headline, and no English past tense or adverb."""
    folded = fold(words)
    code = primary(language)
    parts = folded.split()
    stops = stop_words(code)
    if not parts or any(part in stops or any(c.isdigit() for c in part) for part in parts):
        return False
    if len(parts) > 1:
        return True
    if len(folded) <= (1 if is_cjk(folded) else 3) or (
        code == "en" and (folded.endswith(_VERBAL) or folded in _CLIPPED)
    ):
        return False
    most = LONE_HEADLINE_WORD_ZIPF if stands_in(headline, folded) else LONE_WORD_ZIPF
    return word_zipf(folded, code) < most


def stands_in(headline: str, word: str) -> bool:
    """Whether a lone word is one of a headline's, however it is written there."""
    folded = fold(word)
    return folded in fold(headline) if is_cjk(folded) else folded in _folded_words(headline)


@lru_cache(maxsize=256)
def _folded_words(text: str) -> frozenset[str]:
    return frozenset(fold(word) for word, _, _ in words_with_spans(text))


class _Token(NamedTuple):
    start: int
    end: int
    word: _WordFacts
    joined: bool  # nothing but a blank or a hyphen before it


def _tokens(text: str, code: str) -> list[_Token]:
    if code in ("zh", "ja"):
        spans = list(_dense_words(text, code))
    elif code == "ko":
        spans = [(noun_of(word), start, start + len(noun_of(word))) for word, start, _ in _runs(text)]
    else:
        spans = words_with_spans(text)
    tokens: list[_Token] = []
    end = 0
    dense = code in ("zh", "ja")
    for word, start, stop in spans:
        gap = text[end:start]
        joined = bool(tokens) and (gap == " " or gap == "-" or (dense and not gap))
        tokens.append(_Token(start, stop, _word_facts(word, code), joined))
        end = stop
    return tokens


class _WordFacts(NamedTuple):
    """What a word is wherever it stands; `stops`: it may not begin or end a phrase; `rarity` 0 to 4.6."""

    stem: str
    stops: bool
    rarity: float
    is_number: bool


@lru_cache(maxsize=100_000)
def _word_facts(word: str, code: str) -> _WordFacts:
    folded = fold(word)
    zipf = word_zipf(folded, code)
    stops = (
        folded in stop_words(code)
        or len(folded) < 2
        or not any(c.isalpha() for c in folded)
        or zipf >= FUNCTION_WORD_ZIPF
    )
    return _WordFacts(stem(word, code), stops, 7.0 - zipf, folded[:1].isdigit())


def _runs(text: str) -> Iterable[tuple[str, int, int]]:
    """Yield Korean words whole, digits and Latin with the Hangul that follows: "2만5000장", "K2전차"."""
    found: list[tuple[str, int, int]] = []
    for word, start, end in words_with_spans(text):
        if found and found[-1][2] == start:
            found[-1] = (text[found[-1][1] : end], found[-1][1], end)
        else:
            found.append((word, start, end))
    return found


def _collect(candidates: dict[str, _Candidate], text: str, tokens: Sequence[_Token]) -> None:
    most = len(tokens)
    for i, first in enumerate(tokens):
        if first.word.stops:
            continue
        before = tokens[i - 1].word if i and first.joined else None
        key = ""
        for n in range(1, LONGEST + 1):
            if i + n > most:
                break
            last = tokens[i + n - 1]
            if n > 1 and (not last.joined or last.word.stops):
                break
            key = f"{key} {last.word.stem}" if key else last.word.stem
            candidate = candidates.get(key)
            if candidate is None:
                candidate = candidates[key] = _Candidate(n, text[first.start : last.end])
            after = tokens[i + n].word if i + n < most and tokens[i + n].joined else None
            candidate.count += 1
            candidate.measured += before is not None and before.is_number
            candidate.alone += (before is None or before.stops) and (after is None or after.stops)
            candidate.before += before.rarity if before else _NO_NEIGHBOUR
            candidate.after += after.rarity if after else _NO_NEIGHBOUR
            candidate.owning += text.startswith(_APOSTROPHES, last.end)
            candidate.opening += i == 0


@lru_cache(maxsize=64)
def stop_words(code: str) -> frozenset[str]:
    """Return the folded function words of a language: listed as such and common (stopwords-iso, wordfreq)."""
    if not code or not has_lang(code):
        return frozenset()
    listed = {fold(word) for word in stopwords(code)}
    if not word_zipfs(code):
        return frozenset(listed)
    return frozenset(word for word in listed if word_zipf(word, code) >= _STOP_ZIPF)


def _dense_words(text: str, code: str) -> Iterable[tuple[str, int, int]]:
    """Yield the words of Chinese and Japanese text: the longest that is listed, at each place; Latin words as they are.

    In Japanese a run of Han or of katakana that no hiragana parts is one word, as compounds are written.
    """
    start = 0
    listed = word_zipfs(code)
    while start < len(text):
        char = text[start]
        if not is_cjk(char):
            end = start + 1
            while end < len(text) and text[end].isalnum() and not is_cjk(text[end]):
                end += 1
            if char.isalnum():
                yield text[start:end], start, end
            start = end
            continue
        if code == "ja":
            end = start + 1
            while end < len(text) and _script(text[end]) == _script(char) and end - start < 10:
                end += 1
        else:
            end = next(
                (
                    start + n
                    for n in range(min(6, len(text) - start), 1, -1)
                    if fold(text[start : start + n]) in listed
                ),
                start + 1,
            )
        yield text[start:end], start, end
        start = end


def _script(char: str) -> str:
    if "\u3041" <= char <= "\u309f":
        return "hiragana"
    if "\u30a0" <= char <= "\u30ff":
        return "katakana"
    return "han" if is_cjk(char) else "other"
