"""Key phrases of one text, ranked without training on it and without other texts.

A candidate is a run of up to four words that no punctuation parts, that neither begins nor ends with a function word or a
number.  A logistic score of few features (how often, how early, how rare in the language, how long, capitals) ranks
them; its weights were fitted on half of keyphrases/500n and measured on the other (evals/keyphrases prints the figure).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from stopwordsiso import has_lang, stopwords

from tidings.model import Phrase
from tidings.stories.korean import noun_of
from tidings.stories.rarity import FUNCTION_WORD_ZIPF, primary, word_zipf, word_zipfs
from tidings.text import fold, is_cjk, stem, words_with_spans

LONGEST = 4
MOST_PHRASES = 20
READ_TOKENS = 700  # news says early what it is about; more costs time and moves no ranking
_STOP_ZIPF = 4.5  # the lists also hold "information" and "homepage": a stop word is listed and common

# Fitted on 216 texts, halves in turn (see module docstring).
_WEIGHTS: Mapping[str, float] = {
    "log_count": 0.90,
    "earliness": 0.17,
    "two": -1.10,
    "three": -2.00,
    "four": -2.40,
    "capitals": -0.60,
    "capitals_long": 1.00,
    "rarity": 0.55,
    "rarity_squared": -0.13,
}


@dataclass(slots=True)
class _Candidate:
    size: int
    first: int
    rarity: float
    words: str
    count: int = 0
    capitals: int = 0
    at: list[int] = field(default_factory=list)


def key_phrases(
    texts: Sequence[str], language: str | None, *, limit: int = MOST_PHRASES
) -> tuple[Phrase, ...]:
    """Return the most telling phrases of a text, best first, weights 1 to 0; each verbatim in one of the texts.

    texts are the headline, the standfirst and the paragraphs in reading order.
    """
    code = primary(language)
    candidates: dict[str, _Candidate] = {}
    read = 0
    for text in texts:
        tokens = _tokens(text, code)
        _collect(candidates, text, tokens, code, offset=read)
        read += len(tokens)
        if read >= READ_TOKENS:
            break
    scored = sorted(((_score(c), key) for key, c in candidates.items()), key=lambda s: (-s[0], s[1]))[:limit]
    if not scored:
        return ()
    return tuple(
        Phrase(key=key, words=candidates[key].words, weight=round(1.0 / (1.0 + math.exp(-score)), 4))
        for score, key in scored
    )


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
    capital: bool
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
        tokens.append(_Token(start, stop, _word_facts(word, code), word[0].isupper(), joined))
        end = stop
    return tokens


class _WordFacts(NamedTuple):
    """What a word is wherever it stands; `stops`: it may not begin or end a phrase; `rarity` 0 to 4.6."""

    stem: str
    stops: bool
    rarity: float


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
    return _WordFacts(stem(word, code), stops, 7.0 - zipf)


def _runs(text: str) -> Iterable[tuple[str, int, int]]:
    """Yield Korean words whole, digits and Latin with the Hangul that follows: "2만5000장", "K2전차"."""
    found: list[tuple[str, int, int]] = []
    for word, start, end in words_with_spans(text):
        if found and found[-1][2] == start:
            found[-1] = (text[found[-1][1] : end], found[-1][1], end)
        else:
            found.append((word, start, end))
    return found


def _collect(
    candidates: dict[str, _Candidate], text: str, tokens: Sequence[_Token], code: str, *, offset: int
) -> None:
    for i, first in enumerate(tokens):
        if first.word.stops:
            continue
        rarity_sum = 0.0
        for n in range(1, LONGEST + 1):
            if i + n > len(tokens):
                break
            last = tokens[i + n - 1]
            if n > 1 and (not last.joined or last.word.stops):
                break
            rarity_sum += last.word.rarity
            key = " ".join([token.word.stem for token in tokens[i : i + n]])
            candidate = candidates.get(key)
            if candidate is None:
                words = text[first.start : last.end]
                candidate = candidates[key] = _Candidate(n, offset + i, rarity_sum / n, words)
            candidate.count += 1
            candidate.capitals += all(token.capital for token in tokens[i : i + n])


def _score(candidate: _Candidate) -> float:
    capitals = candidate.capitals / candidate.count
    weight = _WEIGHTS
    score = (
        weight["log_count"] * math.log(candidate.count)
        - weight["earliness"] * math.log(1 + candidate.first)
        + weight["capitals"] * capitals
        + weight["rarity"] * candidate.rarity
        + weight["rarity_squared"] * candidate.rarity**2
    )
    if candidate.size > 1:
        score += weight[("two", "three", "four")[candidate.size - 2]] + weight["capitals_long"] * capitals
    return score


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
