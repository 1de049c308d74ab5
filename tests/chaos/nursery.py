"""What every mortal worker would load first, loaded once, in the process that they are forked from (see test_kill.py).

The gazetteer, word counts, language tables and the language model's weights are five seconds of a core.
"""

from tests.chaos import mortal
from tests.unit.stories_texts import FLOOD_OWN, START, article
from tidings.stories.cluster import Window
from tidings.stories.describe import describe
from tidings.stories.facts import facts_of

TEXTS = (
    ("en", "Skarholt was not warned before the flood", FLOOD_OWN),
    ("de", "Leitzins steigt auf 3,5 Prozent", "Die Notenbank in Marnau hat den Leitzins am Mittwoch erhöht."),
    ("ko", "중앙은행 기준금리 인상", "중앙은행이 수요일 기준금리를 3.5퍼센트로 올렸다고 밝혔다."),
)

_articles = [article(n, title, text, language=code) for n, (code, title, text) in enumerate(TEXTS, 1)]
_described = describe(_articles, mortal.EMBEDDER)
for _article, _description in zip(_articles, _described, strict=True):
    facts_of(_article, names=_description.names, language=_description.language)
Window().assign(_described, now=START)
