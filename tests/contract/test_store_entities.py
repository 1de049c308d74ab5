"""Entities in the database: written twice, taken down, corrected and put back."""

import pytest
from store_values import NOW, a_description, describe, later, load

from tidings.errors import Conflict, NotFound
from tidings.model import EntityMention, EntityPlan, Name, NewEntity, Placement, Plan
from tidings.store.postgres import PostgresStore
from tidings.stories.entities import keys_of, link, stories_of


def mention(
    entity_id: int, *words: str, keys: tuple[str, ...] | None = None, kind: str = "person"
) -> EntityMention:
    spelled = tuple(word.casefold() for word in words) if keys is None else keys
    return EntityMention(entity_id, kind, words, spelled, 2, False, ("minister",))  # type: ignore[arg-type]


def new(entity_id: int, label: str, kind: str = "person", **aliases: str) -> NewEntity:
    return NewEntity(entity_id, label, kind, "en", {label.casefold(): label} | aliases)  # type: ignore[arg-type]


def apply(store: PostgresStore, entities: EntityPlan, stories: dict[int, int]) -> None:
    plan = Plan(placements=tuple(Placement(a, s, 1.0) for a, s in stories.items()), entities=entities)
    store.apply(plan, [], ranks={}, epoch=store.take_group_epoch("test"), now=NOW)


def free(store: PostgresStore, n: int = 4) -> tuple[int, ...]:
    return store.known_entities(keys=[f"nobody {i}" for i in range(n)], story_ids=[]).free_ids


def named(store: PostgresStore, article_id: int) -> list[tuple[str, tuple[str, ...]]]:
    return [(n.card.label, n.words) for n in store.named_in(article_id)]


def two_people(store: PostgresStore, tag: str) -> tuple[list[int], int, int]:
    """Three articles: the first two name Ada, the last two Bo."""
    articles = load(store, f"{tag} one", f"{tag} two", f"{tag} three")
    ada, bo, *_ = free(store)
    apply(
        store,
        EntityPlan(
            new=(new(ada, f"Ada {tag}", x="x"), new(bo, f"Bo {tag}")),
            mentions={
                articles[0]: (mention(ada, f"Ada {tag}"),),
                articles[1]: (mention(ada, f"Ada {tag}", "Ada"), mention(bo, f"Bo {tag}")),
                articles[2]: (mention(bo, f"Bo {tag}"),),
            },
            made_by="entities/test",
        ),
        dict.fromkeys(articles, articles[0]),
    )
    return articles, ada, bo


def test_ids_for_new_entities_are_nobody_elses(store: PostgresStore) -> None:
    assert not set(free(store, 10)) & set(free(store, 10))


def test_a_plan_written_twice_changes_nothing(store: PostgresStore) -> None:
    (article,) = load(store, "twice")
    ada, *_ = free(store)
    plan = EntityPlan(
        new=(new(ada, "Ada Twice"),), mentions={article: (mention(ada, "Ada Twice"),)}, made_by="t"
    )
    apply(store, plan, {article: article})
    before = store.entity(ada, now=NOW)
    apply(store, plan, {article: article})
    assert store.entity(ada, now=NOW) == before
    assert (before.card.article_count, before.card.roles, before.card.last_at) == (1, ("minister",), NOW)
    assert [alias.spelling for alias in before.aliases] == ["Ada Twice"]


def test_known_entities_are_found_by_spelling_and_by_story(store: PostgresStore) -> None:
    articles, ada, bo = two_people(store, "Known")
    by_key = store.known_entities(keys=["ada known"], story_ids=[])
    assert [(e.id, e.aliases, e.company, e.roles) for e in by_key.entities] == [
        (ada, frozenset({"ada known", "x"}), frozenset({bo}), frozenset({"minister"}))
    ]
    by_story = store.known_entities(keys=[], story_ids=[articles[0]])
    assert [(e.id, e.story_ids) for e in by_story.entities] == [
        (ada, frozenset({articles[0]})),
        (bo, frozenset({articles[0]})),
    ]


def test_an_article_linked_anew_loses_what_it_no_longer_names(store: PostgresStore) -> None:
    articles, ada, bo = two_people(store, "Anew")
    apply(store, EntityPlan(mentions={articles[1]: (mention(bo, "Bo Anew"),)}), {})
    assert named(store, articles[1]) == [("Bo Anew", ("Bo Anew",))]
    assert (store.entity(ada, now=NOW).card.article_count, store.entity(bo, now=NOW).card.article_count) == (
        1,
        2,
    )


def test_with_its_last_article_an_entity_goes(store: PostgresStore) -> None:
    articles, ada, bo = two_people(store, "Gone")
    with store.database.own_connection() as connection:
        connection.execute("DELETE FROM articles WHERE id = ANY(%s)", (articles[1:],))
    with pytest.raises(NotFound):
        store.entity(bo, now=NOW)
    assert store.entity(ada, now=NOW).card.article_count == 1
    assert not store.known_entities(keys=["bo gone"], story_ids=[]).entities


def test_entities_of_the_last_days_come_first_and_page_by_key(store: PostgresStore) -> None:
    two_people(store, "Paged")
    seen: list[int] = []
    after = None
    while True:
        page = store.entities(since=later(-86_400), kind="person", after=after, limit=1)
        seen += [card.id for card in page.rows]
        if page.next_key is None:
            break
        after = page.next_key
    assert len(seen) == len(set(seen)) >= 2
    assert [c.label for c in store.entities(since=NOW, named="ada pag").rows] == ["Ada Paged"]
    assert store.entities(since=later(86_400)).rows == ()


