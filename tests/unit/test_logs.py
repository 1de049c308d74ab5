"""Logs: one JSON object a line when nobody watches, whoever speaks."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest
import structlog.testing

from tidings.errors import ParseError, Throttled, Unreachable
from tidings.model import Feed, PollOutcome
from tidings.pipeline import Pipeline

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
SPEECH = """
import logging, warnings
from pathlib import Path
import structlog
from tidings.cli import configure_logs
from tidings.config import Settings
configure_logs(Settings(home=Path("/nowhere")))
structlog.get_logger("tidings.worker").info("polled", feed="https://ledger.example/feed", new=3)
logging.getLogger("psycopg.pool").warning("error connecting in %r: %s", "tidings", "no\\nserver")
logging.getLogger("uvicorn.error").info("nobody needs this")
warnings.warn("old", DeprecationWarning, stacklevel=1)
try:
    1 / 0
except ZeroDivisionError:
    structlog.get_logger().exception("loop failed", loop="read")
    logging.getLogger("asyncio").exception("a task failed")
"""


def test_every_line_of_the_log_is_one_json_object() -> None:
    said = subprocess.run(
        [sys.executable, "-W", "always", "-c", SPEECH], capture_output=True, text=True, check=True
    ).stderr
    lines = [json.loads(line) for line in said.splitlines()]
    assert [(line["event"].split("\n")[0][:40], line["level"]) for line in lines] == [
        ("polled", "info"),
        ("error connecting in 'tidings': no", "warning"),
        (lines[2]["event"].split("\n")[0][:40], "warning"),
        ("loop failed", "error"),
        ("a task failed", "error"),
    ]
    assert {"feed": "https://ledger.example/feed", "new": 3}.items() <= lines[0].items()
    assert (lines[1]["logger"], lines[2]["logger"]) == ("psycopg.pool", "py.warnings")
    assert all("ZeroDivisionError" in line["exception"] for line in lines[3:])
    assert len({line["pid"] for line in lines}) == 1


@pytest.mark.parametrize(
    ("error", "logged"),
    [
        (Unreachable("u", "Down.", detail="refused"), {"code": "unreachable", "detail": "refused"}),
        (Unreachable("u", "Down.", status=502), {"code": "unreachable", "status": 502}),
        (ParseError("u", "No feed.", reason="html-page"), {"code": "parse", "detail": "html-page"}),
        (Throttled("u", "Later.", retry_after_s=60.0, status=429), {"code": "throttled", "status": 429}),
        (Throttled("u", "Our own spacing.", retry_after_s=3.0), None),
    ],
)
def test_a_visit_that_fails_is_a_line_with_its_reason(error: Exception, logged: dict[str, object]) -> None:
    class Store:
        def record_poll(self, outcome: PollOutcome, _: object) -> int:
            return 0

    feed = Feed(1, 1, "https://ledger.example/feed", "L", None, "active", True, 3600, NOW, NOW)
    pipeline = Pipeline(Store(), None, None, None, None, lambda: NOW, lambda: 0.0, lambda _: 900)  # type: ignore[arg-type]
    with structlog.testing.capture_logs() as lines:
        pipeline._record_visit(feed, error=error)  # type: ignore[arg-type]
    if logged is None:
        assert lines == []
    else:
        assert {"event": "a visit failed", "feed": feed.url, "failures": 1, **logged}.items() <= lines[
            0
        ].items()
