"""When to visit a feed again, and what a visit means for it.  Pure: the clock and the jitter are handed in.

The rules, strongest first:
- a publisher's Retry-After, Cache-Control or Expires, ttl and skipHours are kept, up to a day (Retry-After: a week);
- failures wait twice as long each time, up to a day; 410 ends the visits; 404, 401 and 403 go on, rarely, and say why;
- otherwise half of the usual gap between two entries, never under 15 minutes;
- a host that the operator named as their own (min_interval_s under 15 minutes) is visited as often as the operator said.
"""

import hashlib
import re
from datetime import datetime, timedelta
from typing import Literal

from tidings.errors import FetchError, Gone, ParseError, Refused, Throttled
from tidings.model import (
    Entry,
    Feed,
    FeedDocument,
    FeedStatus,
    PollOutcome,
    Problem,
    Reply,
    Validators,
)
from tidings.urls import canonical_url, host_port

MIN_INTERVAL_S = 900
MAX_INTERVAL_S = 6 * 3_600  # of a feed that lives
DAY_S = 86_400
LONGEST_RETRY_AFTER_S = 7 * DAY_S
BACKUP_POLL_S = 6 * 3_600  # while a hub has promised to push
MOVES_TO_BELIEVE = 3
DORMANT = timedelta(days=30)
_RATE_WINDOW = timedelta(days=7)
_DEFAULT_INTERVAL_S = 3_600  # of a feed that states no dates


def plan_poll(
    feed: Feed,
    *,
    reply: Reply | None,
    error: FetchError | ParseError | None,
    document: FeedDocument | None,
    now: datetime,
    min_interval_s: int = MIN_INTERVAL_S,
    max_interval_s: int = MAX_INTERVAL_S,
    jitter: float,
) -> PollOutcome:
    """Return what a visit to a feed decides.

    One of: error (with reply when an answer came that was no feed); reply and document; reply alone (not modified, or the
    same bytes as last time).  jitter in 0..1 spreads visits over the tenth of the interval that follows it.
    """
    if isinstance(error, Throttled) and error.status is None:
        return _not_asked(feed, error, now=now)  # our own spacing; the feed did nothing wrong
    if error is not None:
        return _failed(feed, error, reply=reply, now=now, min_interval_s=min_interval_s, jitter=jitter)
    if reply is None:
        raise ValueError("a visit without an answer needs an error")
    digest = feed.body_digest if reply.not_modified else hashlib.sha256(reply.body).digest()
    if reply.not_modified or digest == feed.body_digest:
        document = None
    interval_s = _interval_s(
        feed, document, now=now, min_interval_s=min_interval_s, max_interval_s=max_interval_s
    )
    wait_s = float(interval_s)
    if min_interval_s >= MIN_INTERVAL_S:
        wait_s = max(wait_s, min(reply.fresh_for_s or 0.0, DAY_S))
    if feed.hub_lease_until is not None and feed.hub_lease_until > now:
        wait_s = max(wait_s, BACKUP_POLL_S)
    moved_to, moved_seen, url = _moved(feed, reply)
    return PollOutcome(
        feed_id=feed.id,
        polled_at=now,
        next_poll_at=_next_visit(
            now, wait_s, quiet=document.skip_hours if document else feed.skip_hours, jitter=jitter
        ),
        interval_s=interval_s,
        status="active" if feed.status == "gone" else feed.status,
        last_status=reply.status,
        validators=_validators(feed, reply),
        body_digest=digest,
        document=document,
        moved_to=moved_to,
        moved_seen=moved_seen,
        url=url,
    )


# ── how often ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _interval_s(
    feed: Feed, document: FeedDocument | None, *, now: datetime, min_interval_s: int, max_interval_s: int
) -> int:
    if min_interval_s < MIN_INTERVAL_S:
        return min_interval_s
    if document is None:
        return _unchanged_s(feed, now=now, min_interval_s=min_interval_s, max_interval_s=max_interval_s)
    usual_s = _usual_s(feed, document, now=now, max_interval_s=max_interval_s)
    return int(max(min_interval_s, min(document.ttl_s or 0, DAY_S), usual_s))


def _unchanged_s(feed: Feed, *, now: datetime, min_interval_s: int, max_interval_s: int) -> int:
    """Return the interval after nothing new: a sixteenth of how long it has been silent, but not less than it was.

    A paper that sleeps from midnight to eight is then asked twice an hour when it wakes.
    """
    silent = now - (feed.last_changed_at or feed.created_at)
    ceiling_s = DAY_S if silent > DORMANT else max_interval_s
    return int(max(min_interval_s, min(feed.interval_s, DAY_S), min(silent.total_seconds() / 16, ceiling_s)))


def _usual_s(feed: Feed, document: FeedDocument, *, now: datetime, max_interval_s: int) -> float:
    """Return half the mean gap between the entries of the last week, at most max_interval_s.

    A day when the newest entry is older than a month.
    """
    dates = sorted((e.published_at for e in document.entries if e.published_at), reverse=True)
    if not dates:
        return min(max(feed.interval_s, MIN_INTERVAL_S), _DEFAULT_INTERVAL_S)
    if now - dates[0] > DORMANT:
        return DAY_S
    recent = [at for at in dates if now - at <= _RATE_WINDOW]
    # A full feed may reach back less than a week: its oldest entry says how far.
    span = min(_RATE_WINDOW, max(now - dates[-1], timedelta(hours=1)))
    return min(span.total_seconds() / max(len(recent), 1) / 2, max_interval_s)


