import random
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tidings.model import SearchChanges, SearchQuery, SearchText
from tidings.store.word_index import PASSAGE_WORDS, WordIndex, passages_of
from tidings.store.wording import wording_of

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Texts:
    """A source in memory: what was put last is changed last."""

    def __init__(self, identity: str = "db1") -> None:
        self.identity = identity
        self.changes: list[tuple[int, SearchText | None]] = []

    def put(self, article_id: int, headline: str, *paragraphs: str, **given: Any) -> None:
        text = SearchText(
            **{
                "article_id": article_id,
                "publisher_id": 1,
                "language": "en",
                "at": NOW,
                "headline": headline,
                "standfirst": None,
                "paragraphs": paragraphs,
            }
            | given
        )
        self.changes.append((article_id, text))

    def remove(self, article_id: int) -> None:
        self.changes.append((article_id, None))

    def search_identity(self) -> str:
        return self.identity

    def search_changes(self, *, cursor: str | None, limit: int) -> SearchChanges:
        start = int(cursor or 0)
        taken = self.changes[start : start + limit]
        last = dict(taken)
        return SearchChanges(
            texts=tuple(text for text in last.values() if text),
            gone=tuple(article_id for article_id, text in last.items() if text is None),
            cursor=str(start + len(taken)),
            is_last=len(taken) < limit,
        )


def found(index: WordIndex, text: str, **filters: Any) -> list[int]:
    wording = wording_of(text)
    return [one.article_id for one in index.find(wording, SearchQuery(text, **filters))]


@pytest.fixture
def texts() -> Texts:
    texts = Texts()
    texts.put(1, "Tunnel opens", "The harbour tunnel opens on Monday after nine years.")
    texts.put(2, "Ferry burns", "A ferry burned in the harbour. Nobody was hurt.", publisher_id=2)
    texts.put(
        3,
        "나토와 한국",
        "정부는 나토와 방산 수출을 협의했다고 밝혔다.",
        language="ko",
        at=NOW - timedelta(days=9),
        hashtags=("nato",),
    )
    return texts


@pytest.fixture
def index(texts: Texts, tmp_path: Path) -> WordIndex:
    index = WordIndex(tmp_path / "search")
    assert index.refresh(texts) == 3
    assert index.refresh(texts) == 0
    return index


def test_words_are_found_by_their_stems_in_headline_and_text(index: WordIndex) -> None:
    assert found(index, "tunnels") == [1]
    assert found(index, "harbours burning") == [2, 1]
    assert found(index, "xylophone") == []
    assert found(index, "") == []


def test_each_text_is_asked_by_the_stems_of_its_own_language(texts: Texts, index: WordIndex) -> None:
    texts.put(6, "Häfen", "Die Häfen öffneten.", language="de")
    texts.put(7, "Name", "Haf ist ein Name.", language="en")  # the German stem of Häfen: no word of this text
    texts.put(8, "Navn", "Havne i Harbours.", language="xx")
    index.refresh(texts)
    assert found(index, "Hafen") == [6]
    assert sorted(found(index, "harbours")) == [1, 2, 8]


def test_a_word_is_as_rare_as_in_the_texts_of_its_language(texts: Texts, index: WordIndex) -> None:
    """One English text taken for German must not win every English query: there, each of its words is rare."""
    for n in range(40):
        texts.put(10 + n, "Weather", f"The weather on day {n} was fine.")
    texts.put(60, "Tunnel", "The tunnel opens, said the builder of the tunnel.")
    texts.put(61, "Wetter", "The weather was fine.", language="de")
    index.refresh(texts)
    assert set(found(index, "tunnel weather")[:2]) == {1, 60}
    assert 61 in found(index, "tunnel weather")


