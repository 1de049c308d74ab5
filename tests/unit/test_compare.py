"""Compare coverage: which sayings are one claim, and what each publisher's cell says."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.told import NOON, told
from tidings.ai.compare import Cell, Report, compare, voices_of
from tidings.ai.linkage import grouped
from tidings.ai.matching import MOST_EMBEDDED, can_be_compared, rarity, same_sayings
from tidings.ai.sayings import sayings_of
from tidings.ai.tolls import toll_of
from tidings.model import Citation, Figure


def states(comparison, row: int = 0) -> dict[str, tuple[str, tuple[str, ...]]]:
    """What each cell of a row says, with the figures as printed, newest first."""
    return {
        cell.publisher: (cell.state, tuple(r.figure.words for r in cell.reports if r.figure))
        for cell in comparison.claims[row].cells
    }


def test_a_toll_is_compared_across_languages_and_an_older_lower_one_was_updated() -> None:
    sources = [
        told(1, "Courier", "At least 11 people died when the ferry burned in the strait.", hours=-9),
        told(
            2,
            "Tagblatt",
            "Nach dem Brand der Fähre spricht das Ministerium von 14 Todesopfern.",
            "de",
            hours=-8,
        ),
        told(3, "Wire", "Twelve people died in the fire aboard the ferry, both governments said.", hours=-2),
        told(4, "Outlook", "The fire killed 12 passengers and crew of the ferry in the strait.", hours=-1),
        told(5, "Ledger", "Shares of the owner of the ferry fell on the exchange in the capital.", hours=-1),
    ]
    compared = compare(sources)
    assert states(compared) == {
        "Courier": ("updated since", ("At least 11 people",)),
        "Tagblatt": ("differs", ("14 Todesopfern",)),
        "Wire": ("said", ("Twelve people",)),
        "Outlook": ("said", ("12 passengers",)),
        "Ledger": ("not mentioned", ()),
    }
    assert (compared.claims[0].agreeing, compared.claims[0].differing, compared.report_count) == (2, 2, 5)


def test_what_is_promising_is_read_for_its_meaning_however_early_it_stands() -> None:
    class Recording:
        name, dim = "recording", 2

        def __init__(self) -> None:
            self.texts: list[str] = []

        def embed(self, texts):
            self.texts += texts
            return np.tile(np.array([1.0, 0.0], np.float32), (len(texts), 1))

    letters = "abdefgiklmnoprstuvz"

    def sentence(words: range) -> str:
        return f"The {' '.join(''.join(letters[n // 19**k % 19] for k in range(3)) + 'o' for n in words)}."

    pairs = MOST_EMBEDDED // 2
    first = [sentence(range(8 * n, 8 * n + 8)) for n in range(pairs)]
    second = [sentence(range(8 * n + 7, 8 * n + 1, -1)) for n in range(pairs)]
    alone = [sentence(range(8 * n, 8 * n + 8)) for n in range(pairs, pairs + 200)]
    meanings = Recording()
    compare(
        [
            told(1, "Courier", " ".join([*first, *alone[:100]])),
            told(2, "Ledger", " ".join([*second, *alone[100:]])),
        ],
        meanings=meanings,
    )
    assert set(meanings.texts) == {*first, *second}


def test_every_word_shown_is_cited_from_the_article_it_stands_in() -> None:
    sources = [
        told(
            1,
            "Courier",
            "The plant cost 6.2 billion crowns. It will employ 1,900 people in the town.",
            headline="Plant opens",
        ),
        told(2, "Ledger", "The plant cost 6.2 billion crowns, and 1,900 people will work in the town."),
    ]
    by_id = {s.article_id: s for s in sources}
    rows = compare(sources).claims
    assert len(rows) == 2
    for row in rows:
        cited = [c for r in row.reports for c in (r.citation, r.figure) if c is not None]
        for citation in (*cited, *row.claim.citations):
            text = by_id[citation.article_id].text(citation.paragraph)
            assert text[citation.start : citation.end] == citation.words
            assert citation.text_digest == by_id[citation.article_id].text_digest
        assert row.claim.text == row.claim.citations[0].words


def test_copies_and_publishers_of_one_owner_are_one_independent_report() -> None:
    text = "The bank raised its rate to 4.75 percent on Thursday, its highest since 2009."
    wire = told(1, "Wire", text)
    sources = [
        wire,
        replace(told(2, "Courier", text), original_id=1),
        replace(told(3, "Dispatch", text), original_id=1),
        replace(told(4, "Post", "The rate is now 4.75 percent, the bank said."), voice="owner"),
        replace(told(5, "Echo", "The bank put its rate at 4.75 percent."), voice="owner"),
    ]
    assert voices_of(sources) == {1: "Wire", 2: "Wire", 3: "Wire", 4: "owner", 5: "owner"}
    row = next(r for r in compare(sources).claims if r.figure and "4.75" in r.figure.words)
    assert (row.agreeing, row.differing) == (2, 0)
    assert [cell.state for cell in row.cells] == ["said"] * 5


def test_copies_whose_original_is_elsewhere_are_still_one_report() -> None:
    copies = [replace(told(i, f"Paper {i}", "Four people died."), original_id=99) for i in (1, 2)]
    assert set(voices_of(copies).values()) == {"article 99"}


def test_what_one_report_alone_says_is_a_single_source() -> None:
    sources = [
        told(
            1,
            "Courier",
            "The tunnel costs 2.4 billion crowns. Thiem & Daughters were paid 1.9 million crowns for a study.",
        ),
        told(2, "Ledger", "A tunnel of 2.4 billion crowns is what the council votes on."),
    ]
    compared = compare(sources)
    assert [row.claim.text for row in compared.only_in("Courier")] == [
        "Thiem & Daughters were paid 1.9 million crowns for a study."
    ]
    assert compared.only_in("Ledger") == ()
    assert all(row.is_single_source for row in compared.single)


def test_rows_of_more_independent_reports_come_first_and_no_more_than_asked_for() -> None:
    two = "The tunnel is 3,800 metres long."
    sources = [
        told(1, "A", f"It costs 240 million crowns in all. {two}"),
        told(2, "B", f"The cost is 240 million crowns. {two}"),
        told(3, "C", "A cost of 240 million crowns was given."),
    ]
    assert [r.figure.words for r in compare(sources).claims if r.figure] == [
        "240 million crowns",
        "3,800 metres",
    ]
    assert len(compare(sources, most=1).claims) == 1


def test_a_publishers_newest_report_speaks_for_it_and_the_older_stay_beside() -> None:
    sources = [
        told(1, "Courier", "The flood killed three people in the town.", hours=-9),
        told(2, "Courier", "The flood killed five people in the town.", hours=-1),
        told(3, "Post", "Five people died in the flood.", hours=-2),
    ]
    courier = compare(sources).claims[0].cells[0]
    assert courier.state == "said"
    assert [(r.article_id, r.value) for r in courier.reports] == [(2, Decimal(5)), (1, Decimal(3))]


def test_of_two_values_that_one_report_prints_neither_disputes_the_other() -> None:
    both = "The city says 240 million crowns, the auditors say 310 million crowns."
    sources = [told(i, f"P{i}", both.replace("says", verb)) for i, verb in enumerate(("says", "said"), 1)]
    assert all(not row.differing for row in compare(sources).claims)


def test_a_rounded_figure_is_no_other_figure() -> None:
    def report(value: str, *, is_rounded: bool) -> Report:
        citation = Citation(1, 1, b"", 0, 0, 1, "x")
        return Report(1, "A", "A", NOON, citation, citation, Decimal(value), is_rounded)

    rounded = [
        report(v, is_rounded=True).agrees(Decimal("187")) for v in ("190", "187", "200", "180", "1900")
    ]
    assert rounded == [True, True, True, False, False]
    assert not report("190", is_rounded=False).agrees(Decimal("187"))
    assert report("9000000", is_rounded=True).agrees(Decimal("8600000"))


def test_nothing_and_one_article_compare_to_nothing() -> None:
    assert compare([]).claims == ()
    alone = compare([told(1, "Courier", "Eleven people died in the fire.")])
    assert (alone.claims, alone.publishers, alone.report_count) == ((), ("Courier",), 1)
    assert compare([told(1, "Courier", "")]).single == ()


def test_sentences_without_figures_meet_by_meaning_without_their_names() -> None:
    class Meanings:
        name, dim = "two", 3

        def embed(self, texts):
            rows = [
                [1, 0, 0] if "siren" in t or "Sirene" in t else [0, 1, 0] if "mayor" in t else [0, 0, 1]
                for t in texts
            ]
            return np.array(rows, np.float32)

    sources = [
        told(1, "Courier", "The siren on the roof stayed silent. Dogs barked all night over there."),
        told(2, "Tagblatt", "Die Sirene auf dem Dach blieb stumm. Hunde bellten dort die Nacht.", "de"),
    ]
    groups = same_sayings([s for source in sources for s in sayings_of(source)], Meanings())
    together = [{s.source.article_id for s in g} for g in groups if "iren" in g[0].text]
    assert together == [{1, 2}]


def test_average_linkage_does_not_chain() -> None:
    scores = np.array([[1, 0.9, 0], [0.9, 1, 0.6], [0, 0.6, 1]], np.float32)
    assert sorted(map(sorted, grouped(3, scores))) == [[0, 1], [2]]
    assert grouped(0, np.zeros((0, 0), np.float32)) == []


def test_figures_of_two_currencies_or_units_are_never_compared() -> None:
    def figure(value: str, unit: str) -> Figure:
        return Figure(0, 0, 1, "x", Decimal(value), unit)

    assert not can_be_compared(figure("5", "USD"), figure("5", "EUR"))
    assert can_be_compared(figure("5", "crowns"), figure("5", "kronen"))
    assert not can_be_compared(figure("5", "km"), figure("5", "minute"))
    assert can_be_compared(figure("655000000", ""), figure("640000000", "crowns"))
    assert not can_be_compared(figure("655", ""), figure("640", "crowns"))
    assert [rarity(figure(v, "")) for v in ("2", "11", "41", "8412", "5.1", "300")] == [0, 1, 2, 4, 2, 1]


def test_a_figure_counts_the_victims_named_beside_it() -> None:
    text = "Two people are known to be dead and three are missing, while 17 of the dead were sailors."
    tolls = {s.figure.words: toll_of(s) for s in sayings_of(told(1, "A", text)) if s.figure}
    assert tolls == {"Two people": "dead", "three": "missing", "17": None}
    korean = {
        toll_of(s)
        for s in sayings_of(told(2, "B", "이번 화재로 11명이 숨졌다고 당국이 밝혔다.", "ko"))
        if s.figure
    }
    assert korean == {"dead"}


def test_a_flood_of_sentences_costs_a_bounded_time_and_none_is_lost() -> None:
    text = "\n\n".join(f"The number {n} bus stops at the {n} corner of the old market." for n in range(400))
    sources = [told(i, f"P{i}", text.replace("bus", f"bus{i}")) for i in range(1, 6)]
    sayings = [s for source in sources for s in sayings_of(source)]
    groups = same_sayings(sayings, None)
    assert sorted(map(id, sayings)) == sorted(id(s) for group in groups for s in group)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=120), max_size=4))
def test_whatever_texts_say_every_cell_is_whole(texts: list[str]) -> None:
    sources = [told(i, f"P{i % 3}", text) for i, text in enumerate(texts, 1)]
    compared = compare(sources)
    for row in (*compared.claims, *compared.single):
        assert tuple(cell.publisher for cell in row.cells) == compared.publishers
        for cell in row.cells:
            assert (cell == Cell(cell.publisher, "not mentioned")) == (not cell.reports)
