"""Search as a reader uses it."""

import pytest
from starlette.testclient import TestClient

from tests.web.newsroom import Newsroom
from tidings.web.reading import search_form


def test_found_words_are_marked(reader: TestClient) -> None:
    answer = reader.get("/search", params={"q": "queue"})
    assert "<mark>queue</mark>" in answer.text
    assert "First <mark>queue</mark> forms in the harbour tunnel" in answer.text


def test_korean_is_found_within_its_words(reader: TestClient) -> None:
    answer = reader.get("/search", params={"q": "터널"})
    assert "항만 <mark>터널</mark> 개통" in answer.text


def test_filters_narrow_and_stay_in_the_form(reader: TestClient, newsroom: Newsroom) -> None:
    answer = reader.get("/search", params={"q": "harbour tunnel", "language": "ko"})
    assert "Harbour tunnel opens to traffic" not in answer.text
    assert '<option value="ko" selected>' in answer.text
    assert '<details class="filters" open>' in answer.text
    day = reader.get("/search", params={"q": "queue", "since": "2026-03-15"})
    assert "Nothing found for “queue”" in day.text


def test_filters_alone_list_what_they_let_pass(reader: TestClient) -> None:
    answer = reader.get("/search", params={"language": "ko"})
    assert "What the filters let pass, newest first." in answer.text
    assert "항만 터널 개통" in answer.text
    assert "Harbour tunnel opens" not in answer.text
    none = reader.get("/search", params={"tag": "nothing has it"})
    assert "The filters let nothing pass" in none.text


@pytest.mark.parametrize("tag", ["port-elin", "#port-elin", "Port Elin", "#Port Elin"])
def test_a_hashtag_is_taken_as_people_write_it(reader: TestClient, tag: str) -> None:
    answer = reader.get("/search", params={"q": "tunnel", "tag": tag})
    assert "Harbour <mark>tunnel</mark> opens to traffic" in answer.text
    assert "항만" not in answer.text


def test_the_form_offers_hashtags_to_choose_from(reader: TestClient) -> None:
    assert '<option value="HarbourTunnel"></option>' in reader.get("/search").text


def test_the_operator_marks_what_was_found(reader: TestClient, operator: TestClient) -> None:
    assert 'data-mark="saved"' in operator.get("/search", params={"q": "tunnel"}).text
    assert 'data-mark="saved"' not in reader.get("/search", params={"q": "tunnel"}).text


def test_what_is_no_date_is_said(reader: TestClient) -> None:
    answer = reader.get("/search", params={"q": "tunnel", "since": "yesterday"})
    assert "&#39;yesterday&#39; is not a date" in answer.text
    assert reader.get("/api/search", params={"q": "tunnel", "since": "x"}).status_code == 422


@pytest.mark.parametrize(
    "q", ["", "   ", "\x00", "'\"<>&", "(" * 300, "a" * 1999, "-", "*", ":", "\\", "\ud55c\uad6d"]
)
def test_no_query_breaks_the_page(reader: TestClient, q: str) -> None:
    assert reader.get("/search", params={"q": q}).status_code == 200


def test_a_form_means_whole_days_and_says_contradictions() -> None:
    form = search_form(
        q=" a\tb ", since="2026-03-01", until="2026-03-02", publisher="7", language="", tag="#x"
    )
    assert form.problem == ""
    assert (form.query.text, form.query.publisher_id, form.query.hashtag) == ("a b", 7, "x")
    assert form.query.since is not None
    assert form.query.until is not None
    assert (form.query.until - form.query.since).days == 2
    wrong = search_form(q="a", since="2026-03-05", until="2026-03-02", publisher="", language="", tag="")
    assert wrong.problem == "The first day lies after the last one."


def test_how_the_query_was_read_is_said_and_may_be_taken_back(reader: TestClient) -> None:
    answer = reader.get("/search", params={"q": "tunnel in 2026", "language": "en"})
    assert (
        '<li>Published in 2026. <a href="/search?q=tunnel&amp;language=en">Search all times</a></li>'
        in answer.text
    )
    assert "opens to traffic" in answer.text
    other = reader.get("/search", params={"q": "tunnel 5 march 2019"})
    assert "Nothing published on 5 March 2019 has these words; this is from all times." in other.text
    assert "opens to traffic" in other.text
    asked = reader.get("/search", params={"q": "When did the tunnel open in march 2026?"})
    assert "What was published in March 2026 comes first." in asked.text
    assert (
        "<li>"
        not in reader.get("/search", params={"q": "tunnel"})
        .text.partition('class="hits"')[0]
        .partition("</form>")[2]
    )


def test_filters_may_stand_among_the_words(reader: TestClient) -> None:
    tagged = reader.get("/search", params={"q": "tunnel #HarbourTunnel"})
    assert "With the hashtag #harbourtunnel only." in tagged.text
    language = reader.get("/search", params={"q": "lang:ko"})
    assert "In Korean only." in language.text
    assert "항만 터널 개통" in language.text
    assert "Harbour tunnel opens" not in language.text


def test_a_slip_is_mended_and_said(reader: TestClient) -> None:
    answer = reader.get("/search", params={"q": "tunmel"})
    assert "opens to traffic" in answer.text
    assert "Search for “tunmel” instead" in answer.text
    assert "/search?q=%22tunmel%22" in answer.text
    exact = reader.get("/search", params={"q": '"tunmel"'})
    assert "Nothing found for" in exact.text


def test_the_reading_of_a_query_is_in_the_json(reader: TestClient) -> None:
    answer = reader.get("/api/search", params={"q": "tunnel in 2026"}).json()
    assert answer["understood"] == [
        {"text": "Published in 2026.", "undo": "Search all times", "href": "/api/search?q=tunnel"}
    ]
    assert answer["rows"]
