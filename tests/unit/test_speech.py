"""A synthetic voice, its log-mel frames, and the task made of them."""

import math

import numpy as np
import pytest

from rnnviz.analysis.mel import FLOOR, log_mel, mel, mel_filters
from rnnviz.tasks import TASKS, speech, voices
from rnnviz.tasks.task import asked, best


def slow_filters(bands, size, rate, low, high):
    """Entry by entry, from the definition of a triangle."""
    pitches = [mel(low) + (mel(high) - mel(low)) * k / (bands + 1) for k in range(bands + 2)]
    corners = [700 * (math.pow(10, pitch / 2595) - 1) for pitch in pitches]
    made = [[0.0] * (size // 2 + 1) for _ in range(bands)]
    for band, (left, middle, right) in enumerate(zip(corners, corners[1:], corners[2:], strict=False)):
        for place in range(size // 2 + 1):
            frequency = place * rate / size
            if left < frequency <= middle:
                made[band][place] = (frequency - left) / (middle - left)
            elif middle < frequency < right:
                made[band][place] = (right - frequency) / (right - middle)
    return made


@pytest.mark.parametrize(("bands", "size", "rate"), [(20, 256, 8000), (16, 200, 8000), (40, 512, 16000)])
def test_mel_filters_are_the_triangles_of_the_slow_formula(bands, size, rate):
    low, high = 100, rate * 0.48
    slow = slow_filters(bands, size, rate, low, high)
    np.testing.assert_allclose(mel_filters(bands, size, rate, low, high), slow, atol=1e-12)


def test_a_thousand_hertz_are_a_thousand_mel():
    assert mel(1000) == pytest.approx(1000, abs=0.02)
    assert mel(0) == 0


def test_every_band_of_the_task_hears_something():
    assert (mel_filters(speech.BANDS, speech.FRAME, voices.RATE, speech.LOW, speech.HIGH).sum(axis=1) > 0.4).all()


def test_log_mel_frames_are_the_plain_fourier_sum_of_each_frame():
    sound, size, hop = np.random.default_rng(0).normal(size=100), 32, 16
    filters = mel_filters(5, size, 8000, 100, 3900)
    found = log_mel(sound, filters, size, hop)
    assert found.shape == (1 + (100 - size) // hop, 5)
    window = [0.5 - 0.5 * math.cos(2 * math.pi * n / (size - 1)) for n in range(size)]
    for frame in range(len(found)):
        cut = sound[frame * hop : frame * hop + size] * window
        power = [
            abs(sum(x * np.exp(-2j * math.pi * k * n / size) for n, x in enumerate(cut))) ** 2 / size for k in range(17)
        ]
        np.testing.assert_allclose(found[frame], np.log(filters @ power + FLOOR), rtol=1e-9)


def test_silence_has_a_finite_logarithm():
    assert np.isfinite(speech.frames(np.zeros((1, 2000)))).all()


@pytest.mark.parametrize("frequency", [300.0, 1200.0, 3000.0])
def test_a_resonance_answers_a_pulse_with_klatts_transfer_function(frequency):
    size, bandwidth = 2000, 80.0
    pulse = np.zeros((1, size))
    pulse[0, 0] = 1
    heard = np.fft.rfft(voices.resonance(pulse, np.full((1, size // voices.BLOCK), frequency), bandwidth)[0])
    z = np.exp(2j * np.pi * np.arange(size // 2 + 1) / size)
    c = -math.exp(-2 * math.pi * bandwidth / voices.RATE)
    b = 2 * math.exp(-math.pi * bandwidth / voices.RATE) * math.cos(2 * math.pi * frequency / voices.RATE)
    np.testing.assert_allclose(heard, (1 - b - c) / (1 - b / z - c / z**2), rtol=1e-6)
    assert np.abs(heard).argmax() * voices.RATE / size == pytest.approx(frequency, rel=0.02)


def test_voices_have_the_pitch_of_people():
    """Pulses a second, counted where the source jumps."""
    source = voices._pulses(np.random.default_rng(0), 200, voices.RATE)
    jumps = source[:, 1:] - 0.8 * source[:, :-1] > 1e-9
    pitches = jumps.sum(axis=1)
    assert 80 < pitches.min() < 110
    assert 210 < pitches.max() < 255


def power_between(sounds, low, high):
    """Share of the power between two frequencies, (B,)."""
    power = np.abs(np.fft.rfft(sounds)) ** 2
    frequencies = np.fft.rfftfreq(sounds.shape[1], 1 / voices.RATE)
    return power[:, (low < frequencies) & (frequencies < high)].sum(axis=1) / power.sum(axis=1)


BANDS_OF_VOWELS = [("a", "o", 900, 1500), ("i", "a", 1900, 3900), ("o", "i", 400, 1100), ("e", "u", 1500, 3000)]


@pytest.mark.parametrize(("vowel", "other", "low", "high"), BANDS_OF_VOWELS)
def test_vowels_are_louder_than_others_where_their_formants_are(vowel, other, low, high):
    """The same speakers say both."""
    one, two = (voices.spoken(np.random.default_rng(1), [said] * 20, 0.24) for said in (vowel, other))
    assert (power_between(one, low, high) > power_between(two, low, high)).all()


def test_so_begins_with_a_hiss_and_os_ends_with_it():
    random, early, late = np.random.default_rng(0), slice(0, 700), slice(-700, None)
    for word, hissing, voiced in (("so", early, late), ("os", late, early)):
        sounds = voices.spoken(random, [word] * 20, 0.3)
        assert (power_between(sounds[:, hissing], 2500, 4000) > 0.5).all()
        assert (power_between(sounds[:, voiced], 2500, 4000) < 0.4).all()
        assert np.median(power_between(sounds[:, voiced], 2500, 4000)) < 0.05


def test_no_sound_drowns_the_others_of_its_word():
    for word in ("so", "yes", "ma"):
        parts = np.array_split(voices.spoken(np.random.default_rng(0), [word] * 20, 0.3), 6, axis=1)
        loudness = np.median([part.std(axis=1) for part in parts], axis=1)
        assert loudness.max() < 15 * loudness.min()


def test_recordings_are_as_long_as_they_are_and_the_word_is_asked_for_after_the_last_frame():
    task = TASKS["speech"].open(None, 1)
    inputs, targets = task.held_out(1)
    assert np.unique(asked(targets).sum(axis=1)).tolist() == [1]
    ends = asked(targets).argmax(axis=1)
    lengths = {1 + (round(seconds * voices.RATE) - speech.FRAME) // speech.HOP for seconds in speech.LENGTHS}
    assert {end + 1 for end in ends.tolist()} == lengths
    for row, end in zip(inputs, ends, strict=True):
        assert (row[end + 1 :] == 0).all()
        assert np.abs(row[: end + 1]).max(axis=1).min() > 0
    assert np.bincount(targets[asked(targets)]).tolist() == [speech.HELD_OUT_EACH * 3] * 10


def test_what_is_trained_on_is_standardised_and_none_of_it_is_held_out():
    task = TASKS["speech"].open(None, 1)
    rows = np.concatenate([rows for rows, _ in task._training])
    np.testing.assert_allclose(rows.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(rows.std(axis=0), 1, atol=1e-4)
    known = {rows.tobytes() for rows, _ in task._training}
    assert len(known) == 900
    assert not known & {rows.tobytes() for rows, _ in task._held_out}


def test_the_shown_recording_says_yes():
    task = TASKS["speech"].open(None, 1)
    _, targets = task.displayed(1)
    assert task.predicts.labels[targets[0, -1]] == "yes"


def test_the_line_of_the_mean_spectrum_is_bayes_rule_with_normal_densities():
    """With the determinant and the inverse of one covariance, recording by recording."""
    task = TASKS["speech"].open(None, 1)
    known = [(rows.astype(float).mean(axis=0), word) for rows, word in task._training]
    means = [np.mean([row for row, word in known if word == k], axis=0) for k in range(10)]
    apart = np.array([row - means[word] for row, word in known])
    inverse = np.linalg.inv(apart.T @ apart / (len(apart) - 1))
    losses = []
    for rows, right in task._held_out:
        fresh = rows.astype(float).mean(axis=0)
        densities = [math.exp(-(fresh - mean) @ inverse @ (fresh - mean) / 2) for mean in means]
        losses.append(-math.log(densities[right] / sum(densities)))
    assert best(task).loss == pytest.approx(np.mean(losses), rel=1e-9)
