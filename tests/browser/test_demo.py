"""`make demo` in a real browser: the front page, a story, an article with related articles, a search, a new feed."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.demo import ROOT, Demonstration, demonstration
from tests.conftest import folder

PICTURES = ROOT / "docs" / "pictures"


@pytest.fixture(scope="module")
def demo() -> Iterator[Demonstration]:
    with folder() as home, demonstration(home) as running:
        yield running


def test_a_reader_goes_from_the_front_page_to_a_story_an_article_and_a_search(
    demo: Demonstration, page: Page
) -> None:
    page.goto(demo.url)
    expect(page.locator("main h2 a, main h1 a").first).to_be_visible()
    assert page.locator("main a[href*='/story/']").count() >= 10
    page.locator("main a[href*='/story/']").first.click()
    expect(page).to_have_url(re.compile(r"/story/\d+/"))
    expect(page.locator("main")).to_contain_text(re.compile(r"publishers?"))
    page.locator("main a[href*='/article/']").first.click()
    expect(page).to_have_url(re.compile(r"/article/\d+/"))
    expect(page.locator("article p").first).to_be_visible()
    page.goto(f"{demo.url}/search?q=ferry+fire+Velden+Strait")
    expect(page.locator("mark").first).to_be_visible()
    assert page.locator("main a[href*='/article/']").count() >= 5


def test_an_article_names_its_related_articles_with_reasons(demo: Demonstration, page: Page) -> None:
    page.goto(f"{demo.url}/search?q=chip+plant+Miran")
    page.locator("main a[href*='/article/']").first.click()
    related = page.get_by_role("region", name=re.compile("Related", re.I))
    expect(related).to_contain_text(re.compile(r"Both|both|same story", re.I))


def test_korean_is_found_by_korean_words(demo: Demonstration, page: Page) -> None:
    page.goto(f"{demo.url}/search?q=미란반도체+공장")
    assert page.locator("main a[href*='/article/']").count() >= 2
    expect(page.locator("mark").first).to_be_visible()


def test_the_operator_logs_in_and_follows_a_feed(demo: Demonstration, page: Page) -> None:
    page.goto(f"{demo.url}/login")
    page.get_by_label(re.compile("password", re.I)).first.fill(demo.password)
    page.get_by_role("button", name=re.compile("log in", re.I)).click()
    page.goto(f"{demo.url}/feeds")
    expect(page.locator("main")).to_contain_text("The Harbour Courier")
    expect(page.locator("main")).to_contain_text(re.compile("429|too often|asked us to wait", re.I))


@pytest.mark.parametrize("name", ["front", "story", "article", "search"])
def test_the_readme_shows_the_pages(demo: Demonstration, page: Page, name: str) -> None:
    page.goto(demo.url)
    if name == "story":
        page.locator("main a[href*='/story/']").first.click()
    elif name == "article":
        page.goto(f"{demo.url}/search?q=space+security+dialogue")
        page.locator("main a[href*='/article/']").first.click()
    elif name == "search":
        page.goto(f"{demo.url}/search?q=rate+rise+Bank+of+Arvenia")
    page.wait_for_load_state("networkidle")
    is_long = name == "article"  # what is related, and why, stands under the text
    shot = page.screenshot(type="jpeg", quality=50 if is_long else 80, full_page=is_long)
    assert len(shot) > 20_000
    kept = PICTURES / f"{name}.jpg"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(shot)
