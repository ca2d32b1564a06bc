"""What a trace says of itself in a notebook, and what it becomes elsewhere."""

import builtins
import xml.etree.ElementTree as ET
from dataclasses import fields

import numpy as np
import pytest

from rnnviz.domain.intervention import ZeroUnit
from rnnviz.domain.notebook import arrays_of
from rnnviz.domain.table import Column, Table, side_by_side
from rnnviz.domain.trace import LayerTrace
from rnnviz.files.trace_file import write_trace
from tests.builders import layer_trace, trainer


@pytest.fixture(scope="module")
def trace():
    made = trainer(layers=2, bidirectional=True)
    made.update()
    return made.trace([ZeroUnit(2)])


def test_a_trace_says_in_a_line_what_it_is(trace):
    assert repr(trace).startswith("Trace(8 tokens through 4 layers of lstm with 6 units, losses sum to ")
    assert repr(trace).endswith("update 1, with interventions)")
    assert repr(trace.layers[1]).startswith("LayerTrace(layer 1 ←, lstm, 8 tokens × 6 units, h ")


def test_without_a_loss_it_says_so():
    assert repr(layer_trace()) == "LayerTrace(layer 1, rnn_tanh, 3 tokens × 2 units, h +1 … +3, no gradient)"
    assert "<svg" not in layer_trace()._repr_html_()


def test_the_html_is_whole_and_has_a_row_for_each_layer(trace):
    page = ET.fromstring(trace._repr_html_())  # noqa: S314  # of our own making
    assert len(page.findall(".//tr")) == 1 + len(trace.layers)
    assert len(page.findall(".//{http://www.w3.org/2000/svg}path")) == len(trace.layers)
    assert "hello wo" in page.find("./div/code").text


def test_an_exact_zero_is_a_gap_in_the_curve():
    gradients = np.ones((5, 2))
    gradients[2] = 0
    path = ET.fromstring(layer_trace(5, hidden_grads=gradients)._repr_html_())  # noqa: S314
    assert path.find(".//{http://www.w3.org/2000/svg}path").get("d").count("M") == 2


def test_the_dictionary_has_everything_that_there_is(trace):
    found = trace.to_dict()
    layer = found["layers"][0]
    expected = {entry.name for entry in fields(LayerTrace) if getattr(trace.layers[0], entry.name) is not None}
    assert set(layer) == expected
    assert layer["gates"]["forget"] is trace.layers[0].gates["forget"]
    assert found["reading"]["tokens"] == trace.reading.tokens
    assert np.array_equal(found["untouched"]["losses"], trace.untouched.losses)
    assert "cell_state" not in layer_trace().to_dict()


def test_xarray_has_named_dimensions(trace):
    pytest.importorskip("xarray")
    found = trace.to_xarray()
    assert dict(found.sizes) == {"layer": 4, "token": 8, "unit": 6}
    gate = found.gate_forget.sel(layer="layer 2 ←", token=3)
    assert np.array_equal(gate, trace.layers[3].gates["forget"][3])
    assert found.read.values.tolist() == list(trace.reading.tokens)
    own = trace.layers[0].to_xarray()
    assert np.array_equal(own.hidden, trace.layers[0].hidden)


def test_without_xarray_a_sentence_says_what_to_install(trace, monkeypatch):
    real = builtins.__import__

    def missing(name, *arguments, **more):
        if name == "xarray":
            raise ImportError(name)
        return real(name, *arguments, **more)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(ImportError, match=r"pip install 'rnnviz\[xarray\]'"):
        trace.to_xarray()


def test_the_file_has_every_array_under_its_name_and_needs_no_pickle(trace, tmp_path):
    write_trace(tmp_path / "t.npz", trace)
    expected = arrays_of(trace)
    with np.load(tmp_path / "t.npz", allow_pickle=False) as found:
        assert set(found) == set(expected)
        for name, array in expected.items():
            assert found[name].tobytes() == array.tobytes(), name
        assert np.array_equal(found["layers.0.gates.forget"], trace.layers[0].gates["forget"])
        assert found["reading.tokens"].tolist() == list(trace.reading.tokens)
        assert np.array_equal(found["untouched.layers.0.hidden"], trace.untouched.layers[0].hidden)


def test_a_csv_keeps_every_bit_and_marks_what_is_missing():
    values = np.array([0.1, -np.inf, np.nan, 1e-320, np.float32(0.1)])
    table = side_by_side("x", [Table("", (Column("a", "nats", values),)), Table("", (Column("b", "", ("x,y", None)),))])
    rows = [line.split(",", 1) for line in table.csv().splitlines()]
    assert rows[0] == ["a [nats]", "b"]
    assert np.array_equal(np.array([row[0] for row in rows[1:]], float), values, equal_nan=True)
    assert [row[1] for row in rows[1:]] == ['"x,y"', "", "", "", ""]


def test_columns_of_two_lengths_are_refused():
    with pytest.raises(ValueError, match="'a' 2, 'b' 3 long, expected one length"):
        Table("x", (Column("a", "1", np.zeros(2)), Column("b", "1", np.zeros(3))))


def test_a_column_that_is_not_there_is_named():
    with pytest.raises(KeyError, match="'c' is no column of 'x'"):
        Table("x", (Column("a", "1", np.zeros(2)),)).column("c")
