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

from tidings.model import EntityKind, Name
from tidings.stories.kinds import (
    BODY_WORDS,
    GIVEN_NAMES,
    NOTHING_AROUND,
    Cue,
    is_korean_body,
    kind_of,
    roles_in,
)
from tidings.stories.korean import EOJEOL, noun_of
from tidings.stories.nations import is_adjective, nation_of
from tidings.stories.places import place_in_dateline
from tidings.stories.rarity import primary, word_zipf
from tidings.text import HANGUL, fold, is_cjk

MOST_NAMES = 60
MOST_WORDS = 8  # of one name
LONGEST_RUN = 40  # words with capitals side by side; a text in capitals is no name
MOST_FORMS = 8  # other spellings kept of one name

_TITLES = frozenset(
    """mr mrs ms miss dr prof sir dame lord lady sen senator rep representative congressman congresswoman gov governor
    president vice premier chancellor minister prime foreign finance defense defence interior justice health trade deputy
    secretary general secretary-general undersecretary ambassador envoy commissioner mayor councillor chief chairman
    chairwoman chair ceo cfo director professor judge king queen prince princess pope cardinal rabbi imam
    sheikh ayatollah spokesman spokeswoman spokesperson captain capt colonel col lieutenant lt sgt sergeant major admiral
    adm officer detective inspector coach manager attorney lawyer analyst economist author actor actress singer speaker
    leader superintendent constable co-founder cofounder founder administrator sheriff commander secretary-general archbishop bishop reverend rev
    president-elect candidate congressmen correspondent reporter editor critic creator co-creator former ex late then-president first second herr frau dr. bundeskanzler bundeskanzlerin kanzler
    kanzlerin m mme mlle monsieur madame don doña señor señora signor signora""".split()
)  # fmt: skip
_HONORIFICS = frozenset("mr mrs ms miss dr prof sir dame lady sen rep gov herr frau mme mlle".split())
_TITLE_ENDINGS = tuple(fold(ending) for ending in ("minister", "ministerin", "minister:in", "präsident", "präsidentin", "chef", "chefin", "sprecher",
                  "sprecherin", "meister", "meisterin", "vorsitzende", "vorsitzender", "kanzler", "kanzlerin", "vorstand", "vorständin", "kommissar", "kommissarin", "schlichter", "beauftragte", "beauftragter", "abgeordnete",
                  "abgeordneter", "leiter", "leiterin", "direktor", "direktorin", "forscher", "forscherin", "ökonom",
                  "ökonomin", "professorin", "inspektor", "anwalt", "anwältin", "trainer", "trainerin", "richter", "richterin"))  # fmt: skip
# A title before one of these is part of a body's name: Justice Department, General Motors, Prime Video.
_OPENERS = frozenset(
    "the a an in on at it he she they we this that these those but and as for after before when while if his her".split()
)
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
    place: int = -1


def names_in(
    headline: str, paragraphs: Sequence[str], language: str | None, *, dateline: str | None = None
) -> tuple[Name, ...]:
    """Return the names of a text, those in the headline first, then the most frequent, at most 60.

    paragraphs include the standfirst.  A part of a longer name of the text is counted with it ("Cho" with "Cho Tae-yul").
    """
    code = primary(language)
    if code == "ko":
        found = _korean(headline, paragraphs)
    elif code in ("ja", "zh"):
        found = _scripted(headline, paragraphs)
    else:
        found = _capitalised(headline, paragraphs, code)
    place = place_in_dateline(dateline) if dateline else None
    if place:  # the one place that a text says it comes from
        found = [*found, _Found(place, False, Cue(before=("of", "city")))]
    return _as_names(found, code, _glosses([headline, *paragraphs]))


@dataclass(frozen=True, slots=True)
class _Found:
    """One occurrence of a name."""

    label: str
    in_headline: bool
    cue: Cue = NOTHING_AROUND


