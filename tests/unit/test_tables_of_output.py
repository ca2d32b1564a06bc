"""Tables of attention, embedding and output: the numbers of the views, unrounded."""

import numpy as np

from rnnviz.analysis import tables_of_output as tables
from rnnviz.analysis.abc import parse
from rnnviz.analysis.attention import looked_at
from tests.builders import embedding_map, forecast, sampled


def test_a_row_of_attention_has_its_token_its_entropy_and_its_weights():
    weights = np.zeros((4, 4))
    weights[2, :2], weights[3, :2] = (0.5, 0.5), (1, 0)
    table = tables.attention("Attention", looked_at(weights))
    assert table.column("token written").tolist() == [2, 3]
    assert table.column("looks at 1").tolist() == [0.5, 0]
    assert table.column("entropy").tolist() == [np.log(2), 0]


def test_a_row_of_the_embedding_has_its_token_its_place_and_its_vector():
    found = embedding_map(5)
    table = tables.embedding("Embedding map", found)
    assert table.column("token") == found.labels
    assert table.column("principal component 2").tolist() == found.places[:, 1].tolist()
    assert table.column("vector 4").tolist() == found.vectors[:, 4].tolist()


def test_a_row_of_a_sample_has_its_token_and_its_probabilities():
    found = sampled("hello", 2)
    table = tables.sampled("Sampling", found)
    assert table.column("token").tolist() == [2, 3, 4]
    assert table.column("drawn") == ("l", "l", "o")
    assert table.column("probability at temperature 1, drawn with").tolist() == found.drawn_at.tolist()


def test_a_forecast_has_the_series_and_every_horizon():
    found = forecast(8, 3)
    table = tables.forecast("Forecast", found)
    assert len(table) == len(found.known) == 9
    assert list(table.column("came: next x")) == found.known[:, 0].tolist()
    assert list(table.column("RMSE of the network"))[:3] == found.errors.tolist()
    assert list(table.column("“stays as it is”: next x"))[:3] == found.rules["stays as it is"][:, 0].tolist()
    assert list(table.column("steps ahead"))[3:] == [None] * 6


def test_a_tune_has_a_row_for_each_note():
    table = tables.notes("Notes", parse(["C2", "D", "|", "E/"]))
    assert table.column("pitch").tolist() == [60, 62, 64]
    assert table.column("begins").tolist() == [0, 2, 3]
    assert table.column("length").tolist() == [2, 1, 0.5]
    assert table.column("token").tolist() == [0, 1, 3]
