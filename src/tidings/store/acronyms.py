"""Acronyms as texts themselves explain them: "the European Union (EU)" makes each of the two stand for the other."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tidings.text import fold, words

SIGN = "="
_SHORT = re.compile(r"\(\s?[“\"']?((?:[^\W\d_]\.?){2,7})[”\"']?\s?\)")
_LONG_CHARS = 90  # looked at before the bracket
_SMALL = frozenset(
    "of the and for in on to a an de la le les du des der die das und für y del e da do".split()  # noqa: SIM905
)


def acronyms_in(text: str) -> Iterator[tuple[str, str]]:
    """Yield (acronym, what it stands for), both folded: the words right before "(ABC)" whose first letters it is.

    Small words ("of", "and") may be counted or left out.
    """
    if "(" not in text:
        return
    for match in _SHORT.finditer(text):
        short = match[1].replace(".", "")
        if not short.isupper():
            continue
        before = words(text[max(0, match.start() - _LONG_CHARS) : match.start()])
        long = _long_form(short.casefold(), [fold(word) for word in before])
        if long:
            yield fold(short), " ".join(long)


def _long_form(letters: str, before: list[str]) -> list[str] | None:
    """The last words whose first letters are these, read from the end."""
    left = len(letters)
    for start in range(len(before) - 1, -1, -1):
        word = before[start]
        if left and word.startswith(letters[left - 1]):
            left -= 1
        elif word not in _SMALL:
            return None
        if left == 0:
            long = before[start:]
            return long if len(long) > 1 and word not in _SMALL else None
    return None


def pair(one: str, other: str) -> str:
    """Return what the index keeps of the two: one may be looked up by it, and the other read from it."""
    return f"{one}{SIGN}{other}"