def _as_names(found: Iterable[_Found], language: str, glosses: Sequence[_Gloss] = ()) -> tuple[Name, ...]:
    """Group occurrences by key, parts under the one longer name they belong to, glosses under what they explain."""
    labels: dict[str, Counter[str]] = defaultdict(Counter)
    cues: dict[str, list[Cue]] = defaultdict(list)
    headline: set[str] = set()
    for one in sorted(
        found, key=lambda one: one.in_headline
    ):  # headlines shorten names before the text gives them
        key = name_key(one.label)
        labels[key][one.label] += 1
        cues[key].append(one.cue)
        if one.in_headline:
            headline.add(key)
    for key in [key for key in labels if not key]:
        del labels[key]
    for gloss in glosses:  # "Cho Tae-yul (조태열)": no name of this text's script, but a spelling of one
        if gloss.explained in labels and gloss.key not in labels and not gloss.words.isascii():
            labels[gloss.key][gloss.words] += 1
    kinds = {
        key: kind_of(_most_written(spelled), cues[key], language=language) for key, spelled in labels.items()
    }
    owner = owners(list(labels), headline, kinds)
    for short, explained in [*((g.key, g.explained) for g in glosses), *_initialled(labels, kinds)]:
        whole = explained if explained in labels else _ending(explained, labels)
        if short in labels and whole and short != whole and not nation_of(short.upper()):
            owner.setdefault(short, owner.get(whole, whole))
    counts: Counter[str] = Counter()
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    in_headline: set[str] = set()
    grown: set[str] = set()
    shortened: set[str] = set()
    for key, spelled in labels.items():
        whole = _last_owner(owner, key)
        counts[whole] += spelled.total()
        spellings[whole].update(spelled)
        if whole != key:
            cues[whole] += cues[key]
            grown.add(whole)
            if kinds[key] in (None, "person") and whole.endswith(f" {key}"):
                shortened.add(whole)
        if key in headline:
            in_headline.add(whole)
    names = []
    for key, count in counts.items():
        label = _most_written(labels[key])
        others = sorted(
            spellings[key] - Counter({label: count}), key=lambda form: (-spellings[key][form], form)
        )
        kind = kinds[key]
        if key in grown:
            kind = kind_of(label, cues[key], language=language, is_shortened=key in shortened)
        roles = roles_in(cues[key]) if kind == "person" else ()
        names.append(Name(key, label, count, key in in_headline, kind, tuple(others[:MOST_FORMS]), roles))
    names.sort(key=lambda n: (not n.in_headline, -n.count, n.key))
    return tuple(names[:MOST_NAMES])


def _ending(explained: str, labels: Mapping[str, object]) -> str | None:
    """Return the name found for what a gloss explains: "Korean Central News Agency" may stand as "Central News Agency"."""
    words = explained.split()
    endings = (" ".join(words[cut:]) for cut in range(1, len(words) - 1))
    return next((ending for ending in endings if ending in labels), None)


def _initialled(
    labels: Mapping[str, Counter[str]], kinds: Mapping[str, EntityKind | None]
) -> Iterable[tuple[str, str]]:
    """Yield acronyms of three letters and more with the one name of the text whose initials they are."""
    by_initials: dict[str, set[str]] = defaultdict(set)
    for key in labels:
        words = key.split()
        if len(words) > 2 and kinds[key] in ("organisation", None):
            for passed_over in (frozenset[str](), _PASSED_OVER):
                by_initials["".join(w[0] for w in words if w not in passed_over)].add(key)
    for key, spelled in labels.items():
        if 3 <= len(key) <= 6 and _most_written(spelled).isupper() and len(by_initials.get(key, ())) == 1:
            yield key, next(iter(by_initials[key]))


def _last_owner(owner: Mapping[str, str], key: str) -> str:
    """Return where a chain of owners ends; a circle where it closes."""
    seen = {key}
    while (after := owner.get(key)) is not None and after not in seen:
        key = after
        seen.add(key)
    return key


def _most_written(spelled: Counter[str]) -> str:
    """Of equals the one not in capitals, unless it is so short that it may be a word: datelines shout ("VARGA (CW) —")."""
    return min(spelled, key=lambda label: (-spelled[label], label.isupper() and len(label) > 3, label))


def name_key(label: str) -> str:
    """Return what two spellings of a name have in common: "U.S.", "US" and "United States" are one, "S. Korea" South Korea."""
    words = [fold(word.replace(".", "")) for word in _TOKEN.findall(label)]
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    return nation_of(label) or " ".join(words) or fold(label)


