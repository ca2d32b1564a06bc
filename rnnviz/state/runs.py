"""What the window knows of the runs between which it can go back and forth: the present one and the one before."""

from dataclasses import dataclass, field

from rnnviz.exchange.messages import LaneFacts, Opened, Started
from rnnviz.state.companion import Companion
from rnnviz.state.flow_map import FlowMap
from rnnviz.state.history import History


@dataclass
class Seen:
    """All that was seen of one run."""

    history: History = field(default_factory=History)
    flow_map: FlowMap = field(default_factory=FlowMap)
    companions: tuple[Companion, ...] = ()

    def recall(self, opened: Opened) -> None:
        """Take over what a file knows of it."""
        view, (own, *others) = opened.view, opened.chronicles
        self.history = History.of(own)
        self.flow_map = FlowMap.of(view.flow_updates, view.flow_norms, view.flow_apart)
        pairs = zip(self.companions, others, strict=True)
        self.companions = tuple(Companion(companion.facts, History.of(past)) for companion, past in pairs)

    def accompany(self, facts: tuple[LaneFacts, ...]) -> None:
        """Put these in place of the companions; where they are the same ones they keep their histories."""
        before = [(old.facts.label, old.facts.since) for old in self.companions]
        same = before == [(new.label, new.since) for new in facts]
        known = [old.history for old in self.companions] if same else [History() for _ in facts]
        self.companions = tuple(Companion(new, history) for new, history in zip(facts, known, strict=True))


class Runs:
    """The present run, and the one before it."""

    def __init__(self) -> None:
        self._seen: dict[int, Seen] = {}
        self.present = Seen()

    def __len__(self) -> int:
        return len(self._seen)

    def lose(self) -> None:
        """None of them can be gone back to; the present one can still be looked at."""
        self._seen = {}

    def start(self, started: Started) -> None:
        """Another run is the present one: a new one, a branch that shares a past, or one that was gone back to."""
        found = self._seen.get(started.run) or self._begun(started)
        self._seen = {run: seen for run, seen in self._seen.items() if seen is self.present}
        self._seen[started.run] = self.present = found
        found.accompany(started.companions)

    def _begun(self, started: Started) -> Seen:
        past = None if started.branch_of is None else self._seen.get(started.branch_of)
        if past is None or started.newest is None:
            return Seen()
        return Seen(past.history.until(started.newest), past.flow_map.until(started.newest.update))
