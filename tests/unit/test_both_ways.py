"""Layers that read from both ends: values, gradients and everything made of them, against torch's own modules."""

import numpy as np
import pytest
import torch

import rnnviz
from rnnviz.analysis.flow import horizon, reach
from rnnviz.cells.cell import Weights
from rnnviz.config.budget import parameters
from rnnviz.tracing.influence import InfluenceStudy
from rnnviz.training.scoring import token_losses
from rnnviz.training.trainer import DivergedError
from tests.builders import TORCH_CELLS, relative_errors, text_file, trainer
from tests.unit.plain import Plain, batches, mean_loss

EVERY = pytest.mark.parametrize("cell", TORCH_CELLS)
ALL = pytest.mark.parametrize("cell", [*TORCH_CELLS, "gru_textbook"])


@pytest.fixture
def both(tmp_path):
    return {"task": "text", "file": text_file(tmp_path), "bidirectional": True, "layers": 2}


@EVERY
def test_training_equals_torchs_bidirectional_module(cell, both):
    run = trainer(cell=cell, optimizer="sgd", rate=0.3, clip="off", **both)
    plain = Plain(run)
    stepper = torch.optim.SGD(plain.parameters(), lr=0.3)
    for record, batch in zip(run.updates(6), batches(run), strict=False):
        loss = mean_loss(plain, *batch)
        stepper.zero_grad()
        loss.backward()
        stepper.step()
        assert record.loss == pytest.approx(float(loss.detach()), rel=1e-6)
    theirs = torch.cat([parameter.flatten() for parameter in plain.parameters()]).detach()
    ours = torch.cat([parameter.flatten() for parameter in run.network.parameters()]).detach()
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-6)  # fused and plain arithmetic round differently


@EVERY
def test_its_trace_is_that_of_torchs_module(cell, both):
    run = trainer(cell=cell, length=20, **both)
    plain = Plain(run)
    inputs, targets = run._data.displayed()
    x = plain.embedding(inputs).detach()
    expected = rnnviz.trace(plain.rnn, x, lambda top: token_losses(plain.readout(top), targets))
    found = run.trace()
    places = [(0, "forward"), (0, "backward"), (1, "forward"), (1, "backward")]
    assert [(layer.layer, layer.direction) for layer in found.layers] == places
    for ours, theirs in zip(found.layers, expected.layers, strict=True):
        assert relative_errors(ours.hidden, theirs.hidden).max() <= 1e-6
        assert relative_errors(ours.hidden_grads, theirs.hidden_grads).max() <= 5e-6
    assert found.top is found.layers[2]


@ALL
@pytest.mark.parametrize("layers", [1, 3])
def test_the_self_check_covers_both_directions(cell, layers, both):
    run = trainer(cell=cell, **{**both, "layers": layers})
    list(run.updates(2))
    assert run.self_check().passed
    used = run._row.part(run._last.gradient, "layers.0.back.weight_hh_l0")
    used[3] += 1e-3 * used.abs().max()
    assert not run.self_check().passed


@ALL
def test_the_loss_of_token_0_is_what_a_backward_layer_read_last(cell, both):
    run = trainer(cell=cell, **both)
    inputs, targets = run._data.displayed()
    for layer in (layer for layer in run.trace().layers if layer.direction == "backward"):
        wanted = torch.zeros(len(inputs))
        wanted[0] = 1
        top = rnnviz_top(run, inputs, targets, wanted, layer.layer)
        assert relative_errors(layer.hidden_grads_first, top).max() <= 1e-5
        assert reach(layer) == horizon(layer.log10_hidden_grads_end[::-1])
    assert all(layer.hidden_grads_first is None for layer in run.trace().layers if layer.direction == "forward")


