"""What an answer's head means: pure readings of its headers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from tidings.model import Validators

FRESH_CAP_S = 86_400.0
"""One visit a day is no burden to anybody, and a feed left for the year that some servers name would be lost."""

RETRY_AFTER_CAP_S = 7 * 86_400.0
"""A host that asks for longer has set the number by mistake, or will say so again."""

RETRY_AFTER_FLOOR_S = 1.0
RETRY_AFTER_SILENT_S = {429: 300.0, 503: 60.0}
"""What a 429 or 503 means that names no time."""

PERMANENT = frozenset({301, 308})
TEMPORARY = frozenset({302, 303, 307})

Headers = Mapping[str, str]


def headers_of(pairs: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return the headers with lower-case names; a repeated one is joined with ", " (RFC 9110 §5.3)."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in pairs:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def validators_of(headers: Headers, *, sent: Validators = Validators()) -> Validators:
    """Return ETag and Last-Modified exactly as received.

    `sent` are those of a request that was answered 304: what that answer leaves out still holds (RFC 9111 §4.3.4).
    """
    return Validators(
        etag=headers.get("etag", sent.etag), last_modified=headers.get("last-modified", sent.last_modified)
    )


def validator_headers(validators: Validators) -> list[tuple[bytes, bytes]]:
    """Return the conditions to send: each validator byte for byte, or none at all where it cannot be sent so."""
    pairs = ((b"If-None-Match", validators.etag), (b"If-Modified-Since", validators.last_modified))
    return [(name, value.encode("latin-1")) for name, value in pairs if value and _can_be_sent(value)]


_SENDABLE = re.compile(r"[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?")


def _can_be_sent(value: str) -> bool:
    return _SENDABLE.fullmatch(value) is not None


def fresh_for_s(headers: Headers, *, now: datetime) -> float | None:
    """Return the seconds, 0 to FRESH_CAP_S, for which an answer asks not to be fetched again; None when it is silent.

    Cache-Control max-age before Expires, less the Age it has in caches already (RFC 9111 §4.2); no-cache and no-store
    are 0.  Expires is read against the answer's own Date, so a publisher's wrong clock does no harm.
    """
    directives = _cache_control(headers.get("cache-control", ""))
    if "no-store" in directives or "no-cache" in directives:
        return 0.0
    lifetime = _delta_seconds(directives.get("max-age"))
    if lifetime is None and "expires" in headers:
        expires = http_date(headers["expires"])
        if expires is None:
            return 0.0  # RFC 9111 §5.3: an invalid date, "0" above all, is in the past
        lifetime = (expires - (http_date(headers.get("date", "")) or now)).total_seconds()
    if lifetime is None:
        return None
    age = _delta_seconds(headers.get("age")) or 0.0
    return min(max(lifetime - age, 0.0), FRESH_CAP_S)


def _cache_control(value: str) -> dict[str, str]:
    """Return the directives by lower-case name; of a repeated one the first (RFC 9111 §4.2.1)."""
    directives: dict[str, str] = {}
    for match in re.finditer(r'([^\s=,;"]+)\s*(?:=\s*("[^"]*"|[^\s,;]*))?', value):
        directives.setdefault(match[1].lower(), (match[2] or "").strip('"'))
    return directives


def _delta_seconds(value: str | None) -> float | None:
    """RFC 9111 §1.2.2: a whole number, and a huge one is merely huge."""
    if value is None or re.fullmatch(r"\d+", value.strip(), re.ASCII) is None:
        return None
    return float(min(int(value.strip()[:18]), 2**31))


def http_date(value: str) -> datetime | None:
    """Return an HTTP date of any of the three forms (RFC 9110 §5.6.7) as aware UTC, None when it is none."""
    try:
        moment = parsedate_to_datetime(value.strip())
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError, TypeError, IndexError):
        pass
    try:  # the form of RFC 850, whose two-digit year the e-mail parser does not take after a weekday in full
        return datetime.strptime(value.strip(), "%A, %d-%b-%y %H:%M:%S GMT").replace(tzinfo=UTC)
    except ValueError:
        return None


def retry_after_s(headers: Headers, *, status: int, now: datetime) -> float:
    """Return how long a 429 or 503 asks to be left alone, RETRY_AFTER_FLOOR_S to RETRY_AFTER_CAP_S seconds.

    Retry-After is seconds or a date (RFC 9110 §10.2.3), the date read against the answer's own Date.
    """
    value = headers.get("retry-after", "")
    seconds = _delta_seconds(value)
    if seconds is None and (moment := http_date(value)) is not None:
        seconds = (moment - (http_date(headers.get("date", "")) or now)).total_seconds()
    if seconds is None:
        seconds = RETRY_AFTER_SILENT_S.get(status, 60.0)
    return min(max(seconds, RETRY_AFTER_FLOOR_S), RETRY_AFTER_CAP_S)
