"""Short reviews with “not” and “but”, and whether they like the film.

A clause names a part of the film and praises or blames it, plainly or by negating the contrary. A review is a group of
one or two clauses, joined by “and”, that agree; or two such groups that contradict each other, joined by “but”. The
rule: what follows “but” counts, and “not” turns what follows it over. It leaves no doubt, 0 nats.

Who knows which words there are but not their order is lost in two cases: “but” is in it, since the same two groups the
other way round mean the contrary; or there is none and one of two clauses is negated, since it may be either. Both
answers are equally likely then, else the bag of words tells all. With probabilities ½ for “but”, for a second clause
and for a negation that is ln 2 · (½ + ½ · ½ · ½) = 0.625 ln 2.
"""

import math
from pathlib import Path

import numpy as np

from rnnviz.domain.run import Line
from rnnviz.domain.values import Symbols
from rnnviz.tasks.fresh import HELD_OUT_SEQUENCES, FreshTask
from rnnviz.tasks.task import NO_TARGET, Batch, Task, TaskKind, filled_up
from rnnviz.tasks.word_text import encode

PARTS = ("film", "plot", "acting", "music", "ending")
BLAME = ("bad", "dull", "weak", "silly", "slow")
PRAISE = ("good", "great", "funny", "clever", "moving")
NEGATIONS = ("not", "never")


class SentimentTask(FreshTask):
    """Reviews of 4 to 23 words, asked for after the last."""

    held_out_seed = (2002, 79)
    reads = Symbols(("the", "was", "and", "but", *NEGATIONS, *PARTS, *BLAME, *PRAISE))
    predicts = Symbols(("−", "+"))
    best = Line("bag of words", 0.625 * math.log(2))
    note = (
        "Short reviews, drawn from a grammar: is the film liked? “not” turns over what follows it, and what follows "
        "“but” counts: who heeds that is never wrong. Who only counts words cannot get below "
        f"{best.loss:.3f}. Every review is a fresh one, {HELD_OUT_SEQUENCES} are held out by being drawn apart."
    )

    def batch(self, random: np.random.Generator, size: int, length: int) -> Batch:
        """Draw ``size`` reviews; ``length`` does not matter."""
        liked = random.integers(0, 2, size)
        codes = [encode(review(random, bool(good)), self.reads.labels) for good in liked]
        targets = [np.full(len(row), NO_TARGET) for row in codes]
        for row, good in zip(targets, liked, strict=True):
            row[-1] = good
        return Batch(filled_up(codes, 0), filled_up(targets, NO_TARGET))


def review(random: np.random.Generator, liked: bool) -> list[str]:  # noqa: FBT001
    """Draw the words of a review."""
    said = _group(random, liked)
    return [*_group(random, not liked), "but", *said] if random.integers(2) else said


def _group(random: np.random.Generator, liked: bool) -> list[str]:  # noqa: FBT001
    said = _clause(random, liked)
    return [*said, "and", *_clause(random, liked)] if random.integers(2) else said


def _clause(random: np.random.Generator, liked: bool) -> list[str]:  # noqa: FBT001
    negated = bool(random.integers(2))
    negation = [NEGATIONS[random.integers(len(NEGATIONS))]] if negated else []
    words = PRAISE if liked != negated else BLAME
    return ["the", PARTS[random.integers(len(PARTS))], "was", *negation, words[random.integers(len(words))]]


def open_task(file: Path | None, length: int) -> Task:
    """Needs no file."""
    return SentimentTask()


SENTIMENT = TaskKind(
    "sentiment",
    "Short reviews",
    "whether a review with “not” and “but” likes the film",
    open_task,
    shape="many → one",
    own_length=True,
)
