"""Names in any spelling: one key for the ways a name is written in Latin, Cyrillic and Greek letters.

"Zelensky", "Zelenskyy", "Selenskyj" and "Зеленский" have one key, so have "Gaddafi", "Qaddafi" and "Kadhafi", "Müller" and
"Mueller".  The key is coarse, as the ear is: it forgets which vowel stands there beyond a/e, i and o/u, and whether a letter is
doubled.  It tells names apart well enough only because it is asked of rare words.
"""

# ruff: noqa: SIM905  (letters read better as text)

from __future__ import annotations

import re
from functools import lru_cache

from tidings.text import fold

LEAST_LETTERS = 4  # of a key: shorter ones fit too much

_CYRILLIC = dict(
    zip(
        "абвгґдеёєжзиіїйклмнопрстуўфхцчшщъыьэюяјљњћђџѓќѕ",
        "a b v g g d e e e zh z i i i i k l m n o p r s t u u f kh ts ch sh sh - i - e iu ia i l n ch dj dj g k z".split(),
        strict=True,
    )
)
_GREEK = dict(
    zip(
        "αβγδεζηθικλμνξοπρσςτυφχψω",
        "a v g d e z i th i k l m n ks o p r s s t i f kh ps o".split(),
        strict=True,
    )
)
_LATIN = {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ß": "ss", "æ": "a", "œ": "o", "ı": "i"}
_LETTERS = str.maketrans({k: v.strip("-") for k, v in (_CYRILLIC | _GREEK | _LATIN).items()})

# What sounds alike, in this order.
_SOUNDS = (
    (r"^[yj](?=e)", ""),
    (r"tsch|tch|tsh|tj|cz", "ch"),
    (r"dsch|dzh|dj", "j"),
    (r"shch|sch|sz", "sh"),
    (r"ph", "f"),
    (r"kh|gh|ck|q", "k"),
    (r"dh", "d"),
    (r"^th", "t"),
    (r"x", "ks"),
    (r"c(?=[eiy])", "s"),
    (r"c(?!h)", "k"),
    (r"^g", "k"),
    (r"zh", "sh"),
    (r"tz|ts|z", "s"),
    (r"w", "v"),
    (r"ou|oo", "u"),
    (r"[aou]e", lambda match: match.group()[0]),  # the umlauts, written out
    (r"ee|[yj](?![aou])|(?<=i)[yj]", "i"),
    (r"[yj]", "i"),
    (r"(?<=.....)e$", ""),
    (r"e", "a"),
    (r"u", "o"),
    (r"(?<=[aio])h(?![aio])", ""),
    (r"(.)\1+", r"\1"),
)
_RULES = tuple((re.compile(pattern), to) for pattern, to in _SOUNDS)
_ASCII = re.compile(r"[a-z]+")


@lru_cache(maxsize=131_072)
def spelling_key(word: str) -> str:
    """Return the key of a word, "" for one that is too short or in letters that have no key."""
    key = _romanised(word)
    if not _ASCII.fullmatch(key):
        return ""
    for pattern, to in _RULES:
        key = pattern.sub(to, key)
    return key if len(key) >= LEAST_LETTERS else ""


def _romanised(word: str) -> str:
    folded = fold(word)
    if folded.isascii():
        return folded
    return folded.replace("ου", "ou").translate(_LETTERS)


def distance_within(one: str, other: str, most: int) -> int | None:
    """Return how many letters were left out, added, changed or swapped between two words; None when more than `most`."""
    if most < 0 or abs(len(one) - len(other)) > most:
        return None
    if one == other:
        return 0
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        last, before, row = before, row, [i, *[0] * len(other)]
        for j, b in enumerate(other, 1):
            row[j] = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and b == one[i - 2]:
                row[j] = min(row[j], last[j - 2] + 1)
        if min(row) > most:
            return None
    return row[-1] if row[-1] <= most else None


def is_name_like(word: str) -> bool:
    """Whether a word is written as names are: with a capital first, in a script that has capitals."""
    return word[:1].isupper()
