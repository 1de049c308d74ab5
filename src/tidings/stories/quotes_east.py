"""Quotes and their speakers in Korean, Japanese and Chinese, where particles and the order of words tell who speaks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from tidings.model import Name, Quote
from tidings.stories.lexicon import Table, either, table_of
from tidings.stories.marks import Quoted
from tidings.stories.names import KOREAN_FAMILY_NAMES
from tidings.text import HAN, HANGUL, KANA

_STOP = ".!?…。！？"
LEAST_CHARACTERS = 12  # of a quotation that no verb follows
SUBJECT_CHARACTERS = 160  # before a quotation in which its subject is looked for


class Speaker(NamedTuple):
    """Who a stretch of text says is speaking: the name or description, and the words there; None: somebody, not named."""

    name: str | None
    words: str


@dataclass(slots=True)
class _Rules:
    code: str
    after: re.Pattern[str]  # what follows words that somebody said
    subject: re.Pattern[str]
    pronoun: re.Pattern[str]
    roles: tuple[str, ...]
    bodies: tuple[str, ...]


@dataclass(slots=True)
class _People:
    """Names of one text: `full` by themselves, by family name and title ("차 교수") and by last part ("토르나우")."""

    known: frozenset[str]
    full: dict[str, str] = field(default_factory=dict)


@lru_cache(maxsize=8)
def _rules(code: str) -> _Rules:
    table: Table = table_of(code, "speech") or {}
    said, roles = str(table.get("said", "")).split(), tuple(str(table.get("roles", "")).split())
    pronouns = (str(table.get("he", "")) + " " + str(table.get("she", ""))).split()
    bodies = tuple(str(table.get("bodies", "")).split())
    if code == "ko":
        after = rf"[\"”’'』」]?\s?(?:이?라고|이?라며|이?라면서|이?라는|고|며|면서|는|이?란|이?냐고|이?냐며|이?라[는던]?)(?=[\s{HANGUL},])"
        subject = rf"[{HANGUL}A-Za-z·]+(?:\([^)]{{1,20}}\))?[{HANGUL}]*"
        pronoun = rf"(?:^|\s)(?:{either(pronouns)})(?=\s|$)"
    elif code == "ja":
        role = either(roles)
        after = rf"[」』”’\"]?(?:などと|と|など|との|という)(?:[^。「]{{0,30}}?)(?:{either(said)})"
        subject = (
            rf"(?P<name>[{HAN}{KANA}・＝A-Za-z]{{1,12}}?)(?P<role>{role})(?:\([^)]{{1,20}}\)|（[^）]{{1,20}}）)?(?:は|が|も)"
            rf"|(?P<alone>[{HAN}]{{2,8}}|[ァ-ヺー・＝]{{2,20}}|[A-Za-z]{{2,20}})(?:（[^）]{{1,20}}）)?(?:は|が)"
        )
        pronoun = f"(?:{either(pronouns)})"
    else:
        verbs = either(said)
        after = rf"[”’」』\"]?[，,]?(?P<name>[{HAN}·A-Za-z]{{2,12}}?)(?:{verbs})"
        subject = rf"(?:^|[，。；！？\s])(?P<name>[{HAN}·A-Za-z]{{2,14}}?)(?:（[^）]{{1,20}}）)?(?:{verbs})[{HAN}]{{0,6}}(?:，|：|:|,)?$"
        pronoun = f"(?:^|[，。])(?:{either(pronouns)})"
    return _Rules(code, re.compile(after), re.compile(subject), re.compile(pronoun), roles, bodies)


def east_asian_quotes(
    paragraphs: Sequence[str], quoted: Sequence[Quoted], code: str, names: Iterable[Name]
) -> tuple[Quote, ...]:
    """Return the quotes among what stands between marks; the speaker only where a subject of the sentence names one."""
    rules = _rules(code)
    people = _People(frozenset(name.label for name in names))
    by_paragraph: dict[int, list[Quoted]] = {}
    for q in quoted:
        by_paragraph.setdefault(q.paragraph, []).append(q)
    blotted = [_blotted(text, by_paragraph.get(n, ())) for n, text in enumerate(paragraphs)]
    for text in blotted:
        _learn(text, rules, people)
    found: list[Quote] = []
    spoke: dict[int, Speaker] = {}  # the last speaker of a paragraph
    before: Quoted | None = None
    for q in quoted:
        text = paragraphs[q.paragraph]
        if before is not None and before.paragraph != q.paragraph:
            before = None
        floor = before.end + 1 if before else 0
        start = max(_sentence_start(blotted[q.paragraph], q.start - 1), 0)
        is_joined = before is not None and before.end > start  # two quotations in one sentence
        head = blotted[q.paragraph][max(start, floor, q.start - SUBJECT_CHARACTERS) : q.start - 1]
        behind = text[q.end : q.end + 60].lstrip(".。!?…")
        follows = rules.after.match(behind)
        speaker = _subject(head, rules, people)
        if speaker is None and code == "zh" and follows and not rules.pronoun.match("，" + follows["name"]):
            speaker = Speaker(follows["name"], follows["name"])
        pronoun = rules.pronoun.search(head)
        if speaker is None and pronoun:
            meant = (
                spoke.get(q.paragraph)
                or _before(blotted[q.paragraph][:start], rules, people)
                or spoke.get(q.paragraph - 1)
            )
            speaker = Speaker(meant.name if meant else None, pronoun[0].strip("，。 "))
        if speaker is None and is_joined and q.paragraph in spoke:
            speaker = spoke[q.paragraph]
        if speaker is None and follows and code != "zh" and not head.strip(" ,"):
            # A sentence without a subject keeps that of the one before.
            speaker = spoke.get(q.paragraph) or _before(blotted[q.paragraph][:start], rules, people)
        is_said = bool(follows) or (code == "zh" and speaker is not None)
        length = q.end - q.start
        is_spoken = is_said and (length >= 4 or speaker is not None)
        if is_spoken or q.continues or q.goes_on or (length >= LEAST_CHARACTERS and text[q.end - 1] in _STOP):
            who = speaker if is_said or (is_joined and speaker) else None
            found.append(
                Quote(
                    q.paragraph,
                    q.start,
                    q.end,
                    text[q.start : q.end],
                    who.name if who else None,
                    who.words if who else None,
                    q.continues,
                )
            )
        if speaker is not None and speaker.name is not None:
            spoke[q.paragraph] = speaker
        before = q
    return tuple(found)


def _blotted(text: str, quoted: Sequence[Quoted]) -> str:
    """Return a paragraph with its quotations blotted out, each character by one."""
    parts: list[str] = []
    here = 0
    for q in quoted:
        parts += [text[here : q.start], "\x01" * (q.end - q.start)]
        here = q.end
    return "".join([*parts, text[here:]])


def _sentence_start(text: str, place: int) -> int:
    """Return where the sentence of a place begins, no further back than a subject may stand; quotations are blotted out."""
    last = max(place - 2 * SUBJECT_CHARACTERS, 0)
    for i in range(place - 1, last - 1, -1):
        if text[i] in "。！？" or (text[i] in ".!?" and text[i + 1 : i + 2].isspace()):
            return i + 1
    return last


def _before(text: str, rules: _Rules, people: _People) -> Speaker | None:
    """Return the subject of the sentence that ends a text."""
    text = text[-3 * SUBJECT_CHARACTERS :].rstrip()
    start = _sentence_start(text, len(text) - 1) if text else 0
    speaker = _subject(text[start:], rules, people) if text else None
    return speaker if speaker and speaker.name else None


def _subject(head: str, rules: _Rules, people: _People) -> Speaker | None:
    """Return the last person or body whom a stretch of text has as its subject."""
    if rules.code == "ko":
        return _korean_subject(head, rules, people)
    last: Speaker | None = None
    for match in rules.subject.finditer(head[-SUBJECT_CHARACTERS:]):
        name = match["name"]
        if rules.code == "zh":
            if not rules.pronoun.match("，" + name):
                last = Speaker(people.full.get(name, name), name)
        elif name:
            if not name.endswith("同"):
                last = Speaker(people.full.get(name, name), name + match["role"])
        elif match["alone"] in people.known or match["alone"] in people.full:
            last = Speaker(people.full.get(match["alone"], match["alone"]), match["alone"])
    return last


def _learn(text: str, rules: _Rules, people: _People) -> None:
    """Keep the full names that a paragraph gives."""
    if rules.code == "ko":
        for particles in (_SUBJECT_PARTICLES, _LEARNT_PARTICLES):
            for phrase in _korean_phrases(text, particles):
                name = _korean_name(phrase, rules, people)
                if name:
                    _learn_korean(name, phrase[-1], people)
    elif rules.code == "ja":
        for match in rules.subject.finditer(text):
            if match["name"] and len(match["name"]) >= 2:
                people.full[match["name"]] = match["name"]


# ── Korean ───────────────────────────────────────────────────────────────────────────────────────────────────────────

_AGE = re.compile(r"\([^)]{1,20}\)")
_SUBJECT_PARTICLES = ("께서는", "께서", "에서는", "은", "는", "이", "가", "도")
_LEARNT_PARTICLES = (
    "와",
    "과",
    "을",
    "를",
    "의",
    "에게",
)  # a title before one of these introduces somebody, too
# An eojeol that ends so stands outside the noun phrase of a subject.
_OTHER_PARTICLES = ("에서", "에게", "에", "의", "을", "를", "으로", "은", "는", "고", "며", "던")
_MODIFIERS = ("인", "하는", "맡은", "했던", "지낸", "만난", "한", "된", "던", "있는", "다")
_PHRASE_WORDS = 6
_EOJEOL = re.compile(r"[^\s,…“”‘’\"'.!?\x01]+")


def _korean_phrases(text: str, particles: Sequence[str] = _SUBJECT_PARTICLES) -> Iterable[list[str]]:
    """Yield the noun phrases that end in one of these particles, word by word, the particle off."""
    run: list[str] = []
    end = 0
    for match in _EOJEOL.finditer(text):
        eojeol = _AGE.sub("", match.group())
        if text[end : match.start()].strip():
            run = []
        end = match.end()
        is_name = len(eojeol) in (2, 3) and eojeol[0] in KOREAN_FAMILY_NAMES
        bare = next(
            (eojeol[: -len(p)] for p in particles if eojeol.endswith(p) and len(eojeol) > len(p)), None
        )
        if bare:
            yield [*run[-_PHRASE_WORDS:], bare]
            # 이, 가 and 도 also end names: 한도 …
            run = [*run, eojeol] if is_name and eojeol[-1] in "이가도" else []
        elif (
            not eojeol
            or (len(eojeol) > 2 and eojeol.endswith(_MODIFIERS))
            or (len(eojeol) > 1 and eojeol.endswith(_OTHER_PARTICLES) and not is_name)
        ):
            run = []
        else:
            run.append(eojeol)


def _korean_name(phrase: Sequence[str], rules: _Rules, people: _People) -> str | None:
    """Return the full name in a noun phrase that ends in a title: 차은결 (새움의대 감염내과) 교수, 노르 할로런 (바르가대) 교수."""
    if len(phrase) < 2 or not phrase[-1].endswith(rules.roles):
        return None
    words = list(phrase[:-1])
    for i, word in enumerate(words):
        if (
            len(word) == 3
            and word[0] in KOREAN_FAMILY_NAMES
            and not word.endswith(rules.bodies)
            and _is_hangul(word)
        ):
            if (
                i + 1 < len(words)
                and len(words) - i >= 2
                and words[i + 1][0] not in KOREAN_FAMILY_NAMES
                and not words[i + 1].endswith((*rules.bodies, "대", "내과", "학과", "원회"))
                and word not in people.known
            ):
                continue
            return word
    for first, second in pairwise(words):
        pair = f"{first} {second}"
        if (
            _is_hangul(first)
            and _is_hangul(second)
            and not first.endswith(rules.bodies)
            and not second.endswith((*rules.bodies, "대", "대학"))
            and (
                first in people.known or second in people.known or len(words) == 2 or words.index(first) == 0
            )
        ):
            return pair
    return None


def _is_hangul(word: str) -> bool:
    return all("가" <= c <= "힣" for c in word)


def _learn_korean(name: str, role: str, people: _People) -> None:
    people.full[name] = name
    if " " in name:
        people.full.setdefault(name.split()[-1], name)
    short = f"{name[0]} {role}"
    if " " not in name:
        people.full[short] = name if people.full.get(short, name) == name else ""


def _korean_subject(head: str, rules: _Rules, people: _People) -> Speaker | None:
    last: Speaker | None = None
    for phrase in _korean_phrases(head[-SUBJECT_CHARACTERS:]):
        noun = phrase[-1]
        name = _korean_name(phrase, rules, people)
        if name:
            last = Speaker(people.full.get(name) or name, " ".join(phrase[phrase.index(name.split()[0]) :]))
        elif noun.endswith(rules.roles) and len(phrase) >= 2 and people.full.get(f"{phrase[-2]} {noun}"):
            last = Speaker(people.full[f"{phrase[-2]} {noun}"], f"{phrase[-2]} {noun}")
        elif noun.endswith(rules.roles) and len(phrase) >= 2 and people.full.get(phrase[-2]):
            last = Speaker(people.full[phrase[-2]], f"{phrase[-2]} {noun}")
        elif people.full.get(noun):
            last = Speaker(people.full[noun], noun)
        elif (
            noun in people.known
            and len(noun) == 3
            and noun[0] in KOREAN_FAMILY_NAMES
            and not noun.endswith(rules.bodies)
        ):
            last = Speaker(noun, noun)
        elif noun in ("측", "관계자") and len(phrase) >= 2:
            last = Speaker(f"{phrase[-2]} {noun}", f"{phrase[-2]} {noun}")
        elif noun.endswith("측") and len(noun) > 2:
            last = Speaker(noun, noun)
        elif noun.endswith(rules.roles) and len(noun) >= 2:
            last = Speaker(None, noun)  # a title that nobody was introduced with
    return last
