"""A language model's endpoint over real HTTP: what is asked, what is understood, and what no reply is."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from fetch_support import Answer, Seen, Site, reply
from hypothesis import given, settings
from hypothesis import strategies as st

from tidings.ai.meter import Prices
from tidings.ai.providers.events import NotAReply, data_of_events, piece_of
from tidings.ai.providers.openai import Endpoint, OpenAICompatible, Patience
from tidings.errors import AIError, ProviderDown, ProviderRefused
from tidings.model import Cost
from tidings.ports import Completion, Prompt

SCHEMA = {"type": "object", "properties": {"sentences": {"type": "array"}}, "required": ["sentences"]}
PROMPT = Prompt("brief/1", "Summarise.", "[a1.s1] The pier closed.", most_tokens=50)
ASKING = replace(PROMPT, schema=SCHEMA)
VALUE = {"sentences": [{"text": "The pier closed.", "cites": ["a1.s1"]}]}
KEY = "sk-very-secret"
PATIENT = Patience(connect_s=10, first_token_s=30, whole_s=60)  # on a busy machine too
QUICK = Patience(connect_s=2, first_token_s=1, whole_s=2)


def event(value: object) -> bytes:
    return f"data: {json.dumps(value)}\n\n".encode()


def delta(text: str, **more: object) -> dict[str, object]:
    return {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None, **more}]}


def stream(*texts: str, usage: tuple[int, int] | None = None, ending: bytes = b"data: [DONE]\n\n") -> bytes:
    events = [event(delta(text)) for text in texts] + [event(delta("", finish_reason="stop"))]
    if usage:
        events.append(
            event(
                {
                    "choices": [],
                    "usage": dict(zip(("prompt_tokens", "completion_tokens"), usage, strict=True)),
                }
            )
        )
    return sse(b"".join(events) + ending)


def sse(body: bytes) -> bytes:
    return reply(200, body, [("content-type", "text/event-stream; charset=utf-8")])


def endless(part: bytes) -> Callable[[Seen], Iterator[bytes]]:
    def answer(request: Seen) -> Iterator[bytes]:
        yield reply(200, b"", [("content-type", "text/event-stream")], length=False)
        while True:
            yield part

    return answer


def model_at(
    site: Site, *, patience: Patience = PATIENT, slept: list[float] | None = None, **more: object
) -> OpenAICompatible:
    endpoint = Endpoint(url=site.url("/v1"), model="kestrel-7b", key=KEY, **more)  # type: ignore[arg-type]
    return OpenAICompatible(endpoint, patience=patience, sleep=(slept if slept is not None else []).append)


def asked(
    *answers: Answer | Callable[[Seen], Answer], prompt: Prompt = PROMPT, **more: object
) -> tuple[Completion, list[dict[str, object]]]:
    """What a model says and was sent, when its endpoint gives these answers one after another (the last for ever)."""
    with served(*answers) as site:
        completion = model_at(site, **more).complete(prompt)  # type: ignore[arg-type]
    return completion, [json.loads(request.body) for request in site.requests]


def served(*answers: Answer | Callable[[Seen], Answer]) -> Site:
    left = list(answers)

    def answer(request: Seen) -> Answer:
        now = left.pop(0) if len(left) > 1 else left[0]
        return now(request) if callable(now) else now

    return Site(answer)


def failure(
    *answers: Answer | Callable[[Seen], Answer], prompt: Prompt = PROMPT, **more: object
) -> tuple[AIError, Site]:
    with served(*answers) as site:
        model = model_at(site, **more)  # type: ignore[arg-type]
        with pytest.raises(AIError) as caught:
            model.complete(prompt)
    assert KEY not in f"{caught.value} {caught.value.public_message} {model._endpoint!r}"
    return caught.value, site


# ── asking ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_reply_comes_with_what_it_took_and_costs() -> None:
    prices = Prices(per_million_in=Decimal("0.50"), per_million_out=Decimal("1.50"), currency="EUR")
    completion, sent = asked(stream("The pier ", "closed.", usage=(2000, 400)), prices=prices)
    assert completion == Completion(
        "The pier closed.", None, "kestrel-7b", Cost(2000, 400, Decimal("0.0016"), "EUR")
    )
    assert sent == [
        {
            "model": "kestrel-7b",
            "stream": True,
            "temperature": 0,
            "stream_options": {"include_usage": True},
            "max_tokens": 50,
            "messages": [
                {"role": "system", "content": "Summarise."},
                {"role": "user", "content": "[a1.s1] The pier closed."},
            ],
        }
    ]


def test_the_key_goes_into_one_header_and_nowhere_else() -> None:
    with served(stream("Yes.")) as site:
        model_at(site).complete(PROMPT)
    request = site.requests[0]
    assert (request.method, request.target) == ("POST", "/v1/chat/completions")
    assert request.headers.pop("authorization") == f"Bearer {KEY}"
    assert KEY not in f"{request}"


def test_the_reply_is_heard_as_it_comes() -> None:
    heard: list[str] = []
    with served(stream("One ", "two ", "three.")) as site:
        model_at(site).complete(PROMPT, on_text=heard.append)
    assert heard == ["One ", "two ", "three."]


def test_tokens_are_estimated_where_the_endpoint_does_not_count() -> None:
    completion, _ = asked(stream("The pier closed."))
    assert completion.cost == Cost(tokens_in=4 + 8, tokens_out=6)


def test_a_reply_that_comes_whole_is_understood_too() -> None:
    whole = {
        "choices": [
            {"message": {"role": "assistant", "content": "The pier closed."}, "finish_reason": "stop"}
        ],
        "usage": {"prompt_tokens": 12, "completion_tokens": 5},
    }
    answer = reply(200, json.dumps(whole).encode(), [("content-type", "application/json")])
    assert asked(answer)[0] == Completion("The pier closed.", None, "kestrel-7b", Cost(12, 5))


def test_the_price_before_asking_is_the_most_that_it_can_be() -> None:
    with served(stream("x")) as site:
        model = model_at(site, prices=Prices(Decimal(1), Decimal(2)))
        cost = model.price_of(PROMPT)
    assert cost == Cost(tokens_in=28, tokens_out=50, price=Decimal("0.000128"))
    assert site.requests == []


# ── structured output ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_schema_is_sent_as_a_response_format() -> None:
    completion, sent = asked(stream(json.dumps(VALUE)), prompt=ASKING)
    assert completion.value == VALUE
    assert sent[0]["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "reply", "strict": True, "schema": SCHEMA},
    }


@pytest.mark.parametrize("status", [400, 404, 422, 501])
def test_an_endpoint_without_structured_output_is_asked_in_words_from_then_on(status: int) -> None:
    no = reply(status, b'{"error": {"message": "response_format is not supported"}}')
    with served(no, stream(f"Here you are:\n```json\n{json.dumps(VALUE)}\n```")) as site:
        model = model_at(site)
        assert [model.complete(ASKING).value for _ in range(2)] == [VALUE, VALUE]
    sent = [json.loads(request.body) for request in site.requests]
    assert ["response_format" in body for body in sent] == [True, False, False]
    assert json.dumps(SCHEMA) in sent[1]["messages"][0]["content"]


def test_an_endpoint_that_objects_without_saying_to_what_is_asked_in_words() -> None:
    completion, sent = asked(reply(400, b"Bad Request"), stream(json.dumps(VALUE)), prompt=ASKING)
    assert (completion.value, len(sent)) == (VALUE, 2)


def test_an_objection_that_was_about_something_else_is_not_remembered() -> None:
    too_long = reply(400, b'{"error": "the context is too long"}')
    with served(too_long, too_long, stream(json.dumps(VALUE))) as site:
        model = model_at(site)
        with pytest.raises(ProviderRefused):
            model.complete(ASKING)
        model.complete(ASKING)
    assert "response_format" in json.loads(site.requests[-1].body)


def test_an_endpoint_that_ignores_the_schema_is_asked_once_more_and_both_are_paid() -> None:
    completion, sent = asked(
        stream("The pier closed.", usage=(10, 5)), stream(json.dumps(VALUE), usage=(30, 20)), prompt=ASKING
    )
    assert (completion.value, completion.cost) == (VALUE, Cost(40, 25))
    assert ["response_format" in body for body in sent] == [True, False]


def test_a_model_that_cannot_write_json_still_says_what_it_said() -> None:
    completion, sent = asked(stream("The pier closed."), prompt=ASKING)
    assert (completion.text, completion.value, len(sent)) == ("The pier closed.", None, 2)


def test_a_new_name_for_the_longest_reply_is_learned() -> None:
    no = b'{"error": {"message": "Unsupported parameter: max_tokens. Use max_completion_tokens instead."}}'
    _, sent = asked(reply(400, no), stream("Yes."))
    assert (sent[1].get("max_tokens"), sent[1].get("max_completion_tokens")) == (None, 50)


@pytest.mark.parametrize(
    ("part", "words"),
    [("temperature", "temperature must be 1"), ("stream_options", "unknown field stream_options")],
)
def test_what_an_endpoint_names_as_unknown_is_left_out(part: str, words: str) -> None:
    _, sent = asked(reply(400, json.dumps({"error": words}).encode()), stream("Yes."))
    assert [part in body for body in sent] == [True, False]


# ── trying again ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("headers", "waited"),
    [
        ([], 0.5),
        ([("retry-after", "1")], 1.0),
        ([("date", "Thu, 05 Mar 2026 10:00:00 GMT"), ("retry-after", "Thu, 05 Mar 2026 10:00:01 GMT")], 1.0),
        ([("retry-after", "soon")], 0.5),
    ],
)
def test_a_busy_endpoint_is_asked_again_when_it_says(headers: list[tuple[str, str]], waited: float) -> None:
    slept: list[float] = []
    completion, sent = asked(reply(429, b"busy", headers), stream("Yes."), slept=slept)
    assert (completion.text, len(sent), slept) == ("Yes.", 2, [waited])


def test_waiting_longer_each_time_ends() -> None:
    slept: list[float] = []
    error, site = failure(reply(503, b"loading model"), slept=slept, patience=Patience())
    assert (type(error), len(site.requests), slept) == (ProviderDown, 3, [0.5, 2.0])


def test_a_long_wish_to_be_left_alone_is_told_at_once() -> None:
    slept: list[float] = []
    error, site = failure(reply(429, b"", [("retry-after", "3600")]), slept=slept, patience=Patience())
    assert (type(error), len(site.requests), slept) == (ProviderDown, 1, [])


def test_what_a_reader_has_begun_to_read_is_not_begun_anew() -> None:
    heard: list[str] = []
    broken = sse(event(delta("The pier ")) + event({"error": {"message": "out of memory", "code": 500}}))
    with served(broken) as site, pytest.raises(ProviderDown):
        model_at(site).complete(PROMPT, on_text=heard.append)
    assert (heard, len(site.requests)) == (["The pier "], 1)


# ── what is no reply ─────────────────────────────────────────────────────────────────────────────────────────────────

WEB_PAGE = reply(200, b"<html><script>alert(1)</script>", [("content-type", "text/html")])


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        pytest.param(WEB_PAGE, ProviderRefused, id="a web page"),
        pytest.param(
            reply(200, b"", [("content-type", "text/event-stream")]), ProviderDown, id="nothing at all"
        ),
        pytest.param(b"", ProviderDown, id="a closed connection"),
        pytest.param(b"SSH-2.0-OpenSSH_9\r\nconnection: close\r\n\r\n", ProviderDown, id="another protocol"),
        pytest.param(sse(b"data: [DONE]\n\n"), ProviderRefused, id="an empty reply"),
        pytest.param(stream("  \n"), ProviderRefused, id="white space"),
        pytest.param(sse(event(delta("The pier"))), ProviderDown, id="a stream that breaks off"),
        pytest.param(sse(b"data: \xff\xfe\n\n"), ProviderRefused, id="not UTF-8"),
        pytest.param(sse(b"data: {broken\n\n"), ProviderRefused, id="not JSON"),
        pytest.param(sse(b"data: [1, 2]\n\n"), ProviderRefused, id="a list"),
        pytest.param(sse(b'data: {"hello": "world"}\n\n'), ProviderRefused, id="another object"),
        pytest.param(sse(b"data: " + b"[" * 100_000 + b"\n\n"), ProviderRefused, id="a deep well"),
        pytest.param(sse(event({"choices": "none"})), ProviderDown, id="choices that are none"),
        pytest.param(
            sse(
                event(
                    {
                        "choices": [
                            {
                                "delta": {"tool_calls": [{"function": {"name": "rm"}}]},
                                "finish_reason": "tool_calls",
                            }
                        ]
                    }
                )
            ),
            ProviderRefused,
            id="a tool call",
        ),
        pytest.param(
            sse(event({"choices": [{"delta": {"refusal": "I cannot."}, "finish_reason": "stop"}]})),
            ProviderRefused,
            id="a refusal",
        ),
        pytest.param(sse(event(delta("x", finish_reason="content_filter"))), ProviderRefused, id="a filter"),
        pytest.param(
            reply(200, b"x", [("content-type", "application/json"), ("content-encoding", "gzip")]),
            ProviderRefused,
            id="packed",
        ),
        pytest.param(
            reply(302, b"", [("location", "https://elsewhere.example/")]), ProviderRefused, id="a redirect"
        ),
        pytest.param(reply(401, f"bad key {KEY}".encode()), ProviderRefused, id="a wrong key"),
        pytest.param(reply(402, b"pay"), ProviderRefused, id="no money left"),
        pytest.param(reply(404, b"model not found"), ProviderRefused, id="an unknown model"),
        pytest.param(reply(500, f"boom {KEY}".encode()), ProviderDown, id="out of order"),
    ],
)
def test_what_is_no_reply_is_an_error_that_says_so(answer: bytes, kind: type[AIError]) -> None:
    error, _ = failure(answer)
    assert type(error) is kind


def test_a_model_that_thinks_until_its_room_is_spent_is_told_so() -> None:
    thought = {"choices": [{"delta": {"reasoning_content": "Let me see."}, "finish_reason": "length"}]}
    error, _ = failure(sse(event(thought)))
    assert "thinking off" in error.public_message


def test_an_endless_error_is_read_no_further_than_its_beginning() -> None:
    def answer(request: Seen) -> Iterator[bytes]:
        yield reply(500, b"", [("content-type", "text/plain")], length=False)
        while True:
            yield b"boom " * 1000

    error, _ = failure(answer)
    assert (type(error), len(error.detail) < 400) == (ProviderDown, True)


@pytest.mark.parametrize(
    "part",
    [
        pytest.param(event(delta("and so on ")), id="words"),
        pytest.param(b"x" * 65536, id="a line without an end"),
        pytest.param(b": keep-alive\n\n", id="signs of life"),
        pytest.param(event({"choices": [{"delta": {"reasoning_content": "hm " * 1000}}]}), id="thoughts"),
    ],
)
def test_an_endless_reply_ends(part: bytes) -> None:
    error, _ = failure(endless(part), patience=QUICK)
    assert type(error) in (ProviderDown, ProviderRefused)


def test_nobody_at_the_address_is_down() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    model = OpenAICompatible(Endpoint(f"http://127.0.0.1:{port}/v1", "m"), patience=QUICK, sleep=[].append)
    with pytest.raises(ProviderDown):
        model.complete(PROMPT)


def test_an_endpoint_that_never_begins_is_not_asked_again() -> None:
    def stalled(request: Seen) -> Iterator[bytes]:
        yield reply(
            200, b"", [("content-type", "text/event-stream"), ("content-length", "999")], length=False
        )
        time.sleep(3)

    error, site = failure(stalled, patience=QUICK)
    assert (type(error), len(site.requests)) == (ProviderDown, 1)


# ── bytes from outside ───────────────────────────────────────────────────────────────────────────────────────────────


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(["The pier ", "é한", '"}{', "\n\n", "data: "]), min_size=1), st.data())
def test_a_stream_says_the_same_however_it_is_cut(texts: list[str], data: st.DataObject) -> None:
    whole = b": hello\n\n" + b"".join(
        f"data: {json.dumps(delta(t), ensure_ascii=False)}\r\n\r\n".encode() for t in texts
    )
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=8)))
    chunks = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    assert [piece_of(event).text for event in data_of_events(chunks)] == texts


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.binary(max_size=60)
        | st.sampled_from([b"data: ", b'{"choices":[{"delta":', b"\n\n", b"null", b"}]}"]),
        max_size=12,
    )
)
def test_any_bytes_are_read_or_refused(chunks: list[bytes]) -> None:
    try:
        for data in data_of_events(chunks):
            piece_of(data)
    except NotAReply:
        pass


@pytest.mark.parametrize(
    "usage",
    [
        {"prompt_tokens": -1, "completion_tokens": 2},
        {"prompt_tokens": 10**30, "completion_tokens": 1},
        {"prompt_tokens": True, "completion_tokens": 1},
        [],
        "5",
    ],
)
def test_a_count_that_cannot_be_is_none(usage: object) -> None:
    assert piece_of(json.dumps({"choices": [], "usage": usage})).usage is None


def test_half_a_character_does_not_get_in() -> None:
    assert piece_of('{"choices": [{"delta": {"content": "a\\ud800b"}}]}').text == "a\ufffdb"
