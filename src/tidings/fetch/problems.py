"""What went wrong, as the errors of ports.Fetcher: each says what happened and what to do, in plain words."""

from __future__ import annotations

import socket
import ssl
from datetime import datetime

import httpcore
import httpx

from tidings.errors import BadReply, FetchError, Gone, Refused, Throttled, Unreachable
from tidings.fetch import bodies
from tidings.fetch.hops import host_key, host_name
from tidings.fetch.network import AddressRefused, DeadlinePassed, TooManyBytes
from tidings.fetch.replies import RETRY_AFTER_SILENT_S, Headers, retry_after_s


class EndlessRedirects(BadReply):
    """More redirects than allowed, or a circle."""


EXCHANGE_FAILURES = (
    AddressRefused,
    DeadlinePassed,
    TooManyBytes,
    bodies.BodyTooLarge,
    bodies.BodyBroken,
    bodies.BodyCutShort,
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
)
"""Everything that may keep one request from getting a usable answer."""


def status_failure(url: str, status: int, headers: Headers, *, host: str, now: datetime) -> FetchError:
    """Return the error that a status outside 2xx, 3xx and 304 amounts to."""
    if status in RETRY_AFTER_SILENT_S:
        wait_s = retry_after_s(headers, status=status, now=now)
        said = "asks for fewer requests" if status == 429 else "is busy or under repair"
        return Throttled(
            url,
            f"{host} {said} ({status}). We leave it alone for {in_words(wait_s)}, then try again.",
            retry_after_s=wait_s,
            status=status,
        )
    if status == 404:
        return Gone(
            url,
            f"{host} has nothing at this address (404). Check it for typing errors, or look on the site for a new one.",
            status=status,
        )
    if status == 410:
        return Gone(
            url,
            f"{host} says that this address is closed for good (410). Look on the site for what replaced it.",
            status=status,
        )
    if status == 401:
        return Refused(
            url,
            f"{host} asks for a user name and password (401). Give those of your subscription, or correct them.",
            status=status,
        )
    if status in (402, 403, 407, 451):
        return Refused(
            url,
            f"{host} does not let us read this address ({status}). It may refuse automatic readers: open the address in"
            " a browser, and if it shows there, ask the publisher to admit this one.",
            status=status,
        )
    if status in (408, 425) or status >= 500:
        return Unreachable(
            url,
            f"{host} answered with an error of its own ({status}). We try again later; if it lasts, tell the publisher.",
            status=status,
        )
    return BadReply(
        url,
        f"{host} gave an answer that we cannot use ({status}). Check the address, or look on the site for a new one.",
        status=status,
    )


def in_words(seconds: float) -> str:
    """Return a span of time as a person says it: "40 seconds", "5 minutes", "24 hours"."""
    for unit_s, unit in ((3600, "hour"), (60, "minute"), (1, "second")):
        if seconds >= unit_s * 2 or unit_s == 1:
            count = max(round(seconds / unit_s), 1)
            return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
    raise AssertionError


def busy(url: str, here: httpx.URL, wait_s: float) -> Throttled:
    return Throttled(
        url,
        f"{host_name(here)} has been asked often enough for now. We go on in {in_words(wait_s)}.",
        retry_after_s=wait_s,
        detail="own spacing",
    )


def exchange_failure(
    url: str, here: httpx.URL, exc: Exception, *, read_s: float, whole_s: float
) -> FetchError:
    """Return the error that one of EXCHANGE_FAILURES amounts to; the limits are those the request ran under."""
    host, detail = host_name(here), f"{type(exc).__name__}: {exc}"
    if isinstance(exc, AddressRefused):
        return Refused(
            url,
            f"{host} leads into a private network, where Tidings does not go. If it is yours, name {host_key(here)} as a"
            " host of your own in the settings.",
            detail=detail,
        )
    if isinstance(exc, (TooManyBytes, bodies.BodyTooLarge)):
        return BadReply(
            url,
            f"{host} sent more than we take in one answer. Look for a smaller feed or page.",
            detail=detail,
        )
    if isinstance(exc, bodies.BodyBroken):
        return BadReply(
            url, f"{host} sent an answer that cannot be unpacked. Tell the publisher.", detail=detail
        )
    if isinstance(exc, DeadlinePassed):
        return Unreachable(
            url,
            f"{host} did not finish its answer within {in_words(whole_s)}. We try again later.",
            detail=detail,
        )
    if isinstance(exc, httpcore.ConnectTimeout):
        return Unreachable(url, f"{host} did not answer in time. We try again later.", detail=detail)
    if isinstance(exc, httpcore.TimeoutException):
        return Unreachable(
            url, f"{host} said nothing for {in_words(read_s)}. We try again later.", detail=detail
        )
    if isinstance(exc, httpcore.ConnectError):
        return _not_connected(url, host, exc, detail)
    if isinstance(exc, httpcore.ProtocolError) and not _was_cut_off(exc):
        return BadReply(
            url,
            f"{host} does not speak as a web server does. Check the address and its port.",
            detail=detail,
        )
    return Unreachable(url, f"{host} broke off in the middle. We try again later.", detail=detail)


def _not_connected(url: str, host: str, exc: Exception, detail: str) -> Unreachable:
    cause = exc.__cause__ or exc.__context__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return Unreachable(
            url,
            f"{host} does not prove who it is: its certificate is not valid ({cause.verify_message}). We try again later;"
            " if it lasts, tell the publisher.",
            detail=detail,
        )
    if isinstance(cause, ssl.SSLError):
        return Unreachable(
            url, f"No secure connection to {host} could be made. We try again later.", detail=detail
        )
    if isinstance(cause, (socket.gaierror, UnicodeError)):
        return Unreachable(
            url,
            f"No server goes by the name {host}. Check the address for typing errors; if it is right, we try again later.",
            detail=detail,
        )
    return Unreachable(
        url, f"{host} did not let us connect. It may be down: we try again later.", detail=detail
    )


def _was_cut_off(exc: Exception) -> bool:
    """httpcore tells a connection that ended too soon from nonsense only by the words."""
    return any(words in str(exc) for words in ("peer closed connection", "Server disconnected"))
