"""Bytes of a page → a parsed tree, within limits that hold for hostile pages too."""

from __future__ import annotations

import re

from lxml import etree, html
from lxml.html import HtmlElement

from tidings.errors import ExtractError

# The largest of 595 real pages has 9,748 elements and 198 inline ones in a block.  On crafted pages (lxml 6.1, trafilatura
# 2.3, one core) 70,000 blocks cost 6 s; 70,000 links in one block cost 63 s, because removing inline tags leaves as many
# pieces of text behind, which libxml2 joins anew at every look: quadratic, so that limit is the low one.
MAX_PAGE_BYTES = 10 * 1024 * 1024
MAX_ELEMENTS = 50_000
MAX_INLINE_IN_BLOCK = 5_000
MAX_ANCESTORS = 2_000_000  # of all elements together; 40,000 elements 240 deep have 10 million and cost 30 s
MAX_ATTRIBUTE_CHARS = 2_000  # of class, id and style, which patterns are run over

_NOT_HTML_TYPES = re.compile(r"^(?:image|audio|video|font)/|pdf|json|zip|octet-stream|msword|rss|atom", re.I)
_MAGIC = (b"%PDF", b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"\x1f\x8b", b"ID3")
_META_CHARSET = re.compile(rb"""<meta[^>]{0,300}?charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.I)
_XML_CHARSET = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{2,40})["']""", re.I)
_HEADER_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]{2,40})""", re.I)
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,500}\?>")
# What no XML text may hold: a stray one makes lxml refuse the whole string later on.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
# The labels that browsers read as another encoding (WHATWG Encoding Standard, section 4.2).
_WIDENED = {
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "iso-8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "tis-620": "cp874",
    "iso-8859-11": "cp874",
}


def parse_page(body: bytes, *, subject: str, content_type: str = "") -> HtmlElement:
    """Return the root element of a page.

    The parser stops at 256 levels, so everything after it may recurse.  Raises ExtractError with reason "empty",
    "not-html" or "too-large" (see the limits above).
    """
    if not body.strip():
        raise ExtractError(subject, "empty", "The page came without any content.")
    if len(body) > MAX_PAGE_BYTES:
        raise _too_large(subject, "more than 10 MiB")
    if body.startswith(_MAGIC) or _NOT_HTML_TYPES.search(content_type):
        raise ExtractError(
            subject, "not-html", "The address holds a file, not a web page.", detail=content_type[:80]
        )
    text = decode(body, content_type)
    if "<" not in text or text.lstrip()[:1] in ("{", "["):
        raise ExtractError(subject, "not-html", "The address holds a file, not a web page.")
    text = _CONTROL.sub("", _XML_DECLARATION.sub("", text, count=1))
    try:
        root = html.document_fromstring(text.encode("utf-8"), parser=_parser())
    except (etree.LxmlError, ValueError, AssertionError) as exc:
        raise ExtractError(
            subject, "not-html", "The page cannot be parsed as HTML.", detail=str(exc)[:200]
        ) from exc
    _limit(root, subject)
    _drop_unseen(root)
    return root


def _parser() -> html.HTMLParser:
    # Comments must go: trafilatura loses the text after one within a paragraph.
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False)
    # lxml.html asks a Python function for the class of each element, every time it is looked at; nobody here needs the
    # special ones (forms, inputs).  A tenth of a page's time.
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=HtmlElement))
    return parser


def decode(body: bytes, content_type: str = "") -> str:
    """Return the text of a page: byte order mark, HTTP header, valid UTF-8, <meta>, then Windows-1252 never failing.

    The order of the HTML standard, but that bytes valid as UTF-8 are UTF-8 whatever <meta> says: real pages lie there.
    """
    for mark, encoding in (
        (b"\xef\xbb\xbf", "utf-8"),
        (b"\xff\xfe", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be"),
    ):
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    labels = [m.group(1) for m in [_HEADER_CHARSET.search(content_type)] if m]
    head = body[:4096]
    for pattern in (_META_CHARSET, _XML_CHARSET):
        found = pattern.search(head)
        if found:
            labels.append(found.group(1).decode("ascii", "replace"))
    for label in labels:
        name = label.strip().lower()
        try:
            return body.decode(_WIDENED.get(name, name), "replace")
        except LookupError:
            continue
    # Mostly UTF-8 with a few broken bytes reads better as UTF-8.
    as_utf8 = body.decode("utf-8", "replace")
    return as_utf8 if as_utf8.count("�") * 200 < len(as_utf8) else body.decode("cp1252", "replace")


_MAX_UNSEEN = 1_000
_MAX_UNSEEN_CHARS = 1_000  # more that is hidden is likely to be an article that a script uncovers
_TINY = re.compile(r"(?:^|[;\s])font-size\s*:\s*[01](?:\.\d+)?\s*(?:px|pt|%)?\s*(?:;|!|$)", re.I)
_COLOUR = re.compile(r"(?:^|[;\s])(background(?:-color)?|color)\s*:\s*([#\w]+)", re.I)
_WHITES = {"#fff": "white", "#ffffff": "white"}


def _drop_unseen(root: HtmlElement) -> None:
    """Take out the passages that a reader of the page cannot see: hidden ones, letters of no size or the colour of their ground.

    What only a style hides ("display: none", no opacity) stays: scripts uncover it.  Leaving it out too cost .0024 of F1 on
    extraction/trafilatura (n = 506).
    """
    dropped = 0
    for element in root.xpath("//body//*[@hidden or @style]"):
        if element.getparent() is None or not _is_unseen(element):
            continue
        if len("".join(element.itertext())) <= _MAX_UNSEEN_CHARS:
            element.drop_tree()  # joins the text around it anew each time: quadratic
            dropped += 1
            if dropped == _MAX_UNSEEN:
                return


def _is_unseen(element: HtmlElement) -> bool:
    if element.get("hidden", "until-found").lower() != "until-found":
        return True
    style = element.get("style", "")
    if _TINY.search(style):
        return True
    colours = {name.lower()[:5]: colour.lower() for name, colour in _COLOUR.findall(style)}
    shades = {_WHITES.get(colour, colour) for colour in colours.values()}
    return len(colours) == 2 and len(shades) == 1


_INLINE_TAGS = """
    a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark nobr q ruby s samp
    small span strike strong sub sup time tt u var wbr
