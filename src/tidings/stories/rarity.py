"""How common words are in a language, before any article has been read.

The counts are those of wordfreq (Speer 2022: books, news, subtitles, the web; 42 languages), read through the same cutting,
folding and stemming as articles are, so that a token of an article finds its own.  They stand in for document frequencies
of our own until a window has seen enough articles (see cluster.py), and tell content words from function words.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache

import wordfreq

from tidings.text import fold, search_tokens

UNLISTED_ZIPF = 2.4  # the short lists end at 3.0 (once in a million words)
FUNCTION_WORD_ZIPF = 6.1  # "which" 6.3, "said" 6.0: above are the few words that carry no topic
_WORDS_IN_ARTICLE = 400
_LISTS = {"no": "nb", "nn": "nb", "sr": "sh", "hr": "sh", "bs": "sh", "tl": "fil"}


@lru_cache(maxsize=64)
def _frequencies(language: str) -> Mapping[str, float]:
    """Return the frequency (share of all words) of each word of a language as wordfreq lists it, {} when it has none."""
    code = _LISTS.get(language, language)
    if code not in wordfreq.available_languages("small"):
        return {}
    return wordfreq.get_frequency_dict(code, wordlist="small")


@lru_cache(maxsize=64)
def token_zipfs(language: str) -> Mapping[str, float]:
    """Return the Zipf value (log10 of occurrences in a billion words) of each search token of a language."""
    frequency: dict[str, float] = {}
    for word, share in _frequencies(language).items():
        for token in set(search_tokens(word, language)):
            frequency[token] = frequency.get(token, 0.0) + share
    return {token: math.log10(share) + 9.0 for token, share in frequency.items() if share > 0.0}


@lru_cache(maxsize=64)
def word_zipfs(language: str) -> Mapping[str, float]:
    """Return the Zipf value of each folded word of a language, unstemmed."""
    frequency: dict[str, float] = {}
    for word, share in _frequencies(language).items():
        folded = fold(word)
        frequency[folded] = frequency.get(folded, 0.0) + share
    return {word: math.log10(share) + 9.0 for word, share in frequency.items() if share > 0.0}


def primary(language: str | None) -> str:
    """Return the two-letter code of a language tag, "" for None."""
    return (language or "").lower().partition("-")[0]


def token_zipf(token: str, language: str | None) -> float:
    """Return how common a search token is: 7 "the", 6 "said", 5 "police", 4 "Seoul", under 3 hardly ever seen."""
    return token_zipfs(primary(language)).get(token, UNLISTED_ZIPF)


def word_zipf(word: str, language: str | None) -> float:
    """Return how common a folded, unstemmed word is (see token_zipf)."""
    return word_zipfs(primary(language)).get(word, UNLISTED_ZIPF)


@lru_cache(maxsize=200_000)
def expected_share(token: str, language: str | None) -> float:
    """Return the share of articles, 0 to 1, in which a token is to be expected: from its frequency and 400 words."""
    per_word = 10.0 ** (token_zipf(token, language) - 9.0)
    return -math.expm1(-per_word * _WORDS_IN_ARTICLE)
