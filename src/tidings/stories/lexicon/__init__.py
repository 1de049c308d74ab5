"""What the rules of quotes, figures and times must know of a language: one TOML file each, read once.

To teach another language, write its file; a language without one has no table, and rules that need it find nothing.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files
from typing import Any

from tidings.stories.rarity import primary

Table = dict[str, Any]

DENSE = frozenset(
    ("ko", "ja", "zh", "th")
)  # languages whose words carry particles, or are not told apart by spaces


@lru_cache(maxsize=64)
def _file_of(code: str) -> dict[str, Table]:
    file = files(__name__) / f"{code}.toml"
    return tomllib.loads(file.read_text("utf-8")) if file.is_file() else {}


def table_of(language: str | None, topic: str) -> Table | None:
    """Return a language's table on "speech", "times" or "figures", None where there is none."""
    code = primary(language)
    return _file_of(code).get(topic) if code.isalpha() else None


def words_of(table: Table, *names: str) -> frozenset[str]:
    """Return the words of these lists of a table."""
    return frozenset(word for name in names for word in str(table.get(name, "")).split())


def either(words: Iterable[str]) -> str:
    """Return a pattern that matches any of these words, the longest first; nothing where there are none."""
    return "|".join(re.escape(word) for word in sorted(set(words), key=lambda w: (-len(w), w))) or r"(?!)"
