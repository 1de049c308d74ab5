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
