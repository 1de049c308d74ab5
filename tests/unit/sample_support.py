"""Small presses for tests: the real publishers with invented articles."""

import re
import shutil
from pathlib import Path

from sample.press import PRESS_FOLDER, Press, load_press


def article(name: str, publisher: str, published: str, *, more: str = "", body: str = "") -> str:
    """The text of an article's file; its story is what stands before the publisher in its name."""
    story = name.partition(f"-{publisher}-")[0]
    return (
        f'+++\nid = "{name}"\nstory = "{story}"\npublisher = "{publisher}"\npublished = "{published}"\n'
        f'headline = "Report {name}"\ntopics = ["a", "b"]\n{more}\n+++\n{body or PARAGRAPHS}\n'
    )


PARAGRAPHS = "\n\n".join(
    f"Paragraph {number} tells what the harbour board of Port Elin decided, in enough words to be read as prose, "
    f"and names figure {number * 17} among the numbers on its list."
    for number in range(1, 7)
)


def press_of(folder: Path, *texts: str) -> Press:
    """A press of the real publishers with these articles, each put where its front matter says."""
    table = (PRESS_FOLDER / "publishers.toml").read_text("utf-8")
    (folder / "publishers.toml").write_text(
        re.sub(r"(?m)^audio = .*$", 'audio = ["pier-courier-1"]', table), "utf-8"
    )
    for story in folder.glob("*/"):
        shutil.rmtree(story)
    for text in texts:
        name = re.search(r'^id = "(.*)"', text, re.MULTILINE)[1]
        story = re.search(r'^story = "(.*)"', text, re.MULTILINE)[1]
        (folder / story).mkdir(exist_ok=True)
        (folder / story / f"{name}.md").write_text(text, "utf-8")
    return load_press(folder)
