"""Encoder, decoder and attention: every number against the formulas written out, token by token, on autograd."""

import math

import numpy as np
import pytest
import torch

from rnnviz.analysis.attention import entropy, looked_at
from rnnviz.cells import CELLS
from rnnviz.cells.cell import Weights
from rnnviz.config import RunConfig
from rnnviz.config.budget import parameters
from rnnviz.domain.intervention import ChangeToken, ClampGate, SetInitial, ZeroUnit
from rnnviz.networks.attention import ATTENTION_SCORES, Attention
from rnnviz.networks.relay import common_boundary
from rnnviz.tracing.influence import InfluenceStudy
from rnnviz.tracing.layer import Layer, Stretch
from rnnviz.tracing.passes import RecordedPass, TextbookPass
from rnnviz.training.shown import Shown
from rnnviz.training.trainer import Trainer
from tests.builders import FAST, config, normal, relative_errors

READ, T = 5, 10
KINDS = [
    {"attention": "dot", "decoder": True},
    {"attention": "general"},
    {"attention": "additive", "decoder": True},
    {"decoder": True},
    {"attention": "general", "bidirectional": True},
]
IDS = ["dot-decoder", "general", "additive-decoder", "decoder", "general-both-ways"]


def writer(**changes):
    """A trainer that reads five digits and writes them backwards."""
    return Trainer(config(**{"task": "reversal", "length": T, "cell": "gru", **changes}))


def in_double(run):
    shown = run._shown()
    return Shown.of(shown.network.double(), shown.data, shown.inputs, shown.targets)


