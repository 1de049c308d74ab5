"""A site over a real store with the invented press of newsroom.py in it, one a module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from httpx import Cookies
from starlette.testclient import TestClient

from tests.web.browsing import PASSWORD, Browse, post
from tests.web.newsroom import NOW, PIECES, Letters, Newsroom, Shelf, fill, revise
from tidings.app import Tidings
from tidings.config import Settings
from tidings.store.postgres import PostgresStore
from tidings.web import create_app

# Expected 500s are logged with their traceback; drawn with colours and locals, each would take seconds.
structlog.configure(
    processors=[structlog.processors.format_exc_info, structlog.dev.ConsoleRenderer(colors=False)]
)


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture(scope="module")
def tidings(dsn: str, shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tidings]:
    """An instance whose clock stands at NOW and whose network is a shelf."""
    store = PostgresStore(dsn)
    settings = Settings(home=Path(tmp_path_factory.mktemp("home")))
    yield Tidings(settings, store=store, fetcher=shelf, embedder=Letters(), clock=lambda: NOW)  # type: ignore[arg-type]
    store.close()


@pytest.fixture(scope="module")
def newsroom(tidings: Tidings) -> Newsroom:
    """The press, its first article changed once."""
    filled = fill(tidings.store)
    paragraphs = (PIECES[0].paragraphs[0].replace("nine", "eleven"), *PIECES[0].paragraphs[1:])
    revise(tidings.store, filled, PIECES[0], paragraphs, "An earlier version gave nine years.")
    return filled


@pytest.fixture(scope="module")
def browse(tidings: Tidings) -> Browse:
    """Make a browser of its own on this machine; it follows no redirects."""
    app = create_app(tidings)

    def made() -> TestClient:
        return TestClient(
            app, base_url="http://localhost", client=("127.0.0.1", 50_000), follow_redirects=False
        )

    return made


@pytest.fixture
def reader(browse: Browse, newsroom: Newsroom) -> TestClient:
    return browse()


@pytest.fixture(scope="module")
def logins() -> dict[str, Cookies]:
    """The cookies of a login for each password hash: to verify a password takes long, on purpose."""
    return {}


@pytest.fixture
def operator(browse: Browse, newsroom: Newsroom, tidings: Tidings, logins: dict[str, Cookies]) -> TestClient:
    """A browser in which the operator is logged in."""
    if not tidings.has_operator():
        tidings.set_password(PASSWORD)
    password_hash = tidings.store.setting("operator_password") or ""
    client = browse()
    if password_hash not in logins:
        answer = post(client, "/login", page="/login", password=PASSWORD)
        assert answer.status_code == 303
        logins[password_hash] = Cookies(client.cookies)
    client.cookies = Cookies(logins[password_hash])
    return client
