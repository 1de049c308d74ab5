"""Taking an article down in the browser, and what everybody finds at its address from then on."""

from __future__ import annotations

from starlette.testclient import TestClient

from tests.web.browsing import Browse, post
from tests.web.newsroom import Newsroom
from tidings.app import Tidings
from tidings.fetch.pictures import kept_at


def test_only_the_operator_is_asked_and_only_a_form_of_ours_does_it(
    reader: TestClient, newsroom: Newsroom
) -> None:
    article = newsroom.articles["queue"]
    assert "takedown" not in reader.get(f"/article/{article}", follow_redirects=True).text
    asked = reader.get(f"/article/{article}/takedown")
    assert (asked.status_code, asked.headers["location"]) == (
        303,
        f"/login?next=%2Farticle%2F{article}%2Ftakedown",
    )
    assert (
        reader.post(f"/article/{article}/takedown", headers={"origin": "http://localhost"}).status_code == 403
    )


def test_an_article_is_taken_down_and_its_copy_stays(
    operator: TestClient, browse: Browse, tidings: Tidings, newsroom: Newsroom
) -> None:
    opened, copy, story = newsroom.articles["opens"], newsroom.articles["opens-copy"], newsroom.stories[1]
    picture = kept_at(tidings.settings.images, "https://courier.example/tunnel.png")
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"x")
    assert (
        f'href="/article/{opened}/takedown"' in operator.get(f"/article/{opened}", follow_redirects=True).text
    )

    question = operator.get(f"/article/{opened}/takedown").text
    assert "the article with two revisions, and everything" in question
    assert "Its story goes on without it" in question
    assert f"Post, article {copy}</span>" in question
    cancelled = operator.get(f"/article/{opened}", follow_redirects=True)
    assert cancelled.status_code == 200

    answer = post(operator, f"/article/{opened}/takedown", reason="At the <b>publisher</b>’s request")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/article/{opened}")
    reader = browse()
    gone = reader.get(f"/article/{opened}")
    assert gone.status_code == 410
    assert "<h1>Taken down</h1>" in gone.text
    assert (
        "This article was taken down on 14 March 2026. The reason: At the &lt;b&gt;publisher&lt;/b&gt;’s request"
        in gone.text
    )
    assert not picture.exists()
    for path in ("", "/any-slug", "/revisions", "/diff", "/ask?q=who", "/translate", "/speech?words=0.0.5"):
        assert reader.get(f"/article/{opened}{path}").status_code == 410, path
    assert reader.get(f"/api/article/{opened}").json() == {
        "error": "taken-down",
        "message": "This article was taken down on 14 March 2026. The reason: At the <b>publisher</b>’s request",
    }
    assert reader.get(f"/api/article/{opened}/summary").status_code == 410
    assert reader.get(f"/api/article/{opened}/ask?q=who").status_code == 410

    page = reader.get(f"/story/{story}", follow_redirects=True)
    assert page.status_code == 200
    assert "Harbour tunnel opens to traffic" not in page.text
    assert "Tunnel under the harbour opens" in page.text
    assert reader.get(f"/article/{copy}", follow_redirects=True).status_code == 200
    assert tidings.store.cards([copy])[0].copy_of is None
    for path in (
        "/",
        "/latest",
        "/tags",
        "/tag/port-elin",
        "/publishers",
        "/brief",
        "/search?q=harbour+tunnel",
    ):
        assert "opens to traffic" not in reader.get(path).text, path


def test_a_story_that_ended_says_so_at_its_address(operator: TestClient, newsroom: Newsroom) -> None:
    walled, story = newsroom.articles["walled"], newsroom.stories[3]
    assert "Its story ends with it" in operator.get(f"/article/{walled}/takedown").text
    post(operator, f"/article/{walled}/takedown")
    for path in (f"/story/{story}", f"/story/{story}/compare", f"/story/{story}/new", f"/api/story/{story}"):
        gone = operator.get(path)
        assert (gone.status_code, "What this story told was taken down on 14 March 2026." in gone.text) == (
            410,
            True,
        )
    assert operator.get(f"/article/{walled}/takedown").status_code == 410
    assert operator.get("/article/999999").status_code == 404
    assert operator.get("/story/999999").status_code == 404
