"""What an embedding begins with, and one that stays as it began: against plain PyTorch, and bit by bit."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from rnnviz.config import RunConfig
from rnnviz.config.budget import parameters, same_budget
from rnnviz.domain.values import Numbers, Symbols
from rnnviz.files.errors import BadFileError
from rnnviz.networks import build_network
from rnnviz.tasks import TASKS
from rnnviz.tasks.task import asked, reads, texts
from rnnviz.training.trainer import Trainer
from rnnviz.training.vectors import counted_vectors
from tests.builders import TORCH_CELLS, config, file_for, text_file, trainer, vectors_file
from tests.unit.bench import difference
from tests.unit.plain import Plain, batches, mean_loss
from tests.unit.test_trainer_reference import MAKERS, RATES, clip_as_configured

LETTERS = tuple(" dehlorw")  # of “hello world”


def embedding(run):
    return run.network.embedding.weight.detach().numpy().copy()


# Settings.


def test_a_file_has_to_be_named_where_vectors_come_from_one():
    sentence = "vectors_file is not set, expected the path of a GloVe or word2vec text file with vectors 'file'"
    with pytest.raises(ValueError, match=sentence):
        config(vectors="file")


@pytest.mark.parametrize("changes", [{"embedding": 0}, {"task": "adding"}])
def test_where_nothing_is_embedded_the_settings_of_the_embedding_do_not_matter(changes):
    for settings in ({"vectors": "file"}, {"vectors": "counted"}, {"frozen": True}):
        run, plain = trainer(**changes, **settings), trainer(**changes)
        assert (run.facts, run.update().loss) == (plain.facts, plain.update().loss)
        assert run.facts.frozen == 0


# From a file.


def test_vectors_of_a_file_are_where_they_belong_and_the_missing_begin_as_torch_begins(tmp_path):
    run = trainer(vectors="file", vectors_file=vectors_file(tmp_path), embedding=3)
    plain = embedding(trainer(embedding=3))
    found = dict(zip(LETTERS, embedding(run).tolist(), strict=True))
    assert [found[letter] for letter in "ehlo"] == [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0]]
    for letter in " drw":
        assert found[letter] == plain[LETTERS.index(letter)].tolist()


def test_missing_tokens_are_counted_and_named(tmp_path):
    run = trainer(vectors="file", vectors_file=vectors_file(tmp_path), embedding=3)
    assert run.facts.missing == (" ", "d", "r", "w")
    assert run.facts.task_note.endswith(
        "Vectors from vectors.txt, 3 numbers each: 4 of 8 tokens found; 4 missing, which begin at random: “ ”, “d”, "
        "“r”, “w”."
    )


def test_of_many_missing_tokens_eight_are_named(tmp_path):
    file, text = vectors_file(tmp_path, "THE 1 2\n. 3 4\n"), text_file(tmp_path)
    facts = Trainer(config(task="text_words", file=text, vectors="file", vectors_file=file)).facts
    every, missing = facts.reads.size, len(facts.missing)
    assert missing == every - 2 > 8
    found = f"Vectors from vectors.txt, 2 numbers each: 2 of {every} tokens found, 1 of them in another case; "
    names = ", ".join(f"“{label}”" for label in facts.missing[:8])
    assert facts.task_note.endswith(f"{found}{missing} missing, which begin at random: {names} and {missing - 8} more.")


def test_a_file_with_everything_has_nothing_missing(tmp_path):
    lines = "".join(f"{letter} {place} 1\n" for place, letter in enumerate("dehlorw"))
    text = tmp_path / "ab.txt"
    text.write_text("held" * 40)
    run = trainer(task="text", file=text, vectors="file", vectors_file=vectors_file(tmp_path, lines))
    assert run.facts.missing == ()
    assert run.facts.task_note.endswith("Vectors from vectors.txt, 2 numbers each: 4 of 4 tokens found.")


def test_the_file_decides_how_many_numbers_stand_for_a_token(tmp_path):
    given = config(vectors="file", vectors_file=vectors_file(tmp_path), embedding=16)
    run = Trainer(given)
    assert given.difference(run.config) == {"embedding": (16, 3)}
    assert embedding(run).shape == (8, 3)
    assert run.facts.parameters == parameters(run.config, run.facts.reads, run.facts.predicts)


def test_a_file_with_none_of_the_tokens_is_refused(tmp_path):
    file = vectors_file(tmp_path, "cat 1 2\ndog 3 4\n")
    with pytest.raises(
        BadFileError, match=r"vectors\.txt: has none of the 8 tokens, expected at least one of “ ”, “d”"
    ):
        trainer(vectors="file", vectors_file=file)


def test_a_broken_file_is_refused_before_anything_is_built(tmp_path):
    with pytest.raises(BadFileError, match=r"vectors\.txt: line 2: has 2 numbers, expected 3 after the word"):
        trainer(vectors="file", vectors_file=vectors_file(tmp_path, "e 1 2 3\nh 1 2\n"))


def test_vectors_of_another_size_are_refused_by_the_network(tmp_path):
    vectors = counted_vectors([np.array([0, 1, 2, 0])], "abc", 4)
    with pytest.raises(ValueError, match=r"vectors is \(3, 4\), expected \(3, 5\)"):
        build_network(config(embedding=5), 3, vectors=vectors)


# Counted.


def test_counted_vectors_are_the_root_of_the_table_they_come_from():
    """Of “abac”: PMI(a, b) = ln 4/3, PMI(b, c) = ln 5/3, all others 0; W Wᵀ = U Σ Uᵀ is the root of its square."""
    made = counted_vectors([np.array([0, 1, 0, 2])], "abc", 3)
    ab, bc = np.log(4 / 3), np.log(5 / 3)
    u, sigma, _ = np.linalg.svd(np.array([[0, ab, 0], [ab, 0, bc], [0, bc, 0]]))
    root = (u * sigma) @ u.T
    wide = made.rows.astype(float)
    np.testing.assert_allclose(wide @ wide.T, root * 9 / np.trace(root), rtol=0, atol=1e-6)
    assert np.square(wide).mean() == pytest.approx(1, rel=1e-6)
    assert made.note == "Vectors counted in 4 tokens: positive PMI within 2 tokens, its 3 largest factors."


def test_tokens_that_stand_alike_get_vectors_alike():
    """“the cat sat”, “the dog sat”: cat and dog have the same neighbours."""
    rows = [np.array([0, 1, 2]), np.array([0, 3, 2]), np.array([4, 5])]
    made = counted_vectors(rows, ("the", "cat", "sat", "dog", "x", "y"), 4).rows
    np.testing.assert_allclose(made[1], made[3], atol=1e-6)
    assert abs(made[1] @ made[5]) < 1e-5


def test_a_token_that_stands_near_no_other_is_missing():
    made = counted_vectors([np.array([0, 1])], "abc", 2)
    assert made.known.tolist() == [True, True, False]
    assert made.missing == ("c",)
    assert made.note.endswith("; 1 missing, which begins at random: “c”.")


def test_more_numbers_than_tokens_begin_at_zero_and_that_is_told():
    run = trainer(vectors="counted", embedding=12, length=20)
    assert not embedding(run)[:, 8:].any()
    assert "its 8 largest factors; 4 more numbers a token begin at 0." in run.facts.task_note


@pytest.mark.parametrize("settings", [{"vectors": "counted"}, {"frozen": True}])
def test_nothing_but_the_embedding_begins_otherwise(settings):
    ours, plain = (dict(trainer(**part).network.named_parameters()) for part in (settings, {}))
    same = {name for name, weights in ours.items() if torch.equal(weights, plain[name])}
    assert same == plain.keys() - ({"embedding.weight"} if "vectors" in settings else set())


def test_counted_vectors_are_the_same_whatever_the_seed():
    one, other = (embedding(trainer(task="sentiment", vectors="counted", seed=seed)) for seed in (0, 1))
    assert one.tobytes() == other.tobytes()


# Texts that are counted.


@pytest.mark.parametrize("task", TASKS)
def test_the_catalogue_says_which_tasks_read_numbers(task, tmp_path):
    opened = TASKS[task].open(file_for(task, tmp_path), 30)
    assert TASKS[task].reads_numbers == isinstance(reads(opened), Numbers)


@pytest.mark.parametrize("task", [name for name, kind in TASKS.items() if not kind.reads_numbers])
def test_what_is_counted_is_what_is_trained_on(task, tmp_path):
    """Every pair of neighbours that a batch brings, up to its last target, is in the texts."""
    length = 30
    opened = TASKS[task].open(file_for(task, tmp_path), length)
    rows = texts(opened, length)
    kind = reads(opened)
    assert isinstance(kind, Symbols)
    known = {pair for row in rows for pair in pairwise(row.tolist())}
    inputs, targets = opened.batch(np.random.default_rng(8), 16, length)
    whole = getattr(opened, "whole", False)
    for row, wanted in zip(inputs.tolist(), asked(targets), strict=True):
        row = row if whole else row[: np.flatnonzero(wanted)[-1] + 1]  # noqa: PLW2901  # the part that counts
        assert set(pairwise(row)) <= known
    assert max(int(row.max()) for row in rows if len(row)) < kind.size


# Frozen.


def test_a_frozen_embedding_stays_bit_by_bit_and_the_rest_is_learned():
    run = trainer(task="trigrams", vectors="counted", frozen=True, rate=0.1)
    before = {name: weights.detach().clone() for name, weights in run.network.named_parameters()}
    list(run.updates(10))
    moved = {name for name, weights in run.network.named_parameters() if not torch.equal(weights, before[name])}
    assert moved == before.keys() - {"embedding.weight"}
    trace = run._before.embedding.weight
    assert torch.equal(trace, before["embedding.weight"])


@pytest.mark.parametrize("cell", TORCH_CELLS)
@pytest.mark.parametrize("optimizer", RATES)
@pytest.mark.parametrize(("clip", "threshold"), [("norm", 0.3), ("value", 0.02)])
def test_training_with_a_frozen_embedding_equals_a_plain_loop(cell, optimizer, clip, threshold, tmp_path):
    given = {"cell": cell, "optimizer": optimizer, "rate": RATES[optimizer], "clip": clip, "threshold": threshold}
    run = trainer(task="text", file=text_file(tmp_path), frozen=True, vectors="counted", **given)
    plain = Plain(run)
    plain.embedding.weight.requires_grad_(False)
    learned = [part for part in plain.parameters() if part.requires_grad]
    stepper, source = MAKERS[optimizer](learned, lr=RATES[optimizer]), batches(run)
    for record in run.updates(12):
        loss = mean_loss(plain, *next(source))
        stepper.zero_grad()
        loss.backward()
        norm = torch.cat([part.grad.flatten() for part in learned]).double().norm()
        clip_as_configured(plain, run.config)
        stepper.step()
        assert record.loss == pytest.approx(float(loss.detach()), rel=1e-6)
        # Twelve updates carry the rounding of the states on, and a gradient is a sum of many terms that cancel.
        assert record.grad_norm == pytest.approx(float(norm), rel=1e-4)


def test_a_frozen_embedding_has_no_gradient_and_clipping_does_not_count_it():
    run, learning = trainer(frozen=True), trainer()
    record, other = run.update(), learning.update()
    assert other.grad_norms.keys() - record.grad_norms.keys() == {"embedding.weight"}
    assert record.update_ratios.keys() == record.grad_norms_clipped.keys() == record.grad_norms.keys()
    assert record.loss == other.loss
    assert record.grad_norm**2 == pytest.approx(other.grad_norm**2 - other.grad_norms["embedding.weight"] ** 2)
    assert "embedding.weight" not in {part.name for part in run.anatomy().parts}


def test_what_is_frozen_is_counted_apart():
    run, learning = trainer(frozen=True, embedding=5), trainer(embedding=5)
    assert (run.facts.frozen, learning.facts.frozen) == (8 * 5, 0)
    assert run.facts.parameters == learning.facts.parameters - 8 * 5
    assert parameters(run.config, run.facts.reads, run.facts.predicts) == run.facts.parameters
    gru = same_budget(run.config, "gru", run.facts.reads, run.facts.predicts)
    assert gru.frozen


@pytest.mark.parametrize("cell", [*TORCH_CELLS, "gru_textbook"])
def test_the_self_check_agrees_and_the_trace_is_that_of_the_update(cell):
    run = trainer(cell=cell, frozen=True, vectors="counted", layers=2)
    list(run.updates(3))
    check = run.self_check()
    assert check is None or check.error < 1e-5
    assert run.trace().update == 3


def test_a_snapshot_goes_back_bit_by_bit(tmp_path):
    file = vectors_file(tmp_path)
    run = trainer(vectors="file", vectors_file=file, frozen=True, dropout=0.3)
    list(run.updates(4))
    kept, begun = run.snapshot(), embedding(run)
    after = list(run.updates(5))
    file.unlink()  # it is read once
    twin = run.fork()
    run.restore(kept)
    assert difference(kept, run.snapshot()) is None
    again = list(run.updates(5))
    assert [record.loss for record in again] == [record.loss for record in after]
    assert difference(run.snapshot().weights, twin.snapshot().weights) is None
    assert embedding(run).tobytes() == embedding(twin).tobytes() == begun.tobytes()


def test_a_fork_shares_nothing_that_is_learned_with_its_run():
    run = trainer(vectors="counted")
    run.update()
    twin = run.fork(rate=1.0)
    before = embedding(run)
    twin.update()
    assert embedding(run).tobytes() == before.tobytes() != embedding(twin).tobytes()


# The map.


def test_a_map_is_of_the_weights_that_the_trace_is_of():
    run = trainer(task="trigrams")
    begun = embedding(run)
    first = run.embedding_map()
    assert first.update is None
    assert first.vectors.tobytes() == begun.tobytes()
    list(run.updates(2))
    after_two = embedding(run)
    run.update()
    found = run.embedding_map()
    assert (found.update, found.frozen, found.missing) == (3, False, frozenset())
    assert found.vectors.tobytes() == after_two.tobytes() != embedding(run).tobytes()
    assert found.labels == run.facts.vocabulary


def test_a_map_counts_how_often_every_token_comes(tmp_path):
    text = tmp_path / "ab.txt"
    text.write_text("abac" * 100)
    found = trainer(task="text", file=text, length=5).embedding_map()
    assert dict(zip(found.labels, found.counts.tolist(), strict=True)) == {"a": 180, "b": 90, "c": 90}


@pytest.mark.parametrize(
    ("changes", "why"),
    [({"embedding": 0}, "Tokens are read as a one among zeros"), ({"task": "adding"}, "This task reads numbers")],
)
def test_without_an_embedding_the_map_says_why(changes, why):
    found = trainer(**changes).embedding_map()
    assert found.labels == ()
    assert found.note.startswith(why)


def test_vectors_are_a_setting_like_any_other():
    assert RunConfig().difference_in_words(RunConfig(vectors="counted", frozen=True)) == (
        "vectors random → counted, frozen False → True"
    )
