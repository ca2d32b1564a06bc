"""A recording in place of a run: the worker reads what comes in, instead of training."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

from rnnviz.config import RunConfig
from rnnviz.domain.anatomy import UpdateAnatomy
from rnnviz.domain.continuation import Forecast, GoingOn, Sampled
from rnnviz.domain.embedding_map import EmbeddingMap
from rnnviz.domain.records import UpdateRecord
from rnnviz.domain.trace import Trace
from rnnviz.exchange.control import Control
from rnnviz.exchange.mailbox import Mailbox
from rnnviz.exchange.messages import Failed, Past, Recorded, Showing, Started
from rnnviz.exchange.orders import Idle, Look, Order, Show, Update
from rnnviz.files.errors import BadFileError
from rnnviz.recording.introduction import config_of, facts_of, rows_of
from rnnviz.recording.reader import Recording

if TYPE_CHECKING:  # both import torch, which the window must not wait for
    from rnnviz.tracing.study import Study, Subject
    from rnnviz.training.study_desk import StudyDesk

NOTHING_TO_TRAIN = (
    "This is a recording: nothing of it can be trained or changed. "
    "Go back to the run before (Ctrl+Z), or begin a new one."
)
POLL_S = 0.1  # how long to wait for news; an order waits no longer
PLAY_S = 0.15  # from one recorded update to the next, when the past is played
SAY_EVERY_S = 1.0  # how the recording stands
MOST_AT_ONCE = 5000  # records, in one go


class Shown:
    """A recorded update, as studies see it. Another object for another update."""

    def __init__(self, trace: Trace, subject: "Subject | None") -> None:
        self.trace, self._subject = trace, subject

    @property
    def newest(self) -> int:
        """Number of the update that is shown."""
        return self.trace.update or 0

    def subject(self) -> "Subject | None":
        """The sequence; None where the loss looked at more than the outputs."""
        return self._subject

    def anatomy(self) -> UpdateAnatomy | None:
        """Steps are not recorded."""
        return None

    def embedding_map(self) -> EmbeddingMap | None:
        """Only recurrent weights are recorded."""
        return None

    def sampling(self, how: GoingOn) -> "Study[Sampled] | None":
        """Only recurrent weights are recorded."""
        return None

    def forecast(self, how: GoingOn) -> "Study[Forecast] | None":
        """Only recurrent weights are recorded."""
        return None


class Replay:
    """One recording. Raises BadFileError, from everything but `close`, for a file that cannot be read."""

    def __init__(self, number: int, path: Path, mailbox: Mailbox) -> None:
        self.number, self._mailbox = number, mailbox
        self._recording = Recording(path)
        self._kept: tuple[int, ...] = ()  # updates with a trace
        self._mapped: set[int] = set()
        self._newest: UpdateRecord | None = None
        self._past: int | None = None  # the update that is shown; None: the newest
        self._shown: Shown | None = None
        self._remark = ""
        self._next_word = 0.0
        self._ended = False
        facts = self._recording.facts
        self._config: RunConfig = config_of(facts)
        self._facts = facts_of(facts)

    def close(self) -> None:
        """Let go of the file."""
        self._recording.close()

    def present(self, *, train: bool) -> None:
        """Tell the window what this is, everything that is in it so far, and the newest trace."""
        self._past, self._shown = None, None
        self._mailbox.post(Started(self.number, self._config, self._facts, train, newest=self._newest))
        while self._read(MOST_AT_ONCE):
            pass
        self._mailbox.post_kept(self._kept)
        self._say_how_it_stands()
        if self._kept:
            self._show(self._kept[-1])
        elif not self._recording.facts.parts:
            self._mailbox.post(Failed("refused", _nothing_to_see(self._recording)))

    def carry_out(self, order: Order, desk: "StudyDesk", control: Control) -> None:
        """What the window asks for; ValueError where only a trainer could do it."""
        match order:
            case Update(looked_at):
                self._go_on(desk, control, looked_at=looked_at)
            case Idle():
                control.set_background(busy=self._rest(desk))
            case Show(0, update):
                self._show_either(update)
                desk.start_anew()
            case Look():
                pass
            case _:
                raise ValueError(NOTHING_TO_TRAIN)

    def _go_on(self, desk: "StudyDesk", control: Control, *, looked_at: bool) -> None:
        """The next recorded update of the past that is shown, else what has come in."""
        control.set_background(busy=True)
        if self._past is not None:
            self._play()
        elif self._read(1 if looked_at else MOST_AT_ONCE):
            self._show_newest(wanted=looked_at or self._mailbox.trace_wanted)
        else:
            self._wait(control)
        if self._shown is not None:
            desk.turn(self._shown)
        self._map_one()

    def _wait(self, control: Control) -> None:
        """Nothing has come in: say so where nothing will."""
        self._say_how_it_stands()
        self._show_newest(wanted=self._mailbox.trace_wanted)
        if self._ended:
            control.stop_present()
            self._mailbox.post(
                Failed(
                    "ended", "The recording ends here. Click into the history below, or press [, and play from there."
                )
            )
        else:
            time.sleep(POLL_S)

    def _play(self) -> None:
        """From the past towards the present."""
        later = [update for update in self._kept if update > (self._past or 0)]
        self._show_either(later[0] if later else None)
        time.sleep(PLAY_S)

    def _read(self, most: int) -> bool:
        """Post the next records, and learn which updates have a trace; say whether there were any."""
        self._ended = self._recording.standing.ended  # before reading: what is written after it is not missed
        found = self._recording.records(0 if self._newest is None else self._newest.update, most)
        for record in found:
            self._mailbox.post(record)
        self._newest = found[-1] if found else self._newest
        newest = 0 if self._newest is None else self._newest.update
        newer = self._recording.traces(self._kept[-1] if self._kept else 0)
        if newer:
            self._kept += tuple(update for update in newer if update <= newest)
            self._mailbox.post_kept(self._kept)
        if found and time.monotonic() >= self._next_word:
            self._say_how_it_stands()
        return bool(found)

    def _show_newest(self, *, wanted: bool) -> None:
        if wanted and self._kept and (self._shown is None or self._shown.newest != self._kept[-1]):
            self._show(self._kept[-1])

    def _show_either(self, update: int | None) -> None:
        """A kept update, or the newest."""
        if update is not None and update not in self._kept:
            raise ValueError(f"update {update} was not traced, expected one of the {len(self._kept)} that were")
        self._past = update
        record = self._newest if update is None else next(iter(self._recording.records(update - 1, 1)), None)
        self._mailbox.post(Showing(0, update, record))
        if self._kept:
            self._show(self._kept[-1] if update is None else update)

    def _show(self, update: int) -> None:
        self._mailbox.take_request()
        try:
            found = self._recording.rebuilt(update)
        except BadFileError:
            if update in self._recording.traces(update - 1)[:1]:
                raise
            self._forget(update)  # thinned out meanwhile by whoever writes it
            return
        self._shown = Shown(found.trace, found.subject)
        self._mailbox.post_trace(found.trace)
        if found.remark != self._remark:
            self._remark = found.remark
            self._say_how_it_stands()

    def _forget(self, update: int) -> None:
        self._kept = tuple(kept for kept in self._kept if kept != update)
        self._mailbox.post_kept(self._kept)

    def _rest(self, desk: "StudyDesk") -> bool:
        """Studies first, then the map of the whole recording; say whether there was anything to do."""
        return (self._shown is not None and desk.rest(self._shown)) or self._map_one()

    def _map_one(self) -> bool:
        """The gradients of another update for the map; say whether there was one."""
        left = [update for update in self._kept if update not in self._mapped]
        if not left:
            return False
        update = left[len(left) // 2]  # the whole run soon, its details later
        self._mapped.add(update)
        try:
            self._mailbox.post(Past(self._recording.rebuilt(update).trace))
        except BadFileError:
            self._forget(update)
        return True

    def _say_how_it_stands(self) -> None:
        self._next_word = time.monotonic() + SAY_EVERY_S
        newest = 0 if self._newest is None else self._newest.update
        rows = rows_of(self._recording.path, self._recording.facts, self._recording.standing, newest, len(self._kept))
        self._mailbox.post(Recorded((*rows, *((("remark", self._remark),) if self._remark else ()))))


def _nothing_to_see(recording: Recording) -> str:
    left_out, model = " ".join(recording.facts.left_out), recording.facts.model
    return f"There is no recurrent layer in {model}: only losses and norms are recorded. {left_out}".strip()
