"""Bylines, datelines, times, JSON-LD, furniture, corrections: tables of what pages write and what it means."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from tidings.extract.byline import people
from tidings.extract.cleanup import correction_in, is_furniture
from tidings.extract.credits import is_credit_line
from tidings.extract.dateline import dateline_of
from tidings.extract.dates import EARLIEST, date_in_url, dates_in, stated_time
from tidings.extract.document import decode
from tidings.extract.feed_text import feed_blocks
from tidings.extract.jsonld import all_nodes, article_node
from tidings.model import Entry

LATEST = datetime(2026, 3, 6, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("credit", "names"),
    [
        ("By Anna Sorel", ["Anna Sorel"]),
        ("by ANNA SOREL and Nils Okkonen", ["Anna Sorel", "Nils Okkonen"]),
        ("Anna Sorel, Nils Okkonen and Ida de la Cruz", ["Anna Sorel", "Nils Okkonen", "Ida de la Cruz"]),
        ("Anna Sorel, Political Correspondent", ["Anna Sorel"]),
        ("Anna Sorel in Port Elin", ["Anna Sorel"]),
        ("Anna Sorel (anna.sorel@courier.example)", ["Anna Sorel"]),
        ("Anna Sorel | The Courier", ["Anna Sorel"]),
        ("Written by: Dr. Jonas Hale", ["Dr. Jonas Hale"]),
        ("Sorel, Anna", ["Anna Sorel"]),
        ("Von Jürgen Groß und Léa d'Arcy", ["Jürgen Groß", "Léa d'Arcy"]),
        ("Por Inés Vega", ["Inés Vega"]),
        ("Mary-Kate O’Brien Monday, March 5", ["Mary-Kate O’Brien"]),
        ("한소라 기자", ["한소라"]),
        ("한소라 기자, 김민준 특파원", ["한소라", "김민준"]),
        ("记者 王小明", ["王小明"]),
        ("The Courier", []),
        ("TheCourier", []),
        ("Courier staff", []),
        ("Reuters", []),
        ("Associated Press", []),
        ("Redaktion", []),
        ("admin", []),
        ("https://www.facebook.com/courier", []),
        ("@courier", []),
        ("Department of Trade, Education and Research", []),
        ("5 March 2026", []),
        ("Daniel", ["Daniel"]),
        ("Veröffentlicht von Anna Sorel", ["Anna Sorel"]),
        ("Escrito por Inés Vega", ["Inés Vega"]),
        ("Show all articles by Anna Sorel", ["Anna Sorel"]),
        ("Courier-Experte Jonas Hale", ["Jonas Hale"]),
        ("Bund der Fährleute", []),
        ("Deutscher Fährverband", []),
        ("der Macht der Reeder", []),
        ("CW) Port Elin", []),
        ("", []),
        ("By", []),
    ],
)
def test_a_credit_gives_people_and_nothing_else(credit: str, names: list[str]) -> None:
    assert list(people([credit], organisations=["The Courier"])) == names


def test_a_name_credited_twice_is_one() -> None:
    assert people(["Anna Sorel", "By ANNA SOREL"]) == ("Anna Sorel",)


@pytest.mark.parametrize(
    ("paragraph", "dateline"),
    [
        ("PORT ELIN (CW) — Eleven people died.", "PORT ELIN (CW)"),
        ("WASHINGTON, March 5 (Reuters) - The senate voted.", "WASHINGTON, March 5 (Reuters)"),
        ("HANOI, Vietnam (AP) — The defence secretary said.", "HANOI, Vietnam (AP)"),
        ("PORT ELIN — Eleven people died.", "PORT ELIN"),
        ("LONDON -- Eleven people died.", "LONDON"),
        ("ST. JOHN’S, Newfoundland, Mar. 5 – Eleven people died.", "ST. JOHN’S, Newfoundland, Mar. 5"),
        ("Berlin (dpa) - Elf Menschen sind gestorben.", "Berlin (dpa)"),
        ("Madrid, 5 mar (EFE).- Once personas murieron.", "Madrid, 5 mar (EFE)"),
        ("Port Elin, 5 March – Eleven people died.", "Port Elin, 5 March"),
        ("(포트엘린=연합사이길) 한소라 기자 = 여객선에서", "(포트엘린=연합사이길)"),
        ("[서울=뉴시스]한소라 기자 = 여객선에서", "[서울=뉴시스]"),
        ("新华社北京3月5日电 渡轮起火。", "新华社北京3月5日电"),
        ("【东京＝共同社】渡轮起火。", "【东京＝共同社】"),
        ("(CNN)The ferry burned.", "(CNN)"),
        ("Eleven people died in the fire (see map) on Monday.", None),
        ("Henrik Salo – who has led the coastguard for years – said so.", None),
        ("BWE-Präsident Albers sagte.", None),
        ("Der Deutsche Ruderbund (DRB) hat getagt.", None),
        ("NATO said on Monday that it would not.", None),
        ("UN: eleven dead", None),
        ("A — B", None),
        ("Eleven — no, twelve — people died.", None),
        ("", None),
    ],
)
def test_a_dateline_is_found_and_a_sentence_is_none(paragraph: str, dateline: str | None) -> None:
    assert dateline_of(paragraph) == dateline


@given(st.text(max_size=80))
def test_a_dateline_always_stands_in_its_paragraph(text: str) -> None:
    found = dateline_of(text)
    assert found is None or text.lstrip().startswith(found) or found in text[:160]


@pytest.mark.parametrize(
    ("text", "at", "exact"),
    [
        ("2026-03-05T13:05:00+01:00", (3, 5, 12, 5), True),
        ("2026-03-05T13:05:00.000Z", (3, 5, 13, 5), True),
        ("2026-03-05T13:05-0500", (3, 5, 18, 5), True),
        ("20260305T130500Z", (3, 5, 13, 5), True),
        ("2026-03-05 13:05:00", (3, 5, 13, 5), False),
        ("2026-03-05", (3, 5, 0, 0), False),
        ("Thu, 05 Mar 2026 13:05:00 GMT", (3, 5, 13, 5), True),
        ("Thu, 05 Mar 2026 13:05:00 +0900", (3, 5, 4, 5), True),
        ("1772715900", (3, 5, 13, 5), True),
        ("1772715900000", (3, 5, 13, 5), True),
        ("March 5, 2026", (3, 5, 0, 0), False),
        ("5 March 2026 13:05", (3, 5, 13, 5), False),
        ("March 5, 2026 1:05 PM EST", (3, 5, 18, 5), True),
        ("05.03.2026 13:05", (3, 5, 13, 5), False),
        ("05.03.2026", (3, 5, 0, 0), False),
    ],
)
def test_a_time_as_pages_write_it(text: str, at: tuple[int, int, int, int], exact: bool) -> None:
    found = stated_time(text, latest=LATEST)
    assert found is not None
    assert (found.at, found.exact) == (datetime(2026, *at, tzinfo=UTC), exact)


@pytest.mark.parametrize(
    "text",
    [
        "", "yesterday", "13:05", "March", "2026", "1970-01-01", "0001-01-01T00:00:00Z", "2026-03-09", "2026-13-45",
        "05/03/2026", "99999999999999", "+1 555 0100", "March 2026", "2026-02-30T00:00:00Z", "9999-12-31T23:59:59-23:59",
    ],
)  # fmt: skip
def test_what_is_no_time_or_cannot_be_is_none(text: str) -> None:
    assert stated_time(text, latest=LATEST) is None


@given(st.text(max_size=40))
def test_any_text_is_a_time_in_bounds_or_none(text: str) -> None:
    found = stated_time(text, latest=LATEST)
    assert found is None or (found.at.tzinfo is UTC and found.at >= EARLIEST)


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("26. Januar 2022", "2022-01-26"),
        ("Samstag, 5. März 2022, 14:05 Uhr", "2022-03-05T14:05:00"),
        ("Wednesday, October 16, 2019", "2019-10-16"),
        ("Monday, November 18th, 2019 at 11:08 p.m.", "2019-11-18T23:08:00"),
        ("Nov. 20, 2019 9:35 a.m. EST", "2019-11-20T09:35:00-05:00"),
        ("le 15 septembre 2009", "2009-09-15"),
        ("1er août 2021 à 8h30", "2021-08-01T08:30:00"),
        ("21 de abril de 2022", "2022-04-21"),
        ("14 gennaio 2020", "2020-01-14"),
        ("7 kwietnia 2021", "2021-04-07"),
        ("15 августа 2016, 13:43", "2016-08-15T13:43:00"),
        ("22.04.2020 / 06:15", "2020-04-22T06:15:00"),
        ("1.11.23 20:19 von Lars", "2023-11-01T20:19:00"),
        ("입력 2026.03.05 14:05:30", "2026-03-05T14:05:30"),
        ("2026년 3월 5일", "2026-03-05"),
        ("2026年3月5日", "2026-03-05"),
        ("2026-03-05T14:05:00+01:00", "2026-03-05T14:05:00+01:00"),
        ("3/5/2026", None),
        ("Version 1.2.2026.4", None),
        ("5 Sturm 2026", None),
        ("1900 to 2000", None),
    ],
)
def test_a_date_is_found_in_a_text(text: str, iso: str | None) -> None:
    assert next((date.iso for date in dates_in(text)), None) == iso


@given(st.text(max_size=300))
def test_dates_stand_where_they_say_and_never_overlap(text: str) -> None:
    last = 0
    for date in dates_in(text):
        assert last <= date.start < date.end <= len(text)
        last = date.end


@pytest.mark.parametrize(
    ("text", "is_credit"),
    [
        ("JANIE ROE Nov. 20, 2019 Updated: Nov. 20, 2019 1:35 a.m.", True),
        ("1.11.23 20:19 von Lars Roe Lesezeit: 4 Min.", True),
        ("by Logan C. Roe November 8, 2023 | 6:03 pm Share: Click to share on everything there is", True),
        ("The council votes on the tunnel on 5 March 2026, and nobody knows how.", False),
        ("Eleven people, six lifeboats", False),
    ],
)
def test_a_credit_line_is_told_from_a_standfirst(text: str, is_credit: bool) -> None:
    assert is_credit_line(text) is is_credit


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://a.example/2026/03/05/ferry", (3, 5)),
        ("https://a.example/news/20260305/ferry", (3, 5)),
        ("https://a.example/2026/03/05", (3, 5)),
        ("https://a.example/2026/13/05/x", None),
        ("https://a.example/12026/03/055", None),
        ("https://a.example/ferry", None),
    ],
)
def test_a_day_in_an_address(url: str, day: tuple[int, int] | None) -> None:
    found = date_in_url(url, latest=LATEST)
    assert (found and found.at) == (datetime(2026, *day, tzinfo=UTC) if day else None)


def node_of(*scripts: str, url: str = "https://a.example/ferry") -> dict[str, object] | None:
    tree = html.document_fromstring(
        "".join(f'<script type="application/ld+json">{script}</script>' for script in scripts) + "<p>x"
    )
    return article_node(all_nodes(tree), url=url, titles=["Ferry fire"])[0]


@pytest.mark.parametrize(
    "script",
    [
        '{"@type":"NewsArticle","headline":"Ferry fire"}',
        '[{"@type":"WebSite","name":"C"},{"@type":["ReportageNewsArticle"],"headline":"Ferry fire"}]',
        '{"@graph":[{"@type":"WebPage","name":"C"},{"@type":"Article","headline":"Ferry fire"}]}',
        '{"@type":"WebPage","mainEntity":{"@type":"BlogPosting","headline":"Ferry fire"}}',
        '{"@type":"NewsArticle","headline":"Ferry fire",}',
        '<!-- {"@type":"NewsArticle","headline":"Ferry fire"} -->',
        '//<![CDATA[\n{"@type":"NewsArticle","headline":"Ferry fire"}\n//]]>',
        '{"@type":"NewsArticle","headline":"Ferry fire","text":"a\nb\tc"};',
        '{"@type":"Thing"}{"@type":"NewsArticle","headline":"Ferry fire"}',
        '{&quot;@type&quot;:&quot;NewsArticle&quot;,&quot;headline&quot;:&quot;Ferry fire&quot;}',
        '{"@type":"NewsArticle","headline":"Ferry fire","author": , "x": [}',
    ],
)  # fmt: skip
def test_json_ld_as_sites_write_it_gives_the_article(script: str) -> None:
    found = node_of(script)
    assert found is not None
    assert found["headline"] == "Ferry fire"


def test_of_several_articles_the_page_s_own_is_taken() -> None:
    other = '{"@type":"NewsArticle","headline":"Another","url":"https://a.example/other"}'
    by_address = '{"@type":"NewsArticle","headline":"Ferry","mainEntityOfPage":{"@id":"https://a.example/ferry?utm_source=x"}}'
    by_title = '{"@type":"NewsArticle","headline":"Ferry Fire"}'
    assert (node_of(other, by_address) or {})["headline"] == "Ferry"
    assert (node_of(other, by_title) or {})["headline"] == "Ferry Fire"


@pytest.mark.parametrize(
    "script",
    ["", "{", "null", "[]", '"x"', '{"@type":"WebSite","name":"C"}', '{"@type":"ItemList","itemListElement":[{"@type":"NewsArticle","headline":"Other"}]}', "[" * 5000],
)  # fmt: skip
def test_json_ld_without_an_article_gives_none(script: str) -> None:
    assert node_of(script) is None


@pytest.mark.parametrize(
    "block",
    [
        "Share", "Share this article", "Tweet", "Advertisement", "Read more: The other story", "READ ALSO: The other story",
        "Related: The other story", "Sign up for our newsletter", "Subscribe to our morning briefing", "Follow us on Twitter",
        "Photo: Anna Sorel / CW", "© 2026 The Courier", "The quay at dawn. (Photo: CW)", "Published: 5 March 2026",
        "Last updated on 5 March 2026", "3 min read", "Lesen Sie auch: Die andere Geschichte", "À lire aussi : L’autre",
        "Le puede interesar: Otra historia", "Czytaj także: Inna historia", "무단 전재 및 재배포 금지", "anna@courier.example",
        "@annasorel", "Click to expand the map",
        "Nichts Neues verpassen! - Newsletter abonnieren",
        "Order Reprints",
        "Listen to this article (12 seconds)",
    ],
)  # fmt: skip
def test_furniture_is_told(block: str) -> None:
    assert is_furniture(block)


@pytest.mark.parametrize(
    "block",
    [
        "Share prices fell by a tenth on Monday.", "Subscribers left in their thousands, the company said.",
        "The photo showed eleven people on the quay.", "Read more closely, the report says the opposite of what was claimed about it by the ministers.",
        "Related parties were not told.", "Follow the money, the inquiry was told on its first day.",
        "Printing stopped at dawn.", "More than 300 survived.", "“Comments are free,” he said.", "Published in 1926, the book was soon forgotten.",
        "Get the children off first, she shouted.", "Correction: the number of people aboard was 370.", "Search teams went out again.",
    ],
)  # fmt: skip
def test_sentences_are_no_furniture(block: str) -> None:
    assert not is_furniture(block)


@pytest.mark.parametrize(
    "note",
    [
        "Correction: the number of people aboard was 370, not 350.",
        "CORRECTION (March 6): The number was 370.",
        "Clarification, March 6, 2026: The ferry belongs to the port.",
        "An earlier version of this article gave the number as 350.",
        "This article was amended on 6 March 2026 to give the number as 370.",
        "* This story has been corrected to say 370.",
        "Korrektur: Es waren 370 Menschen an Bord.",
        "In einer früheren Version hieß es, es seien 350 gewesen.",
        "정정: 승선 인원은 370명입니다.",
        "訂正：乗員は370人でした。",
    ],
)
def test_a_correction_note_is_found(note: str) -> None:
    assert correction_in(["The ferry burned.", note]) == note


@pytest.mark.parametrize(
    "text",
    [
        "Corrections officers were called in.",
        "The earlier version of events was wrong.",
        "Correction of the markets went on.",
    ],
)
def test_a_sentence_about_corrections_is_none(text: str) -> None:
    assert correction_in([text]) is None


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        ("Grüße".encode(), "text/html", "Grüße"),
        ("Grüße".encode("cp1252"), "text/html; charset=iso-8859-1", "Grüße"),
        ("Grüße".encode(), "text/html; charset=iso-8859-1", "Grüße"),
        (
            b'<meta charset="windows-1251">' + "Да".encode("cp1251"),
            "text/html",
            '<meta charset="windows-1251">Да',
        ),
        ("여객선".encode("cp949"), "text/html; charset=euc-kr", "여객선"),
        ("\ufeffGrüße".encode("utf-16"), "text/html", "Grüße"),
        (b"Gr\xfc\xdfe", "text/html", "Grüße"),
        (b"a" * 500 + b"\xff", "text/html; charset=nonsense", "a" * 500 + "�"),
    ],
)
def test_bytes_are_decoded(body: bytes, content_type: str, text: str) -> None:
    assert decode(body, content_type).lstrip("\ufeff") == text


@pytest.mark.parametrize(
    ("content", "summary", "blocks"),
    [
        ("<p>One.</p><p>Two <b>bold</b>.</p>", "x", ["One.", "Two bold."]),
        ("", "Plain & simple\n\nSecond", ["Plain & simple", "Second"]),
        ("", "<p>Text.</p><p>Continue reading at the Courier</p>", ["Text."]),
        ("<p>Text.</p><p>The post Text appeared first on Courier.</p>", "", ["Text."]),
        ("<script>x()</script><p>Text.</p><img src=a.gif><style>p{}</style>", "", ["Text."]),
        ("<ul><li>One</li><li>Two</li></ul>", "", ["One", "Two"]),
        ("First sentence of it, long enough to count as one.<br>Second.<br><br>Third", "", ["First sentence of it, long enough to count as one.", "Second.", "Third"]),
        ("<div>Loose text <p>Par</p> tail</div>", "", ["Loose text", "Par", "tail"]),
        ("", "", []),
        ("&lt;p&gt;Escaped twice.&lt;/p&gt;", "", ["Escaped twice."]),
    ],
)  # fmt: skip
def test_a_feed_s_markup_becomes_paragraphs(content: str, summary: str, blocks: list[str]) -> None:
    assert feed_blocks(Entry(guid="g", url=None, title="t", content=content, summary=summary)) == blocks
