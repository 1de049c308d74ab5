"""What only the operator may do, and how that is guarded."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO

import pytest
from starlette.testclient import TestClient

from tests.web.browsing import PASSWORD, Browse, form_token, post
from tests.web.newsroom import NOW, Newsroom, Shelf
from tidings.app import Tidings
from tidings.model import Credentials, NewFeed
from tidings.web.guard import Sessions

FEED = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>Lantern</title><link>https://lantern.example/</link>
<item><title>Lamp lit</title><link>https://lantern.example/1</link><guid>1</guid></item></channel></rss>"""
SITE = b"""<!doctype html><title>Lantern</title>
<link rel="alternate" type="application/rss+xml" title="All" href="/all.xml">
<link rel="alternate" type="application/rss+xml" title="Sport" href="/sport.xml"><p>Hello</p>"""


def said(client: TestClient, path: str = "/feeds") -> str:
    return client.get(path).text


# ── the first run ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_password_is_chosen_once_and_begins_a_session(browse: Browse, tidings: Tidings) -> None:
    assert not tidings.has_operator()
    client = browse()
    empty = client.get("/").text
    assert "Nothing is followed yet" in empty
    assert 'href="/setup"' in empty
    assert client.get("/login").headers["location"] == "/setup"
    short = post(client, "/setup", page="/setup", password="short", again="short")
    assert "at least 8 characters" in short.text
    other = post(client, "/setup", page="/setup", password=PASSWORD, again="another one")
    assert "did not match" in other.text
    chosen = post(client, "/setup", page="/setup", password=PASSWORD, again=PASSWORD)
    assert (chosen.status_code, chosen.headers["location"]) == (303, "/feeds")
    assert "The password is set." in said(client)
    assert "The password is set." not in said(client)
    assert client.get("/setup").headers["location"] == "/login"
    assert browse().get("/feeds").text.count("Log in") >= 1


def test_nobody_elsewhere_can_choose_the_password(browse: Browse, tidings: Tidings) -> None:
    far = TestClient(browse().app, base_url="http://tidings.example", client=("192.0.2.1", 1))
    page = far.get("/setup", follow_redirects=False)
    assert page.status_code == 303 or "tidings password" in page.text


@pytest.mark.parametrize(
    ("base_url", "headers"), [("https://news.example", {}), (None, {"x-forwarded-for": "192.0.2.1"})]
)
def test_behind_a_web_server_the_password_is_chosen_on_the_command_line(
    browse: Browse,
    tidings: Tidings,
    monkeypatch: pytest.MonkeyPatch,
    base_url: str | None,
    headers: dict[str, str],
) -> None:
    monkeypatch.setattr(tidings, "has_operator", lambda: False)
    monkeypatch.setattr(tidings, "settings", replace(tidings.settings, base_url=base_url))
    client = browse()
    page = client.get("/setup", headers=headers)
    assert "tidings password" in page.text
    assert 'name="password"' not in page.text
    client.cookies.set("tidings_form", "nonce")
    token = Sessions(tidings.secret_key).form_token("nonce")
    sent = client.post(
        "/setup",
        data={"csrf": token, "password": "mine from now", "again": "mine from now"},
        headers={"origin": "http://localhost", **headers},
    )
    assert sent.status_code == 403
    assert "tidings password" in sent.text


# ── in and out ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_session_is_a_signed_cookie_that_scripts_cannot_read(operator: TestClient, browse: Browse) -> None:
    client = browse()
    answer = post(client, "/login", page="/login?next=/latest", password=PASSWORD, next="/latest")
    assert answer.headers["location"] == "/latest"
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("tidings_session="))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    client.cookies.set("tidings_session", client.cookies["tidings_session"][:-3] + "AAA")
    assert client.get("/saved").status_code == 303


def test_wrong_passwords_are_refused_and_slowed_down(operator: TestClient, browse: Browse) -> None:
    client = TestClient(
        browse().app, base_url="http://localhost", client=("127.0.0.9", 9), follow_redirects=False
    )
    answers = [post(client, "/login", page="/login", password="wrong wrong") for _ in range(6)]
    assert [a.status_code for a in answers] == [403] * 5 + [429]
    assert "retry-after" in answers[-1].headers
    assert "tidings_session" not in client.cookies


