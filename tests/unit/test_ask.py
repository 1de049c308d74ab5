"""Questions to invented articles: what is answered, with which words, and what is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidings.ai.ask import SAYS, Reply, answer, lead
from tidings.ai.fitting import FIT_FACTS, facts_of
from tidings.ai.question import read_question
from tidings.ai.seeking import holds_sought
from tidings.ai.shortlist import Found, Passage, passages_of
from tidings.embed import MiniLmEmbedder, UsemEmbedder
from tidings.errors import ProviderDown
from tidings.model import Name, Source

NOW = datetime(2026, 5, 8, 9, tzinfo=UTC)
USE = UsemEmbedder().embed
ENGLISH = MiniLmEmbedder().embed


def source(article_id: int, headline: str, text: str, *, language: str | None = "en") -> Source:
    return Source(
        article_id=article_id,
        revision=1,
        text_digest=bytes([article_id]) * 32,
        publisher="The Harbour Courier",
        at=NOW,
        language=language,
        headline=headline,
        paragraphs=tuple(text.split("\n")),
    )


FERRY = source(
    1,
    "Fire on the Alder ferry",
    "A fire broke out in the engine room of the ferry Saint Brannoc on Tuesday night.\n"
    "The ferry was on its way from Port Alder to Kestrel Island. It carried 214 passengers, and all of them were brought ashore "
    "by morning.\n"
    "Captain Ida Morrow said the crew had closed the doors of the engine room within two minutes.",
)
TUNNEL = source(
    2,
    "Council votes for harbour tunnel",
    "The council of Port Alder voted on Wednesday to build a tunnel under the harbour.\n"
    "The tunnel will cost 480 million crowns, treasurer Tomas Weil said. Work begins in March 2027.",
)
GLACIER = source(
    3,
    "Village cut off after glacier lake bursts",
    "A lake on the Hallin glacier burst its banks and cut off the village of Nord.\n"
    "Nobody was hurt, the district said.",
)
ARCHIVE = [Found(FERRY, -1.0), Found(TUNNEL, -4.0), Found(GLACIER, -6.0)]


def asked(question: str, sources: Sequence[Found] = ARCHIVE, *, most: int = 3) -> Reply:
    return answer(question, sources, asked_at=NOW, meanings=USE, english=ENGLISH, most=most)


@pytest.mark.parametrize(
    ("question", "sources", "words"),
    [
        (
            "How many passengers did the ferry Saint Brannoc carry?",
            ARCHIVE,
            "It carried 214 passengers, and all of them were brought ashore by morning.",
        ),
        (
            "How much will the tunnel under the harbour of Port Alder cost?",
            [Found(TUNNEL, -1.0), Found(FERRY, -4.0), Found(GLACIER, -6.0)],
            "The tunnel will cost 480 million crowns, treasurer Tomas Weil said.",
        ),
        (
            "Which lake burst and cut off a village?",
            [Found(GLACIER, -1.0), Found(FERRY, -4.0), Found(TUNNEL, -6.0)],
            "A lake on the Hallin glacier burst its banks and cut off the village of Nord.",
        ),
    ],
)
def test_an_answer_is_a_sentence_as_it_stands_and_where(
    question: str, sources: Sequence[Found], words: str
) -> None:
    reply = asked(question, sources)
    assert reply.says
    assert words in [claim.text for claim in reply.claims]
    for claim in reply.claims:
        (citation,) = claim.citations
        (cited,) = [one.source for one in sources if one.source.article_id == citation.article_id]
        assert cited.text(citation.paragraph)[citation.start : citation.end] == citation.words == claim.text
        assert (citation.revision, citation.text_digest) == (cited.revision, cited.text_digest)


@pytest.mark.parametrize(
    "question",
    [
        "Who won the women's marathon in Kestrel?",
        "How many satellites did the Heron rocket launch?",
        "Which bank bought the steel works in Vell?",
    ],
)
def test_what_no_article_says_is_refused_with_what_comes_nearest(question: str) -> None:
    reply = asked(question, [Found(one.source, -8.0) for one in ARCHIVE])
    assert (reply.says, reply.claims) == (False, ())
    assert reply.confidence < SAYS
    assert 0 < len(reply.nearest) <= 3
    for citation in reply.nearest:
        (cited,) = [one.source for one in ARCHIVE if one.source.article_id == citation.article_id]
        assert cited.text(citation.paragraph)[citation.start : citation.end] == citation.words


def test_one_article_is_asked_without_a_search() -> None:
    reply = asked("When does work on the tunnel begin?", [Found(TUNNEL)])
    assert "Work begins in March 2027." in [claim.text for claim in reply.claims]
    assert not asked("Who owns the football club of Vell?", [Found(TUNNEL)]).says


def test_nothing_is_answered_from_nothing() -> None:
    empty = source(9, "", "")
    assert asked("Who won?", []) == Reply(False, 0.0, ())
    assert asked("Who won?", [Found(empty, 1.0)]) == Reply(False, 0.0, ())
    assert not asked("", ARCHIVE).says


def test_a_wire_copy_does_not_say_it_again() -> None:
    copy = replace(FERRY, article_id=4, publisher="The Vell Observer")
    alone = asked("How many passengers did the ferry Saint Brannoc carry?")
    both = asked(
        "How many passengers did the ferry Saint Brannoc carry?",
        [ARCHIVE[0], Found(copy, -1.0), *ARCHIVE[1:]],
    )
    assert [claim.text for claim in both.claims] == [claim.text for claim in alone.claims]


def test_no_more_is_shown_than_was_wanted() -> None:
    assert len(asked("How many passengers did the ferry Saint Brannoc carry?", most=1).claims) == 1


def test_of_numbers_that_one_story_gives_the_newest_comes_first() -> None:
    def report(hour: int, text: str) -> Found:
        told = replace(source(10 + hour, "Fire on the ferry", text), at=NOW + timedelta(hours=hour))
        return Found(told, 2.0 - 0.1 * hour, 7)

    def told(*reports: Found) -> list[int]:
        reply = asked(
            "How many people died when the ferry Saint Brannoc burned?", [*reports, Found(GLACIER, -6.0)]
        )
        return [citation.article_id for claim in reply.claims for citation in claim.citations]

    first = report(0, "At least 11 people died when the ferry Saint Brannoc burned, the coastguard said.")
    again = report(1, "At least 11 people died when the ferry Saint Brannoc burned, the coastguard said.")
    settled = report(9, "At least 12 people died when the ferry Saint Brannoc burned, the coastguard said.")
    hurt = report(12, "When the ferry Saint Brannoc burned, 30 people were taken to hospital.")
    assert told(first, settled) == [19, 10]
    assert told(first, again, settled) == [19, 10]  # a copy says nothing anew, and takes nobody's place
    assert told(first, settled, hurt)[:2] == [19, 10]  # newer, but it counts others
    of_no_story = [replace(one, story_id=None) for one in (first, settled)]
    assert told(*of_no_story) == [10, 19]


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("페리 Saint Brannoc 에는 승객이 몇 명 있었습니까?", "ko"),
        ("Wie viele Passagiere hatte die Fähre Saint Brannoc?", "de"),
    ],
)
def test_a_question_in_another_language_is_answered_in_that_of_the_article(
    question: str, language: str
) -> None:
    assert read_question(question).language == language
    reply = asked(question)
    shown = [claim.text for claim in reply.claims] or [citation.words for citation in reply.nearest]
    assert any("214 passengers" in words or "Saint Brannoc" in words for words in shown)


def test_words_alone_answer_where_no_embedder_can() -> None:
    def down(texts: Sequence[str]) -> object:
        raise ProviderDown("embedder", "The embedder is down.")

    question = "How many passengers did the ferry carry from Port Alder to Kestrel Island?"
    broken: Any = down
    alone = answer(question, ARCHIVE, asked_at=NOW)
    assert answer(question, ARCHIVE, asked_at=NOW, meanings=broken, english=broken) == alone
    shown = [claim.text for claim in alone.claims] or [citation.words for citation in alone.nearest]
    assert any("214 passengers" in words for words in shown)


@pytest.mark.parametrize(
    ("question", "sentence", "holds"),
    [
        ("Who closed the doors?", "Ida Morrow closed the doors.", 0.3),
        ("Who is the captain?", "Captain Ida Morrow closed the doors.", 1.0),
        ("Who is the captain?", "Nobody closed the doors.", -1.0),
        ("Who is Captain Ida Morrow?", "Captain Ida Morrow closed the doors.", 0.0),
        ("How many passengers were on board?", "The ferry carried 214 passengers.", 1.0),
        ("How many passengers were on board?", "The ferry carried 30 lorries.", 0.3),
        ("How old is the captain?", "Ida Morrow, 52, closed the doors.", 1.0),
        ("How old is the captain?", "Ida Morrow closed 14 doors.", -1.0),
        ("How tall is the lighthouse?", "The lighthouse is 31 metres high.", 1.0),
        ("How tall is the lighthouse?", "The lighthouse cost 31 crowns.", 0.0),
        ("How tall is the lighthouse?", "The lighthouse fell.", -1.0),
        ("How long is the bridge?", "The bridge is 2,300 metres long.", 1.0),
        ("How long did it burn?", "It burned for two days.", 1.0),
        ("How old is the firm?", "The firm employs 1,300.", -1.0),
        ("How old is the captain?", "Ida Morrow turned 52 on Monday.", 1.0),
        ("How many passengers were on board?", "The ferry carried its passengers to the island.", -1.0),
        ("When does work begin?", "Work begins in March 2027.", 1.0),
        ("When does work begin?", "Work begins soon enough.", -1.0),
        ("Which country won the cup?", "The cup went to Norway for the first time.", 1.0),
        ("Why did it burn?", "It burned because of a socket.", 1.0),
        ("Why did it burn?", "It burned after a storm.", 0.3),
        ("Why did it burn?", "Nobody knows.", -1.0),
        ("What burned?", "The ferry burned.", 0.0),
    ],
)
def test_a_sentence_has_what_is_sought_or_not(question: str, sentence: str, holds: float) -> None:
    passage = Passage(Found(FERRY), 0, 0, 0, len(sentence), sentence, frozenset(), frozenset())
    assert holds_sought(read_question(question, language="en"), passage, today=NOW.date()) == holds


@pytest.mark.parametrize(
    ("scores", "ahead"),
    [
        ([], None),
        ([None], None),
        ([-1.0], 8.0),  # those that search did not find count as its least, -9
        ([-1.0, -4.0, -6.0], 7.0),
        ([-3.0] * 12, 0.0),
        ([2.0, 1.0, *[-6.0] * 7, 40.0], 7.125),  # no more than eight others count
        ([30.0, -20.0], 9.0),
    ],
)
def test_the_first_article_leads_by_what_search_gives_it_above_the_next_eight(
    scores: Sequence[float | None], ahead: float | None
) -> None:
    assert lead([Found(replace(FERRY, article_id=n), score) for n, score in enumerate(scores)]) == ahead


def test_reports_of_one_story_do_not_take_the_lead_from_one_another() -> None:
    def found(*rows: tuple[float, int | None]) -> list[Found]:
        return [
            Found(replace(FERRY, article_id=n), score, story_id) for n, (score, story_id) in enumerate(rows)
        ]

    told_often = [(2.0, 7), (1.9, 7), (1.8, 7), *[(-5.0, None)] * 8]
    assert lead(found(*told_often)) == 7.0
    assert lead(found(*((score, None) for score, _ in told_often))) == pytest.approx(2.0 - (3.7 - 30.0) / 8)
    assert lead(found((2.0, 7), (1.0, 7))) == 9.0  # what search did not find counts as its least
    assert lead(found((2.0, 7), *[(1.9, 7)] * 6, (2.0, None))) == 1.375  # seven articles are missing with it
    # What else there is may be as near as the last report of a story that fills the list.
    assert lead(found((2.0, 7), *[(1.5, 7)] * 11)) == 0.5
    assert lead(found((2.0, 1), *[(1.0, 2)] * 8)) == 1.0


def test_a_sentence_stands_apart_by_what_it_shares_with_the_question_and_not_with_other_articles() -> None:
    def said(found: Found, words: str) -> Passage:
        return Passage(found, 0, 0, 0, len(words), words, frozenset(), frozenset())

    ferry, tunnel = Found(FERRY, -1.0), Found(TUNNEL, -4.0)
    passages = [said(ferry, "one"), said(ferry, "two"), said(tunnel, "three")]
    vectors = {"How many?": (0.6, 0.8), "one": (1.0, 0.0), "two": (0.0, 1.0), "three": (0.8, 0.6)}

    def meanings(texts: Sequence[str]) -> Any:
        return np.array([vectors[text] for text in texts], np.float32)

    def apart(these: Sequence[Passage], reader: Any) -> list[float]:
        question = read_question("How many?", language="en")
        facts = facts_of(question, these, today=NOW.date(), meanings=reader)
        assert [one[FIT_FACTS.index("number")] for one in facts] == [1.0] * len(these)
        return [round(one[FIT_FACTS.index("apart")], 3) for one in facts]

    assert apart(passages, meanings) == [-0.2, 0.2, 0.26]
    assert apart(passages[:2], meanings) == [0.0, 0.0]  # one article has no others
    of_one_story = [replace(p, found=replace(p.found, story_id=7)) for p in passages]
    assert apart(of_one_story, meanings) == [0.0, 0.0, 0.0]  # nor has one event
    assert apart(passages, None) == [0.0, 0.0, 0.0]


def test_the_shortlist_has_the_sentences_with_the_words_first_and_is_bounded() -> None:
    long = source(
        5,
        "A long day",
        "\n".join(f"Paragraph {n} speaks of nothing much at all." for n in range(400))
        + "\nThe lighthouse of Vell was sold to a collector of clocks.",
    )
    near = source(6, "Lighthouse sold", "The lighthouse of Vell was sold. " + "It rained all day long. " * 50)
    listed = passages_of(
        read_question("Who bought the lighthouse of Vell?"), [Found(long), Found(near)], most=8
    )
    assert len(listed) == 8
    assert listed[1].words == "The lighthouse of Vell was sold."


def test_whoever_holds_the_office_that_is_asked_for_is_read_though_the_words_stand_elsewhere() -> None:
    other = "The Bank of Vell lends to the harbour, and the Bank of Vell keeps the harbour's books."
    held = "“I see no reason to hurry,” Cora Vaag said on her way to lunch."
    named = source(7, "Rates stay", "\n".join((*[other] * 6, held)))
    named = replace(named, names=(Name("cora vaag", "Cora Vaag", roles=("governor",)),))
    question = read_question("Who is the governor of the Bank of Vell?", language="en")
    assert held in [passage.words for passage in passages_of(question, [Found(named)], most=3)]
    hall = replace(named, paragraphs=(*[other] * 6, "The talks went on in the Alimony hall."))
    hall = replace(hall, names=(Name("wei ali", "Wei Ali", forms=("Ali",), roles=("governor",)),))
    assert "Alimony" not in " ".join(p.words for p in passages_of(question, [Found(hall)], most=3))
    unnamed = replace(named, names=(Name("cora vaag", "Cora Vaag"),))
    assert held not in [passage.words for passage in passages_of(question, [Found(unnamed)], most=3)]


@settings(max_examples=40, deadline=None)
@given(
    st.text(max_size=200),
    st.lists(st.text(max_size=300), max_size=5),
    st.sampled_from([None, "en", "ko", "xx"]),
)
def test_whatever_an_article_holds_its_words_are_cited_or_nothing(
    question: str, paragraphs: list[str], language: str | None
) -> None:
    hostile = replace(FERRY, headline="", paragraphs=tuple(paragraphs), language=language)

    def meanings(texts: Sequence[str]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        return np.ones((len(texts), 1), np.float32)

    reply = answer(question, [Found(hostile, 0.0)], asked_at=NOW, meanings=meanings, english=meanings)
    cited = [claim.citations[0] for claim in reply.claims] + list(reply.nearest)
    assert all(
        hostile.text(one.paragraph)[one.start : one.end] == one.words and one.words.strip() for one in cited
    )
    assert 0.0 <= reply.confidence <= 1.0
