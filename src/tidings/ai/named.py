"""Who and what a sentence names, under the keys of the article it was taken from, so that "Cho" meets "Cho Tae-yul".

A name that the article knows stands for all its forms; countries and unions go under one key in every language; "she" and
"the minister" stand for somebody only where the article leaves one person they can be.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from tidings.ai.words import Sentence, Word
from tidings.model import Name
from tidings.stories.calendars import calendar_words
from tidings.stories.mentions import grammar_of
from tidings.stories.nations import is_adjective, nation_behind, nation_of
from tidings.stories.rarity import primary, word_zipf
from tidings.stories.readings import sound_alike
from tidings.text import fold, is_cjk, words

_MOST_NATION_WORDS = 3
_RARE = 3.6  # Zipf value under which a capitalised word that opens a sentence is a name
_JOINED = frozenset((" ", "-", ". ", "'", "’", " & ", "/", ".", "‑", "–"))
_BREAKS = frozenset('.!?:;…"“”„«»‘([•|')


class Anchor(NamedTuple):
    """A name in a sentence: the words from `first` to `last`, and the keys of whom it can mean."""

    first: int
    last: int
    keys: frozenset[str]
    words: str


@dataclass(frozen=True)
class Known:
    """The names of an article: `forms` by their first word, the longest first; `roles` with the one key each belongs to."""

    names: tuple[Name, ...]
    forms: Mapping[str, Sequence[tuple[tuple[str, ...], frozenset[str]]]]
    roles: Mapping[str, str]
    people: frozenset[str]


def known_names(names: Iterable[Name]) -> Known:
    """Return names as they are looked up in a sentence."""
    names = tuple(names)
    keys: dict[tuple[str, ...], set[str]] = {}
    surnames: dict[tuple[str, ...], set[str]] = {}
    roles: dict[str, set[str]] = {}
    people = set()
    for name in names:
        for form in (name.label, name.key, *name.forms):
            lows = tuple(map(fold, words(form)))
            if lows:
                keys.setdefault(lows, set()).add(name.key)
        lows = tuple(map(fold, words(name.label)))
        if name.kind == "person" or (name.kind is None and len(lows) > 1):
            people.add(name.key)
            if len(lows) > 1:
                surnames.setdefault(lows[-1:], set()).add(name.key)
            for role in name.roles:
                roles.setdefault(role, set()).add(name.key)
    for lows, owners in surnames.items():
        keys.setdefault(lows, set()).update(owners)
    forms: dict[str, list[tuple[tuple[str, ...], frozenset[str]]]] = {}
    for lows, owners in keys.items():
        forms.setdefault(lows[0], []).append((lows, frozenset(owners)))
    for entries in forms.values():
        entries.sort(key=lambda entry: -len(entry[0]))
    held = {role: next(iter(owners)) for role, owners in roles.items() if len(owners) == 1}
    return Known(names, forms, held, frozenset(people))


def anchors_in(sentence: Sentence, known: Known) -> tuple[Anchor, ...]:
    """Return the names of a sentence that are the article's or a country's, in order, none overlapping."""
    found: list[Anchor] = []
    i = 0
    while i < len(sentence.words):
        anchor = _anchor_at(sentence, known, i)
        if anchor is None:
            i += 1
        else:
            found.append(anchor)
            i = anchor.last + 1
    if is_cjk(sentence.text):
        found += _inside(sentence, known, found)
    return tuple(sorted(found))


def _anchor_at(sentence: Sentence, known: Known, i: int) -> Anchor | None:
    ws = sentence.words
    word = ws[i]
    if word.key.startswith("#"):
        return None
    for lows, keys in known.forms.get(word.low, ()) or known.forms.get(_bare(word.low), ()):
        run = ws[i : i + len(lows)]
        if (
            len(run) == len(lows)
            and all(w.low == low or _bare(w.low) == low for w, low in zip(run, lows, strict=True))
            and (any(w.capital for w in run) or not _has_case(sentence.text[word.start]))
        ):
            return Anchor(i, i + len(lows) - 1, keys, sentence.text[word.start : run[-1].end])
    for n in range(_MOST_NATION_WORDS, 0, -1):
        run = ws[i : i + n]
        if len(run) == n and run[-1].capital and word.capital:
            label = sentence.text[word.start : run[-1].end]
            key = nation_of(label) or nation_behind(label)
            if key:
                return Anchor(i, i + n - 1, frozenset((key,)), label)
    return None


def _bare(low: str) -> str:
    """Return a name without the ending of a genitive: "Marnaus" is Marnau's."""
    return low[:-1] if len(low) > 4 and low.endswith("s") else low