def test_a_page_says_who_writes_when_and_beside_whom(store: PostgresStore) -> None:
    articles, ada, bo = two_people(store, "Page")
    view = store.entity(ada, now=NOW)
    assert [(card.id, n) for card, n in view.beside] == [(bo, 1)]
    assert [n for _, n in view.by_publisher] == [2]
    assert [n for _, n in view.by_day] == [2]
    assert [card.id for card in view.articles.rows] == [articles[1], articles[0]]
    assert view.spellings[articles[1]] == ("Ada Page", "Ada")
    assert [story.id for story in view.stories] == [articles[0]]


# ── corrections ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_given_spelling_holds_for_later_articles_and_is_taken_back(store: PostgresStore) -> None:
    _, ada, _ = two_people(store, "Given")
    edit = store.add_entity_alias(ada, key="the baker", spelling="The Baker", now=NOW)
    (known,) = store.known_entities(keys=["the baker"], story_ids=[]).entities
    assert (known.id, known.given) == (ada, frozenset({"the baker"}))
    with pytest.raises(Conflict):
        store.add_entity_alias(ada, key="the baker", spelling="The Baker", now=NOW)
    assert store.undo_entity_edit(edit, now=NOW) == ada
    assert not store.known_entities(keys=["the baker"], story_ids=[]).entities
    with pytest.raises(Conflict):
        store.undo_entity_edit(edit, now=NOW)


def test_a_spelling_taken_away_takes_its_articles_along_and_stays_away(store: PostgresStore) -> None:
    articles = load(store, "split one", "split two")
    ada, *_ = free(store)
    apply(
        store,
        EntityPlan(
            new=(new(ada, "Ada Split", **{"eda split": "Eda Split"}),),
            mentions={articles[0]: (mention(ada, "Ada Split"),), articles[1]: (mention(ada, "Eda Split"),)},
        ),
        {},
    )
    edit = store.remove_entity_alias(ada, key="eda split", now=NOW)
    assert named(store, articles[1]) == [("Eda Split", ("Eda Split",))]
    (own,) = store.named_in(articles[1])
    assert own.card.id != ada
    apply(
        store,
        EntityPlan(
            aliases={ada: {"eda split": "Eda Split"}}, mentions={articles[0]: (mention(ada, "Ada Split"),)}
        ),
        {},
    )
    assert [e.id for e in store.known_entities(keys=["eda split"], story_ids=[]).entities] == [own.card.id]
    with pytest.raises(Conflict):
        store.remove_entity_alias(ada, key="ada split", now=NOW)
    store.undo_entity_edit(edit, now=NOW)
    assert [n.card.id for n in store.named_in(articles[1])] == [ada]
    assert store.entity_now(own.card.id) == ada


def test_a_merge_moves_everything_redirects_and_is_taken_back(store: PostgresStore) -> None:
    articles, ada, bo = two_people(store, "Merge")
    edit = store.merge_entities(bo, into_id=ada, now=NOW)
    assert store.entity_now(bo) == ada
    merged = store.entity(bo, now=NOW)
    assert (merged.card.id, merged.card.article_count) == (ada, 3)
    assert {alias.spelling for alias in merged.aliases} == {"Ada Merge", "Bo Merge", "x"}
    assert [n.count for n in store.named_in(articles[1])] == [4]
    # A plan that was made before the merge lands where the entity lives today.
    apply(store, EntityPlan(mentions={articles[2]: (mention(bo, "Bo Merge"),)}), {})
    assert [n.card.id for n in store.named_in(articles[2])] == [ada]
    with pytest.raises(Conflict):
        store.merge_entities(ada, into_id=bo, now=NOW)
    store.undo_entity_edit(edit, now=NOW)
    assert store.entity_now(bo) == bo
    assert [sorted(n.card.id for n in store.named_in(a)) for a in articles] == [[ada], [ada, bo], [bo]]
    assert {n.card.id: n.count for n in store.named_in(articles[1])} == {ada: 2, bo: 2}
    assert {a.spelling for a in store.entity(ada, now=NOW).aliases} == {"Ada Merge", "x"}
    assert {a.spelling for a in store.entity(bo, now=NOW).aliases} == {"Bo Merge"}


def test_corrections_outlive_linking_everything_again(store: PostgresStore) -> None:
    articles = load(store, "redo one", "redo two")
    batch = [
        a_description(articles[0], names=(Name("ada redo", "Ada Redo", kind="person"),)),
        a_description(articles[1], names=(Name("bo redo", "Bo Redo", kind="person"),)),
    ]
    describe(store, *batch)

    def link_all() -> None:
        plan = Plan(placements=tuple(Placement(a, a, 1.0) for a in articles))
        known = store.known_entities(keys=keys_of(batch), story_ids=stories_of(plan))
        apply(store, link(batch, plan, known), {a: a for a in articles})

    link_all()
    (ada,), (bo,) = (store.named_in(a) for a in articles)
    store.merge_entities(bo.card.id, into_id=ada.card.id, now=NOW)
    link_all()
    assert [n.card.id for a in articles for n in store.named_in(a)] == [ada.card.id, ada.card.id]


@pytest.mark.parametrize("act", ["entity", "entity_now"])
def test_an_unknown_entity_is_not_found(store: PostgresStore, act: str) -> None:
    with pytest.raises(NotFound):
        store.entity(2**60, now=NOW) if act == "entity" else store.entity_now(2**60)
