"""Who may change something: sessions, form tokens, where a form came from, and how often a password may be tried.

A session is a signed cookie that names the password it was made with, so that changing the password ends every session.
Form tokens are bound to the session and salted anew in each page: the same token never appears twice, which leaves
nothing for a compression attack (BREACH) to measure.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from itsdangerous import BadData, URLSafeTimedSerializer
from starlette.requests import Request

from tidings.errors import NotAllowed

SESSION_COOKIE = "tidings_session"
FORM_COOKIE = "tidings_form"  # ties the login form to one browser before there is a session
THEME_COOKIE = "tidings_theme"
SAID_COOKIE = "tidings_said"  # what a form that worked has to say, on the page after it
SESSION_S = 30 * 86_400
_FREE_TRIES = 5
_LONGEST_WAIT_S = 900.0
_MOST_ADDRESSES = 10_000
_SLOT_WAIT_S = 0.5  # a thread that answers pages waits meanwhile
_BUSY_S = 2.0


@dataclass(frozen=True, slots=True)
class Session:
    """The operator at one browser; `nonce` is what its form tokens are bound to."""

    nonce: str


class Sessions:
    """Signs and reads session cookies and form tokens with the instance's key."""

    def __init__(self, secret_key: str) -> None:
        self._key = secret_key.encode()
        self._serializer = URLSafeTimedSerializer(secret_key, salt="tidings.session")
        self._words = URLSafeTimedSerializer(secret_key, salt="tidings.said")

    def cookie(self, password_hash: str) -> str:
        """Return the cookie of a new session."""
        return self._serializer.dumps([secrets.token_urlsafe(16), self._mark(password_hash)])

    def read(self, cookie: str | None, password_hash: Callable[[], str | None]) -> Session | None:
        """Return the session of a cookie; None when it is forged, too old, or made with another password."""
        if not cookie:
            return None
        try:
            nonce, mark = self._serializer.loads(cookie, max_age=SESSION_S)
        except (BadData, ValueError, TypeError):
            return None
        current = password_hash()
        if current is None or not hmac.compare_digest(str(mark), self._mark(current)):
            return None
        return Session(str(nonce))

    def _mark(self, password_hash: str) -> str:
        return hmac.new(self._key, b"password:" + password_hash.encode(), hashlib.sha256).hexdigest()[:32]

    def signed_words(self, said: str) -> str:
        """Return a short message to the reader for a cookie; signed, so that nobody else can put words on our pages."""
        return self._words.dumps(said[:500])

    def read_words(self, cookie: str | None) -> str:
        """Return the message of a cookie, "" when there is none, or none of ours that is still fresh."""
        if not cookie:
            return ""
        try:
            return str(self._words.loads(cookie, max_age=60))
        except BadData:
            return ""

    def form_token(self, nonce: str) -> str:
        salt = secrets.token_urlsafe(12)
        return f"{salt}.{self._form_mac(nonce, salt)}"

    def is_form_token(self, token: str, nonce: str) -> bool:
        salt, _, mac = token.partition(".")
        return bool(salt and mac) and hmac.compare_digest(mac.encode(), self._form_mac(nonce, salt).encode())

    def _form_mac(self, nonce: str, salt: str) -> str:
        return hmac.new(self._key, f"form:{nonce}:{salt}".encode(), hashlib.sha256).hexdigest()


def is_same_site(request: Request, site_url: str) -> bool:
    """Whether a form was sent from one of our own pages (Origin, else Sec-Fetch-Site).

    Only host and port are compared: behind a proxy that ends TLS the scheme we see is not the reader's.  A request with
    neither header comes from no browser of the last years and is refused.
    """
    origin = request.headers.get("origin")
    if origin is not None:
        return urlsplit(origin).netloc in (request.headers.get("host"), urlsplit(site_url).netloc)
    return request.headers.get("sec-fetch-site") in ("same-origin", "none")


