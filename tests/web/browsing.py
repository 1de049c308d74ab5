"""A browser without a window: forms sent as a browser sends them."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
from starlette.testclient import TestClient

PASSWORD = "a password for tests"
Browse = Callable[[], TestClient]


def form_token(html: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', html)
    assert found, "no form token on the page"
    return found[1]


def post(client: TestClient, path: str, *, page: str = "/feeds", **fields: object) -> httpx.Response:
    """Send a form as a browser does: with the token of the page it stands on, and with its origin."""
    token = form_token(client.get(page).text)
    return client.post(path, data={"csrf": token, **fields}, headers={"origin": "http://localhost"})
