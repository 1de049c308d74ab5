import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import psycopg
import pytest
from store_values import NOW, a_description, a_vector, an_extract, describe, later, load, sha

from tidings.errors import AIError
from tidings.model import Hashtag, Period, Plan, SearchHit, SearchQuery
from tidings.store.fusing import KINDS, Likeness, learned_weights, ranked
from tidings.store.postgres import PostgresStore
from tidings.store.search import HybridSearch

DIRECTIONS = {"sea": a_vector(1.0), "ship": a_vector(1.0, 0.3), "court": a_vector(0, 0, 1.0)}


class Compass:
    """An embedder of three words: what a text means is where its first known word points."""

    name = "usem3@test"
    dim = 8

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        return np.stack(
            [next((DIRECTIONS[w] for w in DIRECTIONS if w in t), np.zeros(8)) for t in texts]
        ).astype(np.float32)


class Mute(Compass):
    def embed(self, texts: Sequence[str]) -> np.ndarray:
        raise AIError("embedder", "It is out.")


@pytest.fixture
def search(store: PostgresStore, tmp_path: Path) -> HybridSearch:
    return HybridSearch(store, Compass(), folder=tmp_path / "search", clock=lambda: NOW)


def articles(store: PostgresStore) -> list[int]:
    """Three articles: a tunnel under the sea, a trial, and one in Korean."""
    texts = [
        ("Tunnel opens", "The harbour tunnel opens on Monday.\nFerries stop.", "en", a_vector(1.0, 0.5)),
        ("Trial begins", "A judge hears of the tunnel.", "en", a_vector(0, 0.1, 1.0)),
        ("한국과 나토", "정부는 나토와 방산 수출을 협의했다.", "ko", a_vector(0, 0, 0, 1.0)),
    ]
    ids = store.load_articles(
        [
            (
                f"https://kurier.example/{n}",
                an_extract(text, headline=head, language=language, published_at=later(n)),
                sha(head),
            )
            for n, (head, text, language, _) in enumerate(texts)
        ],
        publisher="https://kurier.example/",
        now=NOW,
    )
    describe(
        store,
        *(
            a_description(i, language=language, body_vector=vector)
            for i, (_, _, language, vector) in zip(ids, texts, strict=True)
        ),
    )
    return ids


def found(search: HybridSearch, text: str, **filters: object) -> list[int]:
    return [hit.card.id for hit in search.search(SearchQuery(text, **filters)).rows]


def test_a_hit_is_shown_by_its_own_words(store: PostgresStore, search: HybridSearch) -> None:
    tunnel, trial, korean = articles(store)
    assert search.refresh() == 3
    assert search.refresh() == 0
    listed = search.search(SearchQuery("tunnels"))
    assert [hit.card.id for hit in listed.rows] == [tunnel, trial]
    first = listed.rows[0]
    assert first == SearchHit(
        card=store.cards([tunnel])[0],
        score=first.score,
        headline_spans=((0, 6),),
        fragments=(("The harbour tunnel opens on Monday.", ((12, 18),)),),
    )
    (hit,) = search.search(SearchQuery("나토")).rows
    assert (hit.card.id, hit.headline_spans) == (korean, ((4, 6),))
    assert hit.fragments == (("정부는 나토와 방산 수출을 협의했다.", ((4, 6),)),)


def test_what_no_word_finds_is_found_by_its_meaning(store: PostgresStore, search: HybridSearch) -> None:
    tunnel, trial, _ = articles(store)
    search.refresh()
    assert found(search, "sea") == [tunnel]
    assert found(search, "court") == [trial]
    assert found(search, "court -judge") == []
    assert found(search, 'court "harbour tunnel"') == [tunnel]
    assert found(search, "xylophone") == []


def test_words_are_found_while_the_embedder_is_out_and_meaning_before_the_index_is_built(
    store: PostgresStore, search: HybridSearch, tmp_path: Path
) -> None:
    tunnel, trial, _ = articles(store)
    assert found(search, "sea") == [tunnel]
    search.refresh()
    mute = HybridSearch(store, Mute(), folder=tmp_path / "search", clock=lambda: NOW)
    assert found(mute, "tunnel") == [tunnel, trial]


