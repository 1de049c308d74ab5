"""What a reader typed: words to look for, "phrases" that must stand there, and -words that must not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tidings.text import search_tokens, search_tokens_with_spans

QUERY_CHARS = 500
MOST_TOKENS = 64
Tokens = tuple[str, ...]

_PARTS = re.compile(
    r"""(?P<minus>(?<!\S)-)? (?: ["“”„«»] (?P<phrase>[^"“”„«»]*) ["“”„«»] | (?P<word>[^\s"“”„«»]+) )""", re.X
)


@dataclass(frozen=True, slots=True)
class Wording:
    """A query taken apart.  A phrase or a word left out is given once for each way the languages here would stem it."""

    plain: str  # what was asked, without the operators: what meaning is taken from
    tokens: Tokens  # of all words and phrases, in every language's stems
    phrases: tuple[tuple[Tokens, ...], ...]
    without: tuple[tuple[Tokens, ...], ...]

    @property
    def is_blank(self) -> bool:
        return not self.tokens


def wording_of(text: str, languages: Sequence[str]) -> Wording:
    """Return a query taken apart; whatever was typed, nothing is an error."""
    said: list[str] = []
    phrases: list[tuple[Tokens, ...]] = []
    without: list[tuple[Tokens, ...]] = []
    for part in _PARTS.finditer(text[:QUERY_CHARS]):
        words = part["phrase"] if part["phrase"] is not None else part["word"]
        variants = _variants(words, languages)
        if not variants:
            continue
        if part["minus"]:
            without.append(variants)
            continue
        said.append(words)
        if part["phrase"] is not None and any(len(tokens) > 1 for tokens in variants):
            phrases.append(variants)
    plain = " ".join(said)
    return Wording(plain, _all_tokens(plain, languages), tuple(phrases), tuple(without))


def _variants(words: str, languages: Sequence[str]) -> tuple[Tokens, ...]:
    """The token sequences that words become, each once: folded only, and stemmed for each language."""
    found = (one_word_each(search_tokens(words, language))[:MOST_TOKENS] for language in (None, *languages))
    return tuple(dict.fromkeys(tokens for tokens in found if tokens))


def _all_tokens(text: str, languages: Sequence[str]) -> Tokens:
    tokens = {
        token: None
        for language in (None, *languages)
        for token, _, _ in search_tokens_with_spans(text, language)[:MOST_TOKENS]
    }
    return one_word_each(list(tokens))


def one_word_each(tokens: Sequence[str]) -> Tokens:
    """Return tokens fit for an index that splits at white space, which compatibility folding can bring into a token."""
    return tuple("".join(token.split()) for token in tokens)
