"""What a page says about its article beside the text: JSON-LD, OpenGraph, microdata, meta tags, <time>."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lxml.html import HtmlElement

from tidings.extract import credits, dates, jsonld
from tidings.extract.byline import people
from tidings.extract.headline import headline_of, stated_titles
from tidings.extract.jsonld import objects, strings
from tidings.extract.shown import shown_on
from tidings.extract.tags import Meta, all_of, first_of, meta_tags, plain, text_of
from tidings.text import fold
from tidings.urls import canonical_url, resolve, site_of

_PUBLISHED = (
    "article:published_time", "og:article:published_time", "og:published_time", "datepublished", "parsely-pub-date",
    "sailthru.date", "cxenseparse:recs:publishtime", "publish-date", "publish_date", "publishdate", "published-date",
    "pubdate", "dc.date.issued", "dcterms.issued", "dcterms.created", "dc.date.created", "dc.date", "dcterms.date",
    "article.published", "article_date_original", "originalpublicationdate", "date", "rnews:datepublished", "created",
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
    site: str | None
    site_name: str | None
    article_body: str | None
    word_count: int | None
    locked: bool
    is_article: bool


def read_metadata(tree: HtmlElement, *, url: str, latest: datetime) -> Metadata:
    """Return what the page says; `latest` bounds its times (a page cannot be later than when it was fetched)."""
    meta = meta_tags(tree)
    shown = stated_titles(tree, meta)
    nodes = jsonld.all_nodes(tree)
    found, by_id = jsonld.article_node(nodes, url=url, titles=[text for _, text in shown])
    node = found or {}
    site_name = _site_name(meta, node, by_id)
    titles = [
        *(title for title in shown if title[0] == "h1"),
        *(("jsonld", plain(text)) for text in strings(node.get("headline"))[:1]),
        *(title for title in shown if title[0] != "h1"),
    ]
    headline, votes = headline_of(titles, site_name=site_name, url=url)
    byline = _byline(tree, meta, node, by_id, site_name=site_name)
    published = _published(tree, meta, node, latest=latest)
    modified = dates.first_stated(
        [*strings(node.get("dateModified")), *all_of(meta, _MODIFIED)], latest=latest
    )
    if headline and not (byline and published):
        seen = shown_on(
            tree,
            headline,
            organisations=[site_name or ""],
            language=_declared_language(tree, meta, node),
            latest=latest,
        )
        byline = byline or seen.names
        published = published or seen.published
        modified = modified or seen.changed
    if headline and not (byline and published):
        lines = credits.lines_around(tree, headline)
        byline = byline or credits.names_in(lines, organisations=[site_name or ""])
        published = published or credits.time_in(lines, latest=latest)
        modified = modified or credits.changed_in(lines, latest=latest)
    return Metadata(
        headline=headline,
        headline_votes=votes,
        titles=frozenset({headline or "", *(text for _, text in titles)} - {""}),
        descriptions=tuple(_descriptions(meta, node)),
        byline=byline,
        section=_section(
            tree, meta, node, jsonld.crumbs(nodes), names=[headline or "", site_name or ""], url=url
        ),
        published=published or dates.date_in_url(url, latest=latest),
        modified=modified,
        canonical_url=_canonical(tree, meta, node, url=url),
        language=_declared_language(tree, meta, node),
        image_url=_image(meta, node, by_id, url=url),
        site=site_of(url),
        site_name=site_name,
        article_body=next(iter(strings(node.get("articleBody"))), None),
        word_count=_count(node.get("wordCount")),
        locked=_is_locked(meta, node),
        is_article=bool(node) or "article" in first_of(meta, ("og:type",)),
    )


def _descriptions(meta: Meta, node: jsonld.Node) -> list[str]:
    """Return the different descriptions, the editors' own (JSON-LD, OpenGraph) before the one for search engines."""
    found: dict[str, str] = {}
    for text in [
        *strings(node.get("description")),
        *all_of(meta, ("og:description", "description", "twitter:description")),
    ]:
        description = plain(text)
        if description:
            found.setdefault(fold(description), description)
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
        lambda: all_of(meta, _AUTHOR),
        lambda: [_credit(e) for e in tree.xpath("//*[@itemprop='author']")[:4]],
    )
    for source in sources:
        names = people(source(), organisations=organisations)
        if names:
            return names
    return ()


def _credit(element: HtmlElement) -> str:
    named = element.xpath(".//*[@itemprop='name']")
    if named:
        element = named[0]
    return element.get("content") or text_of(element)


def _name(node: jsonld.Node) -> str:
    return next(iter(strings(node.get("name"))), "")


def _site_name(meta: Meta, node: jsonld.Node, by_id: dict[str, jsonld.Node]) -> str | None:
    stated = [
        *all_of(meta, ("og:site_name",)),
        *(_name(publisher) for publisher in objects(node.get("publisher"), by_id)),
        *all_of(meta, ("application-name", "apple-mobile-web-app-title", "dc.publisher", "publisher")),
    ]
    return next((name for name in map(plain, stated) if name and len(name) <= 80 and "://" not in name), None)


