"""Following feeds on the web: their health, adding, changing and removing them, and what stands in quarantine."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, Form, Path, Query, UploadFile
from starlette.responses import Response

from tidings.errors import FetchError, NotFound, ParseError
from tidings.feeds.starters import starter_names, starter_note
from tidings.model import NOBODY, Credentials, FoundFeed
from tidings.web import words
from tidings.web.desk import Operator, Reader, Visit
from tidings.web.present import ListPage, found_label, host_of

router = APIRouter()

FeedId = Annotated[int, Path(ge=1, le=2**63 - 1)]
MAX_OPML_BYTES = 8 << 20


MANY_FEEDS = 50  # a page of them; beyond that many there is a field to find one by its name


def _listed(visit: Visit, path: str, *, named: str, after: str | None) -> ListPage:
    """Return a page of the feeds whose title holds `named`; the link to the next one leads to `path`."""
    listed = visit.tidings.store.feeds_page(
        quiet_since=words.quiet_since(visit.present.now), named=named, after=after, limit=MANY_FEEDS
    )
    return visit.present.feed_list(listed, path, {"named": named} if named else {})


def _page(
    visit: Visit,
    *,
    problem: str = "",
    address: str = "",
    status: int = 200,
    named: str = "",
    after: str | None = None,
) -> Response:
    store = visit.tidings.store
    followed, unwell = store.feed_counts(quiet_since=words.quiet_since(visit.present.now))
    depths = store.queue_depths()
    return visit.page(
        "feeds.html",
        status=status,
        feeds=_listed(visit, "/feeds", named=named, after=after),
        followed=followed,
        unwell=unwell,
        named=named,
        is_many=followed > MANY_FEEDS,
        is_first=after is None,
        starters=starter_names(),
        starter_note=starter_note(),
        waiting=depths.get("read", 0),
        quarantined=depths.get("quarantined", 0),
        has_operator=visit.is_operator or visit.tidings.has_operator(),
        problem=problem,
        address=address,
    )


@router.get("/feeds", include_in_schema=False)
def feeds(
    visit: Reader,
    named: Annotated[str, Query(max_length=200)] = "",
    after: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    return _page(visit, named=named.strip(), after=after)


@router.get("/api/feeds")
def feeds_json(
    visit: Reader,
    named: Annotated[str, Query(max_length=200)] = "",
    after: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    """Followed feeds with their health in words, those that are not well first; addresses only for the operator."""
    return visit.json(_listed(visit, "/api/feeds", named=named.strip(), after=after))


# ── adding ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@router.post("/feeds/add", include_in_schema=False)
def add(visit: Operator, address: Annotated[str, Form(max_length=8000)] = "") -> Response:
    """Follow the feed at an address; where a site has several, list them to choose from."""
    address = address.strip()
    try:
        found = visit.tidings.find_feeds(address)
    except (NotFound, FetchError, ParseError) as error:
        return _page(visit, problem=error.public_message, address=address, status=422)
    if len(found) > 1:
        followed = {feed.url for feed in visit.tidings.store.feeds()}
        choices = [
            {
                "number": n,
                "url": f.url,
                "title": f.title or host_of(f.url),
                "kind": found_label(f),
                "known": f.url in followed,
            }
            for n, f in enumerate(found)
        ]
        return visit.page("feeds_choose.html", address=address, choices=choices)
    return _follow(visit, found)


@router.post("/feeds/follow", include_in_schema=False)
def follow(
    visit: Operator,
    url: Annotated[list[str], Form()],
    title: Annotated[list[str], Form()],
    chosen: Annotated[list[int] | None, Form()] = None,
) -> Response:
    """Follow those of the listed feeds that were chosen."""
    listed = list(zip(url, title, strict=False))
    found = [FoundFeed(url=listed[n][0], title=listed[n][1]) for n in chosen or [] if 0 <= n < len(listed)]
    if not found:
        return visit.done("/feeds", said="Nothing was chosen, so nothing changed.")
    return _follow(visit, found)


def _follow(visit: Visit, found: list[FoundFeed]) -> Response:
    followed = [visit.tidings.follow(one) for one in found]
    if len(followed) == 1:
        name = followed[0].feed.title or host_of(followed[0].feed.url)
        said = (
            f"Following {name}. Its first articles arrive in a minute."
            if followed[0].is_new
            else f"You already follow {name}."
        )
    else:
        said = _said_of_many(sum(f.is_new for f in followed), len(followed))
    return visit.done("/feeds", said=said)


def _said_of_many(new: int, count: int) -> str:
    known = count - new
    said = f"Following {words.counted(new, 'new feed')}."
    return f"{said} {words.counted(known, 'was', 'were').capitalize()} followed already." if known else said


@router.post("/feeds/starter", include_in_schema=False)
def follow_starter(visit: Operator, name: Annotated[str, Form(max_length=50)]) -> Response:
    followed = visit.tidings.follow_starter(name)
    return visit.done("/feeds", said=_said_of_many(sum(f.is_new for f in followed), len(followed)))


@router.post("/feeds/import", include_in_schema=False)
def import_opml(visit: Operator, opml: Annotated[UploadFile, File()]) -> Response:
    body = opml.file.read(MAX_OPML_BYTES + 1)
    if len(body) > MAX_OPML_BYTES:
        return _page(visit, problem="This file is larger than any OPML file we know of (8 MB).", status=413)
    try:
        followed = visit.tidings.import_opml(body)
    except ParseError as error:
        return _page(visit, problem=error.public_message, status=422)
    return visit.done("/feeds", said=_said_of_many(sum(f.is_new for f in followed), len(followed)))


@router.get("/feeds/export.opml", include_in_schema=False)
def export_opml(visit: Reader) -> Response:
    visit.require_operator()
    return Response(
        visit.tidings.export_opml(),
        media_type="text/x-opml; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="tidings.opml"', "Cache-Control": "no-store"},
    )


# ── one feed ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@router.get("/feeds/{feed_id}", include_in_schema=False)
def one_feed(visit: Reader, feed_id: FeedId) -> Response:
    visit.require_operator()
    return visit.page("feed.html", feed=visit.present.feed(visit.tidings.store.feed(feed_id)))


@router.post("/feeds/{feed_id}/refresh", include_in_schema=False)
def refresh(visit: Operator, feed_id: FeedId) -> Response:
    feed = visit.tidings.store.set_feed(feed_id, next_poll_at=visit.tidings.clock())
    return visit.done("/feeds", said=f"{feed.title or host_of(feed.url)} is visited next.")


@router.post("/feeds/{feed_id}/pause", include_in_schema=False)
def pause(visit: Operator, feed_id: FeedId) -> Response:
    feed = visit.tidings.store.set_feed(feed_id, status="paused")
    return visit.done("/feeds", said=f"{feed.title or host_of(feed.url)} is paused.")


@router.post("/feeds/{feed_id}/resume", include_in_schema=False)
def resume(visit: Operator, feed_id: FeedId) -> Response:
    feed = visit.tidings.store.set_feed(feed_id, status="active", next_poll_at=visit.tidings.clock())
    return visit.done("/feeds", said=f"{feed.title or host_of(feed.url)} is followed again.")


@router.post("/feeds/{feed_id}/change", include_in_schema=False)
def change(
    visit: Operator,
    feed_id: FeedId,
    title: Annotated[str, Form(max_length=300)] = "",
    folder: Annotated[str, Form(max_length=100)] = "",
    full_text: Annotated[bool, Form()] = False,
    username: Annotated[str, Form(max_length=300)] = "",
    password: Annotated[str, Form(max_length=300)] = "",
) -> Response:
    kept = visit.tidings.store.feed(feed_id).credentials
    credentials = Credentials(username, password or (kept.password if kept else "")) if username else NOBODY
    feed = visit.tidings.store.set_feed(
        feed_id,
        title=title.strip() or None,
        folder=folder.strip(),
        full_text=full_text,
        credentials=credentials if kept or username else None,
        next_poll_at=visit.tidings.clock()
        if username and password
        else None,  # to see whether they are right
    )
    return visit.done("/feeds", said=f"{feed.title or host_of(feed.url)} is changed.")


@router.get("/feeds/{feed_id}/remove", include_in_schema=False)
def confirm_removal(visit: Reader, feed_id: FeedId) -> Response:
    visit.require_operator()
    return visit.page("feed_remove.html", feed=visit.present.feed(visit.tidings.store.feed(feed_id)))


@router.post("/feeds/{feed_id}/remove", include_in_schema=False)
def remove(visit: Operator, feed_id: FeedId) -> Response:
    feed = visit.tidings.store.feed(feed_id)
    visit.tidings.store.remove_feed(feed_id)
    said = f"{feed.title or host_of(feed.url)} is no longer followed. Its articles stay."
    return visit.done("/feeds", said=said)


# ── quarantine ───────────────────────────────────────────────────────────────────────────────────────────────────────


@router.get("/quarantine", include_in_schema=False)
def quarantine(visit: Reader, after: Annotated[str | None, Query(max_length=500)] = None) -> Response:
    visit.require_operator()
    listed = visit.tidings.store.quarantined(after=after)
    return visit.page("quarantine.html", rows=visit.present.quarantine(listed), is_first=after is None)


@router.post("/quarantine/release", include_in_schema=False)
def release(visit: Operator, work_id: Annotated[int | None, Form(ge=1, le=2**63 - 1)] = None) -> Response:
    count = visit.tidings.store.release(work_id=work_id, now=visit.tidings.clock())
    return visit.done(
        "/quarantine", said=f"{words.counted(count, 'row').capitalize()} put back in the queue."
    )
