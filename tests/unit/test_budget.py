"""How many numbers a network learns, without building it; networks of another cell that learn about as many."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz.cells import CELLS
from rnnviz.config.budget import parameters, same_budget
from rnnviz.domain.values import Numbers, Symbols
from rnnviz.networks import build_network
from tests.builders import config, trainer


def symbols(count):
    """So many labels."""
    return Symbols(tuple(map(str, range(count))))


def numbers(count):
    """So many numbers."""
    return Numbers(tuple(map(str, range(count))))


KINDS = st.builds(lambda kind, count: kind(count), st.sampled_from([symbols, numbers]), st.integers(1, 100))
EVERY_CELL = pytest.mark.parametrize("cell", CELLS)


@EVERY_CELL
@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("embedding", [0, 1, 7])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("kind", [symbols, numbers])
@pytest.mark.parametrize(("read", "said"), [(9, 9), (6, 4), (2, 11)])
def test_the_number_is_that_of_the_network(cell, layers, embedding, *, bidirectional, kind, read, said):
    run = config(cell=cell, layers=layers, embedding=embedding, hidden=5, bidirectional=bidirectional)
    network = build_network(run, read, said, numbers=kind is numbers)
    for predicts in (symbols(said), numbers(said)):
        assert parameters(run, kind(read), predicts) == sum(part.numel() for part in network.parameters())


@EVERY_CELL
@pytest.mark.parametrize("task", ["hello", "python", "temporal_order", "adding", "delayed_bit", "mapping"])
def test_the_number_is_that_of_a_run(cell, task):
    run = trainer(cell=cell, task=task)
    assert parameters(run.config, run.facts.reads, run.facts.predicts) == run.facts.parameters


@st.composite
def runs(draw):
    """A run of any size, and what it reads and says."""
    run = config(
        cell=draw(st.sampled_from(list(CELLS))),
        hidden=draw(st.integers(1, 1024)),
        layers=draw(st.integers(1, 3)),
        embedding=draw(st.integers(0, 64)),
        bidirectional=draw(st.booleans()),
    )
    return run, (draw(KINDS), draw(KINDS))


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
    assert same_budget(run, cell, symbols(20), numbers(3)) == run