def test_a_word_that_is_common_in_one_language_is_not_asked_of_texts_that_never_have_it(
    texts: Texts, index: WordIndex
) -> None:
    """ "Who is Orla Brandt?" beside Korean texts: no Korean passage has "who", which says nothing of English ones."""
    for n in range(60):
        texts.put(10 + n, "Weather", f"Who is out on day {n} is wet.")
    texts.put(90, "Ministry", "Orla Brandt signed the order.")
    index.refresh(texts)
    (first, *_) = index.find(wording_of("who is Orla Brandt"), SearchQuery("who is Orla Brandt"))
    assert first.article_id == 90
    assert first.has_all


def test_a_name_in_another_script_counts_for_the_one_word_that_it_is(texts: Texts, index: WordIndex) -> None:
    """아르베니아 is four pairs of letters: a text with it alone must not look like one with every word asked."""
    for n in range(40):
        texts.put(10 + n, "Weather", f"The weather on day {n} was fine.")
        texts.put(110 + n, "날씨", f"{n}일의 날씨는 맑았다.", language="ko")
    texts.put(90, "Cabinet", "The prime minister of Arvenia named a new minister.")
    texts.put(190, "공장", "아르베니아 공장이 문을 열었다.", language="ko")
    index.refresh(texts)
    asked = "prime minister of Arvenia"
    rows = index.find(wording_of(asked), SearchQuery(asked), [("Arvenia", ("아르베니아",))])
    share = {one.article_id: one.share for one in rows}
    assert list(share) == [90, 190]
    assert share[90] > 0.9
    assert 0 < share[190] < 0.5


def test_korean_is_found_whatever_particle_it_carries(index: WordIndex) -> None:
    for query in ("나토", "나토는", "방산수출"):
        assert found(index, query) == [3]


def test_phrases_must_stand_there_and_other_words_must_not(index: WordIndex) -> None:
    assert found(index, '"harbour tunnel"') == [1]
    assert found(index, '"tunnel harbour"') == []
    assert found(index, '"opens the"') == []  # not across the headline's end
    assert found(index, "harbour -ferry") == [1]
    assert found(index, 'harbour -"tunnel opens"') == [2]
    assert found(index, '"harbour tunnel" "nine years"') == [1]


def test_filters_narrow(index: WordIndex) -> None:
    assert found(index, "harbour", publisher_id=2) == [2]
    assert found(index, "나토", language="ko") == [3]
    assert found(index, "나토", language="en") == []
    assert found(index, "나토", hashtag="nato") == [3]
    assert found(index, "harbour", hashtag="nato") == []
    assert 3 not in found(index, "나토", since=NOW - timedelta(days=1))
    assert found(index, "나토", until=NOW) == [3]
    assert found(index, "harbour", until=NOW) == []


def test_a_changed_article_replaces_the_old_one_and_a_gone_one_is_gone(
    texts: Texts, index: WordIndex
) -> None:
    texts.put(1, "Bridge closes", "The bridge closes.")
    texts.remove(2)
    assert index.refresh(texts) == 2
    assert found(index, "tunnel harbour") == []
    assert found(index, "bridge") == [1]


def test_what_a_long_article_says_in_one_place_is_found(texts: Texts, index: WordIndex) -> None:
    rng = random.Random(1)
    filler = [" ".join(rng.choices(["alpha", "beta", "gamma", "delta", "epsilon"], k=50)) for _ in range(60)]
    texts.put(4, "Roundup", *filler[:30], "The lighthouse keeper of Skerrie retired.", *filler[30:])
    texts.put(5, "Lighthouse", "A lighthouse is a tower. " * 3)
    index.refresh(texts)
    assert found(index, "lighthouse keeper of Skerrie retired")[0] == 4


def test_passages_begin_with_the_headline_and_end_with_their_paragraph() -> None:
    text = SearchText(1, 1, "en", NOW, "Tunnel", "Standfirst", ("w " * 70, "", "x " * 20, "y " * 250))
    passages = passages_of(text)
    assert [(p.place, len(p.tokens)) for p in passages] == [(0, 73), (3, 22), (4, 102), (4, 102), (4, 52)]
    assert all(p.tokens[0] == "tunnel" and len(p.tokens) <= PASSAGE_WORDS + 2 for p in passages)
    headline_only = passages_of(SearchText(1, 1, None, NOW, "Only a headline", None, ()))
    assert [(p.place, p.tokens) for p in headline_only] == [(0, ("only", "a", "headline"))]


