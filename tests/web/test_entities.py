"""Pages of entities, and the operator's corrections."""

import re

import pytest

from tests.web.browsing import PASSWORD, Browse, post
from tests.web.newsroom import NOW, Newsroom
from tidings.app import Tidings
from tidings.model import EntityMention, EntityPlan, NewEntity, Plan
from tidings.stories.places import geocode
from tidings.web.entity_views import chart_of


@pytest.fixture(scope="module")
def people(tidings: Tidings, newsroom: Newsroom) -> dict[str, int]:
    """Port Elin and a person of that newsroom, each in two articles, and Seoul in one."""
    store = tidings.store
    articles = [card.id for card in store.latest(limit=100).rows]
    texts = {a.id: "\n".join(a.extract.paragraphs) for a in store.articles(articles)}
    elin = [i for i, text in texts.items() if "Port Elin" in text][:2]
    ids = store.known_entities(keys=["a", "b", "c"], story_ids=[]).free_ids
    town, person, seoul = ids[:3]
    mention = EntityMention(town, "place", ("Port Elin",), ("port elin",), 2, True)
    other = EntityMention(person, "person", ("Ada Brandt",), ("ada brandt",), 1, False, ("mayor",))
    plan = EntityPlan(
        new=(
            NewEntity(town, "Port Elin", "place", "en", {"port elin": "Port Elin", "elin": "Elin"}),
            NewEntity(person, "Ada Brandt", "person", "en", {"ada brandt": "Ada Brandt"}),
            NewEntity(seoul, "Seoul", "place", "en", {"seoul": "Seoul"}, geocode("Seoul")),
        ),
        mentions={
            elin[0]: (mention, other),
            elin[-1]: (mention, other, EntityMention(seoul, "place", ("Seoul",), ("seoul",), 1, False)),
        },
    )
    store.apply(Plan(entities=plan), [], ranks={}, epoch=store.take_group_epoch("test"), now=NOW)
    return {"town": town, "person": person, "seoul": seoul, "article": elin[0], "articles": len(set(elin))}


def test_the_list_names_what_is_written_about_and_narrows(browse: Browse, people: dict[str, int]) -> None:
    page = browse().get("/entities").text
    assert f'href="/entity/{people["town"]}/port-elin"' in page
    assert "Ada Brandt" not in browse().get("/entities?kind=place").text
    assert [r["label"] for r in browse().get("/api/entities?named=ADA").json()["rows"]] == ["Ada Brandt"]
    assert "Nobody of that name" in browse().get("/entities?named=zzz").text


def test_a_page_shows_sentences_verbatim_with_their_articles(browse: Browse, people: dict[str, int]) -> None:
    page = browse().get(f"/entity/{people['town']}/port-elin").text
    assert "<strong>Port Elin</strong>" in page
    assert "Also written" in page
    assert "<rect" in page
    shown = browse().get(f"/api/entity/{people['town']}").json()
    assert shown["entity"]["article_count"] == people["articles"]
    sentence = "".join(text for text, _ in shown["said"][0]["sentences"][0])
    article = browse().get(f"/api/article/{shown['said'][0]['article']['id']}").json()
    assert any(sentence in paragraph for paragraph in article["paragraphs"])
    assert next(row["label"] for row, _ in shown["beside"]) == "Ada Brandt"
    assert shown["edits"] == []


def test_a_place_with_coordinates_is_drawn_on_a_map(browse: Browse, people: dict[str, int]) -> None:
    assert 'class="locator"' in browse().get(f"/entity/{people['seoul']}/seoul").text
    located = browse().get(f"/api/entity/{people['seoul']}").json()["located"]
    assert (located["country"], located["words"]) == ("South Korea", "37.6° N, 127.0° E")
    assert browse().get(f"/api/entity/{people['town']}").json()["located"] is None


def test_another_slug_leads_to_the_right_one_and_nobody_is_404(
    browse: Browse, people: dict[str, int]
) -> None:
    answer = browse().get(f"/entity/{people['town']}/else")
    assert (answer.status_code, answer.headers["location"]) == (301, f"/entity/{people['town']}/port-elin")
    assert browse().get("/entity/999999999").status_code == 404
    assert browse().get("/entities?kind=cat").status_code == 404


def test_an_article_lists_who_is_named_in_it(browse: Browse, people: dict[str, int]) -> None:
    client = browse()
    shown = client.get(f"/api/article/{people['article']}").json()
    assert next((n["entity"]["label"], n["words"]) for n in shown["named"]) == ("Port Elin", ["Port Elin"])
    page = client.get(client.get(f"/article/{people['article']}").headers["location"]).text
    assert "Named here" in page
    assert f'href="/entity/{people["person"]}/ada-brandt"' in page


def test_corrections_are_the_operators_and_can_be_taken_back(
    browse: Browse, tidings: Tidings, people: dict[str, int]
) -> None:
    town, person = people["town"], people["person"]
    stranger = browse()
    assert "Correct its names" not in stranger.get(f"/entity/{town}/port-elin").text
    refused = stranger.post(
        f"/entity/{town}/alias", data={"spelling": "X"}, headers={"origin": "http://localhost"}
    )
    assert refused.status_code == 403
    tidings.set_password(PASSWORD)
    client = browse()
    post(client, "/login", page="/login", password=PASSWORD)
    here = f"/entity/{town}/port-elin"
    added = post(client, f"/entity/{town}/alias", page=here, spelling="  Elinhavn ")
    assert added.status_code == 303
    assert "Elinhavn" in client.get(here).text
    assert post(client, f"/entity/{town}/alias", page=here, spelling="Elinhavn").status_code == 409
    assert post(client, f"/entity/{town}/alias", page=here, spelling=" ").status_code in (409, 422)
    post(client, f"/entity/{town}/alias/remove", page=here, key="elin")
    assert "taken off its names" in client.get(here).text
    assert post(client, f"/entity/{person}/merge", page=here, into="somewhere").status_code == 409
    post(client, f"/entity/{person}/merge", page=here, into=f"http://localhost/entity/{town}/port-elin")
    assert client.get(f"/entity/{person}/ada-brandt").headers["location"] == here
    page = client.get(here).text
    edits = re.findall(r"/entity-edit/(\d+)/undo", page)
    assert len(edits) == 3
    for edit in edits:
        assert post(client, f"/entity-edit/{edit}/undo", page=here).status_code == 303
    assert client.get(f"/entity/{person}/ada-brandt").status_code == 200
    assert {a.spelling for a in tidings.store.entity(town, now=NOW).aliases} == {"Port Elin", "Elin"}


def test_a_long_past_is_drawn_by_weeks() -> None:
    today = NOW.date()
    daily = chart_of([(today, 3)], today)
    weekly = chart_of([(today.replace(year=today.year - 1), 1), (today, 4)], today)
    assert daily is not None
    assert weekly is not None
    assert (daily.unit, len(daily.bars), daily.bars[-1].count, daily.bars[-1].height) == ("day", 14, 3, 60)
    assert (weekly.unit, sum(bar.count for bar in weekly.bars), weekly.most) == ("week", 5, 4)
    assert chart_of([], today) is None
