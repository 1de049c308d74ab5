"""What a name names, a person, an organisation, a place or a work, told from its words and from the words around it.

Each place where a name stands votes: "Minister X", "X said", "X, 52," for a person; "in X", "the town of X" for a place; "the
company X" for an organisation; "the film X" for a work.  The name's own words vote as well: "X University", "Port X",
"Außenministerium", "외교부".  The most votes win; a name with few stays without a kind, for None is better than a wrong one.
"""

# ruff: noqa: SIM905  (word lists read better as text)

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from tidings.model import EntityKind
from tidings.stories.nations import nation_of
from tidings.stories.places import KNOWN_ALONE, population_named
from tidings.stories.rarity import word_zipf
from tidings.text import fold, is_cjk

LEAST_VOTES = 1.5
LEAST_FOR_PLACE = 0.9
UNIONS = frozenset(("european union", "nato", "united nations"))


@dataclass(frozen=True, slots=True)
class Cue:
    """What stands around one occurrence of a name: folded words, nearest first; `gap` is what parts it from the word after."""

    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    gap: str = ""
    titled: bool = False  # a title or honorific stands before it (in Korean: behind it)
    quoted: bool = False


NOTHING_AROUND = Cue()

_SPEECH = frozenset(
    """said says say told tells added adds argued warned wrote writes tweeted insisted acknowledged recalled joked explained
    replied responded testified believes thinks sagte sagt erklärte erklärt teilte betonte forderte warnte kritisierte schrieb
    meinte déclaré dit affirmé expliqué assuré dijo afirmó explicó aseguró declaró señaló disse afirmou ha detto zei sade sa
    сказал сказала заявил заявила""".split()
)
_OF_PERSONS = frozenset(
    "who whose aged wife husband son daughter brother sister born died retired himself herself".split()
)
_INSIDE = frozenset(
    """in near across throughout outside around inside within over bei nahe aus en à chez dans près en cerca w в во из""".split()
)
_OWNING = ("'s", "’s")
_TOWARDS = frozenset(
    "at from to toward towards into through via nach nahe zu von vers depuis desde hacia к из".split()
)
_SORTS_OF_PLACE = frozenset(
    """town city village capital province region district county island port suburb neighbourhood neighborhood state territory
    republic coast stadt dorf hauptstadt provinz insel gemeinde ort bezirk ville village capitale région île ciudad pueblo
    capital isla región río""".split()
)
_SORTS_OF_BODY = frozenset(
    """company firm group airline bank party agency maker manufacturer newspaper club union charity startup start-up retailer
    operator broadcaster publisher producer carrier team website magazine militia firma unternehmen konzern partei
    gewerkschaft bank verein zeitung entreprise groupe société parti banque empresa partido banco""".split()
)
_SORTS_OF_WORK = frozenset(
    """film movie novel book album song single series show game videogame play opera painting documentary musical sitcom
    ferry ship vessel freighter tanker cutter yacht submarine frigate rocket spacecraft satellite probe telescope mission
    roman buch film lied oper gemälde fähre schiff frachter rakete satellit sonde livre chanson tableau navire libro canción
    película barco""".split()
)
_BODY_LAST = frozenset(
    """department ministry office court committee commission council agency bureau bank fund party union university institute
    association company corporation corp inc ltd llc plc gmbh ag sa spa group motors association school
    hospital service services times post news journal assembly foundation authority federation league society organisation
    organization institution college academy police army navy force forces church airlines airways air club fc united city
    rovers athletic press media network broadcasting television radio parliament senate
    congress cabinet government administration board trust campaign alliance coalition movement front brigade guard
    conservatives liberals democrats republicans greens labour energy electric electronics semiconductor pharma
    pharmaceuticals therapeutics biologics coatings semiconductors supplies logistics shipping foods mills works construction bahn raumfahrt technologies systems software solutions industries holdings partners capital insurance
    brothers sons labs laboratory laboratories observatory orchestra choir committee tribunal treasury exchange ombudsman
    compact pact ministerium partei gewerkschaft verband verein bundestag bundesrat bundesbank polizei ministère assemblée
    banque université ministerio universidad banco partido ayuntamiento gazette herald tribune guardian telegraph courier
    ledger mail wire dispatch tagblatt zeitung chronicle observer mirror weekly magazine daily today signal""".split()
)  # fmt: skip
_BODY_FIRST = frozenset(
    """university ministry department bank house church council court institute college museum federation society union party
    office board chamber club fc banco universidad université universität ministère ministerio bank banque royaume radio
    municipality organisation organization association league""".split()
)
_BODY_ENDINGS = ("ministerium", "bank", "partei", "gewerkschaft", "verband", "behörde", "gericht", "werke", "amt", "blatt", "zeitung",
                 "gesellschaft", "verein", "kommission", "universität", "wacht", "linie", "bahn")  # fmt: skip
