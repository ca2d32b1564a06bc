"""A changed pass is the changed pass exactly, forwards and backwards: against formulas written out by other means."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import rnnviz
from rnnviz import ChangeInput, ClampGate, SetInitial, ZeroUnit
from rnnviz.tracing import passes, stack
from tests.builders import TORCH_CELLS, every_token, initial_state, module, normal, relative_errors
from tests.unit import changed

T, D, H = 7, 3, 4
AWAKE = 3  # a unit that is not 0, in networks of ReLU too
LIMIT = {torch.float32: 3e-6, torch.float64: 1e-10}
GATED = [(cell, gate) for cell, gates in changed.GATES.items() for gate in gates]

CELLS = pytest.mark.parametrize("cell", TORCH_CELLS)
GATES = pytest.mark.parametrize(("cell", "gate"), GATED)
SHAPES = pytest.mark.parametrize(
    ("layers", "both_ways"), [(1, False), (2, False), (1, True), (2, True)], ids=["1", "2", "1-both", "2-both"]
)
PRECISIONS = pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])


def network(cell, layers=1, both_ways=False, dtype=torch.float64):  # noqa: FBT002  # as torch's own argument
    net = module(cell, D, H, num_layers=layers, bidirectional=both_ways, dtype=torch.float64).to(dtype)
    return net, normal(T, D, dtype=dtype), initial_state(net)


def rows_of(net):
    """Layer and direction in the order of a trace."""
    directions = ("forward", "backward") if net.bidirectional else ("forward",)
    return [(layer, direction) for layer in range(net.num_layers) for direction in directions]


def masks(entry, dtype):
    """Token → mask of units of a clamp or a zeroed unit."""
    units = torch.zeros(H, dtype=torch.bool)
    units[slice(None) if entry.unit is None else entry.unit] = True
    return dict.fromkeys(range(T) if entry.token is None else [entry.token], units)


def answers(cell, net, x, start, interventions):
    """What the oracle says of clamps and zeroed units that do not overlap."""
    clamps, zeroed = {}, {}
    for entry in interventions:
        row = rows_of(net).index((entry.layer, entry.direction))
        for token, mask in masks(entry, x.dtype).items():
            if isinstance(entry, ClampGate):
                values = torch.full((H,), entry.value, dtype=x.dtype)
                clamps.setdefault(row, {})[entry.gate, token] = (mask, values)
            else:
                zeroed.setdefault(row, {})[token] = mask
    return changed.ask(cell, net, x, every_token, start, clamps=clamps, zeroed=zeroed)


def said(layer):
    """What a trace says of one layer, by the names of the oracle."""
    names = ("hidden", "cell_state", "hidden_grads", "hidden_grads_direct", "hidden_grads_last", "cell_grads")
    found = {name: getattr(layer, name) for name in names if getattr(layer, name) is not None}
    return found | dict(layer.gates) | {f"{name} gradient": array for name, array in layer.gate_grads.items()}


def errors_of(layers, told):
    found = {}
    for layer, answer in zip(layers, told, strict=True):
        ours = said(layer)
        assert set(ours) == set(answer)
        for name, truth in answer.items():
            error = float(relative_errors(ours[name], truth).max())
            found[name] = max(found.get(name, 0.0), error)
    return found


def assert_exact(cell, net, x, start, interventions):
    trace = rnnviz.trace(net, x, every_token, start, interventions)
    errors = errors_of(trace.layers, answers(cell, net, x, start, interventions))
    assert {name: error for name, error in errors.items() if not error <= LIMIT[x.dtype]} == {}
    return trace


def arrays(layer):
    """Every array of a layer, by name."""
    for name, value in vars(layer).items():
        if isinstance(value, np.ndarray):
            yield name, value
        elif name in {"gates", "gate_grads"}:
            yield from ((f"{name}[{key}]", array) for key, array in value.items())


def assert_same_bits(found, expected):
    for one, other in zip(found.layers, expected.layers, strict=True):
        ours, theirs = dict(arrays(one)), dict(arrays(other))
        assert set(ours) == set(theirs)
        for name, array in theirs.items():
            np.testing.assert_array_equal(ours[name], array, err_msg=name)
    if expected.losses is None:
        assert found.losses is None
    else:
        np.testing.assert_array_equal(found.losses, expected.losses)


@GATES
@SHAPES
@pytest.mark.parametrize("value", [0.0, 1.0, 0.3])
def test_a_clamped_gate_gives_the_values_and_gradients_of_autograd(cell, gate, layers, both_ways, value):
    net, x, start = network(cell, layers, both_ways)
    for layer, direction in rows_of(net):
        assert_exact(cell, net, x, start, [ClampGate(gate, value, layer=layer, direction=direction)])


@GATES
@SHAPES
def test_a_gate_can_be_clamped_in_one_unit_at_one_token(cell, gate, layers, both_ways):
    net, x, start = network(cell, layers, both_ways)
    for layer, direction in rows_of(net):
        clamp = ClampGate(gate, 0.9, unit=2, token=3, layer=layer, direction=direction)
        trace = assert_exact(cell, net, x, start, [clamp])
        row = trace.layers[rows_of(net).index((layer, direction))]
        assert row.gates[gate][3, 2] == 0.9
        assert row.gate_grads[gate][3, 2] == 0
        others = np.ones((T, H), bool)
        others[3, 2] = False
        assert (row.gates[gate][others] != 0.9).all()
        assert (row.gate_grads[gate][others] != 0).all()


@CELLS
@SHAPES
@pytest.mark.parametrize("token", [None, 0, 3, T - 1])
def test_a_zeroed_unit_gives_the_values_and_gradients_of_autograd(cell, layers, both_ways, token):
    net, x, start = network(cell, layers, both_ways)
    for layer, direction in rows_of(net):
        trace = assert_exact(cell, net, x, start, [ZeroUnit(AWAKE, token, layer, direction)])
        row = trace.layers[rows_of(net).index((layer, direction))]
        at = slice(None) if token is None else token
        untouched = trace.untouched.layers[rows_of(net).index((layer, direction))]
        assert untouched.hidden[at, AWAKE].any() or layer == 1
        assert not row.hidden[at, AWAKE].any()
        assert row.cell_state is None or not row.cell_state[at, AWAKE].any()


@GATES
@PRECISIONS
def test_several_interventions_in_all_layers_work_together(cell, gate, dtype):
    net, x, start = network(cell, 2, both_ways=True, dtype=dtype)
    interventions = [
        ClampGate(gate, 0.25, unit=0, token=2),
        ClampGate(gate, 0.75, token=4),
        ClampGate(gate, 0.5, unit=3, layer=1, direction="backward"),
        ZeroUnit(1, 3, direction="backward"),
        ZeroUnit(2, layer=1),
    ]
    trace = assert_exact(cell, net, x, start, interventions)
    assert trace.layers[0].hidden.dtype == trace.layers[0].hidden_grads.dtype == normal(1, dtype=dtype).numpy().dtype


def test_a_forget_gate_at_zero_leaves_what_is_written_and_lets_no_gradient_back():
    net, x, start = network("lstm")
    (layer,) = rnnviz.trace(net, x, every_token, start, [ClampGate("forget", 0.0)]).layers
    np.testing.assert_array_equal(layer.cell_state, layer.gates["input"] * layer.gates["candidate"])
    shown = layer.hidden_grads * layer.gates["output"] * (1 - np.tanh(layer.cell_state) ** 2)
    np.testing.assert_allclose(layer.cell_grads, shown, rtol=1e-13, atol=0)
    assert not layer.gate_grads["forget"].any()


def test_an_update_gate_at_one_hands_state_and_gradient_on_unchanged():
    net, x, start = network("gru")
    (layer,) = rnnviz.trace(net, x, every_token, start, [ClampGate("update", 1.0)]).layers
    np.testing.assert_array_equal(layer.hidden, np.repeat(start.numpy(), T, axis=0))
    summed = layer.hidden_grads_direct[::-1].cumsum(axis=0)[::-1]
    np.testing.assert_allclose(layer.hidden_grads, summed, rtol=1e-13, atol=0)
    assert not layer.gate_grads["candidate"].any()


def test_no_gradient_passes_through_a_unit_that_is_zeroed():
    """With all other ways cut, a loss at the end reaches back to the zeros and no farther."""
    net, x, _ = network("rnn_tanh")
    with torch.no_grad():
        net.weight_hh_l0.copy_(torch.eye(H))

    def end(top):
        return top[:, 1] * (torch.arange(T) == T - 1)

    trace = rnnviz.trace(net, x, end, interventions=[ZeroUnit(1, 3)])
    reached = trace.layers[0].hidden_grads[:, 1]
    assert (reached[3:] > 0).all()
    assert not reached[:3].any()
    assert (trace.untouched.layers[0].hidden_grads[:, 1] > 0).all()


@CELLS
def test_gradients_of_a_changed_pass_are_finite_differences_of_its_losses(cell):
    net, x, start = network(cell, 2)
    gates = [gate for owner, gate in GATED if owner == cell]
    interventions = [ZeroUnit(AWAKE, 4), ZeroUnit(2, layer=1), *(ClampGate(gate, 0.4, token=2) for gate in gates[:2])]
    layer = rnnviz.trace(net, x, every_token, start, interventions).layers[0]
    slopes = 1 - layer.hidden**2 if cell == "rnn_tanh" else layer.hidden > 0
    # Zeros are not what the cell computed: nothing passes from them to the input.
    free = np.ones((T, H))
    free[4, AWAKE] = 0
    per_token = list(layer.gate_grads.values()) or [layer.hidden_grads * slopes * free]
    expected = np.concatenate(per_token, axis=1) @ net.weight_ih_l0.detach().numpy()

    def total(token, place, nudge):
        nudged = x.clone()
        nudged[token, place] += nudge
        return rnnviz.trace(net, nudged, every_token, start, interventions).losses.sum()

    for token in range(T):
        for place in range(D):
            slope = (total(token, place, 1e-5) - total(token, place, -1e-5)) / 2e-5
            assert slope == pytest.approx(expected[token, place], abs=1e-8)


@CELLS
def test_a_zeroed_unit_is_a_unit_whose_outgoing_weights_are_taken_away(cell):
    net, x, _ = network(cell, 2)
    found = rnnviz.trace(net, x, every_token, interventions=[ZeroUnit(AWAKE)])
    with torch.no_grad():
        net.weight_hh_l0[:, AWAKE] = 0
        net.weight_ih_l1[:, AWAKE] = 0
    without = rnnviz.trace(net, x, every_token)
    assert relative_errors(found.losses, without.losses) <= 1e-13
    others = [unit for unit in range(H) if unit != AWAKE]
    for name, array in said(found.layers[0]).items():
        error = relative_errors(array[:, others], said(without.layers[0])[name][:, others])
        assert error.max() <= 1e-12, name
    for name, array in said(found.layers[1]).items():
        assert relative_errors(array, said(without.layers[1])[name]).max() <= 1e-12, name


@CELLS
@SHAPES
def test_setting_the_initial_state_is_beginning_with_it(cell, layers, both_ways):
    net, x, start = network(cell, layers, both_ways)
    h, *c = start if isinstance(start, tuple) else (start,)
    changed_h = h.clone()
    changed_h[0, 2] = 0.5
    changed_h[-1] = -0.25
    last, direction = rows_of(net)[-1]
    wanted = [SetInitial(0.5, unit=2), SetInitial(-0.25, layer=last, direction=direction)]
    found = rnnviz.trace(net, x, every_token, start, wanted)
    expected = rnnviz.trace(net, x, every_token, (changed_h, *c) if c else changed_h)
    assert_same_bits(found, expected)
    assert_same_bits(found.untouched, rnnviz.trace(net, x, every_token, start))


@CELLS
@SHAPES
def test_changing_an_input_is_reading_the_changed_input(cell, layers, both_ways):
    net, x, start = network(cell, layers, both_ways)
    other = x.clone()
    other[2] = torch.tensor([1.0, -2.0, 0.5])
    found = rnnviz.trace(net, x, every_token, start, [ChangeInput(2, (1.0, -2.0, 0.5))])
    assert_same_bits(found, rnnviz.trace(net, other, every_token, start))
    assert_same_bits(found.untouched, rnnviz.trace(net, x, every_token, start))


@CELLS
@PRECISIONS
def test_without_interventions_a_trace_is_made_the_fast_way_and_is_the_same(cell, dtype, monkeypatch):
    net, x, start = network(cell, 2, both_ways=True, dtype=dtype)
    monkeypatch.setattr(passes, "TextbookPass", None)
    monkeypatch.setattr(stack, "TextbookPass", None)
    expected = rnnviz.trace(net, x, every_token, start)
    found = rnnviz.trace(net, x, every_token, start, [])
    assert_same_bits(found, expected)
    assert found.untouched is expected.untouched is None


@CELLS
@PRECISIONS
def test_the_untouched_pass_is_the_trace_without_interventions(cell, dtype):
    net, x, start = network(cell, 2, both_ways=True, dtype=dtype)
    untouched = rnnviz.trace(net, x, every_token, start, [ZeroUnit(0, layer=layer) for layer in (0, 1)]).untouched
    plain = rnnviz.trace(net, x, every_token, start)
    assert untouched.untouched is None
    for one, other in zip(untouched.layers, plain.layers, strict=True):
        ours, theirs = dict(arrays(one)), dict(arrays(other))
        assert set(ours) == set(theirs)
        for name, array in theirs.items():
            assert relative_errors(ours[name], array).max() <= LIMIT[dtype], name
    np.testing.assert_allclose(untouched.losses, plain.losses, rtol=LIMIT[dtype])


@CELLS
@PRECISIONS
def test_nothing_differs_before_the_first_token_that_is_changed(cell, dtype):
    net, x, start = network(cell, 2, dtype=dtype)
    trace = rnnviz.trace(net, x, every_token, start, [ZeroUnit(AWAKE, 3)])
    for layer, untouched in zip(trace.layers, trace.untouched.layers, strict=True):
        np.testing.assert_array_equal(layer.hidden[:3], untouched.hidden[:3])
        assert (layer.hidden[3:] != untouched.hidden[3:]).any()
    np.testing.assert_array_equal(trace.losses[:3], trace.untouched.losses[:3])


@CELLS
def test_the_parts_of_a_preactivation_are_those_of_the_states_handed_on(cell):
    net, x, start = network(cell)
    (layer,) = rnnviz.trace(net, x, every_token, start, [ZeroUnit(1)]).layers
    w_hh, b_hh = net.weight_hh_l0.detach().numpy(), net.bias_hh_l0.detach().numpy()
    for token in range(T):
        from_h = (w_hh @ layer.before(token)[0] + b_hh).reshape(-1, H)
        np.testing.assert_allclose(layer.recurrent_parts[token], from_h, rtol=0, atol=1e-14)


def test_without_a_loss_a_changed_pass_has_no_gradients():
    net, x, _ = network("lstm")
    trace = rnnviz.trace(net, x, interventions=[ClampGate("input", 1.0)])
    for found in (trace, trace.untouched):
        assert found.losses is found.layers[0].hidden_grads is found.layers[0].cell_grads is None


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (ClampGate("input", 0.25), ClampGate("input", 0.75)),
        (ClampGate("input", 0.25, unit=1, token=2), ClampGate("input", 0.75)),
        (SetInitial(0.25, unit=1), SetInitial(0.75)),
        (ChangeInput(1, (1.0, 1.0, 1.0)), ChangeInput(1, (2.0, 2.0, 2.0))),
    ],
)
def test_of_two_that_contradict_each_other_the_later_wins(earlier, later):
    net, x, start = network("lstm")
    both = rnnviz.trace(net, x, every_token, start, [earlier, later])
    assert_same_bits(both, rnnviz.trace(net, x, every_token, start, [later]))


def test_a_later_clamp_leaves_the_rest_of_an_earlier_one():
    net, x, start = network("lstm")
    clamps = [ClampGate("forget", 1.0), ClampGate("forget", 0.0, unit=1, token=2)]
    values = rnnviz.trace(net, x, every_token, start, clamps).layers[0].gates["forget"]
    assert values[2, 1] == 0
    assert values.sum() == T * H - 1


def test_interventions_leave_the_module_its_gradients_and_random_numbers_alone():
    net, x, start = network("lstm")
    every_token(net(x)[0]).sum().backward()
    weights = [parameter.detach().clone() for parameter in net.parameters()]
    gradients = [parameter.grad.clone() for parameter in net.parameters()]
    given_x, given_h, random = x.clone(), start[0].clone(), torch.get_rng_state()
    wanted = [ClampGate("forget", 1.0), ZeroUnit(1), SetInitial(1.0), ChangeInput(0, (1.0, 2.0, 3.0))]
    rnnviz.trace(net, x, every_token, start, wanted)
    for parameter, weight, gradient in zip(net.parameters(), weights, gradients, strict=True):
        assert torch.equal(parameter.detach(), weight)
        assert torch.equal(parameter.grad, gradient)
    assert torch.equal(x, given_x)
    assert torch.equal(start[0], given_h)
    assert torch.equal(torch.get_rng_state(), random)


def test_interventions_work_where_gradients_are_switched_off():
    net, x, start = network("gru")
    expected = rnnviz.trace(net, x, every_token, start, [ClampGate("reset", 0.5)])
    with torch.no_grad():
        found = rnnviz.trace(net, x, every_token, start, [ClampGate("reset", 0.5)])
    assert_same_bits(found, expected)


@given(
    which=st.sampled_from(GATED),
    place=st.tuples(st.integers(0, H - 1), st.integers(0, T - 1)),
    both_ways=st.booleans(),
    dtype=st.sampled_from([torch.float32, torch.float64]),
    seed=st.integers(0, 1000),
)
def test_a_clamp_to_the_value_that_a_gate_has_changes_nothing_forwards(which, place, both_ways, dtype, seed):
    (cell, clamped), (unit, token) = which, place
    rounding = 1e-6 if dtype == torch.float32 else 1e-14
    net, _, start = network(cell, 2, both_ways, dtype)
    x = 2 * normal(T, D, seed=seed, dtype=dtype)
    for layer in rnnviz.trace(net, x, every_token, start).layers:
        clamp = ClampGate(clamped, float(layer.gates[clamped][token, unit]), unit, token, layer.layer, layer.direction)
        trace = rnnviz.trace(net, x, every_token, start, [clamp])
        for one, other in zip(trace.layers, trace.untouched.layers, strict=True):
            np.testing.assert_allclose(one.hidden, other.hidden, rtol=0, atol=rounding)
            for gate, values in other.gates.items():
                np.testing.assert_allclose(one.gates[gate], values, rtol=0, atol=rounding)


def test_a_trace_refuses_an_untouched_pass_of_another_length():
    net, x, _ = network("gru")
    long, short = rnnviz.trace(net, x), rnnviz.trace(net, x[:3])
    with pytest.raises(ValueError, match=r"untouched.layers\[0\].hidden is \(3, 4\), expected \(7, 4\)"):
        replace(long, untouched=short)
