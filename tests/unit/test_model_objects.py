"""JSON out of what a model wrote."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidings.ai.objects import object_in, objects_in

ROW = '{"text": "The pier closed.", "cites": ["a1.s1"]}'
WHOLE = f'{{"sentences": [{ROW}]}}'


@pytest.mark.parametrize(
    "text",
    [
        WHOLE,
        f"```json\n{WHOLE}\n```",
        f"Sure! Here is the JSON you asked for: {WHOLE} I hope it helps {{:-)}}.",
        f'<think>They want {{"sentences": []}}.</think>\n{WHOLE}',
        f'{{"note": 1}} {WHOLE}',
        f"{{{{ {WHOLE}",
    ],
)
def test_the_object_asked_for_is_found(text: str) -> None:
    assert object_in(text, {"required": ["sentences"]}) == json.loads(WHOLE)


def test_of_an_object_that_is_cut_off_those_inside_are_found() -> None:
    cut = f'{{"sentences": [{ROW}, {ROW}, {{"text": "The may'
    assert list(objects_in(cut)) == [json.loads(ROW)] * 2
    assert object_in(cut, {"required": ["sentences"]}) is None


@pytest.mark.parametrize(
    "text", ["", "The pier closed.", "[1, 2]", "{", "{'text': 'x'}", "}{", '{"a": 1e999999}']
)
def test_where_there_is_none_there_is_none(text: str) -> None:
    assert object_in(text, {"required": ["sentences"]}) is None


@pytest.mark.parametrize("part", ["{", '{"a":', '{"a":[', '{"', "[{", '{"a":"'])
def test_hostile_brackets_take_no_time(part: str) -> None:
    begun = time.process_time()
    list(objects_in(part * 100_000))
    assert time.process_time() - begun < 2


@given(st.text(alphabet='{}[]":,ab1 \\', max_size=80))
def test_any_text_yields_objects_or_nothing(text: str) -> None:
    assert all(isinstance(value, dict) for value in objects_in(text))
