"""Sequences of different lengths in one batch, read from both ends: each is read as if it were alone."""

import numpy as np
import pytest
import torch

from rnnviz.cells import CELLS
from rnnviz.domain.values import Numbers, Symbols
from rnnviz.networks import build_network, order_back
from rnnviz.training.scoring import mean_loss, token_losses
from rnnviz.training.trainer import DivergedError, Trainer
from tests.builders import MADE_TASKS, WORDS, MadeTask, config, relative_errors

ALL = pytest.mark.parametrize("cell", CELLS)
RAGGED = {name: task for name, task in MADE_TASKS.items() if task._tokens > 2}
EVERY = pytest.mark.parametrize("task", RAGGED.values(), ids=RAGGED)
ENDS = (9, 6, 3)


def network(cell, task, **changes):
    settings = config(cell=cell, layers=2, bidirectional=True, **changes)
    return build_network(settings, task.reads.size, task.predicts.size, numbers=isinstance(task.reads, Numbers))


def in_float64(batch, net):
    net.double()
    return [torch.from_numpy(part).double() if part.dtype == np.float32 else torch.from_numpy(part) for part in batch]


def gradients(net, loss):
    net.zero_grad()
    loss.backward()
    return torch.cat([part.grad.flatten() for part in net.parameters()])


def test_each_sequence_is_turned_at_its_own_end():
    order = order_back(torch.tensor([5, 3, 1]), 5)
    assert order.T.tolist() == [[4, 3, 2, 1, 0], [2, 1, 0, 3, 4], [0, 1, 2, 3, 4]]
    assert (order.gather(0, order) == torch.arange(5)[:, None]).all()


