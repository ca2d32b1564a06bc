"""What the views of attention, embedding and output show, as tables."""

import numpy as np

from rnnviz.analysis.abc import Tune
from rnnviz.analysis.attention import LookedAt
from rnnviz.domain.continuation import Forecast, Sampled
from rnnviz.domain.embedding_map import EmbeddingMap
from rnnviz.domain.table import Column, Table, counted, side_by_side, wide


def attention(title: str, found: LookedAt) -> Table:
    """A row for each token that is written: its entropy, and how much it looks at every token that was read."""
    rows, columns = found.weights.shape
    tokens = Column("token written", "1", np.arange(found.written_from, found.written_from + rows))
    looked = wide("looks at", "1", found.weights, tuple(str(token) for token in range(columns)))
    return Table(title, (tokens, Column("entropy", "nats", found.entropy), *looked))


def embedding(title: str, found: EmbeddingMap) -> Table:
    """A row for each token: how often it comes, its place in the map, its vector."""
    counts = Column(f"times in {found.counted}", "1", found.counts)
    places = wide("principal component", "1", found.places, ("1", "2"))
    return Table(title, (Column("token", "", found.labels), counts, *places, *wide("vector", "1", found.vectors)))


def sampled(title: str, found: Sampled) -> Table:
    """A row for each token that was drawn."""
    return Table(
        title,
        (
            Column("token", "1", np.arange(len(found.drawn)) + len(found.prefix)),
            Column("drawn", "", found.drawn),
            Column("probability at temperature 1", "1", found.chances),
            Column(f"probability at temperature {found.how.temperature:g}, drawn with", "1", found.drawn_at),
            Column(f"entropy at temperature {found.how.temperature:g}", "nats", found.entropy),
        ),
    )


def forecast(title: str, found: Forecast) -> Table:
    """The series beside what was said of its future and the error of every horizon."""
    names = found.names or tuple(str(place) for place in range(found.known.shape[1]))
    series = Table(title, (counted("place", len(found.known)), *wide("came:", "1", found.known, names)))
    rules = [wide(f"“{rule}”:", "1", said, names) for rule, said in found.rules.items()]
    ahead = Table(
        title,
        (
            Column("steps ahead", "1", np.arange(1, len(found.given) + 1)),
            *wide("network:", "1", found.given, names),
            *(column for columns in rules for column in columns),
            Column("RMSE of the network", "1", found.errors),
            *(Column(f"RMSE of “{rule}”", "1", errors) for rule, errors in found.rule_errors.items()),
            Column("forecasts", "1", found.origins),
        ),
    )
    return side_by_side(title, [series, ahead])


def notes(title: str, tune: Tune) -> Table:
    """A row for each note."""
    return Table(
        title,
        (
            Column("begins", "units", np.array([float(note.start) for note in tune.notes])),
            Column("length", "units", np.array([float(note.length) for note in tune.notes])),
            Column("pitch", "MIDI", np.array([note.pitch for note in tune.notes])),
            Column("token", "1", np.array([note.token for note in tune.notes])),
        ),
    )
