"""Copying, parity, multiplication, the embedded Reber grammar, looking ahead: right answers, and lines that hold."""

import math
from collections import Counter, defaultdict
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from rnnviz.tasks import TASKS
from rnnviz.tasks.reber import GRAPH, OPTIMUM, WITHOUT_LONG_MEMORY, embedded
from rnnviz.tasks.task import NO_TARGET, chance, others
from rnnviz.training.trainer import Trainer
from tests.builders import config

SEEDS = st.integers(0, 2**32)


def drawn(name, length, size=4, seed=0):
    task = TASKS[name].open(None, length)
    return task, task.batch(np.random.default_rng(seed), size, length)


@given(length=st.integers(21, 60), seed=SEEDS)
def test_the_ten_symbols_are_copied_after_the_marker(length, seed):
    task, (inputs, targets) = drawn("copy", length, 3, seed)
    for row, wanted in zip(inputs.tolist(), targets.tolist(), strict=True):
        read = "".join(task.reads.labels[code] for code in row)
        letters = read[:10]
        assert set(letters) <= set("abcdefgh")
        assert read == letters + "·" * (length - 21) + "▸" + "·" * 10
        assert "".join(task.predicts.labels[code] for code in wanted) == "·" * (length - 10) + letters


@pytest.mark.parametrize("blanks", [20, 50, 100, 200, 500])
def test_without_memory_copying_has_the_published_loss(blanks):
    published = {20: 0.51986, 50: 0.29706, 100: 0.17329, 200: 0.09452, 500: 0.03999}
    assert TASKS["copy"].open(None, blanks + 20).best.loss == pytest.approx(published[blanks], abs=5e-6)


def test_the_blind_guess_of_copying_is_the_entropy_of_what_is_asked():
    task, (_, targets) = drawn("copy", 40, 20_000)
    _, counts = np.unique(targets, return_counts=True)
    shares = counts / counts.sum()
    assert chance(task, 40).loss == pytest.approx(-(shares * np.log(shares)).sum(), abs=1e-4)


@given(length=st.integers(1, 30), seed=SEEDS)
def test_parity_turns_over_with_every_one(length, seed):
    _, (inputs, targets) = drawn("parity", length, 3, seed)
    for row, wanted in zip(inputs.tolist(), targets.tolist(), strict=True):
        odd = 0
        for bit, answer in zip(row, wanted, strict=True):
            odd ^= bit
            assert answer == odd


def test_who_sees_the_last_three_bits_alone_knows_nothing_of_the_parity():
    _, (inputs, targets) = drawn("parity", 6, 60_000)
    window = inputs[:, -3:] @ (4, 2, 1)
    for seen in range(8):
        assert targets[window == seen, -1].mean() == pytest.approx(0.5, abs=0.02)


def test_the_product_is_that_of_the_two_marked_values():
    _, (inputs, targets) = drawn("multiplication", 11, 300)
    for row, wanted in zip(inputs, targets, strict=True):
        first, second = (value for value, marker in row if marker == 1)
        assert wanted[-1, 0] == np.float32(first * second)
    assert np.isnan(targets[:, :-1]).all()


def test_the_lines_of_multiplication_are_what_such_readers_get():
    task, (inputs, targets) = drawn("multiplication", 8, 400_000)
    products = targets[:, -1, 0].astype(float)
    second = (inputs[:, 4:, 0] * inputs[:, 4:, 1]).sum(axis=1)
    assert np.mean((products - 1 / 4) ** 2) == pytest.approx(task.chance, rel=0.01)
    assert np.mean((products - second / 2) ** 2) == pytest.approx(task.best.loss, rel=0.01)
    assert task.chance == pytest.approx(0.048611, abs=1e-6)


def choices_and_symbols(string):
    """Walk an embedded string by hand: how many of its symbols were a choice, and that it is of the grammar."""
    assert string[0] == "B"
    assert string[1] == string[-2]
    assert string[-1] == "E"
    inner, node, choices = string[2:-2], 1, 1
    assert inner[0] == "B"
    assert inner[-1] == "E"
    for symbol in inner[1:-1]:
        node = dict(GRAPH[node])[symbol]
        choices += 1
    assert node == 6
    return choices, len(string)


def test_reber_strings_have_the_published_number_of_symbols_and_choices():
    random = np.random.default_rng(5)
    counts = np.array([choices_and_symbols(embedded(random)) for _ in range(20_000)])
    choices, symbols = counts.mean(axis=0)
    error = 4 * counts.std(axis=0) / math.sqrt(20_000)
    assert symbols == pytest.approx(12, abs=error[1])
    assert choices == pytest.approx(7, abs=error[0])
    assert counts[:, 1].min() == 9


def expected_choices():
    """Choices from every node on, c = 1 + mean of the c behind it, and nothing from the end: solved as an equation."""
    nodes = sorted(GRAPH)
    moves = np.array([[sum(after == node for _, after in GRAPH[before]) / 2 for node in nodes] for before in nodes])
    return np.linalg.solve(np.eye(len(nodes)) - moves, np.ones(len(nodes)))[0]


