"""A trainer put back to where it was, and its twins."""

import dataclasses

import numpy as np
import pytest
import torch

from rnnviz.cells import CELLS
from tests.builders import text_file, trainer

EVERY_CELL = pytest.mark.parametrize("cell", CELLS)
SMALL = {"hidden": 3, "embedding": 3, "length": 4, "batch": 2}
RATES = {"sgd": 0.3, "rmsprop": 0.005, "adam": 0.02}


@pytest.fixture
def story(tmp_path):
    return {"task": "text", "file": text_file(tmp_path)}


def weights(run):
    return torch.cat([parameter.detach().flatten() for parameter in run.network.parameters()])


def shown(run):
    """Everything that a trace says, as arrays."""
    trace = run.trace()
    (layer,) = trace.layers
    return [
        trace.losses,
        trace.reading.probabilities,
        *(value for value in vars(layer).values() if isinstance(value, np.ndarray)),
        *layer.gates.values(),
        *layer.gate_grads.values(),
    ]


def same(one, other):
    return all(np.array_equal(ours, theirs) for ours, theirs in zip(one, other, strict=True))


@pytest.mark.parametrize("optimizer", RATES)
@pytest.mark.parametrize("clip", ["off", "norm", "value"])
@pytest.mark.parametrize("made", [0, 1, 60])
def test_a_restored_run_goes_on_bit_for_bit(optimizer, clip, made, story):
    run = trainer(optimizer=optimizer, rate=RATES[optimizer], clip=clip, threshold=0.01, **story)
    list(run.updates(made))
    there, seen = run.snapshot(), shown(run)
    expected, end = list(run.updates(60)), weights(run)
    run.restore(there)
    assert same(shown(run), seen)
    assert list(run.updates(60)) == expected
    assert torch.equal(weights(run), end)


@EVERY_CELL
def test_every_cell_can_be_restored(cell, story):
    run = trainer(cell=cell, layers=2, **story)
    list(run.updates(3))
    there = run.snapshot()
    expected = list(run.updates(5))
    run.restore(there)
    assert list(run.updates(5)) == expected


@pytest.mark.parametrize("shown_sequence", ["fixed", "batch"])
def test_what_was_shown_and_checked_comes_back(shown_sequence, story):
    run = trainer(shown=shown_sequence, **story)
    list(run.updates(3))
    check, there, seen = run.self_check(), run.snapshot(), shown(run)
    list(run.updates(3))
    run.self_check()
    run.restore(there)
    assert run.trace().check == check
    assert run.trace().update == 3
    assert same(shown(run), seen)
    assert run.self_check() == check


def test_settings_that_were_changed_in_between_come_back(story):
    run = trainer(optimizer="sgd", rate=0.1, clip="off", **story)
    list(run.updates(3))
    there = run.snapshot()
    expected = list(run.updates(3))
    run.set(rate=0.5, clip="norm", threshold=1e-3)
    list(run.updates(3))
    run.restore(there)
    assert run.config == there.config
    assert list(run.updates(3)) == expected


def test_a_snapshot_can_be_restored_again_and_again_and_never_changes(story):
    run = trainer(**story)
    list(run.updates(5))
    there = run.snapshot()
    kept = there.weights.copy(), there.newest.gradient.copy(), {name: a.copy() for name, a in there.optimizer.items()}
    expected = list(run.updates(4))
    for _ in range(3):
        run.restore(there)
        assert list(run.updates(4)) == expected
    assert np.array_equal(there.weights, kept[0])
    assert np.array_equal(there.newest.gradient, kept[1])
    assert all(np.array_equal(there.optimizer[name], array) for name, array in kept[2].items())


def test_a_snapshot_cannot_be_written_to(story):
    run = trainer(**story)
    run.update()
    there = run.snapshot()
    with pytest.raises(dataclasses.FrozenInstanceError):
        there.update = 7
    arrays = [there.weights, there.before, *there.optimizer.values()]
    arrays += [there.newest.inputs, there.newest.targets, there.newest.gradient]
    for array in arrays:
        assert not array.flags.writeable
    with pytest.raises(TypeError):
        there.optimizer["exp_avg"] = there.weights


@pytest.mark.parametrize(("optimizer", "rows"), [("sgd", 3), ("rmsprop", 4), ("adam", 5)])
def test_a_snapshot_knows_its_size(optimizer, rows, story):
    """Weights, weights before, gradient and the optimiser's moments: a row of float32 each."""
    run = trainer(optimizer=optimizer, hidden=32, **story)
    assert run.snapshot().nbytes == 2 * 4 * run.facts.parameters
    run.update()
    there = run.snapshot()
    assert there.update == 1
    batch = 2 * 8 * run.config.batch * run.config.length
    assert 0 <= there.nbytes - rows * 4 * run.facts.parameters - batch <= 8  # the optimiser counts its steps, too


