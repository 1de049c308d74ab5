"""`tidings doctor`: what an instance needs, looked at one by one, each with how to mend it."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import urlsplit

import psycopg

from tidings.app import database, opened
from tidings.config import Settings
from tidings.embed import UsemEmbedder
from tidings.errors import FetchError, TidingsError

DISK_NEEDED = 2 * 1024**3
CLOCK_TOLERANCE_S = 120.0

Verdict = Literal["good", "warn", "bad"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: what was found, and what to do when it is not good."""

    name: str
    verdict: Verdict
    finding: str
    remedy: str = ""


def examine(settings: Settings) -> list[Check]:
    """Return every check, in the order in which to mend them."""
    looks: list[tuple[str, Callable[[Settings], Check]]] = [
        ("data folder", _folder),
        ("disk", _disk),
        ("database", _database),
        ("model", _model),
        ("clock", _clock),
        ("contact", _contact),
        ("network", _network),
    ]
    return [_looked(name, look, settings) for name, look in looks]


def _looked(name: str, look: Callable[[Settings], Check], settings: Settings) -> Check:
    try:
        return look(settings)
    except TidingsError as error:
        return Check(name, "bad", error.public_message, error.detail)
    except (OSError, psycopg.Error) as error:
        return Check(name, "bad", f"This could not be looked at: {error}", "Mend what stands above first.")


def _folder(settings: Settings) -> Check:
    try:
        settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = settings.home / ".doctor"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as exc:
        return Check(
            "data folder",
            "bad",
            f"{settings.home} cannot be written: {exc.strerror}.",
            "Give this user the folder, or name another with TIDINGS_HOME.",
        )
    return Check("data folder", "good", f"{settings.home} can be written.")


def _disk(settings: Settings) -> Check:
    free = shutil.disk_usage(settings.home).free
    finding = f"{free / 1024**3:.1f} GiB free."
    if free < DISK_NEEDED:
        return Check("disk", "warn", finding, "Free some space: pages and the database need at least 2 GiB.")
    return Check("disk", "good", finding)


def _database(settings: Settings) -> Check:
    kind = "configured" if settings.database_url else "embedded"
    with database(settings) as db, psycopg.connect(db.dsn, connect_timeout=5) as connection:
        version = connection.info.parameter_status("server_version")
        row = connection.execute("SELECT extversion FROM pg_extension WHERE extname = 'vector'").fetchone()
    if row is None:
        return Check(
            "database",
            "bad",
            f"PostgreSQL {version} ({kind}) has no pgvector.",
            "Install pgvector on the server, then: CREATE EXTENSION vector;",
        )
    return Check("database", "good", f"PostgreSQL {version} ({kind}), pgvector {row[0]}, schema up to date.")


def _model(settings: Settings) -> Check:
    embedder = UsemEmbedder()
    embedder.embed(["A text to see that the model answers."])
    return Check("model", "good", f"{embedder.name}: its weights have the pinned hash.")


def _clock(settings: Settings) -> Check:
    with database(settings) as db, psycopg.connect(db.dsn, connect_timeout=5) as connection:
        row = connection.execute("SELECT now()").fetchone()
    assert row is not None
    apart_s = abs((datetime.now(UTC) - row[0]).total_seconds())
    if apart_s > CLOCK_TOLERANCE_S:
        return Check(
            "clock",
            "bad",
            f"This machine and its database are {apart_s:.0f} seconds apart.",
            "Set both clocks by NTP: reader apps and story windows depend on it.",
        )
    return Check("clock", "good", f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, the same as the database's.")


def _contact(settings: Settings) -> Check:
    if settings.contact == Settings(home=settings.home).contact:
        return Check(
            "contact",
            "warn",
            "Publishers cannot reach you: the User-Agent has the default contact.",
            "Set contact in tidings.toml (or TIDINGS_CONTACT) to a page or an address of yours.",
        )
    return Check("contact", "good", f"The User-Agent names {settings.contact}.")


def _network(settings: Settings) -> Check:
    """Ask for the address of a followed feed: nobody else is ever contacted."""
    with opened(settings) as tidings:
        feeds = [feed for feed in tidings.store.feeds() if feed.status == "active"]
        if not feeds:
            return Check("network", "good", "Nothing is followed yet, so there is nobody to ask.")
        feed = min(feeds, key=lambda f: (f.problem is not None, f.id))
        try:
            tidings.fetcher.get(feed.url, purpose="feed", credentials=feed.credentials)
        except FetchError as error:
            host = urlsplit(feed.url).hostname or feed.url
            try:
                socket.getaddrinfo(host, None)
            except OSError:
                return Check(
                    "network",
                    "bad",
                    f"The name {host} cannot be resolved.",
                    "Check this machine's name server and its way out to the network.",
                )
            return Check("network", "warn", error.public_message, "See /feeds for every feed's state.")
    return Check("network", "good", f"{feed.url} answers.")
