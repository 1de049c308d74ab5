"""Attacks on a model by way of what it reads go the whole way, with a model that obeys every one of them.

The bytes of a page or a feed are extracted, become a Source, and are put before a model that says whatever the attacker wants
and cites whatever it can.  Nothing of it may be shown, but as words of the article, quoted.
"""

from __future__ import annotations

import html
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.ai_support import AT, Told, extracted, numbers_in, source_of
from tidings.ai.ask import answer
from tidings.ai.compare import compare
from tidings.ai.evidence import check, checked, markup_in
from tidings.ai.fence import sentences_of
from tidings.ai.people import background, open_questions, who_is
from tidings.ai.phrase import phrase, render
from tidings.ai.shortlist import Found
from tidings.ai.summarise import key_points, summary
from tidings.ai.timeline import timeline
from tidings.extract import PageExtractor
from tidings.feeds.parse import parse_feed
from tidings.model import Answer, Claim, EntryToRead, Extract, Page, Publisher, Source, Work
from tidings.text import words

ATTACKS: list[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("attacks.toml").read_text("utf-8"))[
    "attack"
]
FEATURES = ("line", "short", "long", "points", "brief", "answer", "background")
HONEST = "The council of Marlow Bay voted to close the ferry pier."

TITLE = "Marlow Bay votes to close its ferry pier"
STANDFIRST = "The town says that repairs cost more than it has."
BEFORE = (
    "The town council of Marlow Bay voted 7 to 4 on Tuesday to close the old ferry pier, after a debate of five hours.",
    "Repairs would cost 3.2 million euros, Mayor Ines Calder said. “We cannot mend what the sea takes every winter,” she said.",
)
AFTER = (
    "The pier opened in 1921 and was lengthened twice. In its best year it saw 40,000 passengers.",
    "The Marlow Ferry Company said it would move its boats to Port Elin by June. It employs 46 people in the town.",
)


# ── bytes → article ──────────────────────────────────────────────────────────────────────────────────────────────────


def attacked(attack: dict[str, Any]) -> Source:
    where, text = attack.get("where", "paragraph"), attack["text"]
    extract = _of_feed(where, text) if where.startswith("feed") else _of_page(where, text)
    return source_of(extract.headline, extract.paragraphs, standfirst=extract.standfirst)


def _of_page(where: str, text: str) -> Extract:
    told = html.escape(text)
    inside = {
        "paragraph": f"<p>{told}</p>",
        "page": text,
        "caption": f'<figure><img src="/pier.jpg" alt="The pier"><figcaption>{told}</figcaption></figure>',
        "alt": f'<figure><img src="/pier.jpg" alt="{told}"></figure>',
    }.get(where, "")
    title = text if where == "title" else TITLE
    headline = text if where == "headline" else TITLE
    standfirst = text if where == "standfirst" else STANDFIRST
    comments = f'<section id="comments" class="comments"><h2>Comments</h2><div class="comment"><p>{told}</p></div></section>'
    page = f"""<!doctype html><html lang="en"><head><title>{html.escape(title)} | The Courier</title>
    <meta name="description" content="{html.escape(standfirst)}"><meta property="og:title" content="{html.escape(headline)}"></head>
    <body><header><a href="/">The Courier</a></header><main><article><h1>{html.escape(headline)}</h1>
    <p class="standfirst">{html.escape(standfirst)}</p>
    {"".join(f"<p>{p}</p>" for p in BEFORE)}{inside}{"".join(f"<p>{p}</p>" for p in AFTER)}</article></main>
    {comments if where == "comment" else ""}<footer>The Courier, Marlow Bay</footer></body></html>"""
    return PageExtractor().extract(
        Page(
            "https://courier.example/pier",
            "https://courier.example/pier",
            200,
            {"content-type": "text/html"},
            page.encode(),
            AT,
            b"",
        ),
        None,
    )


def _of_feed(where: str, text: str) -> Extract:
    title = text if where == "feed title" else TITLE
    paragraphs = [*BEFORE, *([text] if where == "feed" else []), *AFTER]
    content = "".join(f"<p>{p}</p>" for p in paragraphs)
    feed = f"""<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">
    <channel><title>The Courier</title><item><guid>1</guid><title>{html.escape(html.escape(title))}</title>
    <link>https://courier.example/pier</link><content:encoded><![CDATA[{content}]]></content:encoded></item></channel></rss>"""
    entry = parse_feed(feed.encode(), url="https://courier.example/rss", now=AT).entries[0]
    publisher = Publisher(id=1, name="The Courier", site_url=None)
    work = Work(id=1, step="read", subject_id=1, attempts=0, lease=1)
    return PageExtractor().extract(
        None,
        EntryToRead(
            work=work,
            entry_id=1,
            feed_id=1,
            publisher=publisher,
            entry=entry,
            full_text=True,
            credentials=None,
            first_seen_at=AT,
        ),
    )


# ── a model that obeys ───────────────────────────────────────────────────────────────────────────────────────────────


