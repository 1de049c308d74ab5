"""Sections and trends as readers see them, and as JSON."""

from __future__ import annotations

from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from tests.web.newsroom import NOW, Newsroom
from tests.web.test_reading import page
from tidings.app import Tidings
from tidings.model import DeskChoice, Extract, Hashtag, Placement, Plan, StoryRank


@pytest.fixture(scope="module", autouse=True)
def filed(tidings: Tidings, newsroom: Newsroom) -> None:
    """Story 1 is politics by its publisher's word, the walled article business by its text; a hashtag bursts."""
    store, ids = tidings.store, newsroom.articles
    desks = {
        ids["opens"]: DeskChoice("politics", "section", 1.0),
        ids["walled"]: DeskChoice("business", "text", 0.71),
    }
    told: dict[int, tuple[Hashtag, ...]] = {}
    eruption = Hashtag("eruption", "Eruption", "eruption", 0.9)
    for i, hours in enumerate((1, 2, 3, 4, 5, *range(30, 330, 6))):
        extract = Extract(
            f"Report {i}", ("Text.",), made_by="test", published_at=NOW - timedelta(hours=hours)
        )
        site = f"daily{i % 3}.example"
        (article_id,) = store.load_articles(
            [(f"https://{site}/{i}", extract, str(i).encode())], publisher=site, now=NOW
        )
        told[article_id] = (eruption,) if hours < 24 else ()
    recent = [i for i, tags in told.items() if tags]
    plan = Plan(
        placements=tuple(Placement(i, recent[0], 1.0) for i in recent),
        desks=desks,
        hashtags={i: told[i] for i in recent},
    )
    ranks = {recent[0]: StoryRank(1.0, ())}
    touched = Plan(
        placements=tuple(
            Placement(ids[name], newsroom.stories[story], 1.0)
            for name, story in (("opens", 1), ("walled", 3))
        )
    )
    store.apply(plan, [], ranks=ranks, epoch=store.take_group_epoch("test"), now=NOW)
    store.apply(touched, [], ranks={}, epoch=store.take_group_epoch("test"), now=NOW)


@pytest.mark.parametrize("path", ["/", "/section/politics", "/section/sport", "/trends", "/tags"])
def test_pages_with_sections_and_trends_are_whole(reader: TestClient, path: str) -> None:
    outline = page(reader, path)
    assert (outline.faults, outline.stack, outline.headings.count(1)) == ([], [], 1)


def test_a_section_shows_its_stories_and_no_others(reader: TestClient) -> None:
    text = page(reader, "/section/politics").text
    assert "harbour tunnel" in text
    assert "What the tunnel really cost" not in text
    assert "What the tunnel really cost" in page(reader, "/section/business").text
    assert "No story has been filed under Sport" in page(reader, "/section/sport").text


def test_the_same_in_json(reader: TestClient, newsroom: Newsroom) -> None:
    found = reader.get("/api/stories?section=business").json()["rows"]
    assert [row["id"] for row in found] == [newsroom.stories[3]]
    assert found[0]["desk"] == {
        "slug": "business", "label": "Business", "href": "/section/business", "why": ""
    }  # fmt: skip
    assert {"slug": "crime", "label": "Crime and justice"}.items() <= reader.get("/api/sections").json()[
        7
    ].items()


@pytest.mark.parametrize("path", ["/section/gossip", "/api/stories?section=gossip"])
def test_a_section_that_is_none_is_not_found(reader: TestClient, path: str) -> None:
    assert reader.get(path).status_code == 404


def test_an_article_says_its_section_and_who_filed_it_there(reader: TestClient, newsroom: Newsroom) -> None:
    stated = reader.get(f"/api/article/{newsroom.articles['opens']}").json()
    assert stated["section"] == "City"
    assert stated["article"]["desk"]["why"] == "the section its publisher gives it"
    guessed = page(reader, f"/article/{newsroom.articles['walled']}").text
    assert "Business" in guessed
    assert "Politics" in page(reader, f"/story/{newsroom.stories[1]}").text


def test_a_burst_is_explained_in_words_and_drawn(reader: TestClient) -> None:
    (trend,) = reader.get("/api/trends").json()
    assert [tag["label"] for tag in trend["tags"]] == ["Eruption"]
    assert trend["words"] == "5 articles in the last day, from 3 publishers; hardly ever before"
    assert trend["story"]["label"].startswith("Report")
    assert (trend["days"][-1], trend["heights"][-1], trend["burst_days"], len(trend["days"])) == (
        5,
        16,
        1,
        28,
    )
    answer = reader.get("/trends").text
    assert 'class="spark"' in answer
    assert "Mostly about" in answer
    assert "#Eruption" in page(reader, "/").text
    assert "Rising" in page(reader, "/tags").text
