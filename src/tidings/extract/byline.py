"""Credits as pages write them → the names of people."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from tidings.text import fold, is_cjk, tidy

MAX_NAMES = 12

_LEAD_IN = re.compile(
    r"^(?:(?:written|posted|published|reported|story|article|text|words|report|analysis|opinion)\s+by|"
    r"(?:veröffentlicht|geschrieben|verfasst)\s+von|(?:escrito|publicado)\s+por|(?:écrit|publié)\s+par|"
    r"(?:show|see|view)\s+all\s+(?:articles|posts|stories)\s+(?:of|by|from)|by|von|vom|par|por|di|da|"
    r"door|av|af|przez|autor(?:es|a|in)?|auteur|author|authors|autore|автор|текст|text|texte|texto|testo|tekst|foto|fotos|"
    r"photo|redaktion|글|기자|文|记者|記者|作者|撰文|編集|執筆)(?:\s*[:：/]\s*|\s+)",
    re.I,
)
_BETWEEN = re.compile(
    r"\s*(?:;|\||/|•|·|&|、|，|\n|\band\b|\bund\b|\bet\b|(?-i:\b[ey]\b)(?!\.)|\ben\b|\boch\b|\bog\b|\bwith\b|\bmit\b)\s*",
    re.I,
)
_EMAIL = re.compile(r"\(?\S+@\S+\.\S+\)?")
_AFTER_NAME = re.compile(
    r"\s+(?:in|aus|for|from|at|à|en|voor)\s+.*$|\s*[(\[{（].*$|\s+[-–—]\s+.*$|\s*\b(?:updated|published|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b.*$",
    re.I,
)
_ROLE_BEFORE = re.compile(
    r"^(?:[\w-]+-)?(?:experte|expertin|autor|autorin|redakteur|redakteurin|reporter|korrespondent|korrespondentin)\s+",
    re.I,
)
_ARTICLE_FIRST = re.compile(r"(?:der|die|das|den|des|the)\s", re.I)
_KOREAN_ROLE = re.compile(
    r"\s*(?:선임|인턴|전문|수습)?\s*(?:기자|특파원|논설위원|편집장|앵커|PD|에디터)(?:\s.*)?$"
)
_CJK_ROLE = re.compile(r"\s*(?:本报|本報)?(?:记者|記者|编辑|編輯|通讯员|特派員)\s*")
# Words that no person's name holds: desks, roles, organisations.
_NOT_A_NAME_WORDS = """
    staff team desk newsroom editor editors editorial reporter reporters correspondent correspondents writer writers bureau
    agency agencies agencia agentur press news media redaktion redaktionen redacción redaccion rédaction redazione redactie
    redakcja redaksi admin administrator webmaster contributor contributors contributing columnist producer photographer
    journalist guest network wire wires service services online magazine times post guardian herald tribune gazette daily
    weekly journal radio tv company corporation inc ltd llc gmbh university institute foundation group association society
    department ministry office committee council blog blogger website publisher publishing http https www com chief senior
    political business sports science health technology world national international reuters afp ap dpa efe ansa upi pti ani
    yonhap xinhua tass interfax bloomberg cnn bbc espn nbc cbs abc fox npr cnbc pa unknown anonymous user share facebook
    twitter follow subscribe comments updated published minutes read autor autorin author about
    biography profile magazin collectif kollektiv feuerwehr polizei abteilung diakonie bund forschung kitchens welle гость
    newsdesk ag ev verein verband bundesverband ministerium amt stiftung presse pressestelle gesellschaft zentrum
    view all full bio more stories articles posts artikel alle mehr weitere contact kontakt taboola outbrain
    연합뉴스 뉴스 편집국 온라인 뉴스팀
    """
_NOT_A_NAME = frozenset(fold(word) for word in _NOT_A_NAME_WORDS.split())
_PARTICLE_WORDS = """
    de da di do dos das del della der den van von zu zur la le el al bin ibn ben ter ten af av y e st
"""
_PARTICLES = frozenset(_PARTICLE_WORDS.split())
_WORD = re.compile(r"[^\W\d_][\w.'’‑-]*")


def people(credits: Iterable[str], *, organisations: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the people's names in credits, in order, each once: no "By", roles, e-mail addresses or organisations.

    organisations: names of the site and its publisher, which some pages give as the author.
    """
    bodies = {_squeezed(name) for name in organisations if name}
    names: dict[str, str] = {}
    for credit in (tidy(html.unescape(each))[:600] for each in credits):
        if _squeezed(credit) in bodies:
            continue
        found = [n for n in _split(credit) if n and _squeezed(n) not in bodies and _is_name(n)]
        # A lone first name is a credit of its own ("Daniel"); among others it is a splinter ("…, Bildung und Forschung").
        if len(_BETWEEN.split(credit)) + credit.count(",") > 1:
            found = [n for n in found if " " in n or is_cjk(n)]
        names.update((fold(name), name) for name in found if fold(name) not in names)
    return tuple(names.values())[:MAX_NAMES]


def _squeezed(name: str) -> str:
    return re.sub(r"\W+", "", fold(name))


def _split(credit: str) -> list[str]:
    credit = _EMAIL.sub(" ", credit)
    if re.match(r"^(?:https?:)?//|^www\.", credit):
        return []
    credit = _LEAD_IN.sub("", _LEAD_IN.sub("", credit))
    found: list[str] = []
    for part in _BETWEEN.split(credit):
        for number, piece in enumerate(_by_comma(part)):
            name = _AFTER_NAME.sub("", _KOREAN_ROLE.sub("", _CJK_ROLE.sub("", piece))).strip(' .,:;|-–—*"“”')
            name = _ROLE_BEFORE.sub("", _LEAD_IN.sub("", name))
            if number and found and not _is_name(name):
                continue  # "Anna Sorel, Political Correspondent"
            found.append(_normal_case(name))
    return found


def _by_comma(part: str) -> list[str]:
    """Split at commas; "Sorel, Anna" of library metadata is one name, turned round."""
    pieces = [p.strip() for p in part.split(",") if p.strip()]
    if len(pieces) == 2 and all(p.isalpha() and not is_cjk(p) and fold(p) not in _NOT_A_NAME for p in pieces):
        return [f"{pieces[1]} {pieces[0]}"]
    return pieces


def _normal_case(name: str) -> str:
    """ANNA SOREL → Anna Sorel; two-letter words may be initials and stay."""
    if name.isupper() and not is_cjk(name) and len(name) > 5:
        return re.sub(r"[^\W\d_]{3,}", lambda m: m[0].capitalize(), name)
    return name


def _is_no_name(word: str) -> bool:
    word = fold(word.strip("."))
    return word in _NOT_A_NAME or word.endswith(
        ("verband", "verein", "ministerium", "gesellschaft", "redaktion")
    )


def _is_name(name: str) -> bool:
    if not 2 <= len(name) <= 60 or re.search(r"[\d@<>{}=_#%!?…:()\[\]]|\.\w{2,}", name):
        return False
    words = _WORD.findall(name)
    if not words or _ARTICLE_FIRST.match(name) or any(map(_is_no_name, words)):
        return False
    if is_cjk(name):
        return len(name) <= 12
    if not 2 <= len(words) <= 6:
        return (
            len(words) == 1 and len(name) >= 3 and name[0].isupper() and name.isalpha() and not name.isupper()
        )
    cased = [w for w in words if w.lower() != w.upper() and w not in _PARTICLES]
    return all(w[0].isupper() or "’" in w or "'" in w for w in cased)
