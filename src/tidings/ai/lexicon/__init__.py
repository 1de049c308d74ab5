"""What the gate must know of a language: one TOML file each, read once; a language without one has no words here.

Words are folded (tidings.text.fold); a phrase stands in quotation marks.  In languages with `inside = true` the words are
stems looked for inside a sentence, for there words carry endings or are not parted.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

from tidings.stories.rarity import primary
from tidings.text import fold, stem

MarkKind = Literal[
    "negation", "hedge", "planned", "future", "says", "according", "cause_behind", "cause_before", "behind"
]
KINDS: tuple[MarkKind, ...] = (
    "negation", "hedge", "planned", "future", "says", "according", "cause_behind", "cause_before", "behind"
)  # fmt: skip
_PART = re.compile(r'"([^"]+)"|(\S+)')


@dataclass(frozen=True)
class Lexicon:
    """A language's words: `phrases` by first word, the longest first, each with the kinds of mark that it is."""

    code: str
    inside: bool = False
    function: frozenset[str] = frozenset()
    telling: frozenset[str] = frozenset()
    phrases: Mapping[str, Sequence[tuple[tuple[str, ...], MarkKind]]] = field(default_factory=dict)
    stems: Mapping[MarkKind, tuple[str, ...]] = field(default_factory=dict)
    passive: frozenset[str] = frozenset()
    auxiliary: frozenset[str] = frozenset()
    prepositions: frozenset[str] = frozenset()
    pronouns: frozenset[str] = frozenset()
    infinitive: frozenset[str] = frozenset()
    joints: frozenset[str] = frozenset()  # what stands between two clauses
    verb_second: bool = False  # whatever opens a sentence
    families: Mapping[str, frozenset[int]] = field(default_factory=dict)
    opposites: Mapping[str, frozenset[int]] = field(default_factory=dict)


@lru_cache(maxsize=64)
def lexicon_of(language: str | None) -> Lexicon:
    """Return the words of a language; an empty lexicon when there is no file of it."""
    code = primary(language)
    file = files(__name__) / f"{code}.toml"
    if not code.isalpha() or not file.is_file():
        return Lexicon(code)
    table: dict[str, Any] = tomllib.loads(file.read_text("utf-8"))
    parts = {kind: _parts(table.get(kind, "")) for kind in KINDS}
    inside = bool(table.get("inside"))
    phrases: dict[str, list[tuple[tuple[str, ...], MarkKind]]] = {}
    for kind, entries in parts.items() if not inside else ():
        for entry in entries:
            words = tuple(map(fold, entry.split()))
            phrases.setdefault(words[0], []).append((words, kind))
    for alternatives in phrases.values():
        alternatives.sort(key=lambda one: -len(one[0]))
    return Lexicon(
        code,
        inside,
        frozenset(map(fold, str(table.get("function", "")).split())),
        frozenset(map(fold, str(table.get("telling", "")).split())),
        phrases,
        {kind: tuple(entries) for kind, entries in parts.items()} if inside else {},
        frozenset(map(fold, str(table.get("passive", "")).split())),
        frozenset(map(fold, str(table.get("auxiliary", "")).split())),
        frozenset(map(fold, str(table.get("prepositions", "")).split())),
        frozenset(map(fold, str(table.get("pronouns", "")).split())),
        frozenset(map(fold, str(table.get("infinitive", "")).split())),
        frozenset(map(fold, str(table.get("joints", "")).split())),
        bool(table.get("verb_second")),
        _families(table.get("synonyms", ""), code),
        _opposites(table.get("antonyms", ""), code, inside=inside),
    )


def _parts(entry: str | list[str]) -> list[str]:
    if isinstance(entry, list):
        return entry
    return [phrase or word for phrase, word in _PART.findall(entry)]


def _families(table: str, code: str) -> dict[str, frozenset[int]]:
    """Return the lines of a table that each stem stands in."""
    found: dict[str, set[int]] = {}
    for number, line in enumerate(table.strip().splitlines()):
        for part in _parts(line):
            for word in part.split():
                found.setdefault(stem(word, code), set()).add(number)
    return {key: frozenset(numbers) for key, numbers in found.items()}


def _opposites(table: str, code: str, *, inside: bool) -> dict[str, frozenset[int]]:
    """Return the sides that each stem stands on: side 2n is the opposite of side 2n + 1."""
    found: dict[str, set[int]] = {}
    for number, line in enumerate(table.strip().splitlines()):
        for side, words in enumerate(line.split("|")):
            for word in words.split():
                found.setdefault(word if inside else stem(word, code), set()).add(2 * number + side)
    return {key: frozenset(numbers) for key, numbers in found.items()}
