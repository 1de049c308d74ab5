"""News sitemaps (sitemaps.org, with Google's news, image and video extensions) to a FeedDocument."""

from collections.abc import Iterator
from datetime import UTC, datetime

from lxml import etree

from tidings.errors import ParseError
from tidings.feeds.fields import (
    MAX_ENTRIES,
    address,
    distinct,
    guid_of,
    language_tag,
    lines,
    moment,
    possible,
    title_line,
)
from tidings.model import Entry, FeedDocument


def parse_sitemap(text: str, *, url: str, now: datetime) -> FeedDocument:
    """Return a sitemap's pages as entries, the newest MAX_ENTRIES.  Raises ParseError (reason not-a-feed).

    A page without a news:title has "" for its title: the page itself will tell.
    """
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(text.encode("utf-8"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ParseError(url, "This sitemap is broken.", reason="not-a-feed", detail=str(error)) from error
    if root is None:
        raise ParseError(url, "This sitemap is broken.", reason="not-a-feed")
    found = [
        entry for entry in (_entry(page, base=url, now=now) for page in root.iterfind("{*}url")) if entry
    ]
    kept = found
    if len(found) > MAX_ENTRIES:  # a sitemap may hold 50,000 pages in any order
        kept = sorted(found, key=lambda e: e.published_at or datetime.min.replace(tzinfo=UTC), reverse=True)[
            :MAX_ENTRIES
        ]
    entries, reused = distinct(kept)
    notes = [f"{reused} addresses are listed several times"] if reused else []
    notes += (
        [f"only the newest {MAX_ENTRIES} of {len(found)} pages were read"] if len(kept) < len(found) else []
    )
    names = [name for page in root.iterfind("{*}url") for name in _texts(page, "name")][:1]
    languages = {entry.language for entry in entries}
    return FeedDocument(
        format="sitemap",
        title=title_line(names[0]) if names else "",
        entries=entries,
        site_url=address(url, "/"),
        language=languages.pop() if len(languages) == 1 else None,
        parser="sitemap",
        warnings=tuple(notes),
    )


def _entry(page: etree._Element, *, base: str, now: datetime) -> Entry | None:
    url = next((found for found in (address(base, text) for text in _texts(page, "loc")) if found), None)
    if url is None:
        return None
    titles = [title_line(text) for text in _texts(page, "title")]
    published = _first_time(page, "publication_date", now=now)
    changed = _first_time(page, "lastmod", now=now)
    keywords = next(iter(_texts(page, "keywords")), "")
    images = (address(base, text) for text in _texts(page, "loc", within="image"))
    return Entry(
        guid=guid_of(None, url=url, words=()),
        url=url,
        title=next((title for title in titles if title), ""),
        published_at=published or changed,
        updated_at=None if changed == published else changed,
        language=next((tag for tag in map(language_tag, _texts(page, "language")) if tag), None),
        categories=lines(keywords.split(",")),
        image_url=next((image for image in images if image), None),
    )


def _texts(page: etree._Element, name: str, *, within: str | None = None) -> Iterator[str]:
    """Give the texts of a page's own elements of that local name, then those of its news; or those within an image."""
    paths = (f"{{*}}{within}/{{*}}{name}",) if within else (f"{{*}}{name}", f"{{*}}news/{{*}}{name}")
    if not within and name == "name":
        paths = ("{*}news/{*}publication/{*}name",)
    if not within and name == "language":
        paths = ("{*}news/{*}publication/{*}language",)
    for path in paths:
        yield from (
            element.text.strip() for element in page.iterfind(path) if element.text and element.text.strip()
        )


def _first_time(page: etree._Element, name: str, *, now: datetime) -> datetime | None:
    return next((possible(moment(text), now=now) for text in _texts(page, name)), None)
