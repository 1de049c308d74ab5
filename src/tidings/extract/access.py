"""What stands between a reader and the text: paywalls, consent walls; and pages that are no article at all."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import islice

from lxml.html import HtmlElement

from tidings.extract.metadata import Metadata
from tidings.extract.tags import text_of

# Phrases of a wall; each line one language.  They count only in short blocks: an article about subscriptions is none.
_PAYWALL = re.compile(
    r"""subscribe\s+(?:now\s+)?to\s+(?:continue|keep)\s+reading|to\s+(?:continue|keep)\s+reading,?\s+(?:please\s+)?(?:subscribe|sign|log|register|create)
    |(?:this|the)\s+(?:article|content|story|page)\s+is\s+(?:only\s+)?(?:available\s+(?:only\s+)?(?:to|for)|for|reserved\s+for|exclusive(?:ly)?\s+(?:to|for))\s+(?:our\s+|paid\s+|paying\s+)?(?:subscribers|members)
    |already\s+(?:a\s+)?(?:subscriber|subscribed|a\s+member)\?|(?:subscriber|member)s?[\s-]+only\s+(?:content|article|story)
    |you(?:'|’)?(?:ve|\s+have)\s+(?:reached|read)\s+(?:your|the|all\s+your)\s+(?:\w+\s+){0,3}(?:limit|free\s+articles)
    |(?:jetzt|hier)\s+(?:weiterlesen|abonnieren)|weiterlesen\s+mit|(?:dieser|der)\s+artikel\s+ist\s+(?:nur\s+)?für\s+abonnent|um\s+weiterzulesen
    |(?:cet\s+)?article\s+(?:est\s+)?réservé\s+aux\s+abonnés|il\s+vous\s+reste\s+[\d.,]+\s*%|pour\s+lire\s+la\s+suite
    |contenido\s+(?:exclusivo|reservado)\s+para\s+suscriptores|suscríbete\s+para\s+(?:seguir|continuar)\s+leyendo
    |per\s+continuare\s+a\s+leggere|contenuto\s+riservato\s+agli\s+abbonati|conteúdo\s+exclusivo\s+para\s+assinantes
    |aby\s+czytać\s+dalej|artykuł\s+(?:tylko\s+)?dla\s+(?:subskrybentów|prenumeratorów)|dostęp\s+tylko\s+dla
    |(?:구독자|회원)\s*전용|로그인\s*후\s*이용|(?:有料|会員)(?:会員)?限定|この記事は有料|续读|付费|訂閱""",
    re.I | re.X,
)
_CONSENT = re.compile(
    r"""(?:we|our\s+partners)\s+(?:and\s+our\s+[\w\s]{0,40})?(?:use|store)\s+(?:and/or\s+access\s+)?(?:\w+\s+){0,4}cookies?|accept\s+(?:all\s+)?(?:cookies)?\s*(?:and\s+continue|to\s+continue)
    |before\s+you\s+continue|manage\s+(?:your\s+)?(?:privacy|cookie|consent)|consent\s+to\s+(?:the\s+|our\s+|such\s+)?(?:use|processing)|precise\s+geolocation|legitimate\s+interests?|(?:our|\d+)\s+partners\s+(?:process|store|use)|your\s+(?:privacy|consent)\s+(?:choices|settings|preferences)
    |(?:withdraw|give|your)\s+consent|cookie[\s-]+(?:policy|settings|preferences|notice|consent)|we\s+value\s+your\s+privacy|personal(?:ised|ized)\s+(?:ads|advertising|content)
    |wir\s+(?:verwenden|nutzen|und\s+unsere\s+partner)\s+[^.]{0,60}cookies|(?:ihre|deine)\s+(?:einwilligung|zustimmung|privatsphäre)|mit\s+werbung\s+(?:weiter)?lesen|datenschutz-?einstellungen
    |nous\s+(?:et\s+nos\s+partenaires\s+)?utilisons\s+des\s+cookies|votre\s+consentement|accepter\s+et\s+(?:continuer|fermer)
    |(?:utilizamos|usamos)\s+cookies|aceptar\s+y\s+continuar|consentimiento|utilizziamo\s+(?:i\s+)?cookie|używamy\s+plików\s+cookie|쿠키를?\s*사용|同意して続行""",
    re.I | re.X,
)
_ERROR_TITLE = re.compile(
    r"""^\W*error\W*$|^\W*(?:oops|uh[\s-]oh)\b|can(?:'|’|no)t\s+(?:find|be\s+found)|(?:internal\s+server|bad\s+gateway|gateway\s+time-?out)\s*(?:error)?\W*$|^\W*(?:service\s+(?:temporarily\s+)?|temporarily\s+)?unavailable\W*$
    |^\W*451\b|^\W*(?:site\s+|under\s+|scheduled\s+)?maintenance\W*$|^\W*we(?:'|’)?(?:ll|\s+will)\s+be\s+(?:right\s+)?back|^index\s+of\s+/|\bdomain\s+(?:name\s+)?is\s+for\s+sale|^\S+\.\w+\s+is\s+for\s+sale
    |^\W*(?:error\W*)?(?:404|403|410|500|502|503)\b|\b(?:page|article|story|content|file)\s+(?:was\s+|is\s+|could\s+not\s+be\s+|cannot\s+be\s+|can(?:'|’)t\s+be\s+)?(?:not\s+)?(?:found|available|unavailable)\b
    |^\W*not\s+found|^access\s+denied|^forbidden|seite\s+(?:wurde\s+)?nicht\s+gefunden|page\s+(?:introuvable|non\s+trouvée)|página\s+no\s+encontrada
    |pagina\s+non\s+trovata|strona\s+nie\s+(?:została\s+)?(?:znaleziona|istnieje)|페이지를\s*찾을\s*수\s*없|ページが見つかりません""",
    re.I | re.X,
)
_LOGIN_TITLE = re.compile(
    r"^\W*(?:(?:please\s+)?(?:log|sign)\s*-?\s*in|login|anmelden|anmeldung|einloggen|connexion|se\s+connecter|iniciar\s+sesión|accedi|entrar|zaloguj(?:\s+się)?|로그인|ログイン|登录)\b",
    re.I,
)
_NEEDS_SCRIPTS = re.compile(
    r"(?:enable|activate|turn\s+on|needs|requires?)\s+(?:java\s*script|js\b)|javascript\s+(?:is\s+)?(?:disabled|required)|javascript\s+(?:aktivieren|einschalten)|activer\s+javascript",
    re.I,
)
# What is offered at a wall; only read where there is one.
_OFFER = re.compile(
    r"""cancel\s+(?:at\s+)?any\s*time|unlimited\s+access|billed\s+(?:monthly|annually|yearly)|free\s+trial|your\s+subscription|choose\s+(?:a|your)\s+plan
    |jederzeit\s+kündbar|im\s+ersten\s+monat|probemonat|monatlich\s+kündbar|sans\s+engagement|accès\s+(?:illimité|à\s+tous\s+les)|résiliable|cancela\s+cuando|acceso\s+ilimitado
    |\d\s*(?:€|\$|£|eur\b|usd\b|kr\b|zł|crowns?\b)[^.]{0,40}\b(?:par|per|pro|a|al|por|im|le|/)\s*(?:\d+(?:er)?\s*)?(?:mois|month|monat|mes|mese|miesiąc|week|woche|year|jahr|an)\b""",
    re.I | re.X,
)
_CHALLENGE = re.compile(
    r"^just\s+a\s+moment|review\s+the\s+security\s+of\s+your\s+connection|checking\s+if\s+the\s+site\s+connection\s+is\s+secure|attention\s+required|are\s+you\s+(?:a\s+)?(?:human|robot)|verify(?:ing)?\s+(?:that\s+)?you\s+are\s+(?:a\s+)?human"
    r"|checking\s+your\s+browser|security\s+check|pardon\s+our\s+interruption|captcha|enable\s+javascript\s+(?:and\s+cookies\s+)?to\s+continue",
    re.I,
)
_MARKED_WALL = (
    "//*[self::div or self::section or self::aside][contains(@class,'paywall') or contains(@id,'paywall')"
    " or contains(@class,'Paywall') or contains(@class,'regwall') or contains(@class,'subscribe-wall')]"
)
_MAX_WALL_CHARS = 400
_MAX_LISTING_CHARS, _MAX_LISTING_LINKS = 50_000, 500
_LEAST_TEASERS, _MAX_TEASERS = 6, 100


def is_paywall_notice(block: str) -> bool:
    return len(block) <= _MAX_WALL_CHARS and bool(_PAYWALL.search(block))


def is_consent_notice(block: str) -> bool:
    return bool(_CONSENT.search(block[:2000]))


def wall_in(tree: HtmlElement) -> bool:
    """Whether an element of the page, by its class or words, asks readers to pay for the rest."""
    for element in tree.xpath(_MARKED_WALL)[:20]:
        if _PAYWALL.search(" ".join(element.text_content().split())[:2000]):
            return True
    return False


def is_paywalled(meta: Metadata, tree: HtmlElement, blocks: Sequence[str], *, notice_seen: bool) -> bool:
    """Whether the text we have stops at a paywall.

    A page that calls itself locked but carries its whole text (a metered one does) is open: the words are there.
    """
    if notice_seen or wall_in(tree):
        return True
    length = sum(map(len, blocks))
    if meta.word_count and sum(len(b.split()) for b in blocks) < 0.6 * meta.word_count and length < 3000:
        return meta.locked
    return meta.locked and length < 1500


def is_offer(block: str) -> bool:
    """Whether a block behind a wall says what passing it costs."""
    return len(block) <= _MAX_WALL_CHARS and bool(_OFFER.search(block))


def is_error_page(titles: Collection[str]) -> bool:
    return any(map(_ERROR_TITLE.search, titles))


def is_login_page(titles: Collection[str]) -> bool:
    return any(map(_LOGIN_TITLE.search, titles))


def is_challenge(texts: Collection[str]) -> bool:
    return any(map(_CHALLENGE.search, texts))


def needs_scripts(blocks: Collection[str]) -> bool:
    return any(map(_NEEDS_SCRIPTS.search, blocks))


def is_consent_page(meta: Metadata, blocks: Sequence[str]) -> bool:
    """Whether most of what can be read asks for consent to cookies, and little else is there."""
    length = sum(map(len, blocks))
    if length >= 4000:
        return False
    notices = [b for b in blocks if is_consent_notice(b)]
    if notices and sum(map(len, notices)) >= 0.4 * length:
        return len(notices) >= 2 or is_consent_notice(meta.headline or "") or length < 1200
    return length < 200 and is_consent_notice(meta.headline or "")


def is_listing(
    meta: Metadata, blocks: Sequence[str], *, links: Collection[str], teasers: Collection[str]
) -> bool:
    """Whether what was found is mostly links to other articles, or teasers of them: seven characters in ten."""
    if meta.is_article:
        return False
    text = " ".join(blocks)[:_MAX_LISTING_CHARS]
    titles = sorted((link for link in links if 25 <= len(link) <= 300), key=len, reverse=True)[
        :_MAX_LISTING_LINKS
    ]
    found = [title for title in titles if title in text]
    if len(found) >= 8 and sum(map(len, found)) >= 0.7 * len(text):
        return True
    shown = "\n".join(teasers)
    return len(teasers) >= _LEAST_TEASERS and sum(
        len(block) for block in blocks if block in shown
    ) >= 0.7 * sum(map(len, blocks))


def teasers_in(tree: HtmlElement) -> list[str]:
    """Return the texts of the page's teasers of other articles: a heading that is a link, and a few lines with it."""
    found: list[str] = []
    for heading in tree.iter("h2", "h3", "h4"):
        if not (
            heading.find(".//a") is not None or any(a.tag == "a" for a in islice(heading.iterancestors(), 3))
        ):
            continue
        teaser = text_of(heading)
        if not 15 <= len(teaser) <= 250:
            continue
        for around in islice(heading.iterancestors(), 4):
            if around.xpath("count(.//h2|.//h3|.//h4) > 1 or string-length(.) > 1000"):
                break
            teaser = text_of(around)
        found.append(teaser)
        if len(found) == _MAX_TEASERS:
            break
    return found
