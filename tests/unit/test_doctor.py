"""`tidings doctor`: what is looked at, and what it says when something is missing."""

from __future__ import annotations

import shutil
from collections import namedtuple
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sample.demo import own_hosts_toml
from sample.server import Clock, running
from tests.press.world import START
from tests.unit.sample_support import article, press_of
from tidings import doctor
from tidings.app import opened
from tidings.cli import cli
from tidings.config import Settings, load_settings
from tidings.doctor import Check, examine
from tidings.model import FoundFeed
from tidings.store.server import EmbeddedServer

Usage = namedtuple("Usage", "total used free")


def by_name(checks: list[Check]) -> dict[str, Check]:
    return {check.name: check for check in checks}


def test_a_fresh_folder_is_well_but_for_the_contact(home: Path) -> None:
    checks = examine(Settings(home=home))
    assert [check.name for check in checks] == [
        "data folder",
        "disk",
        "database",
        "model",
        "clock",
        "contact",
        "network",
    ]
    verdicts = {check.name: check.verdict for check in checks}
    assert verdicts.pop("disk") in ("good", "warn")  # it is the machine's
    assert verdicts.pop("contact") == "warn"
    assert set(verdicts.values()) == {"good"}, checks
    found = by_name(checks)
    assert "(embedded), pgvector" in found["database"].finding
    assert found["network"].finding == "Nothing is followed yet, so there is nobody to ask."
    assert EmbeddedServer(home).pid() is None


def test_a_folder_that_cannot_be_is_one_bad_line_and_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ended = CliRunner(env={"TIDINGS_HOME": str(tmp_path / "file" / "home"), "COLUMNS": "250"}).invoke(
        cli, ["doctor"]
    )
    assert ended.exit_code == 1
    assert isinstance(ended.exception, SystemExit)
    assert f"bad   data folder: {tmp_path}/file/home cannot be written: Not a directory." in ended.output
    assert "→ Give this user the folder, or name another with TIDINGS_HOME." in ended.output


def test_a_database_that_does_not_answer_is_bad_and_the_rest_is_looked_at(home: Path) -> None:
    found = by_name(examine(Settings(home=home, database_url="postgresql://nobody@127.0.0.1:1/none")))
    assert found["database"].verdict == found["clock"].verdict == found["network"].verdict == "bad"
    assert found["database"].finding == "The database does not answer."
    assert found["data folder"].verdict == found["model"].verdict == "good"


def test_little_space_and_a_wrong_clock_are_told(
    home: Path, dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Late(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:
            return datetime.now(UTC) + timedelta(seconds=500)

    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10, 9, 1024**3))
    monkeypatch.setattr(doctor, "datetime", Late)
    found = by_name(examine(Settings(home=home, database_url=dsn)))
    assert (found["disk"].verdict, found["disk"].finding) == ("warn", "1.0 GiB free.")
    assert found["clock"].verdict == "bad"
    assert "500 seconds apart" in found["clock"].finding


def test_the_network_is_one_followed_feed(home: Path, dsn: str, tmp_path: Path) -> None:
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
        found = by_name(examine(settings))
        assert found["network"].finding == f"{served.feeds['courier']} answers."
        assert found["contact"].finding == "The User-Agent names mailto:desk@paper.example."
        assert [v.path for v in served.visits] == ["/feeds/all.xml"]
    gone = by_name(examine(settings))["network"]
    assert (gone.verdict, gone.remedy) in {
        ("warn", "See /feeds for every feed's state."),
        (
            "bad",
            "Check this machine's name server and its way out to the network.",
        ),  # it knows no NAME.localhost
    }
