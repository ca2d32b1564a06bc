"""Tasks about series of numbers: what is held out, the equations that make them, and the lines to compare with."""

import numpy as np
import pytest

from rnnviz.tasks import TASKS, sines
from rnnviz.tasks.airline import passengers
from rnnviz.tasks.mackey_glass import STEP, TAU, mackey_glass, slope
from rnnviz.tasks.series import standardised
from rnnviz.tasks.task import asked, best, chance, others
from tests.builders import csv_file

LENGTH = 24


def opened(name, length=LENGTH):
    return TASKS[name].open(None, length)


def asked_numbers(batch):
    """The numbers that are to be predicted, in order."""
    return batch.targets[asked(batch.targets)][:, 0].astype(np.float64)


def test_the_airline_passengers_are_the_published_ones():
    x = passengers()
    assert (len(x), x.sum(), (x**2).sum()) == (144, 40363, 13371737)
    assert x[[0, 10, 50, 51, 143]].tolist() == [112, 104, 236, 235, 432]


def test_the_last_two_years_are_held_out_and_never_read_in_training():
    task, logs = opened("airline"), np.log(passengers())
    scaled = (logs - logs[:120].mean()) / logs[:120].std()
    np.testing.assert_allclose(asked_numbers(task.held_out(LENGTH)), scaled[120:], atol=1e-6)
    drawn = task.batch(np.random.default_rng(0), 3000, LENGTH)
    seen = np.unique(np.concatenate([drawn.inputs.ravel(), drawn.targets.ravel()]))
    np.testing.assert_array_equal(seen, np.unique(scaled[:120].astype(np.float32)))


def test_every_held_out_month_is_predicted_from_the_months_just_before_it():
    inputs, targets = opened("airline").held_out(LENGTH)
    np.testing.assert_array_equal(inputs[1:, -1, 0], targets[:-1, -1, 0])
    np.testing.assert_array_equal(inputs[1:, :-1], inputs[:-1, 1:])


@pytest.mark.parametrize("length", [12, 24, 60])
def test_the_shown_months_ask_only_for_what_is_held_out(length):
    shown = opened("airline", length).displayed(length)
    assert np.count_nonzero(asked(shown.targets)) == min(length, 24)
    held_out = asked_numbers(opened("airline", length).held_out(length))
    np.testing.assert_array_equal(asked_numbers(shown), held_out[-length:])
    assert np.isfinite(shown.inputs).all()


def test_a_single_number_held_out_is_asked_for_and_all_before_it_are_read(tmp_path):
    task = TASKS["series_csv"].open(csv_file(tmp_path, "1\n2\n4\n3\n"), 2)
    inputs, targets = task.held_out(2)
    assert np.isfinite(inputs).all()
    assert np.isnan(targets[..., 0]).tolist() == [[True, False]]


def test_the_lines_of_the_airline_are_the_published_errors():
    """In passengers 51.78 and 19.71; in the unit of the loss by a loop over the held-out months."""
    task, x = opened("airline"), passengers().tolist()
    scale = np.log(x[:120]).std()
    same, grown = [], []
    for month in range(120, 144):
        same.append((np.log(x[month]) - np.log(x[month - 1])) / scale)
        grown.append((np.log(x[month]) - np.log(x[month - 12] * x[month - 1] / x[month - 13])) / scale)
    (last_month,) = others(task)
    assert last_month.loss == pytest.approx(np.mean(np.square(same)), rel=1e-12)
    assert best(task).loss == pytest.approx(np.mean(np.square(grown)), rel=1e-12)
    assert "off by 51.78 thousand passengers" in task.note
    assert "by 19.71." in task.note
    assert last_month.name == "like last month (off by 51.8)"
    assert best(task).name == "grows as a year ago (off by 19.7)"
    logs = np.log(x)
    always = np.mean((logs[120:] - logs[:120].mean()) ** 2) / scale**2
    assert chance(task, LENGTH).loss == pytest.approx(always, rel=1e-12)
    assert best(task).loss < last_month.loss < chance(task, LENGTH).loss


def test_mackey_glass_stays_where_its_slope_is_zero():
    assert slope(1.0, 1.0) == pytest.approx(0, abs=1e-15)
    np.testing.assert_allclose(mackey_glass(2000, start=1.0), 1, atol=1e-12)


def test_mackey_glass_agrees_with_a_fine_euler_rule_before_chaos_parts_them():
    fine = 200  # Euler steps in one step of the series
    delay, x = round(TAU / STEP) * fine, [1.2]
    for now in range(400 * fine):
        x.append(x[-1] + STEP / fine * slope(x[-1], x[now - delay] if now > delay else 1.2))
    np.testing.assert_allclose(mackey_glass(400), x[::fine], atol=2e-4)


def test_mackey_glass_never_repeats_and_keeps_in_bounds():
    x = mackey_glass(20_000)[3000:]
    assert 0.2 < x.min() < 0.5
    assert 1.2 < x.max() < 1.5
    assert len(np.unique(x.round(9))) > 0.99 * len(x)


@pytest.mark.parametrize("name", ["airline", "mackey_glass"])
def test_the_naive_line_is_the_error_of_repeating_what_was_read_last(name):
    task = opened(name)
    inputs, targets = task.held_out(LENGTH)
    error = np.mean((inputs[:, -1, 0].astype(np.float64) - targets[:, -1, 0]) ** 2)
    naive = others(task)[0] if name == "airline" else chance(task, LENGTH)
    assert naive.loss == pytest.approx(error, rel=1e-5)


