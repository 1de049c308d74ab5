"""What editors correct, carried out by the real writer on a real database: ids, addresses, and what holds afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import NoReturn

import pytest
from store_values import NOW, a_description, a_vector, describe, later, load

from tidings.app import Tidings
from tidings.config import Settings
from tidings.errors import AIError, Conflict, NotFound
from tidings.model import Correction, CorrectionKind, Description
from tidings.pipeline import Grouper
from tidings.store.postgres import PostgresStore
from tidings.worker import Worker

TUNNEL, FERRY = (1.0,), (0.0, 1.0)


class Desk:
    """A store with its one writer, and an editor who asks."""

    def __init__(self, store: PostgresStore) -> None:
        self.store = store
        self.grouper = self.new_grouper()

    def new_grouper(self) -> Grouper:
        return Grouper(self.store, owner="test", clock=lambda: NOW + timedelta(hours=1), window_days=14.0)

    def place(self, *descriptions: Description) -> None:
        self.grouper.group(describe(self.store, *descriptions))

    def ask(
        self, kind: CorrectionKind, story_id: int, *articles: int, other: int | None = None
    ) -> Correction:
        asked = self.store.ask_correction(
            kind, story_id=story_id, other_id=other, article_ids=articles, editor="operator", now=NOW
        )
        self.carry_out()
        return self.store.correction(asked.id)

    def undo(self, correction: Correction) -> Correction:
        self.store.ask_undo(correction.id, now=later(60))
        self.carry_out()
        return self.store.correction(correction.id)

    def carry_out(self) -> None:
        for correction in self.store.waiting_corrections():
            self.grouper.correct(correction)

    def stories(self, *articles: int) -> list[int | None]:
        return [card.story_id for card in self.store.cards(articles)]

    def held(self) -> dict[int, list[int]]:
        """Every story and its articles, oldest first."""
        cards = self.store.front(limit=100).rows
        return {
            s.story_id: [a.article_id for a in s.articles]
            for s in self.store.story_articles([c.id for c in cards])
        }


@pytest.fixture
def desk(store: PostgresStore) -> Desk:
    return Desk(store)


def told(article_id: int, subject: Sequence[float], word: str, minutes: int) -> Description:
    """A report of one of two subjects, which share nothing."""
    return a_description(
        article_id,
        at=later(60 * minutes),
        headline_vector=a_vector(*subject),
        body_vector=a_vector(*subject),
        words={word: 3},
        headline_words={word: 1},
        sketch=b"",
    )


def two_stories(desk: Desk) -> tuple[list[int], list[int]]:
    """Three reports of a tunnel and two of a ferry, in a story each, the tunnel's older."""
    ids = load(desk.store, *"abcde")
    tunnel, ferry = ids[:3], ids[3:]
    desk.place(
        *(told(i, TUNNEL, "tunnel", n) for n, i in enumerate(tunnel)),
        *(told(i, FERRY, "ferry", 10 + n) for n, i in enumerate(ferry)),
    )
    assert desk.held() == {tunnel[0]: tunnel, ferry[0]: ferry}
    return tunnel, ferry


def test_a_merge_gives_the_older_id_and_undoing_it_gives_back_both(desk: Desk) -> None:
    tunnel, ferry = two_stories(desk)
    before, lead = desk.held(), desk.store.story(tunnel[0]).card.lead.id
    merge = desk.ask("merge", tunnel[0], other=ferry[0])
    assert merge.state == "done"
    assert desk.held() == {tunnel[0]: tunnel + ferry}
    assert desk.store.story_now(ferry[0]) == tunnel[0]
    assert desk.store.story(tunnel[0]).card.article_count == 5
    undone = desk.undo(merge)
    assert undone.state == "undone"
    assert desk.held() == before
    assert desk.store.story(tunnel[0]).card.lead.id == lead
    assert [desk.store.story_now(i) for i in (tunnel[0], ferry[0])] == [tunnel[0], ferry[0]]


def test_what_came_to_a_merged_story_stays_with_it_when_the_merge_is_undone(desk: Desk) -> None:
    tunnel, ferry = two_stories(desk)
    merge = desk.ask("merge", ferry[0], other=tunnel[0])
    (new,) = load(desk.store, "new")
    desk.place(told(new, FERRY, "ferry", 30))
    assert desk.stories(new) == [tunnel[0]]
    desk.undo(merge)
    assert desk.stories(*tunnel, new, *ferry) == [tunnel[0]] * 4 + [ferry[0]] * 2


def test_a_split_opens_a_story_under_its_oldest_article_and_nothing_flows_back(desk: Desk) -> None:
    tunnel, _ = two_stories(desk)
    split = desk.ask("split", tunnel[0], tunnel[1], tunnel[2])
    assert (split.state, split.change and split.change.into_id) == ("done", tunnel[1])
    assert desk.stories(*tunnel) == [tunnel[0], tunnel[1], tunnel[1]]
    more = load(desk.store, *"vwxyz")
    desk.place(*(told(i, TUNNEL, "tunnel", 20 + n) for n, i in enumerate(more)))
    assert desk.stories(*tunnel) == [
        tunnel[0],
        tunnel[1],
        tunnel[1],
    ]  # alike as they are, they were not merged
    assert set(desk.stories(*more)) <= {tunnel[0], tunnel[1]}
    undone = desk.undo(split)
    assert undone.state == "undone"
    assert set(desk.stories(*tunnel, *more)) == {tunnel[0]}
    assert desk.store.story_now(tunnel[1]) == tunnel[0]


