"""Correcting stories in the browser: what is asked, what the pages say until it is done, and that it can be undone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from tests.web.browsing import post
from tests.web.newsroom import Newsroom
from tidings import cli
from tidings.app import Tidings


def carry_out(tidings: Tidings) -> None:
    """What the worker does within a second."""
    grouper = tidings.grouper("test")
    for correction in tidings.store.waiting_corrections():
        grouper.correct(correction)


def send(client: TestClient, path: str, **fields: object) -> str:
    """Send a form and return the page it leads to."""
    answer = post(client, path, **fields)
    assert answer.status_code == 303, answer.text
    return client.get(answer.headers["location"], follow_redirects=True).text


def undo_last(operator: TestClient, tidings: Tidings) -> None:
    (last,) = tidings.store.corrections(limit=1).rows
    send(operator, f"/corrections/{last.id}/undo")
    carry_out(tidings)


def test_articles_are_split_off_and_the_split_is_undone(
    operator: TestClient, tidings: Tidings, newsroom: Newsroom
) -> None:
    story, queue = newsroom.stories[1], newsroom.articles["queue"]
    form = operator.get(f"/story/{story}/correct").text
    assert f'value="{queue}"' in form
    assert "with 1 copy" in form
    page = send(operator, f"/story/{story}/split", article=[queue])
    assert "Noted." in page
    assert "waits for the worker" in page
    assert "Waits for the worker" in operator.get(f"/story/{story}/correct").text
    carry_out(tidings)
    assert tidings.store.cards([queue])[0].story_id == queue
    page = operator.get(f"/story/{queue}", follow_redirects=True).text
    assert "First queue forms" in page
    assert "waits for the worker" not in page
    listed = operator.get("/corrections/stories").text
    assert re.search(
        r"Split one article off <a href=\"/story/\d+/[^>]*>.*</a> into <a href=\"/story/\d+/first-queue",
        listed,
    )
    undo_last(operator, tidings)
    assert tidings.store.cards([queue])[0].story_id == story
    assert "undone" in operator.get("/corrections/stories").text


def test_stories_are_merged_by_address_and_the_younger_address_leads_on_until_it_is_undone(
    operator: TestClient, tidings: Tidings, newsroom: Newsroom
) -> None:
    story, other = newsroom.stories[1], newsroom.stories[3]
    address = f"http://localhost/story/{other}/what-the-tunnel-really-cost?a=b"
    send(operator, f"/story/{story}/merge", address=address)
    carry_out(tidings)
    merged = tidings.store.story_now(story)
    assert merged == tidings.store.story_now(other)
    gone = ({story, other} - {merged}).pop()
    assert operator.get(f"/story/{gone}").headers["location"].startswith(f"/story/{merged}/")
    undo_last(operator, tidings)
    assert [tidings.store.story_now(i) for i in (story, other)] == [story, other]
    assert operator.get(f"/story/{gone}").headers["location"].startswith(f"/story/{gone}/")


def test_an_article_is_moved_to_a_story_that_was_picked(
    operator: TestClient, tidings: Tidings, newsroom: Newsroom
) -> None:
    story, other, queue = newsroom.stories[1], newsroom.stories[3], newsroom.articles["queue"]
    send(operator, f"/story/{story}/move", article=[queue], other=other)
    carry_out(tidings)
    assert tidings.store.cards([queue])[0].story_id == other
    undo_last(operator, tidings)
    assert tidings.store.cards([queue])[0].story_id == story


def test_other_stories_are_found_by_their_words(operator: TestClient, newsroom: Newsroom) -> None:
    page = operator.get(f"/story/{newsroom.stories[1]}/correct", params={"q": "what it really cost"}).text
    assert re.search(rf'type="radio" name="other" value="{newsroom.stories[3]}"', page)
    assert f'name="other" value="{newsroom.stories[1]}"' not in page
    hostile = operator.get(f"/story/{newsroom.stories[1]}/correct", params={"q": '"><script>x'}).text
    assert "<script>x" not in hostile


@pytest.mark.parametrize(
    ("action", "fields", "status"),
    [
        ("merge", {}, 409),
        ("merge", {"address": "no address"}, 404),
        ("merge", {"address": "/story/99999999"}, 404),
        ("merge", {"address": "2026/05/a-headline"}, 404),
        ("merge", {"other": "0"}, 422),
        ("split", {}, 409),
        ("split", {"article": ["-1"]}, 409),
        ("move", {"address": "1"}, 409),
    ],
)
def test_what_cannot_be_meant_is_refused_with_words(
    operator: TestClient, newsroom: Newsroom, action: str, fields: dict[str, object], status: int
) -> None:
    answer = post(operator, f"/story/{newsroom.stories[1]}/{action}", **fields)
    assert answer.status_code == status
    assert "Traceback" not in answer.text


def test_readers_correct_nothing(reader: TestClient, newsroom: Newsroom, tidings: Tidings) -> None:
    story = newsroom.stories[1]
    assert reader.get(f"/story/{story}/correct").headers["location"].startswith("/login")
    assert reader.get("/corrections/stories").headers["location"].startswith("/login")
    before = len(tidings.store.corrections().rows)
    for path in (f"/story/{story}/merge", f"/story/{story}/split", f"/story/{story}/move", "/unrelated"):
        answer = reader.post(path, data={"article": 1, "other": 2}, headers={"origin": "http://localhost"})
        assert answer.status_code == 403
    assert len(tidings.store.corrections().rows) == before
    assert f"/story/{story}/correct" not in reader.get(f"/story/{story}", follow_redirects=True).text


# ── not related ──────────────────────────────────────────────────────────────────────────────────────────────────────


def related_ids(client: TestClient, article_id: int) -> list[int]:
    return [row["article"]["id"] for row in client.get(f"/api/article/{article_id}").json()["related"]]


def test_what_is_called_not_related_is_shown_no_more_either_way_until_it_is_undone(
    operator: TestClient, newsroom: Newsroom
) -> None:
    one = newsroom.articles["opens"]
    other = related_ids(operator, one)[0]
    assert one in related_ids(operator, other)
    here = f"/article/{one}"
    page = operator.get(here, follow_redirects=True).text
    assert f'name="other" value="{other}"' in page
    page = send(operator, "/unrelated", article=one, other=other, next=here)
    assert "not shown beside each other" in page
    assert "Called not related" in page
    assert other not in related_ids(operator, one)
    assert one not in related_ids(operator, other)
    send(operator, "/unrelated", article=other, other=one, undo=True, next=here)
    assert other in related_ids(operator, one)


# ── training pairs ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_training_pairs_are_written_as_json_lines(
    operator: TestClient,
    tidings: Tidings,
    newsroom: Newsroom,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    @contextmanager
    def opened() -> Iterator[Tidings]:
        yield tidings

    monkeypatch.setattr(cli, "_opened", opened)
    story, queue = newsroom.stories[1], newsroom.articles["queue"]
    send(operator, f"/story/{story}/split", article=[queue])
    carry_out(tidings)
    send(operator, "/unrelated", article=queue, other=newsroom.articles["walled"])
    written = CliRunner().invoke(cli.cli, ["corrections", "export"], catch_exceptions=False)
    pairs = [json.loads(line) for line in written.output.splitlines()]
    said = sorted((p["verdict"], p["one"]["id"], p["other"]["id"]) for p in pairs)
    others = [newsroom.articles[name] for name in ("opens", "opens-copy", "ko")]
    pair = sorted((queue, newsroom.articles["walled"]))
    assert said == sorted([("apart", queue, other) for other in others] + [("unrelated", *pair)])
    assert pairs[0]["one"]["title"] == "First queue forms in the harbour tunnel"
    assert pairs[0]["one"]["text"].startswith("An hour after")
    path = tmp_path / "pairs.jsonl"
    CliRunner().invoke(cli.cli, ["corrections", "export", str(path)], catch_exceptions=False)
    assert path.read_text("utf-8") == written.output
    undo_last(operator, tidings)
    send(operator, "/unrelated", article=queue, other=newsroom.articles["walled"], undo=True)
    assert CliRunner().invoke(cli.cli, ["corrections", "export"]).output == ""
