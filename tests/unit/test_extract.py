"""Page → article: whole pages of invented text in, whole values out."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

import pytest

from tidings.errors import ExtractError
from tidings.extract import MADE_BY, PageExtractor
from tidings.extract.cleanup import clean
from tidings.model import Entry, EntryToRead, Extract, Page, Publisher, Work

FETCHED = datetime(2026, 3, 6, 12, 0, tzinfo=UTC)
URL = "https://www.courier.example/port-elin/ferry-fire"

PARAGRAPHS = (
    "PORT ELIN (CW) — The first survivors of the ferry came up the steps of the passenger quay shortly after six on "
    "Thursday morning, wrapped in foil and in other people’s coats.",
    "By noon the coastguard had confirmed that 11 people had died in the fire, which broke out among the lorries on the "
    "lower vehicle deck during the night crossing.",
    "“We had four minutes to clear the car deck,” said Ingrid Vale, the chief officer. “After that the doors were too hot "
    "to touch and I had to order them shut.”",
    "The harbour remains closed to all but rescue vessels until at least Friday morning, and relatives can call the city’s "
    "emergency line.",
)


MORE = tuple(
    f"Passenger number {i} told the Courier that the alarm had rung for {i} minutes before anybody on deck {i} said what it "
    f"was for, and that the lifeboats of that side were lowered last because the wind stood on it."
    for i in range(2, 8)
)


def page(body: str | bytes, *, url: str = URL, status: int = 200, content_type: str = "text/html") -> Page:
    raw = body.encode("utf-8") if isinstance(body, str) else body
    return Page(
        url=url,
        final_url=url,
        status=status,
        headers={"content-type": content_type},
        body=raw,
        fetched_at=FETCHED,
        digest=hashlib.sha256(raw).digest(),
    )


def entry(
    *, title: str = "Ferry fire: eleven dead", content: str = "", summary: str = "", **more: object
) -> EntryToRead:
    return EntryToRead(
        work=Work(id=1, step="read", subject_id=1, attempts=0, lease=1),
        entry_id=1,
        feed_id=1,
        publisher=Publisher(id=1, name="The Courier", site_url="https://www.courier.example/"),
        entry=Entry(guid="e1", url=URL, title=title, content=content, summary=summary, **more),  # type: ignore[arg-type]
        full_text=True,
        credentials=None,
        first_seen_at=FETCHED,
    )


def body_html(paragraphs: tuple[str, ...] = PARAGRAPHS) -> str:
    return "".join(f"<p>{p}</p>" for p in paragraphs)


RICH = f"""<!doctype html><html lang="en-GB"><head>
<title>Eleven die in blaze aboard Port Elin ferry | The Courier</title>
<meta property="og:title" content="Eleven die in blaze aboard Port Elin ferry | The Courier">
<meta property="og:site_name" content="The Courier">
<meta property="og:description" content="Lifeboats and helicopters bring 300 survivors to the quay as the ship burns">
<meta property="og:image" content="/pictures/ferry.jpg">
<meta property="article:section" content="Port Elin">
<link rel="canonical" href="https://courier.example/port-elin/ferry-fire?utm_source=x">
<script type="application/ld+json">{{"@context": "https://schema.org", "@graph": [
 {{"@type": "WebSite", "name": "The Courier"}},
 {{"@type": "Person", "@id": "#anna", "name": "Anna Sorel"}},
 {{"@type": ["NewsArticle"], "headline": "Eleven die in blaze aboard Port Elin ferry",
   "author": [{{"@id": "#anna"}}, {{"@type": "Person", "name": "Nils Okkonen"}}],
   "datePublished": "2026-03-05T13:05:00+01:00", "dateModified": "2026-03-05T15:00:00+01:00",
   "publisher": {{"@type": "Organization", "name": "The Courier"}},}}
]}}</script></head><body>
<nav><a href="/">Home</a> <a href="/sport">Sport</a></nav>
<article><h1>Eleven die in blaze aboard Port Elin ferry</h1>
<p class="byline">By Anna Sorel and Nils Okkonen</p>
<div class="article-body">{body_html()}
<p>Read more: The ships that were never inspected</p>
<p>Share this article</p></div></article>
<footer><p>All rights reserved.</p></footer></body></html>"""


def test_a_page_with_json_ld_becomes_a_whole_article() -> None:
    article = PageExtractor().extract(page(RICH), entry())
    assert article == Extract(
        headline="Eleven die in blaze aboard Port Elin ferry",
        standfirst="Lifeboats and helicopters bring 300 survivors to the quay as the ship burns",
        byline=("Anna Sorel", "Nils Okkonen"),
        dateline="PORT ELIN (CW)",
        section="Port Elin",
        published_at=datetime(2026, 3, 5, 12, 5, tzinfo=UTC),
        modified_at=datetime(2026, 3, 5, 14, 0, tzinfo=UTC),
        canonical_url="https://courier.example/port-elin/ferry-fire",
        language="en",
        image_url="https://www.courier.example/pictures/ferry.jpg",
        site_name="The Courier",
        paragraphs=PARAGRAPHS,
        access="open",
        from_feed=False,
        confidence=article.confidence,
        correction=None,
        made_by=MADE_BY,
    )
    assert 0.8 <= article.confidence <= 1


def test_a_bare_page_takes_its_headline_from_h1_and_the_rest_from_the_feed() -> None:
    bare = f"<html><head><title>Courier</title></head><body><h1>Eleven die in blaze</h1>{body_html()}</body></html>"
    published = datetime(2026, 3, 5, 12, 5, tzinfo=UTC)
    article = PageExtractor().extract(page(bare), entry(byline=("Anna Sorel",), published_at=published))
    assert (article.headline, article.byline, article.published_at) == (
        "Eleven die in blaze",
        ("Anna Sorel",),
        published,
    )
    assert article.paragraphs == PARAGRAPHS


@pytest.mark.parametrize(
    ("body", "content_type", "reason"),
    [
        (b"  \n", "text/html", "empty"),
        (b"%PDF-1.7 ...", "text/html", "not-html"),
        (b'{"a": "<p>"}', "text/html", "not-html"),
        (b"<p>words</p>", "application/pdf", "not-html"),
        (b"<html><body></body></html>", "text/html", "empty"),
        (b"<html><body><h1>Fire</h1><p>More soon.</p></body></html>", "text/html", "too-short"),
        (
            b"<html><title>Page not found</title><body><p>" + b"Sorry, it is gone. " * 9,
            "text/html",
            "error-page",
        ),
        (b"<title>Just a moment...</title><p>Checking that you are no robot.", "text/html", "challenge"),
        (b"<p>" + b"x" * (10 * 1024 * 1024), "text/html", "too-large"),
        (b"<p>" + b"<b>x</b>" * 90_000, "text/html", "too-large"),
    ],
)
def test_a_page_without_an_article_says_why(body: bytes, content_type: str, reason: str) -> None:
    with pytest.raises(ExtractError) as caught:
        PageExtractor().extract(page(body, content_type=content_type), None)
    assert (caught.value.reason, caught.value.subject) == (reason, URL)


def test_without_page_and_text_there_is_no_article() -> None:
    with pytest.raises(ExtractError) as caught:
        PageExtractor().extract(None, entry())
    assert caught.value.reason == "empty"


def test_an_entry_alone_is_an_article_from_its_feed() -> None:
    article = PageExtractor().extract(None, entry(content=body_html()))
    assert article.from_feed
    assert article.paragraphs == PARAGRAPHS
    assert article.headline == "Ferry fire: eleven dead"


def test_a_sentence_of_a_feed_is_a_note_and_less_is_none() -> None:
    article = PageExtractor().extract(None, entry(summary="Fine work by the harbour board."))
    assert article.paragraphs == ("Fine work by the harbour board.",)
    with pytest.raises(ExtractError) as caught:
        PageExtractor().extract(None, entry(summary="Some text."))
    assert caught.value.reason == "too-short"


def of(
    body: str, *, head: str = "", title: str = "Eleven die in blaze aboard ferry", **more: object
) -> Extract:
    """Extract a page with this head and body, its title twice so that it is beyond doubt."""
    html = f"<html><head><title>{title}</title>{head}</head><body><h1>{title}</h1>{body}</body></html>"
    return PageExtractor().extract(page(html), entry(**more) if more else None)  # type: ignore[arg-type]


# ── headline ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("head", "h1", "headline"),
    [
        ("<title>Eleven die in blaze - The Courier</title>", "Eleven die in blaze", "Eleven die in blaze"),
        (
            "<title>Fire at sea | Courier</title><meta property='og:title' content='Eleven die'>",
            "Fire at sea",
            "Fire at sea",
        ),
        (
            "<title>Eleven die in ferry blaze | Courier</title><meta property='og:title' content='Eleven die in ferry blaze'>",
            "The Courier",
            "Eleven die in ferry blaze",
        ),
        (
            "<title>Eleven die in a blaze off Port Elin … | Courier</title>"
            "<meta property='og:title' content='Eleven die in a blaze off Port Elin at dawn'>",
            "",
            "Eleven die in a blaze off Port Elin at dawn",
        ),
        (
            "<title>Eleven die in ferry blaze</title>",
            "<span>Disaster at sea</span> Eleven die in ferry blaze",
            "Eleven die in ferry blaze",
        ),
        ("<title>Eleven die &amp;amp; six missing</title>", "", "Eleven die & six missing"),
        ("<title>Eleven die</title><meta property='og:title' content='ferry-fire-2026'>", "", "Eleven die"),
        (
            "<title>Bulletins - Harbour closed to all</title>",
            "Bulletins</h1><h1>Harbour closed to all",
            "Harbour closed to all",
        ),
    ],
)
def test_the_headline_is_what_the_page_agrees_on(head: str, h1: str, headline: str) -> None:
    site = "<meta property='og:site_name' content='The Courier'>"
    html = f"<html><head>{site}{head}</head><body><h1>{h1}</h1>{body_html()}</body></html>"
    assert PageExtractor().extract(page(html), entry()).headline == headline


def test_the_feed_gives_the_headline_only_when_the_page_has_none() -> None:
    html = f"<html><body>{body_html()}</body></html>"
    assert PageExtractor().extract(page(html), entry()).headline == "Ferry fire: eleven dead"


def test_the_address_speaks_for_the_headline_that_readers_see() -> None:
    head = "<title>Wärme: a guide | Courier</title><meta property='og:title' content='Wärme: a guide'>"
    html = f"<html><head>{head}</head><body><h1>Wo es Wärme für alle gibt</h1>{body_html()}</body></html>"
    told = page(html, url="https://www.courier.example/2026/wo-es-waerme-fuer-alle-gibt-4711.html")
    assert PageExtractor().extract(told, None).headline == "Wo es Wärme für alle gibt"
    assert PageExtractor().extract(page(html), None).headline == "Wärme: a guide"


# ── section ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("head", "body", "section"),
    [
        ('<meta property="article:section" content="Port Elin">', "", "Port Elin"),
        ('<meta property="article:section" content="Homepage">', "", None),
        (
            "",
            '<nav class="breadcrumbs"><a href="/">The Courier</a> › <a href="/n">News</a> › <a href="/n/s">Strait</a></nav>',
            "Strait",
        ),
        ("", '<nav class="breadcrumbs"><a href="#">Open the menu</a></nav>', None),
        (
            '<script type="application/ld+json">{"@type": "BreadcrumbList", "itemListElement": ['
            '{"@type": "ListItem", "name": "Start here", "item": "https://courier.example/"},'
            '{"@type": "ListItem", "item": {"@id": "https://courier.example/strait", "name": "The Strait"}}]}</script>',
            "",
            "The Strait",
        ),
    ],
)
def test_the_section_is_stated_or_on_the_trail(head: str, body: str, section: str | None) -> None:
    assert of(f"{body}<article>{body_html()}</article>", head=head).section == section


# ── standfirst ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_standfirst_that_opens_the_text_leaves_it() -> None:
    line = "Lifeboats and helicopters bring 300 survivors to the quay as the ship burns"
    article = of(f'<article><p class="standfirst">{line}</p>{body_html()}</article>')
    assert (article.standfirst, article.paragraphs) == (line, PARAGRAPHS)


def test_the_first_paragraph_is_no_standfirst_for_being_called_intro() -> None:
    article = of(f'<article><p class="intro">{PARAGRAPHS[0]}</p>{body_html(PARAGRAPHS[1:])}</article>')
    assert (article.standfirst, article.paragraphs) == (None, PARAGRAPHS)


@pytest.mark.parametrize(
    "description",
    [
        PARAGRAPHS[0][:120],
        PARAGRAPHS[0][13:140] + "...",
        "Eleven die in blaze aboard ferry",
        "Eleven die in blaze aboard ferry - The Courier, news from the strait",
        "Ferry ✓ Fire ✓ All about the ferry fire in Port Elin and the quay",
        "courier.example has the ferry fire and everything else about Port Elin",
        "The ferry fire on Thursday as seen from the quay (Jane Roe / Concord Wire)",
        "Who stood on the quay when the ferry burned? Learn more!",
    ],
)
def test_a_description_that_says_nothing_new_is_no_standfirst(description: str) -> None:
    assert of(body_html(), head=f'<meta name="description" content="{description}">').standfirst is None


# ── what is not the article ──────────────────────────────────────────────────────────────────────────────────────────


def test_prompts_pointers_and_credits_leave_the_text_and_sentences_stay() -> None:
    wanted = [
        *PARAGRAPHS[:2],
        "Subscribe and save was the slogan of the ferry company, which sold ten-trip cards for the price of eight until last year.",
        "What the inquiry asks",
        *PARAGRAPHS[2:],
    ]
    furniture = [
        "Advertisement",
        "Read more: The ships that were never inspected",
        "Sign up for our morning newsletter",
        "Photo: Port Elin coastguard",
        "Follow us on Facebook",
        '<a href="/x">The harbour that waited for its ferry</a>',
    ]
    body = "".join(
        f"<p>{good}</p>" + (f"<p>{furniture[i]}</p>" if i < len(furniture) else "")
        for i, good in enumerate(wanted)
    ).replace("<p>What the inquiry asks</p>", "<h2>What the inquiry asks</h2>")
    assert list(of(f"<article>{body}</article>").paragraphs) == wanted


def test_lists_are_paragraphs_and_captions_are_none() -> None:
    article = of(
        f"<article>{body_html()}<ul><li>The Sankt Alma, 370 aboard, built in 1988</li><li>The Nordlys, laid up since autumn</li>"
        "</ul><figure><img src=a.jpg><figcaption>The ferry at dawn on Thursday</figcaption></figure></article>"
    )
    assert article.paragraphs == (
        *PARAGRAPHS,
        "The Sankt Alma, 370 aboard, built in 1988",
        "The Nordlys, laid up since autumn",
    )


def test_line_breaks_part_paragraphs_only_after_sentences() -> None:
    article = of(
        f"<article><p>{PARAGRAPHS[0]}<br><br>{PARAGRAPHS[1]}<br>{PARAGRAPHS[2]}<br>Ingrid Vale<br>Chief officer</p>"
        f"<p>{PARAGRAPHS[3]}</p></article>"
    )
    assert article.paragraphs == (*PARAGRAPHS[:3], "Ingrid Vale Chief officer", PARAGRAPHS[3])


def test_a_correction_is_named_and_kept() -> None:
    note = "Correction (March 6): An earlier version of this article gave the number of people aboard as 350."
    article = of(f"<article>{body_html()}<p>{note}</p></article>")
    assert (article.correction, article.paragraphs[-1]) == (note, note)


def json_ld(**more: object) -> str:
    node = {"@type": "NewsArticle", "headline": "Eleven die in blaze aboard ferry", **more}
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


def test_a_page_drawn_by_scripts_is_read_from_its_json_ld() -> None:
    teaser = f'<div id="app"><p>{PARAGRAPHS[0]}</p></div>'
    stated = "\n\n".join((*PARAGRAPHS, *MORE))
    assert of(teaser, head=json_ld(articleBody=stated)).paragraphs == (*PARAGRAPHS, *MORE)
    locked = of(teaser, head=json_ld(articleBody=stated, isAccessibleForFree=False))
    assert (locked.access, locked.paragraphs) == ("paywall", PARAGRAPHS[:1])


# ── times, address, language ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("head", "fed", "published"),
    [
        ('<meta property="article:published_time" content="2026-03-05T14:00:00+02:00">', None, (5, 12, 0)),
        ('<meta property="article:published_time" content="2026-03-05 14:00">', None, (5, 14, 0)),
        ('<meta name="date" content="2026-03-05">', (5, 9, 30), (5, 9, 30)),
        ('<meta name="date" content="2026-03-01">', (5, 9, 30), (1, 0, 0)),
        ('<meta name="date" content="1970-01-01">', None, None),
        ('<meta name="date" content="2031-01-01">', (5, 9, 30), (5, 9, 30)),
        ('<time class="published" datetime="2026-03-05T08:00:00Z">Thursday</time>', None, (5, 8, 0)),
        ("", (5, 9, 30), (5, 9, 30)),
        ("<p>5 March 2026, 14:00</p>", None, (5, 14, 0)),
        ("<p>1 March 2026, 14:00</p>", (5, 9, 30), (5, 9, 30)),
    ],
)
def test_the_time_of_publication(
    head: str, fed: tuple[int, int, int] | None, published: tuple[int, int, int] | None
) -> None:
    fed_at = datetime(2026, 3, *fed, tzinfo=UTC) if fed else None
    want = datetime(2026, 3, *published, tzinfo=UTC) if published else None
    assert of(f"<article>{head}{body_html()}</article>", head=head, published_at=fed_at).published_at == want


@pytest.mark.parametrize(
    ("head", "canonical"),
    [
        ('<link rel="canonical" href="/ferry?utm_source=feed">', "https://www.courier.example/ferry"),
        ('<link rel="canonical" href="https://elsewhere.example/ferry">', None),
        (
            '<meta name="syndication-source" content="https://wire.example/ferry">'
            '<link rel="canonical" href="https://wire.example/ferry">',
            "https://wire.example/ferry",
        ),
        ('<link rel="canonical" href="https://www.courier.example/">', None),
        (
            '<meta property="og:url" content="https://courier.example/ferry#top">',
            "https://courier.example/ferry",
        ),
    ],
)
def test_the_canonical_address_is_of_the_same_site_or_of_the_named_source(
    head: str, canonical: str | None
) -> None:
    assert of(body_html(), head=head).canonical_url == canonical


def test_the_text_tells_its_language_over_a_wrong_declaration() -> None:
    german = (
        "Die ersten Überlebenden der Fähre kamen kurz nach sechs Uhr die Stufen des Passagierkais herauf, in Folien gehüllt.",
        "Bis zum Mittag hatte die Küstenwache bestätigt, dass elf Menschen bei dem Brand ums Leben gekommen sind.",
    )
    html = f'<html lang="en-US"><head><title>Elf Tote auf der Fähre</title></head><body>{body_html(german)}</body></html>'
    assert PageExtractor().extract(page(html), None).language == "de"


def test_a_korean_page_is_read_with_its_dateline_and_reporter() -> None:
    korean = (
        "(포트엘린=연합사이길) 한소라 기자 = 목요일 새벽 벨덴 해협을 건너던 여객선에서 불이 나 11명이 숨졌다고 해안경비대가 밝혔다.",
        "불은 차량 갑판의 화물차 사이에서 시작된 것으로 보이며, 승객과 승무원 370명 가운데 300명 이상이 구조됐다.",
        "항구는 금요일 아침까지 구조선을 제외한 모든 배의 출입이 통제된다.",
    )
    html = f"""<html lang="ko"><head><title>여객선 화재로 11명 숨져</title><meta name="author" content="한소라 기자"></head>
    <body><h1>여객선 화재로 11명 숨져</h1>{body_html(korean)}<p>무단 전재 및 재배포 금지</p></body></html>"""
    article = PageExtractor().extract(page(html), None)
    assert (article.headline, article.byline, article.dateline, article.language, article.paragraphs) == (
        "여객선 화재로 11명 숨져",
        ("한소라",),
        "(포트엘린=연합사이길)",
        "ko",
        korean,
    )


def test_a_legacy_encoding_is_read_as_browsers_read_it() -> None:
    html = (
        f'<html><head><meta charset="iso-8859-1"><title>Ferry</title></head><body>{body_html()}</body></html>'
    )
    assert PageExtractor().extract(page(html.encode("cp1252")), None).paragraphs == PARAGRAPHS


# ── walls ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_can_be_read_before_a_paywall_is_an_article_that_says_so() -> None:
    article = of(
        f"<article>{body_html(PARAGRAPHS[:2])}<p>To continue reading, please subscribe.</p></article>",
        head='<script type="application/ld+json">{"@type":"NewsArticle","headline":"x","isAccessibleForFree":false}</script>',
    )
    assert (article.access, article.paragraphs) == ("paywall", PARAGRAPHS[:2])
    assert article.confidence <= 0.7


def test_a_page_that_calls_itself_locked_but_has_its_whole_text_is_open() -> None:
    article = of(
        f"<article>{body_html(PARAGRAPHS)}{body_html(MORE)}</article>",
        head='<meta property="article:content_tier" content="metered">',
    )
    assert article.access == "open"


CONSENT = """<html><head><title>Before you continue to The Courier</title></head><body><div>
<p>We and our 640 partners store and/or access cookies on your device to show personalised advertising.</p>
<p>You can manage your privacy settings or withdraw your consent at any time at the foot of each page.</p>
<button>Accept all and continue</button></div></body></html>"""


def test_a_consent_wall_without_text_is_refused_by_name() -> None:
    with pytest.raises(ExtractError) as caught:
        PageExtractor().extract(page(CONSENT), entry(summary="Short."))
    assert caught.value.reason == "consent"


def test_behind_a_consent_wall_the_feed_is_read() -> None:
    article = PageExtractor().extract(page(CONSENT), entry(content=body_html()))
    assert (article.access, article.from_feed, article.paragraphs) == ("consent", True, PARAGRAPHS)
    assert article.headline == "Ferry fire: eleven dead"


def test_a_paywall_with_nothing_before_it_is_refused_by_name() -> None:
    html = "<html><title>Ferry inquiry opens</title><body><h1>Ferry inquiry opens</h1><p>This article is for subscribers only.</p>"
    with pytest.raises(ExtractError) as caught:
        PageExtractor().extract(page(html), None)
    assert caught.value.reason == "paywall"


def test_a_front_page_is_a_listing() -> None:
    links = "".join(
        f'<li><a href="/{i}">Headline number {i} about something in Port Elin</a></li>' for i in range(60)
    )
    with pytest.raises(ExtractError) as caught:
        PageExtractor().extract(
            page(f"<html><title>The Courier</title><body><ul>{links}</ul></body></html>"), None
        )
    assert caught.value.reason == "listing"


# ── the feed's own text ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_feed_with_the_whole_text_beats_a_page_that_stops() -> None:
    article = of(
        f"<article>{body_html(PARAGRAPHS[:1])}<p>Subscribe to continue reading.</p></article>",
        content=body_html(),
    )
    assert (article.from_feed, article.access, article.paragraphs) == (True, "paywall", PARAGRAPHS)
    assert article.headline == "Eleven die in blaze aboard ferry"


def test_a_feed_that_holds_the_page_and_more_is_kept() -> None:
    article = of(f"<article>{body_html(PARAGRAPHS[:2])}</article>", content=body_html())
    assert (article.from_feed, article.paragraphs) == (True, PARAGRAPHS)


def test_a_summary_never_beats_the_page() -> None:
    article = of(f"<article>{body_html()}</article>", summary=body_html(PARAGRAPHS[:2]))
    assert (article.from_feed, article.paragraphs) == (False, PARAGRAPHS)


def test_a_feed_text_that_breaks_off_does_not_beat_a_page() -> None:
    cut = body_html((*PARAGRAPHS[:3], PARAGRAPHS[3][:60] + " […]"))
    assert not of(f"<article>{body_html(PARAGRAPHS[:2])}</article>", content=cut).from_feed


def test_a_page_of_something_else_loses_to_a_whole_text_in_the_feed() -> None:
    other = tuple(
        f"Reader number {i} writes that the weather in the strait has been the finest of the year, whatever others say."
        for i in range(5)
    )
    article = of(f"<article>{body_html(other)}</article>", content=body_html())
    assert (article.from_feed, article.paragraphs) == (True, PARAGRAPHS)


@pytest.mark.parametrize(
    "label", ["CW 304587 · SPORT · 2331 GMT", "· 44 people are reading this", "Pages", "Concord Wire staff"]
)
def test_a_label_above_the_text_is_no_part_of_it(label: str) -> None:
    text = "Eleven people died when a ferry burned in the Velden Strait early on Monday, officials said."
    assert clean([label, text], titles=()) == [text]


def test_a_sentence_of_one_word_above_the_text_stays() -> None:
    assert clean(["Enough.", "So says the harbour master of Port Elin."], titles=()) == [
        "Enough.",
        "So says the harbour master of Port Elin.",
    ]


# ── pages that state little ──────────────────────────────────────────────────────────────────────────────────────────


def test_time_and_byline_are_read_under_the_headline_when_nothing_else_states_them() -> None:
    html = f"""<html><head><title>Whales ashore at Gullside</title></head><body bgcolor=white><table><tr>
    <td><b>Pages</b><br><a href=/>Front page</a><br><a href=/s>Sport</a><br><small>Fenwick Tyres: studded by Friday.</small></td>
    <td><font size=5><b>Whales ashore at Gullside</b></font><br><small>Thursday 5 March 2026, 11:00, by Ole Marsten</small>
    {body_html()}</td></tr></table></body></html>"""
    article = PageExtractor().extract(page(html), None)
    assert (article.headline, article.byline, article.published_at) == (
        "Whales ashore at Gullside",
        ("Ole Marsten",),
        datetime(2026, 3, 5, 11, 0, tzinfo=UTC),
    )
    assert article.paragraphs == PARAGRAPHS


@pytest.mark.parametrize(
    ("line", "byline", "day"),
    [
        ("5 March 2026 / Yusef Brandl", ("Yusef Brandl",), 5),
        ("By Yusef Brandl | March 5, 2026", ("Yusef Brandl",), 5),
        ("05.03.2026, 14:05 · von Yusef Brandl", ("Yusef Brandl",), 5),
        ("Von Yusef Brandl, 5. März 2026", ("Yusef Brandl",), 5),
        ("Changed 6 March 2026", (), None),
        ("Eleven people, six lifeboats", (), None),
    ],
)
def test_credit_lines(line: str, byline: tuple[str, ...], day: int | None) -> None:
    article = of(f"<div>{line}</div>{body_html()}")
    assert article.byline == byline
    assert article.published_at == (
        article.published_at.replace(month=3, day=day) if day and article.published_at else None
    )


def test_a_correction_beside_the_text_is_brought_to_its_end() -> None:
    note = "Correction: The bank counts 840,000 customers, not 1.1 million as stated before."
    article = of(
        f'<article><div itemprop="articleBody">{body_html()}</div><p class="correction">{note}</p></article>'
    )
    assert (article.correction, article.paragraphs) == (note, (*PARAGRAPHS, note))


def test_prompts_within_the_text_leave_it_by_their_class() -> None:
    promo = '<div class="promo"><p>The Sunday Letter: one long read, chosen by the editors. <a href=/>Receive it</a></p></div>'
    article = of(f"<article>{body_html(PARAGRAPHS[:2])}{promo}{body_html(PARAGRAPHS[2:])}</article>")
    assert article.paragraphs == PARAGRAPHS


def test_a_list_of_links_leaves_with_its_heading() -> None:
    links = "".join(f'<li><a href="/{i}">Another story of the day, number {i}</a></li>' for i in range(3))
    article = of(f"<article>{body_html()}<p><b>Other news</b></p><ul>{links}</ul></article>")
    assert article.paragraphs == PARAGRAPHS


def test_an_article_ends_above_a_list_of_others_and_what_stands_below_it() -> None:
    links = "".join(f'<li><a href="/{i}">Another story of the day, number {i}</a></li>' for i in range(3))
    book = "<b>From the guest book</b><br><small><b>Old Tom:</b> Bring back the crossword on the last page.</small>"
    article = of(f"<table><tr><td>{body_html()}<hr><b>Other news</b><ul>{links}</ul>{book}</td></tr></table>")
    assert article.paragraphs == PARAGRAPHS


def test_a_first_sentence_that_begins_like_the_headline_stays() -> None:
    lead = "Eleven die in blaze aboard ferry, the coastguard said on Monday."
    article = of(f"<article><p>{lead}</p>{body_html()}</article>")
    assert article.paragraphs == (lead, *PARAGRAPHS)


def test_a_date_right_above_the_headline_is_its_own() -> None:
    html = f"""<html><head><title>Whales ashore at Gullside</title></head><body><p>Saturday 7 March 2026</p><p>The Outlook</p>
    <p>News</p><p>Sport</p><p>5. März 2026</p><h1>Whales ashore at Gullside</h1>{body_html()}</body></html>"""
    assert PageExtractor().extract(page(html), None).published_at == datetime(2026, 3, 5, tzinfo=UTC)


def test_a_line_below_the_headline_tells_of_a_change() -> None:
    article = of(f"<div>5 March 2026, 09:00 / Yusef Brandl / changed 5 March 2026, 16:00</div>{body_html()}")
    assert article.published_at == datetime(2026, 3, 5, 9, tzinfo=UTC)
    assert article.modified_at == datetime(2026, 3, 5, 16, tzinfo=UTC)


# ── pages that are no article ────────────────────────────────────────────────────────────────────────────────────────


def teasers(markup: str) -> str:
    return "".join(
        markup.format(
            n=n,
            title=f"Harbour board votes for tunnel number {n} after a long night of talks",
            lead=MORE[n % 6],
        )
        for n in range(12)
    )


@pytest.mark.parametrize(
    ("title", "body", "reason"),
    [
        ("Politics", teasers("<div><h2><a href=/{n}>{title}</a></h2><p>{lead}</p></div>"), "listing"),
        ("Politics", teasers("<article><a href=/{n}><h3>{title}</h3><p>{lead}</p></a></article>"), "listing"),
        ("Oops! That page can’t be found", teasers("<li><h4><a href=/{n}>{title}</a></h4><p>{lead}</p></li>"), "error-page"),
        ("Error", "<h1>Página no encontrada</h1><p>Lo sentimos, la página que busca no existe o ha sido movida.</p>", "error-page"),
        ("Internal Server Error", "<p>The server encountered an internal error or misconfiguration and stopped.</p>", "error-page"),
        ("We’ll be back soon", "<p>We are performing some maintenance at the moment, and shall be back shortly.</p>", "error-page"),
        ("courier.example is for sale", "<p>Inquire about the price now and make this domain yours today.</p>", "error-page"),
        ("courier.example", "<p>We need to review the security of your connection before proceeding. Enable cookies.</p>", "challenge"),
        ("The Courier", "<p>Please enable JS and disable any ad blocker. This page needs JavaScript to be shown.</p>", "empty"),
        ("Log in", "<p>Log in to your account to continue. Enter your e-mail address and your password.</p>", "paywall"),
        (
            "Tunnel vote goes to the wire",
            "<p>This article is for subscribers only.</p><p>4 weeks for 1 crown, then 12 crowns a month. Cancel at any time.</p>",
            "paywall",
        ),
        (
            "Before you continue",
            "<p>We and our partners store and/or access cookies and process data for personalised ads and content.</p>"
            "<p>With your permission we may use precise geolocation data. You may click to consent to our processing.</p>"
            "<p>Some of our partners process data without asking, and you can object to that at any time.</p>",
            "consent",
        ),
    ],
)  # fmt: skip
def test_what_is_no_article_is_refused_by_name(title: str, body: str, reason: str) -> None:
    with pytest.raises(ExtractError) as caught:
        of(body, title=title)
    assert caught.value.reason == reason


def test_an_article_above_teasers_of_others_is_one() -> None:
    article = of(
        f"<article>{body_html((*PARAGRAPHS, *MORE))}</article><section>"
        + teasers("<div><h3><a href=/{n}>{title}</a></h3></div>")
        + "<h1>Log in</h1></section>"
    )
    assert article.paragraphs == (*PARAGRAPHS, *MORE)
