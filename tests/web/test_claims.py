"""What is said of articles on the pages: summaries, answers, comparison, a model's words, and sentences called wrong."""

from __future__ import annotations

import json
import re
import sys
import wave
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.web.browsing import post
from tests.web.newsroom import NOW, Newsroom
from tidings.ai.assistant import inputs_of
from tidings.ai.meter import Budget
from tidings.ai.modelled import Modelled
from tidings.app import Tidings
from tidings.errors import AIError, ProviderDown
from tidings.model import Cost
from tidings.ports import Completion, Prompt

LEAD = "Flooding closed the Aldermoor rail tunnel on Tuesday, stranding 1,200 passengers for six hours."
TEXT = "\n\n".join(
    (
        LEAD,
        "“We carried the oldest out on doors,” said Marta Quill, the station master of Aldermoor.",
        "The regional operator Norrail said that pumps installed in 2019 had failed within minutes of each other.",
        "Engineers from Norrail expect to reopen one of the two tracks by Friday, and the other in the second week of April.",
        "Trains between Aldermoor and Vinsted will be replaced by 40 buses until then, the operator said.",
        "The transport minister, Ole Brandt, asked for a report on the pumps within ten days.",
        "No one was injured, the county’s emergency service said, although three passengers were treated for cold.",
        "The tunnel was last closed by water in 1987, when a culvert under Mill Street burst during a storm.",
    )
)
OTHER = "\n\n".join(
    (
        "Norrail’s pumps failed before the Aldermoor tunnel flooded on Tuesday, and 1,300 passengers were stranded.",
        "The regional operator Norrail said that pumps installed in 2019 had failed within minutes of each other.",
        "Ole Brandt, the transport minister, wants to know within ten days why both of them stopped.",
        "Passengers described standing in the dark for six hours while water rose on the track beside them.",
    )
)


@pytest.fixture(scope="module")
def flood(tidings: Tidings, newsroom: Newsroom) -> int:
    """An article of eight sentences, and a second report of its event in one story with it."""
    rows = [
        {"title": "Flood closes Aldermoor rail tunnel", "text": TEXT, "published": "2026-03-12T08:00:00Z"},
        {"title": "Pumps failed before tunnel flood", "text": OTHER, "published": "2026-03-12T11:00:00Z"},
    ]
    ids = tidings.load_texts(rows)
    story = tidings.store.article(ids[0]).card.story_id
    if tidings.store.article(ids[1]).card.story_id != story:
        other = tidings.store.article(ids[1]).card.story_id
        assert story is not None
        asked = tidings.correct("merge", story, other_id=other)
        tidings.grouper("test").correct(asked)
    return ids[0]


class Scripted:
    """A language model that replies what it is told to."""

    name = "scripted"

    def __init__(self) -> None:
        self.reply: str | Exception = ""
        self.asked: list[Prompt] = []
        self.fails_after = 99

    def price_of(self, prompt: Prompt) -> Cost:
        return Cost(700, prompt.most_tokens)

    def complete(self, prompt: Prompt, *, on_text: Callable[[str], None] | None = None) -> Completion:
        self.asked.append(prompt)
        if len(self.asked) > self.fails_after:
            raise ProviderDown("model", "The model does not answer.")
        if isinstance(self.reply, Exception):
            raise self.reply
        if on_text:
            on_text(self.reply)
        value: Mapping[str, Any] | None = json.loads(self.reply) if self.reply.startswith("{") else None
        return Completion(self.reply, value, self.name, Cost(700, 50))


@pytest.fixture
def model(tidings: Tidings) -> Iterator[Scripted]:
    """Give the instance a model for one test."""
    scripted = Scripted()
    tidings.__dict__["modelled"] = Modelled(
        scripted, tidings.store, budget=Budget(), meanings=tidings.embedder.embed, clock=lambda: NOW
    )
    yield scripted
    tidings.__dict__["modelled"] = None


def article(client: TestClient, article_id: int, **query: str) -> Any:
    return client.get(f"/article/{article_id}", params=query, follow_redirects=True)


def sentences(*rows: tuple[str, str]) -> str:
    return json.dumps({"sentences": [{"text": text, "cites": [cite]} for text, cite in rows]})


