"""The worker as a process of its own: what runs there, at the far end of a pipe."""

import faulthandler
import os
import signal
import sys
import threading
import traceback
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler

from rnnviz.exchange.control import Control
from rnnviz.exchange.mailbox import Mailbox, Parcel
from rnnviz.exchange.messages import Failed
from rnnviz.exchange.orders import CallFor, Close, WantTrace
from rnnviz.training.runner import Runner

SLICE_S = 0.001  # the window waits for the lock between the two halves of a parcel
_sending = threading.Lock()  # on Windows a pipe may still be busy with what has arrived already


def serve(pipe: Connection, runs: int) -> None:
    """Carry out the orders that come through ``pipe`` until told to close, or until the window's process is gone.

    ``runs``: the number of the last run that the window has seen.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal reaches both: the window decides
    sys.setswitchinterval(SLICE_S)
    if sys.stderr is not None:  # as where there is no console
        faulthandler.enable()
    control, mailbox = Control(), Mailbox()
    runner = Runner(control, mailbox, runs)
    postman = threading.Thread(target=_deliver, args=(mailbox, pipe), name="rnnviz-postman")
    runner.start()
    postman.start()
    try:
        _listen(pipe, control, mailbox)
    finally:
        runner.close()
        mailbox.close()
        postman.join()


def _listen(pipe: Connection, control: Control, mailbox: Mailbox) -> None:
    try:
        while (order := pipe.recv()) != Close():
            match order:
                case CallFor(trace):
                    if trace:
                        mailbox.request_trace()
                    # Sent from here where it can be: to wake the postman would take the lock from the training.
                    if (parcel := mailbox.call_for()) is not None:
                        _send(parcel, pipe)
                case WantTrace():
                    mailbox.request_trace()
                case _:
                    control.give(order)
    except (EOFError, OSError):  # there is no window any more
        return


def _deliver(mailbox: Mailbox, pipe: Connection) -> None:
    for parcel in mailbox.parcels():
        try:
            _send(parcel, pipe)
        except OSError:  # there is no window any more
            return
        except Exception:  # noqa: BLE001  # whatever it is, nothing more would come
            traceback.print_exc()
            os._exit(1)


def _send(parcel: Parcel, pipe: Connection) -> None:
    try:
        data = ForkingPickler.dumps(parcel)
    except Exception as error:  # noqa: BLE001  # whatever a study was made of; the window says so
        sentence = f"What the worker found cannot be handed to the window: {error}"
        data = ForkingPickler.dumps(Parcel([Failed("crashed", sentence, traceback.format_exc())], None))
    with _sending:
        pipe.send_bytes(data)
