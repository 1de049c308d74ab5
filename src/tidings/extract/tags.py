"""The <meta> tags of a page, and plain text from attributes and JSON values."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator

from lxml import etree
from lxml.html import HtmlElement

from tidings.text import tidy

Meta = dict[str, list[str]]

MAX_VALUES, MAX_VALUE_CHARS = 20, 5_000
_SILENT = frozenset(["script", "style", "noscript"])


def meta_tags(tree: HtmlElement) -> Meta:
    """Return the contents of <meta> by lower-case name, property or itemprop, in the page's order."""
    found: Meta = {}
    for element in tree.iter("meta"):
        content = element.get("content")
        name = (
            element.get("property")
            or element.get("name")
            or element.get("itemprop")
            or element.get("http-equiv")
        )
        if content and name and content.strip():
            for each in name.lower().split():
                values = found.setdefault(each, [])
                if len(values) < MAX_VALUES:
                    values.append(content.strip()[:MAX_VALUE_CHARS])
    return found


def all_of(meta: Meta, names: Iterable[str]) -> list[str]:
    """Return every value under these names, the first name's first."""
    return [value for name in names for value in meta.get(name, ())]


def first_of(meta: Meta, names: Iterable[str], default: str = "") -> str:
    return next(iter(all_of(meta, names)), default)


def plain(text: str) -> str:
    """Return text of an attribute or JSON value: entities undone (twice: many sites escape twice), tags gone, tidied."""
    text = html.unescape(html.unescape(text))
    return tidy(re.sub(r"</?[a-zA-Z][^<>]{0,300}>", "", text))


def text_of(element: HtmlElement) -> str:
    """Return the text that an element shows, tidied, its parts a blank apart; scripts and styles show none.

    What is longer than any title, credit or standfirst is cut off, and never looked at.
    """
    return tidy(" ".join(texts_of(element))[:MAX_VALUE_CHARS])


def texts_of(element: HtmlElement) -> Iterator[str]:
    """Yield the runs of text that an element shows, as they stand, up to MAX_VALUE_CHARS of them."""
    length = 0
    walk = etree.iterwalk(element, events=("start", "end"))
    for event, node in walk:
        if event == "start":
            text = None if node.tag in _SILENT else node.text
            if node.tag in _SILENT:
                walk.skip_subtree()
        else:
            text = node.tail if node is not element else None
        if text:
            yield text
            length += len(text)
            if length > MAX_VALUE_CHARS:
                return