# ── summaries ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_sentence_of_a_summary_stands_at_the_place_it_cites(flood: int, reader: TestClient) -> None:
    paragraphs = reader.get(f"/api/article/{flood}").json()["paragraphs"]
    said = reader.get(f"/api/article/{flood}/summary").json()
    assert said["line"]["claims"]
    assert said["points"]["claims"]
    people = said.pop("people")
    assert "Ole Brandt" in [one["name"] for one in people]
    for answer in said.values():
        assert answer["is_extract"]
        assert not answer["is_stale"]
        for claim in answer["claims"]:
            for cited in claim["citations"]:
                paragraph, start, end = map(int, cited["place"].split("."))
                assert paragraphs[paragraph][start:end] == cited["words"] == claim["text"]


def test_a_mark_leads_to_the_words_and_these_are_marked(flood: int, reader: TestClient) -> None:
    html = article(reader, flood).text
    href = unescape(re.search(r'<sup class="cite"><a href="([^"]+)"', html)[1])  # type: ignore[index]
    place = re.search(r"words=(\d+)\.(\d+)\.(\d+)#p-", href)
    assert place
    shown = reader.get(href).text
    marked = unescape("".join(re.findall(r"<mark>(.*?)</mark>", shown)))
    paragraph, start, end = map(int, place.groups())
    assert marked == TEXT.split("\n\n")[paragraph][start:end]


def test_words_that_stand_nowhere_are_not_marked(flood: int, reader: TestClient) -> None:
    for place in ("99.0.4", "0.5.2", "0.9.9", "0.0.99999x", "-3.0.1", "a.b.c"):
        answer = reader.get(article(reader, flood).url.path, params={"words": place})
        assert answer.status_code == 200
        assert "<mark>" not in answer.text


def test_a_short_article_has_no_summary(newsroom: Newsroom, reader: TestClient) -> None:
    said = reader.get(f"/api/article/{newsroom.articles['walled']}/summary").json()
    assert [said[length]["claims"] for length in ("line", "short", "long")] == [[], [], []]


# ── asking ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_article_answers_in_its_own_words(flood: int, reader: TestClient) -> None:
    path = f"/api/article/{flood}/ask"
    said = reader.get(path, params={"q": "How many buses will replace the trains?"}).json()
    assert said["says"]
    assert "40 buses" in said["answer"]["claims"][0]["text"]


def test_the_archive_is_asked_on_a_page_of_its_own(flood: int, tidings: Tidings, reader: TestClient) -> None:
    while tidings.index_some():
        pass
    assert "Your question" in reader.get("/ask").text
    answer = reader.get("/ask", params={"q": "How many buses replace trains between Aldermoor and Vinsted?"})
    assert "40 buses" in answer.text
    assert "The archive does not say." in reader.get("/ask", params={"q": "Who composed the opera?"}).text


def test_a_question_of_odd_characters_is_answered_too(flood: int, reader: TestClient) -> None:
    for question in ("\x00\u202e?", "'; DROP TABLE articles; --", "<script>alert(1)</script>", "a" * 500):
        answer = reader.get("/ask", params={"q": question})
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text


# ── coverage ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_coverage_is_compared_by_publisher(flood: int, tidings: Tidings, reader: TestClient) -> None:
    story = tidings.store.article(flood).card.story_id
    table = reader.get(f"/api/story/{story}/compare").json()
    assert table["publishers"]
    assert all(len(row["cells"]) == len(table["publishers"]) for row in table["rows"])
    html = reader.get(f"/story/{story}/compare").text
    assert "Coverage compared" in html


# ── a model ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_without_a_model_nothing_offers_one(flood: int, operator: TestClient) -> None:
    assert "phrase it" not in article(operator, flood).text
    assert "none is set up here" in operator.get(f"/article/{flood}/translate").text
    answer = post(operator, f"/article/{flood}/phrase", feature="line")
    assert answer.status_code == 404


def test_what_a_model_invents_is_not_shown_and_what_it_cites_is(
    flood: int, model: Scripted, operator: TestClient, reader: TestClient, tidings: Tidings
) -> None:
    assert "at most" in article(operator, flood).text  # the price stands before the click
    assert "phrase it" not in article(reader, flood).text
    before = tidings.store.spent(since=NOW).calls
    model.reply = sentences(
        ("Flooding closed the Aldermoor rail tunnel on Tuesday.", "a1.s2"),
        ("Prime Minister Greta Holm blamed saboteurs for 7,000 deaths.", "a1.s2"),
    )
    answer = post(operator, f"/article/{flood}/phrase", feature="short")
    assert answer.status_code == 303
    said = reader.get(f"/api/article/{flood}/summary").json()["short"]
    assert said["claims"][0]["text"] == "Flooding closed the Aldermoor rail tunnel on Tuesday."
    assert not said["is_extract"]
    assert "scripted" in said["made"]
    text = article(reader, flood).text
    assert "Greta Holm" not in text
    assert "7,000" not in text
    assert "did not pass the check" in text
    assert tidings.store.spent(since=NOW).calls == before + 1


