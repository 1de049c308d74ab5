"""Whether a text is straight news, somebody's view of it, or a running blog: as its publisher labels it, in many languages.

A label stands as the section, as a step of the address, or before or behind the headline ("Opinion: …", "… – live").  What is
not labelled counts as news; nothing is guessed from the words of the text.
"""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import unquote, urlsplit

Genre = Literal["news", "comment", "live"]

_COMMENT = """
    analysis | analyses | blog | blogs | column | columns | columnist | columnists | comment | comments | commentary |
    comment is free | commentisfree | contributors | debate | editorial | editorials | essay | essays | explainer | explainers |
    guest essay | ideas | leader | leaders | leading article | leading articles | letter | letters | letters to the editor |
    op ed | oped | opinion | opinions | perspective | perspectives | review | reviews | satire | sketch | view | viewpoint |
    viewpoints | views | voices |
    analyse | analysen | debatte | essais | gastbeitrag | gastkommentar | glosse | kolumne | kolumnen | kommentar | kommentare |
    leitartikel | leserbriefe | meinung | meinungen | standpunkt |
    chronique | chroniques | débat | débats | edito | édito | éditorial | éditoriaux | édito du jour | idées | point de vue | tribune |
    tribunes | análisis | columna | columnas | columnistas | editoriales | opinión | tribuna | analisi | commenti | commento |
    editoriale | editoriali | opinione | opinioni | rubriche | análise | coluna | colunas | colunistas | opinião |
    commentaar | opinie | debatt | krönika | krönikor | ledare | kronikk | kronikker | leder | meninger | debat | kronik | kolumni |
    kolumnit | mielipide | pääkirjoitus | analiza | felieton | felietony | komentarze | opinie | komentáře | komentář | názory |
    vélemény | opinii | мнение | мнения | колонка | колонки | думка | думки | погляди | görüş | köşe yazıları | yazarlar |
    άποψη | απόψεις | γνώμες | رأي | آراء | مقالات | דעה | דעות | संपादकीय | विचार | opini | kolom | bình luận | góc nhìn |
    社説 | オピニオン | コラム | 論説 | 사설 | 오피니언 | 칼럼 | 기고 | 사설 칼럼 | 시론 | 评论 | 社评 | 观点 | 評論 | 社論 | 觀點
"""
_LIVE = """
    as it happened | blow by blow | live | live blog | live coverage | live news | live report | live reporting | live ticker |
    live updates | liveblog | liveticker | latest updates | minute by minute | newsblog | rolling coverage |
    direct | en direct | le direct | directo | en directo | en vivo | minuto a minuto | diretta | in diretta |
    ao vivo | na żywo | relacja na żywo | direkte | suorana | canlı | مباشر | 실시간 | 直播
"""


def _labels(text: str) -> frozenset[str]:
    return frozenset(label.strip() for label in text.replace("\n", " ").split("|"))


_BY_LABEL: dict[str, Genre] = dict.fromkeys(_labels(_COMMENT), "comment")
_BY_LABEL |= dict.fromkeys(_labels(_LIVE), "live")
_APART = re.compile(r"\s*[:|：｜]\s*|\s+[–—-]\s+|[\[\]【】]")
_BETWEEN_WORDS = re.compile(r"[\s_./&·+-]+")
_LONGEST_LABEL = 40


def genre_of(*, headline: str, section: str | None = None, url: str = "") -> Genre:
    """Return what a publisher calls a text; running blogs are told from views, which change less."""
    pieces = [piece for piece in _APART.split(headline[:500]) if piece]
    labels = [pieces[0], pieces[-1]] if len(pieces) > 1 else []
    labels += [section or "", *_steps(url)]
    found = {_BY_LABEL.get(_folded(label)) for label in labels if len(label) <= _LONGEST_LABEL}
    return "live" if "live" in found else "comment" if "comment" in found else "news"


def _steps(url: str) -> list[str]:
    """The steps of an address that name a place in the site: all but the last, which is the article's own."""
    try:
        return [unquote(step) for step in urlsplit(url[:2000]).path.split("/")[1:-1]]
    except ValueError:
        return []


def _folded(label: str) -> str:
    return _BETWEEN_WORDS.sub(" ", label.casefold()).strip()
