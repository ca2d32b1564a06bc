"""When words and panels are drawn while traces come in."""

import numpy as np
import pytest

from tests.builders import full_trace


@pytest.fixture
def told(driven, monkeypatch):
    """Which traces the panels were told of, by number, when every so many refreshes one comes in while training."""

    def tell(every, traces):
        session, column = driven.session, driven.window.column
        session._timer.stop()
        session._set_running(running=True)
        seen, made = [], [full_trace("lstm") for _ in range(traces)]
        monkeypatch.setattr(column, "show_trace", lambda trace, _: seen.append(trace))
        for trace in made:
            session.trace = trace
            session.trace_changed.emit(trace)
            for _ in range(every):
                session.refreshed.emit()
        return [next(number for number, trace in enumerate(made) if trace is one) for one in seen]

    yield tell
    monkeypatch.undo()
    driven.session._set_running(running=False)
    driven.session._timer.start()


def test_panels_are_told_of_every_trace_that_comes_seldom(told):
    assert told(every=20, traces=4) == [0, 1, 2, 3]


def test_panels_are_told_of_every_third_trace_that_comes_often(told):
    seen = told(every=2, traces=30)
    assert set(np.diff(seen)) <= {3, 4}  # other views have their turns, too
    assert seen[0] <= 3
