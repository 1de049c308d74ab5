"""What is said of articles, as the store keeps it: sources, models' answers, what they took, what readers call wrong."""

from dataclasses import replace
from decimal import Decimal

import pytest
from store_values import NOW, a_description, an_extract, later, load, read, sha

from tidings.errors import NotFound
from tidings.model import (
    Answer,
    Citation,
    Claim,
    CopyOf,
    Cost,
    KeptAnswer,
    Listed,
    ModelCall,
    Name,
    Placement,
    Plan,
    Source,
    Spent,
    StoryRank,
)
from tidings.store.postgres import PostgresStore


def a_claim(article_id: int, text: str = "It opens on Monday.") -> Claim:
    return Claim(text, (Citation(article_id, 1, sha("one"), 0, 0, len(text), text),), "en")


def an_answer(*claims: Claim, made_by: str = "a-model · brief/1") -> Answer:
    ids = tuple(sorted({c.article_id for claim in claims for c in claim.citations}))
    return Answer(claims, made_by, NOW, ids, {"name": 2}, Cost(812, 90, Decimal("0.0021"), "EUR"))


def test_sources_are_articles_as_they_can_be_cited(store: PostgresStore) -> None:
    one, two = load(store, "one", "two")
    cho = Name("cho tae yul", "Cho Tae-yul", 2, True, "person", ("Cho",), ("minister",))
    work = store.claim("describe", now=later(1), limit=9, lease_s=60)
    store.record_descriptions(
        work,
        [a_description(one, names=(cho,), agency="Concord Wire"), a_description(two)],
        now=later(2),
    )
    articles = {article.id: article for article in store.articles([one, two])}
    found = store.sources([two, 999, one])
    assert [source.article_id for source in found] == [two, one]
    article = articles[one]
    assert found[1] == Source(
        article_id=one,
        revision=1,
        text_digest=article.text_digest,
        publisher=article.publisher.name,
        at=article.at,
        language=article.extract.language,
        headline=article.extract.headline,
        paragraphs=article.extract.paragraphs,
        standfirst=article.extract.standfirst,
        facts=None,
        names=(cho,),
        original_id=None,
        voice="concord wire",
    )
    assert found[0].voice == f"publisher {articles[two].publisher.id}"


def test_an_article_that_is_not_described_yet_can_be_cited(store: PostgresStore) -> None:
    read(store, an_extract("The tunnel opens on Monday."))
    (work,) = store.claim("describe", now=later(1), limit=9, lease_s=60)
    (source,) = store.sources([work.subject_id])
    assert (source.names, source.facts) == ((), None)


def test_an_answer_comes_back_as_it_was_kept_and_a_newer_one_takes_its_place(store: PostgresStore) -> None:
    one, two = load(store, "one", "two")
    asked = {"feature": "brief", "subject": f"story {one}", "options": "short"}
    assert store.kept_answer(**asked) is None
    first = an_answer(a_claim(one), a_claim(two, "조태열 “it” opens."))
    store.keep_answer(**asked, inputs=b"a", answer=first)
    assert store.kept_answer(**asked) == KeptAnswer(b"a", first)
    assert store.kept_answer(**asked | {"options": "long"}) is None
    second = replace(an_answer(a_claim(two)), made_at=later(60), cost=None)
    store.keep_answer(**asked, inputs=b"b", answer=second)
    assert store.kept_answer(**asked) == KeptAnswer(b"b", second)


def test_what_is_said_goes_with_its_articles(store: PostgresStore) -> None:
    one, two = load(store, "one", "two")
    both = an_answer(a_claim(one), a_claim(two))
    for feature, answer in (("brief", both), ("summary", an_answer(a_claim(two)))):
        store.keep_answer(feature=feature, subject="x", options="", inputs=b"", answer=answer)
    wrong = store.report_wrong(
        a_claim(one), feature="brief", page="/story/1", made_by="extract/1", note="", now=NOW
    )
    with store.database.own_connection() as connection:
        connection.execute("DELETE FROM articles WHERE id = %s", (one,))
    assert store.kept_answer(feature="brief", subject="x", options="") is None
    assert store.kept_answer(feature="summary", subject="x", options="") is not None
    assert store.wrong_claims() == Listed((), None)
    with pytest.raises(NotFound):
        store.settle_wrong(wrong.id, state="kept", reply="", now=NOW)
    store.keep_answer(
        feature="brief", subject="x", options="", inputs=b"", answer=both
    )  # by one that was slow
    assert store.kept_answer(feature="brief", subject="x", options="") is None


def test_what_models_took_is_added_up_by_time_and_reader(store: PostgresStore) -> None:
    assert store.spent(since=NOW) == Spent(0, 0, 0, Decimal(0))
    for at, reader, price in ((0, "ann", "0.5"), (10, "ann", None), (20, "bob", "0.25")):
        cost = Cost(100, 10, None if price is None else Decimal(price))
        store.record_call(ModelCall(later(at), reader, "brief", "a-model", cost))
    assert store.spent(since=NOW) == Spent(3, 300, 30, Decimal("0.75"))
    assert store.spent(since=NOW, reader="ann") == Spent(2, 200, 20, Decimal("0.5"))
    assert store.spent(since=later(5), reader="ann") == Spent(1, 100, 10, Decimal(0))


def test_a_claim_called_wrong_is_listed_once_decided_and_withdrawn(store: PostgresStore) -> None:
    (one,) = load(store, "one")
    claim, other = a_claim(one), a_claim(one, "It is late.")
    said = {"feature": "brief", "page": "/story/1", "made_by": "extract/1"}
    store.report_wrong(claim, **said, note="It was Tuesday.", now=NOW)
    again = store.report_wrong(claim, **said, note="", now=later(5))
    assert (again.claim, again.reports, again.note, again.state) == (claim, 2, "It was Tuesday.", "open")
    late = store.report_wrong(other, **said, note="", now=later(9))
    first = store.wrong_claims(limit=1)
    assert first.rows == (late,)
    assert store.wrong_claims(after=first.next_key).rows == (again,)
    assert store.withdrawn([claim, other]) == frozenset()
    settled = store.settle_wrong(again.id, state="withdrawn", reply="It was.", now=later(20))
    assert (settled.state, settled.reply, settled.decided_at) == ("withdrawn", "It was.", later(20))
    assert store.withdrawn([other, claim, claim]) == frozenset({1, 2})
    assert store.settle_wrong(again.id, state="open", reply="", now=later(30)).decided_at is None
    assert store.withdrawn([claim]) == frozenset()


def test_the_reports_before_an_article_are_those_of_its_story_without_copies(store: PostgresStore) -> None:
    first, copy, second, last, other = load(store, "first", "copy", "second", "last", "other")
    together = (first, copy, second, last)
    placed = tuple(Placement(article_id, first, 1.0) for article_id in together)
    store.apply(
        Plan(
            copies=(CopyOf(copy, first, 1.0),),
            placements=(*placed, Placement(other, other, 1.0)),
            made_by="group/1",
        ),
        (),
        ranks={story_id: StoryRank(1.0, ()) for story_id in (first, other)},
        epoch=store.take_group_epoch("test"),
        now=later(600),
    )
    story = store.story(first)
    assert [card.id for card, _ in story.reports] == [first, second, last]
    assert store.earlier_reports(last, limit=9) == [first, second]
    assert store.earlier_reports(last, limit=1) == [second]
    assert store.earlier_reports(first, limit=9) == store.earlier_reports(other, limit=9) == []
    assert store.earlier_reports(999, limit=9) == []
