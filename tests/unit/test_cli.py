"""The commands: in process on a real database with the sample press to follow, and as processes where that matters."""

from __future__ import annotations

import errno
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import Result
from fetch_support import Site, reply
from typer.testing import CliRunner

from sample.demo import own_hosts_toml
from sample.server import Clock, Running, running
from tests.press.world import START
from tests.unit.sample_support import article, press_of
from tidings import __version__
from tidings import cli as command_line
from tidings.app import opened
from tidings.cli import cli, main, plain
from tidings.config import OwnHost, load_settings
from tidings.model import Credentials, FoundFeed
from tidings.store.server import EmbeddedServer

EVIL = "[/] [bold]Evil\x1b[2J\u202e [red"


@dataclass(frozen=True)
class Desk:
    """A data folder that may reach the press, and the commands on it."""

    home: Path
    served: Running

    def __call__(self, *words: str, given: str | None = None) -> Result:
        return CliRunner(env={"TIDINGS_HOME": str(self.home), "COLUMNS": "250"}).invoke(
            cli, list(words), input=given
        )


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    press = press_of(
        tmp_path_factory.mktemp("press"),
        article("pier-courier-1", "courier", "-2h"),
        article("pier-meridian-1", "meridian", "-1h"),
    )
    with running(press, start=START, clock=Clock(START)) as served:
        yield served


