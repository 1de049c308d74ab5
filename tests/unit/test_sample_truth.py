"""The truth of the sample press, and the check that keeps it so."""

import json

import pytest
from sample_support import article, press_of

from sample import truth
from sample.press import load_press
from sample.truth import compile_truth, inconsistencies, load_truth, truth_text

WORDS = " ".join(f"word{n}" for n in range(120))
OTHER = " ".join(f"other{n}" for n in range(120))

WIRE = article("pier-wire-1", "wire", "-2d", body=f"Ada Brandt said “It fell” of 30 metres.\n\n{WORDS}")
COPY = article(
    "pier-courier-1",
    "courier",
    "-1d",
    more='wire_copy_of = "pier-wire-1"\npeople = ["Ada Brandt"]\nplaces = ["Port Elin"]\n'
    '[[quotes]]\nspeaker = "Ada Brandt"\nwords = "It fell"\n'
    '[[figures]]\nwhat = "length"\nvalue = "30 metres"\n'
    '[[revisions]]\nat = "+5m"\nchange = "substantive"\nreplace = [["30 metres", "40 metres"]]',
    body=f"Ada Brandt said “It fell” of 30 metres.\n\n{WORDS}",
)
OWN = article("pier-dispatch-1", "dispatch", "-1d", body=OTHER)


def test_the_truth_is_what_the_front_matter_says(tmp_path):
    press = press_of(tmp_path, WIRE, COPY, OWN)
    compiled = compile_truth(press, addresses={p: f"http://{p}.localhost:1" for p in press.publishers})
    assert compiled["stories"] == {"pier": ["pier-wire-1", "pier-courier-1", "pier-dispatch-1"]}
    assert compiled["publishers"][2] == {
        "id": "ledger",
        "name": "The Varga Ledger",
        "language": "en",
        "site": "http://ledger.localhost:1/",
        "feed": "http://ledger.localhost:1/atom.xml",
        "feed_format": "atom",
    }
    number = press.articles["pier-courier-1"].number
    assert compiled["articles"][1] == {
        "id": "pier-courier-1",
        "url": f"http://courier.localhost:1/news/news/report-pier-courier-1-{number}",
        "story": "pier",
        "publisher": "courier",
        "language": "en",
        "published_min": -1440,
        "headline": "Report pier-courier-1",
        "feed_headline": None,
        "section": None,
        "byline": [],
        "dateline": None,
        "access": "open",
        "open_paragraphs": 2,
        "wire_copy_of": "pier-wire-1",
        "topics": ["a", "b"],
        "people": ["Ada Brandt"],
        "places": ["Port Elin"],
        "quotes": [{"speaker": "Ada Brandt", "words": "It fell"}],
        "figures": [{"what": "length", "value": "30 metres"}],
        "revisions": [
            {
                "at_min": 5,
                "change": "substantive",
                "correction": None,
                "replace": [["30 metres", "40 metres"]],
                "seen": True,
            }
        ],
        "audio": True,
    }


@pytest.mark.parametrize(("old", "seen"), [("Report", True), ("Paragraph 2", True), ("Paragraph 3", False)])
def test_a_change_behind_a_paywall_is_told_from_one_before_it(tmp_path, old, seen):
    change = f'access = "paywall"\n[[revisions]]\nat = "+5m"\nchange = "minor"\nreplace = [["{old}", "New"]]'
    press = press_of(tmp_path, article("pier-ledger-1", "ledger", "-1d", more=change))
    (compiled,) = compile_truth(press)["articles"]
    assert (compiled["open_paragraphs"], compiled["revisions"][0]["seen"]) == (2, seen)


