"""Screenshots that do not come about, in this process; those that do are among the tests of the command line."""

import pytest

from rnnviz import cli
from tests.builders import config

SIZE = "{}x{}".format(*cli.SMALLEST)


@pytest.fixture(autouse=True)
def put_back(programs, monkeypatch):
    """What a screenshot changes of this process is changed back."""
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")


def test_a_picture_that_cannot_be_written_is_told(capsys, tmp_path):
    path = tmp_path / "nowhere" / "a.png"
    assert cli.main(["--task", "hello", "--updates", "2", "--size", SIZE, "--screenshot", str(path)]) == 4
    assert f"rnnviz: {path}: the picture cannot be written there" in capsys.readouterr().err


def test_a_run_that_diverges_ends_with_5_and_says_where(capsys, monkeypatch, tmp_path):
    wild = config(cell="rnn_relu", optimizer="sgd", rate=1000.0, clip="off", init="gaussian", gain=50.0)
    monkeypatch.setattr("rnnviz.config.run_config.FIRST_RUN", wild)
    assert cli.main(["--updates", "500", "--screenshot", str(tmp_path / "a.png")]) == 5
    assert "The weights are still those of update" in capsys.readouterr().err
    assert not (tmp_path / "a.png").exists()


def test_a_run_that_is_refused_ends_with_3(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr("rnnviz.config.run_config.FIRST_RUN", config(task="text", file=tmp_path / "nothing.txt"))
    assert cli.main(["--updates", "5", "--screenshot", str(tmp_path / "a.png")]) == 3
    assert "does not exist" in capsys.readouterr().err


def test_a_crash_ends_with_4(capsys, monkeypatch, tmp_path):
    def fail(_trainer):
        raise RuntimeError("the numbers ran away")

    monkeypatch.setattr("rnnviz.training.trainer.Trainer.update", fail)
    assert cli.main(["--task", "hello", "--updates", "5", "--screenshot", str(tmp_path / "a.png")]) == 4
    assert "the numbers ran away" in capsys.readouterr().err
