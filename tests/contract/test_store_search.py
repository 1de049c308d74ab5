import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import psycopg
import pytest
from store_values import NOW, a_description, a_vector, an_extract, describe, later, load, sha

from tidings.errors import AIError
from tidings.model import Hashtag, Plan, SearchHit, SearchQuery
from tidings.store.postgres import PostgresStore
from tidings.store.search import MEANING_FLOOR, HybridSearch, fuse

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
    return HybridSearch(store, Compass(), folder=tmp_path / "search")


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
    mute = HybridSearch(store, Mute(), folder=tmp_path / "search")
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


def test_scores_are_brought_to_one_scale() -> None:
    assert fuse([], []) == []
    fused = {
        article: score for score, article in fuse([(1, 20.0), (2, 10.0)], [(2, 1.0), (3, MEANING_FLOOR)])
    }
    assert set(fused) == {1, 2}
    assert 0 < fused[1] <= 1
    assert fused[2] > fused[1] / 2


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
