"""The line under the headline: the element that the page shows as such, else a description that is none of the text."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from lxml.html import HtmlElement

from tidings.extract.credits import is_credit_line
from tidings.extract.metadata import Metadata
from tidings.extract.tags import text_of
from tidings.text import fold, is_cjk, shingles, tidy, words

MIN_CHARS, MIN_CHARS_DENSE, MAX_CHARS = 30, 12, 700
_CUT = re.compile(r"\s*(?:\.{3,}|…|\[\s*(?:\.{3}|…)\s*\])\s*$")
# Descriptions written to shine in a list of search results, and credit lines filled into the field by a template.
_FOR_ENGINES = re.compile(
    r"[✓✔✅➤►➥▶★☆☛⭐❤➜→]|\b(?:updated|published|posted):|\d{1,2}:\d\d\s*[ap]\.?m"
    r"|\b(?:erfahren\s+sie|lesen\s+sie|informieren\s+sie|(?:read|learn|find\s+out)\s+more|en\s+savoir\s+plus)\b[^.!?]{0,40}[.!?]*$",
    re.I,
)
_CAPTION = re.compile(
    r"^\s*©|\([^()]{3,40}/[^()]{3,40}\)\s*$|\b(?:photo(?:graph)?|foto)s?(?:\s+(?:by|von)|:)\s[^.!?]{3,60}$",
    re.I,
)  # "(Jane Roe / Concord Wire)"
# How newsrooms and themes call it, in the languages of the 595 real pages.
_MARK = re.compile(
    r"(?:^|[\s_-])(?:stand-?first|dec?k|sub-?title|sub-?head(?:line|ing)?|strap-?line|chapo|chapeau|entradilla|bajada|copete|"
    r"sumario|subtitulo|vorspann|anrei(?:ß|ss)er|zajawka|sottotitolo|occhiello|ingress|manchet|alternativeheadline)(?:$|[\s_-])",
    re.I,
)
# Names that are given to a text's first paragraph as well: a standfirst only when it stands apart from the text.
_WEAK_MARK = re.compile(
    r"(?:^|[\s_-])(?:intro(?:duction)?|teaser|lead|lede|preface|excerpt|summary|abstract|short-?info|description)(?:$|[\s_-]|text)",
    re.I,
)
_ELSEWHERE = frozenset(["a", "aside", "nav", "footer", "figure", "form", "ul", "ol", "table"])
_SHOWN = frozenset(["p", "div", "h2", "h3", "h4", "span", "section"])


def shown_standfirst(tree: HtmlElement, *, headline: str, paragraphs: Sequence[str]) -> str | None:
    """Return the text of the element that its class calls a standfirst, between the headline and the text.

    paragraphs: the text, which may begin with the standfirst.
    """
    title = _key(headline)
    openings = [fold(text[:30]) for text in paragraphs[:2]]
    after_headline = False
    found: HtmlElement | None = None
    found_text = ""
    for element in tree.iter("h1", *_SHOWN):
        if element.tag == "h1":
            after_headline = after_headline or _key(text_of(element)[:400]) == title
            continue
        if not after_headline:
            continue
        opening = fold(tidy(element.text or "")[:30])
        if found is not None:
            # Weakly marked and beside the text's own paragraphs, it is the first of them.
            if opening and opening in openings and not fold(found_text).startswith(opening):
                return None if element.getparent() is found.getparent() else found_text
            continue
        marks = f"{element.get('class') or ''} {element.get('itemprop') or ''}"
        strong = _MARK.search(marks)
        if (strong or _WEAK_MARK.search(marks)) and not any(
            a.tag in _ELSEWHERE for a in element.iterancestors()
        ):
            text = text_of(element)
            if _least(text) <= len(text) <= MAX_CHARS and _key(text) != title:
                if strong:
                    return text
                found, found_text = element, text
                continue
        if opening and opening in openings:
            return None
    return None


def standfirst_of(
    meta: Metadata, tree: HtmlElement | None, *, headline: str, paragraphs: Sequence[str]
) -> tuple[str | None, list[str]]:
    """Return the standfirst and the paragraphs without it.

    What the page shows as its standfirst leaves the text when it opens it.  Without one, a description is the standfirst
    when it is about this article, says something else than the headline and the text's beginning, and is not cut off.
    """
    body = list(paragraphs)
    opening = frozenset(shingles(_key(" ".join(body[:8])[:6000]), 3))
    shown = shown_standfirst(tree, headline=headline, paragraphs=body) if tree is not None else None
    if shown and not is_credit_line(shown) and not _CAPTION.search(shown):
        if len(body) > 1 and _key(shown) == _key(body[0]):
            return body[0], body[1:]
        if not _is_said(shown, opening):
            return shown, body
    for text in meta.descriptions:
        if (
            is_credit_line(text)
            or _CUT.search(text)
            or _CAPTION.search(text)
            or _FOR_ENGINES.search(text)
            or (meta.site and meta.site in text.lower())  # "courier.example brings you …"
            or not _least(text) <= len(text) <= MAX_CHARS
        ):
            continue
        if _is_said(text, opening) or _repeats(text, headline) or not _is_about(text, [headline, *body]):
            continue
        return text, body
    return None, body


def _least(text: str) -> int:
    """Return the least length of a standfirst: scripts without spaces say more in a character."""
    return MIN_CHARS_DENSE if is_cjk(text) else MIN_CHARS


def _key(text: str) -> list[str]:
    return [fold(word) for word in words(text)]


def _repeats(text: str, headline: str) -> bool:
    """Whether a text says hardly more than the headline."""
    title, own = _key(headline), _key(text)
    said = set(title)
    return own[: len(title)] == title or sum(word in said for word in own) >= 0.8 * len(own)


def _is_said(text: str, said: Collection[str]) -> bool:
    """Whether seven in ten of a text's 3-word shingles are among those said."""
    own = shingles(_key(text), 3)
    return not own or sum(shingle in said for shingle in own) >= 0.7 * len(own)


def _is_about(text: str, body: Sequence[str]) -> bool:
    """Whether a description is this article's and not the site's: a quarter of its longer words are in the text."""
    said = set(_key(" ".join(body)[:10_000]))
    own = [word for word in _key(text) if len(word) > 3] or _key(text)
    return sum(word in said for word in own) >= 0.25 * len(own)
