"""Small, readable data for tests. Everything is decided by its arguments: no test depends on another's random draws."""

import threading
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from rnnviz.cells import CELLS
from rnnviz.config import RunConfig
from rnnviz.domain.anatomy import PartAnatomy, UpdateAnatomy
from rnnviz.domain.arrays import Array
from rnnviz.domain.continuation import Forecast, GoingOn, Sampled
from rnnviz.domain.embedding_map import EmbeddingMap
from rnnviz.domain.influence import Influence
from rnnviz.domain.records import UpdateRecord
from rnnviz.domain.run import Line, RunFacts
from rnnviz.domain.spectrum import LayerSpectrum, Spectrum
from rnnviz.domain.studies import StudyName
from rnnviz.domain.trace import LayerTrace, Reading, Trace, numbers_in_words
from rnnviz.domain.values import Numbers, Symbols, Values
from rnnviz.exchange.mailbox import Mailbox, Message
from rnnviz.exchange.orders import SaveSession
from rnnviz.exchange.view_state import ViewState
from rnnviz.tasks import TASKS
from rnnviz.tasks.task import Batch, filled_up
from rnnviz.training.run import Run
from rnnviz.training.sessions.writing import session_in_slices
from rnnviz.training.trainer import Trainer

TORCH_CELLS = ("rnn_tanh", "rnn_relu", "lstm", "gru")
FAST = [name for name, cell in CELLS.items() if cell.has_recursion]  # with one of the others there is no self-check
LETTERS = "the cat sat on the mat, the dog lay by the door; nobody moved until the rain had stopped.\n"


def config(**changes: Any) -> RunConfig:
    """A run that takes a millisecond an update."""
    small = {"cell": "lstm", "hidden": 6, "embedding": 5, "length": 8, "batch": 3, "rate": 0.01}
    return RunConfig(**{**small, **changes})


def trainer(**changes: Any) -> Trainer:
    """A trainer of `config`."""
    return Trainer(config(**changes))


def text_file(folder: Path, text: str = LETTERS * 8) -> Path:
    """A UTF-8 file in ``folder`` that holds ``text``."""
    path = folder / "story.txt"
    path.write_text(text, "utf-8", newline="")
    return path


def table_file(folder: Path, rows: int = 40) -> Path:
    """A CSV table in ``folder`` of short texts and their labels."""
    path = folder / "table.csv"
    lines = [f"number {k} was {('bad', 'good')[k % 2]},{('no', 'yes')[k % 2]}\n" for k in range(rows)]
    path.write_text("text,label\n" + "".join(lines), "utf-8", newline="")
    return path


def wav_file(path: Path, seconds: float = 0.3, hertz: float = 440.0, rate: int = 8000, channels: int = 1) -> Path:
    """A 16-bit recording of a hum that fades."""
    at = np.arange(round(seconds * rate)) / rate
    wave_ = np.sin(2 * np.pi * hertz * at) * np.exp(-2 * at) + 0.3 * np.sin(6 * np.pi * hertz * at)
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.repeat((wave_ * 9000).astype("<i2"), channels).tobytes())
    return path


def recordings_folder(folder: Path, each: int = 6) -> Path:
    """A folder with recordings “low_0.wav”, “high_0.wav” and so on, each a little different."""
    for k in range(each):
        wav_file(folder / "sounds" / f"low_{k}.wav", 0.2 + 0.02 * k, 180 + 7 * k)
        wav_file(folder / "sounds" / f"high_{k}.wav", 0.2 + 0.02 * k, 800 + 30 * k)
    return folder / "sounds"