def unrolled(shown):
    """Every state on a graph by the cells' own steps, and the losses of the tokens; one-directional networks."""
    network = shown.network
    xs = list(network.embedding(shown.inputs).detach())
    states = []
    for layer in network.layers:
        modules = [layer.encoder] * READ + [layer.decoder] * READ if network._relays else [layer] * T
        units = modules[0].weight_hh_l0.shape[1]
        state = (torch.zeros(units, dtype=torch.float64),) * (1 + network.cell.has_cell_state)
        outputs = []
        for x, module in zip(xs, modules, strict=True):
            weights = [module.get_parameter(f"{name}_l0") for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
            state, _ = network.cell.step(x, state, Weights(*weights))
            state[0].retain_grad()
            outputs.append(state[0])
        states.append(outputs)
        xs = outputs
    return states, losses_of(network, xs, shown.targets)


def losses_of(network, tops, targets):
    losses = []
    for token in range(READ, T):
        out = tops[token]
        if network.attention is not None:
            weights = torch.softmax(torch.stack([score(network.attention, out, key) for key in tops[:READ]]), 0)
            context = sum(weight * key for weight, key in zip(weights, tops[:READ], strict=True))
            out = torch.tanh(
                network.attention.combine.weight @ torch.cat([context, out]) + network.attention.combine.bias
            )
        logits = network.readout.weight @ out + network.readout.bias
        losses.append(torch.logsumexp(logits, 0) - logits[targets[token]])
    return losses


def score(attention, query, key):
    parts = dict(attention.score.named_parameters())
    if not parts:
        return query @ key
    if len(parts) == 1:
        return query @ parts["between.weight"] @ key
    inside = parts["of_query.weight"] @ query + parts["of_query.bias"] + parts["of_key.weight"] @ key
    return parts["of_both.weight"][0] @ torch.tanh(inside)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("kind", KINDS[:4], ids=IDS[:4])
@pytest.mark.parametrize("layers", [1, 2])
def test_total_gradients_and_losses_are_those_of_the_formulas(cell, kind, layers):
    shown = in_double(writer(cell=cell, layers=layers, **kind))
    found = shown.trace_as_it_is()
    states, losses = unrolled(shown)
    sum(losses).backward()
    assert found.losses[READ:] == pytest.approx([float(loss.detach()) for loss in losses], rel=1e-12)
    for layer, told in zip(found.layers, states, strict=True):
        assert relative_errors(layer.hidden, torch.stack(told).detach().numpy()).max() <= 1e-12
        wanted = np.stack([state.grad.numpy() for state in told])
        assert relative_errors(layer.hidden_grads, wanted).max() <= 1e-9


@pytest.mark.parametrize("kind", ATTENTION_SCORES)
def test_weights_are_the_softmax_of_the_scores(kind):
    torch.manual_seed(3)
    attention = Attention(kind, 4).double()
    top = normal(2, 6, 4, seed=1, dtype=torch.float64)
    writes = torch.tensor([[0, 0, 0, 1, 1, 1], [0, 0, 0, 0, 1, 0]]).bool()
    weights = attention(top, writes).weights
    for row, first in enumerate((3, 4)):
        for token in range(6):
            scores = torch.stack([score(attention, top[row, token], key) for key in top[row, :first]])
            wanted = torch.zeros(6, dtype=torch.float64)
            wanted[:first] = torch.softmax(scores, 0) * writes[row, token]
            assert torch.allclose(weights[row, token], wanted, rtol=1e-12, atol=1e-15)


def test_what_is_not_written_is_read_out_as_it_is():
    attention = Attention("dot", 4)
    top = normal(1, 6, 4)
    output = attention(top, torch.tensor([[0, 0, 0, 1, 0, 1]]).bool()).output
    same = (output == top).all(-1)[0].tolist()
    assert same == [True, True, True, False, True, False]


@pytest.mark.parametrize("kind", KINDS, ids=IDS)
@pytest.mark.parametrize("cell", FAST)
def test_every_run_agrees_with_autograd(cell, kind):
    run = writer(cell=cell, layers=2, dropout=0.3, **kind)
    list(run.updates(3))
    assert run.self_check().error <= 1e-5


@pytest.mark.parametrize("kind", KINDS, ids=IDS)
def test_rows_of_influence_are_single_losses_and_sum_to_the_total(kind):
    shown = in_double(writer(**kind))
    found = InfluenceStudy(shown.subject(1)).finish()
    assert max(found.residuals) <= 1e-12
    if "bidirectional" in kind:
        return
    states, losses = unrolled(shown)
    for token, loss in zip(range(READ, T), losses, strict=True):
        gradients = torch.autograd.grad(loss, states[-1], retain_graph=True, allow_unused=True, materialize_grads=True)
        norms = np.array([float(gradient.norm()) for gradient in gradients])
        assert 10 ** found.log10_norms[-1][token] == pytest.approx(norms, rel=1e-9, abs=1e-300)


@pytest.mark.parametrize("name", FAST)
def test_both_passes_agree_where_a_decoder_takes_over(name):
    cell = CELLS[name]
    stretches, x, initial, hidden = handed_over(cell)
    fast, slow = RecordedPass(cell, stretches, x, hidden, initial), TextbookPass(cell, stretches, x, initial)
    direct = normal(7, 1, 4, seed=5, dtype=torch.float64).numpy()
    ours, theirs = fast.backward(direct), slow.backward(direct)
    assert relative_errors(ours.hidden, theirs.hidden).max() <= 1e-12
    assert relative_errors(ours.inputs, theirs.inputs).max() <= 1e-12
    for one, other in zip(fast.recurrent_gradients(direct), slow.recurrent_gradients(direct), strict=True):
        assert np.abs(one - other).max() <= 1e-12 * np.abs(other).max()
    for span in ((0, 7), (1, 3), (2, 5), (3, 4)):
        assert np.abs(fast.jacobians(*span) - slow.jacobians(*span)).max() <= 1e-12
    for one, other in zip(fast.parts, slow.parts, strict=True):
        assert np.abs(one - other).max() <= 1e-12


def handed_over(cell):
    """Two sets of weights, the second from token 3 on, and what the steps make of seven tokens."""
    rows, units = cell.blocks * 4, 4
    shapes = ((rows, 3), (rows, units), (rows,), (rows,))
    made = [
        Weights(*(normal(*shape, seed=10 * k + j, dtype=torch.float64) / 3 for j, shape in enumerate(shapes)))
        for k in range(2)
    ]
    stretches = [Stretch(0, 3, made[0]), Stretch(3, 7, made[1])]
    x = normal(7, 1, 3, seed=99, dtype=torch.float64)
    initial = (torch.zeros(1, units, dtype=torch.float64),) * (1 + cell.has_cell_state)
    state, hidden = initial, []
    for token, x_t in enumerate(x):
        state, _ = cell.step(x_t, state, made[token >= 3])
        hidden.append(state[0])
    return stretches, x, initial, torch.stack(hidden)


def test_a_decoder_with_the_encoders_weights_changes_nothing():
    plain, relayed = writer(cell="lstm"), writer(cell="lstm", decoder=True)
    for part in (relayed.network.layers[0].encoder, relayed.network.layers[0].decoder):
        part.load_state_dict(plain.network.layers[0].state_dict())
    relayed.network.embedding.load_state_dict(plain.network.embedding.state_dict())
    relayed.network.readout.load_state_dict(plain.network.readout.state_dict())
    relayed._before.load_state_dict(relayed.network.state_dict())
    ours, theirs = relayed.trace(), plain.trace()
    assert relative_errors(ours.top.hidden_grads, theirs.top.hidden_grads).max() <= 1e-5
    assert ours.decoded_from == READ
    assert theirs.decoded_from is None


@pytest.mark.parametrize("kind", KINDS, ids=IDS)
@pytest.mark.parametrize("cell", ["rnn_tanh", "lstm", "gru_textbook"])
def test_the_budget_counts_every_parameter(cell, kind):
    given = config(task="reversal", length=T, cell=cell, layers=2, **kind)
    run = Trainer(given)
    assert run.facts.parameters == parameters(given, run.facts.reads, run.facts.predicts)


def test_snapshots_and_forks_of_a_translator_go_on_bit_for_bit():
    run = writer(attention="additive", decoder=True, dropout=0.2)
    list(run.updates(5))
    kept, twin = run.snapshot(), run.fork()
    losses = [record.loss for record in run.updates(20)]
    assert [record.loss for record in twin.updates(20)] == losses
    run.restore(kept)
    assert [record.loss for record in run.updates(20)] == losses


def test_weights_of_a_trace_are_rows_that_sum_to_one_where_it_writes():
    weights = writer(attention="dot").trace().attention
    assert weights.shape == (T, T)
    assert weights[:READ].max() == 0
    assert weights[READ:, READ:].max() == 0
    assert weights[READ:].sum(1) == pytest.approx(np.ones(READ), rel=1e-6)


def test_only_the_asked_token_looks_back_where_sequences_are_filled_up():
    run = Trainer(config(task="sentiment", attention="dot"))
    weights = run.trace().attention
    assert (weights.sum(1) > 0).sum() == 1
    assert looked_at(weights).weights.shape == (1, weights.shape[0] - 1)


def test_entropy_is_zero_for_one_place_and_the_logarithm_for_all_alike():
    rows = np.array([[1.0, 0, 0, 0], [0.25, 0.25, 0.25, 0.25]])
    assert entropy(rows) == pytest.approx([0, math.log(4)])


@pytest.mark.parametrize("change", [ClampGate("update", 1.0, token=7), ZeroUnit(2, token=6), ChangeToken(2, "9")])
def test_interventions_work_on_both_sides_of_the_takeover(change):
    run = writer(attention="general", decoder=True)
    list(run.updates(2))
    changed = run.trace([change])
    difference = np.abs(changed.top.hidden - changed.untouched.top.hidden).max(1)
    assert difference[: change.token].max(initial=0) == 0
    assert difference[change.token] > 0
    assert np.abs(changed.attention - changed.untouched.attention).max() > 0


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"task": "hello", "attention": "dot"}, "attention is dot, expected off: it needs a task that is read first"),
        ({"task": "adding", "decoder": True}, "decoder is True, expected False: it needs a task that is read first"),
        ({"task": "reversal", "decoder": True, "bidirectional": True}, "expected False with bidirectional"),
        ({"task": "reversal", "attention": "cosine"}, "attention"),
    ],
)
def test_what_cannot_be_built_is_refused_with_a_reason(wrong, sentence):
    with pytest.raises(ValueError, match=sentence):
        RunConfig(**wrong)


