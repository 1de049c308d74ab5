"""Who is who, the story so far and open questions, by the words of the articles themselves."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.told import told
from tidings.ai.people import background, is_open, open_questions, who_is
from tidings.ai.sayings import sayings_of


@pytest.mark.parametrize(
    ("language", "text", "description"),
    [
        ("en", "“I am glad,” said Torben Ask, a reed cutter from the delta. Mr Torben Ask went home.", "Torben Ask, a reed cutter from the delta"),
        ("en", "The chief officer, Ingrid Vale, gave evidence. Ingrid Vale said little.", "The chief officer, Ingrid Vale"),
        ("en", "“We are well,” said Commander Henrik Salo. Henrik Salo led the search.", "Commander Henrik Salo"),
        ("de", "Verkehrsminister Jens Arnholt räumte Fehler ein. Jens Arnholt entschuldigte sich.", "Verkehrsminister Jens Arnholt"),
        ("ko", "백도현 미란반도체 대표는 기념사에서 말했다. 백도현 대표가 참석했다.", "백도현 미란반도체 대표"),
    ],
)  # fmt: skip
def test_a_person_is_described_by_the_words_beside_the_name(
    language: str, text: str, description: str
) -> None:
    article = told(1, "Courier", text, language)
    people = who_is(article, [], each=1)
    assert [claim.text for person in people for claim in person.descriptions] == [description]
    for citation in (c for p in people for claim in p.descriptions for c in claim.citations):
        assert article.text(citation.paragraph)[citation.start : citation.end] == citation.words


def test_the_archive_describes_whom_the_article_only_names() -> None:
    article = told(2, "Post", "Priska Lom was content. Priska Lom said so on Friday.")
    archive = [
        told(
            1, "Lab", "Priska Lom, a biostatistician in Marnau, had objected. Priska Lom asked why.", hours=-9
        )
    ]
    (person,) = who_is(article, archive)
    assert (person.name, [c.text for c in person.descriptions]) == (
        "Priska Lom",
        ["Priska Lom, a biostatistician in Marnau"],
    )
    assert person.descriptions[0].citations[0].article_id == 1
    assert who_is(article, []) == ()


def test_what_somebody_did_stands_in_only_where_nothing_says_what_he_is() -> None:
    came = "“He was tired,” said Emil Tarrant, who came to fetch him. Emil Tarrant smiled."
    (person,) = who_is(told(2, "Post", came), [])
    assert [c.text for c in person.descriptions] == ["Emil Tarrant, who came to fetch him"]
    archive = [told(1, "Wire", "Superintendent Emil Tarrant said so. Emil Tarrant left.", hours=-9)]
    (person,) = who_is(told(2, "Post", came), archive)
    assert [c.text for c in person.descriptions] == ["Superintendent Emil Tarrant"]


def test_a_number_does_not_end_a_description() -> None:
    (person,) = who_is(told(1, "Post", "Asta Lindmoor, who has 2,200 trees, saw it. Asta Lindmoor rang."), [])
    assert [c.text for c in person.descriptions] == ["Asta Lindmoor, who has 2,200 trees"]


def test_what_follows_a_body_that_belongs_to_somebody_describes_him() -> None:
    article = told(
        1, "Post", "Lorne Tasker of the University of Varga, who called it inflated, was unimpressed."
    )
    assert [p.name for p in who_is(article, []) if p.kind == "organisation"] == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Stroud declined to say whether the alarm had sounded."),
        ("de", "Offen bleibt bis zum Abend die Ursache des Brandes."),
        ("ko", "회사는 구체적인 수치는 공개하지 않았다고 신문이 전했다."),
    ],
)
def test_a_sentence_that_says_what_is_not_known_is_an_open_question(language: str, text: str) -> None:
    (question,) = open_questions([told(1, "Courier", text, language)])
    assert (question.claim.text, question.reports) == (text, 1)


def test_quoted_ignorance_is_no_open_question() -> None:
    (saying,) = sayings_of(
        told(1, "Courier", "“It is unclear to me why you ask me that today,” said Emil Tarrant.")
    )
    assert not is_open(saying)


def test_a_question_that_a_later_report_answers_is_dropped() -> None:
    asked = told(
        1, "Wire", "The director declined to say whether the alarm had sounded in the museum.", hours=-9
    )
    answer = told(2, "Post", "The alarm had sounded in the museum where it was meant to.", hours=-1)
    still = told(3, "Post", "It is unclear whether the alarm had sounded in the museum.", hours=-1)
    assert open_questions([asked, answer]) == ()
    assert [q.claim.text for q in open_questions([asked, still])] == [
        still.paragraphs[0],
        asked.paragraphs[0],
    ]
    earlier = told(4, "Post", "The alarm had sounded in the museum where it was meant to.", hours=-12)
    assert len(open_questions([earlier, asked])) == 1


def test_the_story_so_far_is_a_sentence_a_day_oldest_first_and_not_what_the_article_says() -> None:
    article = told(9, "Post", "Corvin Crown found in a piano in Varga. The Corvin Crown is whole.", hours=0)
    earlier = [
        told(1, "Wire", "Thieves stole the Corvin Crown from the museum in Varga before dawn.", hours=-120),
        told(
            2, "Courier", "Thieves stole the Corvin Crown from the museum in Varga before dawn.", hours=-119
        ),
        told(
            3, "Tagblatt", "Police arrested a restorer who had cleaned the Corvin Crown at an inn.", hours=-48
        ),
        told(4, "Echo", "Corvin Crown found in a piano in Varga.", hours=-30),
        told(5, "Later", "Divers look for the pearls of the Corvin Crown in the harbour.", hours=5),
    ]
    assert [(e.day, e.claim.citations[0].article_id, e.reports) for e in background(article, earlier)] == [
        (date(2026, 5, 1), 1, 2),
        (date(2026, 5, 4), 3, 1),
    ]
    assert background(article, earlier, most=1)[0].day == date(2026, 5, 1)
    assert background(article, []) == ()


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=200), st.sampled_from(["en", "de", "ko", "xx"]))
def test_any_text_gives_verbatim_words_or_nothing(text: str, language: str) -> None:
    article = told(1, "Courier", f"Ingrid Vale, {text} Ingrid Vale.", language)
    claims = [claim for person in who_is(article, []) for claim in person.descriptions]
    claims += [question.claim for question in open_questions([article])]
    for citation in (c for claim in claims for c in claim.citations):
        assert article.text(citation.paragraph)[citation.start : citation.end] == citation.words