def owners(keys: Sequence[str], headline: Set[str], kinds: Mapping[str, EntityKind | None]) -> dict[str, str]:
    """Map keys to the only longer name of the text that they shorten.

    "Cho" shortens "Cho Tae-yul" and "Hale" Jonas Hale, "State Department" the US State Department, "Ministry" the Interior
    Ministry.  keys stand in the order of the text: a name is given whole before it is shortened, so "Texas" before "Texas
    Legislature" stays itself; unless the headline gives it whole, or it is a person's.
    """
    longer: dict[str, set[str]] = defaultdict(set)
    order = {key: i for i, key in enumerate(keys)}
    for key in keys:
        words = key.split()
        if not 2 <= len(words) <= 8 or not words[0][0].isalpha():
            continue
        if kinds.get(key) == "organisation":
            if len(words) > 2 and (nation_of(words[0].upper()) or is_adjective(words[0])):
                longer[" ".join(words[1:])].add(key)
            for word in {words[0], words[-1]} & BODY_WORDS:
                longer[word].add(key)
        elif len(words) <= 4 and words[-1] not in _BODIES:
            longer[words[-1]].add(key)
            if len(words[0]) <= 5 and len(words) == 2 and "-" in words[1]:
                longer[words[0]].add(key)
    people = {key for key in keys if kinds.get(key) == "person" and " " in key}
    within = {
        key: shorter
        for key in keys
        if kinds.get(key) in ("person", None)
        for cut in range(1, key.count(" "))
        if (shorter := " ".join(key.split()[cut:])) in people
    }  # "Scientologist Tom Cruise" and "Tom Cruise"
    for part, wholes in longer.items():
        if len(wholes) > 1 and (rest := wholes - set(within)):
            longer[part] = rest
    return within | {
        part: next(iter(wholes))
        for part, wholes in longer.items()
        if len(wholes) == 1
        and part in order
        and (
            order[next(iter(wholes))] < order[part]
            or wholes <= headline
            or (kinds.get(next(iter(wholes))) == "person" and kinds.get(part) in (None, "person"))
        )
        and not nation_of(part.title())
    }


# ── glosses ──────────────────────────────────────────────────────────────────────────────────────────────────────────

_GLOSS = re.compile(r"[(（\[]([^()（）\[\]]{2,40})[)）\]]")


class _Gloss(NamedTuple):
    """What stands in brackets behind a name: its key and words, and the key of the name that it explains."""

    key: str
    words: str
    explained: str


def _glosses(texts: Sequence[str]) -> list[_Gloss]:
    """Return what brackets explain: "kcna" the Korean Central News Agency.

    An acronym must be made of the initials of the words before it; a name in another script may stand either way round.
    """
    found: list[_Gloss] = []
    for text in texts:
        for match in _GLOSS.finditer(text):
            inside = match[1].strip("“”\"' ")
            if not inside.strip():
                continue
            before = _TOKEN.findall(text[max(0, match.start() - 90) : match.start()])
            if _is_acronym(inside.split()[0]) and len(inside.split()) == 1:
                whole = _spelled_out(inside, before)
                if whole:
                    found.append(_Gloss(name_key(inside), inside, name_key(whole)))
            elif before and is_cjk(before[-1]) != is_cjk(inside) and (is_cjk(inside) or inside[0].isupper()):
                whole = " ".join(before[-3:]) if not is_cjk(before[-1]) else noun_of(before[-1])
                for cut in range(3):
                    rest = " ".join(before[-3:][cut:]) if not is_cjk(before[-1]) else whole
                    found.append(_Gloss(name_key(inside), inside, name_key(rest)))
    return found


def _spelled_out(acronym: str, before: Sequence[str]) -> str:
    """Return the last words whose initials an acronym is made of, "" for none; little words may be passed over."""
    letters = [c.casefold() for c in acronym if c.isalpha()]
    at = len(before)
    for letter in reversed(letters):
        at -= 1
        while at >= 0 and before[at].lower() in _PASSED_OVER and before[at][0].casefold() != letter:
            at -= 1
        if at < 0 or before[at][0].casefold() != letter:
            return ""
    return " ".join(before[at:])


