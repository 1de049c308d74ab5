"""What becomes of stories and copies when articles are taken down: as if those had never come."""

from __future__ import annotations

from collections.abc import Mapping

from tidings.model import CopyOf, Plan, Remains, StoryRank
from tidings.stories.copies import CopyIndex
from tidings.stories.ranking import Report, StoryFacts, rank


def closed_up(remains: Remains, *, owners: Mapping[int, str]) -> tuple[Plan, dict[int, StoryRank]]:
    """Return the plan for what is left behind and the ranks of the stories that go on; owners as for rank.

    Of articles that were copies of what is gone one is an original now, as their texts say, and the others are copies of it.
    """
    index = CopyIndex()
    found: dict[int, CopyOf] = {}
    for orphan in sorted(remains.orphans, key=lambda d: d.article_id):
        found |= {copy.article_id: copy for copy in index.place(orphan)}
    copies = remains.copies | found.keys()
    facts = [
        StoryFacts(
            story.story_id,
            tuple(Report(d.at, d.publisher_id, d.article_id in copies, d.agency) for d in story.articles),
        )
        for story in remains.stories
        if story.articles
    ]
    plan = Plan(copies=tuple(found.values()), recounted=remains.story_ids)
    return plan, {one.story_id: rank(one, owners=owners) for one in facts}
