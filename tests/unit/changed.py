"""The answer to interventions by other means: formulas written out, and a zero added wherever a gradient is asked.

The gradient with respect to a quantity is the gradient with respect to a zero that is added to it. Shares nothing with
rnnviz; the formulas are those of torch's documentation.
"""

import numpy as np
import torch
from torch import Tensor

GATES = {"lstm": ("input", "forget", "candidate", "output"), "gru": ("reset", "update", "candidate")}


class Changed:
    """One layer in one direction. ``clamps``: (gate, token) → (mask (H,), values (H,)); ``zeroed``: token → mask."""

    def __init__(self, cell, net, row, clamps, zeroed):
        self.cell, self.clamps, self.zeroed = cell, clamps, zeroed
        directions = 2 if net.bidirectional else 1
        self.backward = row % directions == 1
        suffix = f"_l{row // directions}" + ("_reverse" if self.backward else "")
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        self.w_ih, self.w_hh, self.b_ih, self.b_hh = (getattr(net, name + suffix).detach() for name in names)
        self.values, self.zeros = {}, {}

    def read(self, x, h, c):
        """Every output that the layer above sees, in reading order."""
        outputs = [None] * len(x)
        for t in reversed(range(len(x))) if self.backward else range(len(x)):
            h, c = getattr(self, self.cell)(t, x[t], h, c)
            none = self.zeroed.get(t, torch.zeros_like(h, dtype=torch.bool))
            h = self.nudged("hidden", t, torch.where(none, torch.zeros_like(h), h))
            if self.cell == "lstm":
                c = torch.where(none, self.zeros["cell", t], c)
                self.values["cell", t] = c
            outputs[t] = self.nudged("direct", t, h)
        return outputs

    def nudged(self, name, t, value):
        self.values[name, t] = value
        self.zeros[name, t] = torch.zeros_like(value).requires_grad_()
        return value + self.zeros[name, t]

    def gate(self, name, t, a):
        value = self.nudged(name, t, a)
        value = torch.tanh(value) if name == "candidate" else torch.sigmoid(value)
        if (name, t) in self.clamps:
            mask, values = self.clamps[name, t]
            value = torch.where(mask, values, value)
        self.values[name, t] = value
        return value

    def parts(self, x, h):
        blocks = len(GATES.get(self.cell, "h"))
        return (self.w_ih @ x + self.b_ih).chunk(blocks), (self.w_hh @ h + self.b_hh).chunk(blocks)

    def rnn_tanh(self, t, x, h, c):
        (a,), (b,) = self.parts(x, h)
        return torch.tanh(a + b), c

    def rnn_relu(self, t, x, h, c):
        (a,), (b,) = self.parts(x, h)
        return torch.relu(a + b), c

    def lstm(self, t, x, h, c):
        i, f, g, o = (self.gate(n, t, a + b) for n, a, b in zip(GATES["lstm"], *self.parts(x, h), strict=True))
        c = self.nudged("cell", t, f * c + i * g)
        return o * torch.tanh(c), c

    def gru(self, t, x, h, c):
        (a_r, a_z, a_n), (b_r, b_z, b_n) = self.parts(x, h)
        r, z = self.gate("reset", t, a_r + b_r), self.gate("update", t, a_z + b_z)
        n = self.gate("candidate", t, a_n + r * b_n)
        return (1 - z) * n + z * h, c

    def told(self, tokens, total):
        """Values and gradients of ``total`` by the names of a `LayerTrace`: (T, H) each."""
        places = list(self.zeros)
        found = torch.autograd.grad(
            total, list(self.zeros.values()), retain_graph=True, allow_unused=True, materialize_grads=True
        )
        gradient = dict(zip(places, found, strict=True))

        def series(of, name):
            return np.stack([of[name, t].detach().numpy() for t in range(tokens)])

        answer = {"hidden": series(self.values, "hidden")}
        answer["hidden_grads"] = series(gradient, "hidden")
        answer["hidden_grads_direct"] = series(gradient, "direct")
        if self.cell == "lstm":
            answer |= {"cell_state": series(self.values, "cell"), "cell_grads": series(gradient, "cell")}
        for name in GATES.get(self.cell, ()):
            answer |= {name: series(self.values, name), f"{name} gradient": series(gradient, name)}
        return answer


def ask(cell, net, x, loss, initial, *, clamps, zeroed):
    """Read ``x`` (T, D); ``clamps`` and ``zeroed`` of each layer and direction are given by row.

    What each row's LayerTrace should say of the sum of ``loss`` (T,), and dL/dh_t of the last token's loss alone.
    """
    given = list(x)
    directions = 2 if net.bidirectional else 1
    layers = []
    for _ in range(net.num_layers):
        outputs = []
        for _ in range(directions):
            row = len(layers)
            layers.append(Changed(cell, net, row, clamps.get(row, {}), zeroed.get(row, {})))
            h, c = (initial[0][row], initial[1][row]) if isinstance(initial, tuple) else (initial[row], None)
            outputs.append(layers[-1].read(given, h, c))
        given = [torch.cat(parts) for parts in zip(*outputs, strict=True)]
    losses: Tensor = loss(torch.stack(given))
    answers = [layer.told(len(x), losses.sum()) for layer in layers]
    for layer, answer in zip(layers, answers, strict=True):
        answer["hidden_grads_last"] = layer.told(len(x), losses[-1])["hidden_grads"]
    return answers
