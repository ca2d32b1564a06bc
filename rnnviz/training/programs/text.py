"""The text of the program, put together from the parts that a configuration needs."""

from typing import Any, NamedTuple

from rnnviz import __version__
from rnnviz.cells import CELLS
from rnnviz.config.run_config import RunConfig
from rnnviz.tasks.task import NO_TARGET
from rnnviz.training.dropout import GENERATOR

OPTIMIZERS = {
    "sgd": "torch.optim.SGD(network.parameters(), lr=settings['rate'], fused=True)",
    "rmsprop": "torch.optim.RMSprop(network.parameters(), lr=settings['rate'], foreach=True)",
    "adam": "torch.optim.Adam(network.parameters(), lr=settings['rate'], fused=True)",
}


class Sizes(NamedTuple):
    """Of what is read and predicted."""

    reads: int
    predicts: int
    reads_numbers: bool


def program_text(config: RunConfig, sizes: Sizes, changes: dict[int, dict[str, Any]], name: str) -> str:
    """Python source. ``changes``: by the update from which they hold."""
    used = {name for change in changes.values() for name in change}
    optimizers = {config.optimizer, *(change["optimizer"] for change in changes.values() if "optimizer" in change)}
    parts = [
        _head(config, name),
        _settings(config, changes),
        *([_TEXTBOOK_GRU] if CELLS[config.cell].torch_module is None else []),
        *([] if config.attention == "off" else [_attention(config)]),
        _network(config, sizes),
        _LOSS,
        *([_masks(config)] if config.dropout or "dropout" in used else []),
        _CLIP,
        _optimizer(optimizers),
        _training(config, used),
    ]
    return "\n\n\n".join(part.strip("\n") for part in parts) + "\n"


def _head(config: RunConfig, name: str) -> str:
    return f'''
"""{CELLS[config.cell].title} on the task “{config.task}”, as trained in rnnviz {__version__}. Needs PyTorch and NumPy.

    python {name}.py [UPDATES]

prints the loss of every update. {name}.npz beside it holds the first weights and the batches in their order.
"""

import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

torch.set_num_threads(1)
DATA = np.load(Path(__file__).with_suffix(".npz"))
UPDATES = sum(name.startswith("inputs/") for name in DATA.files)
'''


def _settings(config: RunConfig, changes: dict[int, dict[str, Any]]) -> str:
    names = ("rate", "clip", "threshold", "dropout", "optimizer")
    settings = {name: getattr(config, name) for name in names}
    listed = f"CHANGES = {changes!r}  # by the update from which they hold" if changes else "CHANGES = {}"
    return f"settings = {settings!r}\n{listed}"


def _network(config: RunConfig, sizes: Sizes) -> str:
    width = config.hidden * (1 + config.bidirectional)
    first = sizes.reads if sizes.reads_numbers else config.embedding or sizes.reads
    inputs = [first] + [width] * (config.layers - 1)
    embedded = not sizes.reads_numbers and config.embedding > 0
    read = "x = tokens.transpose(0, 1)"
    if not sizes.reads_numbers:
        one_hot = f"x = nn.functional.one_hot(tokens.T, {sizes.reads}).float()"
        read = "x = self.embedding(tokens.T)" if embedded else one_hot
    outputs = "self.readout(x).transpose(0, 1)"
    if config.attention != "off":
        outputs = "self.readout(self.attention(x.transpose(0, 1), writes))"
    lines = [
        "class Network(nn.Module):",
        "    def __init__(self):",
        "        super().__init__()",
        *([f"        self.embedding = nn.Embedding({sizes.reads}, {config.embedding})"] if embedded else []),
        *(["        self.embedding.requires_grad_(False)  # stays as it begins"] if embedded and config.frozen else []),
        f"        self.layers = nn.ModuleList([{', '.join(_layer(config, size) for size in inputs)}])",
        f"        self.readout = nn.Linear({width}, {sizes.predicts})",
        *([] if config.attention == "off" else ["        self.attention = Attention()"]),
        "",
        "    def forward(self, tokens, states, masks, writes, ends):",
        f"        {read}  # (T, B, ...) until it is read out",
        "        last = []",
        "        for depth, layer in enumerate(self.layers):",
        *(_BOTH_WAYS if config.bidirectional else _RELAY if config.decoder else _ONE_WAY),
        "            if masks is not None:",
        "                x = x * masks[depth].transpose(0, 1)",
        f"        return {outputs}, last",
    ]
    return "\n".join(lines)


