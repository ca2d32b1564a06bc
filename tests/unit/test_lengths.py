"""Any length that can be set is trained, or refused in a sentence before anything is opened."""

import numpy as np
import pytest
from pydantic import ValidationError

from rnnviz.config.run_config import sentences
from rnnviz.files.errors import BadFileError
from rnnviz.tasks import TASKS
from rnnviz.training.trainer import Trainer
from tests.builders import config, file_for

LENGTHS = ("1", "2", "least", "greatest", "200", "2000")
SMALL = {"cell": "rnn_tanh", "hidden": 3, "batch": 1}


def length_of(kind, name):
    named = {"least": kind.least_length, "greatest": kind.greatest_length or 1000}
    return named[name] if name in named else int(name)


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("name", TASKS)
def test_a_length_is_trained_or_refused_with_what_would_do(name, length, tmp_path):
    tokens, file = length_of(TASKS[name], length), file_for(name, tmp_path)
    try:
        settings = config(task=name, file=file, length=tokens, **SMALL)
    except ValidationError as error:
        assert sentences(error).startswith(f"length is {tokens}, expected at ")  # noqa: PT017  # either outcome is right
        assert sentences(error).endswith(f" for the task {name!r}")  # noqa: PT017
        return
    try:
        run = Trainer(settings)
    except BadFileError as error:
        assert file is not None
        assert str(error).startswith(f"{file}: ")  # noqa: PT017  # a file of the user's may be too short
        assert str(tokens) in str(error)  # noqa: PT017
        assert "expected" in str(error)  # noqa: PT017
        return
    assert np.isfinite(run.update().loss)


@pytest.mark.parametrize("name", [kind.name for kind in TASKS.values() if kind.greatest_length])
def test_a_token_more_than_the_greatest_length_is_refused(name):
    most = TASKS[name].greatest_length
    config(task=name, length=most)
    with pytest.raises(ValidationError) as refused:
        config(task=name, length=most + 1)
    assert sentences(refused.value) == f"length is {most + 1}, expected at most {most} for the task {name!r}"
