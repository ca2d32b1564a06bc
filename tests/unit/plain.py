"""What a trainer does, as a plain PyTorch program would do it."""

import re

import numpy as np
import torch
from torch import nn

from rnnviz.domain.values import Symbols
from rnnviz.tasks import TASKS
from tests.builders import module


class Plain(nn.Module):
    """The network as anyone would write it, beginning with the weights of a trainer."""

    def __init__(self, run):
        super().__init__()
        config, facts = run.config, run.facts
        labels = isinstance(facts.reads, Symbols)
        self.embedding = nn.Embedding(facts.reads.size, config.embedding) if labels else nn.Identity()
        self.rnn = module(
            config.cell,
            config.embedding if labels else facts.reads.size,
            config.hidden,
            num_layers=config.layers,
            batch_first=True,
            bidirectional=config.bidirectional,
        )
        self.readout = nn.Linear(config.hidden * (1 + config.bidirectional), facts.predicts.size)
        weights = run.network.state_dict()
        self.load_state_dict({as_torch_names(name): weights[name] for name in weights})

    def forward(self, tokens):
        return self.readout(self.rnn(self.embedding(tokens))[0])


def as_torch_names(name):
    """“layers.1.back.weight_hh_l0” → “rnn.weight_hh_l1_reverse”."""
    turned = "_reverse" if ".back." in name else ""
    name = name.replace(".ahead.", ".").replace(".back.", ".")
    return re.sub(r"layers\.(\d)\.(\w+)_l0", rf"rnn.\2_l\1{turned}", name)


def batches(run):
    """The batches that a new trainer like ``run`` draws."""
    task = TASKS[run.config.task].open(run.config.file, run.config.length, run.config.lag)
    random = np.random.default_rng(run.config.seed)
    while True:
        yield tuple(torch.from_numpy(part) for part in task.batch(random, run.config.batch, run.config.length))


def mean_loss(network, inputs, targets):
    return nn.functional.cross_entropy(network(inputs).transpose(1, 2), targets)
