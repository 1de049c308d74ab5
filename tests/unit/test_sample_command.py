"""`python -m sample` as somebody types it, and its README."""

import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from sample_support import article, press_of

from sample.press import load_press, read_article

ROOT = Path(__file__).parents[2]


def free_run_of_ports(count: int) -> int:
    """A port from which count ports in a row are free."""
    for first in range(20_000, 60_000, 97):
        taken = []
        try:
            for port in range(first, first + count):
                taken.append(socket.create_server(("127.0.0.1", port)))
            return first
        except OSError:
            continue
        finally:
            for one in taken:
                one.close()
    raise AssertionError("no free ports")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_press_alone_prints_its_addresses_serves_and_ends_on_a_signal(tmp_path, number):
    press_of(tmp_path, article("pier-courier-1", "courier", "-1d"))
    port = free_run_of_ports(11)
    command = [sys.executable, "-m", "sample", "--base-port", str(port), "--start", "2031-11-14T12:00"]
    process = subprocess.Popen(
        [*command, "--press", str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        lines = [process.stdout.readline() for _ in range(13)]
        assert lines[0] == "The sample press (fiction) since 2031-11-14T12:00:00+00:00: 1 articles\n"
        assert f"http://harbour-courier.localhost:{port}/" in lines[1]
        assert f"http://quarry-radio.localhost:{port + 10}/" in lines[11]
        reply = httpx.get(f"http://127.0.0.1:{port}/", trust_env=False)
        assert (reply.status_code, "The Harbour Courier" in reply.text) == (200, True)
    finally:
        process.send_signal(number)
        out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err) == (0, "", "")


def test_a_port_in_use_is_said_in_one_line(tmp_path):
    press_of(tmp_path, article("pier-courier-1", "courier", "-1d"))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "sample", "--base-port", str(port), "--press", str(tmp_path)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 1
    assert done.stderr == (
        f"The Harbour Courier: port {port} on 127.0.0.1: Address already in use; "
        "is the press already running? --base-port moves it.\n"
    )


def test_the_article_in_the_readme_is_one_that_can_be_read():
    readme = (ROOT / "sample/README.md").read_text("utf-8")
    block = re.search(r"(?ms)^    \+\+\+\n.*?^    \+\+\+\n.*?\n", readme)[0]
    text = "\n".join(line.removeprefix("    ") for line in block.splitlines())
    name = "ferry-fire/ferry-fire-courier-4.md"
    read = read_article(text, name=name, publishers=load_press().publishers)
    assert (read.id, read.wire_copy_of, len(read.revisions)) == (
        "ferry-fire-courier-4",
        "ferry-fire-wire-1",
        1,
    )


def test_the_readme_names_every_publisher_with_its_port():
    readme = (ROOT / "sample/README.md").read_text("utf-8")
    rows = set(re.findall(r"(?m)^\| (.+?) \| (\d+) \|", readme))
    assert rows == {(p.name, str(p.port)) for p in load_press().publishers.values()}
