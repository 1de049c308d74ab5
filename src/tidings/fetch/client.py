"""The one outward HTTP client: what it asks, whom it trusts, how long it waits.

A request goes hop by hop.  Each hop asks robots.txt (article pages only), passes the gate of its host, waits for its turn,
connects under the address guard, and is read within limits; an answer is a Reply, a redirect is the next hop, and
everything else is one of the errors of ports.Fetcher.

httpcore is used directly, not through httpx, whose client has no way to be handed a network backend; httpx gives the
URLs.  Nothing is taken from the environment: no proxy, no .netrc, no cookies.
"""

from __future__ import annotations

import base64
import ssl
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

import httpcore
import httpx

from tidings.errors import BadReply, FetchError, Throttled
from tidings.fetch import bodies, robots
from tidings.fetch.addresses import Resolve, resolve
from tidings.fetch.gate import Gate
from tidings.fetch.hops import host_key, host_name, next_hop, origin, port, web_address
from tidings.fetch.ledger import LONGEST_WAIT_S
from tidings.fetch.network import Network
from tidings.fetch.problems import EXCHANGE_FAILURES, EndlessRedirects, busy, exchange_failure, status_failure
from tidings.fetch.replies import (
    PERMANENT,
    TEMPORARY,
    fresh_for_s,
    headers_of,
    validator_headers,
    validators_of,
)
from tidings.fetch.rulebook import RuleBook
from tidings.model import Credentials, Purpose, Reply, Validators
from tidings.ports import HostLedger


@dataclass(frozen=True, slots=True)
class OwnHost:
    """A host ("name:port") that the operator names as their own: any address is allowed, and a spacing of its own."""

    spacing_s: float = 1.0
    at_once: int = 2


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one request may take; times in seconds, sizes in bytes after decompression."""

    connect_s: float = 3.05
    read_s: float = 20.0
    whole_s: float = 60.0
    redirects: int = 5
    at_once: int = 2
    queue_s: float = LONGEST_WAIT_S
    keep_alive_s: float = 15.0
    feed_bytes: int = 15 << 20
    page_bytes: int = 10 << 20
    image_bytes: int = 10 << 20
    hub_bytes: int = 1 << 20


DEFAULT_LIMITS = Limits()

_HEAD_ROOM_BYTES = (
    256 << 10
)  # status line and headers; the framing of small chunks may add a quarter of the body

_ACCEPT: Mapping[Purpose, str] = {
    "feed": (
        "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9,"
        " application/json;q=0.8, application/xml;q=0.8, text/xml;q=0.8, */*;q=0.5"
    ),
    "page": "text/html, application/xhtml+xml;q=0.9, */*;q=0.5",
    "discovery": "text/html, application/xhtml+xml;q=0.9, application/xml;q=0.8, */*;q=0.5",
    "image": "image/avif, image/webp, image/png, image/jpeg, image/*;q=0.8",
    "hub": "*/*",
}

_NO_PAGE_TYPES = ("image/", "audio/", "video/", "font/", "application/pdf", "application/zip")

_POOLS = 8
_DRAIN_BYTES = 16 << 10
_DRAIN_S = 1.0


@dataclass(frozen=True, slots=True)
class _Ask:
    """One request as it is repeated on every hop; `url` is what its errors are about."""

    method: str
    url: str
    purpose: Purpose
    headers: tuple[tuple[bytes, bytes], ...]
    max_bytes: int
    follows: frozenset[int] = PERMANENT | TEMPORARY
    content: bytes = b""
    credentials: Credentials | None = None
    obeys_robots: bool = False
    truncate: bool = False


@dataclass(frozen=True, slots=True)
class _Answer:
    """The last hop's answer, whatever its status; the body is there only for 2xx."""

    status: int
    headers: dict[str, str]
    body: bytes
    final: httpx.URL
    moved_to: str | None = None