def _has_case(letter: str) -> bool:
    return letter.lower() != letter.upper()


def _inside(sentence: Sentence, known: Known, found: Sequence[Anchor]) -> list[Anchor]:
    """Return the names that stand inside words, as they do where words carry particles or are not parted."""
    taken = {i for anchor in found for i in range(anchor.first, anchor.last + 1)}
    more: list[Anchor] = []
    labels = [
        (form, frozenset((name.key,)))
        for name in known.names
        for form in (name.label, *name.forms)
        if len(form) > 1 and is_cjk(form)
    ]
    for label, keys in sorted(labels, key=lambda one: -len(one[0])):
        at = sentence.text.find(label)
        if at >= 0:
            inside = [i for i, w in enumerate(sentence.words) if w.start < at + len(label) and at < w.end]
            if inside and not taken & set(inside):
                taken |= set(inside)
                more.append(Anchor(inside[0], inside[-1], keys, label))
    return more


def unknown_in(sentence: Sentence, anchors: Sequence[Anchor]) -> list[Anchor]:
    """Return the runs of capitalised words that are nobody the article knows, with no keys."""
    if primary(sentence.language) == "de":  # every noun has a capital: the words are looked for as words
        return []
    taken = {i for anchor in anchors for i in range(anchor.first, anchor.last + 1)}
    runs: list[list[int]] = []
    for i in range(len(sentence.words)):
        if i in taken or not _is_named(sentence, i):
            continue
        if runs and runs[-1][-1] == i - 1 and sentence.gap(i) in _JOINED:
            runs[-1].append(i)
        else:
            runs.append([i])
    ws = sentence.words
    return [
        Anchor(run[0], run[-1], frozenset(), sentence.text[ws[run[0]].start : ws[run[-1]].end])
        for run in runs
    ]


def _is_named(sentence: Sentence, i: int) -> bool:
    word = sentence.words[i]
    if not word.capital or word.low in _titles(sentence.language):
        return False
    if not word.content and not (len(word.low) > 1 and sentence.text[word.start : word.end].isupper()):
        return False
    if word.low in calendar_words(sentence.language) or is_adjective(sentence.text[word.start : word.end]):
        return False
    if i == 0 or _BREAKS & set(sentence.gap(i)):
        return word_zipf(word.low, sentence.language) < _RARE
    return True


@lru_cache(maxsize=32)
def _titles(language: str | None) -> frozenset[str]:
    grammar = grammar_of(language)
    if grammar is None:
        return frozenset()
    return (
        grammar["roles"]
        | grammar["male"]
        | grammar["female"]
        | frozenset(("mr", "mrs", "ms", "miss", "dr", "prof"))
    )


def pronouns_of(language: str | None) -> frozenset[str]:
    """Return "he" and "she" of a language, folded."""
    grammar = grammar_of(language)
    return grammar["he"] | grammar["she"] if grammar else frozenset()


def stands_in(run: Sequence[Word], sentence: Sentence) -> int | None:
    """Return where words stand side by side in a sentence, None when they do not."""
    lows = [_bare(word.low) for word in run]
    theirs = [_bare(word.low) for word in sentence.words]
    for i in range(len(theirs) - len(lows) + 1):
        if theirs[i] == lows[0] and theirs[i : i + len(lows)] == lows:
            return i
    return None


def sounds_in(label: str, names: Iterable[Name], keys: frozenset[str]) -> bool:
    """Whether a name of another script sounds like one of these that are among the keys."""
    return any(
        sound_alike(label, form) for name in names if name.key in keys for form in (name.label, *name.forms)
    )
