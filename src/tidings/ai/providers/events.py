"""The stream of a chat completion (server-sent events, WHATWG HTML §9.2) → what each piece says.  Pure, in bounded memory."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

END = "[DONE]"
_MOST_TOKENS = 10_000_000  # of a usage that can be believed


class NotAReply(Exception):
    """Bytes that are no chat completion: what is wrong, in words."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What one piece of a reply says: text, why it ends, how many tokens were read and written; None where it does not."""

    text: str = ""
    finish: str | None = None
    usage: tuple[int, int] | None = None
    error: str | None = None
    calls_tool: bool = False
    refusal: str | None = None


def data_of_events(chunks: Iterable[bytes]) -> Iterator[str]:
    """Yield the data of each event; comments and other fields are left out.  Raises NotAReply for bytes that are not UTF-8.

    Linear in the bytes: an endless line is kept in parts until it ends or the caller has had enough.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    parts: list[str] = []
    data: list[str] = []
    for chunk in chunks:
        try:
            *ended, rest = decoder.decode(chunk).split("\n")
        except UnicodeDecodeError as exc:
            raise NotAReply("not UTF-8") from exc
        for part in ended:
            line = "".join([*parts, part]).removesuffix("\r")
            parts.clear()
            if line.startswith("data:"):
                data.append(line[5:].removeprefix(" "))
            elif not line and data:
                yield "\n".join(data)
                data.clear()
        if rest:
            parts.append(rest)
    if last := "".join(parts).removesuffix("\r"):
        data += [last[5:].removeprefix(" ")] if last.startswith("data:") else []
    if data:  # some servers leave the last blank line out
        yield "\n".join(data)


def piece_of(data: str | bytes) -> Piece:
    """Return what a chunk of a stream, or a reply that came whole, says.  Raises NotAReply."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as exc:
        raise NotAReply("not JSON") from exc
    if not isinstance(value, dict):
        raise NotAReply("not a JSON object")
    if value.get("error"):
        return Piece(error=_words(value["error"]))
    usage = _usage(value.get("usage"))
    choices = value.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    if not isinstance(choice, dict):
        if usage is None and choices is None and "object" not in value:
            raise NotAReply("no chat completion")
        return Piece(usage=usage)
    said = choice.get("delta") or choice.get("message")
    said = said if isinstance(said, dict) else {}
    text, finish, refusal = said.get("content"), choice.get("finish_reason"), said.get("refusal")
    return Piece(
        text=_text(text) if isinstance(text, str) else "",
        finish=finish if isinstance(finish, str) else None,
        usage=usage,
        calls_tool=bool(said.get("tool_calls") or said.get("function_call")),
        refusal=refusal if isinstance(refusal, str) and refusal else None,
    )


def _words(error: Any) -> str:
    message = error.get("message") if isinstance(error, Mapping) else error
    return message if isinstance(message, str) else json.dumps(error)


def _usage(usage: Any) -> tuple[int, int] | None:
    """The tokens read and written, None when they are not stated or cannot be."""
    if not isinstance(usage, Mapping):
        return None
    read, written = usage.get("prompt_tokens"), usage.get("completion_tokens")
    if type(read) is not int or type(written) is not int:
        return None
    return (read, written) if 0 <= read <= _MOST_TOKENS and 0 <= written <= _MOST_TOKENS else None


def _text(text: str) -> str:
    """Text without halves of surrogate pairs, which JSON can spell and nothing can encode."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
