"""Tables of how often words follow words: the simple rule that a network has to beat.

Smoothing after Witten and Bell (1991): p(w | context) = (count + kinds · p(w | shorter context)) / (total + kinds),
where ``kinds`` is how many different words followed the context; the shortest context is none, and below it all words
are equally likely. Nothing in it is tuned.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from rnnviz.tasks.task import NO_TARGET, Batch

ORDER = 3  # words of a trigram


class WordTables:
    """Counts of the words, pairs and triples in a row of codes."""

    def __init__(self, codes: Sequence[int], words: int) -> None:
        self._words = words
        self._counts: Counter[tuple[int, ...]] = Counter()
        for order in range(1, ORDER + 1):
            self._counts.update(zip(*(codes[start:] for start in range(order)), strict=False))
        self._totals: Counter[tuple[int, ...]] = Counter()
        self._kinds: Counter[tuple[int, ...]] = Counter()
        for row, count in self._counts.items():
            self._totals[row[:-1]] += count
            self._kinds[row[:-1]] += 1

    def probability(self, context: tuple[int, ...], word: int) -> float:
        """Of ``word`` after the words of ``context``, at most two of them."""
        found = 1 / self._words
        for known in range(len(context) + 1):
            row = context[len(context) - known :]
            kinds, total = self._kinds[row], self._totals[row]
            if total:
                found = (self._counts[(*row, word)] + kinds * found) / (total + kinds)
        return found

    def loss(self, batch: Batch, order: int) -> float:
        """Mean loss in nats over the targets of ``batch``; the table knows ``order`` − 1 words of what was read."""
        found = []
        for inputs, targets in zip(batch.inputs.tolist(), batch.targets.tolist(), strict=True):
            for token, target in enumerate(targets):
                if target != NO_TARGET:
                    context = tuple(inputs[max(token + 2 - order, 0) : token + 1])
                    found.append(self.probability(context, target))
        return -float(np.log(found).mean())