def test_filters_narrow_words_and_meaning(store: PostgresStore, search: HybridSearch) -> None:
    tunnel, trial, korean = articles(store)
    tag = Hashtag("harbour", "Harbour", "harbour", 0.5)
    store.apply(Plan(hashtags={tunnel: (tag,)}), [], ranks={}, epoch=store.take_group_epoch("t"), now=NOW)
    search.refresh()
    for text in ("tunnel", "sea"):
        assert found(search, text, hashtag="harbour") == [tunnel]
        assert found(search, text, hashtag="none") == []
        assert found(search, text, until=later(0)) == []
        assert found(search, text, language="ko") == []
        assert found(search, text, publisher_id=999) == []
    assert found(search, "tunnel", since=later(1)) == [trial]
    assert found(search, "") == [korean, trial, tunnel]
    assert found(search, " -", language="en", publisher_id=store.publishers()[0].id) == [trial, tunnel]
    assert found(search, "", hashtag="harbour", since=NOW, until=later(1)) == [tunnel]


def test_results_page_by_key(store: PostgresStore, search: HybridSearch) -> None:
    ids = load(store, *(f"tunnel {n}" for n in range(7)))
    search.refresh()
    for text in ("tunnel", ""):
        page = search.search(SearchQuery(text), limit=3)
        seen = [hit.card.id for hit in page.rows]
        while page.next_key:
            page = search.search(SearchQuery(text), after=page.next_key, limit=3)
            seen.extend(hit.card.id for hit in page.rows)
        assert sorted(seen) == sorted(ids)
        assert len(seen) == 7
    assert search.search(SearchQuery("tunnel"), after="nonsense", limit=3).rows


def test_an_article_that_changed_or_is_gone_is_found_as_it_is(
    store: PostgresStore, search: HybridSearch, dsn: str
) -> None:
    tunnel, _, _ = articles(store)
    search.refresh()
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("DELETE FROM articles WHERE id = %s", (tunnel,))
        assert found(search, "harbour") == []  # still in the index, no more in the database
        connection.execute(
            "UPDATE changes SET changed_in = pg_current_xact_id() WHERE article_id = %s", (tunnel,)
        )
    assert search.refresh() == 1


def test_a_change_that_commits_late_is_not_missed(
    store: PostgresStore, search: HybridSearch, dsn: str
) -> None:
    articles(store)
    with psycopg.connect(dsn) as slow:
        slow.execute("SELECT pg_current_xact_id()")
        (early,) = load(store, "early lighthouse")
        search.refresh()
        assert found(search, "lighthouse") == []  # an older transaction is still open
        slow.execute("UPDATE articles SET headline = 'late lighthouse' WHERE headline = 'Trial begins'")
        slow.execute(
            "UPDATE changes SET changed_in = pg_current_xact_id() WHERE article_id = (SELECT id FROM articles WHERE headline LIKE 'late%')"
        )
        slow.commit()
    search.refresh()
    assert len(found(search, "lighthouse")) == 2
    assert early in found(search, "lighthouse")


def test_articles_that_many_processes_write_at_once_are_all_taken_in(
    store: PostgresStore, search: HybridSearch
) -> None:
    def write(thread: int) -> None:
        for n in range(10):
            load(store, f"lantern {thread} {n}")

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        search.refresh()
    search.refresh()
    page = search.search(SearchQuery("lantern"), limit=100)
    assert len(page.rows) == 40


# ── how well it answers ──────────────────────────────────────────────────────────────────────────────────────────────


def test_more_words_and_nearer_meaning_answer_better_and_what_has_neither_is_no_answer() -> None:
    likeness = {
        1: Likeness(0.2, 0.5, 0.5),
        2: Likeness(0.2, 0.5, 0.6),
        3: Likeness(0.25, 0.5, 0.5),
        4: Likeness(0.0, 0.1, 0.1),
        5: Likeness(0.2, 0.5, None),
        6: Likeness(0.2, 0.6, None),
    }
    order = [article_id for _, article_id in ranked(likeness)]
    assert order.index(2) < order.index(1)
    assert order.index(3) < order.index(1)
    assert order.index(6) < order.index(5)
    assert 4 not in order
    assert ranked({}) == []


