"""What changed between two versions of an article: whether anything did, how much it matters, and where.

A revision is a change of the body's words.  White space, paragraph breaks, the shape of quotation marks and dashes, and
lines that count minutes ("updated 3 min ago") are none.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Literal

from tidings.model import Extract, Revision, RevisionChange
from tidings.text import fold, is_cjk

DiffOp = Literal["same", "removed", "added"]
DiffParagraph = tuple[tuple[DiffOp, str], ...]

# Beyond these a comparison would be slow; the stretch then shows as removed and added whole.
MAX_PARAGRAPHS = 2_000
MAX_TOKENS_COMPARED = 4_000_000  # product of the two lengths

_PASSING = re.compile(
    r"""(?:last\s+|zuletzt\s+)?(?:updated?|published|posted|modified|aktualisiert|veröffentlicht|stand|mis\s+à\s+jour|actualizado|aggiornato)?
        \s*:?\s*(?:il\s+y\s+a|vor|hace|há)?\s*(?:\d+|an?|one|einer?)\s*
        (?:s|sec|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|sekunden?|minuten?|stunden?|tage?n?|heures?|jours?|minutos?|horas?|días?|분|시간|일)
        \.?\s*(?:ago|전|fa)?
    |(?:last\s+)?updated?\s*(?::|\bat\b|\bon\b)\s*[\w\s,.:/+-]{0,25}(?:\d:\d\d|20\d\d)[\w\s,.:/+()-]{0,30}
    |\d+\s*(?:min(?:ute)?s?\.?\s+read|comments?|shares?|views?|kommentare?|lesezeit.*)
    |(?:입력|수정|기사입력|최종수정)\s*[:：]?\s*[\d\s.:/-]+(?:오전|오후)?[\d\s.:/-]*""",
    re.I | re.X,
)
_UNIFIED = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′`´", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        "…": "...",
        "\u00ad": None,
        "\u200b": None,
        "\ufeff": None,
    }
)


def text_digest(extract: Extract) -> bytes:
    """Return the SHA-256 of an article's normalised body: equal as long as its words are."""
    return hashlib.sha256(_normal(extract.paragraphs).encode("utf-8", "replace")).digest()


def _normal(paragraphs: Iterable[str]) -> str:
    texts = (unicodedata.normalize("NFC", text).translate(_UNIFIED) for text in paragraphs)
    flat = (" ".join(text.split()) for text in texts)
    return " ".join(text for text in flat if text and not (len(text) <= 90 and _PASSING.fullmatch(text)))


# ── how much ─────────────────────────────────────────────────────────────────────────────────────────────────────────

# Words whose coming and going leaves the sense: articles and the like of the larger languages.  No negation is here.
_LIGHT_WORDS = """
    a an the of that to in on at and also then der die das den dem des ein eine le la les l un une el los las
    una o os as i il lo gli
"""
_LIGHT = frozenset(_LIGHT_WORDS.split())
_COUNTING_WORDS = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety dozen hundred thousand
    million billion trillion millions billions half third quarter double first second eins zwei drei vier fünf
    sechs sieben acht neun zehn tausend hundert millionen milliarden deux trois quatre cinq sept huit neuf dix
    mille millions milliards dos tres cuatro cinco seis siete ocho nueve diez mil millones
