"""The tutorial is run as it stands: its commands in order, its expected lines, and the addresses it tells to open."""

from __future__ import annotations

import os
import re
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.conftest import free_row
from tests.docs.console import Command, Shell, commands_in, missing_line

ROOT = Path(__file__).parents[2]
TUTORIAL = ROOT / "docs" / "tutorial.md"
PRESS_PORTS = range(8701, 8712)
SITE_PORT = 8600
PATIENCE_S = 120.0
ASKED_AGAIN = (
    "tidings feeds",
    "tidings search",
    "tidings quarantine",
)  # a reader would look again a little later


def test_console_blocks_are_cut_into_commands_with_what_they_print() -> None:
    page = "Text\n\n```console\n$ cat <<END\n> one\n>\n> END\none …\n$ true\n```\n\n```sh\n$ not me\n```\n"
    assert commands_in(page) == [Command("cat <<END\none\n\nEND", ("one …",)), Command("true", ())]


def test_expected_lines_are_found_in_order_with_gaps() -> None:
    assert missing_line(("one …", "three"), "zero\none or so\ntwo\nthree\n") is None
    assert missing_line(("three", "one …"), "one or so\nthree\n") == "one …"


@pytest.fixture
def shell(home: Path) -> Iterator[Shell]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TMPDIR") if name in os.environ}
    home.mkdir()
    virtual = Path(sys.executable).parent
    environment = {**kept, "HOME": str(home), "PATH": f"{virtual}{os.pathsep}{kept.get('PATH', '')}"}
    running = Shell(folder=ROOT, environment=environment)
    yield running
    running.end()


@pytest.mark.timeout(900)
def test_the_tutorial_does_what_it_says(shell: Shell, home: Path) -> None:
    page = on_free_ports(TUTORIAL.read_text("utf-8"))
    opened: set[str] = set()
    done = 0
    for command in commands_in(page):
        place = page.index(command.text.partition("\n")[0], done)
        for url in re.findall(r"<(http://127\.0\.0\.1:[^>]+)>", page[done:place]):
            opened.add(open_page(url))
        done = place
        run_until_it_prints(shell, command, home=home)
    assert len(opened) >= 4
    left = [
        process for process in psutil.process_iter(["cmdline"]) if str(home) in str(process.info["cmdline"])
    ]
    assert left == []


def on_free_ports(page: str) -> str:
    """Return the page with its ports moved to free ones, the press's in one row."""
    base = free_row(len(PRESS_PORTS) + 1)
    moved = {port: base + 1 + n for n, port in enumerate(PRESS_PORTS)} | {SITE_PORT: base}
    return re.sub(rf"\b({'|'.join(map(str, moved))})\b", lambda found: str(moved[int(found[1])]), page)


def run_until_it_prints(shell: Shell, command: Command, *, home: Path) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        status, printed = shell.run(command.text, seconds=PATIENCE_S)
        missing = missing_line(command.expected, printed)
        if status == 0 and missing is None:
            return
        if not command.text.startswith(ASKED_AGAIN) or time.monotonic() > deadline:
            logs = "\n".join(
                f"── {log.name}\n{log.read_text('utf-8', 'replace')[-3000:]}" for log in home.rglob("*.log")
            )
            pytest.fail(
                f"$ {command.text}\nstatus {status}, missing {missing!r}, printed:\n{printed}\n{logs}",
                pytrace=False,
            )
        time.sleep(1.0)


def open_page(url: str) -> str:
    """Return the address once it answers 200 with a page."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            with urllib.request.urlopen(url, timeout=30) as reply:
                assert reply.headers.get_content_type() == "text/html"
                return url
        except (urllib.error.URLError, ConnectionError) as error:
            if time.monotonic() > deadline:
                pytest.fail(f"{url} does not answer: {error}", pytrace=False)
            time.sleep(0.5)
