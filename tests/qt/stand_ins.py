"""Stand-ins for what the worker's process does; a module without torch, so that they start quickly."""

import pickle
import sys
import time

from rnnviz.exchange.mailbox import Parcel
from rnnviz.exchange.messages import Failed, Written
from rnnviz.exchange.orders import CallFor
from rnnviz.training.serving import serve

LONG = 3_000_000  # bytes, far beyond what a pipe holds


def talk_before_listening(pipe, _runs):
    """A worker that gets rid of its news first."""
    pipe.send(Parcel([Failed("refused", "no")] * 5, None, {"influence": bytes(LONG)}))
    while (order := pipe.recv()) == CallFor():
        pass
    pipe.send(Parcel([Written(order.path, str(len(order.view.layout["long"])))], None))
    pipe.recv()


class Unreadable:
    """Breaks when it is taken out."""

    def __reduce__(self):
        return int, ("no number",)


def send_what_cannot_be_read(pipe, _runs):
    """A worker of another version, say."""
    pipe.send_bytes(pickle.dumps(Unreadable()))
    pipe.recv()
    pipe.recv()


def wait_for_ever(pipe, _runs):
    """A worker that hears nothing."""
    while True:
        time.sleep(1)


def serve_without_a_console(pipe, runs):
    """What pythonw.exe gives."""
    sys.stderr = None
    serve(pipe, runs)
