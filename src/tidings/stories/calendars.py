"""The names of months and weekdays in each language, from CLDR through babel, and those that CLDR leaves out."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from babel import Locale, UnknownLocaleError

from tidings.stories.lexicon import DENSE, table_of
from tidings.stories.rarity import primary
from tidings.text import fold

_MORE = {"en": {"sept": 9, "sept.": 9}, "de": {"jänner": 1}}
_SHORT_MAYS = ("may", "mai", "mei", "maj")  # written out, and as short as a short form
_LEAST = 3  # letters of a short form; "Mo" and "Do" are words


def lowered(text: str) -> str:
    """Return a text in small letters, each at its place: letters that grow when they are lowered stay as they are."""
    low = text.lower()
    if len(low) == len(text):
        return low
    return "".join(c if len(c.lower()) != 1 else c.lower() for c in text)


@lru_cache(maxsize=64)
def months_of(language: str | None) -> Mapping[str, int]:
    """Return the month (1 to 12) of each name and short form of a language, in small letters; {} when it is unknown."""
    return _names(language, "months")


@lru_cache(maxsize=64)
def weekdays_of(language: str | None) -> Mapping[str, int]:
    """Return the weekday (0 is Monday) of each name of a language, in small letters."""
    names = dict(_names(language, "days"))
    table = table_of(language, "times") or {}
    for number, more in enumerate(table.get("weekdays", ())):
        names.update(dict.fromkeys(more.split(), number))
    return names


def _names(language: str | None, kind: str) -> dict[str, int]:
    code = primary(language)
    try:
        locale = Locale.parse(code)
    except (UnknownLocaleError, ValueError, TypeError):
        return {}
    found: dict[str, int] = {}
    for context in ("format", "stand-alone"):
        for width in ("abbreviated", "wide") if kind == "months" else ("wide",):
            for number, name in getattr(locale, kind)[context][width].items():
                low = unicodedata.normalize("NFC", lowered(str(name)))
                if len(low.rstrip(".")) >= _LEAST or code in DENSE:
                    found[low] = number
                    if low.endswith(".") and len(low) > _LEAST:
                        found.setdefault(low.rstrip("."), number)
                    elif width == "abbreviated" and low.isalpha() and len(low) <= 4:
                        found.setdefault(f"{low}.", number)
    if kind == "months":
        found |= _MORE.get(code, {})
    return {name: number for name, number in found.items() if not name.isdigit()}


@lru_cache(maxsize=64)
def long_months_of(language: str | None) -> Mapping[str, int]:
    """Return the months' names that stand for themselves, without a day beside them."""
    return {
        name: month
        for name, month in months_of(language).items()
        if (len(name) > 3 and name[-1] != ".") or name in _SHORT_MAYS
    }


@lru_cache(maxsize=64)
def calendar_words(language: str | None) -> frozenset[str]:
    """Return the folded names of months and weekdays of a language: written with a capital, and nobody's name."""
    return frozenset(
        fold(name) for name in [*long_months_of(language), *weekdays_of(language)] if name != "may"
    )
