"""Names of people, places and bodies in a text, found fast and without a model.

Scripts with capitals: runs of capitalised words that are not merely capitalised for opening a sentence or a title; German,
which capitalises every noun, must show more.  Korean: stems that recur once their particles are off.  Japanese: words
in katakana.  In all of them: acronyms.  Chinese and other scripts without capitals give acronyms and Latin names only.

Every label is verbatim in the text.  Finding costs about 1 ms an article.
"""

# ruff: noqa: SIM905  (word lists read better as text)

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import pairwise
from typing import NamedTuple

from tidings.model import Name
from tidings.stories.korean import EOJEOL, noun_of
from tidings.stories.nations import is_adjective, nation_of
from tidings.stories.rarity import primary, word_zipf
from tidings.text import fold, is_cjk

MOST_NAMES = 40

_TITLES = frozenset(
    """mr mrs ms miss dr prof sir dame lord lady sen senator rep representative congressman congresswoman gov governor
    president vice premier chancellor minister prime foreign finance defense defence interior justice health trade deputy
    secretary general secretary-general undersecretary ambassador envoy commissioner mayor councillor chief chairman
    chairwoman chair ceo cfo director professor judge king queen prince princess pope cardinal archbishop bishop rabbi imam
    sheikh ayatollah spokesman spokeswoman spokesperson captain capt colonel col lieutenant lt sgt sergeant major admiral
    adm officer detective inspector coach manager attorney lawyer analyst economist author actor actress singer speaker
    leader co-founder founder former ex late then-president first second herr frau dr. bundeskanzler bundeskanzlerin kanzler
    kanzlerin m mme mlle monsieur madame don doña señor señora signor signora""".split()
)  # fmt: skip
_HONORIFICS = frozenset("mr mrs ms miss dr prof sir dame lady sen rep gov herr frau mme mlle".split())
_TITLE_ENDINGS = ("minister", "ministerin", "minister:in", "präsident", "präsidentin", "chef", "chefin", "sprecher",
                  "sprecherin", "meister", "meisterin", "vorsitzende", "vorsitzender", "kanzler", "kanzlerin")  # fmt: skip
# A title before one of these is part of a body's name: Justice Department, General Motors, Prime Video.
_BODIES = frozenset(
    """department ministry office court committee commission council agency bureau board bank fund party union university
    institute association company corporation corp inc group street avenue motors electric video house county city
    association center centre school hospital service services times post news journal day mills assembly staff""".split()
)
_CONNECTORS = frozenset(
    "of de da do dos das del della di la le van von der den ter ten zu bin ibn al el y e und & 's".split()
)
_NOT_NAMES = frozenset(
    """i monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun
    montag dienstag mittwoch donnerstag freitag samstag sonntag januar februar märz mai juni juli oktober dezember
    lundi mardi mercredi jeudi vendredi samedi dimanche am pm gmt est edt pst utc cet ok tv online photo video image read
    more related opinion slideshow enlarge caption transcript advertisement copyright getty images file updated published
    subscribe newsletter""".split()
)

# A word with inner hyphens, apostrophes and points of acronyms: "Tae-yul", "O'Brien", "U.S.", "al-Assad", "K2".
_TOKEN = re.compile(r"(?:[^\W\d_]\.){2,}|[^\W_]+(?:[-'’‘ʼ.](?=[^\W_])[^\W_]+)*")
_SENTENCE_BREAK = re.compile(r"[.!?:;…。]|[\"“”„«»‘’'(\[–—|•]\s*$")
_ABBREVIATIONS = frozenset(
    "mr mrs ms dr st sen rep gov gen lt col sgt capt prof jr sr no vs inc corp co ltd mt ft".split()
)


class _Word(NamedTuple):
    """One written word: `capital` when it is written as a name would be, `initial` when a sentence or quotation may open with
    it, `joined` when only a blank parts it from the word before, `shortened` for a letter with its point ("S. Korea")."""

    text: str
    folded: str
    start: int
    end: int
    capital: bool
    initial: bool
    joined: bool
    shortened: bool


