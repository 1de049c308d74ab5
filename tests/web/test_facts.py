"""Quotes, figures and event dates on the pages and in the JSON, found by the product's own step."""

import re

import pytest
from starlette.testclient import TestClient

from tests.web.newsroom import Newsroom
from tests.web.test_reading import page
from tidings.app import Tidings, facts_of


@pytest.fixture(scope="module")
def cited(tidings: Tidings, newsroom: Newsroom) -> int:
    """The article of the opening, its facts and those of the others kept."""
    found = tidings.store.articles(list(newsroom.articles.values()))
    tidings.store.keep_facts([facts_of(article) for article in found])
    return newsroom.articles["opens"]


def test_a_quote_stands_with_its_speaker_and_leads_to_its_words(cited: int, reader: TestClient) -> None:
    answer = reader.get(f"/article/{cited}", follow_redirects=True)
    href = re.search(r'<a href="([^"]*#quote-1)"><q lang="en">We waited long enough</q></a>', answer.text)
    assert href
    assert "Ada Ferrow" in page(reader, f"/article/{cited}").text
    assert '<span class="cited" id="quote-1">We waited long enough</span>' in answer.text


def test_figures_are_listed_where_they_stand(cited: int, reader: TestClient) -> None:
    text = reader.get(f"/article/{cited}", follow_redirects=True).text
    assert '<a href="#figure-1">eleven years</a>' in text
    assert '<span class="cited" id="figure-1">eleven years</span>' in text


def test_the_day_of_the_event_is_told_from_the_day_of_printing(cited: int, reader: TestClient) -> None:
    shown = reader.get(f"/api/article/{cited}").json()
    assert shown["published"]["iso"][:10] == "2026-03-13"
    assert shown["event"] == {
        "label": "Friday 13 March",
        "first": "2026-03-13",
        "last": "2026-03-13",
        "words": "Friday",
        "paragraph": 0,
        "start": 41,
        "end": 47,
    }


def test_the_json_gives_spans_that_cite(cited: int, reader: TestClient) -> None:
    shown = reader.get(f"/api/article/{cited}").json()
    for found in (*shown["quotes"], *shown["figures"]):
        assert shown["paragraphs"][found["paragraph"]][found["start"] : found["end"]] == found["words"]
    assert [(q["words"], q["speaker"]) for q in shown["quotes"]] == [("We waited long enough", "Ada Ferrow")]
    assert [(f["value"], f["unit"]) for f in shown["figures"]] == [("11", "year")]


def test_a_story_gathers_quotes_by_speaker_and_the_days_it_happened_on(
    cited: int, reader: TestClient
) -> None:
    story = reader.get(f"/api/article/{cited}").json()["story"]["id"]
    shown = reader.get(f"/api/story/{story}").json()
    assert [(s["speaker"], [q["words"] for q in s["shown"]]) for s in shown["quotes"]] == [
        ("Ada Ferrow", ["We waited long enough"])
    ]
    told = reader.get(f"/api/story/{story}/brief").json()["events"]
    assert [
        (day["label"], day["first"], day["claims"][0]["citations"][0]["article_id"]) for day in told[:1]
    ] == [("Friday 13 March 2026", "2026-03-13", cited)]
    outline = page(reader, f"/story/{story}")
    assert not outline.faults
    assert "Quotes Ada Ferrow" in outline.text


def test_markup_in_a_text_stays_text_around_its_anchors(
    cited: int, newsroom: Newsroom, reader: TestClient
) -> None:
    outline = page(reader, f"/article/{newsroom.articles['hostile']}")
    assert not outline.faults
    assert '<script>alert("1")</script>' in outline.text