def test_after_a_diverged_update_the_run_can_go_back(story):
    run = trainer(**story)
    list(run.updates(3))
    there = run.snapshot()
    expected = list(run.updates(3))
    hook = run.network.get_parameter("readout.bias").register_hook(lambda gradient: gradient * np.nan)
    with pytest.raises(ArithmeticError):
        run.update()
    hook.remove()
    run.restore(there)
    assert list(run.updates(3)) == expected


@pytest.mark.parametrize("changes", [{"hidden": 7}, {"cell": "gru"}, {"seed": 5}, {"batch": 4}])
def test_a_snapshot_of_another_network_or_other_data_is_refused(changes, story):
    (name,) = changes
    with pytest.raises(ValueError, match=f"{name} cannot differ in a snapshot to restore, expected one of rate, clip"):
        trainer(**story).restore(trainer(**story, **changes).snapshot())


@EVERY_CELL
def test_a_fork_without_a_change_stays_equal_for_500_updates(cell, story):
    run = trainer(cell=cell, **SMALL, **story)
    list(run.updates(3))
    twin = run.fork()
    assert same(shown(run), shown(twin))
    for ours, theirs in zip(run.updates(500), twin.updates(500), strict=True):
        assert ours == theirs
    assert torch.equal(weights(run), weights(twin))


def test_a_fork_and_its_origin_do_not_touch_each_other(story):
    run, alone = trainer(**story), trainer(**story)
    list(run.updates(3))
    list(alone.updates(3))
    twin = run.fork(rate=0.5)
    list(twin.updates(5))
    assert list(run.updates(5)) == list(alone.updates(5))


@pytest.mark.parametrize("changes", [{"rate": 0.5}, {"clip": "off"}, {"threshold": 1e-3}])
def test_a_fork_differs_as_a_run_does_whose_setting_is_changed(changes, story):
    run, changed = trainer(**story), trainer(**story)
    list(run.updates(3))
    list(changed.updates(3))
    changed.set(**changes)
    twin = run.fork(**changes)
    assert twin.config == changed.config
    assert list(twin.updates(5)) == list(changed.updates(5))


def test_a_fork_can_show_another_sequence(story):
    run = trainer(**story)
    run.update()
    assert run.fork(shown="batch").trace().reading.tokens != run.trace().reading.tokens


def test_a_fork_with_another_optimiser_begins_with_an_empty_memory(story):
    """Its first step is then rate · gradient, as plain gradient descent has no memory."""
    run = trainer(optimizer="adam", clip="off", **story)
    list(run.updates(5))
    twin = run.fork(optimizer="sgd", rate=0.1)
    before = weights(twin)
    assert torch.equal(before, weights(run))
    twin.update()
    torch.testing.assert_close(weights(twin), before - 0.1 * twin._last.gradient, rtol=2e-7, atol=0)
    assert not run.fork(optimizer="rmsprop").snapshot().optimizer
    assert run.fork(optimizer="adam").snapshot().optimizer  # the same one: nothing is forgotten


def test_a_fork_with_another_forget_bias_shifts_the_trained_one(story):
    run = trainer(layers=2, forget_bias=1.0, rate=0.1, **story)
    list(run.updates(5))
    twin = run.fork(forget_bias=3.5)
    forget = slice(6, 12)
    for name, ours in run.network.named_parameters():
        shift = torch.zeros_like(ours)
        if "bias_ih" in name:
            shift[forget] = 2.5
        assert torch.equal(twin.network.get_parameter(name), ours + shift)
    assert twin.update().loss != run.update().loss


@pytest.mark.parametrize("name", ["cell", "hidden", "seed", "batch", "length"])
def test_what_a_fork_cannot_change_is_refused(name):
    run = trainer()
    expected = (
        f"{name} cannot differ in a fork, expected one of rate, clip, threshold, dropout, shown, optimizer, forget_bias"
    )
    with pytest.raises(ValueError, match=expected):
        run.fork(**{name: "gru" if name == "cell" else 4})


def test_a_forget_bias_without_a_gate_or_a_number_is_refused():
    with pytest.raises(ValueError, match=r"forget_bias is 2\.0, expected 1\.0 as before: GRU has no forget gate"):
        trainer(cell="gru").fork(forget_bias=2.0)
    with pytest.raises(ValueError, match=r"forget_bias is 2\.0 after None, expected two numbers"):
        trainer(forget_bias=None).fork(forget_bias=2.0)


def test_a_fork_opens_its_text_only_once(tmp_path):
    path = text_file(tmp_path)
    run = trainer(task="text", file=path)
    path.unlink()
    assert run.fork().update() == run.update()


def test_what_differs_in_a_configuration_is_said_for_a_legend():
    config = trainer().config
    other = config.changed(clip="off", rate=0.1, forget_bias=None)
    assert config.difference(other) == {"clip": ("norm", "off"), "rate": (0.01, 0.1), "forget_bias": (1.0, None)}
    assert config.difference_in_words(config.changed(clip="off")) == "clip norm → off"
    assert config.difference_in_words(other) == "forget bias 1 → off, rate 0.01 → 0.1, clip norm → off"
    assert config.difference(config) == {}
    assert config.difference_in_words(config) == ""
