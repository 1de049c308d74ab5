"""HTML from outside → HTML that is safe to show, and says so by its type."""

from __future__ import annotations

import re
from collections.abc import Callable

import nh3
from lxml import etree, html
from lxml.html import HtmlElement

from tidings.urls import resolve

MAX_HTML_CHARS = 300_000  # nh3 is quadratic in "&": a second for this many of them
MAX_DEPTH = 100

_TAG_NAMES = """
    p br hr h2 h3 h4 h5 h6 ul ol li dl dt dd blockquote pre code kbd samp em strong b i u s del ins sub sup
    small mark abbr cite q time a img figure figcaption table caption thead tbody tfoot tr th td div span bdi
    bdo ruby rt rp wbr
"""
_TAGS = frozenset(_TAG_NAMES.split())
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "width", "height"},
    "abbr": {"title"},
    "time": {"datetime"},
    "th": {"colspan", "rowspan", "scope"},
    "td": {"colspan", "rowspan"},
    "ol": {"start", "reversed"},
    "bdo": {"dir"},
    "*": {"lang"},
}
# Their text is no text; everything else that is not allowed loses its tags and keeps its words.
_EMPTIED_TAGS = """
    script style iframe object embed applet noscript template svg math form textarea select option button audio
    video title head frame frameset noembed noframes xmp plaintext
"""
_EMPTIED = frozenset(_EMPTIED_TAGS.split())


class SafeHtml(str):
    """HTML that safe_html made; templates print it as it is (`__html__`), everything else they escape."""

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)


def safe_html(
    markup: str, base_url: str | None, *, image_url: Callable[[str], str] | None = None
) -> SafeHtml:
    """Return markup with only harmless elements and attributes left; never raises.

    No scripts, styles, forms, frames or event handlers; links are http, https or mailto, absolute, and open without
    referrer or opener; images come through `image_url` (the signed proxy) and without one are left out, as are counting
    pixels.  Headings start at h2.  Markup longer than 300,000 characters or nested deeper than 100 keeps its beginning.
    """
    markup = markup[:MAX_HTML_CHARS]

    def attribute(tag: str, name: str, value: str) -> str | None:
        if tag == "a" and name == "href":
            address = resolve(base_url, value.strip())
            return address or (
                value.strip() if re.match(r"mailto:[^\s<>\"]+$", value.strip(), re.I) else None
            )
        if tag == "img" and name == "src":
            address = resolve(base_url, value.strip())
            return image_url(address) if image_url and address else None
        if name in ("width", "height", "colspan", "rowspan", "start"):
            return value if re.fullmatch(r"\d{1,4}", value.strip()) else None
        return value

    cleaned = nh3.clean(
        _prepared(markup, base_url, with_images=image_url is not None),
        tags=set(_TAGS),
        clean_content_tags=set(_EMPTIED),
        attributes=_ATTRIBUTES,
        attribute_filter=attribute,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer",
        strip_comments=True,
    )
    return SafeHtml(cleaned)


def _prepared(markup: str, base_url: str | None, *, with_images: bool) -> str:
    """Return markup with its depth limited, headings lowered, and images that cannot or should not be shown gone.

    lxml only rearranges here; nh3 reads what it wrote from the start and alone decides what stays.
    """
    if "<" not in markup:
        return markup
    try:
        root = html.fragment_fromstring(
            markup.replace("\x00", ""),
            create_parent="div",
            parser=html.HTMLParser(encoding=None, remove_comments=True, remove_pis=True, collect_ids=False),
        )
    except (etree.LxmlError, ValueError, AssertionError):
        return nh3.clean_text(markup)
    for image in list(root.iter("img")):
        if not (with_images and _address(image, base_url)) or _is_pixel(image):
            image.drop_tree()
    for heading in list(root.iter("h1")):
        heading.tag = "h2"
    _flatten(root)
    written: str = html.tostring(root, encoding="unicode")
    return written[len("<div>") : -len("</div>")]


def _address(image: HtmlElement, base_url: str | None) -> str | None:
    source = (image.get("src") or "").strip()
    return resolve(base_url, source) if source else None


def _is_pixel(image: HtmlElement) -> bool:
    """Whether an image only counts readers: one pixel, hidden, or no larger than a full stop."""
    sizes = [
        image.get("width", "").strip().removesuffix("px"),
        image.get("height", "").strip().removesuffix("px"),
    ]
    if any(size in ("0", "1") for size in sizes) or all(size.isdigit() and int(size) <= 3 for size in sizes):
        return True
    style = re.sub(r"\s", "", image.get("style") or "").lower()
    return bool(
        re.search(r"display:none|visibility:hidden|(?:^|;)(?:width|height):[01](?:px)?(?:;|$)", style)
    )


def _flatten(root: HtmlElement) -> None:
    """Strip the tags below MAX_DEPTH levels; their words stay."""
    depth = 0
    deep = []
    for event, element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if event == "end" and depth >= MAX_DEPTH:
            deep.append(element)
    for element in deep:
        if isinstance(element.tag, str):
            element.drop_tag()