"""
_COUNTING = frozenset(_COUNTING_WORDS.split())
_NEGATING_PREFIX = re.compile(r"^(?:un|in|im|il|ir|dis|non|de|mis|anti|re)")
_MINOR_CHANGES = 8
_MINOR_SHARE = 0.05
_TOKEN = re.compile(r"[^\W_]+(?:['.,][^\W_]+)*|[^\w\s]")


def change_of(old: Revision, new: Extract) -> RevisionChange | None:
    """Return how the body changed: None not at all, "minor" by typing errors and punctuation, else "substantive".

    Minor is only what cannot change the sense: a misspelt word (never a name, a number or a short word), an article, a
    word split or joined.  Everything in doubt is substantive.
    """
    before, after = _normal(old.paragraphs), _normal(new.paragraphs)
    if before == after:
        return None
    one, other = _TOKEN.findall(before), _TOKEN.findall(after)
    if abs(len(one) - len(other)) > 4 * _MINOR_CHANGES:
        return "substantive"
    opcodes = _opcodes([fold(token) for token in one], [fold(token) for token in other])
    changes = [(_said(one[i:j]), _said(other[k:m])) for op, i, j, k, m in opcodes if op != "equal"]
    changes = [change for change in changes if change != ([], [])]
    if len(changes) > max(_MINOR_CHANGES, _MINOR_SHARE * len(one)):
        return "substantive"
    names = _names(before) | _names(after)
    return "minor" if all(_is_slip(a, b, names) for a, b in changes) else "substantive"


def _said(tokens: Sequence[str]) -> list[str]:
    """Return the words of a stretch; %, $ and the like count as words."""
    return [
        t
        for t in tokens
        if any(c.isalnum() for c in t) or unicodedata.category(t[0]) in ("Sc", "Sm") or t in "%‰°"
    ]


def _names(text: str) -> set[str]:
    """Return the words that are written with a capital inside a sentence, folded."""
    return {fold(m[1]) for m in re.finditer(r"(?<=[\w,;:'\"-] )([^\W\d_][\w'-]*)", text) if m[1][0].isupper()}


def _is_slip(before: Sequence[str], after: Sequence[str], names: set[str]) -> bool:
    """Whether one stretch of words for another is a corrected slip."""
    if fold("".join(before)) == fold("".join(after)):
        return True  # split, joined, or only case and accents
    if not before or not after:
        return len(before) + len(after) == 1 and fold((*before, *after)[0]) in _LIGHT
    if len(before) != len(after):
        return False
    return all(a == b or _is_misspelling(fold(a), fold(b), names) for a, b in zip(before, after, strict=True))


def _is_misspelling(one: str, other: str, names: set[str]) -> bool:
    if one == other:
        return True
    if {one, other} <= _LIGHT:
        return True
    if min(len(one), len(other)) < 4 or {one, other} & names or {one, other} & _COUNTING:
        return False
    if (
        is_cjk(one + other)
        or any(c.isdigit() for c in one + other)
        or not (one.isalpha() and other.isalpha())
    ):
        return False
    longer, shorter = (one, other) if len(one) > len(other) else (other, one)
    if longer.endswith(shorter) and _NEGATING_PREFIX.match(longer):
        return False
    return _edits(one, other) <= (1 if min(len(one), len(other)) < 8 else 2)


def _edits(one: str, other: str) -> int:
    """Return the edit distance, two neighbours swapped counting once (optimal string alignment)."""
    if abs(len(one) - len(other)) > 2 or max(len(one), len(other)) > 60:
        return 99
    above: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        last, above, row = above, row, [i]
        for j, b in enumerate(other, 1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]


# ── where ────────────────────────────────────────────────────────────────────────────────────────────────────────────

_PIECE = re.compile(r"\s+|[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W_]+(?:['’][^\W_]+)*|.", re.S)


def diff(old: Revision, new: Revision) -> list[DiffParagraph]:
    """Return the new version's paragraphs in order with the old ones woven in, each a run of (op, text).

    "same" and "removed" together are the old paragraphs, "same" and "added" the new ones, to the letter.
    """
    return diff_paragraphs(old.paragraphs, new.paragraphs)


def diff_paragraphs(old: Sequence[str], new: Sequence[str]) -> list[DiffParagraph]:
    """Return the word-level comparison of two texts by paragraph (see diff)."""
    woven: list[DiffParagraph] = []
    for op, i, j, k, m in _opcodes(old, new, limit=MAX_PARAGRAPHS * MAX_PARAGRAPHS):
        if op == "equal":
            woven.extend((("same", text),) for text in old[i:j])
        else:
            woven.extend(_weave(old[i:j], new[k:m]))
    return woven


def _weave(old: Sequence[str], new: Sequence[str]) -> Iterator[DiffParagraph]:
    """Yield two stretches of changed paragraphs, each old one beside the new one it became."""
    start = 0
    bags = [Counter(_words(text)) for text in new] if len(old) * len(new) <= 10_000 else []
    for text in old:
        bag = Counter(_words(text))
        scores = [(_overlap(bag, other), -k) for k, other in enumerate(bags) if k >= start]
        score, position = max(scores, default=(0.0, 0))
        if score >= 0.4:
            yield from ((("added", t),) for t in new[start:-position])
            yield diff_words(text, new[-position])
            start = -position + 1
        else:
            yield (("removed", text),)
    yield from ((("added", t),) for t in new[start:])


def _words(text: str) -> list[str]:
    return [piece for piece in _PIECE.findall(text) if not piece.isspace()]


def _overlap(one: Counter[str], other: Counter[str]) -> float:
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 0.0


def diff_words(old: str, new: str) -> DiffParagraph:
    """Return one text woven into another word by word; changes side by side are joined into one."""
    one, other = _PIECE.findall(old), _PIECE.findall(new)
    runs: list[tuple[DiffOp, str]] = []
    removed, added = "", ""
    opcodes = _opcodes(one, other)
    for number, (op, i, j, k, m) in enumerate(opcodes):
        if op == "equal" and not (
            (removed or added) and "".join(one[i:j]).isspace() and number + 1 < len(opcodes)
        ):
            runs += [(o, text) for o, text in (("removed", removed), ("added", added)) if text]  # type: ignore[misc]
            removed, added = "", ""
            runs.append(("same", "".join(one[i:j])))
        else:  # changes, and the blank between two of them
            removed += "".join(one[i:j])
            added += "".join(other[k:m])
    runs += [(o, text) for o, text in (("removed", removed), ("added", added)) if text]  # type: ignore[misc]
    return tuple(runs)


Opcode = tuple[str, int, int, int, int]


def _opcodes(one: Sequence[str], other: Sequence[str], *, limit: int = MAX_TOKENS_COMPARED) -> list[Opcode]:
    """Return difflib's opcodes, after cutting what both begin and end with; a middle too long is replaced whole."""
    start = 0
    least = min(len(one), len(other))
    while start < least and one[start] == other[start]:
        start += 1
    end = 0
    while end < least - start and one[-1 - end] == other[-1 - end]:
        end += 1
    middle, other_middle = one[start : len(one) - end], other[start : len(other) - end]
    opcodes: list[Opcode] = [("equal", 0, start, 0, start)] if start else []
    if len(middle) * len(other_middle) > limit:
        opcodes.append(("replace", start, len(one) - end, start, len(other) - end))
    else:
        matcher = SequenceMatcher(None, middle, other_middle, autojunk=False)
        opcodes += [
            (op, i + start, j + start, k + start, m + start) for op, i, j, k, m in matcher.get_opcodes()
        ]
    if end:
        opcodes.append(("equal", len(one) - end, len(one), len(other) - end, len(other)))
    return opcodes
