"""Web addresses as a request meets them: what may be asked, and where a redirect leads."""

from __future__ import annotations

import httpx

from tidings.errors import BadReply, Refused

_DEFAULT_PORTS = {"http": 80, "https": 443}


def web_address(url: str) -> httpx.URL:
    """Return the URL to ask, without its fragment.  Raises Refused for what is no http(s) address of a host."""
    try:
        address = httpx.URL(url.strip())
    except (httpx.InvalidURL, ValueError, TypeError) as exc:
        raise Refused(url, "This is no web address. Check it for typing errors.", detail=str(exc)) from exc
    if address.scheme not in _DEFAULT_PORTS or not address.host:
        raise Refused(url, "Only addresses that begin with http:// or https:// and name a host can be read.")
    if address.userinfo:
        raise Refused(
            url,
            "The address carries a user name or password. Take them out and give them apart, so that they stay secret.",
        )
    if not 0 < port(address) < 65536:
        raise Refused(
            url, f"No server can have the port {port(address)}. Check the address for typing errors."
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
            f"{here.host} sends us on to something that is no web address. Tell the publisher.",
            detail=f"redirect to {location[:200]!r}",
        ) from exc
    if there.scheme not in _DEFAULT_PORTS or not there.host or not 0 < port(there) < 65536:
        raise Refused(
            url,
            f"{here.host} sends us on to an address that is not on the web, which we do not follow.",
            detail=f"redirect to {there}",
        )
    return there


def origin(address: httpx.URL) -> tuple[str, bytes, int]:
    """Return scheme, host and port (RFC 6454)."""
    return address.scheme, address.raw_host.lower(), port(address)


def port(address: httpx.URL) -> int:
    return _DEFAULT_PORTS[address.scheme] if address.port is None else address.port


def host_key(address: httpx.URL) -> str:
    """Return "name:port", by which turns, rules and the operator's own hosts are kept; IPv6 literals in brackets."""
    name = address.raw_host.decode("ascii").lower()
    return f"[{name}]:{port(address)}" if ":" in name else f"{name}:{port(address)}"
