"""The same network, data and clipping in a plain PyTorch loop: what training costs without rnnviz."""

import time

import numpy as np
import torch
from torch import nn

from rnnviz.config import RunConfig
from rnnviz.tasks import TASKS
from rnnviz.tasks.task import reads

MODULES = {"rnn_tanh": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


class BareLoop:
    """What a short script would do."""

    def __init__(self, config: RunConfig) -> None:
        torch.manual_seed(config.seed)
        self.config = config
        self.task = TASKS[config.task].open(config.file, config.length, config.lag)
        self.random = np.random.default_rng(config.seed)
        labels = reads(self.task).size
        self.embedding = nn.Embedding(labels, config.embedding)
        self.recurrent = MODULES[config.cell](
            config.embedding,
            config.hidden,
            config.layers,
            batch_first=True,
            bidirectional=config.bidirectional,
            dropout=config.dropout if config.layers > 1 else 0.0,
        )
        self.dropout = nn.Dropout(config.dropout)  # before the read-out
        self.readout = nn.Linear(config.hidden * (1 + config.bidirectional), labels)
        parts = (self.embedding, self.recurrent, self.readout)
        self.parameters = [parameter for part in parts for parameter in part.parameters()]
        self.optimizer = torch.optim.Adam(self.parameters, lr=config.rate, fused=True)

    def update(self) -> float:
        batch = self.task.batch(self.random, self.config.batch, self.config.length)
        inputs, targets = torch.from_numpy(batch.inputs), torch.from_numpy(batch.targets)
        self.optimizer.zero_grad()
        hidden, _ = self.recurrent(self.embedding(inputs))
        loss = nn.functional.cross_entropy(self.readout(self.dropout(hidden)).flatten(0, 1), targets.flatten())
        loss.backward()
        nn.utils.clip_grad_norm_(self.parameters, self.config.threshold)
        self.optimizer.step()
        return loss.item()

    def updates_per_second(self, seconds: float) -> float:
        started = time.perf_counter()
        count = 0
        while time.perf_counter() - started < seconds:
            self.update()
            count += 1
        return count / (time.perf_counter() - started)
