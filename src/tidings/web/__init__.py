"""The site: server-rendered pages, the same views as JSON under /api, and nothing that needs JavaScript.

site.py       create_app: the parts put together
reading.py    front page, stories, articles, hashtags, publishers, search     (public)
feeds.py      following feeds, quarantine                                      (changes need the operator)
operator.py   first run, login, marks, appearance
images.py     the signed image proxy        events.py  live news        hub.py  WebSub        health.py  probes, metrics
present.py    model values → what a page shows; words.py  ages, counts and health as people say them
desk.py       what every handler has: the instance, templates, responses
guard.py      sessions, form tokens, throttling; headers.py  what every answer carries
"""

from tidings.web.site import create_app

__all__ = ["create_app"]
