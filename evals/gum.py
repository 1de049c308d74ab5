"""Articles of the GUM corpus (XML and WebAnno TSV): their text as it was printed, and the names marked in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

_ENTRY = re.compile(r"(?P<value>.*)\[(?P<number>\d+)\]")
_PROPER = ("NP", "NPS")
_GLUED_TO_LEFT = frozenset(
    (".", ",", ";", ":", "?", "!", "%", ")", "]", "'s", "’s", "n't", "n’t", "...", "…", "'", "’")
)
_GLUED_TO_RIGHT = frozenset(("(", "[", "$", "£", "€", "#"))
_ENDS_NAME = frozenset((",", "(", "who", "which", "that", "-", "–", "—", ":", "/"))


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    tag: str
    block: int  # the paragraph or heading it stands in
    glued: bool  # to the token before it, as the parts of "quasi-state" are


@dataclass(frozen=True, slots=True)
class Marked:
    """What one identity of an article is called in it: `mentions` as word tuples, innermost names, never pronouns."""

    identity: str
    kind: str
    mentions: frozenset[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class GumArticle:
    name: str
    headline: str
    paragraphs: tuple[str, ...]
    marked: tuple[Marked, ...]  # those with an identity, named at least once
    unlinked: Mapping[tuple[str, ...], str]  # names without an identity, and the kind of each


def gum_articles(folder: Path) -> Iterator[GumArticle]:
    """Yield the articles of a folder in the order of their names.  Raises SystemExit when XML and TSV do not agree."""
    for tsv in sorted(folder.glob("*.tsv")):
        tokens, headed = _tokens_of(tsv.with_suffix(".xml"))
        rows = [
            line.split("\t") for line in tsv.read_text("utf-8").splitlines() if re.match(r"\d+-\d+\t", line)
        ]
        if len(rows) != len(tokens):
            raise SystemExit(f"{tsv}: {len(rows)} tokens, {len(tokens)} in its XML")
        texts = _printed(tokens)
        marked, unlinked = _names_of(rows, tokens)
        headline = texts[0] if headed and texts else ""
        yield GumArticle(tsv.stem, headline, tuple(texts[1:] if headed else texts), marked, unlinked)


def _tokens_of(xml: Path) -> tuple[list[_Token], bool]:
    tokens: list[_Token] = []
    block, headed, word, inside = 0, False, False, 0
    for line in xml.read_text("utf-8").splitlines():
        parts = line.split("\t")
        if len(parts) > 4:
            text = (
                parts[0]
                .replace("&amp;", "&")
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", '"')
            )
            tokens.append(_Token(text.replace("&apos;", "'"), parts[1], block, word and inside > 0))
            inside += 1
        elif line.startswith("<head") and not tokens:
            headed = True
        elif line.startswith(("<p>", "<p ", "<head", "<caption", "<item", "</head", "</caption")):
            block += 1
        elif line.startswith("<w"):
            word, inside = True, 0
        elif line.startswith("</w"):
            word = False
    return tokens, headed


def _printed(tokens: Sequence[_Token]) -> list[str]:
    """Return the paragraphs as they were printed."""
    texts: list[str] = []
    here, open_quotes = -1, 0
    glue_next = False
    for token in tokens:
        if token.block != here:
            texts.append("")
            here, open_quotes, glue_next = token.block, 0, True
        opens = token.tag == "``" or token.text in ("“", "‘")
        closes = token.tag == "''" and not opens
        glued = (
            glue_next or token.glued or token.text in _GLUED_TO_LEFT - ({"'"} if opens else set()) or closes
        )
        texts[-1] += token.text if glued else f" {token.text}"
        open_quotes += opens
        glue_next = opens or token.text in _GLUED_TO_RIGHT
    return [text.strip() for text in texts if text.strip()]


def _names_of(
    rows: Sequence[Sequence[str]], tokens: Sequence[_Token]
) -> tuple[tuple[Marked, ...], dict[tuple[str, ...], str]]:
    spans: dict[str, list[int]] = {}
    kinds: dict[str, str] = {}
    identities: dict[str, str] = {}
    for at, row in enumerate(rows):
        for place, entry in enumerate(row[3].split("|") if len(row) > 6 else ()):
            found = _ENTRY.fullmatch(entry)
            if entry == "_":
                continue
            number = found["number"] if found else f"one-{at}-{place}"
            kinds[number] = found["value"] if found else entry
            spans.setdefault(number, []).append(at)
        for place, entry in enumerate(row[6].split("|") if len(row) > 6 else ()):
            found = _ENTRY.fullmatch(entry)
            if entry == "_":
                continue
            if found:
                identities[found["number"]] = unquote(found["value"]).replace("_", " ")
            elif f"one-{at}-{place}" in kinds:
                identities[f"one-{at}-{place}"] = unquote(entry).replace("_", " ")
    named: dict[str, tuple[list[str], set[tuple[str, ...]]]] = {}
    unlinked: dict[tuple[str, ...], str] = {}
    for number, places in spans.items():
        words = _proper_words([tokens[at] for at in places], is_person=kinds[number] == "person")
        if not words or kinds[number] == "time":
            continue
        identity = identities.get(number)
        if identity is None:
            unlinked.setdefault(words, kinds[number])
        else:
            of_kind, mentions = named.setdefault(identity, ([], set()))
            of_kind.append(kinds[number])
            mentions.add(words)
    marked = tuple(
        Marked(identity, max(set(of_kind), key=lambda k: (of_kind.count(k), k)), frozenset(mentions))
        for identity, (of_kind, mentions) in sorted(named.items())
    )
    return marked, unlinked


def _proper_words(mention: Sequence[_Token], *, is_person: bool) -> tuple[str, ...]:
    """Return the words of a mention up to its head when that is a proper noun: "US President Barack Obama" of
    "US President Barack Obama, who …"; () for "the country", "the coast of Aceh"."""
    words: list[str] = []
    tags: list[str] = []
    for token in mention:
        if token.glued and words and token.text not in ("'s", "’s"):
            words[-1] += token.text
            tags[-1] = token.tag if token.tag in _PROPER else tags[-1]
            continue
        if words and (token.text.lower() in _ENDS_NAME or (is_person and token.tag == "IN")):
            break
        words.append(token.text)
        tags.append(token.tag)
    while tags and tags[-1] == "POS":
        words.pop()
        tags.pop()
    if not tags or tags[-1] not in _PROPER:
        return ()
    if "IN" in tags and (tags.index("IN") == 0 or tags[tags.index("IN") - 1] not in _PROPER):
        return ()
    return tuple(words)