def names_in(headline: str, paragraphs: Sequence[str], language: str | None) -> tuple[Name, ...]:
    """Return the names of a text, those in the headline first, then the most frequent, at most 40.

    paragraphs include the standfirst.  A part of a longer name of the text is counted with it ("Cho" with "Cho Tae-yul").
    """
    code = primary(language)
    if code == "ko":
        found = _korean(headline, paragraphs)
    elif code in ("ja", "zh"):
        found = _scripted(headline, paragraphs)
    else:
        found = _capitalised(headline, paragraphs, code)
    return _as_names(found)


@dataclass(frozen=True, slots=True)
class _Found:
    """One occurrence of a name."""

    label: str
    in_headline: bool


def _as_names(found: Iterable[_Found]) -> tuple[Name, ...]:
    """Group occurrences by key, parts under the one longer name they belong to."""
    labels: dict[str, Counter[str]] = defaultdict(Counter)
    headline: set[str] = set()
    for one in sorted(
        found, key=lambda one: one.in_headline
    ):  # headlines shorten names before the text gives them
        key = name_key(one.label)
        labels[key][one.label] += 1
        if one.in_headline:
            headline.add(key)
    owner = _owners(list(labels), headline)
    counts: Counter[str] = Counter()
    in_headline: set[str] = set()
    for key, spelled in labels.items():
        counts[owner.get(key, key)] += spelled.total()
        if key in headline:
            in_headline.add(owner.get(key, key))
    names = [
        Name(key=key, label=_most_written(labels[key]), count=count, in_headline=key in in_headline)
        for key, count in counts.items()
    ]
    names.sort(key=lambda n: (not n.in_headline, -n.count, n.key))
    return tuple(names[:MOST_NAMES])


def _most_written(spelled: Counter[str]) -> str:
    """Of equals the one not in capitals, unless it is so short that it may be a word: datelines shout ("VARGA (CW) —")."""
    return min(spelled, key=lambda label: (-spelled[label], label.isupper() and len(label) > 3, label))


def name_key(label: str) -> str:
    """Return what two spellings of a name have in common: "U.S.", "US" and "United States" are one, "S. Korea" South Korea."""
    return (
        nation_of(label)
        or " ".join(fold(word.replace(".", "")) for word in _TOKEN.findall(label))
        or fold(label)
    )


def _owners(keys: Sequence[str], headline: Set[str]) -> dict[str, str]:
    """Map one-word keys to the only longer name of the text they end, or (East Asian family names) begin.

    keys stand in the order of the text: a name is given whole before it is shortened, so "Texas" before "Texas Legislature"
    stays itself; unless the headline gives it whole.
    """
    longer: dict[str, set[str]] = defaultdict(set)
    order = {key: i for i, key in enumerate(keys)}
    for key in keys:
        words = key.split()
        if not 2 <= len(words) <= 4 or words[-1] in _BODIES or not words[0][0].isalpha():
            continue
        longer[words[-1]].add(key)
        if len(words[0]) <= 5 and len(words) == 2 and "-" in words[1]:
            longer[words[0]].add(key)
    return {
        part: next(iter(wholes))
        for part, wholes in longer.items()
        if len(wholes) == 1
        and part in order
        and (order[next(iter(wholes))] < order[part] or wholes <= headline)
        and not nation_of(part.title())
    }


# ── scripts with capitals ────────────────────────────────────────────────────────────────────────────────────────────


def _words_of(text: str) -> list[_Word]:
    words: list[_Word] = []
    previous, previous_end, cut = "", 0, False
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        whole = match.group()
        raw, folded, capital = _written(whole)
        gap = text[previous_end:start]
        if gap == " " and words:
            initial, joined = False, not cut
        else:
            initial = not words or _opens_sentence(gap, previous)
            joined = gap == ". " and not initial and not cut and bool(words)
        if raw:
            shortened = capital and len(raw) == 1 and text[end : end + 1] == "."
            words.append(_Word(raw, folded, start, start + len(raw), capital, initial, joined, shortened))
        # "Seoul's Trade Minister": what follows a possessive is another name.
        previous, previous_end, cut = raw or whole, end, raw != whole
    return words