def test_sequences_that_begin_to_write_apart_are_refused():
    with pytest.raises(ValueError, match="begin to write at tokens 1 to 2, expected one token for all"):
        common_boundary(torch.tensor([[0, 1, 1], [0, 0, 1]]).bool())


@pytest.mark.parametrize("task", ["dates", "reversal"])
def test_all_dates_of_a_batch_begin_to_be_written_together(task):
    run = Trainer(config(task=task, length=12, decoder=True, attention="dot"))
    list(run.updates(3))
    assert run.record.loss < 10


def test_a_layer_tells_its_stretches():
    run = writer(decoder=True)
    (layer,) = run._shown().stack[0]
    assert isinstance(layer, Layer)
    assert [(some.start, some.stop) for some in layer.stretches(T)] == [(0, READ), (READ, T)]
    assert torch.equal(layer.stretches(T)[1].weights.w_hh, run._before.layers[0].decoder.weight_hh_l0)


def test_numbers_that_ran_away_are_looked_at_from_the_tokens_that_write():
    run = writer(cell="rnn_relu", attention="dot")
    found = run.trace([SetInitial(1e30)]).attention
    assert np.isnan(found[READ:]).any()
    assert not found[:READ].any()
    assert looked_at(found).written_from == READ


@pytest.mark.slow
@pytest.mark.parametrize("score_name", ATTENTION_SCORES)
def test_attention_writes_ten_digits_backwards(score_name):
    """`science.md`, lesson 11: all tokens right and the weights on the true source."""
    run = Trainer(
        RunConfig(
            task="reversal", cell="gru", hidden=64, length=20, batch=32, rate=3e-3, attention=score_name, decoder=True
        )
    )
    right = [record.validation_accuracy for record in run.updates(600) if record.validation_accuracy is not None]
    assert max(right) >= 0.99
