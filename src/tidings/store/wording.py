"""What a reader typed: words to look for, "phrases" that must stand there, and -words that must not."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tidings.text import search_tokens

QUERY_CHARS = 500
MOST_TOKENS = 64
Tokens = tuple[str, ...]

_PARTS = re.compile(
    r"""(?P<minus>(?<!\S)-)? (?: ["“”„«»] (?P<phrase>[^"“”„«»]*) ["“”„«»] | (?P<word>[^\s"“”„«»]+) )""", re.X
)


@dataclass(frozen=True, slots=True)
class Wording:
    """A query taken apart.

    Every language stems its words its own way, so `tokens` has those of each language that was named, and under None the
    folded words for every other.  A phrase, and a word that must not stand there, has each way to write it once.
    """

    plain: str  # what was asked, without the operators: what meaning is taken from
    tokens: Mapping[str | None, Tokens]
    phrases: tuple[tuple[Tokens, ...], ...]
    without: tuple[tuple[Tokens, ...], ...]

    @property
    def is_blank(self) -> bool:
        return not any(self.tokens.values())


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
    tokens = {language: tokens_of(plain, language) for language in (None, *languages)}
    return Wording(plain, tokens, tuple(phrases), tuple(without))


def tokens_of(text: str, language: str | None) -> Tokens:
    """Return the tokens of what was asked as texts of a language have them, each once."""
    return tuple(dict.fromkeys(one_word_each(search_tokens(text, language))[:MOST_TOKENS]))


def _variants(words: str, languages: Sequence[str]) -> tuple[Tokens, ...]:
    """The token sequences that words become, each once: folded only, and stemmed for each language."""
    found = (one_word_each(search_tokens(words, language))[:MOST_TOKENS] for language in (None, *languages))
    return tuple(dict.fromkeys(tokens for tokens in found if tokens))


def one_word_each(tokens: Sequence[str]) -> Tokens:
    """Return tokens fit for an index that splits at white space, which compatibility folding can bring into a token."""
    return tuple("".join(token.split()) for token in tokens)