class HttpFetcher:
    """Implements ports.Fetcher.  One for a process: it keeps connections, the TLS settings and robots.txt.

    `contact` is the address that publishers find in the User-Agent.  `own_hosts` maps "name:port" to what the operator
    allows there.  `clock` gives aware UTC, `sleep` waits seconds, `monotonic` is a clock in seconds for deadlines.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None],
        ledger: HostLedger,
        version: str,
        contact: str,
        own_hosts: Mapping[str, OwnHost] | None = None,
        spacing_s: float = 1.0,
        limits: Limits = DEFAULT_LIMITS,
        resolve: Resolve = resolve,
        monotonic: Callable[[], float] = time.monotonic,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._ledger = ledger
        self._agent = f"{robots.AGENT}/{version}"
        self._contact = f"+{contact}"
        self._own = {host.lower(): own for host, own in (own_hosts or {}).items()}
        self._spacing_s = spacing_s
        self._limits = limits
        self._monotonic = monotonic
        self._network = Network(resolve=resolve, own=self._own, monotonic=monotonic)
        # Reading the authorities takes 20 ms and more: once, not for every connection.
        tls = ssl_context or httpx.create_ssl_context(trust_env=False)
        # Several pools, because httpcore looks at every idle connection of a pool twice a request.
        self._pools = tuple(
            httpcore.ConnectionPool(
                ssl_context=tls,
                max_connections=None,
                max_keepalive_connections=8,
                keepalive_expiry=limits.keep_alive_s,
                network_backend=self._network,
            )
            for _ in range(_POOLS)
        )
        self._gate = Gate()
        self._rules = RuleBook(ledger=ledger, clock=clock, fetch=self._fetch_rules, wait_s=limits.queue_s)
        self._sizes: Mapping[Purpose, int] = {
            "feed": limits.feed_bytes,
            "page": limits.page_bytes,
            "discovery": limits.feed_bytes,  # a site's page, or the feed itself
            "image": limits.image_bytes,
            "hub": limits.hub_bytes,
        }
        self._standing_headers = {purpose: self._headers_for(purpose) for purpose in _ACCEPT}

    def close(self) -> None:
        """Close every connection."""
        for pool in self._pools:
            pool.close()

    # ── ports.Fetcher ────────────────────────────────────────────────────────────────────────────────────────────────

    def get(
        self,
        url: str,
        *,
        purpose: Purpose,
        validators: Validators = Validators(),
        credentials: Credentials | None = None,
        subscribers: int = 1,
    ) -> Reply:
        conditions = validator_headers(validators)
        headers = [
            *self._standing_headers[purpose],
            (b"User-Agent", self._user_agent(subscribers if purpose == "feed" else None)),
            *conditions,
        ]
        if purpose == "feed":
            headers.append((b"A-IM", b"feed"))  # RFC 3229: only the new entries will do
        answer = self._follow(
            _Ask(
                "GET",
                url,
                purpose,
                tuple(headers),
                self._sizes[purpose],
                credentials=credentials,
                obeys_robots=purpose == "page",
            ),
            web_address(url),
        )
        wanted = (200, 203, 226, 304) if purpose == "feed" else (200, 203, 304)
        if answer.status not in wanted or (answer.status == 304 and not conditions):
            raise self._failure(url, answer)
        return self._reply(url, answer, sent=validators)

    def post(self, url: str, form: Mapping[str, str], *, purpose: Purpose = "hub") -> Reply:
        content = urlencode(form).encode("ascii")
        headers = (
            *self._standing_headers[purpose],
            (b"User-Agent", self._user_agent(None)),
            (b"Content-Type", b"application/x-www-form-urlencoded"),
            (b"Content-Length", str(len(content)).encode()),
        )
        # Only 307 and 308 keep the method and the form (RFC 9110 §15.4); the others would make it a GET.
        ask = _Ask(
            "POST",
            url,
            purpose,
            headers,
            self._sizes[purpose],
            follows=frozenset({307, 308}),
            content=content,
        )
        answer = self._follow(ask, web_address(url))
        if not 200 <= answer.status < 300:
            raise self._failure(url, answer)
        return self._reply(url, answer, sent=Validators())

    def _reply(self, url: str, answer: _Answer, *, sent: Validators) -> Reply:
        now = self._clock()
        return Reply(
            url=url,
            final_url=str(answer.final),
            status=answer.status,
            headers=answer.headers,
            body=answer.body,
            fetched_at=now,
            moved_to=answer.moved_to,
            validators=validators_of(answer.headers, sent=sent if answer.status == 304 else Validators()),
            fresh_for_s=fresh_for_s(answer.headers, now=now),
        )

    def _failure(self, url: str, answer: _Answer) -> FetchError:
        return status_failure(
            url, answer.status, answer.headers, host=host_name(answer.final), now=self._clock()
        )

    def _headers_for(self, purpose: Purpose) -> tuple[tuple[bytes, bytes], ...]:
        return (
            (b"Accept", _ACCEPT[purpose].encode()),
            (b"Accept-Encoding", bodies.ACCEPT_ENCODING.encode()),
        )

    def _user_agent(self, subscribers: int | None) -> bytes:
        """Who asks, on whose behalf, and where to complain; publishers count subscribers from a feed's readers."""
        count = "" if subscribers is None else f"; {subscribers} subscriber{'' if subscribers == 1 else 's'}"
        return f"{self._agent} ({self._contact}{count})".encode("latin-1", "replace")

    # ── hop by hop ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _follow(self, ask: _Ask, here: httpx.URL) -> _Answer:
        """Return the first answer that is no redirect, from `here` on."""
        moved_to: str | None = None
        unbroken, trusted, spent_s = True, True, 0.0
        seen = {here}
        for _ in range(self._limits.redirects + 1):
            spacing_s = self._spacing(here)
            if ask.obeys_robots:
                delay_s = self._rules.ask(ask.url, here)
                if host_key(here) not in self._own:
                    spacing_s = max(spacing_s, delay_s)
            with self._turn(ask.url, here, spacing_s):
                started_s = self._monotonic()
                answer = self._exchange(
                    ask, here, trusted=trusted, seconds=max(self._limits.whole_s - spent_s, 0.001)
                )
                spent_s += self._monotonic() - started_s
            if answer.status in (429, 503):
                wait = status_failure(
                    ask.url, answer.status, answer.headers, host=host_name(here), now=self._clock()
                )
                assert isinstance(wait, Throttled)
                self._ledger.leave_alone(
                    host_key(here), until=self._clock() + timedelta(seconds=wait.retry_after_s)
                )
                raise wait
            if answer.status not in ask.follows or "location" not in answer.headers:
                return _Answer(answer.status, answer.headers, answer.body, here, moved_to)
            there = next_hop(ask.url, here, answer.headers["location"])
            unbroken = unbroken and answer.status in PERMANENT
            if unbroken:
                moved_to = str(there)
            trusted = trusted and origin(there) == origin(here)
            if there in seen:
                raise EndlessRedirects(
                    ask.url,
                    f"{host_name(here)} sends us round in a circle. Open the address in a browser and follow the one it ends at.",
                    detail=f"redirect loop at {there}",
                    status=answer.status,
                )
            seen.add(there)
            here = there
        raise EndlessRedirects(
            ask.url,
            f"The address leads on more than {self._limits.redirects} times. Follow the address it ends at in a browser.",
            detail=f"too many redirects, last to {here}",
        )

    def _spacing(self, here: httpx.URL) -> float:
        own = self._own.get(host_key(here))
        return self._spacing_s if own is None else own.spacing_s

    @contextmanager
    def _turn(self, url: str, here: httpx.URL, spacing_s: float) -> Iterator[None]:
        """Be one of the few inside the gate of a host, once its turn has come.  Raises Throttled when that is far off."""
        host = host_key(here)
        own = self._own.get(host)
        at_once = self._limits.at_once if own is None else own.at_once
        with self._gate.passed(host, at_once=at_once, wait_s=self._limits.queue_s) as entered:
            if not entered:
                raise busy(url, here, self._limits.queue_s)
            wait_s = self._ledger.take_turn(host, now=self._clock(), spacing_s=spacing_s)
            if wait_s > LONGEST_WAIT_S:
                raise busy(url, here, wait_s)
            if wait_s > 0:
                self._sleep(wait_s)
            yield

    def _exchange(self, ask: _Ask, here: httpx.URL, *, trusted: bool, seconds: float) -> _Answer:
        """Send one request and read its answer within limits.  Raises a FetchError when no usable one comes."""
        request = self._request(ask, here, trusted=trusted)
        pool = self._pools[zlib.crc32(here.netloc) % _POOLS]
        try:
            with self._network.allowance(
                seconds=seconds, max_bytes=ask.max_bytes * 5 // 4 + _HEAD_ROOM_BYTES
            ) as allowance:
                try:
                    response = pool.handle_request(request)
                except (httpcore.RemoteProtocolError, httpcore.ReadError, httpcore.WriteError):
                    # A kept connection may be closed by the other side just as it is used again: once more, afresh.
                    if ask.method != "GET" or allowance.opened:
                        raise
                    response = pool.handle_request(request)
                try:
                    return self._read(ask, here, response)
                finally:
                    response.close()
        except EXCHANGE_FAILURES as exc:
            limits = self._limits
            raise exchange_failure(ask.url, here, exc, read_s=limits.read_s, whole_s=limits.whole_s) from exc

    def _request(self, ask: _Ask, here: httpx.URL, *, trusted: bool) -> httpcore.Request:
        headers = [(b"Host", here.netloc), *ask.headers]
        if ask.credentials is not None and trusted:
            pair = f"{ask.credentials.username}:{ask.credentials.password}".encode()
            headers.append((b"Authorization", b"Basic " + base64.b64encode(pair)))
        timeouts = {
            "connect": self._limits.connect_s,
            "read": self._limits.read_s,
            "write": self._limits.read_s,
        }
        return httpcore.Request(
            ask.method,
            httpcore.URL(
                scheme=here.raw_scheme, host=here.raw_host, port=port(here), target=here.raw_path or b"/"
            ),
            headers=headers,
            content=ask.content or None,
            extensions={"timeout": timeouts},
        )

    def _read(self, ask: _Ask, here: httpx.URL, response: httpcore.Response) -> _Answer:
        headers = headers_of(response.headers)
        status = response.status
        chunks: Iterable[bytes] = response.iter_stream()
        if not 200 <= status < 300:
            self._drain(chunks, headers)
            return _Answer(status, headers, b"", here)
        _check_type(ask, here, headers)
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length[:18]) > ask.max_bytes and not ask.truncate:
            raise bodies.BodyTooLarge(f"{length} bytes announced")
        encoding = headers.get("content-encoding", "")
        body = bodies.read_body(chunks, encoding=encoding, max_bytes=ask.max_bytes, truncate=ask.truncate)
        return _Answer(status, headers, body, here)

    # ── robots.txt ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _drain(self, chunks: Iterable[bytes], headers: Mapping[str, str]) -> None:
        """Read a short body to its end, so that the connection can be used again; leave a long or slow one."""
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length[:18]) > _DRAIN_BYTES:
            return
        self._network.hurry(_DRAIN_S)
        taken = 0
        with suppress(*EXCHANGE_FAILURES):  # the status has been said, whatever becomes of the rest
            for chunk in chunks:
                taken += len(chunk)
                if taken > _DRAIN_BYTES:  # no length was announced
                    return

    def _fetch_rules(self, url: str, here: httpx.URL) -> tuple[int, bytes]:
        """Return status and text of a host's robots.txt, which is itself asked for without asking robots.txt."""
        headers = (*self._standing_headers["page"], (b"User-Agent", self._user_agent(None)))
        ask = _Ask("GET", url, "page", headers, robots.MAX_BYTES, truncate=True)
        answer = self._follow(ask, here.copy_with(raw_path=b"/robots.txt"))
        return answer.status, answer.body


def _check_type(ask: _Ask, here: httpx.URL, headers: Mapping[str, str]) -> None:
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if ask.purpose == "image" and not media_type.startswith("image/"):
        raise BadReply(
            ask.url,
            f"{host_name(here)} sent no image at this address. It may have been taken down.",
            detail=f"content type {media_type!r}",
        )
    if ask.obeys_robots and media_type.startswith(_NO_PAGE_TYPES):
        raise BadReply(
            ask.url,
            f"There is no web page at this address, but a file ({media_type}). Open it at the publisher.",
            detail=f"content type {media_type!r}",
        )