_ONE_WAY = (
    "            x, state = layer(x, None if states is None else states[depth])",
    "            last.append(state)",
)
_BOTH_WAYS = (
    '            ahead, _ = layer["ahead"](x)',
    "            token = torch.arange(len(x))[:, None]  # back reads each sequence from its own end to its first token",
    "            order = ends - 1 - token",
    "            order = torch.where(order >= 0, order, token)[..., None]",
    '            back, _ = layer["back"](x.gather(0, order.expand_as(x)))',
    "            x = torch.cat([ahead, back.gather(0, order.expand_as(back))], -1)",
)
_RELAY = (
    "            first = int(writes[0].int().argmax())  # from here on something is written",
    '            read, state = layer["encoder"](x[:first])',
    '            written, _ = layer["decoder"](x[first:], state)',
    "            x = torch.cat([read, written])",
)
_ADDITIVE = """{{'of_query': nn.Linear({0}, {0}), 'of_key': nn.Linear({0}, {0}, bias=False),
             'of_both': nn.Linear({0}, 1, bias=False)}}"""
_ADDED = """self.score['of_both'](
            (self.score['of_query'](top)[:, :, None] + self.score['of_key'](top)[:, None]).tanh()
        )[..., 0]"""
_SCORES = {
    "dot": ("{{}}", "top @ top.mT"),
    "general": ("{{'between': nn.Linear({0}, {0}, bias=False)}}", "top @ self.score['between'](top).mT"),
    "additive": (_ADDITIVE, _ADDED),
}


def _attention(config: RunConfig) -> str:
    width = config.hidden * (1 + config.bidirectional)
    made, scores = _SCORES[config.attention]
    return f'''
class Attention(nn.Module):
    """Tokens that write look back at all that were read before the first of them."""

    def __init__(self):
        super().__init__()
        self.score = nn.ModuleDict({made.format(width)})
        self.combine = nn.Linear({2 * width}, {width})

    def forward(self, top, writes):
        read = writes.cumsum(1) == 0
        scores = {scores}
        weights = scores.masked_fill(~read[:, None, :], -torch.inf).softmax(-1) * writes[..., None]
        return torch.where(writes[..., None], self.combine(torch.cat([weights @ top, top], -1)).tanh(), top)
'''


def _layer(config: RunConfig, inputs: int) -> str:
    cell = CELLS[config.cell]
    options = "".join(f", {name}={value!r}" for name, value in cell.torch_options.items())
    kind = "TextbookGRU" if cell.torch_module is None else f"nn.{cell.torch_module}"
    one = f"{kind}({inputs}, {config.hidden}{options})"
    if config.bidirectional:
        return f'nn.ModuleDict({{"ahead": {one}, "back": {one}}})'
    return f'nn.ModuleDict({{"encoder": {one}, "decoder": {one}}})' if config.decoder else one


_TEXTBOOK_GRU = '''
class TextbookGRU(nn.Module):
    """n = tanh(W x + b + U (r * h) + b'), h = (1 - z) * h + z * n: not torch's GRU, which multiplies by r later."""

    def __init__(self, inputs, hidden):
        super().__init__()
        self.weight_ih_l0 = nn.Parameter(torch.empty(3 * hidden, inputs))
        self.weight_hh_l0 = nn.Parameter(torch.empty(3 * hidden, hidden))
        self.bias_ih_l0 = nn.Parameter(torch.empty(3 * hidden))
        self.bias_hh_l0 = nn.Parameter(torch.empty(3 * hidden))

    def forward(self, x, state=None):
        units = self.weight_hh_l0.shape[1]
        h = x.new_zeros(x.shape[1], units) if state is None else state[0]
        w_rz, w_n = self.weight_hh_l0[: 2 * units], self.weight_hh_l0[2 * units :]
        b_rz, b_n = self.bias_hh_l0[: 2 * units], self.bias_hh_l0[2 * units :]
        outputs = []
        for part in nn.functional.linear(x, self.weight_ih_l0, self.bias_ih_l0):
            r, z = (part[..., : 2 * units] + h @ w_rz.T + b_rz).sigmoid().chunk(2, -1)
            n = (part[..., 2 * units :] + (r * h) @ w_n.T + b_n).tanh()
            h = (1 - z) * h + z * n
            outputs.append(h)
        return torch.stack(outputs), h[None]
'''

