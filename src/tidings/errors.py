"""Every exception Tidings raises on purpose.

    TidingsError
    ├ ConfigError                     stop: the operator must change something
    ├ NotFound · Conflict · NotAllowed    404 · 409 · 403
    │  └ TakenDown                        410
    ├ FetchError
    │  ├ Unreachable    later         name, connection, TLS, time-out, 5xx
    │  ├ Throttled      later         429, 503 or our own spacing: retry_after_s says when
    │  ├ Refused        never         robots.txt, address guard, 401/403, scheme
    │  ├ Gone           never         404 (page), 410
    │  └ BadReply       never         too large, bad encoding, not what was asked for
    ├ ParseError        quarantine    bytes that are no feed or no OPML
    ├ ExtractError      quarantine    a page without an article
    ├ AIError           later         an embedder or a model that cannot answer
    │  ├ ProviderDown     later         no connection, time-out, 5xx, 429
    │  ├ ProviderRefused  never         401, 403, an unknown model, a reply that is no reply
    │  └ BudgetSpent      later         resets_at says when
    ├ StoreError
    │  ├ StoreBusy      later
    │  └ SchemaTooOld · SchemaTooNew  stop
    └ NotifyError       later

Each carries `subject` (what it is about: a URL, a file, an id), `retry` (whether and when trying again can help) and
`public_message`, written for a reader: what happened and what to do. Users never see str(exc).
"""

from datetime import datetime
from typing import Literal

Retry = Literal["never", "later", "quarantine", "stop"]


class TidingsError(Exception):
    """An expected failure; `code` is its stable name in the database and in JSON."""

    retry: Retry = "never"
    code = "error"

    def __init__(self, subject: object, public_message: str, *, detail: str = "") -> None:
        super().__init__(f"{subject}: {detail or public_message}")
        self.subject = str(subject)
        self.public_message = public_message
        self.detail = detail


class ConfigError(TidingsError):
    retry: Retry = "stop"
    code = "config"


class NotFound(TidingsError):
    code = "not-found"


class TakenDown(NotFound):
    """What stood here was taken down by the operator."""

    code = "taken-down"


class Conflict(TidingsError):
    code = "conflict"


class NotAllowed(TidingsError):
    code = "not-allowed"


class FetchError(TidingsError):
    """A request that brought nothing usable; `status` is the HTTP status, None when no answer came."""

    code = "fetch"

    def __init__(
        self, subject: object, public_message: str, *, detail: str = "", status: int | None = None
    ) -> None:
        super().__init__(subject, public_message, detail=detail)
        self.status = status


class Unreachable(FetchError):
    retry: Retry = "later"
    code = "unreachable"


class Throttled(FetchError):
    """Not now: `retry_after_s` seconds from now at the earliest."""

    retry: Retry = "later"
    code = "throttled"

    def __init__(
        self,
        subject: object,
        public_message: str,
        *,
        retry_after_s: float,
        detail: str = "",
        status: int | None = None,
    ) -> None:
        super().__init__(subject, public_message, detail=detail, status=status)
        self.retry_after_s = retry_after_s


class Refused(FetchError):
    code = "refused"


class Gone(FetchError):
    code = "gone"


class BadReply(FetchError):
    code = "bad-reply"


class ParseError(TidingsError):
    """Bytes that are no feed or no OPML; `reason` is one of a small set of names (see feeds/)."""

    retry: Retry = "quarantine"
    code = "parse"

    def __init__(self, subject: object, public_message: str, *, reason: str = "", detail: str = "") -> None:
        super().__init__(subject, public_message, detail=detail)
        self.reason = reason


class ExtractError(TidingsError):
    """A page that holds no article; `reason` is one of a small set of names (see extract/)."""

    retry: Retry = "quarantine"
    code = "extract"

    def __init__(self, subject: object, reason: str, public_message: str, *, detail: str = "") -> None:
        super().__init__(subject, public_message, detail=detail)
        self.reason = reason


class AIError(TidingsError):
    retry: Retry = "later"
    code = "ai"


class ProviderDown(AIError):
    """The provider of a language model does not answer, or is too busy to."""

    code = "provider-down"


class ProviderRefused(AIError):
    """The provider answered, and not with what was asked for."""

    retry: Retry = "never"
    code = "provider-refused"


class BudgetSpent(AIError):
    """What may be spent on a language model is spent until `resets_at`."""

    code = "budget-spent"

    def __init__(
        self, subject: object, public_message: str, *, resets_at: datetime, detail: str = ""
    ) -> None:
        super().__init__(subject, public_message, detail=detail)
        self.resets_at = resets_at


class StoreError(TidingsError):
    code = "store"


class StoreBusy(StoreError):
    retry: Retry = "later"
    code = "store-busy"


class SchemaTooOld(StoreError):
    retry: Retry = "stop"
    code = "schema-too-old"


class SchemaTooNew(StoreError):
    retry: Retry = "stop"
    code = "schema-too-new"


class NotifyError(TidingsError):
    retry: Retry = "later"
    code = "notify"