_BODY_ENDINGS_KO = ("은행", "대학교", "대학", "위원회", "협회", "재단", "법원", "연구소", "반도체", "전자", "그룹", "신문", "일보", "방송",
                    "정당", "노조", "경찰청", "병원", "공사", "동맹", "연맹", "외교부", "국방부", "법무부", "교육부", "청와대", "본부",
                    "국방대", "증권", "자동차", "학회", "의회", "극지연구소", "심사원", "재무부", "검찰", "국회")  # fmt: skip
_PLACE_LAST = frozenset(
    """river lake island islands street road lane avenue square bay valley strait sea ocean county province beach hill hills
    mountain mountains peninsula coast gulf canal bridge airport harbour harbor station stadium park desert delta heath forest
    centre center museum gallery theatre theater house hall arena mosque temple hotel tower towers cathedral palace
    square monument cemetery zoo fjord cape head row quay falls creek springs heights territory glacier borough district region towers plaza highway""".split()
)
_PLACE_FIRST = frozenset(
    "port cape mount lake saint st san santa río rio mont kap río lac isla île river gulf bay sankt bad new north south east west".split()
)
_PLACE_ENDINGS = ("straße", "strasse", "platz", "stadt", "hafen", "see")
_PLACE_ENDINGS_KO = ("특별시", "광역시", "반도", "해협", "공항", "곶", "항구")
BODY_WORDS = _BODY_LAST | _BODY_FIRST
_WORK_FIRST = frozenset("mv ms ss hms uss rms hmas operation project space".split())
_CONNECTING = frozenset("of de la le du der von van al el the and & y e".split())


def votes_of(cue: Cue) -> Mapping[EntityKind, float]:
    """Return what the surroundings of one occurrence say."""
    before = cue.before[0] if cue.before else ""
    second = cue.before[1] if len(cue.before) > 1 else ""
    after = cue.after[0] if cue.after else ""
    votes: dict[EntityKind, float] = {"person": 0.0, "organisation": 0.0, "place": 0.0, "work": 0.0}
    if cue.titled:
        votes["person"] += 3.0
    if after in _SPEECH or before in _SPEECH:
        votes["person"] += 1.5
        votes["organisation"] += 0.5
    if cue.gap == ", " and after.isdigit() and 9 < int(after[:4]) < 110:
        votes["person"] += 3.0
    if after in _OF_PERSONS:
        votes["person"] += 1.5
    if before in _INSIDE and not cue.gap.startswith(_OWNING):  # "in Obama's first year"
        votes["place"] += 1.0
    elif before in _TOWARDS:
        votes["place"] += 0.5
    if before in ("of", "von", "de") and second in _SORTS_OF_PLACE:
        votes["place"] += 3.0
    elif before in _SORTS_OF_PLACE:
        votes["place"] += 1.5
    if before in _SORTS_OF_BODY:
        votes["organisation"] += 2.5
    if before in _SORTS_OF_WORK:
        votes["work"] += 2.5
    is_modifier = cue.gap == " " and bool(after) and after not in _SPEECH  # "the Obama administration"
    if before in ("the", "die", "der", "das", "la", "le", "el"):
        votes["organisation"] += 0.0 if is_modifier else 0.4
        votes["person"] -= 1.5
    if cue.quoted:
        votes["work"] += 1.5
    return votes