def test_the_part_that_keeps_the_opening_article_keeps_the_id(desk: Desk) -> None:
    tunnel, _ = two_stories(desk)
    split = desk.ask("split", tunnel[0], tunnel[0])
    assert desk.stories(*tunnel) == [tunnel[0], tunnel[1], tunnel[1]]
    desk.undo(split)
    assert desk.stories(*tunnel) == [tunnel[0]] * 3


def test_a_move_leaves_one_story_for_another_and_back(desk: Desk) -> None:
    tunnel, ferry = two_stories(desk)
    before = desk.held()
    move = desk.ask("move", tunnel[0], tunnel[2], other=ferry[0])
    assert desk.held() == {tunnel[0]: tunnel[:2], ferry[0]: [tunnel[2], *ferry]}
    desk.undo(move)
    assert desk.held() == before


def test_a_story_whose_opening_article_moves_goes_on_under_its_next_and_its_address_leads_there(
    desk: Desk,
) -> None:
    tunnel, ferry = two_stories(desk)
    before = desk.held()
    move = desk.ask("move", tunnel[0], tunnel[0], other=ferry[0])
    assert desk.held() == {tunnel[1]: tunnel[1:], ferry[0]: [tunnel[0], *ferry]}
    assert desk.store.story_now(tunnel[0]) == tunnel[1]
    desk.undo(move)
    assert desk.held() == before
    assert desk.store.story_now(tunnel[0]) == tunnel[0]


def test_corrections_hold_when_stories_are_formed_anew(desk: Desk) -> None:
    """All of them, by a writer that has just begun, from articles that are in no story any more."""
    tunnel, ferry = two_stories(desk)
    desk.ask("split", tunnel[0], tunnel[2])
    desk.ask("merge", tunnel[0], other=ferry[0])
    before = desk.held()
    with desk.store.database.own_connection() as connection:
        connection.execute(
            "UPDATE articles SET story_id = NULL; DELETE FROM stories; DELETE FROM story_redirects"
        )
    desk.grouper = desk.new_grouper()
    assert desk.store.redo("group", made_by=None, now=NOW) == 5
    desk.grouper.group(desk.store.claim("group", now=later(9), limit=100, lease_s=60))
    assert desk.held() == before == {tunnel[0]: [*tunnel[:2], *ferry], tunnel[2]: [tunnel[2]]}


def test_a_writer_that_begins_anew_knows_what_was_corrected(desk: Desk) -> None:
    tunnel, _ = two_stories(desk)
    desk.ask("split", tunnel[0], tunnel[1])
    desk.grouper = desk.new_grouper()
    more = load(desk.store, *"xyz")
    desk.place(*(told(i, TUNNEL, "tunnel", 20 + n) for n, i in enumerate(more)))
    assert desk.stories(tunnel[0], tunnel[1]) == [tunnel[0], tunnel[1]]


def test_the_window_after_a_correction_is_the_one_a_new_writer_restores(desk: Desk) -> None:
    tunnel, ferry = two_stories(desk)
    desk.ask("move", tunnel[0], tunnel[2], other=ferry[0])
    restored = desk.new_grouper().window
    ids = {tunnel[0], ferry[0]}
    assert {i: sorted(map(repr, f.reports)) for i, f in restored.facts(ids).items()} == {
        i: sorted(map(repr, f.reports)) for i, f in desk.grouper.window.facts(ids).items()
    }
    assert len(restored) == len(desk.grouper.window) == 2


def test_a_later_correction_of_the_same_articles_is_undone_first(desk: Desk) -> None:
    tunnel, ferry = two_stories(desk)
    split = desk.ask("split", tunnel[0], tunnel[2])
    merge = desk.ask("merge", tunnel[2], other=ferry[0])
    refused = desk.undo(split)
    assert refused.state == "done"
    assert "Undo that merge first" in refused.problem
    assert desk.undo(merge).state == "undone"
    assert desk.undo(refused).state == "undone"
    assert desk.held() == {tunnel[0]: tunnel, ferry[0]: ferry}


def test_what_cannot_be_done_any_more_says_why(desk: Desk) -> None:
    tunnel, ferry = two_stories(desk)
    assert "choose some" in desk.ask("split", tunnel[0], *tunnel).problem
    assert "chosen articles" in desk.ask("split", tunnel[0], ferry[0]).problem
    assert "one story already" in desk.ask("merge", tunnel[0], other=tunnel[0]).problem
    assert "gone" in desk.ask("merge", 999, other=tunnel[0]).problem
    assert desk.held() == {tunnel[0]: tunnel, ferry[0]: ferry}
    assert [c.state for c in desk.store.corrections().rows] == ["refused"] * 4
    with pytest.raises(Conflict):
        desk.store.ask_undo(desk.store.corrections().rows[0].id, now=NOW)
    with pytest.raises(NotFound):
        desk.store.ask_undo(999, now=NOW)