def test_a_burst_of_wrong_passwords_is_slowed_down_too(
    operator: TestClient, browse: Browse, tidings: Tidings, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []

    def check(password: str) -> bool:
        tried.append(password)
        time.sleep(0.02)
        return False

    def sender() -> TestClient:
        return TestClient(browse().app, base_url="http://localhost", client=("127.0.0.8", 8))

    monkeypatch.setattr(tidings, "check_password", check)
    senders = [sender() for _ in range(16)]
    tokens = [form_token(client.get("/login").text) for client in senders]

    def send(client: TestClient, token: str) -> int:
        fields = {"csrf": token, "password": "wrong wrong"}
        return client.post("/login", data=fields, headers={"origin": "http://localhost"}).status_code

    with ThreadPoolExecutor(16) as pool:
        statuses = sorted(pool.map(send, senders, tokens))
    assert 5 <= len(tried) <= 6  # the last free one, and what was tried beside it
    assert statuses == [403] * len(tried) + [429] * (16 - len(tried))


def test_logging_out_ends_the_session(operator: TestClient) -> None:
    assert operator.get("/saved").status_code == 200
    assert post(operator, "/logout").status_code == 303
    assert operator.get("/saved").headers["location"] == "/login?next=%2Fsaved"


def test_the_way_back_after_login_stays_on_the_site(operator: TestClient, browse: Browse) -> None:
    client = browse()
    answer = post(client, "/login", page="/login", password=PASSWORD, next="//evil.example")
    assert answer.headers["location"] == "/"


# ── every form is guarded ────────────────────────────────────────────────────────────────────────────────────────────

FORMS = [
    "/mark",
    "/logout",
    "/feeds/add",
    "/feeds/follow",
    "/feeds/starter",
    "/feeds/1/refresh",
    "/feeds/1/pause",
    "/feeds/1/resume",
    "/feeds/1/change",
    "/feeds/1/remove",
    "/quarantine/release",
    "/story/1/merge",
    "/story/1/split",
    "/story/1/move",
    "/corrections/1/undo",
    "/corrections/sentences/1",
    "/unrelated",
    "/article/1/phrase",
    "/article/1/ask",
    "/article/1/translate",
    "/article/1/simple",
    "/article/1/takedown",
    "/story/1/phrase",
    "/entity/1/alias",
    "/entity/1/alias/remove",
    "/entity/1/merge",
    "/entity-edit/1/undo",
]
IDS = {"feeds": "feed_id", "story": "story_id", "corrections": "correction_id", "article": "article_id"} | {
    "entity": "entity_id",
    "entity-edit": "edit_id",
}
FILLED = {
    "url": "https://a.example/", "title": "A", "name": "world", "article": "1", "read": "true", "other": "2",
    "state": "kept", "feature": "line", "q": "Who?",
}  # fmt: skip


@pytest.mark.parametrize("path", FORMS)
def test_a_form_needs_session_token_and_origin(operator: TestClient, browse: Browse, path: str) -> None:
    token = form_token(operator.get("/feeds").text)
    good = {"origin": "http://localhost"}
    assert operator.post(path, data=FILLED, headers=good).status_code == 403
    assert operator.post(path, data={**FILLED, "csrf": "x.y"}, headers=good).status_code == 403
    forged = {"origin": "http://evil.example"}
    assert operator.post(path, data={**FILLED, "csrf": token}, headers=forged).status_code == 403
    assert operator.post(path, data={**FILLED, "csrf": token}).status_code == 403
    assert browse().post(path, data={**FILLED, "csrf": token}, headers=good).status_code == 403


def test_every_form_of_the_site_is_on_the_list(browse: Browse) -> None:
    posts = {
        route.path
        for route in _routes(browse().app)
        if "POST" in (getattr(route, "methods", None) or ()) and "/hub/" not in route.path
    }
    listed = {path.replace("/1/", f"/{{{IDS.get(path.split('/')[1])}}}/") for path in FORMS}
    listed = listed - {"/corrections/sentences/1"} | {"/corrections/sentences/{wrong_id}"}
    assert posts == listed | {"/login", "/setup", "/theme", "/feeds/import", "/wrong", "/ask"}


def _routes(app):  # type: ignore[no-untyped-def]
    from fastapi.routing import iter_route_contexts

    return list(iter_route_contexts(app.routes))


@pytest.mark.parametrize(
    "path",
    [
        "/saved",
        "/quarantine",
        "/feeds/export.opml",
        "/feeds/1",
        "/feeds/1/remove",
        "/corrections/stories",
        "/model",
        "/story/1/correct",
    ],
)
def test_private_pages_lead_to_the_login(reader: TestClient, operator: TestClient, path: str) -> None:
    answer = reader.get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login?next=%2F")


# ── marks ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_marks_are_kept_shown_and_taken_back(operator: TestClient, newsroom: Newsroom) -> None:
    article = newsroom.articles["queue"]
    assert (
        post(operator, "/mark", page="/latest", article=article, saved="true", next="/latest").headers[
            "location"
        ]
        == "/latest"
    )
    assert "First queue forms" in operator.get("/saved").text
    token = form_token(operator.get("/latest").text)
    quiet = operator.post(
        "/mark",
        data={"csrf": token, "article": article, "saved": "false"},
        headers={"origin": "http://localhost", "accept": "application/json"},
    )
    assert quiet.status_code == 204
    assert "First queue forms" not in operator.get("/saved").text


def test_a_whole_story_is_marked_as_read(operator: TestClient, newsroom: Newsroom) -> None:
    story = newsroom.stories[1]
    post(operator, "/mark", page="/latest", story=story, read="true")
    assert operator.get("/api/stories").json()["rows"][0]["unread_count"] == 0
    assert "Mark all as unread" in operator.get(f"/story/{story}", follow_redirects=True).text
    post(operator, "/mark", page="/latest", story=story, read="false")
    assert operator.get("/api/stories").json()["rows"][0]["unread_count"] == 4


def test_stories_are_marked_on_the_front_page(
    operator: TestClient, reader: TestClient, newsroom: Newsroom
) -> None:
    assert 'action="/mark"' not in reader.get("/").text
    story = newsroom.stories[1]
    front = operator.get("/").text
    assert f'<input type="hidden" name="story" value="{story}">' in front
    post(operator, "/mark", page="/", story=story, read="true")
    assert operator.get("/").text.count("is-read") == front.count("is-read") + 1
    post(operator, "/mark", page="/", story=story, read="false")


def test_the_appearance_is_anybodys_to_choose(reader: TestClient) -> None:
    answer = reader.post(
        "/theme", data={"theme": "dark", "next": "/latest"}, headers={"origin": "http://localhost"}
    )
    assert answer.headers["location"] == "/latest"
    assert '<html lang="en" data-theme="dark">' in reader.get("/latest").text


# ── feeds ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_feed_is_followed_paused_changed_and_removed(
    operator: TestClient, shelf: Shelf, tidings: Tidings
) -> None:
    shelf.answers["https://lantern.example/feed"] = ("application/rss+xml", FEED)
    assert post(operator, "/feeds/add", address="lantern.example/feed").status_code == 303
    assert "Following Lantern." in said(operator)
    feed = next(f for f in tidings.store.feeds() if "lantern" in f.url)
    post(operator, f"/feeds/{feed.id}/pause")
    assert tidings.store.feed(feed.id).status == "paused"
    post(operator, f"/feeds/{feed.id}/resume")
    assert tidings.store.feed(feed.id).status == "active"
    post(operator, f"/feeds/{feed.id}/change", title="Lamp", folder="Night", username="u", password="p")
    changed = tidings.store.feed(feed.id)
    assert (changed.title, changed.folder, changed.full_text) == ("Lamp", "Night", False)
    assert changed.credentials == Credentials("u", "p")
    assert changed.next_poll_at == tidings.clock()
    for given, kept in (
        ({"username": "v"}, Credentials("v", "p")),  # a password left empty stays
        ({"username": "v", "password": "q"}, Credentials("v", "q")),
        ({}, None),
        ({}, None),
    ):
        post(operator, f"/feeds/{feed.id}/change", title="Lamp", folder="Night", **given)
        assert tidings.store.feed(feed.id).credentials == kept
    assert "Stop following Lamp?" in operator.get(f"/feeds/{feed.id}/remove").text
    post(operator, f"/feeds/{feed.id}/remove")
    assert all("lantern" not in f.url for f in tidings.store.feeds())


