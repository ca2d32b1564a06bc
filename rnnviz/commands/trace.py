"""``rnnviz trace MODEL --data FILE --out trace.npz``: states, gates and gradients of a model that a user brings."""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnnviz.commands.command import BAD_FILE, CANNOT_START, OK, USAGE, Command, as_json, fail

if TYPE_CHECKING:
    from rnnviz.domain.checkpoint import CheckpointFacts, FoundStack, ModelChoice
    from rnnviz.domain.trace import Trace

NONE = "none"


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("model", type=Path, metavar="MODEL", help="a .pt, .pth or .safetensors file")
    parser.add_argument(
        "--data", type=Path, metavar="FILE", help="a text, .csv, .tsv, .npy or .npz; default: random numbers or labels"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="the .npz file to write")
    parser.add_argument("--layer", metavar="NAME", help="the recurrent layers, as `rnnviz info` names them")
    parser.add_argument("--cell", metavar="NAME", help="where weights leave it open: rnn_tanh, rnn_relu, gru, …")
    parser.add_argument("--vocabulary", type=Path, metavar="FILE", help="one token a line, or JSON")
    parser.add_argument(
        "--reads", metavar="WHAT", help="“numbers”, “one-hot” or the name of an embedding; default: what fits"
    )
    parser.add_argument("--readout", metavar="NAME", help="its weights, or “none”; default: what fits")
    parser.add_argument(
        "--scalar",
        choices=["next", "squares", "unit", "output"],
        help="what gradients are of; default: next, or squares",
    )
    parser.add_argument("--place", type=int, default=0, metavar="N", help="of the unit or output (default 0)")
    parser.add_argument("--start", type=int, default=0, metavar="N", help="first token of the data (default 0)")
    parser.add_argument("--length", type=int, default=50, metavar="T", help="tokens that are read (default 50)")
    parser.add_argument("--json", action="store_true", help="print what was done as JSON")


def run(options: Namespace) -> int:
    """Write the trace; say what was read."""
    from rnnviz.checkpoints import inspect, open_checkpoint  # noqa: PLC0415  # torch, which --help must not wait for
    from rnnviz.files.errors import BadFileError  # noqa: PLC0415
    from rnnviz.files.trace_file import write_trace  # noqa: PLC0415
    from rnnviz.training.fixed import FixedModel  # noqa: PLC0415

    try:
        choice = _choice(options, inspect(open_checkpoint(options.model)))
        model = FixedModel(choice)
    except BadFileError as error:
        return fail(BAD_FILE, str(error))
    except ValueError as error:
        return fail(USAGE, str(error))
    trace = model.trace()
    try:
        write_trace(options.out, trace)
    except OSError as error:
        return fail(CANNOT_START, f"{options.out}: cannot be written: {error.strerror or error}")
    print(_told(model.facts.task_note, trace, options))  # noqa: T201  # a program's word
    return OK


def _choice(options: Namespace, found: "CheckpointFacts") -> "ModelChoice":
    """What the options say, and else what the dialog would propose. Raises ValueError."""
    from rnnviz.domain.checkpoint import ModelChoice  # noqa: PLC0415

    stack = found.stacks[0] if options.layer is None else found.stack(options.layer)
    embeddings, readouts = found.embeddings(stack), found.readouts(stack)
    reads = options.reads or (embeddings[0].name if embeddings else "numbers")
    readout = options.readout or (readouts[0].name if readouts else NONE)
    return ModelChoice(
        path=options.model,
        stack=stack.name,
        cell=options.cell,
        embedding=None if reads in ("numbers", "one-hot") else reads,
        one_hot=reads == "one-hot",
        readout=None if readout == NONE else readout,
        data=options.data,
        vocabulary=options.vocabulary,
        start=options.start,
        length=options.length,
        scalar=options.scalar or _proposed(found, stack, reads, readout),
        place=options.place,
    )


def proposed(path: Path, found: "CheckpointFacts") -> "ModelChoice":
    """What is shown of a file of weights when nothing is said: its first layers, random data."""
    parser = ArgumentParser()
    configure(parser)
    return _choice(parser.parse_args([str(path), "--out", "-"]), found)


def _proposed(found: "CheckpointFacts", stack: "FoundStack", reads: str, readout: str) -> Any:
    sizes = {matrix.name: matrix.rows for matrix in found.embeddings(stack)}
    outputs = {matrix.name: matrix.rows for matrix in found.readouts(stack)}
    return "next" if outputs.get(readout) == sizes.get(reads, stack.inputs) else "squares"


def _told(note: str, trace: "Trace", options: Namespace) -> str:
    losses = 0.0 if trace.losses is None else float(trace.losses.sum())
    if options.json:
        cells = [{"cell": layer.cell, "layer": layer.layer, "direction": layer.direction} for layer in trace.layers]
        told = {"out": str(options.out), "note": note, "tokens": trace.tokens, "loss": losses, "layers": cells}
        return as_json(told)
    return f"{note}\nL = {losses:.6g} over {trace.tokens} tokens; {len(trace.layers)} layers written to {options.out}"


TRACE = Command(
    "trace", "Write states, gates and gradients of the recurrent layers in a file of trained weights.", configure, run
)
