"""The schema and its steps: which one a database has, and bringing it up to date.

The steps are Alembic migrations in plain SQL (migrations/versions).  Many processes may start at once: whoever comes first
migrates, under an advisory lock, and the others wait for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import psycopg

from tidings.errors import ConfigError, SchemaTooNew, SchemaTooOld, StoreBusy

MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x71D1_0001  # the advisory lock of migrating; sole_writer has the next one


@dataclass(frozen=True, slots=True)
class SchemaState:
    """The revision a database has (None: it is empty), the one this version of Tidings needs, and what that means."""

    revision: str | None
    needed: str
    state: Literal["empty", "old", "current", "new"]


@cache
def known_revisions() -> tuple[str, ...]:
    """The revisions this version knows, oldest first: the names of the migration files."""
    return tuple(sorted(path.stem for path in (MIGRATIONS / "versions").glob("r[0-9]*.py")))


def schema_state(dsn: str) -> SchemaState:
    """Return how a database's schema stands to this version.  Raises StoreBusy when it cannot be reached."""
    with _connected(dsn) as connection:
        return _state(connection)


def require_current(dsn: str) -> None:
    """Return when the schema is the one this version needs.  Raises SchemaTooOld, SchemaTooNew, StoreBusy."""
    found = schema_state(dsn)
    if found.state in ("empty", "old"):
        raise SchemaTooOld(
            "schema",
            f"The database has schema {found.revision or 'none'}, and this version needs {found.needed}. "
            "Start it once with: tidings up",
        )
    _refuse_new(found)


def migrate(dsn: str) -> None:
    """Bring the schema up to date, or wait until another process has.

    Raises SchemaTooNew when a newer version has migrated it, ConfigError when pgvector is missing or may not be
    installed, StoreBusy when the database cannot be reached.
    """
    with _connected(dsn) as connection:
        found = _state(connection)
        _refuse_new(found)
        if found.state == "current":
            return
        connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))  # it ends with the connection
        found = _state(connection)
        _refuse_new(found)
        if found.state != "current":
            _upgrade(dsn)


def _upgrade(dsn: str, revision: str = "head") -> None:
    # Imported here: they take longer to load than everything else the store needs, and most starts migrate nothing.
    import sqlalchemy
    from alembic import command
    from alembic.config import Config

    engine = sqlalchemy.create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(dsn), poolclass=sqlalchemy.NullPool
    )
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
    except sqlalchemy.exc.DBAPIError as exc:
        cause = exc.orig
        if isinstance(
            cause,
            (
                psycopg.errors.InsufficientPrivilege,
                psycopg.errors.UndefinedFile,
                psycopg.errors.FeatureNotSupported,
            ),
        ):
            raise ConfigError(
                "database",
                "The database lacks the extension pgvector, or this user may not use it. Install pgvector for this server, "
                "and let a superuser run CREATE EXTENSION vector in this database.",
                detail=str(cause),
            ) from exc
        raise StoreBusy("schema", "The database could not be migrated.", detail=str(cause)) from exc


def _connected(dsn: str) -> psycopg.Connection[tuple[object, ...]]:
    try:
        return psycopg.connect(dsn, autocommit=True, connect_timeout=10)
    except psycopg.Error as exc:
        raise StoreBusy(
            "database",
            "The database does not answer. See that it runs and that its address is right; tidings doctor says more.",
            detail=str(exc),
        ) from exc


def _state(connection: psycopg.Connection[tuple[object, ...]]) -> SchemaState:
    known = known_revisions()
    found = connection.execute("SELECT to_regclass('alembic_version')").fetchone()
    revision: str | None = None
    if found and found[0]:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        revision = str(row[0]) if row else None
    if revision is None:
        return SchemaState(None, known[-1], "empty")
    if revision == known[-1]:
        return SchemaState(revision, known[-1], "current")
    return SchemaState(revision, known[-1], "old" if revision in known else "new")


def _refuse_new(found: SchemaState) -> None:
    if found.state == "new":
        raise SchemaTooNew(
            "schema",
            f"The database has schema {found.revision}, which a newer version of Tidings made; this one knows up to "
            f"{found.needed}. Install the newer version again.",
        )