# What templates and content systems fill in where a section belongs, and the steps of a trail that name none.
_NO_SECTION_WORDS = """
    all home homepage front-page frontpage index default uncategorized uncategorised unkategorisiert allgemein start
    startseite zur-startseite zurück-zur-startseite willkommen haupt vorheriges erweiterte-suche accueil inicio início portada strona-główna главная article articles artikel artículo story post posts page
    thema category kategorie categories main main-blog
"""
_NO_SECTION = frozenset(fold(word.replace("-", " ")) for word in _NO_SECTION_WORDS.split())
_TOO_WIDE_WORDS = """
    news nachrichten noticias notícias actualités actualites aktuell aktuelles blog magazin magazine presse press
    pressemitteilungen meldungen themen topics infos informationen service unternehmen forum forums latest-news top-story alle-news alle-nachrichten ratgeber wiadomości новости notizie
"""
_TOO_WIDE = frozenset(fold(word.replace("-", " ")) for word in _TOO_WIDE_WORDS.split())
_TRAILS = (
    "//*[self::nav or self::ol or self::ul or self::div or self::p][contains(@class,'breadcrumb') or contains(@id,'breadcrumb')"
    " or contains(@class,'crumbs') or contains(@class,'Breadcrumb') or @aria-label='breadcrumb' or @aria-label='Breadcrumb']"
)


def _section(
    tree: HtmlElement,
    meta: Meta,
    node: jsonld.Node,
    crumbs: Sequence[tuple[str, str]],
    *,
    names: Sequence[str],
    url: str,
) -> str | None:
    """Return the section that the page states, else the first step of its trail that names one.

    names: of the article and its site, which some templates fill in.
    """
    never = _NO_SECTION | {fold(name) for name in names}
    stated = [
        *strings(node.get("articleSection")),
        *all_of(meta, ("article:section", "parsely-section", "section")),
    ]
    for text in (plain(text).split(",")[0].strip() for text in stated):
        if _is_section(text, never):
            return text
    site = re.sub(r"\W+", "", fold(site_of(url) or ""))
    for name, href in crumbs or _shown_crumbs(tree):
        text = plain(name)
        squeezed = re.sub(r"\W+", "", fold(text))
        if (
            _is_section(text, never | _TOO_WIDE)
            and squeezed not in site
            and not _is_front(resolve(url, href) or "")
        ):
            return text
    return None


def _shown_crumbs(tree: HtmlElement) -> list[tuple[str, str]]:
    links = [a for found in tree.xpath(_TRAILS)[:1] for a in list(found.iter("a"))[:8]]
    return [(text_of(a), a.get("href") or "") for a in links if not (a.get("href") or "#").startswith("#")]


def _is_section(text: str, never: Collection[str]) -> bool:
    return 0 < len(text) <= 40 and not re.search(r"://|^\W|\w\.\w{2,}$", text) and fold(text) not in never


def _published(tree: HtmlElement, meta: Meta, node: jsonld.Node, *, latest: datetime) -> dates.Stated | None:
    """Return the time of publication that the markup states: JSON-LD, meta tags, microdata, <time>."""
    stated = [
        *strings(node.get("datePublished")),
        *all_of(meta, _PUBLISHED),
        *strings(node.get("dateCreated")),
    ]
    for element in tree.xpath("//*[@itemprop='datePublished' or @itemprop='dateCreated']")[:3]:
        stated.append(element.get("content") or element.get("datetime") or text_of(element)[:80])
    return dates.first_stated(stated, latest=latest)


def _canonical(tree: HtmlElement, meta: Meta, node: jsonld.Node, *, url: str) -> str | None:
    """Return the address that the page gives as its own: of this site, or of the one it says it syndicates from."""
    stated = [
        *(
            link.get("href") or ""
            for link in tree.iter("link")
            if "canonical" in (link.get("rel") or "").lower().split()
        ),
        *all_of(meta, ("og:url",)),
        *jsonld.addresses(node),
    ]
    home = site_of(url)
    sources = {
        site_of(resolve(url, source) or "")
        for source in all_of(meta, ("syndication-source", "original-source"))
    }
    sources |= {site_of(resolve(url, source) or "") for source in strings(node.get("isBasedOn"))}
    here = canonical_url(url) or url
    for text in stated:
        address = canonical_url(text.strip(), url)
        if address is None:
            continue
        site = site_of(address)
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
        *all_of(meta, ("og:locale", "content-language", "language", "dc.language")),
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
        *all_of(meta, ("og:image:secure_url", "og:image", "og:image:url")),
        *_image_addresses(node.get("image"), by_id),
        *all_of(meta, ("twitter:image", "twitter:image:src")),
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
        for tier in all_of(meta, ("article:content_tier",))
    )