def test_a_model_that_is_down_leaves_the_page_as_it_was(
    flood: int, model: Scripted, operator: TestClient
) -> None:
    model.reply = ProviderDown("model", "The model does not answer.")
    answer = post(operator, f"/article/{flood}/phrase", feature="long")
    assert answer.status_code >= 500
    assert "The model does not answer." in answer.text
    assert operator.get(f"/api/article/{flood}/summary").json()["long"]["is_extract"]


def test_a_script_hears_the_sentences_that_pass_as_they_come(
    flood: int, model: Scripted, operator: TestClient
) -> None:
    model.reply = sentences(("Flooding closed the Aldermoor rail tunnel on Tuesday.", "a1.s2"))
    token = re.search(r'name="csrf" value="([^"]+)"', operator.get("/feeds").text)
    assert token
    answer = operator.post(
        f"/article/{flood}/phrase",
        data={"csrf": token[1], "feature": "points"},
        headers={"origin": "http://localhost", "accept": "text/event-stream"},
    )
    events = re.findall(r"event: (\w+)\ndata: (.*)", answer.text)
    assert events[0] == ("sentence", '"Flooding closed the Aldermoor rail tunnel on Tuesday."')
    assert events[-1][0] == "done"
    assert json.loads(events[-1][1]).startswith(f"/article/{flood}/")


def test_the_operator_sees_what_the_model_took(
    flood: int, model: Scripted, operator: TestClient, tidings: Tidings
) -> None:
    assert "nothing is sent anywhere" in operator.get("/model").text
    model.reply = sentences(("Flooding closed the Aldermoor rail tunnel on Tuesday.", "a1.s2"))
    assert post(operator, f"/article/{flood}/phrase", feature="short").status_code == 303
    spent = tidings.store.spent(since=NOW.replace(hour=0))
    assert f"{spent.tokens_in:,} read, {spent.tokens_out:,} written" in operator.get("/model").text


def test_what_was_paid_counts_though_the_rest_fails(
    flood: int, model: Scripted, operator: TestClient, tidings: Tidings
) -> None:
    text = "\n\n".join(f"On day {n} the water in the tunnel fell by {n + 3} centimetres." for n in range(14))
    (long,) = tidings.load_texts([{"title": "Water falls", "text": text, "id": "long"}], into_stories=False)
    before = tidings.store.spent(since=NOW)
    model.reply = sentences(("Am Tag 0 fiel das Wasser.", "a1.s2"))
    model.fails_after = 1
    answer = post(operator, f"/article/{long}/translate", to="de")
    assert answer.status_code >= 500
    after = tidings.store.spent(since=NOW)
    assert (after.calls - before.calls, after.tokens_out - before.tokens_out) == (1, 50)


def test_a_translation_of_which_nothing_passed_is_none(
    flood: int, model: Scripted, operator: TestClient
) -> None:
    model.reply = sentences(("Greta Holm blamed saboteurs for 7,000 deaths.", "a1.s1"))
    assert post(operator, f"/article/{flood}/translate", to="fr").status_code == 303
    html = operator.get(f"/article/{flood}/translate", params={"to": "fr"}).text
    assert "nothing that it wrote passed the check" in html
    assert "Let scripted do it" in html
    assert "Greta Holm" not in html


# ── read aloud ───────────────────────────────────────────────────────────────────────────────────────────────────────


SPEAK = (
    "import sys, wave; text = sys.stdin.read(); out = wave.open(sys.stdout.buffer, 'wb'); out.setnchannels(1); "
    "out.setsampwidth(2); out.setframerate(8000); out.writeframes(text.encode('utf-16-le')); out.close()"
)


