"""Web addresses as a request meets them: what may be asked, and where a redirect leads."""

from __future__ import annotations

import re

import httpx

from tidings.errors import BadReply, Refused

_DEFAULT_PORTS = {"http": 80, "https": 443}


def web_address(url: str) -> httpx.URL:
    """Return the URL to ask, without its fragment.  Raises Refused for what is no http(s) address of a host."""
    try:
        address = httpx.URL(url.strip())
    except (httpx.InvalidURL, ValueError, TypeError) as exc:
        raise Refused(url, "This is no web address. Check it for typing errors.", detail=str(exc)) from exc
    if not _is_on_the_web(address):
        raise Refused(
            url,
            "Only addresses that begin with http:// or https:// and name a host and port that can exist are read.",
        )
    if address.userinfo:
        raise Refused(
            url,
            "The address carries a user name or password. Take them out and give them apart, so that they stay secret.",
        )
    return address.copy_with(fragment=None)


def next_hop(url: str, here: httpx.URL, location: str) -> httpx.URL:
    """Return where a redirect leads, stripped of user names.  Raises BadReply, or Refused for another scheme."""
    try:
        # Sent as UTF-8 by many, though a header is read as Latin-1.
        target = location.encode("latin-1").decode("utf-8", "replace").strip()
        there = here.join(target).copy_with(fragment=None, userinfo=b"")
    except (httpx.InvalidURL, ValueError) as exc:
        raise BadReply(
            url,
            f"{host_name(here)} sends us on to something that is no web address. Tell the publisher.",
            detail=f"redirect to {location[:200]!r}",
        ) from exc
    if not _is_on_the_web(there):
        raise Refused(
            url,
            f"{host_name(here)} sends us on to an address that is not on the web, which we do not follow.",
            detail=f"redirect to {there}",
        )
    return there


def _is_on_the_web(address: httpx.URL) -> bool:
    name = address.raw_host.decode("ascii")
    return (
        address.scheme in _DEFAULT_PORTS
        and 0 < port(address) < 65536
        and (_HOST_NAME.fullmatch(name) is not None or _IPV6_LITERAL.fullmatch(name) is not None)
    )


# Looser than the rules for host names, because real ones break them (underscores); no escapes and no IPv6 zones.
_HOST_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")
_IPV6_LITERAL = re.compile(r"[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")


def origin(address: httpx.URL) -> tuple[str, bytes, int]:
    """Return scheme, host and port (RFC 6454)."""
    return address.scheme, address.raw_host.lower(), port(address)


def port(address: httpx.URL) -> int:
    return _DEFAULT_PORTS[address.scheme] if address.port is None else address.port


def host_key(address: httpx.URL) -> str:
    """Return "name:port", by which turns, rules and the operator's own hosts are kept; IPv6 literals in brackets."""
    name = address.raw_host.decode("ascii").lower()
    return f"[{name}]:{port(address)}" if ":" in name else f"{name}:{port(address)}"


def host_name(address: httpx.URL) -> str:
    """Return the host as a person reads it: its own script where that can be told, else as it is sent."""
    try:
        return address.host
    except UnicodeError:  # "xn--" and then no IDNA 2008, as in the names made of emoji
        return address.raw_host.decode("ascii")