@lru_cache(maxsize=100_000)
def _written(word: str) -> tuple[str, str, bool]:
    """Return a word without its tail, folded, and whether it is written as a name: "Seoul", "iPhone", "reCAPTCHA"."""
    raw = _without_tail(word)
    capital = raw[:1].isupper() or (raw[:1].islower() and not raw.islower() and raw[1:3] != raw[1:3].lower())
    return raw, fold(raw.replace(".", "")), capital


_TAIL = re.compile(r"['’ʼ](?:re|ve|ll|d|m|t|s)?$", re.IGNORECASE)


def _without_tail(word: str) -> str:
    """Return "Seoul" for "Seoul's", "Philadelphia" for "Philadelphia-based", "They" for "They’re"; "Tae-yul" as it is."""
    tail = _TAIL.search(word)
    if tail:
        return word[: tail.start()]
    head, hyphen, rest = word.partition("-")
    if hyphen and head[:1].isupper() and rest.islower() and word_zipf(fold(rest), "en") >= 4.0:
        return head
    return word


def is_telling_name(label: str, language: str | None) -> bool:
    """Whether a name can stand alone: not a lone common word that happened to be capitalised."""
    key = name_key(label)
    if nation_of(label) or " " in key or is_cjk(label):
        return True
    if label.isupper() and 2 <= len(label) <= 6:
        return True
    return len(key) > 2 and word_zipf(key, language or "en") < 4.9


def _opens_sentence(gap: str, previous: str) -> bool:
    if gap.strip() == "." and (len(previous) == 1 or fold(previous) in _ABBREVIATIONS):
        return False
    return bool(_SENTENCE_BREAK.search(gap))


def _capitalised(headline: str, paragraphs: Sequence[str], code: str) -> Iterable[_Found]:
    texts = [headline, *paragraphs]
    cut = [_words_of(text) for text in texts]
    body = [word for words in cut[1:] for word in words]
    lower = Counter(w.folded for w in body if not w.capital)
    # Capitalised where no sentence opens: the evidence that a word is a name.
    inside = Counter(w.folded for w in body if w.capital and not w.initial)
    # Side by side as capitals more than once: "Port Elin" where every sentence opens with it.
    titled = _is_titled(cut[0])
    read = body if titled else [*cut[0], *body]
    pairs = Counter((a.folded, b.folded) for a, b in pairwise(read) if a.capital and b.capital and b.joined)
    if code == "de":
        return [f for i, words in enumerate(cut) for f in _german(words, texts[i], i == 0, body)]

    def is_name(word: _Word, *, in_title: bool) -> bool:
        if word.shortened:
            return True
        if not word.capital or word.folded in _NOT_NAMES:
            return False
        if _is_acronym(word.text) and not (
            in_title and word.text == word.text.upper() and _is_shouted(cut[0])
        ):
            return True
        evidence = inside[word.folded]
        if in_title or word.initial:
            if evidence:
                return evidence >= lower[word.folded] * 0.5
            if lower[word.folded] or (in_title and body):
                return False
            if not body:
                return word_zipf(word.folded, code or "en") < 4.4
            return word_zipf(word.folded, code or "en") < 3.9 and not word.folded.endswith(_INFLECTED)
        return lower[word.folded] <= 2 * evidence or word_zipf(word.folded, code or "en") < 4.0

    found: list[_Found] = []
    for i, (text, words) in enumerate(zip(texts, cut, strict=True)):
        in_title = i == 0 and titled
        judge = partial(is_name, in_title=in_title)
        for run in _runs(words, judge if in_title else _may_be_named):
            # Inside a sentence a run of capitals is one name, whatever its words are by themselves; the word that opens
            # the sentence must be a name of its own.
            if run[0].initial and not judge(run[0]) and not _is_pair(run, pairs, code):
                run = run[1:]
            for part in _without_titles(run):
                label = text[part[0].start : part[-1].end]
                is_one = len(part) > 1 or (_stands_alone(part[0]) and judge(part[0]))
                if is_one and not is_adjective(label):
                    found.append(_Found(label, i == 0))
    return found


