"""Any endpoint that speaks chat/completions, as a ports.LanguageModel: Ollama, vLLM, llama-server, hosted ones.

The address is the operator's own configuration and may be private; it is not the outside world that fetch/ guards against.
What comes back is outside input all the same: it is read as a stream within limits of time and size, and everything that
is no reply becomes ProviderDown (later) or ProviderRefused (never).  Nothing is taken from the environment: no proxy, no
.netrc.  A redirect is not followed, since the key would go with it.

Endpoints differ in what they take.  A request holds parts that can be done without (_OPTIONAL); one that an endpoint objects
to is left out, and stays out once a request has passed without it.  Of the schema the form is then asked for in words.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from itertools import islice
from typing import Any

import httpx

from tidings.ai.meter import Prices, cost_of, most_of, sum_of, tokens_of
from tidings.ai.objects import object_in, objects_in
from tidings.ai.providers.events import END, NotAReply, Piece, data_of_events, piece_of
from tidings.errors import AIError, ProviderDown, ProviderRefused
from tidings.model import Cost
from tidings.ports import Completion, Prompt

# In the order in which they are given up; the words by which endpoints name them when they object.
_OPTIONAL = {
    "response_format": ("response_format", "json_schema", "structured", "grammar", "schema"),
    "stream_options": ("stream_options", "include_usage"),
    "max_tokens": ("max_tokens", "max_completion_tokens"),
    "temperature": ("temperature",),
}
_OBJECTING = (400, 404, 422, 501)
_BUSY = (408, 425, 429, 500, 502, 503, 504, 529)
_MOST_BYTES = 4 << 20
_BYTES_A_TOKEN = 2048  # of a stream: a token comes wrapped in some 300
_CHARACTERS_A_TOKEN = 32
_ERROR_BYTES, _ERROR_CHUNKS = 64 << 10, 64


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a model is: `url` is what chat/completions hangs under ("http://127.0.0.1:11434/v1").  `key` is never shown."""

    url: str
    model: str
    key: str | None = field(default=None, repr=False)
    prices: Prices | None = None


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds.  `whole_s` counts all tries together, the last wait for bytes not included.

    `first_token_s` also bounds every silence after it.  A machine without a graphics card reads 3,000 tokens of articles before its
    first word, a minute and more for a model of eight thousand million parameters.
    """

    connect_s: float = 5.0
    first_token_s: float = 120.0
    whole_s: float = 180.0
    tries: int = 3
    back_off_s: float = 0.5
    longest_wait_s: float = 20.0


@dataclass(slots=True)
class _Heard:
    """A reply so far."""

    texts: list[str] = field(default_factory=list)
    characters: int = 0
    finish: str | None = None
    usage: tuple[int, int] | None = None
    calls_tool: bool = False


class OpenAICompatible:
    """Implements ports.LanguageModel.  Safe to share between threads; close() gives its connections back."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        patience: Patience = Patience(),
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = endpoint.model
        self._endpoint = endpoint
        self._url = f"{endpoint.url.rstrip('/')}/chat/completions"
        self._subject = httpx.URL(endpoint.url).host
        self._patience = patience
        self._sleep = sleep
        self._monotonic = monotonic
        self._given_up: frozenset[str] = frozenset()
        self._client = httpx.Client(
            timeout=httpx.Timeout(patience.first_token_s, connect=patience.connect_s),
            trust_env=False,
            follow_redirects=False,
            headers={
                "accept": "text/event-stream, application/json",
                "accept-encoding": "identity",
                "user-agent": "Tidings",
                **({"authorization": f"Bearer {endpoint.key}"} if endpoint.key else {}),
            },
        )

    def close(self) -> None:
        self._client.close()

    def price_of(self, prompt: Prompt) -> Cost:
        """The most that asking once may cost; an endpoint that ignores the schema is asked twice."""
        return most_of(prompt, self._endpoint.prices)

    def complete(self, prompt: Prompt, *, on_text: Callable[[str], None] | None = None) -> Completion:
        """Ask; on_text hears the reply as it comes.  Raises ProviderDown, ProviderRefused.

        A reply to a schema that holds no JSON at all is asked for once more, in words; on_text does not hear the second.
        """
        until = self._monotonic() + self._patience.whole_s
        text, cost = self._asked(prompt, on_text, until=until)
        if prompt.schema is None:
            return Completion(text=text, value=None, model=self.name, cost=cost)
        value = object_in(text, prompt.schema)
        if value is None and next(objects_in(text), None) is None and "response_format" not in self._given_up:
            text, more = self._asked(prompt, None, until=until, in_words=True)
            value = object_in(text, prompt.schema)
            cost = sum_of((cost, more)) or cost
        return Completion(text=text, value=value, model=self.name, cost=cost)

    def _asked(
        self,
        prompt: Prompt,
        on_text: Callable[[str], None] | None,
        *,
        until: float,
        in_words: bool = False,
    ) -> tuple[str, Cost]:
        """The text of a reply and its cost, asked for until it comes, the tries are spent or trying cannot help."""
        given_up = self._given_up
        tries = 0
        while True:
            body = self._body(prompt, given_up | ({"response_format"} if in_words else set()))
            heard = _Heard()
            try:
                self._exchange(prompt, body, heard, on_text, until)
            except _Objection as exc:
                given_up |= {exc.part}
            except _NotNow as exc:
                tries += 1
                wait_s = self._wait_s(exc, tries)
                is_over = tries >= self._patience.tries or self._monotonic() + wait_s >= until
                # What somebody has begun to read is not begun anew before their eyes.
                if is_over or wait_s > self._patience.longest_wait_s or (on_text and heard.texts):
                    raise exc.error from exc
                self._sleep(wait_s)
            else:
                self._given_up = given_up
                return self._read(body, heard)

    def _wait_s(self, exc: _NotNow, tries: int) -> float:
        if exc.retry_after_s is not None:
            return exc.retry_after_s
        return float(self._patience.back_off_s * 4 ** (tries - 1))

    def _body(self, prompt: Prompt, without: frozenset[str]) -> dict[str, Any]:
        """The request, without the parts given up; a schema that cannot be sent is stated in words."""
        system = prompt.system
        body: dict[str, Any] = {"model": self._endpoint.model, "stream": True, "temperature": 0}
        body["stream_options"] = {"include_usage": True}
        body["max_tokens"] = prompt.most_tokens
        if prompt.schema is not None:
            form = {"name": "reply", "strict": True, "schema": prompt.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": form}
            if "response_format" in without:
                system += "\n\nReply with one JSON object and nothing else. It must be valid under this JSON Schema:\n"
                system += json.dumps(prompt.schema, ensure_ascii=False)
        for part in without & body.keys():
            del body[part]
        if "max_tokens" in without:
            body["max_completion_tokens"] = prompt.most_tokens
        body["messages"] = [
            {"role": "system", "content": system},
            {"role": "user", "content": prompt.user},
        ]
        return body

    def _exchange(
        self,
        prompt: Prompt,
        body: dict[str, Any],
        heard: _Heard,
        on_text: Callable[[str], None] | None,
        until: float,
    ) -> None:
        """Send a request and hear the reply out.  Raises _Objection, _NotNow, ProviderRefused, ProviderDown."""
        try:
            with self._client.stream("POST", self._url, json=body) as response:
                if response.status_code != 200:
                    self._fail(response, body)
                if response.headers.get("content-encoding", "identity").lower() != "identity":
                    raise self._refused("The reply is compressed, which was not asked for.")
                chunks = self._within(response, prompt, heard, until)
                kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
                if kind == "text/event-stream":
                    self._hear_events(chunks, prompt, heard, on_text)
                elif kind == "application/json":  # it does not stream
                    self._hear(piece_of(b"".join(chunks)), prompt, heard, on_text)
                    heard.finish = heard.finish or "stop"
                else:
                    raise self._refused(
                        "The address of the language model answers with something else. ai_url usually ends in /v1.",
                        detail=f"content type {kind or 'not stated'}",
                    )
        except NotAReply as exc:
            raise self._refused("The language model's reply cannot be read.", detail=str(exc)) from exc
        except httpx.TimeoutException as exc:
            error = self._down("The language model does not answer in time.", detail=type(exc).__name__)
            # A connection may come next time; who has waited two minutes for a word had better be told.
            raise _NotNow(error) if isinstance(exc, httpx.ConnectTimeout) else error from exc
        except (httpx.HTTPError, httpx.InvalidURL) as exc:
            error = self._down("The language model cannot be reached.", detail=type(exc).__name__)
            raise _NotNow(error) from exc
        self._require_reply(heard)

    def _hear_events(
        self,
        chunks: Iterator[bytes],
        prompt: Prompt,
        heard: _Heard,
        on_text: Callable[[str], None] | None,
    ) -> None:
        for data in data_of_events(chunks):
            if data.strip() == END:
                heard.finish = heard.finish or "stop"
                return
            self._hear(piece_of(data), prompt, heard, on_text)

    def _hear(
        self, piece: Piece, prompt: Prompt, heard: _Heard, on_text: Callable[[str], None] | None
    ) -> None:
        if piece.error is not None:
            raise _NotNow(
                self._down("The language model broke off.", detail=self._without_key(piece.error[:300]))
            )
        if piece.refusal is not None or piece.finish == "content_filter":
            raise self._refused("The language model's provider declines this text.")
        heard.finish = piece.finish or heard.finish
        heard.usage = piece.usage or heard.usage
        heard.calls_tool |= piece.calls_tool
        if piece.text:
            heard.characters += len(piece.text)
            if heard.characters > prompt.most_tokens * _CHARACTERS_A_TOKEN:
                raise self._refused("The language model does not stop.", detail="more text than asked for")
            heard.texts.append(piece.text)
            if on_text:
                on_text(piece.text)

    def _require_reply(self, heard: _Heard) -> None:
        if heard.finish is None:
            raise _NotNow(self._down("The language model broke off.", detail="the stream ended early"))
        if not any(text.strip() for text in heard.texts):
            if heard.finish == "length":  # models that reason spend the room of the reply on it
                raise self._refused(
                    "The language model thought until there was no room left to reply. Switch its thinking off."
                )
            said = "called a tool" if heard.calls_tool else "said nothing"
            raise self._refused(f"The language model {said}, where a text was asked for.")

    def _within(
        self, response: httpx.Response, prompt: Prompt, heard: _Heard, until: float
    ) -> Iterator[bytes]:
        """The bytes of a reply as they come, as long as time and size allow."""
        most_bytes = _MOST_BYTES + prompt.most_tokens * _BYTES_A_TOKEN
        first_until = self._monotonic() + self._patience.first_token_s
        received = 0
        for chunk in response.iter_raw():
            received += len(chunk)
            if received > most_bytes:
                raise self._refused("The language model does not stop.", detail=f"over {most_bytes} bytes")
            now = self._monotonic()
            # Comments that keep a stream alive are no words.
            if now > until or (not heard.texts and now > first_until):
                raise self._down("The language model does not answer in time.", detail="a slow stream")
            yield chunk

    def _fail(self, response: httpx.Response, body: dict[str, Any]) -> None:
        """Raise what an answer that is not 200 means."""
        status = response.status_code
        words = self._without_key(_beginning(response))
        detail = f"status {status}: {words[:300]}"
        if status in _BUSY:
            error = self._down("The language model's provider is busy or out of order.", detail=detail)
            raise _NotNow(error, retry_after_s=_retry_after_s(response.headers))
        if status in _OBJECTING:
            sent = [part for part in _OPTIONAL if part in body]
            low = words.lower()
            named = [part for part in sent if any(name in low for name in _OPTIONAL[part])]
            if not named and status != 404:  # no word of what it objects to
                named = [part for part in sent if part == "response_format"]
            if named:
                raise _Objection(named[0])
        if status in (401, 403):
            raise self._refused("The language model's provider does not accept the key.", detail=detail)
        if status == 402:
            raise self._refused("The language model's provider asks to be paid first.", detail=detail)
        if status == 404:
            raise self._refused(
                "The provider does not know the language model, or the address. ai_url usually ends in /v1.",
                detail=detail,
            )
        raise self._refused("The language model's provider refuses the request.", detail=detail)

    def _read(self, body: dict[str, Any], heard: _Heard) -> tuple[str, Cost]:
        text = "".join(heard.texts)
        read = sum(tokens_of(message["content"]) for message in body["messages"])
        tokens_in, tokens_out = heard.usage or (read, tokens_of(text))
        return text, cost_of(tokens_in, tokens_out, self._endpoint.prices)

    def _without_key(self, words: str) -> str:
        """What a provider says, for the log: some repeat the key that they do not accept."""
        return words.replace(self._endpoint.key, "…") if self._endpoint.key else words

    def _down(self, message: str, *, detail: str = "") -> ProviderDown:
        return ProviderDown(self._subject, f"{message} Try again later.", detail=detail)

    def _refused(self, message: str, *, detail: str = "") -> ProviderRefused:
        return ProviderRefused(self._subject, message, detail=detail)


class _Objection(Exception):
    """The endpoint does not take this part of a request."""

    def __init__(self, part: str) -> None:
        super().__init__(part)
        self.part = part


class _NotNow(Exception):
    """A failure after which trying again may help."""

    def __init__(self, error: AIError, *, retry_after_s: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.retry_after_s = retry_after_s


def _beginning(response: httpx.Response) -> str:
    """The first words of an answer, without control characters."""
    body = bytearray()
    for chunk in islice(response.iter_raw(), _ERROR_CHUNKS):
        body += chunk
        if len(body) >= _ERROR_BYTES:
            break
    text = bytes(body[:_ERROR_BYTES]).decode("utf-8", "replace")
    return "".join(char if char.isprintable() else " " for char in text)


def _retry_after_s(headers: httpx.Headers) -> float | None:
    """The seconds that a Retry-After asks for; a date is reckoned from the answer's own Date.  RFC 9110 §10.2.3."""
    stated = headers.get("retry-after", "").strip()
    if stated.isascii() and stated.isdigit() and len(stated) < 10:
        return float(stated)
    try:
        wait = parsedate_to_datetime(stated) - parsedate_to_datetime(headers.get("date", ""))
    except (TypeError, ValueError):
        return None
    return max(0.0, wait.total_seconds())