def _next_visit(now: datetime, wait_s: float, *, quiet: frozenset[int], jitter: float) -> datetime:
    """Return the end of a wait, stretched by up to a tenth, and past the hours in which the feed asks for quiet."""
    at = now + timedelta(seconds=wait_s * (1 + 0.1 * jitter))
    for _ in range(24):
        if at.hour not in quiet:
            break
        at = at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1, minutes=10 * jitter)
    return at


# ── what was answered ────────────────────────────────────────────────────────────────────────────────────────────────


def _validators(feed: Feed, reply: Reply) -> Validators:
    """Return what to send next time: always this answer's, also when its body was the same; a 304 confirms the old ones."""
    if not reply.not_modified:
        return reply.validators
    return Validators(
        etag=reply.validators.etag or feed.validators.etag,
        last_modified=reply.validators.last_modified or feed.validators.last_modified,
    )


def _moved(feed: Feed, reply: Reply) -> tuple[str | None, int, str | None]:
    """Return (moved_to, moved_seen, new url or None): a permanent redirect is believed at the third sighting in a row.

    Never from https to http, and never to another host while credentials are kept for this one.
    """
    target = reply.moved_to
    if target is None or canonical_url(target) in (None, canonical_url(feed.url)):
        return None, 0, None
    seen = feed.moved_seen + 1 if feed.moved_to == target else 1
    weaker = feed.url.startswith("https:") and not target.startswith("https:")
    other_host = feed.credentials is not None and host_port(target) != host_port(feed.url)
    if seen < MOVES_TO_BELIEVE or weaker or other_host:
        return target, min(seen, MOVES_TO_BELIEVE), None
    return None, 0, target


# ── what went wrong ──────────────────────────────────────────────────────────────────────────────────────────────────


def _not_asked(feed: Feed, error: Throttled, *, now: datetime) -> PollOutcome:
    return PollOutcome(
        feed_id=feed.id,
        polled_at=feed.last_polled_at or now,
        next_poll_at=now + timedelta(seconds=max(error.retry_after_s, 1.0)),
        interval_s=feed.interval_s,
        status=feed.status,
        last_status=feed.last_status,
        validators=feed.validators,
        body_digest=feed.body_digest,
        failures=feed.failures,
        problem=feed.problem,
        moved_to=feed.moved_to,
        moved_seen=feed.moved_seen,
    )


def _failed(
    feed: Feed,
    error: FetchError | ParseError,
    *,
    reply: Reply | None,
    now: datetime,
    min_interval_s: int,
    jitter: float,
) -> PollOutcome:
    failures = feed.failures + 1
    status: int | None = reply.status if reply else getattr(error, "status", None)
    base_s = min_interval_s if min_interval_s < MIN_INTERVAL_S else max(feed.interval_s, min_interval_s)
    rarely = isinstance(error, Gone | Refused | ParseError)  # what seldom mends itself
    wait_s = min(DAY_S, base_s * 2.0 ** min(failures - 1 + 2 * rarely, 20))
    if isinstance(error, Throttled):
        wait_s = max(wait_s, min(error.retry_after_s, LONGEST_RETRY_AFTER_S))
    end: FeedStatus | Literal[""] = "gone" if isinstance(error, Gone) and status == 410 else ""
    return PollOutcome(
        feed_id=feed.id,
        polled_at=now,
        next_poll_at=_next_visit(now, wait_s, quiet=feed.skip_hours, jitter=jitter),
        interval_s=feed.interval_s,
        status=end or feed.status,
        last_status=status,
        # Bytes that were no feed must come again, and not as 304, once they can be read.
        validators=Validators() if isinstance(error, ParseError) else feed.validators,
        body_digest=feed.body_digest,
        failures=failures,
        problem=Problem(
            code=error.code,
            message=_words(feed, error, status=status, failures=failures),
            detail=error.detail or getattr(error, "reason", ""),
            status=status,
        ),
        moved_to=feed.moved_to,
        moved_seen=feed.moved_seen,
    )


def _words(feed: Feed, error: FetchError | ParseError, *, status: int | None, failures: int) -> str:
    """Return what happened and what to do, for the operator."""
    if isinstance(error, Gone) and status == 410:
        return (
            "The publisher says that this feed is gone for good (410), so it is not visited any more. "
            "Look for a new feed on the publisher’s site, or remove this one."
        )
    if isinstance(error, Gone):
        tail = (
            "" if failures < 3 else f" That is {failures} times in a row: look for a new address on the site."
        )
        return f"There is no feed at this address any more (404).{tail} Tidings goes on looking, at least once a day."
    if status == 401:
        given = (
            "does not take the name and password given"
            if feed.credentials
            else "asks for a name and password"
        )
        return f"The publisher {given} (401). Set them in this feed’s settings."
    if status == 403:
        return (
            "The publisher refuses to answer Tidings (403). Open the address in a browser; if it works there, ask the "
            "publisher to let feed readers in."
        )
    return error.public_message


# ── what changed ─────────────────────────────────────────────────────────────────────────────────────────────────────

_MARKUP = re.compile(r"<[^<>]*>")


def content_digest(entry: Entry) -> bytes:
    """Return a digest (SHA-256) of what an entry says: when it changes, its page is read again.

    Title, address, byline, the words of summary and content, updated_at and the attached files' addresses without their
    parameters.  Markup, pictures, tracking parameters and published_at are left out: some feeds make them anew each time.
    """
    said = (
        entry.title,
        canonical_url(entry.url) if entry.url else "",
        "\n".join(entry.byline),
        *(" ".join(_MARKUP.sub(" ", text).split()) for text in (entry.summary, entry.content)),
        entry.updated_at.isoformat() if entry.updated_at else "",
        "\n".join(one.url.partition("?")[0] for one in entry.enclosures),
    )
    return hashlib.sha256("\0".join(part or "" for part in said).encode("utf-8", "replace")).digest()
