"""Understanding: what an article is about, which reports repeat or tell the same event, what is related, ranked, tagged.

Pure: values in, plans out.  The order of the calls:

    describe(articles, embedder)      what everything below reads of an article
    Window.restore(...).assign(...)   wire copies, stories, merges, hashtags of a batch → Plan
    rank(facts)                       a story's place on the front page
    related(subject, candidates)      related articles with reasons
    facts_of(article)                 quotes with their speakers, figures, times, the date of the event
"""

from tidings.stories.cluster import Window
from tidings.stories.describe import describe
from tidings.stories.facts import facts_of
from tidings.stories.phrases import key_phrases
from tidings.stories.ranking import Report, StoryFacts, rank
from tidings.stories.related import related
from tidings.stories.similarity import similarity

__all__ = [
    "Report",
    "StoryFacts",
    "Window",
    "describe",
    "facts_of",
    "key_phrases",
    "rank",
    "related",
    "similarity",
]
