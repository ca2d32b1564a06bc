"""A training loop that is recorded and never ends: started by a test, and killed by it."""

import sys

from tests.unit.loops import LOOPS, OPTIMIZERS, batch


def loop(path: str) -> None:
    import torch  # noqa: PLC0415

    import rnnviz  # noqa: PLC0415

    torch.set_num_threads(1)
    model = LOOPS["lstm"]()
    steps = OPTIMIZERS["adam"](model.parameters())
    watch = rnnviz.watch(model, path, every=0.05)
    update = 0
    while True:
        update += 1
        steps.zero_grad()
        loss = model(batch(update))
        loss.backward()
        watch.update(loss)
        steps.step()
        print(update, flush=True)  # noqa: T201  # what the test waits for


if __name__ == "__main__":
    loop(sys.argv[1])