def arrays_file(folder: Path, sequences: int = 30, **parts: Any) -> Path:
    """Noisy waves of two numbers and 6, 9 or 12 tokens; the label says whether they rise at first."""
    path, random = folder / "waves.npz", np.random.default_rng(1)
    labels, lengths = np.arange(sequences) % 2, 6 + 3 * (np.arange(sequences) % 3)
    wave = np.sin(np.arange(12) / 2) * np.where(labels, 1, -1)[:, None]
    x = np.stack([wave, wave / 2], axis=2) + random.normal(0, 0.1, (sequences, 12, 2))
    given = {"x": x, "y": labels, "lengths": lengths} | parts
    np.savez(path, **{name: array for name, array in given.items() if array is not None})
    return path


def file_for(task: str, folder: Path) -> Path | None:
    """What ``task`` needs, in ``folder``; None where it needs nothing."""
    if not TASKS[task].needs_file:
        return None
    wave = "\n".join(f"{np.sin(k / 3) + k % 5:.3f}" for k in range(200))
    files = {
        "speech_wav": recordings_folder,
        "own_arrays": arrays_file,
        "sentiment_csv": table_file,
        "series_csv": lambda folder: csv_file(folder, wave),
    }
    return files.get(task, text_file)(folder)


def module(cell: str = "lstm", inputs: int = 3, hidden: int = 4, *, seed: int = 0, **options: Any) -> nn.Module:
    """Torch's module for ``cell`` with its default initial weights."""
    entry = CELLS[cell]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return getattr(nn, str(entry.torch_module))(inputs, hidden, **entry.torch_options, **options)


def normal(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float32) -> Tensor:
    """Standard normal numbers; the same in every precision."""
    values = np.random.default_rng(seed).standard_normal(shape).astype(np.float32)
    return torch.from_numpy(values).to(dtype)


def initial_state(net: nn.Module, seed: int = 5) -> Any:
    """A starting state that is not zero: h0, or (h0, c0) for an LSTM, (layers·directions, H) each."""
    rows = net.num_layers * (2 if net.bidirectional else 1)
    parts = [normal(rows, net.hidden_size, seed=seed + k, dtype=net.weight_hh_l0.dtype) for k in range(2)]
    return tuple(parts) if isinstance(net, nn.LSTM) else parts[0]


def every_token(top: Tensor) -> Tensor:
    """A loss at each token, a different curved function of each output."""
    weights = normal(top.shape[1], seed=9, dtype=top.dtype)
    places = torch.arange(1, len(top) + 1, dtype=top.dtype) / len(top)
    return (top * weights - places[:, None]).square().mean(1)


def last_token(top: Tensor) -> Tensor:
    """A loss at the last token alone."""
    losses = every_token(top)
    return losses * (torch.arange(len(top)) == len(top) - 1)


def relative_errors(found: Array, true: Array) -> Array:
    """‖found − true‖ / ‖true‖ over the last axis, in float64: a token whose gradient is tiny counts like any other."""
    wide, truth = np.asarray(found, dtype=np.float64), np.asarray(true, dtype=np.float64)
    error, size = np.linalg.norm(wide - truth, axis=-1), np.linalg.norm(truth, axis=-1)
    return np.divide(error, size, out=np.where(error > 0, np.inf, 0.0), where=size > 0)


def layer_trace(tokens: int = 3, units: int = 2, **parts: Any) -> LayerTrace:
    """A layer without gates whose h_t is t + 1 in every unit."""
    hidden = np.repeat(np.arange(1.0, tokens + 1)[:, None], units, axis=1)
    given = {
        "cell": "rnn_tanh",
        "layer": 0,
        "direction": "forward",
        "hidden": hidden,
        "cell_state": None,
        "gates": {},
        "initial_hidden": np.zeros(units),
        "initial_cell": None,
    }
    return LayerTrace(**{**given, **parts})


def record(**changes: Any) -> UpdateRecord:
    """The record of an uneventful first update."""
    given = {
        "update": 1,
        "loss": 2.0,
        "accuracy": 0.25,
        "grad_norm": 0.5,
        "grad_norm_clipped": 0.5,
        "clip_coefficient": 1.0,
        "clip_cosine": 1.0,
        "clipped": False,
        "share_clipped": 0.0,
        "clip": "norm",
        "threshold": 1.0,
        "rate": 0.01,
        "update_ratio": 0.001,
    }
    return UpdateRecord(**{**given, **changes})