def _is_pair(run: Sequence[_Word], pairs: Mapping[tuple[str, str], int], code: str) -> bool:
    """Whether a run's first two words stand together again and again, the first being none that often opens a sentence."""
    return (
        len(run) > 1
        and pairs.get((run[0].folded, run[1].folded), 0) >= 2
        and word_zipf(run[0].folded, code or "en") < 5.0
        and not run[0].folded.endswith(("ly", "ing"))
    )


_INFLECTED = ("s", "ed", "ing", "ly", "er")  # what only opens a sentence and looks like a common word


def _may_be_named(word: _Word) -> bool:
    return word.shortened or (word.capital and word.folded not in _NOT_NAMES)


def _is_titled(words: Sequence[_Word]) -> bool:
    """Whether a headline capitalises its words as titles do, or entirely."""
    long = [w for w in words[1:] if len(w.text) > 3]
    return len(long) >= 2 and sum(w.capital for w in long) > 0.6 * len(long)


def _is_shouted(words: Sequence[_Word]) -> bool:
    letters = [w for w in words if w.text.isalpha() and len(w.text) > 1]
    return len(letters) > 2 and sum(w.text.isupper() for w in letters) > 0.6 * len(letters)


def _is_acronym(text: str) -> bool:
    letters = [c for c in text if c.isalpha()]
    return (
        len(letters) >= 2 and len(text) <= 8 and sum(c.isupper() for c in letters) >= max(2, len(letters) - 1)
    )


def _stands_alone(word: _Word) -> bool:
    return len(word.folded) > 1 and not word.folded.isdigit() and word.folded not in _TITLES


def _runs(
    words: Sequence[_Word], is_name: Callable[[_Word], bool], connectors: frozenset[str] = _CONNECTORS
) -> Iterable[list[_Word]]:
    """Yield maximal runs of name words parted by single blanks, connectors inside ("Bank of England") included."""
    run: list[_Word] = []
    i = 0
    while i < len(words):
        word = words[i]
        if is_name(word) or (run and word.joined and word.text[0].isupper() and _is_acronym(word.text)):
            if run and (not word.joined or (word.initial and run)):
                yield run
                run = []
            run.append(word)
        elif (
            run
            and word.joined
            and word.text.lower() in connectors
            and i + 1 < len(words)
            and words[i + 1].joined
            and is_name(words[i + 1])
            and not words[i + 1].initial
        ):
            run.append(word)
        elif run:
            yield run
            run = []
        i += 1
    if run:
        yield run


def _without_titles(run: list[_Word]) -> Iterable[list[_Word]]:
    """Yield the parts of a run between titles and honorifics: "South Korean Foreign Minister Cho" gives two."""
    part: list[_Word] = []
    i = 0
    while i < len(run):
        word = run[i]
        j = i
        while j < len(run) and _is_title(run[j]):
            j += 1
        is_body = (
            j < len(run) and run[j].folded in _BODIES and not (j > i and run[j - 1].folded in _HONORIFICS)
        )
        if j > i and j < len(run) and not is_body and run[j].text.lower() not in _CONNECTORS:
            if part:
                yield part
            part = []
            i = j
            continue
        part.append(word)
        i += 1
    while part and _is_title(part[-1]) and len(part) > 1 and part[-1].folded not in _BODIES:
        part.pop()  # "Trump President": a title that opens the next phrase
    while part and part[-1].text.lower() in _CONNECTORS and part[-1].text[0].islower():
        part.pop()
    while part and part[0].text.lower() in _CONNECTORS and part[0].text[0].islower():
        part = part[1:]
    while len(part) > 2 and (is_adjective(part[0].text) or part[0].folded in _PARTISANS):
        part = part[1:]  # "Republican Jack Howard", but "Republican Party"
    if part:
        yield part[:6]