def test_what_has_a_good_part_of_the_words_is_found_though_its_meaning_is_far() -> None:
    found = [
        article_id for _, article_id in ranked({1: Likeness(0.35, 0.0, 0.0), 2: Likeness(0.25, 0.0, 0.0)})
    ]
    assert found == [1]


def test_to_have_nearly_all_of_the_words_is_worth_something_too() -> None:
    most, half, meant = (
        Likeness(0.95, 0.1, 0.1),
        Likeness(0.5, 0.1, 0.1),
        Likeness(0.3, 0.2, 0.2),
    )
    assert [n for _, n in ranked({1: most, 2: half, 3: meant})] == [1, 3, 2]


def test_what_has_the_words_as_they_were_typed_goes_before_what_only_means_the_same() -> None:
    for english in (0.5, None):
        near = Likeness(0.0, 0.7, english and 0.7)
        whole = Likeness(0.9, 0.2, english and 0.2, has_all=True)
        row = Likeness(0.9, 0.2, english and 0.2, has_all=True, in_a_row=True)
        assert next(n for _, n in ranked({1: near, 2: whole, 3: row})) == 3
        assert [n for _, n in ranked({2: whole, 3: row})] == [3, 2]
    assert ranked({1: Likeness(0.1, None, None)})  # not read by any embedder yet


def test_the_kept_weights_are_of_the_sign_that_each_fact_must_have() -> None:
    for kind in KINDS:
        words, meaning, english, whole, row, bias = learned_weights()[kind]
        assert min(words, whole, row) > 0
        assert min(meaning, english) >= 0
        assert bias < 0


# ── how a query is read ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_date_narrows_unless_nothing_is_left(store: PostgresStore, search: HybridSearch) -> None:
    tunnel, trial, _ = articles(store)
    search.refresh()
    assert found(search, "tunnel today") == [tunnel, trial]
    answer = search.search(SearchQuery("tunnel in 2019"))
    assert [hit.card.id for hit in answer.rows] == [tunnel, trial]
    assert [(one.kind, one.holds, one.instead) for one in answer.understood] == [("period", False, "tunnel")]
    (read,) = search.search(SearchQuery("tunnel today")).understood
    assert (read.kind, read.holds, read.said) == ("period", True, "today")
    assert isinstance(read.value, Period)
    assert found(search, "today", language="ko") == found(search, "", language="ko")


def test_a_question_only_wishes_for_its_date(store: PostgresStore, search: HybridSearch) -> None:
    old, new = store.load_articles(
        [
            (
                f"https://kurier.example/{year}",
                an_extract(
                    "The harbour tunnel opens.", headline="Tunnel", published_at=NOW.replace(year=year)
                ),
                sha(f"{year}"),
            )
            for year in (NOW.year - 3, NOW.year)
        ],
        publisher="https://kurier.example/",
        now=NOW,
    )
    search.refresh()
    assert found(search, f"When did the tunnel open in {NOW.year}?") == [new, old]
    assert found(search, f"When did the tunnel open in {NOW.year - 3}?") == [old, new]
    assert found(search, f"tunnel in {NOW.year - 3}") == [old]


def test_what_a_question_quotes_need_not_stand_there(store: PostgresStore, search: HybridSearch) -> None:
    tunnel, _, _ = articles(store)
    search.refresh()
    assert found(search, 'What is called the "eighth wonder" by the harbour tunnel?')[0] == tunnel
    assert found(search, '"eighth wonder" harbour') == []
    assert found(search, '"ferries" harbour') == [tunnel]


def test_a_slip_is_mended_and_said_unless_it_is_quoted(store: PostgresStore, search: HybridSearch) -> None:
    tunnel, trial, _ = articles(store)
    search.refresh()
    answer = search.search(SearchQuery("tunmel today"))
    assert [hit.card.id for hit in answer.rows] == [tunnel, trial]
    slip = answer.understood[-1]
    assert (slip.kind, slip.said, slip.instead) == ("slip", "tunmel", '"tunmel" today')
    assert slip.value in ("Tunnel", "tunnel")
    assert search.search(SearchQuery('"tunmel"')).rows == ()
    assert search.search(SearchQuery("harbour -tunmel")).understood == ()