def test_the_optimum_of_the_reber_grammar_is_that_of_its_graph():
    inner = expected_choices()
    assert inner == pytest.approx(6, abs=1e-12)
    predictions = 1 + 1 + 1 + inner + 1 + 1  # B is given; T or P, B, the choices, E, T or P, E
    assert pytest.approx((inner + 1) * math.log(2) / predictions, abs=1e-12) == OPTIMUM
    assert pytest.approx((inner + 2) * math.log(2) / predictions, abs=1e-12) == WITHOUT_LONG_MEMORY
    assert pytest.approx(0.4415, abs=5e-4) == OPTIMUM  # as counted in 200 000 strings
    assert pytest.approx(0.5044, abs=5e-4) == WITHOUT_LONG_MEMORY


def test_a_table_of_all_that_was_read_but_the_second_symbol_cannot_get_below_the_upper_line():
    """Count what follows which past, with the second symbol and without: the two losses of the note."""
    random = np.random.default_rng(6)
    strings = [embedded(random) for _ in range(30_000)]
    for forgets, line in ((False, OPTIMUM), (True, WITHOUT_LONG_MEMORY)):
        followers = defaultdict(Counter)
        for string in strings:
            for place, (_, following) in enumerate(pairwise(string)):
                past = string[: place + 1]
                inside = place >= 2 and forgets
                followers[state_of(past, with_second=not inside)][following] += 1
        total = sum(table.total() for table in followers.values())
        bits = -sum(count * math.log(count / table.total()) for table in followers.values() for count in table.values())
        assert bits / total == pytest.approx(line, abs=0.005)


def state_of(past, *, with_second):
    """Where in the embedded grammar ``past`` has led."""
    second = past[1] if with_second and len(past) > 1 else ""
    if len(past) < 4:
        return second, len(past)
    node, ended = 1, 0
    for symbol in past[3:]:
        if ended or node == 6:
            ended += 1
        else:
            node = dict(GRAPH[node])[symbol]
    return second, node, ended


def test_the_lines_of_the_reber_strings_are_those_of_the_very_strings_held_out():
    task = TASKS["reber"].open(None, 5)
    choices = predictions = 0
    for row, wanted in zip(*task.held_out(5), strict=True):
        string = [row[0], *wanted[wanted != NO_TARGET]]
        choices += choices_and_symbols("".join(task.vocabulary[code] for code in string))[0]
        predictions += len(string) - 1
    (without_long_memory,) = others(task)
    assert task.best.loss == pytest.approx(choices * math.log(2) / predictions, rel=1e-12)
    assert without_long_memory.loss == pytest.approx((choices + 1024) * math.log(2) / predictions, rel=1e-12)
    assert (round(task.best.loss, 4), round(without_long_memory.loss, 4)) == (0.4373, 0.5012)


def test_targets_of_reber_strings_are_the_next_symbols():
    task, (inputs, targets) = drawn("reber", 5, 50)
    for row, wanted in zip(inputs.tolist(), targets.tolist(), strict=True):
        end = wanted.index(NO_TARGET) if NO_TARGET in wanted else len(wanted)
        assert row[1:end] == wanted[: end - 1]
        choices_and_symbols("".join(task.vocabulary[code] for code in [row[0], *wanted[:end]]))
        assert wanted[end:] == [NO_TARGET] * (len(wanted) - end)


@given(length=st.integers(6, 30), seed=SEEDS)
def test_looking_ahead_asks_for_what_comes_five_tokens_later(length, seed):
    _, (inputs, targets) = drawn("look_ahead", length, 3, seed)
    for token in range(length):
        wanted = inputs[:, token + 5] if token + 5 < length else NO_TARGET
        assert (targets[:, token] == wanted).all()


def test_the_tokens_that_are_asked_for_are_shown_behind_the_last_target():
    trainer = Trainer(config(task="look_ahead", length=12))
    assert trainer.trace().tokens == 12
    trainer.set(shown="batch")
    trainer.update()
    assert trainer.trace().tokens == 12


def test_a_network_that_reads_left_to_right_learns_nothing_of_what_comes():
    trainer = Trainer(config(task="look_ahead", length=12, hidden=16, batch=16))
    losses = [record.validation_loss for record in trainer.updates(300) if record.validation_loss is not None]
    assert min(losses) > math.log(2) - 0.01


def test_a_network_that_reads_both_ways_knows_what_comes():
    """Torch's own, trained on the task's batches: what is asked can be learned."""
    task, random = TASKS["look_ahead"].open(None, 12), np.random.default_rng(0)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        layer, readout = nn.LSTM(2, 16, batch_first=True, bidirectional=True), nn.Linear(32, 2)
    optimizer = torch.optim.Adam([*layer.parameters(), *readout.parameters()], 0.02)
    for _ in range(300):
        inputs, targets = map(torch.from_numpy, task.batch(random, 32, 12))
        states, _ = layer(nn.functional.one_hot(inputs, 2).float())
        loss = nn.functional.cross_entropy(readout(states).flatten(0, 1), targets.flatten(), ignore_index=NO_TARGET)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss < 0.02


@pytest.mark.parametrize("name", ["copy", "parity", "multiplication", "reber", "look_ahead"])
def test_no_seed_of_a_run_draws_what_is_held_out(name):
    length = 30
    task = TASKS[name].open(None, length)
    held_out = {row.tobytes() for row in task.held_out(length).inputs}
    if name != "reber":  # a short string comes again
        assert len(held_out) == 256
        for seed in range(20):
            assert not held_out & {row.tobytes() for row in task.batch(np.random.default_rng(seed), 256, length).inputs}
