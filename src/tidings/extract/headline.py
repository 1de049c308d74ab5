"""The headline that a page's own statements of it agree on: h1, JSON-LD, OpenGraph, <title>."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from lxml.html import HtmlElement

from tidings.extract.tags import Meta, all_of, plain, text_of
from tidings.text import fold, words
from tidings.urls import site_of

MAX_HEADLINE_CHARS = 300

Statement = tuple[str, str]  # where it stands, its text

_SEPARATOR = re.compile(r"\s+[|·•»«›–—:]+\s+|\s+-+\s+|\s*[|_]\s*|\s+::\s+|\s+<\s+")
_STRONG_SEPARATOR = re.compile(r"\s+(?:[|»›·•]+|::)\s+")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+$", re.I)
_ELLIPSIS = re.compile(r"\s*(?:\.{3,}|…|\[\s*(?:\.{3}|…)\s*\])\s*$")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
# What is written for sharing is one witness, however many tags repeat it.
_WITNESS = {"og": "shared", "twitter": "shared", "meta": "shared", "itemprop": "h1"}


def stated_titles(tree: HtmlElement, meta: Meta) -> list[Statement]:
    """Return the statements of the headline in the page's HTML, the most trusted kind first."""
    found = [("h1", text_of(h1)) for h1 in list(tree.iter("h1"))[:5]]
    found += [("itemprop", text_of(e)) for e in tree.xpath("(//h2|//h3|//div)[@itemprop='headline']")[:2]]
    found += [("og", plain(text)) for text in all_of(meta, ("og:title",))[:1]]
    found += [("twitter", plain(text)) for text in all_of(meta, ("twitter:title",))[:1]]
    found += [
        ("meta", plain(text)) for text in all_of(meta, ("headline", "dc.title", "parsely-title", "title"))[:2]
    ]
    title = tree.find(".//head/title")
    if title is not None and title.text:
        found.append(("title", plain(title.text)))
    return [(where, text) for where, text in found if text and len(text) <= 2 * MAX_HEADLINE_CHARS]


def headline_of(titles: Sequence[Statement], *, site_name: str | None, url: str) -> tuple[str | None, int]:
    """Return the statement that most others agree with, without the site's name, and how many kinds state it.

    What readers see above the text (h1) wins as soon as anything agrees with it, be it the address; alone it may be the
    site's name.
    """
    names = [fold(name) for name in (site_name, (site_of(url) or "").split(".")[0]) if name]
    candidates = []
    for where, text in titles:
        text = _without_site(text, names, others=[other for w, other in titles if w != where])
        if text and fold(text) not in names:
            candidates.append((_WITNESS.get(where, where), text))
    if not candidates:
        return None, 0
    keys = [(witness, frozenset(words(fold(text)))) for witness, text in candidates]
    slug = _slug(url)
    best, support, most = candidates[0][1], 0, -9.0
    for (witness, text), (_, key) in zip(candidates, keys, strict=True):
        agreeing = len({w for w, other in keys if w != witness and _agree(key, other)})
        score = float(agreeing)
        if witness == "h1":
            named = _is_in(slug, text)
            score += 0.6 + 0.5 * named if agreeing or named else -0.25
        if _ELLIPSIS.search(text) or (" " not in text and "-" in text):
            score -= 1.0  # cut off, or a name of a file
        if len(key) == 1:
            score -= 0.05  # "News"
        if score > most:
            best, support, most = text, agreeing, score
    return _without_kicker(best, [text for _, text in candidates])[:MAX_HEADLINE_CHARS], support + 1


def _slug(url: str) -> frozenset[str]:
    """Return the words of an address's last part that is made of four or more, else none."""
    for part in reversed(unquote(urlsplit(url).path).split("/")[-2:]):
        found = frozenset(
            word for word in re.split(r"[-_.]+", fold(part)) if len(word) >= 3 and word.isalpha()
        )
        if len(found) >= 4:
            return found
    return frozenset()


def _is_in(slug: frozenset[str], text: str) -> bool:
    """Whether six in ten words of an address are in a headline, umlauts written out or not."""
    said = frozenset(words(fold(text))) | frozenset(words(fold(text.lower().translate(_UMLAUTS))))
    return bool(slug) and len(slug & said) >= 0.6 * len(slug)


def _agree(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two headlines share at least six words in ten."""
    return bool(one and other) and len(one & other) >= 0.6 * len(one | other)


def _without_kicker(best: str, others: Sequence[str]) -> str:
    """Return a headline without the line above it that some pages put into the same h1."""
    for other in others:
        if len(words(other)) >= 3 and len(other) < len(best) and fold(best).endswith(f" {fold(other)}"):
            return other
    return best


def _without_site(text: str, names: Sequence[str], *, others: Sequence[str]) -> str:
    """Return a title without the site's name before or after it ("… | The Courier")."""
    text = text.strip(" |-–—·•_")
    wholes = {fold(other) for other in others}
    for cut in list(_SEPARATOR.finditer(text))[-6:]:
        before, after = text[: cut.start()].strip(), text[cut.end() :].strip()
        if fold(before) in wholes and fold(after) in wholes and len(words(before)) == 1:
            return after  # "Bulletins - Harbour closed", where both are headings
        if fold(before) in wholes or _ADDRESS.match(after) or any(_names_site(after, name) for name in names):
            return before or after
        if fold(after) in wholes or any(fold(before) == name for name in names):
            return after or before
    # The name of a site that nothing else on the page tells: short, last, behind a mark that headlines hardly use.
    strong = list(_STRONG_SEPARATOR.finditer(text))
    if (
        strong
        and len(words(text[: strong[0].start()])) >= 3
        and len(text) - strong[0].end() < strong[0].start()
    ):
        return text[: strong[0].start()].strip()
    return text


def _names_site(text: str, name: str) -> bool:
    folded = fold(text)
    squeezed = re.sub(r"\W+", "", folded)
    name_squeezed = re.sub(r"\W+", "", name)
    return bool(name_squeezed) and (
        squeezed == name_squeezed
        or (len(name_squeezed) > 3 and squeezed.startswith(name_squeezed) and len(folded) < 40)
        or (len(squeezed) > 3 and len(squeezed) >= 0.5 * len(name_squeezed) and squeezed in name_squeezed)
    )