_PARTISANS = frozenset(("republican", "democrat", "democratic", "labour", "tory", "conservative", "liberal"))


def _is_title(word: _Word) -> bool:
    return word.folded in _TITLES or word.folded.endswith(_TITLE_ENDINGS)


# ── German ───────────────────────────────────────────────────────────────────────────────────────────────────────────

_DETERMINERS = frozenset(
    """der die das des dem den ein eine einen einem einer eines kein keine keinen keiner im am zum zur beim vom ins ans
    ihr ihre ihren ihrer ihrem sein seine seinen seiner seinem unser unsere diese dieser dieses diesen diesem jede jeder
    jedes jeden alle aller allen viele vieler vielen mehr mehrere einige zwei drei vier fünf sechs sieben acht neun zehn
    elf zwölf weitere solche welche manche beide beiden und oder""".split()
)


def _german(words: Sequence[_Word], text: str, in_headline: bool, body: Sequence[_Word]) -> Iterable[_Found]:
    """Accept two capitalised words that stand side by side, acronyms, and single words that are no known noun and that
    no article or adjective introduces."""
    seen = Counter(w.folded for w in body if w.capital)
    surnames = {
        after.folded
        for first, after in pairwise(body)
        if first.capital and after.capital and after.joined and not _is_title(first)
        and first.folded not in _DETERMINERS and word_zipf(first.folded, "de") < 5.0
    }  # fmt: skip
    for run in _runs(
        words, lambda w: w.capital and w.folded not in _NOT_NAMES and not w.text[0].isdigit(), frozenset()
    ):
        if (
            run[0].initial
            and len(run) > 1
            and (word_zipf(run[0].folded, "de") > 5.0 or run[0].folded in _DETERMINERS)
        ):
            run = run[1:]
        for part in _without_titles(run):
            label = text[part[0].start : part[-1].end]
            if len(part) == 1:
                if _is_acronym(part[0].text) or _is_german_name(part[0], words, seen, surnames):
                    yield _Found(label, in_headline)
            elif (
                not all(word_zipf(w.folded, "de") >= 3.3 for w in part)
                and max(word_zipf(w.folded, "de") for w in part) < 5.2
            ):
                yield _Found(label, in_headline)
            else:
                for word in part:
                    if _is_german_name(word, words, seen, surnames):
                        yield _Found(text[word.start : word.end], in_headline)


def _is_german_name(word: _Word, words: Sequence[_Word], seen: Counter[str], surnames: Set[str]) -> bool:
    if nation_of(word.text) or (word.folded in surnames and word_zipf(word.folded, "de") < 4.0):
        return True
    if len(word.folded) < 3 or _is_title(word) or _is_german_noun(word.folded) or seen[word.folded] < 2:
        return False
    at = next((i for i, w in enumerate(words) if w.start == word.start), 0)
    before = words[at - 1].text if at else ""
    if word.initial or not before:
        return seen[word.folded] > 2
    introduced = before.lower() in _DETERMINERS or (
        before[0].islower() and before.endswith(("en", "er", "es", "em", "ige", "iche"))
        and before.lower() not in ("über", "unter", "gegen", "neben", "hinter", "zwischen", "aber", "sagten", "erklärten")
    )  # fmt: skip
    return not introduced


def _is_german_noun(folded: str) -> bool:
    """Whether a word is listed as common, or made of two that are."""
    if word_zipf(folded, "de") >= 3.3:
        return True
    return any(
        word_zipf(folded[:cut].removesuffix("s"), "de") >= 3.2 and word_zipf(folded[cut:], "de") >= 3.2
        for cut in range(3, len(folded) - 3)
    )