"""
_INLINE = frozenset(_INLINE_TAGS.split())


def _limit(root: HtmlElement, subject: str) -> None:
    elements = root.xpath("count(//*)")
    if elements > MAX_ELEMENTS:
        raise _too_large(subject, f"more than {MAX_ELEMENTS:,} elements")
    if elements > MAX_INLINE_IN_BLOCK:
        _limit_inline(root, subject)
        _limit_depth(root, subject)
    for attribute in root.xpath(
        f"//@*[name()='class' or name()='id' or name()='style'][string-length(.) > {MAX_ATTRIBUTE_CHARS}]"
    ):
        attribute.getparent().set(attribute.attrname, attribute[:MAX_ATTRIBUTE_CHARS])


def _limit_inline(root: HtmlElement, subject: str) -> None:
    block_of: dict[HtmlElement, HtmlElement] = {}
    inline_in: dict[HtmlElement, int] = {}
    for element in root.iter(*_INLINE):
        parent = element.getparent()
        if parent is None:
            continue
        block = block_of[element] = block_of.get(parent, parent)
        inline_in[block] = inline_in.get(block, 0) + 1
        if inline_in[block] > MAX_INLINE_IN_BLOCK:
            raise _too_large(subject, f"more than {MAX_INLINE_IN_BLOCK:,} inline elements in one block")


def _limit_depth(root: HtmlElement, subject: str) -> None:
    """Refuse what is both large and deep: trafilatura looks through the ancestors of each element."""
    depth = steps = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        steps += depth
        if steps > 2 * MAX_ANCESTORS:
            raise _too_large(subject, f"more than {MAX_ANCESTORS:,} steps up from its elements")


def _too_large(subject: str, what: str) -> ExtractError:
    return ExtractError(subject, "too-large", f"The page has {what}, which no article needs.")