def test_a_consistent_press_has_no_faults(tmp_path):
    assert inconsistencies(press_of(tmp_path, WIRE, COPY, OWN)) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('words = "It fell"', 'words = "It rose"', "quotes: not in one paragraph of the body: 'It rose'"),
        ('words = "It fell"', 'words = "{{weekday 0}}"', "quotes: not in one paragraph of the body: '{{weekday 0}}'"),
        ('words = "It fell"', 'words = "metres. word0"', "quotes: not in one paragraph of the body: 'metres. word0'"),
        ('value = "30 metres"', 'value = "31 metres"', "figures: not in the text: '31 metres' (length)"),
        ('people = ["Ada Brandt"]', 'people = ["Ada Brand-"]', "people: not in the text: 'Ada Brand-'"),
        ('[["30 metres",', '[["33 metres",', "revisions: 1: replace: not in the text at that time: '33 metres'"),
        ('"40 metres"]]', '"30 metres"]]', "revisions: 1: changes nothing"),
        ('of = "pier-wire-1"', 'of = "pier-wire-9"', "wire_copy_of: there is no 'pier-wire-9'"),
        ('of = "pier-wire-1"', 'of = "pier-dispatch-1"', "wire_copy_of: pier-dispatch-1 is not the agency's"),
        ('published = "-1d"', 'published = "-3d"', "wire_copy_of: pier-wire-1 is of another story or not older"),
        ('topics = ["a", "b"]', 'topics = ["a", "b"]\naccess = "paywall"', "access: The Harbour Courier has no such wall: 'paywall'"),
    ],
)  # fmt: skip
def test_a_contradiction_is_named(tmp_path, old, new, fault):
    assert old in COPY
    faults = inconsistencies(press_of(tmp_path, WIRE, COPY.replace(old, new), OWN))
    assert f"pier/pier-courier-1.md: {fault}" in faults


def test_a_copy_that_is_not_marked_and_a_mark_without_a_copy_are_named(tmp_path):
    unmarked = COPY.replace('wire_copy_of = "pier-wire-1"', "")
    (fault,) = inconsistencies(press_of(tmp_path, WIRE, unmarked))
    assert fault == (
        "pier-courier-1 and pier-wire-1: wire_copy_of says they are no copies, but they share 100%"
    )
    marked = article("pier-courier-1", "courier", "-1d", more='wire_copy_of = "pier-wire-1"', body=OTHER)
    (fault,) = inconsistencies(press_of(tmp_path, WIRE, marked))
    assert fault.endswith("wire_copy_of says they are a wire copy and its original, but they share 0%")


def test_a_sound_file_needs_its_article(tmp_path):
    (fault,) = inconsistencies(press_of(tmp_path, WIRE))
    assert fault == "publishers.toml: audio: 'pier-courier-1' is no article of courier"


def test_an_article_of_a_publisher_that_shows_nothing_is_named(tmp_path):
    faults = inconsistencies(
        press_of(tmp_path, WIRE, COPY, article("pier-lantern-1", "lantern", "-1d", body=OTHER))
    )
    assert faults == ["pier/pier-lantern-1.md: publisher: The Evening Lantern publishes nothing"]


def test_the_check_fails_when_the_file_is_stale_and_passes_when_it_is_not(tmp_path, capsys):
    press_of(tmp_path, WIRE, COPY, OWN)
    kept = tmp_path / "truth.json"
    options = ["--press", str(tmp_path), "--file", str(kept)]
    assert truth.main(["--check", *options]) == 1
    assert "is stale" in capsys.readouterr().err
    assert truth.main(options) == 0
    assert truth.main(["--check", *options]) == 0
    assert "3 articles in 1 stories, 1 wire copies, 0 faults" in capsys.readouterr().out
    kept.write_text(kept.read_text("utf-8").replace("Ada Brandt", "Ida Brandt"), "utf-8")
    assert truth.main(["--check", *options]) == 1


def test_the_check_prints_faults_of_the_files(tmp_path, capsys):
    press_of(tmp_path, WIRE)
    (tmp_path / "pier/pier-wire-1.md").write_text(WIRE.replace("headline", "title"), "utf-8")
    assert truth.main(["--check", "--press", str(tmp_path)]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "pier/pier-wire-1.md: headline: is missing",
        "pier/pier-wire-1.md: title: is no field here",
    ]


def test_the_sample_press_is_consistent_and_its_committed_truth_is_not_stale():
    press = load_press()
    assert inconsistencies(press) == []
    assert json.loads(truth_text(press)) == load_truth()
