"""How many numbers a network learns, without building it; networks of another cell that learn about as many."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz.cells import CELLS
from rnnviz.config.budget import parameters, same_budget
from rnnviz.networks import build_network
from tests.builders import config, trainer

EVERY_CELL = pytest.mark.parametrize("cell", CELLS)


@EVERY_CELL
@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("embedding", [0, 1, 7])
@pytest.mark.parametrize(("vocabulary", "labels"), [(9, 9), (6, 4), (2, 11)])
def test_the_number_is_that_of_the_network(cell, layers, embedding, vocabulary, labels):
    run = config(cell=cell, layers=layers, embedding=embedding, hidden=5)
    network = build_network(run, vocabulary, labels)
    assert parameters(run, vocabulary, labels) == sum(part.numel() for part in network.parameters())


@EVERY_CELL
@pytest.mark.parametrize("task", ["hello", "python", "temporal_order"])
def test_the_number_is_that_of_a_run(cell, task):
    run = trainer(cell=cell, task=task)
    assert parameters(run.config, len(run.facts.vocabulary), len(run.facts.labels)) == run.facts.parameters


@st.composite
def runs(draw):
    """A run of any size, and what it reads and says."""
    run = config(
        cell=draw(st.sampled_from(list(CELLS))),
        hidden=draw(st.integers(1, 1024)),
        layers=draw(st.integers(1, 3)),
        embedding=draw(st.integers(0, 64)),
    )
    return run, (draw(st.integers(1, 100)), draw(st.integers(1, 100)))


@settings(deadline=None, max_examples=60)
@given(runs(), st.sampled_from(list(CELLS)))
def test_no_other_size_comes_nearer_to_the_budget(drawn, cell):
    run, sizes = drawn
    budget = parameters(run, *sizes)
    found = same_budget(run, cell, *sizes)
    assert found == run.changed(cell=cell, hidden=found.hidden)
    others = (found.model_copy(update={"hidden": hidden}) for hidden in range(1, 1025))
    assert abs(parameters(found, *sizes) - budget) == min(abs(parameters(other, *sizes) - budget) for other in others)


@EVERY_CELL
def test_the_same_cell_keeps_its_size(cell):
    run = config(cell=cell, hidden=37)
    assert same_budget(run, cell, 20, 20) == run