VOCABULARY = tuple(" dehlorw")


def full_layer(cell: str = "lstm", tokens: int = 8, units: int = 6, layer: int = 0, **parts: Any) -> LayerTrace:
    """A layer with everything that its cell has, in made-up numbers; gradients fall by a decade every four tokens."""
    random = np.random.default_rng(layer)
    entry, shape = CELLS[cell], (tokens, units)
    falling = 10.0 ** ((np.arange(tokens) - tokens) / 4)[:, None]
    blocks = (tokens, entry.blocks, units)
    given = {
        "cell": cell,
        "hidden": random.uniform(-1, 1, shape),
        "cell_state": random.uniform(-2, 2, shape) if entry.has_cell_state else None,
        "gates": {gate.name: random.uniform(-1 if gate.signed else 0, 1, shape) for gate in entry.gates},
        "initial_cell": np.zeros(units) if entry.has_cell_state else None,
        "input_parts": random.normal(size=blocks),
        "recurrent_parts": random.normal(size=blocks),
        "hidden_grads": random.normal(size=shape) * falling,
        "hidden_grads_direct": random.normal(size=shape) * falling / 2,
        "hidden_grads_last": random.normal(size=shape) * falling / 3,
    }
    return layer_trace(tokens, units, **{**given, "layer": layer, **parts})