# ── Korean and Japanese ──────────────────────────────────────────────────────────────────────────────────────────────

_LATIN_NAME = re.compile(
    r"(?<![A-Za-z0-9])[A-Z][A-Za-z0-9&.-]*[A-Za-z0-9](?: [A-Z][A-Za-z0-9-]+)*(?![A-Za-z0-9])"
)
_KOREAN_TITLES = frozenset(
    """대통령 총리 장관 차관 의원 대표 위원장 시장 지사 교수 회장 사장 기자 감독 선수 대변인 청장 본부장 원장 국장 실장 부장
    팀장 총재 이사장 의장 판사 검사 변호사 박사 부총리 특사 대사 공장장 소장 단장""".split()
)
_KOREAN_COMMON = frozenset(
    """이날 이번 지난 오는 올해 지난해 내년 최근 오전 오후 당시 현재 이후 이전 가운데 관계자 정부 회사 업계 사람 경우 때문 대해
    위해 통해 따르면 관련 대한 것으로 것이 것은 있다 했다 밝혔다 말했다 전했다 설명했다 우리 이상 이하 모두 다시 가장 함께 여러
    하루 하지만 그러나 그리고 또한 한편""".split()
)


# The commonest family names; with a title after it, such a name of three letters is a person at first sight.
KOREAN_FAMILY_NAMES = "김이박최정강조윤장임한오서신권황안송류유전홍고문양손배백허남심노하곽성차주우구민진지엄채원천방공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모탁국어은편용"


def _korean(headline: str, paragraphs: Sequence[str]) -> Iterable[_Found]:
    """Accept nouns that occur twice, at least once with a particle or before a title, and are rare in the language;
    and persons named once, by their family name and the title that follows."""
    texts = [headline, *paragraphs]
    nouns: Counter[str] = Counter()
    marked: set[str] = set()
    places: list[tuple[str, bool, bool]] = []
    for i, text in enumerate(texts):
        eojeols = [m.group() for m in EOJEOL.finditer(text)]
        for at, eojeol in enumerate(eojeols):
            noun = noun_of(eojeol)
            is_titled = at + 1 < len(eojeols) and noun_of(eojeols[at + 1]) in _KOREAN_TITLES
            nouns[noun] += 1
            if noun != eojeol or is_titled:
                marked.add(noun)
            is_person = is_titled and len(noun) == 3 and noun == eojeol and noun[0] in KOREAN_FAMILY_NAMES
            places.append((noun, i == 0, is_person))
    people = {noun for noun, _, is_person in places if is_person}
    for noun, in_headline, _ in places:
        whole = nouns[noun] + (1 if in_headline else 0)
        if (noun in people or (whole >= 2 and noun in marked)) and _is_korean_name(noun):
            yield _Found(noun, in_headline)
    yield from _latin_names(texts)


def _is_korean_name(stem: str) -> bool:
    if nation_of(stem):
        return True
    if stem in _KOREAN_COMMON or stem in _KOREAN_TITLES or stem[-1] in "다요해며고":
        return False
    return word_zipf(stem, "ko") < 4.2


_KATAKANA = re.compile(r"[ァ-ヺー]{3,}(?:[・＝][ァ-ヺー]{2,})*")


def _scripted(headline: str, paragraphs: Sequence[str]) -> Iterable[_Found]:
    texts = [headline, *paragraphs]
    for i, text in enumerate(texts):
        for match in _KATAKANA.finditer(text):
            if word_zipf(fold(match.group()), "ja") < 4.0:
                yield _Found(match.group(), i == 0)
    yield from _latin_names(texts)


def _latin_names(texts: Sequence[str]) -> Iterable[_Found]:
    for i, text in enumerate(texts):
        for match in _LATIN_NAME.finditer(text):
            if len(match.group()) >= 2 and fold(match.group()) not in _NOT_NAMES:
                yield _Found(match.group(), i == 0)