def test_many_feeds_come_by_the_page_and_are_found_by_name(
    operator: TestClient, reader: TestClient, tidings: Tidings
) -> None:
    many = [
        tidings.store.add_feed(NewFeed(f"https://lantern-{n}.example/", title=f"Lantern {n:02}"), now=NOW)[0]
        for n in range(60)
    ]
    first = reader.get("/feeds").text
    assert "63 followed" in first
    more = re.search(r'rel="next" href="([^"]+)"', first)
    assert more
    second = reader.get(more[1]).text
    titles = [set(re.findall(r"Lantern \d\d", text)) for text in (first, second)]
    assert len(titles[0] | titles[1]) == 60
    assert not titles[0] & titles[1]
    found = reader.get("/feeds", params={"named": "lantern 41"}).text
    assert "Lantern 41" in found
    assert "Lantern 40" not in found
    assert "No feed is named like" in reader.get("/feeds", params={"named": "no such"}).text
    listed = reader.get("/api/feeds", params={"named": "lantern"}).json()
    assert (len(listed["rows"]), listed["older_href"][:23]) == (50, "/api/feeds?named=lanter")
    for feed in many:
        tidings.store.remove_feed(feed.id)


def test_starter_packs_say_when_they_were_chosen_and_that_nobody_checked_them(operator: TestClient) -> None:
    shown = " ".join(operator.get("/feeds").text.split())
    assert re.search(
        r"Chosen on 20\d\d-\d\d-\d\d from [^<]+; the addresses were not checked from here\.", shown
    )


