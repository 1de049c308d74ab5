"""The sample press as values: its files, its dates, its revisions."""

import contextlib
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_support import article, press_of

from sample.press import (
    PRESS_FOLDER,
    PressError,
    day_month,
    fill_dates,
    load_press,
    offset,
    read_article,
    read_publishers,
    slug,
    text_day,
)

START = datetime(2031, 11, 14, 12, 0, tzinfo=UTC)  # a Friday

PLAIN = """+++
id = "storm-courier-1"
story = "storm"
publisher = "courier"
published = "-2d"
headline = "Storm on {{weekday 0}} breaks pier"
topics = ["storm", "pier"]
[[revisions]]
at = "-1d"
change = "substantive"
correction = "The pier is 40 metres long; on {{date 1}} we said 30."
replace = [["30 metres", "40 metres"]]
[[revisions]]
at = "+5m"
change = "minor"
replace = [["broke", "snapped"]]
+++
The storm broke 30 metres
of pier on {{weekday -1}}, {{date -1}}.

It will be mended by {{weekday 3}}.
"""


def test_an_article_is_shown_with_its_dates_filled_in_and_its_revisions_applied(tmp_path):
    press = press_of(tmp_path, PLAIN)
    (shown,) = press.at(START, START)["courier"]
    assert shown.headline == "Storm on Wednesday breaks pier"
    assert shown.paragraphs == (
        "The storm broke 40 metres of pier on Tuesday, 11 November.",
        "It will be mended by Saturday.",
    )
    assert shown.corrections == ("The pier is 40 metres long; on 13 November we said 30.",)
    assert (shown.published_at, shown.modified_at) == (START - timedelta(days=2), START - timedelta(days=1))
    assert shown.revision == 1


def test_time_brings_articles_out_and_changes_them(tmp_path):
    press = press_of(tmp_path, PLAIN)
    states = []
    for hours in (-49, -48, -25, -24, 0, 1):
        shown = press.at(START, START + timedelta(hours=hours))["courier"]
        states.append([(s.revision, s.paragraphs[0].split(" of ")[0]) for s in shown])
    assert states == [
        [],
        [(0, "The storm broke 30 metres")],
        [(0, "The storm broke 30 metres")],
        [(1, "The storm broke 40 metres")],
        [(1, "The storm broke 40 metres")],
        [(2, "The storm snapped 40 metres")],
    ]


def test_each_publisher_shows_its_own_articles_newest_first(tmp_path):
    press = press_of(
        tmp_path,
        article("a-courier-1", "courier", "-3d"),
        article("b-wire-1", "wire", "-2d"),
        article("c-courier-1", "courier", "-1h"),
    )
    shown = {name: [s.article.id for s in all_] for name, all_ in press.at(START, START).items()}
    assert {name: ids for name, ids in shown.items() if ids} == {
        "courier": ["c-courier-1", "a-courier-1"],
        "wire": ["b-wire-1"],
    }
    assert set(shown) == set(press.publishers)


@pytest.mark.parametrize(
    ("language", "written"),
    [("en", "Friday, 14 November"), ("de", "Freitag, 14. November"), ("ko", "금요일, 11월 14일")],
)
def test_dates_are_written_as_the_language_has_them(language, written):
    assert fill_dates("{{weekday 0}}, {{date 0}}", START, language) == written


@pytest.mark.parametrize("hour", range(24))
def test_reports_of_one_day_name_the_same_day_at_whatever_hour_the_press_starts(hour):
    start = START.replace(hour=hour)
    today = date(2031, 11, 14) if hour >= 12 else date(2031, 11, 13)
    for words, days in (("-9d 11h", 9), ("-9d 4h", 9), ("-9d", 9), ("-8d 13h", 9), ("-1h", 0), ("+9m", 0)):
        day = text_day(offset(words), start)
        assert day == today - timedelta(days=days)
        assert day <= (start + offset(words)).date()


def test_a_date_rolls_over_months():
    assert fill_dates("{{date 20}}", START, "de") == "4. Dezember"
    assert day_month(datetime(2031, 3, 1, tzinfo=UTC), "ko") == "3월 1일"


@pytest.mark.parametrize(
    ("words", "minutes"),
    [("-9d 4h", -13200), ("-10h", -600), ("+6m", 6), ("-1d 2h 3m", -1563), ("+ 1h", 60)],
)
def test_offsets_are_read(words, minutes):
    assert offset(words) == timedelta(minutes=minutes)


