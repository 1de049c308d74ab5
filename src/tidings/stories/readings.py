"""How a name sounds, whatever script it is written in, so that "조태열" and "Cho Tae-yul" can be seen to be one name.

A name is transliterated (anyascii knows every script) and brought down to its consonants in classes that languages mix up: b, p, v,
f; d, t; g, k, q; l, r; s, z, j, ch.  Vowels are dropped, for Korean and Japanese add some that the original has not
("린드크바네", "Lindqvane").  Alike consonants are not enough to join two names: the caller asks for more, such as one story.
"""

from __future__ import annotations

import re
import unicodedata
from difflib import SequenceMatcher
from functools import lru_cache

from anyascii import anyascii

from tidings.text import fold, is_cjk

LEAST_ALIKE = 0.55  # of the letters, vowels included, that two readings of one name share in order
LONG_SKELETON = 6  # consonants in a row that agree are enough
_CLASSES = (
    ("tsch", "S"), ("sch", "S"), ("tch", "S"), ("ch", "S"), ("sh", "S"), ("zh", "S"), ("ph", "P"), ("th", "T"), ("ck", "K"),
    ("kh", "K"), ("gh", "K"), ("qu", "KP"), ("x", "KS"), ("ng", "N"), ("dt", "T"),
    ("b", "P"), ("p", "P"), ("v", "P"), ("f", "P"), ("w", "P"), ("d", "T"), ("t", "T"), ("g", "K"), ("k", "K"), ("q", "K"),
    ("c", "K"), ("l", "L"), ("r", "L"), ("m", "M"), ("n", "N"), ("s", "S"), ("z", "S"), ("j", "S"), ("h", "H"),
)  # fmt: skip
_CLASS = re.compile("|".join(re.escape(letters) for letters, _ in _CLASSES))
_BY_LETTERS = dict(_CLASSES)


@lru_cache(maxsize=50_000)
def reading(label: str) -> str:
    """Return a name in plain Latin letters, words parted by blanks; Hangul syllables as the Revised Romanisation has them."""
    text = unicodedata.normalize("NFKC", label)
    if len(text) == 3 and text[0] == "이" and is_cjk(text[1:]):
        text = f"Lee {text[1:]}"  # the one family name that nobody writes as the romanisation has it
    latin = "".join(_hangul(c) if "\uac00" <= c <= "\ud7a3" else c for c in text)
    return " ".join(re.findall(r"[a-z]+", fold(anyascii(latin))))


_INITIALS = [
    "g",
    "kk",
    "n",
    "d",
    "tt",
    "r",
    "m",
    "b",
    "pp",
    "s",
    "ss",
    "_",
    "j",
    "jj",
    "ch",
    "k",
    "t",
    "p",
    "h",
]
_VOWELS = [
    "a",
    "ae",
    "ya",
    "yae",
    "eo",
    "e",
    "yeo",
    "ye",
    "o",
    "wa",
    "wae",
    "oe",
    "yo",
    "u",
    "wo",
    "we",
    "wi",
    "yu",
    "eu",
    "ui",
    "i",
]
_FINALS = [
    "_",
    "k",
    "k",
    "k",
    "n",
    "n",
    "n",
    "t",
    "l",
    "k",
    "m",
    "l",
    "l",
    "l",
    "p",
    "l",
    "m",
    "p",
    "p",
    "t",
    "t",
    "ng",
    "t",
    "t",
    "k",
    "t",
    "p",
    "t",
]


def _hangul(syllable: str) -> str:
    initial, rest = divmod(ord(syllable) - 0xAC00, 588)
    vowel, final = divmod(rest, 28)
    return (_INITIALS[initial] + _VOWELS[vowel] + _FINALS[final]).replace("_", "")


@lru_cache(maxsize=50_000)
def skeleton(label: str) -> str:
    """Return the classes of a name's consonants in order, doubles once ("Halloran", "할로런"), "" for a name with fewer than two."""
    letters = reading(label).replace(" ", "")
    found: list[str] = []
    for match in _CLASS.finditer(letters):
        for classed in _BY_LETTERS[match.group()]:
            if not found or found[-1] != classed:
                found.append(classed)
    whole = "".join(found).replace("NP", "MP")
    whole = whole[:1] + whole[1:].replace("H", "")
    return whole if len(whole) > 1 else ""


def sound_alike(a: str, b: str) -> bool:
    """Whether two names may be one name in two scripts: the same consonants, and enough of their letters in order."""
    if is_cjk(a) == is_cjk(b) and a.isascii() == b.isascii():
        return False
    if not _same_skeleton(a, b):
        return False
    if len(skeleton(a)) >= LONG_SKELETON:
        return True
    one, other = reading(a).replace(" ", ""), reading(b).replace(" ", "")
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= LEAST_ALIKE


def _same_skeleton(a: str, b: str) -> bool:
    ours, theirs = skeleton(a), skeleton(b)
    if not ours or not theirs:
        return False
    # W is a consonant in German and a vowel in English and Korean.
    return ours == theirs or any(
        "w" in reading(name) and skeleton(reading(name).replace("w", "")) == other
        for name, other in ((a, theirs), (b, ours))
    )