def test_the_linear_line_is_what_no_other_weights_beat_on_the_training_part():
    """Normal equations instead of least squares; then the error over the held-out windows of the task."""
    task = opened("mackey_glass")
    every = task.batch(np.random.default_rng(0), 4000, LENGTH)
    past, wanted = every.inputs[:, -4:, 0].astype(np.float64), every.targets[:, -1, 0]
    rows = np.column_stack([past, np.ones(len(past))])
    weights = np.linalg.solve(rows.T @ rows, rows.T @ wanted)
    inputs, targets = task.held_out(LENGTH)
    said = inputs[:, -4:, 0] @ weights[:4] + weights[4]
    # The windows drawn are not every one equally often: the weights agree to a per cent or so.
    assert best(task).loss == pytest.approx(np.mean((said - targets[:, -1, 0]) ** 2), rel=0.03)


def test_a_long_series_holds_256_of_its_numbers_out_evenly_spaced():
    places = standardised(np.arange(3000.0), 1000).places()
    assert (len(places), places[0], places[-1]) == (256, 1000, 2999)
    assert set(np.diff(places)) <= {7, 8}


@pytest.mark.parametrize("name", ["airline", "mackey_glass"])
def test_a_length_that_does_not_fit_is_told_with_what_would(name):
    with pytest.raises(ValueError, match=r"length is 1500, but .* expected a length below \d+"):
        opened(name, 1500)


def test_sines_have_the_two_periods_and_the_noise_that_they_tell():
    """After a least-squares fit of both waves nothing is left but the noise."""
    inputs, targets = opened("sines", 200).batch(np.random.default_rng(0), 50, 200)
    np.testing.assert_array_equal(inputs[:, 1:], targets[:, :-1])
    time = np.arange(200)
    waves = [wave(2 * np.pi * time / period) for period in (7, 19) for wave in (np.sin, np.cos)]
    design = np.stack(waves, axis=1)
    weights, *_ = np.linalg.lstsq(design, inputs[..., 0].T.astype(np.float64), rcond=None)
    left = inputs[..., 0].T - design @ weights
    assert left.std() == pytest.approx(sines.NOISE, rel=0.03)
    assert weights.std() == pytest.approx(sines.SIZE, rel=0.15)


def test_the_variance_of_the_sines_is_their_chance():
    drawn = opened("sines").batch(np.random.default_rng(0), 20_000, LENGTH).targets.astype(np.float64)
    assert chance(opened("sines"), LENGTH).loss == pytest.approx(np.mean(drawn**2), rel=0.02)


@pytest.mark.parametrize("length", [1, 5, 24])
def test_the_optimum_of_the_sines_is_reached_by_the_best_linear_guess_of_each_token(length):
    """For jointly normal numbers it is linear: fitted to samples instead of taken from the covariance."""
    numbers = opened("sines", length).batch(np.random.default_rng(0), 60_000, length)
    errors = []
    for token in range(length):
        past, wanted = numbers.inputs[:, : token + 1, 0].astype(np.float64), numbers.targets[:, token, 0]
        weights = np.linalg.solve(past.T @ past, past.T @ wanted)
        errors.append(np.mean((past @ weights - wanted) ** 2))
    assert best(opened("sines", length)).loss == pytest.approx(np.mean(errors), rel=0.015)


def test_an_own_series_says_how_it_was_read_and_what_is_held_out(tmp_path):
    rows = "".join(f"2020-{k:03};{k % 7},5\n" for k in range(100))
    task = TASKS["series_csv"].open(csv_file(tmp_path, f"Tag;Preis\n{rows}"), LENGTH)
    assert task.note == (
        "numbers.csv: 'Preis' (column 2 of 2, separated by semicolons; the first line is a header; decimal comma), "
        "standardised: 80 numbers to train on, the last 20 held out."
    )
    assert task.reads.names == ("Preis",)
    assert len(asked_numbers(task.held_out(LENGTH))) == 20
    assert best(task).name == "linear rule, 12 numbers back"
    assert best(task).loss == pytest.approx(0, abs=1e-20)  # a period of 7 is linear


@pytest.mark.parametrize("file", [False, True])
def test_an_own_series_without_file_is_refused(file, tmp_path):
    path = tmp_path / "none.csv" if file else None
    with pytest.raises(ValueError, match=r"does not exist" if file else "file is not set, expected the path of a CSV"):
        TASKS["series_csv"].open(path, LENGTH)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "\n".join("12345" * 4),
            "20 numbers, of which 16 are to train on, expected more than 24 of those for a length of 24",
        ),
        ("1\n", "numbers in the column: 1, expected 3 at least"),
        ("5\n" * 80 + "6\n" * 5, "all are 5, expected different ones of moderate size"),
        ("1e300\n-1e300\n" * 60, "too far apart to tell their variance, expected different ones of moderate size"),
    ],
    ids=["short", "one", "constant", "huge"],
)
def test_an_own_series_that_cannot_be_learned_is_refused_with_a_sentence(text, sentence, tmp_path):
    path = csv_file(tmp_path, text)
    with pytest.raises(ValueError, match=f"^{path}: ") as refused:
        TASKS["series_csv"].open(path, LENGTH)
    assert sentence in str(refused.value)
