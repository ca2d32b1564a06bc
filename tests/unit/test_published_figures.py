"""The figures of `science.md`, §3 and §4, reached by whole trainings. Slow: each takes up to two minutes."""

import numpy as np
import pytest
import torch

from rnnviz.config import RunConfig
from rnnviz.lessons import LESSONS
from rnnviz.tasks.airline import HELD_OUT, passengers, root_mean_square, seasonal
from rnnviz.training.trainer import Trainer

pytestmark = pytest.mark.slow


def held_out(config, updates, *, until=-1.0):
    """(loss, share right) of what is held out, every 50 updates, to the end or until the loss is below ``until``."""
    found = []
    for record in Trainer(config).updates(updates):
        if record.validation_loss is not None:
            found.append((record.validation_loss, record.validation_accuracy))
            if record.validation_loss < until:
                break
    return np.array(found)


@pytest.mark.parametrize(("which", "updates"), [(0, 1000), (1, 2500)], ids=["gru", "lstm"])
def test_gated_networks_solve_adding_over_fifty_tokens(which, updates):
    assert held_out(LESSONS["adding_race"].configs[which], updates, until=0.01)[-1, 0] < 0.01


@pytest.mark.parametrize("rate", [0.001, 0.003])
def test_a_simple_network_stays_at_the_line_of_adding(rate):
    assert held_out(LESSONS["adding_race"].configs[2].changed(rate=rate), 2000)[:, 0].min() > 0.12


def test_who_reads_one_way_cannot_look_ahead_and_who_reads_both_ways_can():
    one_way, both_ways = (held_out(config, 600) for config in LESSONS["both_directions"].configs)
    assert one_way[:, 0].min() > 0.69
    assert one_way[:, 1].max() < 0.55
    assert both_ways[-1, 0] < 6e-4
    assert both_ways[-1, 1] == 1


@pytest.mark.parametrize("seed", range(5))
def test_a_forget_bias_of_5_keeps_the_first_bit_over_a_hundred_tokens(seed):
    config = LESSONS["forget_bias"].configs[-1].changed(seed=seed)
    assert config.forget_bias == 5
    assert held_out(config, 1000, until=0.05)[:, 1].max() >= 0.99


@pytest.mark.parametrize("seed", range(5))
def test_a_forget_bias_of_1_does_not(seed):
    config = LESSONS["forget_bias"].configs[0].changed(seed=seed)
    assert config.forget_bias == 1
    losses, right = held_out(config, 1000).T
    assert losses.min() > 0.68
    assert right.max() < 0.6


@pytest.mark.parametrize("seed", range(2))
def test_airline_passengers_are_forecast_better_than_by_the_last_month(seed):
    """Root mean square error of the 24 months held out, in thousand passengers; 51.8 is that of the last month."""
    config = RunConfig(task="airline", cell="gru", hidden=32, length=24, batch=32, rate=0.005, seed=seed)
    run, x = Trainer(config), passengers()
    list(run.updates(500))
    logs = np.log(x[:-HELD_OUT])
    with torch.no_grad():
        said = run.network(run._data.held_out[0]).logits[:, -1, 0].double().numpy()
    error = root_mean_square(np.exp(said * logs.std() + logs.mean()) - x[-HELD_OUT:])
    assert root_mean_square(x[-HELD_OUT - 1 : -1] - x[-HELD_OUT:]) == pytest.approx(51.78, abs=0.005)
    assert root_mean_square(seasonal(x) - x[-HELD_OUT:]) == pytest.approx(19.71, abs=0.005)
    assert error < 45


def test_the_embedded_reber_grammar_is_learned_to_the_optimum_of_what_is_held_out():
    config = RunConfig(task="reber", cell="lstm", hidden=32, embedding=0, batch=32, rate=0.01)
    run = Trainer(config)
    losses = [record.validation_loss for record in run.updates(1500) if record.validation_loss is not None]
    (without_long_memory,) = run.facts.others
    assert run.facts.best.loss - 1e-3 < min(losses) < run.facts.best.loss + 0.01 < without_long_memory.loss


def test_dropout_puts_off_what_is_learned_by_heart():
    lesson = LESSONS["dropout"]
    without, dropped = (held_out(config, lesson.updates)[:, 0] for config in lesson.configs)
    assert without.argmin() < 8  # 400 updates
    assert without[-1] > without.min() + 0.4
    assert dropped.min() < without.min()
    assert dropped[-1] < without[-1] - 0.4


@pytest.mark.parametrize(("which", "solves"), [(0, False), (1, False), (2, True)], ids=["off", "norm", "orthogonal"])
def test_clipping_does_not_help_where_gradients_vanish(which, solves):
    losses, right = held_out(LESSONS["clipping_no_help"].configs[which], 1000).T
    assert (right.max() >= 0.99) == solves
    assert solves or losses.min() > 1.37
