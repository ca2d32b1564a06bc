"""The sub-steps of one update, in order."""

from typing import Literal

Phase = Literal["forward", "loss", "backward", "clip", "update"]

PHASES: tuple[Phase, ...] = ("forward", "loss", "backward", "clip", "update")