def rnnviz_top(run, inputs, targets, weights, depth):
    """d(weighted losses)/d(h of the backward half of ``depth``) by autograd, token by token through `step`."""
    network = run.network
    x = network.embedding(inputs)[:, None]
    kept = None
    for index, directions in enumerate(network.directions):
        outputs = []
        for direction, module in directions:
            layer_weights = Weights(*module.parameters())
            order = range(len(x)) if direction == "forward" else range(len(x) - 1, -1, -1)
            zero = torch.zeros(1, run.config.hidden)
            state = (zero, zero) if network.cell.has_cell_state else (zero,)
            hidden = {}
            for token in order:
                state, _ = network.cell.step(x[token], state, layer_weights)
                hidden[token] = state[0]
                state[0].retain_grad()
            if (index, direction) == (depth, "backward"):
                kept = hidden
            outputs.append(torch.stack([hidden[token] for token in range(len(x))]))
        x = torch.cat(outputs, -1)
    (token_losses(network.readout(x[:, 0]), targets) * weights).sum().backward()
    found = np.stack([kept[token].grad[0].numpy() for token in range(len(x))])
    network.zero_grad(set_to_none=False)
    return found


def test_every_state_is_taught_by_every_loss_below_the_top(both):
    run = trainer(cell="gru", **both)
    found = run_influence(run)
    assert found.directions == ("forward", "backward", "forward", "backward")
    assert [found.name(place) for place in range(4)] == ["layer 1", "layer 1 ←", "layer 2", "layer 2 ←"]
    for lower in found.log10_norms[:2]:
        assert np.isfinite(lower).all()
    later = np.triu_indices(found.tokens, 1)
    assert np.isneginf(found.log10_norms[2][later]).all()
    assert np.isneginf(found.log10_norms[3].T[later]).all()
    assert max(found.residuals) < 1e-5


def run_influence(run):
    return InfluenceStudy(run.subject()).finish()


@pytest.mark.parametrize(("layers", "embedding"), [(1, 0), (2, 0), (4, 5), (2, 5)])
def test_its_parameters_are_counted(layers, embedding, both):
    run = trainer(**{**both, "layers": layers}, embedding=embedding)
    assert parameters(run.config, run.facts.reads, run.facts.predicts) == run.facts.parameters


def test_it_restores_and_forks_bit_for_bit(both):
    run = trainer(**both)
    list(run.updates(3))
    there, twin = run.snapshot(), run.fork()
    expected = [record.loss for record in run.updates(5)]
    assert [record.loss for record in twin.updates(5)] == expected
    run.restore(there)
    assert [record.loss for record in run.updates(5)] == expected


def test_a_shifted_forget_bias_reaches_both_directions(both):
    run = trainer(forget_bias=1.0, **both)
    twin = run.fork(forget_bias=3.0)
    for depth in range(2):
        for half in ("ahead", "back"):
            name = f"layers.{depth}.{half}.bias_ih_l0"
            moved = twin.network.get_parameter(name) - run.network.get_parameter(name)
            assert [float(block.mean().detach()) for block in moved.chunk(4)] == [0, 2, 0, 0]


def test_what_breaks_in_the_backward_half_is_found_there(both):
    run = trainer(cell="rnn_relu", **both)
    with torch.no_grad():
        run.network.get_parameter("layers.1.back.weight_hh_l0")[2, 2] = torch.inf
    with pytest.raises(DivergedError) as caught:
        run.update()
    found = caught.value.post_mortem
    assert (found.pass_, found.layer, found.direction, found.gate) == ("forward", 1, "backward", "hidden")
    assert found.token >= run.config.length - 2  # read first or second
    assert "layer 2 ←" in found.sentence


def test_the_anatomy_has_both_directions(both):
    run = trainer(**both)
    run.update()
    names = {part.name for part in run.anatomy().parts}
    assert {"layers.0.ahead.weight_hh_l0", "layers.0.back.weight_hh_l0"} <= names


@ALL
def test_a_change_in_the_backward_half_is_seen_before_it_and_not_after(cell, both):
    run = trainer(cell=cell, **{**both, "layers": 1})
    plain = run.trace().layers[1]
    unit = int(np.abs(plain.hidden[4]).argmax())
    found = run.trace([rnnviz.ZeroUnit(unit, token=4, direction="backward")])
    ahead, back = found.layers
    was_ahead, was_back = found.untouched.layers
    np.testing.assert_array_equal(ahead.hidden, was_ahead.hidden)
    np.testing.assert_array_equal(back.hidden[5:], was_back.hidden[5:])
    assert back.hidden[4, unit] == 0
    assert (back.hidden[:4] != was_back.hidden[:4]).any(axis=1).all()
    assert relative_errors(was_back.hidden_grads_first, plain.hidden_grads_first).max() <= 1e-5
