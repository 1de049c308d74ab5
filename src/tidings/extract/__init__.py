"""Page → article.  PageExtractor reads one page (and what its feed said) into one Extract, without clock or network.

    document   bytes → tree, within limits          metadata (jsonld, dates, byline)   what the page states
    body       tree → blocks of text                cleanup, dateline, access          blocks → paragraphs, and what they are
    feed_text  the feed's own text, when better     revisions   what changed between two versions
                                                    sanitise    HTML from outside → HTML that is safe to show

Reasons of ExtractError, the names that quarantine shows:
    "empty"       no text at all                       "too-short"   less than a sentence
    "not-html"    a file, or bytes that are no page    "too-large"   over 10 MiB or 50,000 elements
    "error-page"  "not found" and its kin              "challenge"   a check for robots instead of the page
    "listing"     links to articles, none of its own
    "paywall"     nothing readable before the wall     "consent"     nothing readable behind the consent question
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from lxml.etree import strip_elements
from lxml.html import HtmlElement

from tidings.errors import ExtractError
from tidings.extract import access as walls
from tidings.extract.body import Body, article_body, distinct
from tidings.extract.byline import people
from tidings.extract.cleanup import (
    Links,
    clean,
    correction_in,
    credits_in,
    drop_promotion,
    links_of,
    marked_corrections,
    with_notes,
)
from tidings.extract.confidence import confidence_of
from tidings.extract.dateline import dateline_of
from tidings.extract.dates import Stated
from tidings.extract.document import parse_page
from tidings.extract.feed_text import blocks_of, feed_blocks, feed_is_better
from tidings.extract.headline import MAX_HEADLINE_CHARS
from tidings.extract.metadata import Metadata, read_metadata
from tidings.extract.standfirst import standfirst_of
from tidings.model import Access, Entry, EntryToRead, Extract, Page
from tidings.text import is_cjk, language_of, tidy

MADE_BY = "extract/3"
# A brief of one sentence is an article; a caption or "Loading" is none.  Scripts without spaces say more in a character.
MIN_CHARS = 60
MIN_CHARS_DENSE = 24
# What a feed says itself is no caption: a short sentence is a note, where no page is to be had.
MIN_NOTE_CHARS, MIN_NOTE_CHARS_DENSE = 25, 10
MIN_STATED_CHARS = 300  # of an articleBody that may stand in for a page drawn by scripts
MIN_BEHIND_CONSENT = 400
MAX_ANSWER_CHARS = 600  # of a page that says nothing but why it shows nothing
MAX_NOTICE_CHARS = 1500  # a page that says "not found" and then more than this is about something not found


# Reading a page holds the interpreter's lock most of the time: sixteen threads at it only take it from one another, each with a
# parsed page in memory.  One at a time reads a tenth more pages a second (bench pages).
_TURN = threading.Lock()


class PageExtractor:
    """Implements ports.Extractor; holds nothing, safe in any number of threads."""

    made_by = MADE_BY

    def extract(self, page: Page | None, entry: EntryToRead | None) -> Extract:
        """Return the article of a page, of its entry's own text, or the better of both.

        Times without a zone are read as UTC, unless the feed gives the exact time of the same day; those before 1990 or
        later than a day after the page was fetched (the entry first seen) are None.  Raises ExtractError with one of the
        module's reasons.
        """
        own = clean(distinct(feed_blocks(entry.entry)), titles=[entry.entry.title]) if entry else []
        if page is None:
            return _from_feed(entry, own)
        try:
            with _TURN:
                return _from_page(page, entry, own)
        except ExtractError as error:
            if entry is None or not _is_enough(own):
                raise
            wall: Access = error.reason if error.reason in ("paywall", "consent") else "open"  # type: ignore[assignment]
            return _from_feed(entry, own, access=wall)


def _from_page(page: Page, entry: EntryToRead | None, own: list[str]) -> Extract:
    url = page.final_url or page.url
    tree = parse_page(page.body, subject=url, content_type=page.headers.get("content-type", ""))
    alive = list(
        tree.iter()
    )  # lxml makes an element's Python object anew at each look, unless somebody holds it
    meta = read_metadata(tree, url=url, latest=page.fetched_at)
    links, teasers = links_of(tree), [] if meta.is_article else walls.teasers_in(tree)
    notes = marked_corrections(tree)
    drop_promotion(tree)
    found = _body(tree, meta, url)
    del alive
    wall, paragraphs = _readable(tree, meta, found, links)
    _refuse_other_pages(url, page.status, meta, paragraphs)
    from_feed = _is_enough(own) and feed_is_better(own, paragraphs, access=wall)
    if from_feed and wall == "consent":
        return _from_feed(entry, own, access=wall)  # what the page says of itself is about the question
    if not from_feed:
        _require_article(url, meta, paragraphs, wall=wall, links=links, teasers=teasers)
    stated = entry.entry if entry else None
    body = own if from_feed else with_notes(paragraphs, notes)
    headline = meta.headline or (tidy(stated.title) if stated else "") or body[0][:MAX_HEADLINE_CHARS]
    standfirst, body = standfirst_of(meta, None if from_feed else tree, headline=headline, paragraphs=body)
    return Extract(
        headline=headline,
        standfirst=standfirst,
        byline=meta.byline
        or (people(stated.byline) if stated else ())
        or people(credits_in(found.blocks), organisations=[meta.site_name or ""]),
        dateline=dateline_of(body[0]),
        section=meta.section,
        published_at=_published(meta.published, stated, latest=page.fetched_at),
        modified_at=_modified(meta),
        canonical_url=meta.canonical_url,
        language=_language(meta.language, body, stated),
        image_url=meta.image_url or (stated.image_url if stated else None),
        site_name=meta.site_name,
        paragraphs=tuple(body),
        access=wall,
        from_feed=from_feed,
        confidence=0.9 if from_feed else confidence_of(meta, body, wall=wall),
        correction=correction_in(body),
        made_by=MADE_BY,
    )


def _body(tree: HtmlElement, meta: Metadata, url: str) -> Body:
    """Return the article's blocks: those of the page's HTML, or of its JSON-LD where scripts would have drawn the text.

    What a publisher locks is left locked, though the JSON-LD may hold it.
    """
    if meta.locked:
        strip_elements(tree, "script", with_tail=False)  # trafilatura's last resort would read it there
        return article_body(tree, url)
    found = article_body(tree, url)
    if meta.article_body is None or len(meta.article_body) < MIN_STATED_CHARS:
        return found
    stated = blocks_of(meta.article_body)
    found_chars, stated_chars = sum(map(len, found.blocks)), sum(map(len, stated))
    is_much_more = 3 * found_chars < stated_chars
    is_same_unbroken = len(found.blocks) <= 2 < len(stated) and found_chars <= 1.1 * stated_chars
    return Body(tuple(stated), frozenset()) if is_much_more or is_same_unbroken else found


def _readable(tree: HtmlElement, meta: Metadata, found: Body, links: Links) -> tuple[Access, list[str]]:
    """Return the wall in front of the text, and the paragraphs without the wall's own words."""
    # A heading that is a link is a subhead; a paragraph that is one points elsewhere.
    paragraphs = clean(
        distinct(found.blocks),
        titles=meta.titles,
        byline=meta.byline,
        links=replace(links, texts=links.texts - found.headings),
    )
    notices = frozenset(block for block in found.blocks if walls.is_paywall_notice(block))
    kept = [p for p in paragraphs if p not in notices]
    if walls.is_consent_page(meta, kept):
        rest = [p for p in kept if not walls.is_consent_notice(p)]
        # A few lines more are the question's own.
        return "consent", rest if sum(map(len, rest)) >= MIN_BEHIND_CONSENT else []
    if walls.is_paywalled(meta, tree, kept, notice_seen=bool(notices)):
        return "paywall", [p for p in kept if not walls.is_offer(p)]
    return "open", kept


