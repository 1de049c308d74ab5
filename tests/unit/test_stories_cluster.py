"""Stories as they form: what joins, what stays apart, what keeps its address."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stories_texts import ELECTION, FLOOD_OWN, FLOOD_WIRE, START, TUNNEL, article, described

from tidings.model import Description, Plan, WindowStory
from tidings.stories import cluster
from tidings.stories.cluster import LEAD_SPAN, Window
from tidings.stories.decision import FACTS, MEETINGS, Decision, learned_decisions
from tidings.stories.rows import Rows

FLOOD_FACTS = """\
Three people died when the lake at the foot of the Kaldbrae glacier burst above Skarholt early on Monday.
About 640 residents of Skarholt were taken to a school and a church on higher ground.
Liv Carrow, who directs the national emergency agency, said that two people were still missing.
Mayor Gunnvor Askill said the siren on the fire station had stayed silent.
Nine million cubic metres of water left the Kaldbrae lake in under two hours, ice researchers said.
Prime Minister Oskar Lindqvane is to visit Skarholt on Tuesday and has promised 40 million crowns.
The sawmill by the river was swept away; a third body was found beneath its remains.
Helicopters brought 120 rescuers into the valley because the road was under mud.
Engineers had asked for a second gauge at the Kaldbrae lake four years ago and were refused the money.
The Northern Institute of Ice Research had called the moraine stable as late as in September.
Families in Skarholt told of a sound like a train before the flood reached the lower town.
Carrow said that the search would go on by hand through the night.
Power was still out in the lower town of Skarholt on Monday evening, the grid company said.
The flood took two bridges, and trucks with drinking water had to wait beyond the second.
Askill asked people to keep away from the river bank, which was still breaking off.
Insurers put the damage from the glacier flood at 200 million crowns in a first guess.
Two sisters were pulled alive from the attic of their house eleven hours after the lake burst.
Lindqvane said that every glacier lake in the country would be looked at again before the summer.
Schools in Skarholt stay closed this week; the church of the town has opened its hall.
Opposition leaders asked who had decided against the second gauge at Kaldbrae.
Rescuers with dogs found a man of 71 alive in the mud near the sawmill.
Three villages downstream of Skarholt were cleared as a precaution, the emergency agency said.""".splitlines()
FLOOD_HEADLINES = [
    "Glacier lake bursts above Skarholt, three dead",
    "Three die in Skarholt flood",
    "No warning before the wall of water in Skarholt",
    "Search goes on by hand after glacier flood",
    "Skarholt flood: two still missing",
    "Siren was silent as Kaldbrae lake emptied into the town",
]
PUBLISHERS = ["The Harbour Courier", "Meridian Post", "Northern Outlook", "Concord Wire", "The Dispatch"]
FLOOD_KO = """\
북부 도시 스카르홀트 위쪽의 칼드브라에 빙하호가 월요일 새벽 터져 세 명이 숨지고 주민 640명이 대피했다고 당국이 밝혔다.
국가재난청은 두 명이 아직 실종 상태이며 구조대원 120명과 헬기 두 대를 계곡으로 보냈다고 전했다.
빙하호에서는 두 시간도 안 돼 물 900만 세제곱미터가 쏟아져 나왔고, 홍수는 25분 만에 마을에 닿았다.
시장은 마을의 사이렌이 울리지 않았다고 말했다. 총리는 화요일 스카르홀트를 찾을 예정이다."""


def thirty_reports() -> list[Description]:
    """Five publishers, six reports each within a day, of six facts in an order of their own."""
    chance = random.Random(7)
    return described(
        [
            article(
                number,
                FLOOD_HEADLINES[number % len(FLOOD_HEADLINES)],
                "\n".join(chance.sample(FLOOD_FACTS, 6)),
                publisher=PUBLISHERS[number % len(PUBLISHERS)],
                hours=number * 0.75,
            )
            for number in range(1, 31)
        ]
    )


def others() -> list[Description]:
    return described(
        [
            article(
                101, "Harbour tunnel opens eleven months late", TUNNEL, publisher="The Dispatch", hours=3
            ),
            article(
                102,
                "Swimmer among nine candidates for athletes' commission",
                ELECTION,
                publisher="A",
                hours=9,
            ),
        ]
    )


def stories(window: Window, batches: Sequence[Sequence[Description]]) -> dict[int, int]:
    """The story of each article after all batches, through the merges."""
    placed: dict[int, int] = {}
    for batch in batches:
        plan = window.assign(batch, now=START + timedelta(days=1))
        placed |= {p.article_id: p.story_id for p in plan.placements}
        moved = {merge.from_id: merge.into_id for merge in plan.merges}
        placed = {article_id: moved.get(story_id, story_id) for article_id, story_id in placed.items()}
    return placed


def in_batches(descriptions: Sequence[Description], size: int) -> list[list[Description]]:
    ordered = sorted(descriptions, key=lambda d: (d.at, d.article_id))
    return [ordered[i : i + size] for i in range(0, len(ordered), size)]


@pytest.mark.parametrize("size", [1, 7, 200])
def test_thirty_reports_with_publishers_that_repeat_are_one_story(size: int) -> None:
    reports = thirty_reports()
    placed = stories(Window(), in_batches([*reports, *others()], size))
    assert {placed[d.article_id] for d in reports} == {1}
    assert (placed[101], placed[102]) == (101, 102)


@pytest.mark.parametrize("seed", range(3))
def test_reports_that_arrive_in_any_order_end_in_one_story(seed: int) -> None:
    """Feeds are followed one after another, and old reports come after new ones."""
    arriving = [*thirty_reports(), *others()]
    random.Random(seed).shuffle(arriving)
    placed = stories(Window(), [arriving[i : i + 3] for i in range(0, len(arriving), 3)])
    tunnel, swimmer = placed.pop(101), placed.pop(102)
    assert len(set(placed.values())) == 1
    assert len({tunnel, swimmer, *placed.values()}) == 3


def test_the_same_calls_give_the_same_plans_and_a_story_is_known_by_its_first_article() -> None:
    batches = in_batches([*thirty_reports(), *others()], 8)

    def plans() -> list[Plan]:
        window = Window()
        return [window.assign(batch, now=START) for batch in batches]

    assert plans() == plans()
    assert {p.story_id for plan in plans() for p in plan.placements} == {1, 101, 102}


def test_a_large_window_that_is_seen_in_outline_gives_the_same_plans(monkeypatch: pytest.MonkeyPatch) -> None:
    reports = [*thirty_reports(), *others()]
    random.Random(3).shuffle(reports)

    def placed() -> dict[int, int]:
        return stories(Window(), [reports[start : start + 8] for start in range(0, len(reports), 8)])

    whole = placed()
    monkeypatch.setattr(cluster, "SEEN_WHOLE", 0)
    assert placed() == whole
    monkeypatch.setattr(cluster, "SHORTLISTED", 1)  # only the nearest of all is looked at
    assert len(set(placed().values())) >= len(set(whole.values()))


def test_an_article_that_comes_again_keeps_its_story() -> None:
    window = Window()
    batches = in_batches([*thirty_reports(), *others()], 8)
    before = stories(window, batches)
    assert stories(window, list(reversed(batches))) == before


def test_a_restored_window_goes_on_as_if_it_had_never_stopped() -> None:
    first, *rest = in_batches([*thirty_reports(), *others()], 12)
    running = Window()
    placed = stories(running, [first])
    restored = Window.restore(
        [
            WindowStory(story_id, tuple(d for d in first if placed[d.article_id] == story_id))
            for story_id in set(placed.values())
        ]
    )
    assert len(restored) == len(running)
    for batch in rest:
        ours, theirs = (w.assign(batch, now=START).placements for w in (restored, running))
        assert [(p.article_id, p.story_id) for p in ours] == [(p.article_id, p.story_id) for p in theirs]
        # Sums of the same vectors in another order differ in the last digit.
        assert [p.similarity for p in ours] == pytest.approx([p.similarity for p in theirs], abs=2e-4)


def test_stories_that_turn_out_to_be_one_are_merged_into_the_older_and_the_younger_id_redirects() -> None:
    """Two reports that an anxious decision keeps apart are joined once there is more to go by."""
    one, two, *more = thirty_reports()[:6]
    decisions = dict(learned_decisions())
    window = Window(decisions=decisions)
    anxious = Decision(np.array([-99.0 if fact == "bias" else 0.0 for fact in FACTS]))
    decisions |= dict.fromkeys(MEETINGS, anxious)
    apart = window.assign([one, two], now=START)
    decisions |= learned_decisions()
    assert [p.story_id for p in apart.placements] == [1, 2]
    plan = window.assign(more, now=START)
    assert [(m.from_id, m.into_id) for m in plan.merges] == [(2, 1)]
    assert {p.story_id for p in plan.placements} == {1}
    assert {len(facts.reports) for facts in window.facts({1, 2}).values()} == {6}
    # It is settled: what was merged is not merged again, and the next report knows one story only.
    assert window.assign([two], now=START).placements[0].story_id == 1
    assert len(window) == 1


def test_an_unknown_time_is_neutral_and_a_known_one_counts() -> None:
    wire, own = described(
        [article(1, "Glacier lake bursts", FLOOD_WIRE), article(2, "No warning in Skarholt", FLOOD_OWN)]
    )
    late = START + timedelta(days=13)

    def joins(description: Description) -> float:
        window = Window()
        window.assign([wire], now=START)
        placement = window.assign([description], now=START).placements[0]
        return placement.similarity if placement.story_id == 1 else 0.0

    undated = replace(own, at=late, dated=False)
    assert joins(undated) == joins(own) > 0.9
    assert joins(replace(own, at=late)) < joins(replace(own, at=START + timedelta(days=2))) < joins(own)


def test_a_report_in_another_language_joins_the_story_it_tells_and_no_other() -> None:
    flood, tunnel, election, korean = described(
        [
            article(1, "Glacier lake bursts above Skarholt, three dead", FLOOD_WIRE),
            article(2, "Harbour tunnel opens eleven months late", TUNNEL),
            article(3, "Swimmer among nine candidates for athletes' commission", ELECTION),
            article(4, "스카르홀트 빙하호 붕괴로 3명 사망", FLOOD_KO, language="ko", hours=2),
        ]
    )
    assert stories(Window(), [[flood, tunnel, election], [korean]])[4] == 1
    assert stories(Window(), [[tunnel, election], [korean]])[4] == 4


def test_a_story_is_foreign_to_a_report_when_less_than_half_of_it_is_in_its_language() -> None:
    """One Korean report in nine does not make a story Korean: the next one shares few words with it."""
    rows = Rows()
    mostly_english, both, unknown = (rows.open(START) for _ in range(3))
    for row, languages in ((mostly_english, ["en"] * 8 + ["ko"]), (both, ["en", "ko"]), (unknown, [""])):
        for language in languages:
            rows.add(row, {}, language=language, at=START)
    assert rows.is_foreign("ko", np.arange(3)).tolist() == [True, False, False]
    assert rows.is_foreign("en", np.arange(3)).tolist() == [False, False, False]
    assert rows.is_foreign("de", np.arange(3)).tolist() == [True, True, False]
    assert not rows.is_foreign("", np.arange(3)).any()
    assert rows.share_language(mostly_english, both)
    assert rows.share_language(mostly_english, unknown)


def test_what_left_the_window_opens_a_story_anew() -> None:
    wire, own = described(
        [article(1, "Glacier lake bursts", FLOOD_WIRE), article(2, "No warning", FLOOD_OWN, hours=24 * 20)]
    )
    window = Window()
    window.assign([wire], now=START)
    assert window.assign([own], now=own.at).placements[0].story_id == 2


@given(st.lists(st.floats(-3, 3), min_size=1, max_size=8))
def test_only_the_nearest_story_leads_and_by_what_parts_it_from_the_next(nearness: list[float]) -> None:
    leads = cluster._leads(np.array(nearness))
    assert (np.abs(leads) <= LEAD_SPAN).all()
    if len(nearness) > 1:
        second, best = sorted(nearness)[-2:]
        assert [lead > 0 for lead in leads] == [n == best and n > second for n in nearness]


@given(st.lists(st.sampled_from([-np.inf, 0.1, 0.2, 0.5, 0.9]), max_size=30), st.integers(1, 8))
def test_the_nearest_are_chosen_and_what_is_out_of_time_never(nearness: list[float], count: int) -> None:
    values = np.array(nearness)
    chosen = cluster._largest(values, count)
    finite = sorted((v for v in nearness if np.isfinite(v)), reverse=True)
    assert sorted(values[chosen], reverse=True) == finite[:count]
    assert list(chosen) == sorted(set(chosen))


def test_the_learned_weights_never_count_likeness_against_or_time_for_a_story() -> None:
    for decision in learned_decisions().values():
        weights = dict(zip(FACTS, decision.weights, strict=True))
        assert all(weights[fact] >= 0 for fact in ("words", "names", "headline", "body", "english", "lead"))
        assert weights["age"] <= 0 >= weights["middle"]


def test_headlines_alone_make_stories() -> None:
    flood, again, tunnel = described(
        [
            article(1, "Glacier lake bursts above Skarholt, three dead"),
            article(2, "Three dead as glacier lake bursts above town of Skarholt", hours=1),
            article(3, "Harbour tunnel opens eleven months late", hours=2),
        ]
    )
    assert stories(Window(), [[flood], [again, tunnel]]) == {1: 1, 2: 1, 3: 3}
