"""`make demo` in a real browser: the front page, a story, an article with related articles, a search, a new feed."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

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
    log_in(page, demo)
    page.goto(f"{demo.url}/feeds")
    expect(page.locator("main")).to_contain_text("The Harbour Courier")
    expect(page.locator("main")).to_contain_text(re.compile("429|too often|asked us to wait", re.I))


# ── what is said of articles, without a model ────────────────────────────────────────────────────────────────────────


def first_article(page: Page, demo: Demonstration, words: str) -> None:
    page.goto(f"{demo.url}/search?q={words}")
    page.locator("main a[href*='/article/']").first.click()


def test_a_summary_s_mark_shows_its_words_in_the_article_beside_it(demo: Demonstration, page: Page) -> None:
    first_article(page, demo, "ferry+fire+Velden+Strait")
    glance = page.get_by_role("region", name="At a glance")
    expect(glance).to_contain_text("chosen by code")
    glance.get_by_text("Key points").click()
    mark = glance.locator("details[open] .cite a").first
    cited = mark.get_attribute("data-words")
    mark.hover()
    assert page.evaluate("[...CSS.highlights.get('cited')][0].toString()") == cited
    mark.click()  # scrolls there, and stays on the page
    for _ in range(50):
        top = page.evaluate("[...CSS.highlights.get('cited')][0].getBoundingClientRect().top")
        if 0 <= top < 900:
            break
        page.wait_for_timeout(100)
    assert 0 <= top < 900
    expect(glance.locator("details[open]")).to_have_count(1)


def test_the_same_mark_works_without_a_script(demo: Demonstration, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    first_article(page, demo, "ferry+fire+Velden+Strait")
    mark = page.locator(".glance .cite a").first
    cited = mark.get_attribute("data-words")
    page.goto(demo.url + str(mark.get_attribute("href")))
    assert "".join(page.locator(".body mark").all_inner_texts()) == cited
    context.close()


def test_an_article_and_the_archive_are_asked(demo: Demonstration, page: Page) -> None:
    first_article(page, demo, "ferry+fire+Velden+Strait")
    page.get_by_text("Ask this article").click()
    page.get_by_label("Your question").fill("How many people died?")
    page.get_by_role("button", name="Ask").click()
    expect(page.locator("main")).to_contain_text(re.compile(r"\b(11|12|eleven|twelve)\b", re.I))
    page.goto(f"{demo.url}/ask?q=Who+resigned+over+the+radio+contract%3F")
    expect(page.locator(".answer")).to_contain_text("Hale")
    page.goto(f"{demo.url}/ask?q=Which+chess+grandmaster+won+in+Lisbon%3F")
    expect(page.locator(".answer")).to_contain_text("The archive does not say.")


def test_a_story_has_a_brief_what_happened_when_what_is_new_and_a_comparison(
    demo: Demonstration, page: Page
) -> None:
    first_article(page, demo, "ferry+fire+Velden+Strait")
    page.get_by_role("complementary").locator("a[href*='/story/']").first.click()
    expect(page.get_by_role("region", name="In brief").locator(".cite").first).to_be_visible()
    expect(page.get_by_role("list", name="Days on which it happened").locator("li").first).to_be_visible()
    story = page.url
    page.get_by_role("link", name="Compare coverage").click()
    table = page.get_by_role("table")
    assert table.locator("tbody tr").count() >= 3
    expect(table).to_contain_text("differs")  # two publishers print other tolls
    expect(table).to_contain_text("says so")
    page.goto(f"{story.rsplit('/', 1)[0]}/new?since=2000-01-01")
    expect(page.locator("main")).to_contain_text("The whole story is newer than that.")
    page.goto(f"{demo.url}/brief")
    assert page.locator(".brief-story").count() >= 1


def test_names_are_told_apart_in_who_is_who(demo: Demonstration, page: Page) -> None:
    first_article(page, demo, "ferry+fire+coastguard+Henrik+Salo")
    page.get_by_text("Who is who").click()
    expect(page.locator(".people li").first).to_be_visible()


def test_a_translation_says_that_it_needs_a_model(demo: Demonstration, page: Page) -> None:
    first_article(page, demo, "미란반도체+공장")
    page.get_by_role("link", name="Translate").click()
    expect(page.locator("main")).to_contain_text("needs a language model")


def test_the_browser_reads_an_article_aloud(demo: Demonstration, page: Page) -> None:
    page.add_init_script(
        """const said = []; window.said = said;
        speechSynthesis.speak = (words) => { said.push(words.text); setTimeout(() => words.onend(), 5); };"""
    )
    first_article(page, demo, "ferry+fire+Velden+Strait")
    headline = page.get_by_role("heading", level=1).inner_text()
    page.get_by_role("button", name="Listen").click()
    expect(page.get_by_role("button", name="Listen")).to_have_attribute("aria-pressed", "false")
    said = page.evaluate("said")
    assert said[0] == headline
    assert len(said) > 5


def test_a_sentence_called_wrong_is_listed_and_withdrawn(demo: Demonstration, page: Page) -> None:
    first_article(page, demo, "chip+plant+Miran")
    page.get_by_text("Key points").click()
    answer = page.locator(".glance details[open]")
    answer.locator(".made > summary").click()
    words = answer.locator(".sources q").first.inner_text()
    article = page.url
    answer.get_by_role("link", name=re.compile("Wrong")).first.click()
    page.get_by_label(re.compile("What is wrong")).fill("It was another plant.")
    page.get_by_role("button", name="Report it").click()
    expect(page.locator("main")).to_contain_text(words)
    log_in(page, demo)
    page.goto(f"{demo.url}/corrections")
    expect(page.locator("main")).to_contain_text("It was another plant.")
    page.get_by_role("button", name="Withdraw it").first.click()
    expect(page.locator("main")).to_contain_text("Withdrawn")
    page.goto(article)
    page.get_by_text("Key points").click()
    expect(page.locator(".glance details[open]")).not_to_contain_text(words)


def log_in(page: Page, demo: Demonstration) -> None:
    page.goto(f"{demo.url}/login")
    page.get_by_label(re.compile("password", re.I)).first.fill(demo.password)
    page.get_by_role("button", name=re.compile("log in", re.I)).click()


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
