"""The demonstration, for tests: `make demo` in the foreground, as a reader starts it, ended by Ctrl-C."""

import os
import re
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.conftest import free_row

ROOT = Path(__file__).parents[2]
READY_S = 240.0
STOP_S = 40.0


@dataclass(frozen=True)
class Demonstration:
    """A running demonstration: its site's address, its operator's password and its process."""

    url: str
    password: str
    process: "subprocess.Popen[str]"
    said: list[str]


@contextmanager
def demonstration(home: Path, **environment: str) -> Iterator[Demonstration]:
    """Run `make demo` on free ports until the block ends; every process it started must be gone then.

    environment: variables that it is given beside ours.
    """
    port, first = free_row(1), free_row(20)
    process = subprocess.Popen(
        ["make", "demo", f"ARGS=--port {port} --base-port {first}"],
        cwd=ROOT,
        start_new_session=True,  # so that Ctrl-C, which a terminal sends to the whole group, reaches make and what it runs
        env={**os.environ, "TIDINGS_HOME": str(home), "COLUMNS": "200", **environment},
        stdout=subprocess.PIPE,
        text=True,
    )
    said: list[str] = []
    ready = threading.Event()

    def listen() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line)
            if "Ctrl-C stops" in line:
                ready.set()
        ready.set()

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    tree: list[psutil.Process] = []
    try:
        if not ready.wait(READY_S) or process.poll() is not None:
            raise AssertionError("the demonstration did not get ready:\n" + "".join(said))
        words = "".join(said)
        url = re.search(r"Read\s+(http://\S+?)/?\s", words)
        password = re.search(r"password: (\S+)", words)
        assert url, words
        assert password, words
        yield Demonstration(url[1], password[1], process, said)
        tree = psutil.Process(process.pid).children(recursive=True)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                raise
    listener.join(STOP_S)
    assert "The demonstration has stopped." in "".join(said), "".join(said)
    assert tree, "the demonstration had no child processes"
    _, alive = psutil.wait_procs(tree, timeout=5)
    assert not alive, alive
