"""Which column of a file is learned: kept in the run, its sessions and programs; refused where it is not there."""

from dataclasses import replace

import numpy as np
import pytest

import rnnviz
from rnnviz import cli
from rnnviz.config import RunConfig
from rnnviz.files.archive import archive_in_slices, read_archive
from rnnviz.files.errors import BadFileError
from rnnviz.tasks import TASKS
from rnnviz.training.programs.writing import write_program
from rnnviz.training.run import Run
from rnnviz.training.sessions.reading import open_session
from rnnviz.training.trainer import Trainer
from tests.builders import config, csv_file, save_session
from tests.unit.test_programs import losses_of

FAST, SLOW = np.sin(np.arange(60) * 2.0), np.sin(np.arange(60) / 5.0)


def table(folder):
    rows = [f"day {k},{fast:.5f},{slow:.5f}\n" for k, (fast, slow) in enumerate(zip(FAST, SLOW, strict=True))]
    return csv_file(folder, "day,fast,slow\n" + "".join(rows))


def settings(folder, **changes):
    return config(task="series_csv", file=table(folder), length=6, **changes)


@pytest.mark.parametrize(("column", "name", "numbers"), [(None, "slow", SLOW), ("fast", "fast", FAST)])
def test_the_column_is_what_the_trainer_reads(tmp_path, column, name, numbers):
    trainer = Trainer(settings(tmp_path, column=column))
    assert trainer.task.reads.names == (name,)
    assert f"numbers.csv: '{name}' (column " in trainer.task.note
    shown = trainer.task.displayed(6).inputs[0, :, 0]
    expected = (numbers[-7:-1] - numbers[:48].mean()) / numbers[:48].std()
    np.testing.assert_allclose(shown, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("column", "sentence"),
    [
        ("middle", "numbers.csv: no column is called 'middle', expected one of 'fast', 'slow'"),
        (
            "day",
            "numbers.csv: the column 'day' has no numbers in 60 rows, expected a column of numbers, one of 'fast', ",
        ),
    ],
)
def test_another_column_is_refused(tmp_path, column, sentence):
    with pytest.raises(BadFileError) as refused:
        Trainer(settings(tmp_path, column=column))
    assert sentence in str(refused.value)


def test_a_task_without_columns_takes_no_notice(tmp_path):
    assert TASKS["hello"].open(None, 8, column="fast").vocabulary == TASKS["hello"].open(None, 8).vocabulary


def test_settings_in_a_file_keep_the_column(tmp_path, capsys):
    file, out = tmp_path / "run.json", tmp_path / "run.rnnviz"
    file.write_text(settings(tmp_path, column="fast").model_dump_json())
    assert cli.main(["train", str(file), "--quiet", "--updates", "2", "--out", str(out)]) == 0
    with rnnviz.Recording(out) as recording:
        assert RunConfig(**recording.facts.config).column == "fast"
    file.write_text(settings(tmp_path, column="middle").model_dump_json())
    assert cli.main(["train", str(file), "--quiet", "--updates", "2", "--out", str(out)]) == 3
    assert "no column is called 'middle'" in capsys.readouterr().err


def a_run(folder):
    run = Run(1, Trainer(settings(folder, column="fast")))
    for _ in range(3):
        run.update()
    return run


def test_a_session_keeps_the_column_and_goes_on_bit_for_bit(tmp_path):
    run, path = a_run(tmp_path), tmp_path / "a.rnnviz-session"
    save_session(path, run)
    opened = open_session(path, 2).run
    assert opened.trainer.config.column == "fast"
    assert replace(opened.update(), seconds=0) == replace(run.update(), seconds=0)


def without_columns(found):
    """A document of JSON without any setting of that name."""
    if isinstance(found, dict):
        return {name: without_columns(value) for name, value in found.items() if name != "column"}
    return [without_columns(value) for value in found] if isinstance(found, list) else found


def test_a_session_from_before_there_were_columns_is_opened(tmp_path):
    run, path = Run(1, Trainer(settings(tmp_path))), tmp_path / "a.rnnviz-session"
    run.update()
    save_session(path, run)
    found = read_archive(path)
    assert found.document != without_columns(found.document)
    for _ in archive_in_slices(path, found._replace(document=without_columns(found.document))):
        pass
    assert open_session(path, 2).run.trainer.config == run.trainer.config


def test_the_program_learns_the_same_column(tmp_path):
    run = Run(1, Trainer(settings(tmp_path, column="fast")))
    losses = [run.update().loss for _ in range(12)]
    write_program(tmp_path / "program.py", run, 12)
    (found,) = losses_of(tmp_path / "program.py")
    np.testing.assert_allclose(found, losses, rtol=1e-6)


def test_a_column_of_an_array_is_learned_as_that_of_a_table_is(tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, np.stack([FAST, SLOW], axis=1))
    task = Trainer(config(task="series_csv", file=path, length=6, column="column 1")).task
    assert "a.npy: 'column 1' (of 2 in the array), standardised: 48 numbers" in task.note
    shown = task.displayed(6).inputs[0, :, 0]
    np.testing.assert_allclose(shown, (FAST[-7:-1] - FAST[:48].mean()) / FAST[:48].std(), rtol=1e-5)
