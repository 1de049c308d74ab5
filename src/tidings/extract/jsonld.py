"""JSON-LD as news sites really write it → the node that describes the page's article.

schema.org's NewsArticle and its kin, alone, in arrays, under @graph, with authors given by @id; in scripts with HTML
comments, trailing commas, raw line breaks, several values in a row.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from lxml.html import HtmlElement

from tidings.text import fold, tidy
from tidings.urls import canonical_url

Node = dict[str, Any]

MAX_SCRIPT_CHARS = 2_000_000
MAX_SCRIPTS = 40
MAX_NODES = 4_000

_ARTICLE_TYPE = re.compile(r"(?:Article|BlogPosting|LiveBlogPosting|Report|CriticReview|Review)$")
_LISTS_OTHERS = frozenset(
    ["itemListElement", "relatedLink", "hasPart", "isPartOf", "citation", "comment", "mentions"]
)
_WRAPPING = re.compile(
    r"^\s*(?:/[/*]\s*)?<!(?:\[CDATA\[|--)(?:\s*\*/)?|(?:/[/*]\s*)?(?:\]\]|--)>(?:\s*\*/)?\s*$"
)
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_SALVAGED = ("headline", "datePublished", "dateModified", "articleSection", "inLanguage", "description")


def all_nodes(tree: HtmlElement) -> list[Node]:
    """Return every object of the page's JSON-LD in reading order, but none from lists of other articles."""
    return [node for script in _scripts(tree) for node in _nodes(_parse(script))]


def article_node(
    nodes: Sequence[Node], *, url: str, titles: Sequence[str]
) -> tuple[Node | None, dict[str, Node]]:
    """Return the node describing the page's article (None without one) and every node by its @id.

    Of several articles it is the one with the page's address, else the one with one of the page's titles, else the first.
    """
    by_id: dict[str, Node] = {}
    for node in nodes:
        key = node.get("@id")
        if isinstance(key, str) and (key not in by_id or len(node) > len(by_id[key])):
            by_id[key] = node
    articles = [n for n in nodes if _is_article(n)]
    return _of_page(articles, url=url, titles=titles), by_id


def crumbs(nodes: Sequence[Node]) -> list[tuple[str, str]]:
    """Return names and addresses along the first BreadcrumbList, as written, from the front page down."""
    for node in nodes:
        if "BreadcrumbList" in strings(node.get("@type")):
            return [_crumb(step) for step in objects(node.get("itemListElement"), {})]
    return []


def _crumb(step: Node) -> tuple[str, str]:
    page = step.get("item")
    page = page if isinstance(page, dict) else {"@id": page}
    names = [*strings(step.get("name")), *strings(page.get("name")), ""]
    return names[0], next(iter([*strings(page.get("@id")), *strings(page.get("url"))]), "")


def _scripts(tree: HtmlElement) -> Iterator[str]:
    found = 0
    for script in tree.iter("script"):
        if "ld+json" in (script.get("type") or "").lower() and script.text:
            yield script.text[:MAX_SCRIPT_CHARS]
            found += 1
            if found == MAX_SCRIPTS:
                return


def _parse(script: str) -> list[Any]:
    """Return the JSON values of a script, mended where that is safe; the readable strings of an article when not."""
    text = _WRAPPING.sub("", _WRAPPING.sub("", script)).strip().rstrip(";").strip()
    for attempt in (text, _TRAILING_COMMA.sub(r"\1", text), html.unescape(text)):
        values = _values(attempt)
        if values:
            return values
    salvaged = {}
    for name in _SALVAGED:
        found = re.search(rf'"{name}"\s*:\s*("(?:[^"\\\n]|\\.){{1,2000}}")', text)
        if found:
            try:
                salvaged[name] = json.loads(found.group(1), strict=False)
            except ValueError:
                continue
    return [{"@type": "NewsArticle", **salvaged}] if "headline" in salvaged else []


def _values(text: str) -> list[Any]:
    decoder = json.JSONDecoder(strict=False)
    values: list[Any] = []
    position = 0
    while position < len(text) and len(values) < MAX_SCRIPTS:
        try:
            value, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            return values
        values.append(value)
        while position < len(text) and text[position] in " \t\r\n,;":
            position += 1
    return values


def _nodes(values: Sequence[Any]) -> list[Node]:
    found: list[Node] = []
    waiting = list(reversed(values))
    while waiting and len(found) < MAX_NODES:
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(reversed(value))
        elif isinstance(value, dict):
            found.append(value)
            waiting.extend(
                reversed(
                    [v for k, v in value.items() if k not in _LISTS_OTHERS and isinstance(v, dict | list)]
                )
            )
    return found


def _is_article(node: Node) -> bool:
    return any(_ARTICLE_TYPE.search(kind) for kind in strings(node.get("@type"))) and bool(
        node.get("headline") or node.get("name") or node.get("datePublished")
    )


def _of_page(articles: Sequence[Node], *, url: str, titles: Sequence[str]) -> Node | None:
    if len(articles) < 2:
        return articles[0] if articles else None
    here = canonical_url(url)
    for node in articles:
        if here and here in {canonical_url(address, url) for address in addresses(node)}:
            return node
    folded = {fold(title) for title in titles}
    for node in articles:
        if any(fold(tidy(html.unescape(text))) in folded for text in strings(node.get("headline"))):
            return node
    return articles[0]


def addresses(node: Node) -> list[str]:
    """Return what a node says its page's address is, as written."""
    main = node.get("mainEntityOfPage")
    found = [*strings(node.get("url")), *strings(node.get("@id")), *strings(main)]
    if isinstance(main, dict):
        found += [*strings(main.get("@id")), *strings(main.get("url"))]
    return found


def strings(value: Any) -> list[str]:
    """Return the strings in a value that may be one string, a list, or neither."""
    if isinstance(value, str):
        return [value] if value.strip() else []
    if isinstance(value, list):
        return [text for text in value if isinstance(text, str) and text.strip()]
    return []


def objects(value: Any, by_id: dict[str, Node]) -> list[Node]:
    """Return the objects in a value that may be one, a list, or references by @id to others."""
    found = []
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, dict):
            key = each.get("@id")
            found.append(by_id.get(key, each) if isinstance(key, str) and len(each) <= 2 else each)
    return found
