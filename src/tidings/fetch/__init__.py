"""The one way out to the web: polite, limited, guarded.

Start at client.HttpFetcher.  Pure parts: replies (what a head means), hops (addresses and redirects), addresses (the
guard's rules), bodies (decoding within limits), robots (RFC 9309), problems (what went wrong, in words), websub (who
delivers what).  With state: network (guarded sockets), gate, ledger, rulebook.
"""

from tidings.fetch.client import HttpFetcher, Limits, OwnHost
from tidings.fetch.ledger import MemoryLedger

__all__ = ["HttpFetcher", "Limits", "MemoryLedger", "OwnHost"]
