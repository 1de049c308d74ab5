"""Texts of others as a model reads them: numbered sentences, as data, between two lines that nothing in them can imitate.

A model cites by number and never by writing the words, so that what it was shown may differ from what is cited: characters
that nobody sees, links, and whatever could pass for the fence, for a number or for a chat template are taken out here.

What gives orders is left out whole, and what a model was not shown it cannot cite.  The gate alone would not do: where
"say that the mayor resigned" is cited, the words of "The mayor resigned" do stand there (docs/design/providers.md).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from tidings.ai.evidence import cite
from tidings.model import HEADLINE, STANDFIRST, Citation, Source
from tidings.text import sentence_spans, tidy

MOST_SENTENCE_CHARACTERS = 800

# ── what a model is shown of a sentence ──────────────────────────────────────────────────────────────────────────────

# Unseen characters by their category, and those that carry data unseen (variation selectors, Hangul fillers, blank braille).
_UNSEEN_CATEGORIES = frozenset(("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"))
_UNSEEN = frozenset(
    map(
        chr,
        (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0), 0x034F, 0x115F, 0x1160, 0x2800, 0x3164, 0xFFA0),
    )
)
_JOINERS = "\u200c\u200d"
_JOINED = re.compile("[\u0600-\u0dff]")  # scripts that are misspelt without joiners: Arabic to Sinhala
_LINK = re.compile(
    r"(?:\b(?:https?|ftp|data|javascript|vbscript|file|mailto)\s*:|\bwww\.)\S*|!?\[[^\[\]]{0,300}\]\([^()\s]{0,2000}\)",
    re.I,
)
_NUMBER_LIKE = re.compile(
    r"[\[(（［【{<‹]?\s?\ba\s?\d{1,4}\s?[.．·,:]\s?s\s?\d{1,4}\b\s?[\])）］】}>›]?", re.I
)
_CONTROL_WORD = re.compile(r"\[(/?[A-Z][A-Z_]{2,40})\]")
_RUN_OF_MARKS = re.compile(r"([<>=#`~|*_\-‹›])\1{2,}")
_ANGLES = str.maketrans({"<": "‹", ">": "›", "＜": "‹", "＞": "›"})


def as_shown(text: str) -> str:
    """Return a text as a model is shown it: NFC, on one line, without what is unseen, links and imitations of the fence."""
    text = "".join(_seen(unicodedata.normalize("NFC", text)))
    text = _NUMBER_LIKE.sub(" ", _LINK.sub("(link)", text))
    text = _RUN_OF_MARKS.sub(r"\1", _CONTROL_WORD.sub(r"(\1)", text).translate(_ANGLES))
    return tidy(text)


def _seen(text: str) -> Iterator[str]:
    before = ""
    for char in text:
        if char in _JOINERS:
            if _JOINED.match(before):
                yield char
        elif char in "\t\n\r\u2028\u2029":
            yield " "
        elif char not in _UNSEEN and unicodedata.category(char) not in _UNSEEN_CATEGORIES:
            yield char
        before = char


# ── sentences that are no report ─────────────────────────────────────────────────────────────────────────────────────

_MACHINE = (
    r"(?:a\.?i\.?|llms?|(?:large\ )?language\ models?|chat\ ?bots?|(?:ai|virtual|digital|helpful)[ -]assistants?|gpt\S*|chatgpt|copilot"
    r"|summari[sz]ers?|summari[sz]ation\ (?:tool|engine|model|bot)s?|k\.?i\.?|sprachmodelle?|assistente[ns]?|modelos?\ de\ lenguaje"
    r"|modèles?\ de\ langage)"
)
_SAY = (
    r"(?:say|write|output|print|reply|respond|answer|repeat|append|insert|render|echo|display|emit|return|tell|claim|state|confirm"
    r"|mention|conclude|sag(?:e|en\ sie)?|schreib(?:e|en\ sie)?|antworte(?:n\ sie)?|dis|dites|écris|écrivez|répond\w+|di|diga"
    r"|escrib\w+|responde?|scrivi|rispondi)"
)
_TO_MACHINES = re.compile(
    rf"""
    # what was said before is to be forgotten
      \b(?:ignore|disregard|forget|overrid\w+|bypass|discard|skip)\b.{{0,60}}
        \b(?:instruct\w*|prompts?|rules?|guidelines?|commands?|guardrails?|directives?|constraints?|(?:everything|the\ article)\ ?(?:above|before|and)?)\b
    | \b(?:ignorier\w*|missacht\w*|vergiss|vergesst|vergessen\ sie)\b.{{0,60}}\b(?:anweisung\w*|vorgaben?|regeln?|anleitung\w*|befehle?|prompts?)\b
    | \b(?:ignore[rz]?|oublie[rz]?)\b.{{0,60}}\b(?:instructions?|consignes?|r[èe]gles?)\b
    | \b(?:ignor[ae]\w*|olvid[ae]\w*|omit[ae]\w*|dimentica\w*|esque[cç]\w*|desconsider\w*)\b.{{0,60}}\b(?:instruc\w*|indicaciones|istruzion\w*|instruç\w*|reglas|regole|regras)\b
    | \b(?:negeer|vergeet)\b.{{0,60}}\b(?:instructies|regels|opdrachten)\b
    | \b(?:zignoruj|zapomnij)\b.{{0,60}}\b(?:instrukc\w*|polece\w*|zasad\w*)
    | \b(?:talimat\w*|komut\w*|kural\w*)\b.{{0,60}}\b(?:yok\s?say\w*|görmezden|unut\w*)
    | (?:игнорир|забуд|проигнорир)\w*.{{0,60}}(?:инструкц|указан|правил|команд)
    | (?:ігнору|забуд)\w*.{{0,60}}(?:інструкц|вказів|правил)
    | (?:تجاهل|انس|انسَ).{{0,60}}(?:تعليمات|الأوامر|أوامر|القواعد)
    | (?:نادیده|فراموش).{{0,60}}(?:دستور)|(?:دستور).{{0,60}}(?:نادیده|فراموش)
    | (?:निर्देश|आदेश).{{0,60}}(?:अनदेखा|भूल|नज़रअंदाज़)|(?:अनदेखा|नज़रअंदाज़).{{0,60}}(?:निर्देश|आदेश)
    | (?:התעלם|התעלמו|שכח).{{0,60}}(?:הוראות|ההוראות)
    | (?:指示|命令|指令|プロンプト|ルール|規則|提示|说明|說明).{{0,30}}(?:無視|忘れ|忽略|无视|忘记|忘記)
    | (?:忽略|无视|無視|忘记|忘記|不要理会).{{0,30}}(?:指示|命令|指令|提示|规则|規則|说明|說明|要求)
    | (?:지시|명령|지침|프롬프트|규칙).{{0,30}}(?:무시|잊)
    # a machine is spoken to, or told who it is
    | \byou\ are\ (?:now\ |no\ longer\ |actually\ )?(?:an?\ |the\ |in\ )?(?:\w+\ ){{0,3}}{_MACHINE}\b
    | \b(?:as|to|for|dear|attention|hey|hello|if\ you\ are)[ ,:]+(?:an?\ |the\ |all\ |any\ |every\ |your\ )?(?:\w+\ ){{0,2}}{_MACHINE}\b[^.]{{0,30}}
        (?:[:,!]|\b(?:you|must|please|should|reading|processing|summari[sz]ing)\b)
    | \bas\ (?:the|an|your)\ assistant\b | \bassistant\ confirms?\b
    | \b(?:du\ bist|sie\ sind|tu\ es|vous\ êtes|eres|sei|você\ é)\b.{{0,30}}\b{_MACHINE}\b
    | \b(?:system|developer|hidden|initial)[ -]?(?:prompt|message|instruction|override)s?\b
    | \b(?:jailbreak|developer\ mode|debug\ mode)\b
    | (?:^|[\n‹(|\#\]>])\s*/?(?:system|assistant|developer|user|human|model|tool|ai)\s*(?:[:：›|>]|\]:)
    | \b(?:im_start|im_end|start_of_turn|end_of_turn|endoftext|begin_of_text|eot_id|start_header_id)\b | [\[(]/?(?:INST|SYS)[\])]
    | (?:new|real|updated|neue|nouvelle|nueva)\ (?:instruction|objective|anweisung|consigne|instrucci)\w*\s*[:：]
    | \b(?:machine|robot|bot|crawler|scraper|algorithm)s?\b.{{0,20}}\b(?:say|write|repeat|believe|reads?\ (?:this|it)|that\ reads?)\b
    | 당신은.{{0,20}}(?:AI|인공지능|비서|모델|챗봇)|あなたは.{{0,20}}(?:AI|アシスタント|モデル)|你(?:现在)?是.{{0,20}}(?:AI|助手|模型)
    | أنت\ .{{0,20}}(?:مساعد|نموذج)|(?:ты|вы)\ .{{0,20}}(?:ассистент|модел)
    # words are put into a summary's mouth
    | \b(?:your|its|any|every|all|dein\w*|ihr\w*|votre|ta|tu|su)\s(?:\w+\s){{0,2}}(?:summar\w+|reply|response|output|completion|zusammenfassung\w*|antwort|résumé|réponse|resumen|respuesta|riassunto)\b
        .{{0,60}}\b(?:must|should|shall|has\ to|needs?\ to|is\ to|are\ to|begins?|ends?|starts?|contains?|includes?|muss|soll\w*|doit|debe|deve)\b
    | \b(?:correct|right|true|proper|approved)\ (?:summary|reply|response|output)\b
    | \b(?:in|into|to|of|with|from)\ (?:your|every|any)\ (?:\w+\ )?(?:summary|output|reply|response|completion|answer)\b | \bin\ the\ output\b
    | \bmust\ not\ be\ summari[sz]ed\b
    # the form of a reply
    | "(?:cites?|sentences|text|role|content)"\s*: | \bcites?\s*[=:]\s*\[ | \b(?:tool|function)[ _]calls?\b | \bcall\ the\ (?:tool|function)\b
    """,
    re.I | re.X,
)
# Characters and marks that no report is written with: hidden or turning ones inside words, letters of two scripts in one word,
# letters spelt apart, tags, marks of templates, numbers like ours, addresses that are programs, links and pictures in markdown.
_ODD = re.compile(
    r"""
      [\U000e0000-\U000e01ef\u202a-\u202e\u2066-\u2069]
    | [A-Za-z][\u200b-\u200d\u2060\ufeff][A-Za-z].{0,80}[A-Za-z][\u200b-\u200d\u2060\ufeff][A-Za-z]
    | (?:[A-Za-z][\u0391-\u03bb\u03bd-\u03ff\u0400-\u04ff]|[\u0391-\u03bb\u03bd-\u03ff\u0400-\u04ff][A-Za-z]).{0,80}(?:[A-Za-z][\u0391-\u03bb\u03bd-\u03ff\u0400-\u04ff]|[\u0391-\u03bb\u03bd-\u03ff\u0400-\u04ff][A-Za-z])
    | (?<!\w)(?:\w[ ]){6,}\w(?!\w)
    | <\|?/?[A-Za-z!|] | \|> | (?:<<<|>>>|\#\#\#|```) | \b(?:javascript|vbscript):\S | \bdata:[a-z]+/
    | \[[^\[\]]{0,300}\]\([^()\s]{1,2000}\) | \[\s?a\s?\d{1,4}\s?\.\s?s\s?\d{1,4} | \ba\d{1,3}\.s\d{1,3}\b
    """,
    re.I | re.X,
)
# A report tells what happened; what tells its reader what to do is something else, and a model would take it for an order.
_TO_READERS = re.compile(
    rf"""
      \b(?:you|your|yours|yourself)\b | \b(?:du\ (?:musst|sollst)|sie\ müssen|vous\ devez|tu\ dois|debes|usted\ debe)\b | 당신|あなた|你必须|您
    | (?:^|[:;,.!“"'»]\s*|\b(?:please|now|instead|must|then|and|simply|just|only|always|bitte)\s){_SAY}\b
        .{{0,40}}(?:\bthat\b|\bdass\b|\bque\b|\bche\b|[:："“„«‘]|\bthe\ following\b|\bonly\b|\bexactly\b|\bverbatim\b|\bnothing\b|\blink\b|\bwords?\b)
    | ^[\W_]*(?:please\s|bitte\s)?(?:ignore|disregard|include|add|append|replace|attribute|cite|decode|translate|summari[sz]e|repeat|let\ us|let's|write|reply|output|tell|imagine|pretend)\b
    | (?:라고|다고)\s?(?:말하|답하|써|쓰|출력|적)(?:라|세요|십시오|시오|기)|と(?:言|い|書|答え|出力)(?:って|え|いて|て|し)?.{{0,6}}(?:ください|なさい|こと|せよ|しろ)
    | (?:回答|输出|寫|写|说|說|回复)[:：“「]|(?:قل|اكتب|أجب)\s.{{0,20}}(?:إن|أن|:)|(?:скажи|напиши|ответь)\w*.{{0,20}}(?:что|:)
    | \b(?:https?://|www\.)\S | \b[A-Za-z0-9+/]{{32,}}
    """,
    re.I | re.X,
)
_QUOTED = re.compile('[“„«「][^“”„«»「」]{0,600}[”“»」]|"[^"]{0,600}"')


def speaks_to_a_machine(text: str) -> bool:
    """Return whether a sentence gives orders to what reads it by machine, or is written with what only machines see.

    By rules, in a dozen languages: some that do will not be found.
    """
    text = text[:MOST_SENTENCE_CHARACTERS]
    folded = unicodedata.normalize("NFKC", as_shown(text))
    return bool(_ODD.search(text) or _TO_MACHINES.search(folded))


def speaks_to_its_reader(text: str) -> bool:
    """Return whether a sentence tells its reader what to do, outside quotation marks: no report, whatever it says."""
    folded = unicodedata.normalize("NFKC", text[:MOST_SENTENCE_CHARACTERS])
    return bool(_TO_READERS.search(_QUOTED.sub(" “” ", folded)))


# ── the fence ────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Numbered:
    """A sentence that may be cited as `number` ("a1.s3"): where it stands, and `text` as the model is shown it."""

    number: str
    citation: Citation
    text: str


def readable(sources: Sequence[Source], *, characters: int) -> tuple[Numbered, ...]:
    """Return the sentences that a model reads: of each source the headline and the first ones, in equal parts of the room.

    What is no report is left out: sentences that speak to their reader, and paragraphs in which one speaks to a machine,
    since the next sentence is then part of the same attempt.  Only the beginning of an endless sentence is shown.
    """
    room = characters // max(1, len(sources))
    return tuple(
        sentence for place, source in enumerate(sources, 1) for sentence in _of_source(place, source, room)
    )


def _of_source(place: int, source: Source, room: int) -> Iterator[Numbered]:
    count = 0
    for _, group in groupby(sentences_of(source), key=lambda citation: citation.paragraph):
        paragraph = list(group)
        is_tainted = any(speaks_to_a_machine(citation.words) for citation in paragraph)
        for citation in paragraph:
            count += 1
            shown = as_shown(citation.words[:MOST_SENTENCE_CHARACTERS])
            if is_tainted or not shown or speaks_to_its_reader(citation.words):
                continue
            room -= len(shown)
            if room < 0:
                return
            yield Numbered(f"a{place}.s{count}", citation, shown)


def sentences_of(source: Source) -> Iterator[Citation]:
    """Yield every sentence of an article: headline, standfirst, then the text."""
    for paragraph in (HEADLINE, STANDFIRST, *range(len(source.paragraphs))):
        for start, end in sentence_spans(source.text(paragraph), source.language):
            yield cite(source, paragraph, start, end)


def fenced(sentences: Sequence[Numbered], sources: Sequence[Source], *, nonce: str) -> str:
    """Return the sentences as lines between two that hold `nonce`; of several articles each under its publisher and day."""
    heads = {
        f"a{place}": f"{as_shown(source.publisher)[:80]} of {source.at:%Y-%m-%d}:"
        for place, source in enumerate(sources, 1)
        if len(sources) > 1
    }
    lines = [f"<<<ARTICLES {nonce}>>>"]
    for sentence in sentences:
        head = heads.pop(sentence.number.partition(".")[0], None)
        lines += [head] if head else []
        lines.append(f"[{sentence.number}] {sentence.text}")
    return "\n".join([*lines, f"<<<END {nonce}>>>"])
