"""What a found article is shown by: passages of its own text, verbatim, and where in them the words stand that were asked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from tidings.text import search_tokens_with_spans, sentence_spans

Span = tuple[int, int]
Fragment = tuple[str, tuple[Span, ...]]

FRAGMENT_CHARS = 240
FRAGMENTS = 2
PARAGRAPHS_READ = 200


def spans_in(text: str, tokens: AbstractSet[str], language: str | None) -> tuple[Span, ...]:
    """Return the (start, end) code points of the words of a text that were asked; touching ones joined."""
    return _joined([(start, end) for _, start, end in _matches(text, tokens, language)])


def fragments_of(
    paragraphs: Sequence[str], tokens: AbstractSet[str], language: str | None
) -> tuple[Fragment, ...]:
    """Return the sentences that say most of what was asked, in the text's order, each cut to FRAGMENT_CHARS.

    The first comes from the paragraph with most different words that were asked; a second one only when it adds a word.
    A text without any of them, found by its meaning, is shown by its beginning.
    """
    candidates: list[tuple[int, frozenset[str]]] = []
    looked_for = _beginnings(tokens)
    for number, paragraph in enumerate(paragraphs[:PARAGRAPHS_READ]):
        if looked_for and looked_for.search(_plain(paragraph)):
            found = frozenset(token for token, _, _ in _matches(paragraph, tokens, language))
            if found:
                candidates.append((number, found))
    if not candidates:
        beginning = next((p for p in paragraphs if p.strip()), "")
        return (_cut(beginning, ()),) if beginning else ()
    chosen: list[int] = []
    said: frozenset[str] = frozenset()
    while candidates and len(chosen) < FRAGMENTS:
        best = max(candidates, key=lambda c: (len(c[1] - said), -c[0]))
        if chosen and not best[1] - said:
            break
        chosen.append(best[0])
        candidates.remove(best)
        said |= best[1]
    return tuple(_best_sentence(paragraphs[number], tokens, language) for number in sorted(chosen))


def _best_sentence(paragraph: str, tokens: AbstractSet[str], language: str | None) -> Fragment:
    """The sentence of a paragraph with most different words that were asked, the first of several."""
    if len(paragraph) <= FRAGMENT_CHARS:
        return paragraph, spans_in(paragraph, tokens, language)
    sentences = [paragraph[start:end] for start, end in sentence_spans(paragraph, language)] or [paragraph]
    best = max(sentences, key=lambda s: len({token for token, _, _ in _matches(s, tokens, language)}))
    return _cut(best, spans_in(best, tokens, language))


def _matches(text: str, tokens: AbstractSet[str], language: str | None) -> list[tuple[str, int, int]]:
    return [match for match in search_tokens_with_spans(text, language) if match[0] in tokens]


def _joined(spans: Sequence[Span]) -> tuple[Span, ...]:
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def _beginnings(tokens: AbstractSet[str]) -> re.Pattern[str] | None:
    """A quick sieve: a paragraph without the beginning of any token cannot match, and need not be cut into words."""
    # A stem may end otherwise than its word ("happi", "happy"), "1,900" holds no "1900", nor "U.S." a "us".
    heads = {token[: max(1, min(4, len(token) - 2))] for token in tokens if token}
    if any(len(head) < 2 and head.isascii() for head in heads) or any(c.isdigit() for h in heads for c in h):
        return re.compile("")
    return re.compile("|".join(map(re.escape, sorted(heads)))) if heads else None


def _plain(text: str) -> str:
    lower = text.casefold()
    if lower.isascii():
        return lower
    parts = unicodedata.normalize("NFKD", lower)
    return unicodedata.normalize("NFC", "".join(c for c in parts if not unicodedata.combining(c)))


def _cut(text: str, spans: Sequence[Span]) -> Fragment:
    """Return text cut to FRAGMENT_CHARS around its first span, at spaces where there are any, with the spans in it."""
    if len(text) <= FRAGMENT_CHARS:
        return text, tuple(spans)
    start = max(0, spans[0][0] - FRAGMENT_CHARS // 3) if spans else 0
    end = min(len(text), start + FRAGMENT_CHARS)
    start = max(0, end - FRAGMENT_CHARS)
    if (
        start > 0
        and (space := text.find(" ", start, start + 40)) >= 0
        and not (spans and space >= spans[0][0])
    ):
        start = space + 1
    if end < len(text) and (space := text.rfind(" ", end - 40, end)) > start:
        end = space
    inside = tuple((s - start, min(e, end) - start) for s, e in spans if s >= start and s < end)
    return text[start:end], inside
