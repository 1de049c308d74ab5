"""What a page says about its article beside the text: JSON-LD, OpenGraph, microdata, meta tags, <time>."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lxml.html import HtmlElement

from tidings.extract import dates, jsonld
from tidings.extract.byline import people
from tidings.extract.jsonld import objects, strings
from tidings.text import fold, tidy, words
from tidings.urls import canonical_url, resolve, site_of

MAX_HEADLINE_CHARS = 300
_SEPARATOR = re.compile(r"\s+[|·•»«–—:]+\s+|\s+-+\s+|\s*[|_]\s*|\s+::\s+|\s+<\s+")
_ELLIPSIS = re.compile(r"\s*(?:\.{3,}|…|\[\s*(?:\.{3}|…)\s*\])\s*$")

_PUBLISHED = (
    "article:published_time", "og:article:published_time", "og:published_time", "datepublished", "parsely-pub-date",
    "sailthru.date", "cxenseparse:recs:publishtime", "publish-date", "publish_date", "publishdate", "published-date",
    "pubdate", "dc.date.issued", "dcterms.issued", "dcterms.created", "dc.date.created", "dc.date", "dcterms.date",
    "article.published", "article_date_original", "originalpublicationdate", "date", "rnews:datepublished", "created",
    "last-modified-first",
)  # fmt: skip
_MODIFIED = (
    "article:modified_time", "og:article:modified_time", "og:updated_time", "datemodified", "dcterms.modified",
    "dc.date.modified", "article.updated", "last-modified", "lastmod",
)  # fmt: skip
_AUTHOR = (
    "author", "article:author", "byl", "dc.creator", "dcterms.creator", "parsely-author", "sailthru.author",
    "og:article:author", "article:author_name", "citation_author", "twitter:data1:author",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the page states; `headline_votes` counts its agreeing statements of the headline (title, og:, JSON-LD, h1)."""

    headline: str | None
    headline_votes: int
    descriptions: tuple[str, ...]
    titles: frozenset[str]
    byline: tuple[str, ...]
    section: str | None
    published: dates.Stated | None
    modified: dates.Stated | None
    canonical_url: str | None
    language: str | None
    image_url: str | None
    site_name: str | None
    article_body: str | None
    word_count: int | None
    locked: bool
    is_article: bool
    kind: str | None


Meta = dict[str, list[str]]


def read_metadata(tree: HtmlElement, *, url: str, latest: datetime) -> Metadata:
    """Return what the page says; `latest` bounds its times (a page cannot be later than when it was fetched)."""
    meta = _meta(tree)
    titles = _titles(tree, meta)
    node, by_id = jsonld.article_node(tree, url=url, titles=[text for _, text in titles])
    node = node or {}
    site_name = _site_name(meta, node, by_id)
    headline, votes = _headline(titles, node, site_name=site_name, url=url)
    return Metadata(
        headline=headline,
        headline_votes=votes,
        titles=frozenset(
            text for _, text in [*titles, *(("jsonld", _plain(t)) for t in strings(node.get("headline")))]
        )
        | {headline or ""},
        descriptions=tuple(_descriptions(meta, node)),
        byline=_byline(tree, meta, node, by_id, site_name=site_name),
        section=_section(meta, node, site_name=site_name),
        published=_published(tree, meta, node, url=url, latest=latest),
        modified=dates.first_stated(
            [*strings(node.get("dateModified")), *_all(meta, _MODIFIED)], latest=latest
        ),
        canonical_url=_canonical(tree, meta, node, url=url),
        language=_declared_language(tree, meta, node),
        image_url=_image(meta, node, by_id, url=url),
        site_name=site_name,
        article_body=next(iter(strings(node.get("articleBody"))), None),
        word_count=_count(node.get("wordCount")),
        locked=_is_locked(meta, node),
        is_article=bool(node) or "article" in _first(meta, ("og:type",), ""),
        kind=_first(meta, ("og:type",), "") or None,
    )


# ── meta tags ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _meta(tree: HtmlElement) -> Meta:
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
                if len(values) < 20:
                    values.append(content.strip()[:5000])
    return found


def _all(meta: Meta, names: Iterable[str]) -> list[str]:
    return [value for name in names for value in meta.get(name, ())]


