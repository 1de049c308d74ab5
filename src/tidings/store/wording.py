"""What a reader typed: words to look for, "phrases" that must stand there, -words that must not, and filters by name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tidings.text import fold, search_tokens

QUERY_CHARS = 500
MOST_TOKENS = 64
SENTENCE_WORDS = 12  # a longer query is told in a sentence
LONGEST_NAME = 5  # words of a name that is looked up
Tokens = tuple[str, ...]

_QUOTES = '"“”„«»'
_PARTS = re.compile(
    rf"""(?P<minus>(?<!\S)-)? (?: [{_QUOTES}] (?P<phrase>[^{_QUOTES}]*) [{_QUOTES}] | (?P<word>[^\s{_QUOTES}]+) )""",
    re.X,
)


@dataclass(frozen=True, slots=True)
class Wording:
    """A query taken apart; what stands in it becomes tokens in each language of the texts that are asked."""

    plain: str  # what was asked, without the operators: what meaning is taken from
    phrases: tuple[str, ...]  # that must stand there
    without: tuple[str, ...]
    liked: tuple[str, ...] = ()  # phrases that are better to have

    @property
    def is_blank(self) -> bool:
        return not tokens_of(self.plain, None)


def wording_of(text: str, *, is_question: bool = False) -> Wording:
    """Return a query taken apart; whatever was typed, nothing is an error.

    A question quotes what somebody said, which an answer need not repeat: its phrases are liked, not asked for.
    """
    said: list[str] = []
    phrases: list[str] = []
    without: list[str] = []
    for part in _PARTS.finditer(text[:QUERY_CHARS]):
        words = part["phrase"] if part["phrase"] is not None else part["word"]
        if not in_order(words, None):
            continue
        if part["minus"]:
            without.append(words)
            continue
        said.append(words)
        if part["phrase"] is not None:
            phrases.append(words)
    plain, found = " ".join(said), tuple(phrases)
    return Wording(plain, () if is_question else found, tuple(without), found if is_question else ())


def tokens_of(text: str, language: str | None) -> Tokens:
    """Return the tokens of what was asked as texts of a language have them, each once."""
    return tuple(dict.fromkeys(in_order(text, language)))


def in_order(text: str, language: str | None) -> Tokens:
    """Return the tokens of a phrase as texts of a language have them."""
    return one_word_each(search_tokens(text, language))[:MOST_TOKENS]


def one_word_each(tokens: Sequence[str]) -> Tokens:
    """Return tokens fit for an index that splits at white space, which compatibility folding can bring into a token."""
    return tuple("".join(token.split()) for token in tokens)


# ── what is more than words ──────────────────────────────────────────────────────────────────────────────────────────

_NAMED = re.compile(
    r"(?<!\S)(?:(?P<name>publisher|site|tag|hashtag|lang|language):|(?P<hash>#)(?=[^\W_]))"
    rf"(?:[{_QUOTES}](?P<quoted>[^{_QUOTES}]*)[{_QUOTES}]|(?P<bare>[^\s{_QUOTES}]+))",
    re.IGNORECASE,
)
_KINDS = {"publisher": "publisher", "site": "publisher", "tag": "hashtag", "hashtag": "hashtag"}
_APOSTROPHES = re.compile("['’ʼ]")
_QUESTION = re.compile(
    r"(?:who|whom|whose|what|which|when|where|why|how|did|does|is|are|was|were|wer|was|welche[rsn]?|wann|wo|warum|wie"
    r"|qui|que|quoi|quand|où|pourquoi|comment|combien|quel(?:le)?s?|quién|qué|cuándo|dónde|cómo|cuánt[oa]s?)\s+\S+\s+\S",
    re.IGNORECASE,
)


class NamedFilter(NamedTuple):
    """A filter that stands in a query: "publisher:Kurier", "tag:harbour", "#harbour", "lang:de"."""

    kind: str  # publisher, hashtag or language
    said: str
    value: str
    rest: str  # the query without it


def filters_in(text: str) -> Iterator[NamedFilter]:
    """Yield the filters that stand in a query outside quotation marks, each with the query as it is without that one."""
    for match in _NAMED.finditer(text[:QUERY_CHARS]):
        if sum(text.count(mark, 0, match.start()) for mark in _QUOTES) % 2:
            continue
        kind = "hashtag" if match["hash"] else _KINDS.get(match["name"].lower(), "language")
        value = (match["quoted"] if match["quoted"] is not None else match["bare"]).strip()
        rest = " ".join(f"{text[: match.start()]} {text[match.end() :]}".split())
        if value:
            yield NamedFilter(kind, match.group(), value, rest)


def without_filter(text: str, said: str) -> str:
    """Return a query without something that it says."""
    before, _, behind = text.partition(said)
    return " ".join(f"{before} {behind}".split())


# As names are written: "Tae-yul" and "O'Brien" are one word.
_NAME_WORD = re.compile(r"(?:[^\W\d_]\.){2,}|[^\W_]+(?:[-'’ʼ.](?=[^\W_])[^\W_]+)*")


def runs_of(text: str) -> set[str]:
    """Return every run of a few words of a query, folded, as names are looked up."""
    said = [fold(word.replace(".", "")) for word in _NAME_WORD.findall(text)[:MOST_TOKENS]]
    return {
        " ".join(said[start : start + n])
        for n in range(1, LONGEST_NAME + 1)
        for start in range(len(said) - n + 1)
    }


def outside_quotes(text: str) -> Iterator[str]:
    """Yield the stretches of a query that no quotation marks enclose, words that must not stand there left out."""
    for part in _PARTS.finditer(text[:QUERY_CHARS]):
        if part["word"] and not part["minus"]:
            yield part["word"]


def replaced(text: str, word: str, other: str) -> str:
    """Return a text with another word in the place of the first one of that spelling."""
    return re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", lambda _: other, text, count=1)


def slug_of(tag: str) -> str:
    """Return a hashtag as it is kept: words in small letters, joined by hyphens."""
    folded = unicodedata.normalize("NFC", tag).casefold()
    return "-".join(re.findall(r"[^\W_]+", _APOSTROPHES.sub("", folded)))


def is_question(text: str) -> bool:
    """Whether a query is told in a sentence, as questions and pasted texts are: what it quotes need not stand in an answer, and
    its dates say when something happened, not when it was printed."""
    is_long = len(text.split()) > SENTENCE_WORDS
    return is_long or text.rstrip().endswith(("?", "？")) or _QUESTION.match(text.lstrip()) is not None
