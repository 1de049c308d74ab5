"""Which addresses a request may go to: the guard against being made to call the operator's own network.

A name is resolved once, every address it has is judged here, and the socket is connected to a judged address itself, so
a name that changes its answer between the check and the connection gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address

Resolve = Callable[[str, int], Sequence[str]]
"""Host and port to address literals in order of preference; raises OSError when the name has none."""

_REFUSED_V4 = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # "this network": reaches the host itself on Linux
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT, also used for cloud metadata
        "127.0.0.0/8",
        "168.63.129.16/32",  # public in form, but inside Azure it is the host's own control service
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)

_GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")  # all that IANA has opened for unicast on the Internet
_REFUSED_V6 = tuple(
    ipaddress.IPv6Network(network)
    for network in (
        "2001::/23",  # Teredo and other protocol assignments
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation, RFC 9637
    )
)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_ISATAP_MARKS = (0x00005EFE, 0x02005EFE)  # RFC 5214 §6.1: the upper half of the interface identifier


def is_public_address(literal: str) -> bool:
    """Return whether an IPv4 or IPv6 literal is a public unicast address.

    Private, loopback, link-local, multicast, reserved, documentation and carrier-grade NAT addresses are not (IANA
    special-purpose registries), nor are the IPv6 forms that hold an IPv4 address: mapped, 6to4, Teredo, ISATAP.  Only
    NAT64 (RFC 6052), through which IPv6-only networks see the rest, is judged by the address inside.
    """
    try:
        address = ipaddress.ip_address(literal)
    except ValueError:
        return False
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _REFUSED_V4)
    if address.scope_id is not None:
        return False
    number = int(address)
    if address in _NAT64:
        return is_public_address(str(IPv4Address(number & 0xFFFFFFFF)))
    if (number >> 32) & 0xFFFFFFFF in _ISATAP_MARKS:
        return False
    return address in _GLOBAL_V6 and not any(address in network for network in _REFUSED_V6)


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host, in the system's order of preference.

    localhost and the names under it are loopback, and never asked of a name server (RFC 6761 §6.3).  Raises OSError when
    the name has no address.
    """
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return ["127.0.0.1", "::1"]
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))
