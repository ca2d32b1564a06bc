"""The worker thread: carries out orders, one update at a time."""

import threading
import time
import traceback
from typing import TYPE_CHECKING, NamedTuple

from pydantic import ValidationError

from rnnviz.config.run_config import RunConfig, sentences
from rnnviz.exchange.control import Begin, Change, Control, GoBack, Look, Order, Update
from rnnviz.exchange.mailbox import Mailbox
from rnnviz.exchange.messages import Changed, Failed, Started

if TYPE_CHECKING:
    from rnnviz.training.trainer import Trainer

SELF_CHECK_SHARE = 0.003  # of the worker's time that goes into checking itself


class _Run(NamedTuple):
    number: int
    trainer: "Trainer"


class Runner:
    """Owns the thread in which everything of torch happens, importing torch included."""

    def __init__(self, control: Control, mailbox: Mailbox) -> None:
        self._control = control
        self._mailbox = mailbox
        self._thread = threading.Thread(target=self._work, name="rnnviz-training")
        self._present: _Run | None = None
        self._previous: _Run | None = None
        self._runs = 0
        self._next_check = 0.0

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
            for order in self._control.orders():
                self._carry_out(order)
        except Exception as error:  # noqa: BLE001  # the window shows it; nothing else could
            self._crashed(error)

    def _carry_out(self, order: Order) -> None:
        try:
            match order:
                case Begin(config, train):
                    self._begin(config, train=train)
                case GoBack():
                    self._go_back()
                case Change(changes):
                    self._change(changes)
                case Look():
                    self._look()
                case Update(looked_at):
                    self._update(looked_at=looked_at)
        except Exception as error:  # noqa: BLE001  # whatever it is, the window shows it and can start a new run
            self._crashed(error)

    def _begin(self, config: RunConfig, *, train: bool) -> None:
        from rnnviz.training.trainer import Trainer  # noqa: PLC0415  # torch is imported on this thread

        try:
            trainer = Trainer(config)
        except ValueError as error:
            self._mailbox.post(Failed("refused", str(error)))
            return
        self._runs += 1
        self._previous, self._present = self._present, _Run(self._runs, trainer)
        if train:
            self._control.run()
        self._present_run(train=train)

    def _go_back(self) -> None:
        if self._previous is not None:
            self._previous, self._present = self._present, self._previous
            self._present_run(train=False)

    def _present_run(self, *, train: bool) -> None:
        assert self._present is not None  # noqa: S101  # both callers have just set it
        number, trainer = self._present
        self._next_check = 0.0
        self._mailbox.post(Started(number, trainer.config, trainer.facts, train))
        self._mailbox.post_trace(trainer.trace())

    def _change(self, changes: dict[str, object]) -> None:
        if self._present is None:
            return
        trainer = self._present.trainer
        try:
            trainer.set(**changes)
        except ValueError as error:
            reason = sentences(error) if isinstance(error, ValidationError) else str(error)
            self._mailbox.post(Failed("refused", reason))
            return
        self._mailbox.post(Changed(trainer.config))
        if "shown" in changes:
            self._mailbox.post_trace(trainer.trace())

    def _update(self, *, looked_at: bool) -> None:
        from rnnviz.training.trainer import DivergedError  # noqa: PLC0415  # as in _begin

        if self._present is None:  # the very first run was refused
            self._control.pause()
            return
        trainer = self._present.trainer
        try:
            record = trainer.update()
        except DivergedError as error:
            self._control.stop_present()
            self._mailbox.post(Failed("diverged", str(error)))
            return
        self._mailbox.post(record)
        if looked_at or self._mailbox.trace_wanted:
            self._check_if_due(trainer)
            self._mailbox.post_trace(trainer.trace())

    def _look(self) -> None:
        if self._present is not None:
            self._mailbox.post_trace(self._present.trainer.trace())

    def _check_if_due(self, trainer: "Trainer") -> None:
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

    # Two threads would fight with the window for two cores: single updates then took up to 100 times longer.
    torch.set_num_threads(1)