_PASSED_OVER = frozenset("of the and for in on de la des du et für der die das und y e e. del &".split())


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
            # "in the U.S. The …": the last point of an acronym ends the sentence as well.
            initial = previous.endswith(".") and capital and folded in _OPENERS
            joined = not cut and not initial
        else:
            initial = not words or _opens_sentence(gap, previous)
            joined = gap == ". " and not initial and not cut and bool(words)
        if raw:
            shortened = capital and len(raw) == 1 and text[end : end + 1] == "."
            words.append(
                _Word(raw, folded, start, start + len(raw), capital, initial, joined, shortened, len(words))
            )
        # "Seoul's Trade Minister": what follows a possessive is another name; "People's Army" is one.
        is_cut = raw != whole and not (capital and folded in _OWNERS)
        previous, previous_end, cut = raw or whole, end, is_cut
    return words


_OWNERS = frozenset(
    "people children women men workers teachers veterans farmers students writers player players king queen".split()
)


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
        is_given_name = len(head) <= 5 and len(rest) <= 5 and not head.isupper() and rest not in _PARTICIPLES
        return word if is_given_name else head  # "Ki-moon", "Jae-in"
    return word


_PARTICIPLES = frozenset(
    "based born led made owned run wide bound held style era like area size only class type level".split()
)


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
            opens = run[0].initial and not judge(run[0]) and not _is_pair(run, pairs, code)
            if opens and not _opens_with_given_name(run, lower, judge):
                run = run[1:]
            for part in (piece for whole in _without_titles(run) for piece in _parted(whole, code)):
                if not part:  # a title alone
                    continue
                label = text[part[0].start : part[-1].end]
                is_one = len(part) > 1 or (_stands_alone(part[0]) and judge(part[0]))
                if is_one and not is_adjective(label):
                    found.append(_Found(label, i == 0, _cue(words, part, text)))
    return found


def _cue(words: Sequence[_Word], part: Sequence[_Word], text: str) -> Cue:
    """Return what stands around a part of words; a full stop between says nothing."""
    first, last = part[0].place, part[-1].place
    before = []
    for i in range(first - 1, max(-1, first - 3), -1):
        gap = text[words[i].end : words[i + 1].start]
        if gap != " " and not (gap == ", " and i == first - 1 and _is_title(words[i])):
            break
        before.append(words[i].folded)
    after = words[last + 1] if last + 1 < len(words) else None
    gap = text[part[-1].end : after.start] if after else ""
    is_next = after is not None and gap in (" ", ", ", "’s ", "'s ", ",” ", '," ')
    start, end = part[0].start, part[-1].end
    return Cue(
        tuple(before),
        _following(words, last, text) if is_next else (),
        gap,
        titled=first > 0 and bool(before) and _is_title(words[first - 1]),
        quoted=text[start - 1 : start] in _QUOTES and text[end : end + 1] in _QUOTES and start > 0,
    )


def _following(words: Sequence[_Word], last: int, text: str) -> tuple[str, ...]:
    """Return up to four words behind a name, until something parts them: ", the winger who has"."""
    found = [words[last + 1].folded]
    for i in range(last + 2, min(len(words), last + 5)):
        if text[words[i - 1].end : words[i].start] not in (" ", "-"):
            break
        found.append(words[i].folded)
    return tuple(found)


_QUOTES = ("“", "”", '"', "‘", "„", "«", "»", "'")


def _is_pair(run: Sequence[_Word], pairs: Mapping[tuple[str, str], int], code: str) -> bool:
    """Whether a run's first two words stand together again and again, the first being none that often opens a sentence."""
    return (
        len(run) > 1
        and pairs.get((run[0].folded, run[1].folded), 0) >= 2
        and word_zipf(run[0].folded, code or "en") < 5.0
        and not run[0].folded.endswith(("ly", "ing"))
    )


def _parted(part: list[_Word], code: str) -> Iterable[list[_Word]]:
    """Yield a person and a body apart: "Alvin Yeung of Civic Party" is two names, "University of Sheffield" one."""
    for at in range(2, len(part) - 1):
        before = part[at - 1].folded
        if part[at].text == "of" and before not in _BODIES and word_zipf(before, code or "en") < _COMMON:
            yield part[:at]
            yield [w for w in part[at + 1 :] if w.text != "the"]
            return
    yield part


_COMMON = 3.3  # "Medical Journal", "Grand Duchy": nouns of the language; surnames are rarer