@lru_cache(maxsize=20_000)
def own_votes(label: str, language: str) -> Mapping[EntityKind, float]:
    """Return what a name's own words say."""
    votes: dict[EntityKind, float] = {"person": 0.0, "organisation": 0.0, "place": 0.0, "work": 0.0}
    nation = nation_of(label)
    if nation:
        votes["organisation" if nation in UNIONS else "place"] += 100.0
        return votes
    if is_cjk(label):
        votes["person"] += 1.5 * (language == "ko" and " " in label)
        votes["place"] += 2.0 * (population_named(label) > 0)
        votes["organisation"] += 5.0 * is_korean_body(label)
        votes["place"] += 5.0 * label.endswith(_PLACE_ENDINGS_KO)
        return votes
    population = population_named(label)
    if population:
        votes["place"] += 1.5 if population >= KNOWN_ALONE else 0.4
    words = [fold(word).strip(".'’") for word in label.replace("-", " - ").split()]
    first, last = words[0], words[-1]
    many = len(words) > 1
    if (many and last in _BODY_LAST) or last.endswith(_BODY_ENDINGS if language == "de" else ("gmbh",)):
        votes["organisation"] += 5.0
    before_of = fold(label.partition(" of ")[0].split()[-1]) if " of " in label else ""
    if many and (first in _BODY_FIRST or before_of in BODY_WORDS):
        votes["organisation"] += 4.0
    if (many and last in _PLACE_LAST) or (language == "de" and last.endswith(_PLACE_ENDINGS)):
        votes["place"] += 5.0
    if many and first in _PLACE_FIRST and last not in _BODY_LAST:
        votes["place"] += 3.0
    if many and first in _WORK_FIRST:
        votes["work"] += 6.0
    if not many and label.isupper() and 2 <= len(label) <= 6:
        votes["organisation"] += 2.0
    if any(c.isdigit() for c in label):
        votes["work"] += 1.0
        votes["person"] -= 4.0
    if (
        2 <= len(words) <= 6
        and " of " not in label
        and not any(w in _BODY_LAST or w in _PLACE_LAST for w in words)
    ):
        is_given = many and first in GIVEN_NAMES
        votes["person"] += 2.0 * is_given
        rare = [w for w in label.replace("-", " ").split()[is_given:] if fold(w) not in _CONNECTING]
        common = sum(word_zipf(fold(w), language or "en") >= COMMON_WORD for w in rare)
        if rare and not label.isupper() and common < len(rare):
            votes["person"] += 2.5 - 2.0 * common
    return votes


# The commonest given names of several languages: "John Stones" has two common words and is a person all the same.
GIVEN_NAMES = frozenset(
    """john james robert michael william david richard joseph thomas charles christopher daniel matthew anthony mark donald
    steven stephen paul andrew joshua kenneth kevin brian george edward ronald timothy jason jeffrey ryan jacob gary nicholas
    eric jonathan larry justin scott brandon benjamin ben samuel sam gregory frank alexander alex raymond patrick jack dennis
    jerry tyler aaron jose adam henry nathan douglas zachary peter kyle walter ethan jeremy harold keith christian roger noah
    terry sean austin carl arthur lawrence joe jim bill bob tom dan mike steve chris tony harry fred philip phil simon ian
    neil graham stuart colin martin alan dave pete rob ron tim jeff greg ken doug don rick matt nick luke max leo oliver
    mary patricia jennifer linda elizabeth barbara susan jessica sarah karen lisa nancy betty margaret sandra ashley kimberly
    emily donna michelle carol amanda dorothy melissa deborah stephanie rebecca sharon laura cynthia kathleen amy angela
    shirley anna brenda pamela emma nicole helen samantha katherine christine debra rachel carolyn janet catherine maria
    heather diane ruth julie olivia joyce virginia victoria kelly lauren christina joan evelyn judith megan andrea cheryl
    hannah jacqueline martha gloria teresa ann anne sara madison frances kathryn janice jean alice julia grace judy sophia
    marie rose claire jane kate lucy annie chuck
    hans peter klaus wolfgang jürgen dieter manfred uwe günter helmut stefan andreas thomas jens olaf frank heinz karl otto
    ursula petra sabine monika renate karin brigitte angela heike anja annalena
    pierre jean michel philippe alain bernard jacques françois laurent nicolas emmanuel olivier julien antoine marine nathalie
    isabelle sylvie catherine brigitte josé juan carlos luis jorge pedro miguel antonio francisco manuel pablo javier diego
    alejandro carmen ana isabel lucía elena rosa giuseppe giovanni antonio mario luigi francesco paolo marco matteo giorgia
    mohammed muhammad mohamed ahmed ali hassan hussein ibrahim omar abdul abdullah fatima aisha khalid yusuf mustafa
    vladimir sergei sergey dmitry alexei alexey ivan mikhail nikolai andrei igor yuri boris olga natalia tatiana irina
    lars anders jan erik sven nils henrik johan kim lee chen wang zhang li""".split()
)