def _refuse_other_pages(url: str, status: int, meta: Metadata, paragraphs: Sequence[str]) -> None:
    """Raise the ExtractError of a page that is a site's answer to something else than our question."""
    length = sum(map(len, paragraphs))
    if length >= MAX_NOTICE_CHARS:
        return
    is_short = length < MAX_ANSWER_CHARS
    # On a longer page a heading may belong to a window that is shown when something goes wrong.
    titles = meta.titles if is_short else {meta.headline or ""}
    if walls.is_challenge([*titles, *paragraphs] if is_short else titles):
        raise ExtractError(
            url, "challenge", "The site asked whether we are a robot instead of showing the page."
        )
    if status >= 400 or walls.is_error_page(titles):
        raise ExtractError(url, "error-page", "The site answered with an error page, not with the article.")
    if walls.is_login_page({meta.headline or ""}):
        raise ExtractError(url, "paywall", "The site asks readers to log in before it shows the article.")
    if is_short and walls.needs_scripts(paragraphs):
        raise ExtractError(url, "empty", "The page is drawn by scripts and holds no text of its own.")


def _require_article(
    url: str, meta: Metadata, paragraphs: Sequence[str], *, wall: Access, links: Links, teasers: Sequence[str]
) -> None:
    """Raise the ExtractError that says why there is no article, if there is none."""
    if walls.is_listing(meta, paragraphs, links=links.texts, teasers=teasers):
        raise ExtractError(url, "listing", "The page lists articles and has none of its own.")
    if _is_enough(paragraphs):
        return
    if wall == "paywall":
        raise ExtractError(url, "paywall", "The article is behind a paywall and nothing of it can be read.")
    if wall == "consent":
        raise ExtractError(url, "consent", "The page shows only its question for consent.")
    if not paragraphs:
        raise ExtractError(url, "empty", "The page holds no text that could be an article.")
    raise ExtractError(
        url, "too-short", "The page holds less than a sentence of text.", detail=paragraphs[0][:80]
    )


