"""The worker thread: carries out orders, one update at a time."""

import threading
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError
from threadpoolctl import threadpool_limits

from rnnviz.config.run_config import sentences
from rnnviz.domain.checkpoint import ModelChoice
from rnnviz.domain.intervention import Intervention
from rnnviz.exchange.control import Control
from rnnviz.exchange.mailbox import Mailbox
from rnnviz.exchange.messages import Changed, CompanionsChanged, Failed, Inspected, Intervened, Showing, Started
from rnnviz.exchange.orders import (
    Begin,
    Branch,
    Change,
    Display,
    Explore,
    ForkRun,
    GoBack,
    GoOn,
    Idle,
    Inspect,
    Intervene,
    Look,
    Open,
    OpenModel,
    OpenSession,
    Order,
    SaveSession,
    Show,
    Switch,
    Update,
    Watch,
    WriteProgram,
)
from rnnviz.training.replay import Replay

if TYPE_CHECKING:
    from rnnviz.domain.trace import Trace
    from rnnviz.training.fixed import Model
    from rnnviz.training.run import Run

SELF_CHECK_SHARE = 0.003  # of the worker's time that goes into checking itself
REACH_EVERY_S = 0.7


class Runner:
    """Owns the thread in which everything of torch happens, importing torch included."""

    def __init__(self, control: Control, mailbox: Mailbox, runs: int = 0) -> None:
        """``runs``: the number of the last run that the window has seen."""
        self._control = control
        self._mailbox = mailbox
        self._thread = threading.Thread(target=self._work, name="rnnviz-training")
        self._present: Run | Replay | None = None
        self._previous: Run | Replay | None = None
        self._runs = runs
        self._next_check = self._next_reach = 0.0
        self._interventions: tuple[Intervention, ...] = ()

    def start(self) -> None:
        """Start the thread; it waits for orders."""
        self._thread.start()

    def close(self) -> None:
        """End the thread after the update under way, and wait for that."""
        self._control.close()
        if self._thread.ident is not None:
            self._thread.join()

    def _work(self) -> None:
        try:
            _import_torch()
            from rnnviz.training.sessions.desk import SessionDesk  # noqa: PLC0415  # likewise
            from rnnviz.training.study_desk import StudyDesk  # noqa: PLC0415  # imports torch, on this thread
            from rnnviz.training.tracer import Tracer  # noqa: PLC0415  # likewise

            self._desk, self._sessions = StudyDesk(self._mailbox), SessionDesk(self._mailbox)
            with Tracer(self._mailbox) as self._tracer:
                for order in self._control.orders():
                    if not isinstance(order, Update) or order.looked_at:
                        self._settle()
                    self._carry_out(order)
            self._sessions.close()
        except Exception as error:  # noqa: BLE001  # the window shows it; nothing else could
            self._crashed(error)
            self._refuse(error)
        for run in (self._present, self._previous):
            if isinstance(run, Replay):
                run.close()

    def _refuse(self, error: Exception) -> None:
        """Nothing can be carried out, torch being missing, say: tell whoever begins a run."""
        for order in self._control.orders():
            self._control.stop_present()
            if isinstance(order, Begin | Open | OpenModel | OpenSession | Inspect):
                self._crashed(error)

    def _carry_out(self, order: Order) -> None:
        try:
            match order:
                case Begin() | Open() | OpenModel() | OpenSession() | GoBack() | Inspect():
                    self._turn_to(order)
                case Watch() | Explore() | GoOn():
                    self._ask_the_desk(order)
                case _ if self._present is None:  # the very first run was refused
                    self._control.pause()
                case _ if isinstance(self._present, Replay):
                    self._present.carry_out(order, self._desk, self._control)
                case _:
                    self._carry_out_in(self._present, order)
            if not isinstance(order, Idle | Update):  # these two know better
                self._control.set_background(busy=self._present is not None)
        except ValueError as error:
            reason = sentences(error) if isinstance(error, ValidationError) else str(error)
            self._mailbox.post(Failed("refused", reason))
        except Exception as error:  # noqa: BLE001  # whatever it is, the window shows it and can start a new run
            self._crashed(error)

    def _turn_to(self, order: Switch | Inspect) -> None:
        """Another run, or a look into a file that may become one."""
        match order:
            case Begin():
                self._begin(order)
            case Open(path):
                self._take(Replay(self._runs + 1, path, self._mailbox), train=True)
            case OpenModel(choice):
                self._open_model(choice)
            case OpenSession(path):
                self._open_session(path)
            case GoBack():
                self._go_back()
            case Inspect(path):
                from rnnviz.checkpoints import inspect, open_checkpoint  # noqa: PLC0415  # as in _begin

                self._mailbox.post(Inspected(inspect(open_checkpoint(path))))

    def _ask_the_desk(self, order: Watch | Explore | GoOn) -> None:
        match order:
            case Watch(wants):
                self._desk.watch(wants)
            case Explore(gain):
                self._desk.explore(gain)
            case GoOn(how):
                self._desk.go_on(how)

    def _carry_out_in(self, run: "Run", order: Order) -> None:
        match order:
            case Change(changes):
                self._change(run, changes)
            case Look() | Update() | Idle():
                self._go_on(run, order)
            case ForkRun(changes):
                self._fork(run, changes)
            case Show(lane, update):
                self._show_other(run, lane, update)
            case Branch(update, changes, train):
                self._branch(run, update, changes, train=train)
            case Intervene(interventions):
                self._intervene(run, interventions)
            case Display(own):
                run.display(own)
                self._show(run)
            case SaveSession() | WriteProgram():
                self._sessions.carry_out(order, run, self._interventions)

    def _go_on(self, run: "Run", order: Look | Update | Idle) -> None:
        match order:
            case Look():
                self._show(run)
                self._measure_every_reach(run)
                self._remember(run, looked_at=True)
            case Update(looked_at):
                self._update(run, looked_at=looked_at)
            case Idle():
                saving = self._sessions.rest()
                self._control.set_background(busy=self._desk.rest(run.shown) or saving)

    def _begin(self, order: Begin) -> None:
        from rnnviz.training.run import Run  # noqa: PLC0415  # torch is imported on this thread
        from rnnviz.training.trainer import Trainer  # noqa: PLC0415

        run = Run(self._runs + 1, Trainer(order.config))
        run.accompany(order.companions)
        self._take(run, train=order.train)

    def _open_model(self, choice: ModelChoice) -> None:
        """Weights from a file of another program."""
        from rnnviz.training.fixed import FixedModel  # noqa: PLC0415  # as in _begin
        from rnnviz.training.run import Run  # noqa: PLC0415

        self._take(Run(self._runs + 1, FixedModel(choice)), train=False)

    def _take(self, run: "Run | Replay", *, train: bool, branch_of: int | None = None) -> None:
        self._put_in_place(run)
        if train:
            self._control.run()
        self._present_either(run, train=train, branch_of=branch_of)

    def _put_in_place(self, run: "Run | Replay") -> None:
        self._runs += 1
        if isinstance(self._previous, Replay):
            self._previous.close()
        self._previous, self._present = self._present, run

    def _go_back(self) -> None:
        run = self._previous
        if run is not None:
            self._previous, self._present = self._present, run
            if not isinstance(run, Replay):
                run.past, run.lane = None, 0
            self._present_either(run, train=False)

    def _present_either(self, run: "Run | Replay", *, train: bool, branch_of: int | None = None) -> None:
        if isinstance(run, Replay):
            self._desk.start_anew()
            run.present(train=train)
        else:
            self._present_run(run, train=train, branch_of=branch_of)

    def _open_session(self, path: Path) -> None:
        """Go over to the run in a file; raises BadFileError, with the present one as it was."""
        from rnnviz.training.sessions.reading import open_session  # noqa: PLC0415  # as in _begin

        run, interventions, news = open_session(path, self._runs + 1)
        self._put_in_place(run)
        self._control.stop_present()
        self._tell_of(run, train=False)
        self._mailbox.post(news)
        self._interventions = interventions
        self._mailbox.post(Intervened(interventions))
        if run.lane or run.past is not None:
            self._say_what_is_shown(run)
        self._show(run)

    def _present_run(self, run: "Run", *, train: bool, branch_of: int | None = None) -> None:
        self._interventions = ()
        self._tell_of(run, train=train, branch_of=branch_of)
        self._show(run)

    def _tell_of(self, run: "Run", *, train: bool, branch_of: int | None = None) -> None:
        self._next_check = 0.0
        companions = tuple(companion.facts for companion in run.companions)
        trainer = run.trainer
        if trainer.facts.fixed:
            self._control.stop_present()
        self._mailbox.post(
            Started(run.number, trainer.config, trainer.facts, train, companions, branch_of, trainer.record)
        )
        self._mailbox.post_kept(run.ring.updates)

    def _show(self, run: "Run") -> None:
        """Trace what is shown, and make its studies anew."""
        self._settle()
        self._desk.start_anew()
        self._mailbox.post_trace(self._trace(run))

    def _change(self, run: "Run", changes: dict[str, object]) -> None:
        run.change(changes)
        self._mailbox.post(Changed(run.trainer.config))
        if run.companions:
            self._tell_companions(run)
        if "shown" in changes:
            self._show(run)

    def _tell_companions(self, run: "Run") -> None:
        self._mailbox.post(CompanionsChanged(tuple(companion.facts for companion in run.companions)))

    def _fork(self, run: "Run", changes: dict[str, object] | None) -> None:
        if changes is None:
            run.companions, run.lane = [], 0
        else:
            run.fork(changes)
        self._show_other(run, 0, None)  # before the lane that was shown is gone
        self._tell_companions(run)

    def _show_other(self, run: "Run", lane: int, update: int | None) -> None:
        if not 0 <= lane <= len(run.companions):
            raise ValueError(f"lane is {lane}, expected 0 to {len(run.companions)}")
        if update is None:
            run.past = None
        else:
            run.show_past(update)
        run.lane = lane if update is None else 0
        self._say_what_is_shown(run)
        self._show(run)

    def _say_what_is_shown(self, run: "Run") -> None:
        past = None if run.past is None else run.past.newest
        self._mailbox.post(Showing(run.lane, past, run.shown.record))

    def _branch(self, run: "Run", update: int, changes: dict[str, object], *, train: bool) -> None:
        self._take(run.branch(self._runs + 1, update, changes), train=train, branch_of=run.number)

    def _intervene(self, run: "Run", interventions: tuple[Intervention, ...]) -> None:
        trace = run.shown.trace(interventions)  # raises ValueError for what does not fit: then nothing has changed
        self._interventions = interventions
        self._mailbox.post(Intervened(interventions))
        self._mailbox.post_trace(trace)

    def _trace(self, run: "Run") -> "Trace":
        """Trace what is shown. Interventions that do not fit a network that is shown now are dropped, and told."""
        self._mailbox.take_request()
        try:
            return run.shown.trace(self._interventions)
        except ValueError as error:
            if not self._interventions:
                raise
            self._interventions = ()
            self._mailbox.post(Intervened(()))
            self._mailbox.post(Failed("refused", f"The interventions were taken back. {error}"))
            return run.shown.trace()

    def _update(self, run: "Run", *, looked_at: bool) -> None:
        if run.trainer.facts.fixed:
            self._control.stop_present()
            raise ValueError(run.trainer.facts.fixed)
        if run.past is not None:  # training goes on where it stood
            run.past = None
            self._say_what_is_shown(run)
            self._desk.start_anew()
        self._control.set_background(busy=looked_at)
        if not self._train(run):
            self._show(run)
            return
        if looked_at or (self._mailbox.trace_wanted and not self._tracer.busy):
            self._check_if_due(run.shown)
            self._trace_newest(run, at_once=looked_at)
        self._remember(run, looked_at=looked_at)  # with its check
        if looked_at:
            self._measure_every_reach(run)
        self._measure_reach_if_due(run)
        self._desk.turn(run.shown)
        self._sessions.turn()

    def _trace_newest(self, run: "Run", *, at_once: bool) -> None:
        """At full speed beside the training, unless something is changed inside the pass."""
        if at_once or self._interventions:
            self._settle()
            self._mailbox.post_trace(self._trace(run))
        else:
            self._mailbox.take_request()
            self._tracer.trace(run.shown.portrait())

    def _settle(self) -> None:
        """Let no older trace arrive after what is posted next."""
        try:
            self._tracer.settle()
        except Exception as error:  # noqa: BLE001  # as in `_carry_out`
            self._crashed(error)

    def _remember(self, run: "Run", *, looked_at: bool) -> None:
        if run.remember(looked_at=looked_at):
            self._mailbox.post_kept(run.ring.updates)

    def _train(self, run: "Run") -> bool:
        """One update of the run and of its companions; say whether the run made it."""
        from rnnviz.training.trainer import DivergedError  # noqa: PLC0415  # as in _begin

        try:
            self._mailbox.post(run.update())
        except DivergedError as error:
            self._control.stop_present()
            self._mailbox.post(Failed("diverged", str(error), post_mortem=error.post_mortem))
            return False
        for place, companion in enumerate(run.companions):
            news = companion.update(place)
            if news is not None:
                self._mailbox.post(news)
            if isinstance(news, Failed):
                self._desk.start_anew()  # its weights of before may be gone
        return True

    def _measure_reach_if_due(self, run: "Run") -> None:
        """One trace of one lane a second, only while there is something to compare."""
        now = time.monotonic()
        if run.companions and now >= self._next_reach:
            self._next_reach = now + REACH_EVERY_S
            self._mailbox.post(run.measure_reach())

    def _measure_every_reach(self, run: "Run") -> None:
        """Where the training stands still, all lanes are compared at one update."""
        for _ in range(len(run.companions) + 1 if run.companions else 0):
            self._mailbox.post(run.measure_reach())

    def _check_if_due(self, trainer: "Model") -> None:
        started = time.monotonic()
        if started >= self._next_check:
            trainer.self_check()
            ended = time.monotonic()
            self._next_check = ended + (ended - started) / SELF_CHECK_SHARE

    def _crashed(self, error: Exception) -> None:
        self._control.stop_present()
        sentence = f"Training stopped with {type(error).__name__}: {error}"
        self._mailbox.post(Failed("crashed", sentence, "".join(traceback.format_exception(error))))


def _import_torch() -> None:
    import torch  # noqa: PLC0415  # takes a second or two, in which the window is already there

    # Two threads would fight with the window for two cores: single updates then took up to 100 times longer, and a
    # decomposition of numpy's 10 times.
    torch.set_num_threads(1)
    threadpool_limits(1)