@given(st.text(max_size=12))
def test_an_offset_is_read_or_refused(words):
    with contextlib.suppress(ValueError, OverflowError):
        assert isinstance(offset(words), timedelta)


@given(st.text())
def test_any_text_is_an_article_or_a_named_fault(text):
    publishers = {
        p.id: p for p in read_publishers((PRESS_FOLDER / "publishers.toml").read_text("utf-8"), name="p")
    }
    with pytest.raises(PressError) as caught:
        read_article(text, name="storm/storm-courier-1.md", publishers=publishers)
    assert all(fault.startswith("storm/storm-courier-1.md: ") for fault in caught.value.faults)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('publisher = "courier"', 'publisher = "gazette"', "publisher: 'gazette' is not 'courier' or"),
        ('published = "-2d"', 'published = "yesterday"', "published: 'yesterday' is not an offset"),
        ('published = "-2d"', "published = -2", "published: -2 is not an offset"),
        (
            'id = "storm-courier-1"',
            'id = "storm-courier-2"',
            "id: 'storm-courier-2' is not 'storm-courier-1'",
        ),
        ('story = "storm"', 'story = "calm"', "story: 'calm' is not 'storm'"),
        ("headline =", "title =", "headline: is missing"),
        ("headline =", "title =", "title: is no field here"),
        ('topics = ["storm", "pier"]', 'topics = ["storm"]', "topics: 1 of them; 2 to 6 are wanted"),
        ('topics = ["storm", "pier"]', 'topics = "storm"', "topics: must be a list of texts"),
        (
            'change = "minor"',
            'change = "small"',
            "revisions 2: change: 'small' is not 'minor' or 'substantive'",
        ),
        ('replace = [["broke", "snapped"]]', "", "revisions 2: replace: is missing"),
        (
            'replace = [["broke", "snapped"]]',
            'replace = ["broke"]',
            "revisions 2: replace: must be a list of",
        ),
        ('at = "-1d"', 'at = "-3d"', "revisions: one at or before the publication"),
        ("{{weekday 3}}", "{{ weekday 3 }}", "body: '{{ weekday 3 }}' is neither"),
        ("{{weekday 3}}", "{{day 3}}", "body: '{{day 3}}' is neither"),
        ('headline = "', "headline = ", "front matter: "),
        ("+++\nid", "id", "front matter: the file must begin with a +++ line"),
    ],
)
def test_a_fault_names_the_file_and_the_field(tmp_path, old, new, fault):
    assert PLAIN.count(old) >= 1
    press_of(tmp_path, PLAIN)
    (tmp_path / "storm/storm-courier-1.md").write_text(PLAIN.replace(old, new, 1), "utf-8")
    with pytest.raises(PressError) as caught:
        load_press(tmp_path)
    assert any(f.startswith(f"storm/storm-courier-1.md: {fault}") for f in caught.value.faults), caught.value


def test_two_files_with_one_id_are_refused(tmp_path):
    press_of(tmp_path, PLAIN)
    (tmp_path / "calm").mkdir()
    text = PLAIN.replace('story = "storm"', 'story = "calm"')
    (tmp_path / "calm/storm-courier-1.md").write_text(text, "utf-8")
    with pytest.raises(
        PressError, match=r"storm/storm-courier-1\.md: id: 'storm-courier-1' is also the id of"
    ):
        load_press(tmp_path)


def test_addresses_do_not_move_with_a_revision_and_need_no_story_name(tmp_path):
    text = PLAIN.replace('[["broke", "snapped"]]', '[["breaks pier", "ends pier"]]')
    press = press_of(tmp_path, text)
    assert press.articles["storm-courier-1"].path == "/news/news/storm-on-breaks-pier-823909"


def test_slugs_are_plain_ascii():
    assert slug("Straße nach Süden: 14 Tote") == "strasse-nach-sueden-14-tote"
    assert slug("The ferry’s café") == "the-ferrys-cafe"
    assert slug("미란반도체") == ""


def test_the_whole_press_can_be_read():
    press = load_press()
    assert set(press.publishers) == {
        *("courier", "meridian", "ledger", "outlook", "saegil", "tagblatt", "wire", "dispatch", "fieldlab"),
        *("lantern", "quarry"),
    }
    assert {a.publisher for a in press.articles.values()} <= set(press.publishers) - {"lantern", "quarry"}