def test_a_correction_withdrawn_while_it_waits_is_never_done(desk: Desk) -> None:
    tunnel, ferry = two_stories(desk)
    asked = desk.store.ask_correction(
        "merge", story_id=tunnel[0], other_id=ferry[0], editor="operator", now=NOW
    )
    assert asked.state == "waiting"
    assert desk.undo(asked).state == "undone"
    assert desk.held() == {tunnel[0]: tunnel, ferry[0]: ferry}


def test_a_writer_that_lost_its_place_changes_nothing_and_the_next_one_does_it(desk: Desk) -> None:
    tunnel, ferry = two_stories(desk)
    old, desk.grouper = desk.grouper, desk.new_grouper()
    asked = desk.store.ask_correction(
        "merge", story_id=tunnel[0], other_id=ferry[0], editor="operator", now=NOW
    )
    with pytest.raises(Conflict):
        old.correct(asked)
    assert desk.held() == {tunnel[0]: tunnel, ferry[0]: ferry}
    desk.carry_out()
    assert desk.held() == {tunnel[0]: tunnel + ferry}


def test_marks_stay_with_the_articles_wherever_they_go(desk: Desk) -> None:
    tunnel, ferry = two_stories(desk)
    desk.store.mark([ferry[0]], saved=True, read=True, now=NOW)
    merge = desk.ask("merge", tunnel[0], other=ferry[0])
    assert desk.store.story(tunnel[0]).card.unread_count == 4
    desk.undo(merge)
    assert desk.store.cards([ferry[0]])[0].saved_at == NOW
    assert desk.store.story(ferry[0]).card.unread_count == 1


def test_a_storys_corrections_are_listed_under_every_id_it_had(desk: Desk) -> None:
    tunnel, ferry = two_stories(desk)
    split = desk.ask("split", ferry[0], ferry[1])
    merge = desk.ask("merge", tunnel[0], other=ferry[0])
    assert [c.id for c in desk.store.corrections(story_id=tunnel[0]).rows] == [merge.id, split.id]
    assert [c.id for c in desk.store.corrections(story_id=ferry[1]).rows] == [split.id]
    first = desk.store.corrections(limit=1)
    assert [c.id for c in first.rows] == [merge.id]
    assert [c.id for c in desk.store.corrections(after=first.next_key).rows] == [split.id]


def test_standing_corrections_and_verdicts_are_training_pairs(desk: Desk) -> None:
    tunnel, ferry = two_stories(desk)
    split = desk.ask("split", tunnel[0], tunnel[2])
    merge = desk.ask("merge", tunnel[2], other=ferry[0])
    desk.undo(desk.ask("split", ferry[0], ferry[1]))
    desk.store.call_unrelated(ferry[0], tunnel[0], editor="operator", now=NOW)
    pairs = {(p.verdict, *sorted((p.one_id, p.other_id)), p.correction_id) for p in desk.store.judged_pairs()}
    assert pairs == {
        ("apart", tunnel[0], tunnel[2], split.id),
        ("apart", tunnel[1], tunnel[2], split.id),
        ("together", tunnel[2], ferry[0], merge.id),
        ("together", tunnel[2], ferry[1], merge.id),
        ("unrelated", tunnel[0], ferry[0], None),
    }


def test_a_verdict_counts_either_way_round_until_it_is_taken_back(store: PostgresStore) -> None:
    one, other, third = load(store, *"abc")
    store.call_unrelated(other, one, editor="operator", now=NOW)
    store.call_unrelated(one, other, editor="operator", now=later(5))
    assert (store.unrelated(one), store.unrelated(other), store.unrelated(third)) == ([other], [one], [])
    store.call_unrelated(one, other, editor="operator", now=later(9), undo=True)
    assert store.unrelated(one) == []
    assert list(store.judged_pairs()) == []
    with pytest.raises(NotFound):
        store.call_unrelated(one, 999, editor="operator", now=NOW)
    with pytest.raises(Conflict):
        store.call_unrelated(one, one, editor="operator", now=NOW)


class Silent:
    """An embedder that cannot answer: stories are placed all the same."""

    name = "silent@test"
    dim = 1

    def embed(self, texts: Sequence[str]) -> NoReturn:
        raise AIError("embedder", "The language model does not answer.")


def test_a_correction_that_fails_is_refused_and_articles_go_on(
    store: PostgresStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(store)
    tunnel, ferry = two_stories(desk)
    tidings = Tidings(
        Settings(home=tmp_path),
        store=store,
        fetcher=None,  # type: ignore[arg-type]
        embedder=Silent(),
        clock=lambda: later(3600),
    )
    monkeypatch.setattr("tidings.pipeline.decide", lambda *_, **__: 1 / 0)
    store.ask_correction("merge", story_id=tunnel[0], other_id=ferry[0], editor="operator", now=NOW)
    Worker(tidings, owner="test", stop=Event()).drain()
    assert [c.state for c in store.corrections().rows] == ["refused"]
    assert store.waiting_corrections() == []
