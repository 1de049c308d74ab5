"""What a reader typed: words to look for, "phrases" that must stand there, and -words that must not."""

from __future__ import annotations

import re
from collections.abc import Sequence
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
    """A query taken apart; what stands in it becomes tokens in each language of the texts that are asked."""

    plain: str  # what was asked, without the operators: what meaning is taken from
    phrases: tuple[str, ...]
    without: tuple[str, ...]

    @property
    def is_blank(self) -> bool:
        return not tokens_of(self.plain, None)


def wording_of(text: str) -> Wording:
    """Return a query taken apart; whatever was typed, nothing is an error."""
    said: list[str] = []
    phrases: list[str] = []
    without: list[str] = []
    for part in _PARTS.finditer(text[:QUERY_CHARS]):
        words = part["phrase"] if part["phrase"] is not None else part["word"]
        tokens = in_order(words, None)
        if not tokens:
            continue
        if part["minus"]:
            without.append(words)
            continue
        said.append(words)
        if part["phrase"] is not None and len(tokens) > 1:
            phrases.append(words)
    return Wording(" ".join(said), tuple(phrases), tuple(without))


def tokens_of(text: str, language: str | None) -> Tokens:
    """Return the tokens of what was asked as texts of a language have them, each once."""
    return tuple(dict.fromkeys(in_order(text, language)))


def in_order(text: str, language: str | None) -> Tokens:
    """Return the tokens of a phrase as texts of a language have them."""
    return one_word_each(search_tokens(text, language))[:MOST_TOKENS]


def one_word_each(tokens: Sequence[str]) -> Tokens:
    """Return tokens fit for an index that splits at white space, which compatibility folding can bring into a token."""
    return tuple("".join(token.split()) for token in tokens)