@pytest.fixture(scope="module")
def desk(served: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One folder for the module; its database stays up between the commands, as beside `tidings up`."""
    home = tmp_path_factory.mktemp("home")
    (home / "tidings.toml").write_text(own_hosts_toml(served.ports, served.press), "utf-8")
    with EmbeddedServer(home).running():
        yield Desk(home, served)


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Consoles as wide as the tests expect, writing to whatever standard output is at the time."""
    for name, stderr in (("console", False), ("errors", True)):
        monkeypatch.setattr(command_line, name, command_line.Console(stderr=stderr, width=250))


def unfollow_all(desk: Desk) -> None:
    with opened(load_settings({"TIDINGS_HOME": str(desk.home)})) as tidings:
        for feed in tidings.store.feeds():
            tidings.store.remove_feed(feed.id)


# ── following ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_feed_is_followed_once_listed_and_unfollowed(desk: Desk) -> None:
    url = desk.served.feeds["courier"]
    assert desk("follow", url).output == f"Following The Harbour Courier ({url})\n"
    again = desk("follow", url)
    assert (again.exit_code, again.output) == (0, f"Already following The Harbour Courier ({url})\n")
    listed = desk("feeds").output
    assert re.search(r"│ (\d+) +│ The Harbour Courier +│ active +│ 0 +│ never ", listed)
    number = re.search(r"│ (\d+) +│ The Harbour", listed)[1]
    assert desk("unfollow", number).output == "No longer following The Harbour Courier.\n"
    assert "Harbour" not in desk("feeds").output


def test_a_followed_feed_can_be_kept_to_its_own_text(desk: Desk) -> None:
    url = desk.served.feeds["wire"]
    desk("follow", url)
    assert desk("follow", url, "--no-full-text").output.startswith("Already following")
    with opened(load_settings({"TIDINGS_HOME": str(desk.home)})) as tidings:
        assert [feed.full_text for feed in tidings.store.feeds()] == [False]
    unfollow_all(desk)


def test_a_feed_is_visited_now_on_request(desk: Desk) -> None:
    desk("follow", desk.served.feeds["wire"])
    with opened(load_settings({"TIDINGS_HOME": str(desk.home)})) as tidings:
        (feed,) = tidings.store.feeds()
        tidings.store.set_feed(feed.id, status="paused", next_poll_at=feed.next_poll_at.replace(year=2030))
        assert desk("refresh", str(feed.id)).output.startswith("Concord Wire is visited next")
        changed = tidings.store.feed(feed.id)
        assert (changed.status, changed.next_poll_at.year < 2030) == ("active", True)
        other = tidings.follow(FoundFeed(url=f"{feed.url}?again")).feed
        tidings.store.set_feed(other.id, status="duplicate", duplicate_of=feed.id)
        listed = desk("feeds").output
        assert f"duplicate of {feed.id}, not visited: unfollow it, or tidings refresh {other.id}" in listed
    assert desk("refresh", "999").exit_code == 1
    unfollow_all(desk)


def test_a_site_with_several_feeds_lists_them_and_follows_all_on_request(desk: Desk) -> None:
    site = desk.served.addresses["meridian"]
    listed = desk("follow", site)
    assert listed.exit_code == 1
    assert f"1. Meridian Post — {desk.served.feeds['meridian']}" in listed.output
    assert "Name one of these addresses" in listed.output
    followed = desk("follow", site, "--all")
    assert followed.exit_code == 0
    assert followed.output.count("Following ") == 2
    unfollow_all(desk)


@pytest.mark.parametrize(("answer", "chosen"), [("²", ""), ("2,²", "b"), (" 1, 3,9,x", "ac"), ("all", "abc")])
def test_what_a_person_chooses_of_several_feeds_is_taken_by_number(
    monkeypatch: pytest.MonkeyPatch, answer: str, chosen: str
) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr(command_line.console, "input", lambda _: answer)
    found = [FoundFeed(f"https://lantern.example/{name}", name) for name in "abc"]
    assert [one.title for one in command_line._choose("https://lantern.example/", found)] == list(chosen)


def test_what_cannot_be_followed_is_said_and_the_rest_followed(desk: Desk) -> None:
    result = desk(
        "follow", "http://no-such-name.localhost:1/feed", "not a web address", desk.served.feeds["wire"]
    )
    assert result.exit_code == 1
    assert "Following Concord Wire" in result.output
    assert "'not a web address' is not a web address" in result.output
    assert "Traceback" not in result.output
    unfollow_all(desk)


def test_a_starter_pack_that_does_not_exist_names_those_that_do(desk: Desk) -> None:
    result = desk("follow", "--starter", "no-such-pack")
    assert result.exit_code == 1
    assert "world" in str(result.exception.public_message)  # main() prints it
    assert desk("follow").exit_code == 1
    packed = desk("follow", "--starter", "world")
    assert re.search(r"(\d+) new feeds of the pack 'world', \1 in all", packed.output)
    assert re.search(r"Chosen on \d{4}-\d\d-\d\d from .+; the addresses were not checked", packed.output)
    unfollow_all(desk)


def test_a_feed_behind_a_password_gets_it_and_a_new_one_replaces_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    passwords = iter(["first", "second"])
    monkeypatch.setattr(command_line.getpass, "getpass", lambda _: next(passwords))
    url = desk.served.feeds["courier"]
    assert desk("follow", url, "--username", "ann").exit_code == 0
    asked = [v for v in desk.served.visits if v.publisher == "courier" and v.path == "/feeds/all.xml"]
    assert asked[-1].headers["authorization"] == "Basic YW5uOmZpcnN0"
    assert "Already following" in desk("follow", url, "--username", "ann").output
    with opened(load_settings({"TIDINGS_HOME": str(desk.home)})) as tidings:
        (feed,) = tidings.store.feeds()
        assert feed.credentials is not None
        assert (feed.credentials.username, feed.credentials.password) == ("ann", "second")
    assert "second" not in desk("feeds").output
    unfollow_all(desk)


def test_a_password_in_the_address_is_kept_apart_and_for_its_own_origin(desk: Desk, tmp_path: Path) -> None:
    url = desk.served.feeds["courier"]
    with_password = url.replace("http://", "http://ann:s%40crt@")
    assert "s%40crt" not in desk("follow", with_password).output
    listed = tmp_path / "listed.opml"
    wire = desk.served.feeds["wire"].replace("http://", "http://bob:pw@")
    listed.write_text(f'<opml><body><outline text="Wire" xmlUrl="{wire}"/></body></opml>')
    assert desk("import", str(listed)).output == "1 new feeds, 0 already followed.\n"
    with opened(load_settings({"TIDINGS_HOME": str(desk.home)})) as tidings:
        kept = {feed.url: feed.credentials for feed in tidings.store.feeds()}
        assert kept == {url: Credentials("ann", "s@crt"), desk.served.feeds["wire"]: Credentials("bob", "pw")}
        site = desk.served.addresses["courier"].replace("http://", "http://ann:pw@")
        found = tidings.find_feeds(site)
        assert {one.credentials for one in found} == {Credentials("ann", "pw")}
        with Site(lambda _: reply(200, b"<link rel=feed href='%s'>" % url.encode())) as elsewhere:
            settings = replace(
                tidings.settings, own_hosts={**tidings.settings.own_hosts, elsewhere.key: OwnHost()}
            )
            with opened(settings) as other:
                (linked,) = other.find_feeds(elsewhere.url("/"), credentials=Credentials("ann", "pw"))
                assert (linked.url, linked.credentials) == (url, None)
    unfollow_all(desk)


def test_an_address_without_a_scheme_is_tried_with_https_and_then_http(desk: Desk) -> None:
    url = desk.served.feeds["courier"]
    assert f"({url})" in desk("follow", url.removeprefix("http://")).output
    unfollow_all(desk)
    refused = desk("follow", url.replace("http://", "https://"))
    assert (refused.exit_code, "It is not followed: try the same again then." in refused.output) == (1, True)


def test_opml_goes_out_and_comes_back(desk: Desk, tmp_path: Path) -> None:
    desk("follow", desk.served.feeds["courier"], desk.served.feeds["wire"])
    file = tmp_path / "feeds.opml"
    assert desk("export", str(file)).output == f"Written to {file}.\n"
    assert desk("export").stdout_bytes.startswith(b"<?xml")
    assert desk("import", str(file)).output == "0 new feeds, 2 already followed.\n"
    unfollow_all(desk)
    assert desk("import", str(file)).output == "2 new feeds, 0 already followed.\n"
    unfollow_all(desk)


def test_files_that_cannot_be_used_are_named(desk: Desk, tmp_path: Path) -> None:
    missing = desk("import", str(tmp_path / "none.opml"))
    assert (missing.exit_code, "No such file" in missing.output) == (1, True)
    unwritable = desk("export", str(tmp_path / "no" / "folder.opml"))
    assert (unwritable.exit_code, "cannot be written" in unwritable.output) == (1, True)
    (tmp_path / "not.opml").write_text("<html>")
    assert "Traceback" not in desk("import", str(tmp_path / "not.opml")).output


def test_names_from_outside_neither_break_nor_steer_the_terminal(desk: Desk) -> None:
    desk("follow", desk.served.feeds["courier"])
    with opened(load_settings({"TIDINGS_HOME": str(desk.home)})) as tidings:
        (feed,) = tidings.store.feeds()
        tidings.store.set_feed(feed.id, title=EVIL)
    listed = desk("feeds")
    assert listed.exit_code == 0
    assert "[/] [bold]Evil[2J [red" in listed.output
    assert "\x1b" not in listed.output
    assert "\u202e" not in desk("unfollow", str(feed.id)).output
    assert plain("a\nb\tc\x9b\x07").plain == "a\nb\tc"


# ── keeping ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_password_is_taken_from_a_pipe_and_a_short_one_refused(desk: Desk) -> None:
    assert desk("password", given="eight888\n").output.endswith("The password is set.\n")
    refused = desk("password", given="short\n")
    assert refused.exception.public_message == "A password needs at least 8 characters."
    with opened(load_settings({"TIDINGS_HOME": str(desk.home)})) as tidings:
        assert tidings.check_password("eight888")


def test_commands_on_a_folder_without_anything_say_so(desk: Desk) -> None:
    assert "Feed" in desk("feeds").output
    assert "Reason" in desk("quarantine").output
    assert desk("quarantine", "--release").output == "0 put back in the queue.\n"
    nothing = desk("search", "harbour")
    assert (nothing.output, nothing.exception) == ("Nothing found. Try fewer or other words.\n", None)
    assert desk("redo", "extract").output.endswith("0 articles queued or made again.\n")
    assert desk("redo", "everything").exit_code == 1
    assert desk("version").output == f"{__version__}\n"


# ── taking down ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_articles_are_taken_down_when_a_person_says_so_listed_and_let_come_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "https://courier.example/crown"
    with opened(load_settings({"TIDINGS_HOME": str(desk.home)})) as tidings:
        rows = [
            {
                "title": f"Crown stolen {EVIL}",
                "text": "It is gone.",
                "url": url,
                "publisher": "courier.example",
            },
            {
                "title": "Crown found",
                "text": "It is back.",
                "url": f"{url}-found",
                "publisher": "courier.example",
            },
        ]
        stolen, back = tidings.queue_texts(rows)
        site = tidings.settings.site_url
    with_nothing = desk("takedown")
    assert (with_nothing.exit_code, "--list shows what was taken down" in with_nothing.output) == (1, True)
    unknown = desk("takedown", f"https://elsewhere.example/article/{stolen}", "--yes")
    assert "Give its number: the 123 in /article/123" in unknown.exception.public_message
    for path in (f"{stolen}/05/headline", f"{stolen}?page=2", f"{site}{stolen}", f"{site}/{stolen}"):
        other = desk("takedown", path, "--yes")
        assert other.exception.public_message.startswith(f"No article here has the address {path!r}."), path

    unasked = desk("takedown", str(stolen))
    assert (unasked.exit_code, "Nothing was taken down. Add --yes" in unasked.output) == (1, True)
    assert (
        f"  article {stolen}, {url}\n  goes with one revision, and with everything made of it\n"
        in unasked.output
    )
    assert EVIL not in unasked.output
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr(command_line.console, "input", lambda _: "no")
    with opened(load_settings({"TIDINGS_HOME": str(desk.home)})) as tidings:
        with pytest.raises(SystemExit):
            command_line._take_down(tidings, [str(stolen)], reason="", asks=True)
        assert [a.id for a in tidings.store.articles([stolen, back])] == [stolen, back]

    done = desk("takedown", url, f"{site}/article/{back}/crown-found", "--reason", "Court order", "--yes")
    assert done.output.endswith(f"Taken down: {stolen}, {back}.\n")
    listed = desk("takedown", "--list").output
    assert re.search(
        rf"│ {stolen} +│ courier.example +│ [-0-9]{{10}} [:0-9]{{5}} │ operator │ Court order", listed
    )
    again = desk("takedown", str(stolen), "--yes")
    assert again.exception.public_message.endswith("The reason: Court order")
    assert desk("takedown", "--undo", f"{url}?utm_source=x", str(back)).output == (
        f"Article {stolen} of courier.example may come again with the next visit to its feeds.\n"
        f"Article {back} of courier.example may come again with the next visit to its feeds.\n"
    )
    assert "tidings takedown --list" in desk("takedown", "--undo", url).exception.public_message
    assert "Court order" not in desk("takedown", "--list").output


# ── as a process ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_expected_errors_are_one_sentence(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TIDINGS_HOME", str(desk.home))
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    for words, said in (
        (["unfollow", "999"], "There is no feed 999. It may have been removed.\n"),
        (["import", os.devnull], None),
    ):
        monkeypatch.setattr(sys, "argv", ["tidings", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 1
        printed = capsys.readouterr()
        assert printed.err == said or (said is None and printed.err.count("\n") == 1)


def test_a_folder_that_cannot_be_one_and_a_bad_setting_are_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    refused = tidings_process(tmp_path / "file" / "home", "feeds")
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    assert str(tmp_path / "file") in refused.stderr
    (tmp_path / "tidings.toml").write_text("prot = 1\n")
    refused = tidings_process(tmp_path, "feeds")
    assert "unknown settings: prot" in refused.stderr
    (tmp_path / "tidings.toml").write_text("database_url = 'postgresql://nobody@127.0.0.1:1/none'\n")
    refused = tidings_process(tmp_path, "feeds")
    assert refused.returncode == 1
    assert refused.stderr.startswith("The database does not answer. See that it runs")
    assert refused.stderr.count("\n") == 1


def test_a_full_disk_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fill() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(command_line, "cli", fill)
    with pytest.raises(SystemExit):
        main()
    assert capsys.readouterr().err == (
        "The disk is full. Free some space, or name a folder on another disk with TIDINGS_HOME.\n"
    )


def test_a_command_told_to_end_leaves_no_database_behind(home: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "tidings", "follow", "http://127.0.0.1:9/", "--username", "ann"],
        env={**os.environ, "TIDINGS_HOME": str(home)},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    process.stdin.write(b"secret\n")
    process.stdin.flush()
    deadline = time.monotonic() + 30
    while EmbeddedServer(home).pid() is None and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    process.wait(20)
    assert EmbeddedServer(home).pid() is None


def test_serve_and_worker_alone_end_in_order_and_stop_their_database(home: Path) -> None:
    for command in ("serve", "worker"):
        process = subprocess.Popen(
            [sys.executable, "-m", "tidings", command],
            env={**os.environ, "TIDINGS_HOME": str(home), "TIDINGS_PORT": "0"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        deadline = time.monotonic() + 30
        while EmbeddedServer(home).pid() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(2.0)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0, process.stderr.read().decode()
        assert EmbeddedServer(home).pid() is None


def tidings_process(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tidings", *words],
        env={**os.environ, "TIDINGS_HOME": str(home), "COLUMNS": "250"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