def _first(meta: Meta, names: Iterable[str], default: str = "") -> str:
    return next(iter(_all(meta, names)), default)


def _plain(text: str) -> str:
    """Return text of an attribute or JSON value: entities undone (twice: many sites escape twice), tags gone, tidied."""
    text = html.unescape(html.unescape(text))
    return tidy(re.sub(r"</?[a-zA-Z][^<>]{0,300}>", "", text))


# ── headline ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _titles(tree: HtmlElement, meta: Meta) -> list[tuple[str, str]]:
    """Return (where, text) of every statement of the headline, the most trusted kind first."""
    found = [("h1", tidy(" ".join(h1.itertext()))) for h1 in list(tree.iter("h1"))[:5]]
    found += [
        ("itemprop", tidy(e.text_content()))
        for e in tree.xpath("(//h2|//h3|//div)[@itemprop='headline']")[:2]
    ]
    found += [("og", _plain(text)) for text in _all(meta, ("og:title",))[:1]]
    found += [("twitter", _plain(text)) for text in _all(meta, ("twitter:title",))[:1]]
    found += [
        ("meta", _plain(text)) for text in _all(meta, ("headline", "dc.title", "parsely-title", "title"))[:2]
    ]
    title = tree.find(".//head/title")
    if title is not None and title.text:
        found.append(("title", _plain(title.text)))
    return [(where, text) for where, text in found if text and len(text) <= 2 * MAX_HEADLINE_CHARS]


def _headline(
    titles: Sequence[tuple[str, str]], node: jsonld.Node, *, site_name: str | None, url: str
) -> tuple[str | None, int]:
    """Return the statement that most others agree with, and how many kinds do; the h1 as it stands wins a tie."""
    stated = [("jsonld", _plain(text)) for text in strings(node.get("headline"))[:1]]
    names = [fold(name) for name in (site_name, _host_label(url)) if name]
    candidates = []
    for where, text in [*(t for t in titles if t[0] == "h1"), *stated, *(t for t in titles if t[0] != "h1")]:
        text = _without_site(text, names, others=[t for w, t in [*titles, *stated] if w != where])
        if text and fold(text) not in names:
            candidates.append((where, text))
    if not candidates:
        return None, 0
    # What is written for sharing is one witness, however many tags repeat it.
    keys = [(_WITNESS.get(where, where), frozenset(words(fold(text)))) for where, text in candidates]
    best, support, most = candidates[0][1], 0, -2.0
    for (where, text), (witness, key) in zip(candidates, keys, strict=True):
        agreeing = len({w for w, other in keys if w != witness and _agree(key, other)})
        # What readers see above the text wins once anything agrees; alone, an h1 may be the site's name.  Whole titles
        # win over cut-off ones.
        score = (
            agreeing
            + (0.0 if where != "h1" else 0.6 if agreeing else -0.25)
            - (1.0 if _ELLIPSIS.search(text) else 0.0)
        )
        if score > most:
            best, support, most = text, agreeing, score
    return best[:MAX_HEADLINE_CHARS], support + 1


_WITNESS = {"og": "shared", "twitter": "shared", "meta": "shared", "itemprop": "h1"}