def test_several_feeds_are_listed_to_choose_from(
    operator: TestClient, shelf: Shelf, tidings: Tidings
) -> None:
    shelf.answers["https://lantern.example/"] = ("text/html", SITE)
    choice = post(operator, "/feeds/add", address="https://lantern.example/")
    assert "Which of them?" in choice.text
    assert "https://lantern.example/sport.xml" in choice.text
    followed = post(
        operator,
        "/feeds/follow",
        url=["https://lantern.example/all.xml", "https://lantern.example/sport.xml"],
        title=["All", "Sport"],
        chosen=["1"],
    )
    assert followed.status_code == 303
    assert [f.url for f in tidings.store.feeds() if "lantern" in f.url] == [
        "https://lantern.example/sport.xml"
    ]


def test_an_address_that_does_not_answer_says_so_and_stays_in_the_form(operator: TestClient) -> None:
    answer = post(operator, "/feeds/add", address="https://nowhere.example/")
    assert answer.status_code == 422
    assert "does not answer" in answer.text
    assert 'value="https://nowhere.example/"' in answer.text


def test_feeds_come_and_go_as_opml(operator: TestClient, tidings: Tidings) -> None:
    token = form_token(operator.get("/feeds").text)
    opml = b'<opml version="2.0"><body><outline text="Q" xmlUrl="https://quarry.example/rss"/></body></opml>'

    def send(body: bytes):  # type: ignore[no-untyped-def]
        return operator.post(
            "/feeds/import",
            data={"csrf": token},
            files={"opml": ("feeds.opml", BytesIO(body), "text/x-opml")},
            headers={"origin": "http://localhost"},
        )

    assert send(opml).status_code == 303
    assert "https://quarry.example/rss" in operator.get("/feeds/export.opml").text
    assert send(b"not an outline at all").status_code == 422


def test_only_the_operator_sees_where_feeds_live(operator: TestClient, reader: TestClient) -> None:
    assert "https://courier.example/feed.xml" in operator.get("/feeds").text
    assert "https://courier.example/feed.xml" not in reader.get("/feeds").text
    assert "courier.example" in reader.get("/feeds").text


def test_a_request_larger_than_anything_we_take_is_refused(operator: TestClient) -> None:
    answer = operator.post("/feeds/add", content=b"x", headers={"content-length": str(1 << 30)})
    assert answer.status_code == 413
