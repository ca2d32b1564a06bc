"""The configuration of a run: what it accepts, what it says of the rest, and its way through JSON."""

import json
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from rnnviz.cells import CELLS
from rnnviz.config import RunConfig
from rnnviz.config.run_config import LIVE_FIELDS, Init, sentences
from rnnviz.tasks import TASKS
from tests.builders import config


def number(low, high):
    return st.floats(low, high, allow_nan=False)


CONFIGS = st.builds(
    RunConfig,
    cell=st.sampled_from(list(CELLS)),
    layers=st.integers(1, 3),
    hidden=st.integers(1, 1024),
    embedding=st.integers(0, 1024),
    init=st.sampled_from(get_args(Init)),
    gain=number(1e-6, 100),
    forget_bias=st.none() | number(-50, 50),
    task=st.sampled_from(list(TASKS)),
    file=st.sampled_from([Path("story.txt"), Path("a folder") / "Grüße.txt"]),
    length=st.integers(
        max(kind.least_length for kind in TASKS.values()),
        min(kind.greatest_length or 2000 for kind in TASKS.values()),
    ),
    batch=st.integers(1, 1024),
    optimizer=st.sampled_from(["sgd", "rmsprop", "adam"]),
    rate=number(1e-12, 1000),
    clip=st.sampled_from(["off", "norm", "value"]),
    threshold=number(1e-12, 1e6),
    seed=st.integers(0, 2**31 - 1),
    shown=st.sampled_from(["fixed", "batch"]),
)

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


def refusal(**changes):
    with pytest.raises(ValidationError) as refused:
        RunConfig(**changes)
    return sentences(refused.value)


@given(CONFIGS)
def test_a_configuration_survives_json(configuration):
    assert RunConfig.model_validate_json(configuration.model_dump_json()) == configuration


@given(CONFIGS)
def test_json_is_plain(configuration):
    assert set(json.loads(configuration.model_dump_json())) == set(RunConfig.model_fields)


@given(field=st.sampled_from(list(RunConfig.model_fields)), value=ANYTHING)
def test_any_value_is_accepted_or_answered_with_a_sentence(field, value):
    try:
        RunConfig(**{field: value})
    except ValidationError as error:
        for sentence in sentences(error).splitlines():
            assert sentence.startswith(f"{field} is ")  # either outcome is right
            assert ", expected " in sentence
        assert len(sentences(error)) < 300  # noqa: PT017


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"hidden": 0}, "hidden is 0, expected greater than or equal to 1"),
        ({"hidden": 1025}, "hidden is 1025, expected less than or equal to 1024"),
        ({"hidden": "many"}, "hidden is 'many', expected a valid integer, unable to parse string as an integer"),
        ({"hidden": 1.5}, "hidden is 1.5, expected a valid integer, got a number with a fractional part"),
        ({"rate": float("nan")}, "rate is nan, expected a finite number"),
        ({"rate": 0}, "rate is 0, expected greater than 0"),
        ({"cell": "lstn"}, f"cell is 'lstn', expected one of {', '.join(CELLS)}"),
        ({"cell": 3}, "cell is 3, expected a valid string"),
        ({"task": "poems"}, f"task is 'poems', expected one of {', '.join(TASKS)}"),
        ({"optimizer": "lion"}, "optimizer is 'lion', expected 'sgd', 'rmsprop' or 'adam'"),
        ({"file": 5}, "file is 5, expected a path"),
        ({"task": "text"}, "file is not set, expected the path of a UTF-8 text for the task 'text'"),
        ({"hiden": 8}, f"'hiden' is not a setting, expected one of {', '.join(RunConfig.model_fields)}"),
    ],
    ids=str,
)
def test_refusals_name_the_field_the_value_and_the_expectation(changes, sentence):
    assert refusal(**changes) == sentence


def test_every_refused_field_has_its_own_line():
    assert refusal(hidden=0, rate=-1).splitlines() == [
        "hidden is 0, expected greater than or equal to 1",
        "rate is -1, expected greater than 0",
    ]


@pytest.mark.parametrize("text", ["", "{", "[1]", "5", "null"])
def test_json_that_is_no_configuration_is_answered_with_a_sentence(text):
    with pytest.raises(ValidationError) as refused:
        RunConfig.model_validate_json(text)
    assert sentences(refused.value).startswith("the configuration is ")
    assert ", expected a JSON object" in sentences(refused.value)


def test_a_very_long_value_is_shortened_in_its_sentence():
    assert len(refusal(cell=["x"] * 10_000)) < 300


def test_a_configuration_cannot_be_written():
    with pytest.raises(ValidationError, match="frozen"):
        config().hidden = 5


def test_a_changed_configuration_is_another_one_and_validated_anew():
    old = config(hidden=6)
    assert old.changed(hidden=7).hidden == 7
    assert old.hidden == 6
    with pytest.raises(ValidationError):
        old.changed(hidden=0)


@pytest.mark.parametrize("name", RunConfig.model_fields)
def test_every_field_is_described_for_the_form(name):
    field = RunConfig.model_fields[name]
    assert field.title
    assert field.description.endswith(".")
    assert field.json_schema_extra["group"] in {"Model", "Task", "Training", "What you see"}
    slider = field.json_schema_extra["slider"]
    if slider is not None:
        low, high = slider
        assert low < high
        RunConfig(**{name: low})
        RunConfig(**{name: high})


def test_live_fields_are_fields():
    assert set(LIVE_FIELDS) <= set(RunConfig.model_fields)