def test_words_are_read_aloud_by_the_program_that_was_named(
    flood: int, tidings: Tidings, reader: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, place = f"/article/{flood}/speech", f"0.0.{len(LEAD)}"
    assert reader.get(path, params={"words": place}).status_code == 404
    settings = replace(tidings.settings, speech_command=(sys.executable, "-c", SPEAK))
    monkeypatch.setattr(tidings, "settings", settings)
    assert f'data-voice="{path}"' in article(reader, flood).text
    answer = reader.get(path, params={"words": place})
    assert answer.headers["content-type"] == "audio/wav"
    with wave.open(BytesIO(answer.content)) as sound:
        assert sound.readframes(10_000).decode("utf-16-le") == LEAD
    for nothing in ("99.0.4", "0.9.9", "x"):
        assert reader.get(path, params={"words": nothing}).status_code == 404
    broken = replace(settings, speech_command=("/nowhere/piper",))
    monkeypatch.setattr(tidings, "settings", broken)
    assert reader.get(path, params={"words": place}).status_code >= 500


# ── an embedder that is away ─────────────────────────────────────────────────────────────────────────────────────────


def test_pages_are_read_while_the_embedder_is_away(
    flood: int, tidings: Tidings, reader: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(texts: object) -> object:
        raise AIError("embedder", "The model is away.")

    monkeypatch.setattr(tidings.embedder, "embed", away)
    tidings.__dict__.pop("assistant", None)
    story = tidings.store.article(flood).card.story_id
    last = max(c.id for c, _ in tidings.store.story(story or 0).reports)
    for path in (f"/article/{last}", f"/story/{story}/compare", f"/story/{story}/new?since=2026-03-12T09:00"):
        assert reader.get(path, follow_redirects=True).status_code == 200
    tidings.__dict__.pop("assistant", None)


def test_a_text_that_moved_is_summed_up_anew(flood: int, tidings: Tidings) -> None:
    (source,) = tidings.store.sources([flood])
    moved = (
        replace(source, paragraphs=("Updated 5 minutes ago", *source.paragraphs)),
        replace(source, standfirst="Nobody was hurt."),
        replace(source, original_id=1),
    )
    assert len({inputs_of([one]) for one in (source, *moved)}) == 4


# ── called wrong ─────────────────────────────────────────────────────────────────────────────────────────────────────


def report(client: TestClient, href: str, note: str) -> int:
    form = client.get(href)
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form.text))
    fields = {name: unescape(value) for name, value in fields.items() if name != "next"}
    answer = client.post("/wrong", data={**fields, "note": note}, headers={"origin": "http://localhost"})
    return answer.status_code


def test_a_sentence_called_wrong_stands_on_the_page_of_corrections_until_it_is_withdrawn(
    flood: int, reader: TestClient, operator: TestClient
) -> None:
    claim = reader.get(f"/api/article/{flood}/summary").json()["points"]["claims"][0]
    assert report(reader, claim["wrong_href"], "It was <b>Monday</b>.") == 303
    listed = reader.get("/corrections").text
    assert unescape(claim["text"]) in unescape(listed)
    assert "Being looked at" in listed
    assert "Monday" not in listed  # a visitor's words are the operator's to read
    assert "It was &lt;b&gt;Monday&lt;/b&gt;." in operator.get("/corrections").text
    row = reader.get("/api/corrections").json()["rows"][0]
    sent = post(operator, f"/corrections/sentences/{row['id']}", state="withdrawn", reply="It was Tuesday.")
    assert sent.status_code == 303
    assert "It was Tuesday." in reader.get("/corrections").text
    texts = [c["text"] for c in reader.get(f"/api/article/{flood}/summary").json()["points"]["claims"]]
    assert claim["text"] not in texts


def test_one_reader_is_counted_once_and_does_not_take_another_s_words(
    flood: int, tidings: Tidings, reader: TestClient, operator: TestClient
) -> None:
    story = tidings.store.article(flood).card.story_id
    claim = reader.get(f"/api/story/{story}/brief").json()["brief"]["claims"][-1]
    for note in ("First.", "Second."):
        assert report(reader, claim["wrong_href"], note) == 303
    row = next(
        r for r in operator.get("/api/corrections").json()["rows"] if r["claim"]["text"] == claim["text"]
    )
    assert (row["reports"], row["note"]) == ("one reader", "First.")


def test_what_the_operator_has_read_is_nobody_s_to_find_out(
    flood: int, tidings: Tidings, reader: TestClient
) -> None:
    story = tidings.store.article(flood).card.story_id
    answer = reader.get(f"/wrong?feature=new&subject=story+{story}&options=&claim={'0' * 16}")
    assert answer.status_code == 404
    assert "There is no such page here." in answer.text


def test_only_a_sentence_that_is_shown_can_be_called_wrong(flood: int, reader: TestClient) -> None:
    for address in (
        f"/wrong?feature=points&subject=article+{flood}&claim={'0' * 16}",
        "/wrong?feature=points&subject=article+x&claim=0000000000000000",
        "/wrong?feature=nothing&subject=archive&claim=0000000000000000",
        f"/wrong?feature=points&subject=article+{flood}&claim=zz",
    ):
        assert reader.get(address).status_code == 404
    refused = reader.post("/wrong", data={"feature": "points", "subject": "archive", "claim": "0" * 16})
    assert refused.status_code == 403
