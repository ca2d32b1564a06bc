"""Watch recurrent networks learn, and see why gradients vanish or explode.

The public names are loaded when first used: ``import rnnviz`` imports neither torch nor Qt.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnnviz.config.run_config import RunConfig
    from rnnviz.domain.intervention import ChangeInput, ChangeToken, ClampGate, SetInitial, ZeroUnit
    from rnnviz.domain.records import UpdateRecord
    from rnnviz.domain.trace import LayerTrace, Trace
    from rnnviz.recording.reader import Recording
    from rnnviz.recording.watch import Watch, watch
    from rnnviz.tracing.influence import influence
    from rnnviz.tracing.jacobians import jacobians
    from rnnviz.tracing.trace import trace
    from rnnviz.training.trainer import DivergedError, Trainer

__version__ = "0.1.0"

__all__ = [
    "ChangeInput",
    "ChangeToken",
    "ClampGate",
    "DivergedError",
    "LayerTrace",
    "Recording",
    "RunConfig",
    "SetInitial",
    "Trace",
    "Trainer",
    "UpdateRecord",
    "Watch",
    "ZeroUnit",
    "__version__",
    "influence",
    "jacobians",
    "trace",
    "watch",
]

_HOMES = {
    "ChangeInput": "rnnviz.domain.intervention",
    "ChangeToken": "rnnviz.domain.intervention",
    "ClampGate": "rnnviz.domain.intervention",
    "DivergedError": "rnnviz.training.trainer",
    "LayerTrace": "rnnviz.domain.trace",
    "Recording": "rnnviz.recording.reader",
    "RunConfig": "rnnviz.config.run_config",
    "SetInitial": "rnnviz.domain.intervention",
    "Trace": "rnnviz.domain.trace",
    "Trainer": "rnnviz.training.trainer",
    "UpdateRecord": "rnnviz.domain.records",
    "Watch": "rnnviz.recording.watch",
    "ZeroUnit": "rnnviz.domain.intervention",
    "influence": "rnnviz.tracing.influence",
    "jacobians": "rnnviz.tracing.jacobians",
    "trace": "rnnviz.tracing.trace",
    "watch": "rnnviz.recording.watch",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'rnnviz' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
