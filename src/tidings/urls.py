"""Addresses: one spelling each, who publishes there, and what a relative link means.

Parsing is the WHATWG URL parser (ada, the one browsers and Node.js agree with), so that the host we judge is the host that
is asked.  Nothing here looks a name up.  Only http and https count as addresses; everything else is None.
"""

import re
from urllib.parse import unquote, urlsplit

from ada_url import URL
from tld import get_tld

MAX_URL_CHARS = 8_000

# Marks that senders add to see where a click came from; the page is the same without them.  By publisher where only one
# uses them: at_*, ns_* (BBC), maca (DW), xtor (French press), wt_mc (German press), smid (New York Times), itid
# (Washington Post), ocid (MSN), traffic_source (Al Jazeera).  Names that some site needs to find its page stay.
_TRACKING_PREFIXES = ("utm_", "mtm_", "piwik_", "matomo_", "hsa_", "at_custom")
_TRACKING_NAMES = """
    _ga _gl _hsenc _hsmi __hssc __hstc __hsfp __s __twitter_impression at_campaign at_creation at_format at_link_id
    at_link_origin at_link_type at_medium at_ptr_name at_bbc_team cmp cmpid dclid emc fbclid gbraid gclid gclsrc
    guce_referrer guce_referrer_sig guccounter hsctatracking icid ico igsh igshid itid ito maca mc_cid mc_eid mkt_tok
    msclkid ncid ns_campaign ns_fee ns_linkname ns_mchannel ns_source ocid oly_anon_id oly_enc_id pk_campaign
    pk_content pk_kwd pk_medium pk_source ref_src ref_url s_cid smid smtyp sr_share srsltid tpcc traffic_source ttclid
    twclid vero_conv vero_id wbraid wickedid wt.mc_id wt_mc wt.nav wt_zmc xtor yclid
    """
_TRACKING = frozenset(_TRACKING_NAMES.split())

# Hosts where each name under them, and not the host, is a publisher; the public suffix list knows the others.
_SHARED_NAMES = """
    beehiiv.com buttondown.email feedburner.com ghost.io go.com livejournal.com medium.com substack.com tumblr.com
    typepad.com wordpress.com
    """
_SHARED_HOSTS = frozenset(_SHARED_NAMES.split())
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")
_PERCENT = re.compile(r"%([0-9A-Fa-f]{2})?")


def canonical_url(url: str, base: str | None = None) -> str | None:
    """Return the one spelling of an http(s) address, or None when it is none.

    Scheme and host in lower case, host in IDNA, default port, user and fragment dropped, dot segments resolved, percent
    escapes normalised (RFC 3986 §6.2.2), tracking parameters removed, the other parameters left in their order.  Doing it
    twice changes nothing.  base resolves a relative url.  Never raises.
    """
    parts = _parse(url, base)
    if parts is None:
        return None
    path = _normal_escapes(parts.pathname)
    query = "&".join(p for p in parts.search.removeprefix("?").split("&") if p and not _is_tracking(p))
    return f"{parts.protocol}//{_host(parts)}{path}" + (f"?{_normal_escapes(query)}" if query else "")


def _parse(url: str, base: str | None) -> URL | None:
    if len(url) > MAX_URL_CHARS or (base is not None and len(base) > MAX_URL_CHARS):
        return None
    try:
        parts = URL(url, base) if base else URL(url)
    except ValueError:  # UnicodeEncodeError is one
        return None
    return parts if _is_web(parts.href) else None


def _is_web(href: str) -> bool:
    return len(href) <= MAX_URL_CHARS and _WEB.match(href) is not None


# What the parser writes for a web address whose name can exist: labels of 1 to 63 letters, 253 in all; or [IPv6].
_LABEL = r"[^/?#:@.\[\]]{1,63}"
_WEB = re.compile(
    rf"https?://(?:[^/?#@]*@)?(?:\[[0-9a-f:.]+\]|(?=[^/:]{{1,254}}[/:]){_LABEL}(?:\.{_LABEL})*\.?)(?::\d+)?/"
)


def _host(parts: URL) -> str:
    name = parts.hostname.rstrip(".")
    return f"{name}:{parts.port}" if parts.port else name


def _is_tracking(parameter: str) -> bool:
    name = unquote(parameter.partition("=")[0]).lower()
    return name in _TRACKING or name.startswith(_TRACKING_PREFIXES)


def _normal_escapes(text: str) -> str:
    return _PERCENT.sub(_normal_escape, text)


def _normal_escape(match: re.Match[str]) -> str:
    if match[1] is None:
        return "%25"  # a bare per cent sign: escaped, or it could form an escape with what follows
    letter = chr(int(match[1], 16))
    return letter if _UNRESERVED.fullmatch(letter) else match[0].upper()


def resolve(base: str | None, href: str) -> str | None:
    """Return the absolute http(s) address that href means on the page at base, or None.  Never raises.

    Nothing is removed (fragment, parameters and all stay): this is the link to follow, not the key to compare.
    """
    if len(href) > MAX_URL_CHARS or (base is not None and len(base) > MAX_URL_CHARS):
        return None
    try:
        absolute = (URL(href, base) if base else URL(href)).href
    except ValueError:
        return None
    return absolute if _is_web(absolute) else None


def is_http_url(url: str) -> bool:
    """Return whether url is an absolute http(s) address with a host that can exist."""
    return resolve(None, url) is not None


def host_port(url: str) -> str:
    """Return "name:port" of an http(s) address, the port always given; [::1]:80 for IPv6.  Raises ValueError otherwise."""
    parts = _parse(url, None)
    if parts is None:
        raise ValueError(f"not an http address: {url[:200]!r}")
    return f"{parts.hostname.rstrip('.')}:{parts.port or (443 if parts.protocol == 'https:' else 80)}"


def is_same_origin(one: str | None, other: str | None) -> bool:
    """Return whether two http(s) addresses share scheme, host and port (RFC 6454 §4); False for anything else."""
    try:
        return bool(one and other) and (
            urlsplit(str(one)).scheme.lower() == urlsplit(str(other)).scheme.lower()
            and host_port(str(one)) == host_port(str(other))
        )
    except ValueError:
        return False


def without_credentials(url: str) -> tuple[str, tuple[str, str] | None]:
    """Return the address without "user:password@", and the two when it had them."""
    parts = _parse(url, None)
    if parts is None or not (parts.username or parts.password):
        return url, None
    given = (unquote(parts.username), unquote(parts.password))
    parts.username = parts.password = ""
    return parts.href, given


def site_of(url: str) -> str | None:
    """Return the key of the publisher's site at an address: its registrable domain ("bbc.co.uk"), or None.

    www., m., feeds., rss., edition. and the like are the same site; names under a shared host (x.substack.com,
    x.blogspot.com) are sites of their own.  Names without a public suffix (x.localhost, numbers) keep all but "www.",
    and a port that is not the default.
    """
    parts = _parse(url, None)
    if parts is None:
        return None
    name = parts.hostname.rstrip(".")
    found = get_tld(f"http://{name}/", as_object=True, fail_silently=True, search_private=True)
    if found is None or isinstance(found, str):
        return _host(parts).removeprefix("www.")
    domain = found.fld
    if domain not in _SHARED_HOSTS:
        return domain
    labels = name.removesuffix(domain).rstrip(".").removeprefix("www.").split(".")
    return f"{labels[-1]}.{domain}" if labels[-1] not in ("", "www") else domain
