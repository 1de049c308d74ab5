"""The sample press with a real language model: what it says of an article passes the gate, or the article's own words stand."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.ai.real_model import MODEL, served
from tests.browser.demo import Demonstration, demonstration
from tests.browser.test_demo import first_article, log_in
from tests.conftest import folder

ANSWER_MS = 240_000  # a small model on a busy core


@pytest.fixture(scope="module")
def demo() -> Iterator[Demonstration]:
    with (
        folder() as home,
        served() as url,
        demonstration(home, TIDINGS_AI_URL=url, TIDINGS_AI_MODEL=MODEL) as running,
    ):
        yield running


def test_every_sentence_that_a_model_brings_to_the_page_stands_in_the_article(
    demo: Demonstration, page: Page
) -> None:
    first_article(page, demo, "chip+plant+Miran")
    expect(page.locator("main")).not_to_contain_text("phrase it")  # its price is the operator's to pay
    article = page.url
    log_in(page, demo)
    page.goto(article)
    glance = page.get_by_role("region", name="At a glance")
    glance.get_by_text("Key points").click()
    offer = glance.locator("details[open] form.offer")
    expect(offer).to_contain_text(re.compile(r"at most [\d,]+ tokens"))
    with page.expect_navigation(timeout=ANSWER_MS):
        offer.get_by_role("button", name=f"Let {MODEL} phrase it").click()
    said = points(page, article)
    assert said["claims"]
    whole = api(page, article)
    above = {"-1": whole["article"]["headline"], "-2": whole["standfirst"]}
    for claim in said["claims"]:
        assert claim["citations"]
        for cited in claim["citations"]:
            place, start, end = cited["place"].split(".")
            text = above[place] if place in above else whole["paragraphs"][int(place)]
            assert text[int(start) : int(end)] == cited["words"]
    if said["is_extract"]:
        assert said["made"].endswith("chosen by code")
    else:
        assert MODEL in said["made"]
        assert "token" in said["made"]


def api(page: Page, article: str, rest: str = "") -> Any:
    number = re.search(r"/article/(\d+)", article)
    assert number
    return page.request.get(f"{article[: number.start()]}/api/article/{number[1]}{rest}").json()


def points(page: Page, article: str) -> Any:
    return api(page, article, "/summary")["points"]