def test_a_name_is_found_in_another_spelling(store: PostgresStore, search: HybridSearch) -> None:
    ids = load(store, "Zelensky visits the tunnel", "Müller opens a ferry", "A tunnel is dug", "Nobody came")
    search.refresh()
    for text in ("Zelenskyy", "selenskyj", "Зеленский"):
        assert found(search, text) == ids[:1], text
    assert found(search, "mueller") == ids[1:2]


def test_somebody_is_found_by_what_articles_call_them_too(
    store: PostgresStore, search: HybridSearch, dsn: str
) -> None:
    korean, english = load(store, "조태열 장관이 말했다", "Cho Tae-yul speaks")
    search.refresh()
    assert found(search, "Cho Tae-yul") == [english]
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO entities (id, label, kind, made_by) VALUES (7, 'Cho Tae-yul', 'person', 'test'), (8, 'Cho', 'person', 'test')"
        )
        connection.execute(
            "INSERT INTO entity_aliases (entity_id, key, spelling, refused) VALUES (7, 'cho tae-yul', 'Cho Tae-yul', false),"
            " (7, '조태열', '조태열', false), (7, 'nobody', 'Nobody', true), (8, 'cho', 'Cho', false)"
        )
    assert store.names_like(["cho tae-yul", "cho", "nobody", "x"]) == {"cho tae-yul": ("조태열",)}
    assert found(search, "Cho Tae-yul") == [english, korean]
    assert found(search, "조태열") == [korean, english]


def test_other_names_of_things_are_looked_for_too(store: PostgresStore, tmp_path: Path) -> None:
    (german,) = load(store, "Deutschland gewinnt", "Somebody wins")[:1]
    search = HybridSearch(
        store,
        Mute(),
        folder=tmp_path / "search",
        clock=lambda: NOW,
        other_names=lambda text: [("germany", ("Deutschland",))] if "germany" in text else [],
    )
    search.refresh()
    assert found(search, "germany") == [german]
    assert found(search, "france") == []


def test_acronyms_that_texts_explain_stand_for_what_they_mean(
    store: PostgresStore, search: HybridSearch
) -> None:
    explained = load(store, *(f"The Port Safety Board (PSB) met, day {n}" for n in range(3)))
    short, long, _ = load(store, "PSB closes the dock", "Port Safety Board closes the quay", "A dock closes")
    search.refresh()
    assert {short, long, *explained} <= set(found(search, "psb"))
    assert {short, long, *explained} <= set(found(search, "Port Safety Board"))


def test_similarities_are_those_of_the_model_that_is_asked(store: PostgresStore) -> None:
    tunnel, trial, korean = articles(store)
    vector = DIRECTIONS["court"].astype(np.float32)
    found = store.similarities([tunnel, trial, korean, 999], vector, model="usem3@test")
    assert set(found) == {tunnel, trial, korean}
    assert found[trial] > 0.9
    assert found[tunnel] == pytest.approx(0, abs=1e-6)
    assert store.similarities([tunnel], vector, model="another") == {}
    assert store.similarities([tunnel], vector[:4], model="usem3@test") == {}


def test_changes_come_in_the_order_of_their_transactions_however_long_their_numbers(
    store: PostgresStore, dsn: str
) -> None:
    """999 comes before 1000, as numbers do; as texts they would not, and every article in between would be lost."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        next_one = connection.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::int").fetchone()
        assert next_one is not None
        longer = 10 ** len(str(next_one[0]))
        connection.execute("SET synchronous_commit = off")
        used = f"FOR n IN 1..{longer - next_one[0] - 4} LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP"
        connection.execute(f"DO $$ BEGIN {used}; END $$")
        ids = [load(store, f"headline {n}")[0] for n in range(8)]
        row = connection.execute(
            "SELECT min(changed_in)::text, max(changed_in)::text FROM changes"
        ).fetchone()
        assert row is not None
        assert len(row[0]) < len(row[1])
    seen: list[int] = []
    changes = store.search_changes(cursor=None, limit=3)
    while changes.texts:
        seen += [text.article_id for text in changes.texts]
        changes = store.search_changes(cursor=changes.cursor, limit=3)
    assert seen == ids