def _opens_with_given_name(
    run: Sequence[_Word], lower: Mapping[str, int], judge: Callable[[_Word], bool]
) -> bool:
    """Whether a sentence opens with a person's name: "Jonas Hale, the winger"."""
    return (
        len(run) > 1
        and run[1].joined
        and judge(run[1])
        and not lower.get(run[0].folded)
        and (run[0].folded in GIVEN_NAMES or word_zipf(run[0].folded, "en") < _COMMON + 0.7)
        and not run[0].folded.endswith(_INFLECTED[1:])
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
            if run and (not word.joined or word.initial or len(run) == LONGEST_RUN):
                yield run
                run = []
            run.append(word)
        elif run and word.joined and word.text.lower() in connectors and (span := _connected(words, i)):
            if not is_name(words[i + span]):
                yield run
                run = []
            else:
                run += words[i : i + span]
                i += span - 1
        elif run:
            yield run
            run = []
        i += 1
    if run:
        yield run


def _connected(words: Sequence[_Word], i: int) -> int:
    """Return how far behind a connector the word stands that it connects: 2 for "of the Revolution"; 0 for none."""
    span = 2 if i + 1 < len(words) and words[i].text == "of" and words[i + 1].text == "the" else 1
    between = words[i + 1 : i + span + 1]
    return span if len(between) == span and all(w.joined and not w.initial for w in between) else 0


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
        j = _behind_office(run, i, j)
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
    while len(part) > 2 and _is_modifier(part):
        part = part[1:]  # "Republican Jack Howard", but "Republican Party"
    if part:
        yield part[:MOST_WORDS]


def _is_modifier(part: Sequence[_Word]) -> bool:
    """Whether a name's first word only says of what country or party it is; bodies keep it: "Korean Central News Agency"."""
    if part[0].folded in _PARTISANS:
        return True
    return is_adjective(part[0].text) and part[-1].folded not in BODY_WORDS


def _behind_office(run: Sequence[_Word], start: int, i: int) -> int:
    """Return where a name may begin behind titles: also behind "of the" and the office of "Secretary of State"."""
    if not start < i < len(run) - 1 or run[i].text.lower() not in ("of", "for"):
        return i
    i += 2 if run[i + 1].text == "the" else 1
    while i < len(run) and run[i].folded in _OFFICES:
        i += 1
    return i


_OFFICES = frozenset(
    "state staff house parliament defense defence treasury justice environment energy operations".split()
)
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
        for part in (
            piece for whole in _without_titles(run) for piece in _genitive(_without_noun(whole), seen)
        ):
            label = text[part[0].start : part[-1].end]
            if len(part) == 1:
                if _is_acronym(part[0].text) or _is_german_name(part[0], words, seen, surnames):
                    yield _Found(label, in_headline, _cue(words, part, text))
            elif (
                not all(word_zipf(w.folded, "de") >= 3.3 for w in part)
                and max(word_zipf(w.folded, "de") for w in part) < 5.2
            ):
                yield _Found(label, in_headline, _cue(words, part, text))
            else:
                for word in part:
                    if _is_german_name(word, words, seen, surnames):
                        yield _Found(text[word.start : word.end], in_headline, _cue(words, [word], text))


def _genitive(part: list[_Word], seen: Mapping[str, int]) -> Iterable[list[_Word]]:
    """Yield what owns and what is owned apart: "Marnaus Häfen" where the text has Marnau as well."""
    owner = part[0].folded[:-1]
    if len(part) > 1 and part[0].folded.endswith("s") and seen.get(owner, 0):
        first = part[0]
        yield [first._replace(text=first.text[:-1], folded=owner, end=first.end - 1)]
        yield part[1:]
    else:
        yield part


def _without_noun(part: list[_Word]) -> list[_Word]:
    """Return a name without the noun that says what it is: "Reederei Veldenlinie", "Trägerrakete Sperber-2"."""
    is_noun = part[0].folded.endswith(_NOUN_ENDINGS) or (len(part) > 2 and _is_german_noun(part[0].folded))
    return part[1:] if len(part) > 1 and is_noun and part[0].folded not in GIVEN_NAMES else part


_NOUN_ENDINGS = ("ung", "heit", "keit", "schaft", "erei", "rakete", "schiff", "satellit", "satelliten", "konzern", "gruppe", "firma",
                 "hersteller", "herstellers", "hochschule", "fähre", "frachter", "stadt", "kreis")  # fmt: skip


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
    사무총장 사무차장 총장 대령 중령 소령 장군 선장 연구원 책임연구원 수석연구원 수석과학자 과학자 책임자 최고경영자 부사장 이사 코치 센터장
    학장 통계학자 경제학자 특별대표 총리 여왕 국왕 왕세자 외상 재무장관 외교장관 국방장관 기상학자 씨
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
    """Accept nouns that occur twice, at least once with a particle or before a title, and are rare in the language; and
    persons named once, before their title: by their family name, or in two words as foreigners are."""
    texts = [headline, *paragraphs]
    nouns: Counter[str] = Counter()
    marked: set[str] = set()
    places: list[tuple[_Found, bool]] = []
    for i, text in enumerate(texts):
        eojeols = [(m.group(), m.start(), m.end()) for m in EOJEOL.finditer(text)]
        stems = [noun_of(eojeol) for eojeol, _, _ in eojeols]
        taken = 0
        for at, (eojeol, start, end) in enumerate(eojeols):
            noun = stems[at]
            ahead = [
                stems[k]
                for k in range(at + 1, min(at + 4, len(stems)))
                if text[end : eojeols[k][1]].count(" ") <= k - at
            ]
            is_titled = bool(ahead) and ahead[0] in _KOREAN_TITLES
            is_named = noun == eojeol and len(noun) == 3 and noun[0] in KOREAN_FAMILY_NAMES
            is_near = is_titled or (
                noun[-1] not in _KOREAN_VERBAL and any(word in _KOREAN_TITLES for word in ahead)
            )
            is_person = is_named and is_near and not is_korean_body(noun)
            foreign = _foreign_person(text, eojeols, at) if start >= taken else None
            taken = eojeols[at + 1][2] if foreign else taken
            nouns[noun] += 1
            if noun != eojeol or is_titled:
                marked.add(noun)
            particle = eojeol[len(noun) :]
            state = bool(ahead) and ahead[0] in _KOREAN_STATES
            cue = Cue(
                before=("in",)
                if state or particle.startswith(("에서", "서"))
                else ("to",)
                if particle.startswith("에")
                else (),
                after=tuple(word for word in ahead if word in _KOREAN_TITLES)[:1] if is_person else (),
                gap=", " if is_person else "",
                titled=is_person or (is_titled and not state and len(noun) > 2 and noun == eojeol),
            )
            if foreign:
                nouns[foreign] += 1
                marked.add(foreign)
                places.append((_Found(foreign, i == 0, Cue(titled=True)), True))
            places.append((_Found(noun, i == 0, cue), is_person))
    people = {found.label for found, is_person in places if is_person}
    for found, _ in places:
        whole = nouns[found.label] + (1 if found.in_headline else 0)
        is_listed = found.label in people or is_korean_body(found.label) or nation_of(found.label)
        if (is_listed or (whole >= 2 and found.label in marked)) and _is_korean_name(found.label):
            yield found
    yield from _latin_names(texts)


_KOREAN_STATES = frozenset("총리 대통령 정부 의회 총선 대선 수도 국왕 당국".split())


_KOREAN_VERBAL = (
    "은는을를한던할된인간의에지어해고며면서대"  # what ends verbs before a noun, particles, and bodies
)
_ONLY_HANGUL = re.compile(f"[{HANGUL} ]*")


def _foreign_person(text: str, eojeols: Sequence[tuple[str, int, int]], at: int) -> str | None:
    """Return a name of two words that a title follows: "일제 마르샨드" in "일제 마르샨드 사무차장", also with a body between."""
    if at + 2 >= len(eojeols):
        return None
    (first, start, first_end), (last, last_start, last_end) = eojeols[at], eojeols[at + 1]
    titles = [noun_of(eojeols[k][0]) in _KOREAN_TITLES for k in range(at + 2, min(at + 5, len(eojeols)))]
    if not any(titles):
        return None
    if not _ONLY_HANGUL.fullmatch(text, first_end, eojeols[at + 2 + titles.index(True)][1]):
        return None
    for word, most in ((first, 4.0), (last, 3.0)):
        if noun_of(word) != word or word in _KOREAN_TITLES or is_korean_body(word) or nation_of(word):
            return None
        if word in _KOREAN_COMMON or word[-1] in _KOREAN_VERBAL or word_zipf(word, "ko") >= most:
            return None
    if any(len(word) == 3 and word[0] in KOREAN_FAMILY_NAMES for word in (first, last)):
        return None
    return text[start:last_end] if text[first_end:last_start] == " " else None


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