def test_an_article_is_found_with_its_two_best_places(texts: Texts, index: WordIndex) -> None:
    filler = "alpha beta gamma " * 30
    texts.put(
        4,
        "Roundup",
        filler,
        "The lighthouse burned.",
        filler,
        "A lighthouse keeper spoke.",
        filler,
        "Lighthouse.",
    )
    index.refresh(texts)
    (found,) = index.find(wording_of("lighthouse keeper"), SearchQuery(""))
    assert (found.article_id, found.places) == (4, (4, 6))


def test_a_second_process_reads_what_the_first_wrote(texts: Texts, index: WordIndex, tmp_path: Path) -> None:
    reader = WordIndex(tmp_path / "search")
    assert found(reader, "tunnel") == [1]
    texts.put(9, "Tunnel again", "More of the tunnel.")
    index.refresh(texts)
    assert sorted(found(reader, "tunnel")) == [1, 9]
    assert reader.refresh(texts) == 0


def test_while_one_writes_another_leaves_it_alone(texts: Texts, index: WordIndex, tmp_path: Path) -> None:
    other = WordIndex(tmp_path / "search")
    with index._sole_writer() as held:
        assert held
        assert other.refresh(texts) == 0
    assert other.refresh(texts) == 0


def test_an_index_of_another_database_is_built_anew(texts: Texts, index: WordIndex, tmp_path: Path) -> None:
    other = Texts("db2")
    other.put(7, "Elsewhere", "Something else.")
    anew = WordIndex(tmp_path / "search")
    assert anew.refresh(other) == 1
    assert found(anew, "tunnel") == []
    assert found(anew, "elsewhere") == [7]
    assert found(index, "elsewhere") == [7]  # and those who had it open see the new one
    assert len([path for path in (tmp_path / "search").iterdir() if path.is_dir()]) == 1


@pytest.mark.parametrize("harm", ["state", "meta", "segments", "gone"])
@pytest.mark.parametrize("first", ["search", "refresh"])
def test_a_broken_index_is_built_anew(
    texts: Texts, index: WordIndex, tmp_path: Path, harm: str, first: str
) -> None:
    folder = tmp_path / "search"
    (generation,) = (path for path in folder.iterdir() if path.is_dir())
    if harm == "state":
        (folder / "state.json").write_text('{"format": 1')
    elif harm == "meta":
        (generation / "meta.json").write_text("nonsense")
    else:
        for path in generation.iterdir():
            if path.suffix not in (".json", ".lock", ""):
                path.unlink() if harm == "gone" else path.write_bytes(b"\0" * 10)
    fresh = WordIndex(folder)
    if first == "search":
        found(fresh, "tunnel")  # whatever it finds, it does not fail
    else:
        texts.put(9, "Lighthouse", "Something new.")
    fresh.refresh(texts)
    found(fresh, "tunnel")
    fresh.refresh(texts)
    assert found(fresh, "tunnel") == [1]


def test_many_threads_search_while_one_takes_in(texts: Texts, index: WordIndex) -> None:
    failures: list[BaseException] = []

    def search() -> None:
        try:
            for _ in range(100):
                assert 1 in found(index, "tunnel")
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=search) for _ in range(4)]
    for thread in threads:
        thread.start()
    for n in range(5):
        texts.put(100 + n, f"News {n}", "Some text.")
        index.refresh(texts)
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_limit_takes_in_a_part_at_a_time(tmp_path: Path) -> None:
    texts = Texts()
    for n in range(1200):
        texts.put(n, f"Headline {n}", "Text.")
    index = WordIndex(tmp_path / "search")
    assert [index.refresh(texts, limit=500) for _ in range(4)] == [500, 500, 200, 0]