def reading(tokens: int = 8, **parts: Any) -> Reading:
    """“hello world” as far as it goes, with guesses of varying certainty."""
    text = ("hello world " * (tokens // 12 + 2))[: tokens + 1]
    odds = np.random.default_rng(1).uniform(0.01, 1, (tokens, len(VOCABULARY)))
    given = {
        "tokens": tuple(text[:-1]),
        "targets": tuple(text[1:]),
        "vocabulary": VOCABULARY,
        "probabilities": odds / odds.sum(axis=1, keepdims=True),
    }
    return Reading(**{**given, **parts})


def full_trace(cell: str = "lstm", tokens: int = 8, layers: int = 1, units: int = 6, **parts: Any) -> Trace:
    """A trace with everything in it; ``parts`` go to every layer."""
    stack = tuple(full_layer(cell, tokens, units, layer, **parts) for layer in range(layers))
    return Trace(stack, np.linspace(2, 1, tokens), reading(tokens), update=1)


def numbers_reading(tokens: int = 8, channels: int = 2, outputs: int = 1, **parts: Any) -> Reading:
    """Numbers read and predicted; at every other token, and at the last, some are wanted."""
    random = np.random.default_rng(2)
    wanted = random.normal(size=(tokens, outputs)).astype(np.float32)
    wanted[np.arange(tokens) % 2 == tokens % 2] = np.nan
    values = random.normal(size=(tokens, channels)).astype(np.float32)
    given = {
        "tokens": tuple(numbers_in_words(row) for row in values),
        "targets": tuple(None if np.isnan(row).all() else numbers_in_words(row) for row in wanted),
        "values": values,
        "wanted": wanted,
        "given": random.normal(size=(tokens, outputs)).astype(np.float32),
        "channels": tuple(f"x{place}" for place in range(channels)),
        "outputs": tuple(f"y{place}" for place in range(outputs)),
    }
    return Reading(**{**given, **parts})


class MadeTask:
    """A task of any kind: symbols or numbers, ``tokens`` of them in sequences of three lengths, targets as asked."""

    note = "Made up."

    def __init__(self, reads: Values, predicts: Values, tokens: int = 6, *, at_the_end: bool = False) -> None:
        self.reads, self.predicts, self._tokens, self._at_the_end = reads, predicts, tokens, at_the_end

    def batch(self, random: np.random.Generator, size: int, length: int) -> Batch:
        """Every sequence of one, two or three thirds of the tokens; the first has them all."""
        lengths = [self._tokens - k % 3 * (self._tokens // 3) for k in range(size)]
        inputs = [_made(self.reads, random, tokens) for tokens in lengths]
        targets = [_made(self.predicts, random, tokens) for tokens in lengths]
        nothing = -1 if isinstance(self.predicts, Symbols) else np.nan
        for row in targets if self._at_the_end else ():
            row[:-1] = nothing
        return Batch(filled_up(inputs, 0), filled_up(targets, nothing))

    def held_out(self, length: int) -> Batch:
        """Six sequences."""
        return self.batch(np.random.default_rng((1, 2)), 6, length)

    def displayed(self, length: int) -> Batch:
        """The second of them, which is filled up."""
        inputs, targets = self.held_out(length)
        return Batch(inputs[1:2], targets[1:2])


def _made(kind: Values, random: np.random.Generator, tokens: int) -> Array:
    if isinstance(kind, Symbols):
        return random.integers(0, kind.size, tokens)
    return random.normal(size=(tokens, kind.size)).astype(np.float32)


WORDS = Symbols(("the", "extraordinarily", "film", "not", "was", "good", "bad", "."))
MADE_TASKS = {
    "words to a number": MadeTask(WORDS, Numbers(("stars",)), 9, at_the_end=True),
    "numbers to numbers": MadeTask(Numbers(("a", "b")), Numbers(("c", "d"), tolerance=0.2), 9),
    "frames to a word": MadeTask(Numbers(tuple(map(str, range(20))), frame=(4, 5)), WORDS, 9, at_the_end=True),
    "spectra to spectra": MadeTask(Numbers(tuple(map(str, range(40)))), Numbers(tuple(map(str, range(12)))), 30),
    "one word": MadeTask(WORDS, WORDS, 1),
    "one number": MadeTask(Numbers(("x",)), Numbers(("y",)), 1),
    "one frame": MadeTask(Numbers(tuple(map(str, range(6))), frame=(2, 3)), Numbers(("y",)), 1),
}


def facts(**changes: Any) -> RunFacts:
    """What is known of a small run."""
    given = {
        "task_note": "“hello world” repeated.",
        "reads": Symbols(VOCABULARY),
        "predicts": Symbols(VOCABULARY),
        "parameters": 1234,
        "chance": Line("chance", float(np.log(len(VOCABULARY)))),
    }
    return RunFacts(**{**given, **changes})


class WatchedMailbox(Mailbox):
    """Keeps everything that was ever posted, and lets a test wait for it."""

    def __init__(self) -> None:
        super().__init__()
        self._news = threading.Condition()
        self.log: list[Message | Trace] = []
        self.posted_by: set[threading.Thread] = set()
        self.studies: list[tuple[StudyName, Any]] = []
        self.kept: list[tuple[int, ...]] = []

    def post(self, message: Message) -> None:
        """Note ``message``."""
        super().post(message)
        self._note(message)

    def post_trace(self, trace: Trace) -> None:
        """Note ``trace``."""
        super().post_trace(trace)
        self._note(trace)

    def post_study(self, name: StudyName, study: Any) -> None:
        """Note ``study``."""
        super().post_study(name, study)
        self.studies.append((name, study))

    def post_kept(self, updates: tuple[int, ...]) -> None:
        """Note which updates are kept."""
        super().post_kept(updates)
        self.kept.append(updates)

    def of(self, kind: type) -> list[Any]:
        """What was posted of one kind, in order."""
        return [entry for entry in self.log if isinstance(entry, kind)]

    def wait_for(self, condition: Callable[[], Any], seconds: float = 60.0) -> None:
        """Wait until ``condition`` holds; it is looked at whenever something is posted."""
        with self._news:
            assert self._news.wait_for(condition, seconds), (
                f"never came true; the newest of the mailbox: {self.log[-3:]}"
            )

    def _note(self, entry: Message | Trace) -> None:
        with self._news:
            self.log.append(entry)
            self.posted_by.add(threading.current_thread())
            self._news.notify_all()


def influence(tokens: int = 8, layers: int = 1, every: int = 1, decay: float = 0.5, **parts: Any) -> Influence:
    """Losses whose gradient falls by ``decay`` decades a token towards the past; half as fast in the layer above."""
    loss_tokens = np.arange(every - 1, tokens, every)
    lag = loss_tokens[:, None] - np.arange(tokens)
    norms = tuple(np.where(lag < 0, -np.inf, -1 - decay / (layer + 1) * lag) for layer in range(layers))
    given = {"loss_tokens": loss_tokens, "log10_norms": norms, "residuals": (2e-7,) * layers, "update": 1}
    return Influence(**{**given, **parts})


def layer_spectrum(cell: str = "lstm", tokens: int = 8, units: int = 6, layer: int = 0, **parts: Any) -> LayerSpectrum:
    """A product of Jacobians that loses a quarter of a decade a token, a gradient that loses half of one."""
    random = np.random.default_rng(layer)
    entry = CELLS[cell]
    blocks = [gate.name for gate in entry.gates] or ["W_hh"]
    states = units * (2 if entry.has_cell_state else 1)
    back = np.arange(tokens - 1, -1, -1.0)
    given = {
        "cell": cell,
        "layer": layer,
        "direction": "forward",
        "log10_norm": -0.25 * back,
        "log10_mean": -1.0 * back,
        "spectrum_tokens": np.array([0, tokens - 1]),
        "log10_singular": np.zeros((2, states)),
        "lyapunov": np.linspace(-0.5, -2, states),
        "factors": np.full(tokens - 1, 10**-0.5),
        "slope": -0.5 * float(np.log(10)),
        "mean_slope": 0.75,
        "saturation": {name: random.dirichlet((1, 1, 1), units)[:, :2].T for name in blocks},
        "carry": -back[:, None] * np.linspace(0.1, 0.5, units) if entry.gates else None,
        "eigenvalues": {
            name: random.uniform(0.1, 1.1, units) * np.exp(1j * random.uniform(-np.pi, np.pi, units)) for name in blocks
        },
        "radius": dict.fromkeys(blocks, 1.0625),
        "sigma_max": dict.fromkeys(blocks, 1.25),
    }
    return LayerSpectrum(**{**given, **parts})


def spectrum(cell: str = "lstm", tokens: int = 8, layers: int = 1, units: int = 6, **parts: Any) -> Spectrum:
    """A spectrum of layers as above; ``parts`` that a layer has go to every layer."""
    inner = {name: parts.pop(name) for name in list(parts) if name in LayerSpectrum.__dataclass_fields__}
    stack = tuple(layer_spectrum(cell, tokens, units, layer, **inner) for layer in range(layers))
    sentences = {"verdict": "Gradients vanish: every token takes away half of them."}
    given = {"layers": stack, "log10_hidden_grads": (np.zeros(tokens),) * layers, "update": 1, "reading": sentences}
    return Spectrum(**{**given, **parts})


def anatomy(cell: str = "lstm", layers: int = 1, **parts: Any) -> UpdateAnatomy:
    """An update by Adam whose gradient was clipped to a quarter."""
    parts_of = [PartAnatomy("embedding.weight", "", 0.1, 0.025, 0.003, 4.0)]
    for layer in range(layers):
        for kind in ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"):
            name = f"layers.{layer}.{kind}"
            parts_of.append(PartAnatomy(name, "", 0.4, 0.1, 0.006, 3.0))
            parts_of += [PartAnatomy(name, gate.name, 0.2, 0.05, 0.003, 1.5) for gate in CELLS[cell].gates]
    parts_of += [PartAnatomy(f"readout.{kind}", "", 0.3, 0.075, 0.002, 2.0) for kind in ("weight", "bias")]
    given = {
        "update": 160,
        "clip": "norm",
        "threshold": 0.2,
        "rate": 0.01,
        "optimizer": "adam",
        "parts": tuple(parts_of),
        "raw": 0.82,
        "clipped": 0.2,
        "step": 0.012,
        "weight": 10.0,
        "coefficient": 0.244,
        "clip_angle": 0.0,
        "step_angle": 63.0,
        "share_clipped": 0.41,
    }
    return UpdateAnatomy(**{**given, **parts})


def embedding_map(tokens: int = 8, **parts: Any) -> EmbeddingMap:
    """So many words on a circle; in all dimensions each is nearest to the one before and after it."""
    turns = np.linspace(0, 2 * np.pi, tokens, endpoint=False)
    places = np.stack([np.cos(turns), np.sin(turns)], axis=1)
    given = {
        "labels": (*VOCABULARY, *(f"word {place}" for place in range(tokens - len(VOCABULARY))))[:tokens],
        "vectors": np.concatenate([places, np.zeros((tokens, 3))], axis=1).astype(np.float32),
        "places": places,
        "explained": (0.5, 0.25),
        "counts": np.arange(tokens, 0, -1) * 10,
        "note": "Vectors that began at random.",
        "update": 1,
    }
    return EmbeddingMap(**{**given, **parts})


def vectors_file(folder: Path, text: str = "e 1 0 0\nh 0 1 0\nl 0 0 1\no 1 1 0\n") -> Path:
    """A file of word vectors in ``folder`` that holds ``text``."""
    path = folder / "vectors.txt"
    path.write_text(text, "utf-8", newline="")
    return path


def certified(run: Trainer) -> bool:
    """Whether the self-check passes, or is rightly None since the cell is traced by autograd itself."""
    check = run.self_check()
    return check is None if not run.network.cell.has_recursion else check is not None and check.passed


def sampled(text: str = "hello world", prefix: int = 4, **parts: Any) -> Sampled:
    """A text of which the letters behind ``prefix`` were drawn, each with a smaller probability than the one before."""
    drawn = tuple(text[prefix:])
    chances = 0.9 ** np.arange(1, len(drawn) + 1)
    given = {
        "prefix": tuple(text[:prefix]),
        "drawn": drawn,
        "chances": chances,
        "drawn_at": chances**2,
        "entropy": np.full(len(drawn), 0.5),
        "others": tuple((label, "?") for label in drawn),
        "other_chances": np.stack([chances, 1 - chances], axis=1),
        "how": GoingOn(after=prefix - 1),
    }
    return Sampled(**{**given, **parts})


def forecast(tokens: int = 8, steps: int = 3, **parts: Any) -> Forecast:
    """A series of whole numbers; the network says 0.5 too much, the rule that it stays as it is."""
    origin = max(tokens // 2 - 1, 0)
    ahead = np.arange(1, steps + 1.0)
    given = {
        "known": np.arange(tokens + 1.0)[:, None],
        "origin": origin,
        "given": (origin + ahead + 0.5)[:, None],
        "rules": {"stays as it is": np.full((steps, 1), float(origin))},
        "errors": np.full(steps, 0.5),
        "rule_errors": {"stays as it is": ahead},
        "origins": np.arange(steps, 0, -1),
        "how": GoingOn(after=origin, ahead=steps),
        "names": ("next x",),
    }
    return Forecast(**{**given, **parts})


def save_session(path: Path, run: Run, view: ViewState | None = None) -> None:
    """Write ``run`` to ``path`` as the worker does between updates, but at once."""
    for _ in session_in_slices(run, (), SaveSession(path, view or ViewState())):
        pass


def csv_file(folder: Path, text: str) -> Path:
    """A CSV file in ``folder`` that holds ``text``."""
    path = folder / "numbers.csv"
    path.write_text(text, "utf-8", newline="")
    return path
