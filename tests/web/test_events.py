"""Live news: what the database tells reaches every open page, and nobody holds anything for it."""

import asyncio
import queue
import threading
from collections.abc import Callable, Iterator

from tidings.web.events import News


def told(*messages: tuple[str, str] | None, on_takedown: Callable[[], None] = lambda: None) -> list[bytes]:
    """What an open page hears when the database tells these, up to a stop."""
    spoken: queue.Queue[tuple[str, str] | None] = queue.Queue()

    def events(stop: threading.Event) -> Iterator[tuple[str, str]]:
        while not stop.is_set():
            message = spoken.get(timeout=10)
            if message is None:
                return
            yield message

    async def listen() -> list[bytes]:
        news = News(events, on_takedown=on_takedown)
        news.start()
        heard: list[bytes] = []
        stream = news.stream()
        heard.append(await anext(stream))
        assert news.reader_count == 1
        for message in messages:
            spoken.put(message)
        for _ in range(sum(m is not None and m[0] == "stories" and m[1] != "" for m in messages)):
            heard.append(await asyncio.wait_for(anext(stream), 10))
        news.stop()
        spoken.put(None)
        heard += [chunk async for chunk in stream]
        assert news.reader_count == 0
        return heard

    return asyncio.run(listen())


def test_changed_stories_are_told_by_their_ids() -> None:
    assert told(("stories", "4,9"), ("stories", "12"))[1:] == [
        b'event: stories\ndata: {"stories": [4, 9]}\n\n',
        b'event: stories\ndata: {"stories": [12]}\n\n',
    ]


def test_stories_that_are_too_many_to_name_are_news_too() -> None:
    assert told(("stories", "many"))[1:] == [b'event: stories\ndata: {"stories": []}\n\n']


def test_what_readers_need_not_know_is_kept_from_them() -> None:
    assert told(("queue", "read"), ("stories", ""), ("stories", "5"))[1:] == [
        b'event: stories\ndata: {"stories": [5]}\n\n'
    ]


def test_whoever_keeps_what_was_made_of_articles_hears_of_takedowns() -> None:
    heard: list[str] = []
    assert told(("takedowns", ""), ("stories", "5"), on_takedown=lambda: heard.append("takedown"))[1:] == [
        b'event: stories\ndata: {"stories": [5]}\n\n'
    ]
    assert heard == ["takedown"]


def test_a_broken_listener_is_taken_up_again() -> None:
    assert len(told(None, ("stories", "5"))) == 2