@ALL
@EVERY
def test_a_batch_gives_what_each_sequence_gives_alone(cell, task):
    """The loss is summed over tokens, so that gradients of sequences add up."""
    net = network(cell, task)
    inputs, targets = in_float64(task.batch(np.random.default_rng(0), 6, 8), net)
    ends = torch.tensor([task._tokens - k % 3 * (task._tokens // 3) for k in range(6)])
    together = net(inputs, ends=ends)
    found = gradients(net, token_losses(together.logits, targets).sum())
    expected = torch.zeros_like(found)
    for row, end in enumerate(ends.tolist()):
        alone = net(inputs[row : row + 1, :end])
        torch.testing.assert_close(together.top[row, :end], alone.top[0], rtol=1e-12, atol=1e-12)
        torch.testing.assert_close(together.logits[row, :end], alone.logits[0], rtol=1e-12, atol=1e-12)
        expected += gradients(net, token_losses(alone.logits[0], targets[row, :end]).sum())
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12)


@ALL
def test_what_fills_a_sequence_up_changes_nothing(cell):
    task = RAGGED["words to a number"]
    net = network(cell, task)
    inputs, _ = in_float64(task.batch(np.random.default_rng(0), 3, 8), net)
    ends = torch.tensor(ENDS)
    other = torch.where(torch.arange(9) < ends[:, None], inputs, 7)
    assert (other != inputs).any()
    before, after = net(inputs, ends=ends).top, net(other, ends=ends).top
    for row, end in enumerate(ENDS):
        assert torch.equal(before[row, :end], after[row, :end])
    assert not torch.equal(net(inputs).top[2, :3], net(other).top[2, :3])  # without the ends it is read first


@ALL
def test_where_all_are_as_long_as_the_batch_nothing_is_different(cell):
    net, task = network(cell, RAGGED["numbers to numbers"]), RAGGED["numbers to numbers"]
    inputs = torch.from_numpy(task.batch(np.random.default_rng(0), 3, 8).inputs)
    assert torch.equal(net(inputs).top, net(inputs, ends=torch.tensor([9, 9, 9])).top)


@EVERY
def test_a_network_that_reads_forward_alone_is_told_of_no_ends(task):
    one_way, both_ways = (Trainer(config(bidirectional=both), task=task) for both in (False, True))
    assert one_way._next_batch().ends is None
    assert one_way._data.held_out_ends is None
    assert both_ways._next_batch().ends.tolist() == [task._tokens - k * (task._tokens // 3) for k in range(3)]
    assert len(both_ways._data.held_out_ends) == 6


def test_ends_are_not_told_where_nothing_is_filled_up_or_what_follows_is_read():
    whole = MadeTask(WORDS, WORDS, 9)
    whole.whole = True
    for run in (Trainer(config(bidirectional=True), task=whole), Trainer(config(bidirectional=True, task="hello"))):
        assert run._next_batch().ends is None
    assert Trainer(config(bidirectional=True), task=whole)._data.displayed()[0].shape == (9,)


@ALL
@EVERY
def test_the_self_check_reads_each_sequence_from_its_own_end(cell, task):
    run = Trainer(config(cell=cell, layers=2, bidirectional=True, dropout=0.3), task=task)
    list(run.updates(2))
    check = run.self_check()
    assert check is None or check.passed
    if check is not None and cell != "rnn_relu":  # whose gradient may not reach the first layer
        run._last = run._last._replace(read=run._last.read._replace(ends=None))
        assert not run.self_check().passed


@EVERY
def test_the_held_out_loss_is_that_of_the_sequences_alone(task):
    run = Trainer(config(bidirectional=True), task=task)
    list(run.updates(50))
    inputs, targets = run._data.held_out
    ends, losses, wanted = run._data.held_out_ends.tolist(), 0.0, 0
    with torch.no_grad():
        for row, end in enumerate(ends):
            alone = token_losses(run.network(inputs[row : row + 1, :end]).logits[0], targets[row, :end])
            losses, wanted = losses + float(alone.sum()), wanted + int((alone != 0).sum())
    assert run.record.validation_loss == pytest.approx(losses / wanted, rel=1e-5)


@EVERY
def test_what_is_shown_is_cut_and_is_what_training_computes_of_it(task):
    """The second of the sequences held out, which is filled up."""
    run = Trainer(config(bidirectional=True, layers=2), task=task)
    trace = run.trace()
    assert trace.tokens == task._tokens - task._tokens // 3
    inputs, _ = run._data.held_out
    with torch.no_grad():
        top = run.network(inputs, ends=run._data.held_out_ends).top[1, : trace.tokens].numpy()
    shown = np.concatenate([layer.hidden for layer in trace.layers[-2:]], axis=-1)
    assert relative_errors(shown, top).max() <= 1e-6


def test_a_snapshot_shows_and_checks_the_update_as_it_was():
    run = Trainer(config(bidirectional=True), task=RAGGED["words to a number"])
    list(run.updates(2))
    there, check = run.snapshot(), run.self_check()
    list(run.updates(2))
    run.restore(there)
    assert run._last.read.ends.tolist() == list(ENDS)
    assert run.self_check() == check


def test_a_value_that_left_the_numbers_is_found_at_its_own_token():
    """A word that stands in the last sequence alone, last but one: the backward half reads it second."""
    task = MadeTask(Symbols(("a", "b", "c")), WORDS, 9, at_the_end=True)
    run = Trainer(config(cell="rnn_relu", bidirectional=True), task=task)
    inputs, targets = run._data.draw()
    inputs = inputs.clamp(max=1)
    inputs[2, 1] = 2
    with torch.no_grad():
        run.network.embedding.weight[2] = 1e30
        run.network.layers[0].ahead.weight_ih_l0.zero_()
        run.network.layers[0].back.weight_ih_l0.fill_(1e30)
    run._data.draw = lambda: (inputs, targets)
    with pytest.raises(DivergedError) as caught:
        run.update()
    found = caught.value.post_mortem
    assert (found.direction, found.token, found.sequence) == ("backward", 1, 2)


def test_the_loss_of_a_batch_is_the_mean_over_its_tokens():
    task = RAGGED["numbers to numbers"]
    run = Trainer(config(bidirectional=True), task=task)
    read = run._next_batch()
    with torch.no_grad():
        expected = float(mean_loss(run.network(read.inputs, ends=read.ends).logits, read.targets))
    assert Trainer(config(bidirectional=True), task=task).update().loss == pytest.approx(expected, rel=1e-6)
