"""Start tags by pattern, for pages and lists that no parser need understand whole.

A parser proper takes quadratic time on one tag with endless attributes (libxml2's for HTML: 11 s for 290 kB, measured);
this takes linear time on anything, since no tag is read further than MAX_TAG_CHARS.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_TAG_CHARS = 4_000
MAX_TAGS = 20_000

_ATTRIBUTE = re.compile(
    r"""\b([A-Za-z_:][\w:.-]{0,60})\s{0,9}=\s{0,9}(?:"([^"]*)"|'([^']*)'|([^\s"'<>`=]+))"""
)
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_END = re.compile(r"""(?:[^"'>]|"[^"]*"|'[^']*')*+>""")


@dataclass(frozen=True, slots=True)
class Tag:
    """A start tag: its name in lower case, its attributes, and the text up to its end tag, at most 300 characters."""

    name: str
    attributes: dict[str, str]
    text: str


def tags(page: str, names: tuple[str, ...]) -> Iterator[Tag]:
    """Give the start tags of these names outside comments and scripts, at most MAX_TAGS."""
    text = without(without(page, "<!--", "-->"), "<script", "</script")
    starts = re.finditer(rf"<({'|'.join(names)})(?=[\s/])", text, re.I)
    for start, _ in zip(starts, range(MAX_TAGS), strict=False):
        inside = text[start.end() : start.end() + MAX_TAG_CHARS]
        end = _END.match(inside)
        reach = end.end() if end else inside.find(">") + 1
        words = re.sub(r"<[^<>]*>", " ", re.split(f"(?i)</{start[1]}", inside[reach : reach + 300])[0])
        yield Tag(start[1].lower(), attributes(inside[:reach]), html.unescape(words))


def attributes(inside: str) -> dict[str, str]:
    """Return a tag's attributes by local name in lower case; of several with one name, the first."""
    return {
        name.rpartition(":")[2].lower(): _letters(double or single or bare)
        for name, double, single, bare in reversed(_ATTRIBUTE.findall(inside))
    }


def _letters(value: str) -> str:
    """Return an attribute's value; only references that end as they should are read ("&copy=1" is a parameter)."""
    return _REFERENCE.sub(lambda found: html.unescape(found[0]), value)


def without(text: str, begin: str, end: str) -> str:
    """Return text without what stands between begin and end (in any case, both included)."""
    folded = text.lower()
    if len(folded) != len(text):  # a few letters grow when folded; then positions would not match
        folded = text
    kept, at = [], 0
    while (start := folded.find(begin, at)) >= 0 and (stop := folded.find(end, start + len(begin))) >= 0:
        kept.append(text[at:start])
        at = stop + len(end)
    return "".join([*kept, text[at:]])
