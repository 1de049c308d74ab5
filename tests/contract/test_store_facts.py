"""What articles hold to be cited, as the store keeps it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from store_values import an_extract, later, load, read, sha

from tidings.model import Facts, Figure, Quote, TimeExpression
from tidings.store.postgres import PostgresStore

QUOTE = Quote(0, 1, 9, "It opens", "Agnete Roald", "the mayor")
LOOSE = Quote(1, 0, 4, "Soon", None, None, True)
FIGURE = Figure(
    0, 20, 34, "2.4 to 3.1 bn", Decimal("2400000000"), "crowns", "", Decimal("3100000000"), "about"
)
TINY = Figure(1, 0, 4, "0.05", Decimal("0.05"), "percent", "GDP")
MONDAY = TimeExpression(0, 40, 46, "Monday", date(2026, 3, 2), date(2026, 3, 2), "day")
LATER = TimeExpression(1, 4, 8, "2035", date(2035, 1, 1), date(2035, 12, 31), "year", True)


def facts_of(article_id: int, headline: str, **given: object) -> Facts:
    found = Facts(
        article_id, sha(headline), (QUOTE, LOOSE), (FIGURE, TINY), (MONDAY, LATER), MONDAY, "facts/1"
    )
    return replace(found, **given)


def test_facts_come_back_as_they_were_kept(store: PostgresStore) -> None:
    one, two, bare = load(store, "one", "two", "bare")
    kept = [facts_of(one, "one"), facts_of(two, "two", quotes=(), figures=(), times=(), event=None)]
    store.keep_facts(kept)
    assert store.facts([two, one, bare, 999]) == {one: kept[0], two: kept[1]}


def test_keeping_facts_twice_changes_nothing_and_newer_ones_replace_them(store: PostgresStore) -> None:
    (one,) = load(store, "one")
    first = facts_of(one, "one")
    store.keep_facts([first])
    store.keep_facts([first])
    assert store.facts([one]) == {one: first}
    second = facts_of(one, "one", quotes=(LOOSE,), event=LATER, made_by="facts/2")
    store.keep_facts([second])
    assert store.facts([one]) == {one: second}


def test_facts_of_another_text_are_neither_kept_nor_shown(store: PostgresStore) -> None:
    read(store, an_extract("The tunnel opens on Monday."))
    (one,) = (work.subject_id for work in store.claim("describe", now=later(1), limit=9, lease_s=60))
    old = facts_of(one, "The tunnel opens on Monday.")
    store.keep_facts([old])
    assert one in store.facts([one])
    read(store, an_extract("The tunnel opens on Tuesday."), at=later(60))
    assert store.facts([one]) == {}  # its spans would cite words that the text does not have any more
    store.keep_facts([old])  # by a worker that was slow
    assert store.facts([one]) == {}
    new = facts_of(one, "The tunnel opens on Tuesday.")
    store.keep_facts([new])
    assert store.facts([one]) == {one: new}


def test_facts_go_with_their_article(store: PostgresStore) -> None:
    one, two = load(store, "one", "two")
    store.keep_facts([facts_of(one, "one"), facts_of(two, "two")])
    with store.database.own_connection() as connection:
        connection.execute("DELETE FROM articles WHERE id = %s", (one,))
        left = {
            table: [
                row["article_id"] for row in connection.execute(f"SELECT DISTINCT article_id FROM {table}")
            ]
            for table in ("facts", "quotes", "figures", "times")
        }
    assert left == {"facts": [two], "quotes": [two], "figures": [two], "times": [two]}