def _agree(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two headlines share at least six words in ten."""
    return bool(one and other) and len(one & other) >= 0.6 * len(one | other)


def _without_site(text: str, names: Sequence[str], *, others: Sequence[str]) -> str:
    """Return a title without the site's name before or after it ("… | The Courier")."""
    cuts = list(_SEPARATOR.finditer(text))[-6:]
    wholes = {fold(other) for other in others}
    for cut in cuts:
        before, after = text[: cut.start()].strip(), text[cut.end() :].strip()
        if fold(before) in wholes or any(_names_site(after, name) for name in names):
            return before or after
        if fold(after) in wholes or any(fold(before) == name for name in names):
            return after or before
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


def _host_label(url: str) -> str | None:
    site = _site(url)
    return site.split(".")[0] if site else None


def _site(url: str) -> str | None:
    """Return the site of an address; without a known suffix (x.localhost) "www." makes no other site either."""
    site = site_of(url)
    return site.removeprefix("www.") if site else None


# ── the rest ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _descriptions(meta: Meta, node: jsonld.Node) -> list[str]:
    """Return the different descriptions, the editors' own (JSON-LD, OpenGraph) before the one for search engines."""
    found: dict[str, str] = {}
    for text in [
        *strings(node.get("description")),
        *_all(meta, ("og:description", "description", "twitter:description")),
    ]:
        plain = _plain(text)
        if plain:
            found.setdefault(fold(plain), plain)
    return list(found.values())


def _byline(
    tree: HtmlElement, meta: Meta, node: jsonld.Node, by_id: dict[str, jsonld.Node], *, site_name: str | None
) -> tuple[str, ...]:
    organisations = [site_name or "", *(_name(p) for p in objects(node.get("publisher"), by_id))]
    authors = node.get("author") or node.get("creator")
    stated = [*strings(authors)]
    for author in objects(authors, by_id):
        kinds = strings(author.get("@type"))
        if any("Organization" in kind or kind == "NewsMediaOrganization" for kind in kinds):
            organisations.append(_name(author))
        else:
            stated += strings(author.get("name"))
    # Searching the tree costs most, so only when nothing is stated.
    sources: tuple[Callable[[], list[str]], ...] = (
        lambda: stated,
        lambda: _all(meta, _AUTHOR),
        lambda: [_credit(e) for e in tree.xpath(_AUTHOR_ELEMENTS)[:4]],
        lambda: [tidy(e.text_content()) for e in tree.xpath(_BYLINE_ELEMENTS)[:3]],
    )
    for source in sources:
        names = people(source(), organisations=organisations)
        if names:
            return names
    return ()


_AUTHOR_ELEMENTS = "//*[@itemprop='author']|//a[@rel='author']|//address[@rel='author']"
_BYLINE_ELEMENTS = (
    "//*[self::p or self::div or self::span or self::a or self::address]"
    "[contains(concat(' ',normalize-space(@class),' '),' byline ') or contains(concat(' ',normalize-space(@class),' '),' author ')"
    " or contains(@class,'byline-name') or contains(@class,'author-name') or contains(@class,'byline__name')]"
)


def _credit(element: HtmlElement) -> str:
    named = element.xpath(".//*[@itemprop='name']")
    if named:
        element = named[0]
    return element.get("content") or tidy(element.text_content())


def _name(node: jsonld.Node) -> str:
    return next(iter(strings(node.get("name"))), "")


def _site_name(meta: Meta, node: jsonld.Node, by_id: dict[str, jsonld.Node]) -> str | None:
    stated = [
        *_all(meta, ("og:site_name",)),
        *(_name(publisher) for publisher in objects(node.get("publisher"), by_id)),
        *_all(meta, ("application-name", "apple-mobile-web-app-title", "dc.publisher", "publisher")),
    ]
    return next(
        (name for name in map(_plain, stated) if name and len(name) <= 80 and "://" not in name), None
    )


def _section(meta: Meta, node: jsonld.Node, *, site_name: str | None) -> str | None:
    stated = [
        *strings(node.get("articleSection")),
        *_all(meta, ("article:section", "parsely-section", "section")),
    ]
    for text in map(_plain, stated):
        if text and len(text) <= 60 and "://" not in text and fold(text) != fold(site_name or ""):
            return text
    return None


def _published(
    tree: HtmlElement, meta: Meta, node: jsonld.Node, *, url: str, latest: datetime
) -> dates.Stated | None:
    """Return the time of publication: JSON-LD, meta tags, microdata, <time>, and last the date in the address."""
    stated = [*strings(node.get("datePublished")), *_all(meta, _PUBLISHED), *strings(node.get("dateCreated"))]
    for element in tree.xpath("//*[@itemprop='datePublished' or @itemprop='dateCreated']")[:3]:
        stated.append(element.get("content") or element.get("datetime") or tidy(element.text_content())[:80])
    return (
        dates.first_stated(stated, latest=latest)
        or dates.first_stated(_times(tree), latest=latest)
        or dates.date_in_url(url, latest=latest)
    )


def _times(tree: HtmlElement) -> list[str]:
    """Return the <time> elements' times: those marked as the publication's, then those after the headline."""
    marked, after = [], []
    seen_headline = False
    for element in tree.iter("h1", "time"):
        if element.tag == "h1":
            seen_headline = True
            continue
        text = element.get("datetime") or tidy(element.text_content())[:80]
        hints = " ".join(
            filter(None, (element.get("class"), element.get("itemprop"), element.getparent().get("class")))
        )
        if element.get("pubdate") is not None or re.search(r"publi|entry-date|post-date|byline", hints, re.I):
            marked.append(text)
        elif seen_headline:
            after.append(text)
        if len(marked) + len(after) >= 6:
            break
    return [*marked[:2], *after[:1]]


def _canonical(tree: HtmlElement, meta: Meta, node: jsonld.Node, *, url: str) -> str | None:
    """Return the address that the page gives as its own: of this site, or of the one it says it syndicates from."""
    stated = [
        *(
            link.get("href") or ""
            for link in tree.iter("link")
            if "canonical" in (link.get("rel") or "").lower().split()
        ),
        *_all(meta, ("og:url",)),
        *jsonld.addresses(node),
    ]
    home = _site(url)
    sources = {
        _site(resolve(url, source) or "") for source in _all(meta, ("syndication-source", "original-source"))
    }
    sources |= {_site(resolve(url, source) or "") for source in strings(node.get("isBasedOn"))}
    here = canonical_url(url) or url
    for text in stated:
        address = canonical_url(text.strip(), url)
        if address is None:
            continue
        site = _site(address)
        if site is not None and site != home and site not in sources:
            continue
        # Broken templates point every article to the front page.
        if _is_front(address) and not _is_front(here):
            continue
        return address
    return None


def _is_front(address: str) -> bool:
    return re.fullmatch(r"https?://[^/]+/?(?:index\.\w{2,5})?", address) is not None


def _declared_language(tree: HtmlElement, meta: Meta, node: jsonld.Node) -> str | None:
    for text in (
        tree.get("lang")
        or tree.get("{http://www.w3.org/XML/1998/namespace}lang")
        or tree.get("xml:lang")
        or "",
        *strings(node.get("inLanguage")),
        *_all(meta, ("og:locale", "content-language", "language", "dc.language")),
    ):
        match = re.match(r"([a-zA-Z]{2,3})(?:[-_;,\s]|$)", text.strip())
        if match:
            return match[1].lower()
    return None


def _image(meta: Meta, node: jsonld.Node, by_id: dict[str, jsonld.Node], *, url: str) -> str | None:
    """Return the lead image's address, never the publisher's logo."""
    logos = {
        text
        for publisher in objects(node.get("publisher"), by_id)
        for text in _image_addresses(publisher.get("logo"), by_id)
    }
    stated = [
        *_all(meta, ("og:image:secure_url", "og:image", "og:image:url")),
        *_image_addresses(node.get("image"), by_id),
        *_all(meta, ("twitter:image", "twitter:image:src")),
    ]
    for text in stated:
        address = resolve(url, text.strip())
        if (
            address
            and text not in logos
            and not re.search(
                r"(?:^|[/_.-])(?:logo|placeholder|default|blank|spacer|sprite)s?[_.-]", address, re.I
            )
        ):
            return address
    return None


def _image_addresses(value: Any, by_id: dict[str, jsonld.Node]) -> list[str]:
    found = strings(value)
    for node in objects(value, by_id):
        found += strings(node.get("url")) or strings(node.get("contentUrl")) or strings(node.get("@id"))
    return found


def _count(value: Any) -> int | None:
    try:
        count = int(str(value))
    except ValueError:
        return None
    return count if 0 < count < 1_000_000 else None


def _is_locked(meta: Meta, node: jsonld.Node) -> bool:
    """Whether the page says that its text is not free (schema.org isAccessibleForFree, content tiers)."""
    parts = [node, *objects(node.get("hasPart"), {})]
    if any(
        str(part.get("isAccessibleForFree")).strip().lower() in ("false", "http://schema.org/false")
        for part in parts
    ):
        return True
    return any(
        tier.lower() in ("locked", "metered", "premium", "paid")
        for tier in _all(meta, ("article:content_tier",))
    )
