"""Which desk of a newsroom an article is from: politics, sport, …, in any language, or none where that is unclear.

Three witnesses, asked in this order:
1. the publisher's own section, as its page states it, by a list of what such sections are called in many languages;
2. the words of its address ("/wirtschaft/…", "sport.example.org"), by the same list;
3. the text: its vector against descriptions of the desks in the language model's space, which is one for all its languages.
   The descriptions are only where this begins: every article whose publisher said its desk teaches (Desks.learn), so an
   instance comes to know what its own publishers mean, across languages.

No labelled text is shipped.  docs/design/sections.md says what was measured.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import numpy as np

from tidings.model import Description, Desk, DeskChoice
from tidings.text import fold

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tidings.ports import Embedder

    Floats = NDArray[np.float32]

# Chosen on evals/sections; docs/design/sections.md has what other values give.
SHARPNESS = 22.0  # of the descriptions' cosines as log odds
STEP = 1.0  # how far one article whose desk is known moves the weights
PULL = 0.0005  # by which share they fall back to the descriptions with every such article
LEAST_SURE = 0.55  # below it the text names no desk
_LONGEST_NAME = 60
_WORD = re.compile(r"[^\W_]+")
_PARTS = re.compile(r"[/>»›|,;:·&+]| - | – | — ")


@dataclass(frozen=True, slots=True)
class _Entry:
    desk: Desk
    about: tuple[str, ...]
    names: tuple[str, ...]


@cache
def _entries() -> tuple[_Entry, ...]:
    told = tomllib.loads(Path(__file__).with_name("desks.toml").read_text("utf-8"))
    return tuple(
        _Entry(Desk(slug, entry["label"]), tuple(entry["about"]), tuple(entry["names"]))
        for slug, entry in told.items()
    )


@cache
def desks() -> tuple[Desk, ...]:
    """Return every desk, in the order of the site's navigation."""
    return tuple(entry.desk for entry in _entries())


@cache
def desk_label(slug: str) -> str:
    """Return "Crime and justice" for "crime"; a desk that is there no more is called by its slug."""
    return next((desk.label for desk in desks() if desk.slug == slug), slug.capitalize())


@cache
def _by_name() -> Mapping[str, str]:
    return {_plain(name): entry.desk.slug for entry in _entries() for name in entry.names}


def _plain(name: str) -> str:
    return " ".join(fold(word) for word in _WORD.findall(name[:_LONGEST_NAME]))


# ── what the publisher says ──────────────────────────────────────────────────────────────────────────────────────────


@lru_cache(maxsize=4096)
def desk_named(section: str | None) -> str | None:
    """Return the desk that a publisher's section is: "Wirtschaft", "News > World > Europe", "UK politics"; None for "Port Elin".

    The last part that is known counts, as the narrowest.  A name of several words counts by one of them where no two
    contradict each other.
    """
    known = _by_name()
    if not section:
        return None
    whole = _plain(section)
    if whole in known:
        return known[whole]
    for part in reversed(_PARTS.split(section[:200])):
        plain = _plain(part)
        if plain in known:
            return known[plain]
        found = {known[word] for word in plain.split() if word in known and len(word) > 2}
        if len(found) == 1 and len(plain.split()) <= 3:
            return found.pop()
    return None


def desk_addressed(url: str) -> str | None:
    """Return the desk that an address names in a folder or as its host's first part, the innermost that does."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").split(".")
    except ValueError:
        return None
    known = _by_name()
    folders = [unquote(folder) for folder in parts.path[:500].split("/")[1:-1]]
    for folder in reversed([host[0] if len(host) > 2 else "", *folders]):
        desk = known.get(_plain(folder))
        if desk:
            return desk
    return None


def stated_desk(section: str | None, url: str) -> DeskChoice | None:
    """Return the desk the publisher gives an article, and where it does; None where it gives none that we know."""
    named = desk_named(section)
    if named:
        return DeskChoice(named, "section", 1.0)
    addressed = desk_addressed(url)
    return DeskChoice(addressed, "address", 1.0) if addressed else None


# ── what the text says ───────────────────────────────────────────────────────────────────────────────────────────────


def desk_vectors(embedder: Embedder) -> Floats:
    """Return desks × dim: where the model places the descriptions of each desk, as unit vectors around their common middle."""
    entries = _entries()
    texts = [text for entry in entries for text in entry.about]
    rows = embedder.embed(texts)
    owner = np.array([i for i, entry in enumerate(entries) for _ in entry.about])
    means = np.stack([rows[owner == i].mean(axis=0) for i in range(len(entries))])
    return _unit(means - means.mean(axis=0))


class Desks:
    """Chooses desks by text, and learns from the articles whose publisher named one.

    A softmax regression on the articles' vectors that starts from the desks' descriptions: `vectors` (desk_vectors), made by
    `model`.  The same articles in the same order teach the same.  Cost: 0.05 ms an article.
    """

    def __init__(self, vectors: Floats, *, model: str) -> None:
        self.model = model
        self._names = [desk.slug for desk in desks()]
        self._index = {name: i for i, name in enumerate(self._names)}
        self._start = (SHARPNESS * vectors).astype(np.float32)
        self._weights = self._start.copy()
        self._bias = np.zeros(len(vectors), dtype=np.float32)
        self._taught = 0

    def choose(self, description: Description) -> DeskChoice | None:
        """Return an article's desk: what its publisher says, else what its text says clearly enough."""
        return description.desk or self.guess(description)

    def guess(self, description: Description) -> DeskChoice | None:
        """Return the desk by the text alone; None when it is unclear."""
        vector = self._vector(description)
        if vector is None:
            return None
        odds = self._odds(vector)
        best = int(odds.argmax())
        sure = float(odds[best])
        return DeskChoice(self._names[best], "text", round(sure, 3)) if sure >= LEAST_SURE else None

    def learn(self, described: Iterable[Description]) -> None:
        """Take in the articles among these whose publisher named a desk."""
        for description in described:
            vector = self._vector(description)
            if vector is None or description.desk is None or description.desk.slug not in self._index:
                continue
            wrong = -self._odds(vector)
            wrong[self._index[description.desk.slug]] += 1.0
            self._taught += 1
            step = STEP / (1.0 + self._taught / 2000.0)
            self._weights += PULL * (self._start - self._weights) + step * np.outer(wrong, vector)
            self._bias += 0.01 * step * wrong

    def _odds(self, vector: Floats) -> Floats:
        scores = self._weights @ vector + self._bias
        odds = np.exp(scores - scores.max())
        chances: Floats = (odds / odds.sum()).astype(np.float32)
        return chances

    def _vector(self, description: Description) -> Floats | None:
        if description.model != self.model:
            return None
        vector = description.headline_vector + description.body_vector
        return _unit(vector[None, :])[0] if vector.any() else None


def _unit(vectors: Floats) -> Floats:
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit: Floats = np.divide(vectors, norms, out=np.zeros_like(vectors), where=norms > 1e-9)
    return unit


__all__ = ["Desks", "desk_addressed", "desk_label", "desk_named", "desk_vectors", "desks", "stated_desk"]