def _is_enough(paragraphs: Sequence[str], *, chars: int = MIN_CHARS, dense: int = MIN_CHARS_DENSE) -> bool:
    text = " ".join(paragraphs)
    return len(text) >= (dense if is_cjk(text) else chars)


def _from_feed(entry: EntryToRead | None, own: list[str], *, access: Access = "open") -> Extract:
    """Return the article that the feed itself carries.  Raises ExtractError "empty" or "too-short"."""
    subject = (entry.entry.url or entry.entry.guid) if entry else "nothing"
    if entry is None or not own:
        raise ExtractError(subject, "empty", "There is no page, and the feed has no text of its own.")
    if not _is_enough(own, chars=MIN_NOTE_CHARS, dense=MIN_NOTE_CHARS_DENSE):
        raise ExtractError(
            subject, "too-short", "The feed's own text is less than a sentence.", detail=own[0][:80]
        )
    stated: Entry = entry.entry
    headline = tidy(stated.title) or own[0][:MAX_HEADLINE_CHARS]
    return Extract(
        headline=headline,
        byline=people(stated.byline, organisations=[entry.publisher.name]),
        dateline=dateline_of(own[0]),
        section=next(iter(stated.categories), None),
        published_at=stated.published_at,
        modified_at=_later(stated.updated_at, stated.published_at),
        language=_language(None, own, stated),
        image_url=stated.image_url,
        site_name=entry.publisher.name or None,
        paragraphs=tuple(own),
        access=access,
        from_feed=True,
        confidence=0.9 if stated.content else 0.7,
        correction=correction_in(own),
        made_by=MADE_BY,
    )


def _published(stated: Stated | None, entry: Entry | None, *, latest: datetime) -> datetime | None:
    """Return the page's time, made exact by the feed's where the page gives a day or no zone; else the feed's.

    A line of text says less surely than the feed when its article was published.
    """
    fed = entry.published_at if entry else None
    if fed is not None and fed > latest + timedelta(days=1):
        fed = None
    if stated is None or (stated.in_text and fed is not None):
        return fed
    if not stated.exact and fed is not None and abs(fed - stated.at) <= timedelta(hours=26):
        return fed
    return stated.at


def _modified(meta: Metadata) -> datetime | None:
    if meta.modified is None:
        return None
    return _later(meta.modified.at, meta.published.at if meta.published else None)


def _later(modified: datetime | None, published: datetime | None) -> datetime | None:
    """Return the time of change, None when it is not after publication."""
    return modified if modified and modified > (published or datetime.min.replace(tzinfo=UTC)) else None


def _language(declared: str | None, paragraphs: Sequence[str], entry: Entry | None) -> str | None:
    """Return the language the text is in; what page and feed declare only where the text cannot tell."""
    detected, certainty = language_of(" ".join(paragraphs)[:4000])
    said = declared or (entry.language.lower().split("-")[0] if entry and entry.language else None)
    if detected is None or (certainty < 0.6 and said):
        return said or detected
    # Templates often declare English over other languages; a text's own word wins once it is sure.
    return detected
