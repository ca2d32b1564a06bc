"""Which snapshots are kept: always within the budget, always the first and the newest, sparser with age."""

import itertools
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from rnnviz.training.snapshots import SnapshotRing
from tests.builders import trainer


@dataclass(frozen=True)
class Fake:
    update: int
    nbytes: int = 10


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def ring_of(updates, budget=10_000, **options):
    ring = SnapshotRing(budget, **options)
    for update in updates:
        ring.add(Fake(update))
    return ring


STEPS = st.lists(st.tuples(st.integers(1, 1000), st.integers(1, 60)), min_size=1, max_size=120)


@given(STEPS, st.integers(1, 500), st.integers(2, 30))
def test_whatever_is_added_the_budget_holds_and_the_ends_stay(steps, budget, most):
    ring, update = SnapshotRing(budget, most), 0
    added = {}
    for step, size in steps:
        update += step
        added[update] = Fake(update, size)
        ring.add(added[update])
        assert ring.nbytes == sum(added[kept].nbytes for kept in ring.updates) <= budget
        assert len(ring.updates) <= most
        assert list(ring.updates) == sorted(set(ring.updates))
        assert all(ring.get(kept) is added[kept] for kept in ring.updates)
        if size <= budget:
            assert ring.updates[-1] == update
    if budget >= 2 * 60:
        assert ring.updates[0] == min(added)


@given(STEPS, st.data())
def test_the_nearest_snapshot_is_the_nearest(steps, data):
    updates = sorted({sum(step for step, _ in steps[: n + 1]) for n in range(len(steps))})
    ring = ring_of(updates, most=20)
    wanted = data.draw(st.integers(0, updates[-1] + 10))
    found = ring.nearest(wanted).update
    assert abs(found - wanted) == min(abs(kept - wanted) for kept in ring.updates)
    assert (ring.get(wanted) is not None) == (wanted in ring.updates)


def test_gaps_grow_with_age_and_the_recent_past_is_dense():
    """n snapshots of A updates: neighbours k updates ago are about k · ln(A) / n apart."""
    ring = ring_of(range(20_001), most=100)
    updates = ring.updates
    assert (updates[0], updates[-1], len(updates)) == (0, 20_000, 100)
    ages = [20_000 - update for update in updates]
    assert ages[-6:] == [5, 4, 3, 2, 1, 0]
    for older, younger in itertools.pairwise(ages):
        assert older - younger <= max(1, 0.3 * older)  # ln(20 000) / 100 = 0.1
    assert ages[0] - ages[1] > 100 * (ages[-2] - ages[-1])


def test_of_two_that_are_equally_near_the_earlier_is_taken():
    ring = ring_of([10, 20])
    assert [ring.nearest(update).update for update in (0, 14, 15, 16, 99)] == [10, 10, 10, 20, 20]
    assert SnapshotRing().nearest(3) is None


def test_a_snapshot_of_the_same_update_takes_the_place_of_the_old_one():
    ring = ring_of([1, 2, 3])
    again = Fake(2, 30)
    ring.add(again)
    assert ring.updates == (1, 2, 3)
    assert ring.get(2) is again
    assert ring.nbytes == 50


def test_one_that_is_beyond_the_budget_is_not_kept_and_no_other_is_asked_for():
    ring = SnapshotRing(100)
    assert ring.offer(0, looked_at=True)
    ring.add(Fake(0, 101))
    assert ring.updates == ()
    assert not ring.offer(1, looked_at=True)


def test_where_two_are_beyond_the_budget_the_newest_is_kept():
    ring = SnapshotRing(100)
    ring.add(Fake(0, 60))
    ring.add(Fake(7, 60))
    assert ring.updates == (7,)


def test_twenty_snapshots_a_second_are_asked_for_while_running_flat_out():
    clock = Clock()
    ring = SnapshotRing(clock=clock)
    for update in range(1000):  # a second of updates of a millisecond
        if ring.offer(update):
            ring.add(Fake(update))
        clock.now += 0.001
    assert ring.updates[0] == 0
    assert 19 <= len(ring.updates) <= 20


def test_an_update_that_is_looked_at_is_always_asked_for():
    ring = SnapshotRing(clock=Clock())
    for update in range(5):
        assert ring.offer(update, looked_at=True)
        ring.add(Fake(update))
        assert not ring.offer(update + 1)


def test_a_trainer_finds_its_way_back_through_the_ring():
    run, ring = trainer(task="python", length=8), SnapshotRing()
    records = []
    for record in run.updates(5):
        ring.add(run.snapshot())
        records.append(record)
    run.restore(ring.get(2))
    assert list(run.updates(3)) == records[2:]
