"""The one way out to the web: polite, limited, guarded.

Start at client.HttpFetcher.  Pure parts: replies (what a head means), hops (addresses and redirects), addresses (the
guard's rules), bodies (decoding within limits), robots (RFC 9309), websub (who delivers what).
"""

from tidings.fetch.client import HttpFetcher, Limits, OwnHost
from tidings.fetch.ledger import MemoryLedger

__all__ = ["HttpFetcher", "Limits", "MemoryLedger", "OwnHost"]