def is_from_this_machine(request: Request) -> bool:
    """Whether a request comes from a browser on this machine, names it so, and was passed on by nobody.

    The name is checked too: a page that points its own name at 127.0.0.1 (DNS rebinding) must not choose our password.
    What a web server on this machine passes on comes from it and may name us so (nginx does unless told otherwise),
    wherever the browser is: its headers give it away, or HTTP/1.0, which no browser speaks any more.
    """
    if request.scope.get("http_version") == "1.0" or any(map(_tells_of_a_proxy, request.headers)):
        return False
    name = (urlsplit(f"//{request.headers.get('host', '')}").hostname or "").lower()
    return _is_loopback(request.client.host if request.client else "") and (
        name == "localhost" or name.endswith(".localhost") or _is_loopback(name)
    )


def _tells_of_a_proxy(header: str) -> bool:
    return header in ("forwarded", "via", "x-real-ip") or header.startswith("x-forwarded-")


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def safe_next(path: str | None) -> str:
    """Return where to go after a form: a path on this site, "/" for anything else."""
    if not path or not path.startswith("/") or path.startswith(("//", "/\\")):
        return "/"
    if any(ord(c) < 0x21 or c == "\\" for c in path) or len(path) > 2000:
        return "/"
    return path


# ── throttling ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Tries:
    failures: int = 0
    free_at: float = 0.0


class Throttle:
    """Slows password guessing down: five tries are free, then each wrong one doubles the wait, up to 15 minutes.

    Counted by address (by /64 for IPv6).  At most two passwords are verified at once: Argon2 takes memory and time on
    purpose, and guessing must not take the site down with it.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._tries: OrderedDict[str, _Tries] = OrderedDict()
        self._slots = threading.BoundedSemaphore(2)

    @contextmanager
    def turn(self, address: str) -> Iterator[float]:
        """Yield 0.0 to an address whose turn it is, for as long as it is tried; else how long it must wait.

        The wait is looked up again once there is a slot, and a try is to be reported within the block: of many tries that
        came at once, those behind the last free one wait.
        """
        wait_s = self.wait_s(address)
        if wait_s:
            yield wait_s
        elif not self._slots.acquire(timeout=_SLOT_WAIT_S):
            yield _BUSY_S
        else:
            try:
                yield self.wait_s(address)
            finally:
                self._slots.release()

    def wait_s(self, address: str) -> float:
        """Return how long this address must wait before its next try, 0.0 when it need not."""
        with self._lock:
            return max(0.0, self._tries.get(_network(address), _Tries()).free_at - self._clock())

    def failed(self, address: str) -> None:
        network = _network(address)
        with self._lock:
            tries = self._tries.pop(network, _Tries())
            failures = tries.failures + 1
            wait = min(_LONGEST_WAIT_S, 2.0 ** (failures - _FREE_TRIES)) if failures >= _FREE_TRIES else 0.0
            self._tries[network] = replace(tries, failures=failures, free_at=self._clock() + wait)
            while len(self._tries) > _MOST_ADDRESSES:
                self._tries.popitem(last=False)

    def succeeded(self, address: str) -> None:
        with self._lock:
            self._tries.pop(_network(address), None)


class Once:
    """Lets each address say a thing once, and not more than a few things an hour."""

    def __init__(self, most_an_hour: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most_an_hour
        self._clock = clock
        self._lock = threading.Lock()
        self._said: OrderedDict[str, dict[bytes, float]] = OrderedDict()

    def take(self, address: str, thing: bytes) -> bool:
        """Return whether this address says it for the first time.  Raises NotAllowed when it says too much."""
        network, now = _network(address), self._clock()
        with self._lock:
            said = {one: at for one, at in self._said.pop(network, {}).items() if now - at < 3600.0}
            is_new = thing not in said
            if is_new and len(said) >= self._most:
                self._said[network] = said
                raise NotAllowed(network, "That is a lot for one hour. Come back later.")
            said.setdefault(thing, now)
            self._said[network] = said
            while len(self._said) > _MOST_ADDRESSES:
                self._said.popitem(last=False)
            return is_new


def _network(address: str) -> str:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if ip.version == 6:
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)
