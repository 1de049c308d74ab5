"""Lists of feeds as OPML 1.0 to 2.0: read even when broken, written well.

Many OPML files are not XML: bare ampersands, "<" and quotes within titles, a wrong encoding.  Since all that matters
stands in the attributes of <outline>, a file that libxml2 refuses is read tag by tag instead.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from email.utils import format_datetime
from itertools import zip_longest

from lxml import etree

from tidings.errors import ParseError
from tidings.feeds.decode import decode
from tidings.feeds.fields import MAX_TITLE_CHARS, line
from tidings.feeds.tags import attributes, without
from tidings.model import FoundFeed
from tidings.urls import canonical_url, resolve

MAX_OPML_BYTES = 16 * 1024 * 1024
MAX_FEEDS = 50_000
MAX_DEPTH = 20

Outline = tuple[dict[str, str], tuple[str, ...]]  # attributes by lower-case name, the folders around it


def read_opml(opml: bytes) -> list[FoundFeed]:
    """Return every outline that has an xmlUrl, in order, each address once; folder is "News/Europe" when nested.

    Raises ParseError: too-large, not-opml (no outline at all), no-feeds.
    """
    if len(opml) > MAX_OPML_BYTES:
        raise ParseError("OPML", "The file is larger than 16 MB.", reason="too-large")
    text = decode(opml).text
    outlines = _strict(text)
    if outlines is None:
        outlines = list(_tolerant(text))
    kept: dict[str, FoundFeed] = {}
    for stated, folders in outlines:
        feed = _feed(stated, folders)
        if feed is not None:
            kept.setdefault(canonical_url(feed.url) or feed.url, feed)
    if not kept:
        reason = "no-feeds" if outlines else "not-opml"
        raise ParseError("OPML", "The file lists no feeds: no outline has an xmlUrl.", reason=reason)
    return list(kept.values())[:MAX_FEEDS]


def _strict(text: str) -> list[Outline] | None:
    """Return the outlines of well-formed XML, None when it is not."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(text.strip().encode("utf-8"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    outlines: list[Outline] = []
    folders: list[str] = []
    for event, element in etree.iterwalk(root, events=("start", "end"), tag="{*}outline"):
        attributes = {
            str(name).rpartition("}")[2].lower(): str(value) for name, value in element.attrib.items()
        }
        if event == "end":
            folders.pop()
            continue
        outlines.append((attributes, tuple(folders[:MAX_DEPTH])))
        folders.append("" if "xmlurl" in attributes else _name(attributes))
    return outlines


_TAG = re.compile(r"<(/?)outline\b", re.I)
_TAG_END = re.compile(r"""["']\s{0,9}(/?)>""")
_MAX_TAG_CHARS = 20_000


def _tolerant(text: str) -> Iterator[Outline]:
    """Give the outlines of what only resembles XML: a tag reaches as far as the next outline begins or ends."""
    text = without(text, "<!--", "-->")
    tags = list(_TAG.finditer(text))
    folders: list[str] = []
    for tag, following in zip_longest(tags, tags[1:]):
        if tag[1]:
            del folders[-1:]
            continue
        inside = text[tag.end() : following.start() if following else len(text)][:_MAX_TAG_CHARS]
        stated = attributes(inside)
        yield stated, tuple(folders[:MAX_DEPTH])
        end = _TAG_END.search(inside)
        if not (end and end[1]):
            folders.append("" if "xmlurl" in stated else _name(stated))


def _name(attributes: dict[str, str]) -> str:
    return line(attributes.get("title") or attributes.get("text"))


def _feed(attributes: dict[str, str], folders: tuple[str, ...]) -> FoundFeed | None:
    url = _address(attributes.get("xmlurl", ""))
    if url is None:
        return None
    return FoundFeed(
        url=url,
        title=line(attributes.get("title") or attributes.get("text"), limit=MAX_TITLE_CHARS),
        site_url=_address(attributes.get("htmlurl", "")),
        folder="/".join(name for name in folders if name),
    )


def _address(stated: str) -> str | None:
    """Return a web address: "feed:" and the like mean http, and so does none at all."""
    text = re.sub(r"^(?:feed|itpc|pcast|podcast|rss):(?://)?(?=https?:)", "", stated.strip(), flags=re.I)
    text = re.sub(r"^(?:feed|itpc|pcast|podcast|rss):(?://)?", "http://", text, flags=re.I)
    if re.match(r"[\w-]+(?:\.[\w-]+)+(?:[:/]|$)", text):
        text = f"http://{text}"
    return resolve(None, text)


def write_opml(feeds: Sequence[FoundFeed], *, title: str, now: datetime) -> bytes:
    """Return the feeds as OPML 2.0 in UTF-8: one outline a folder, in the order the folders first appear."""
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = line(title)
    etree.SubElement(head, "dateCreated").text = format_datetime(now)
    body = etree.SubElement(root, "body")
    folders = {"": body}
    for feed in feeds:
        if feed.folder not in folders:
            name = line(feed.folder)
            folders[feed.folder] = etree.SubElement(body, "outline", text=name, title=name)
        name = line(feed.title, limit=MAX_TITLE_CHARS) or feed.url
        outline = etree.SubElement(
            folders[feed.folder], "outline", type="rss", text=name, title=name, xmlUrl=feed.url
        )
        if feed.site_url:
            outline.set("htmlUrl", feed.site_url)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)