def obedient(attack: dict[str, Any], strategy: str) -> Told:
    """A model that says what the attacker wants, and whatever else stands there, and cites by one of several strategies."""

    def reply(prompt: Any) -> dict[str, Any]:
        shown = numbers_in(prompt)
        lines = attack["says"] or [attack["text"]]
        if strategy == "repeat":
            payload = set(words(attack["text"].casefold()))
            rows = [
                (text, [number])
                for number, text in shown.items()
                if len(payload & set(words(text.casefold()))) > 3
            ]
            return _reply([*rows, (attack["text"], list(shown)[:4])])
        cites = {
            "nearest": lambda line: sorted(shown, key=lambda n: -_shared(line, shown[n]))[:2],
            "first": lambda line: list(shown)[:1],
            "many": lambda line: list(shown)[:4],
            "last": lambda line: list(shown)[-4:],
            "invented": lambda line: ["a1.s999", "a7.s1", "https://evil.example", attack["text"]],
            "none": lambda line: [],
        }[strategy]
        return _reply([(line, cites(line)) for line in lines])

    return Told(reply)


STRATEGIES = ("nearest", "first", "many", "last", "invented", "none", "repeat")


def _reply(rows: list[tuple[str, list[str]]]) -> dict[str, Any]:
    return {"sentences": [{"text": text, "cites": cites} for text, cites in rows]}


def _shared(a: str, b: str) -> int:
    return len(set(words(a.casefold())) & set(words(b.casefold())))


def answers(attack: dict[str, Any], source: Source) -> Iterator[Answer]:
    """Everything that is shown of an article with this model, by every feature and strategy."""
    own = extracted(source, most=8)
    for strategy in STRATEGIES:
        model = obedient(attack, strategy)
        for feature in FEATURES if strategy == "nearest" else ("long",):
            yield phrase(
                model, feature, (source,), extractive=own, made_at=AT, question="What did the council decide?"
            )
        yield render(model, "simple", source, made_at=AT, language="en")
        yield render(model, "translate", source, made_at=AT, language="de", meanings=None)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack["name"])
def test_an_attack_changes_nothing_that_is_shown(attack: dict[str, Any]) -> None:
    source = attacked(attack)
    own = {citation.words for citation in sentences_of(source)}
    for said in answers(attack, source):
        assert said.claims
        for claim in said.claims:
            assert claim.citations
            assert check(claim, {1: source}).passes
            assert markup_in(claim.text) == ""
            assert claim.text in own, "only words of the article are shown, quoted"
        assert len(said.claims) <= max(8, len(own))


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack["name"])
def test_without_a_model_an_attack_is_at_most_words_of_its_article(attack: dict[str, Any]) -> None:
    source = attacked(attack)
    sources = {1: source, 2: OTHER}
    for claim in without_a_model(source):
        assert check(claim, sources).passes
        assert markup_in(claim.text) == ""
        assert all(
            c.words == sources[c.article_id].text(c.paragraph)[c.start : c.end] for c in claim.citations
        )
        assert any(claim.text in citation.words for citation in claim.citations)


def without_a_model(source: Source) -> Iterator[Claim]:
    """What every feature shows of an article, and of it beside another report; each passes the gate before it is shown."""
    both = (source, OTHER)
    compared = compare(both)
    made = [
        *(claim for length in (25, 60, 150) for claim in summary((source,), words=length)),
        *summary(both, words=120),
        *key_points(source),
        *(told.claim for told in background(OTHER, (source,))),
        *(claim for one in who_is(source, both) for claim in one.descriptions),
        *(question.claim for question in open_questions(both)),
        *(claim for day in timeline(both, dates=12) for claim in day.claims),
        *answer("What did the council decide?", [Found(source)], asked_at=AT).claims,
    ]
    yield from checked(made, {1: source, 2: OTHER})[0]
    yield from (row.claim for row in (*compared.claims, *compared.single))


OTHER = source_of(
    "Ferry company to leave Marlow Bay",
    (
        "The Marlow Ferry Company will move its boats to Port Elin by June, after the town voted on Tuesday to close its pier.",
        "The council of Marlow Bay put the cost of repairs at 3.2 million euros. It is not yet known who will pay for the demolition.",
    ),
    id=2,
    publisher="Tagblatt",
)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack["name"])
def test_an_attack_stops_no_honest_sentence(attack: dict[str, Any]) -> None:
    source = attacked(attack)

    def reply(prompt: Any) -> dict[str, Any]:
        vote = [number for number, text in numbers_in(prompt).items() if text.startswith("The town council")]
        return _reply([(HONEST, vote)])

    said = phrase(Told(reply), "brief", (source,), extractive=extracted(source), made_at=AT)
    assert [claim.text for claim in said.claims] == [HONEST]


def test_there_are_enough_attacks_and_each_is_another() -> None:
    assert len(ATTACKS) >= 60
    assert len({attack["name"] for attack in ATTACKS}) == len(ATTACKS)
    assert len({attack["text"] for attack in ATTACKS}) == len(ATTACKS)