_LOSS = f"""
def mean_loss(outputs, targets):
    if targets.is_floating_point():  # squared error, mean over the numbers of a token; NaN: nothing is asked
        known = ~targets.isnan()
        errors = torch.where(known, outputs - targets, torch.zeros_like(outputs))
        return (errors.square().sum(-1) / known.sum(-1).clamp(min=1)).sum() / known.any(-1).sum()
    return nn.functional.cross_entropy(outputs.flatten(0, -2), targets.flatten(), ignore_index={NO_TARGET})
"""


def _masks(config: RunConfig) -> str:
    size = f"{config.hidden * (1 + config.bidirectional)}"
    return f'''
generator = np.random.default_rng(({config.seed}, {GENERATOR}))


def draw_masks(shape):
    """What the outputs of the layers are multiplied with: 0, or 1 / (1 - p)."""
    share = np.float32(settings["dropout"])
    if not share:
        return None
    kept = [generator.random((*shape, {size}), np.float32) >= share for _ in range({config.layers})]
    return [torch.from_numpy(some.astype(np.float32) / (1 - share)) for some in kept]
'''


_CLIP = """
def clip_gradients(parameters):
    gradients = [parameter.grad for parameter in parameters if parameter.requires_grad]
    if settings["clip"] == "norm":  # in double precision: squares of small gradients underflow in single
        norm = sum(float(gradient.double().square().sum()) for gradient in gradients) ** 0.5
        coefficient = min(1.0, settings["threshold"] / (norm + 1e-6))
        for gradient in gradients:
            if coefficient < 1:
                gradient.mul_(coefficient)
    elif settings["clip"] == "value":
        for gradient in gradients:
            gradient.clamp_(-settings["threshold"], settings["threshold"])
"""


def _optimizer(names: set[str]) -> str:
    if len(names) == 1:
        return f"def make_optimizer():\n    return {OPTIMIZERS[next(iter(names))]}"
    made = "".join(f'        "{name}": lambda: {OPTIMIZERS[name]},\n' for name in sorted(names))
    return f'def make_optimizer():\n    return {{\n{made}    }}[settings["optimizer"]]()'


def _training(config: RunConfig, used: set[str]) -> str:
    lines = [
        "network = Network()",
        "named = dict(network.named_parameters())",
        'network.load_state_dict({name: torch.from_numpy(DATA[f"weights/{name}"]) for name in named})',
        "optimizer = make_optimizer()",
        "states = None",
        "for update in range(1, min(int(sys.argv[1]) if len(sys.argv) > 1 else UPDATES, UPDATES) + 1):",
        *(_change_lines(config, used) if used else []),
        '    inputs, targets = (torch.from_numpy(DATA[f"{name}/{update - 1}"]) for name in ("inputs", "targets"))',
        "    inputs, targets = (part if part.is_floating_point() else part.long() for part in (inputs, targets))",
        f"    masks = {'draw_masks(inputs.shape[:2])' if config.dropout or 'dropout' in used else None}",
        "    optimizer.zero_grad()",
        f"    writes = ~targets.isnan().all(-1) if targets.is_floating_point() else targets != {NO_TARGET}",
        '    name, all_of_them = f"ends/{update - 1}", np.full(len(inputs), inputs.shape[1])',
        "    ends = DATA[name] if name in DATA else all_of_them  # tokens of each sequence that are its own",
        "    outputs, last = network(inputs, states, masks, writes, torch.from_numpy(ends))",
        "    loss = mean_loss(outputs, targets)",
        "    loss.backward()",
        "    clip_gradients(network.parameters())",
        "    optimizer.step()",
        *(_CARRY if config.carry else []),
        "    print(update, loss.item())",
    ]
    return "\n".join(lines)


_CARRY = (
    "    # the next batch goes on where this one ended",
    "    states = [tuple(p.detach() for p in s) if isinstance(s, tuple) else s.detach() for s in last]",
)


def _change_lines(config: RunConfig, used: set[str]) -> list[str]:
    lines = [
        "    if update in CHANGES:",
        "        settings.update(CHANGES[update])",
        '        optimizer.param_groups[0]["lr"] = settings["rate"]',
    ]
    if "optimizer" in used:
        lines += ['        if "optimizer" in CHANGES[update]:', "            optimizer = make_optimizer()"]
    if "forget_bias" in used:
        cell = CELLS[config.cell]
        block = cell.gate_block(str(cell.forget_gate)) or 0
        rows = f"{block * config.hidden} : {(block + 1) * config.hidden}"
        lines += [
            '        for name in named if "forget_bias" in CHANGES[update] else ():',
            '            if name.endswith("bias_ih_l0"):  # what is added to the bias of the forget gate',
            f'                named[name].data[{rows}] += CHANGES[update]["forget_bias"]',
        ]
    return lines