COMMON_WORD = 4.6  # "Green", "Young" are below as names; "White", "New", "National" are above


_FIELDS = {
    "politics": """minister ministers president premier chancellor senator congressman congresswoman governor mayor lawmaker deputy
        politician mp diplomat ambassador envoy secretary councillor candidate leader whip kanzler kanzlerin abgeordnete
        abgeordneter bundeskanzler prasident prasidentin senador presidente ministro ministre député 장관 대통령 총리 의원 대사
        차관 시장""",
    "sport": """coach striker winger midfielder defender goalkeeper footballer player athlete champion cyclist skater swimmer sprinter
        jockey racer golfer boxer quarterback pitcher batsman bowler forward captain olympian luger skier goalscorer torwart
        stürmer trainer fußballer spieler joueur entraîneur jugador entrenador delantero 선수 감독 코치""",
    "arts": """actor actress singer director author painter composer novelist poet pianist violinist musician rapper playwright
        sculptor comedian filmmaker artist sänger sängerin schauspieler regisseur autor maler actrice acteur chanteur écrivain
        배우 가수 작가""",
    "science": """professor scientist researcher physicist biologist chemist glaciologist virologist epidemiologist astronomer
        statistician doctor surgeon historian forscher forscherin professorin chercheur 교수 박사 연구원""",
    "business": "ceo chairman chairwoman founder banker executive entrepreneur investor owner boss vorstand 대표 회장 사장",
    "law": "judge lawyer prosecutor attorney sheriff superintendent inspector detective officer constable commissioner kommissar 판사 검사 변호사",
}
_FIELD_OF = {fold(word): name for name, words in _FIELDS.items() for word in words.split()}


def field_of(role: str) -> str | None:
    """Return the field of life a role belongs to, "politics" for "minister" and "Verteidigungsminister"; None for none."""
    if role in _FIELD_OF:
        return _FIELD_OF[role]
    return "politics" if role.endswith(("minister", "ministerin", "prasident", "prasidentin")) else None


def roles_in(cues: Iterable[Cue]) -> tuple[str, ...]:
    """Return the words beside a name that say what the person is, the most frequent first, at most four."""
    found = Counter(
        word
        for cue in cues
        for word in (*cue.before[:1], *(cue.after[:3] if cue.gap == ", " and cue.after[0] != "who" else ()))
        if field_of(word) is not None
    )
    return tuple(word for word, _ in found.most_common(4))


def is_korean_body(noun: str) -> bool:
    """Whether a Korean noun ends as bodies do: 외교부, 미란반도체."""
    return (len(noun) > 2 and noun.endswith(_BODY_ENDINGS_KO)) or (len(noun) > 3 and noun.endswith("대"))


def kind_of(
    label: str, cues: Iterable[Cue], *, language: str, is_shortened: bool = False
) -> EntityKind | None:
    """Return what a name names, None when too little tells; is_shortened: the text goes on with its last word alone."""
    votes = dict(own_votes(label, language))
    is_inside = False
    for cue in cues:
        is_inside = is_inside or (
            bool(cue.before) and cue.before[0] in _INSIDE and not cue.gap.startswith(_OWNING)
        )
        for kind, n in votes_of(cue).items():
            votes[kind] += n
    if not is_inside and votes["place"] < 3.0 and " " not in label and population_named(label) < KNOWN_ALONE:
        votes["place"] -= 1.0  # "from Putin", "to Clinton": people are come from and gone to as places are
    if is_shortened:
        votes["person"] += 2.0
    if fold(label) in BODY_WORDS:  # "the Ministry": which one, the text must tell (see names.owners)
        return None
    best = max(votes, key=lambda kind: (votes[kind], kind))
    others = max(n for kind, n in votes.items() if kind != best)
    if (
        best == "place" and others <= 0.5 and " " not in label
    ):  # "in Skarholt", once, and nothing to the contrary
        return best if votes[best] >= LEAST_FOR_PLACE else None
    return best if votes[best] >= LEAST_VOTES else None
