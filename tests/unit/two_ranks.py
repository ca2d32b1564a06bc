"""One of two processes that train a model together; prints the weights and gradient norms that it ends with."""

import json
import sys
from pathlib import Path

import torch
from torch import nn

import rnnviz
from tests.unit.loops import LOOPS, batch

UPDATES = 6


def train(rank: int, path: Path | None) -> tuple[list[list[float]], list[float]]:
    """Weights at the end, and the norm of the gradient of every update."""
    torch.manual_seed(0)
    parallel = nn.parallel.DistributedDataParallel(LOOPS["lstm"]())
    optimizer = torch.optim.SGD(parallel.parameters(), lr=0.1)
    watch = None if path is None else rnnviz.watch(parallel, path)
    norms = []
    for update in range(UPDATES):
        optimizer.zero_grad()
        loss = parallel(batch(10 * update + rank))  # every rank has a batch of its own
        loss.backward()
        if watch is not None:
            watch.update(loss)
        norms.append(float(torch.cat([part.grad.double().flatten() for part in parallel.parameters()]).norm()))
        optimizer.step()
    if watch is not None:
        watch.close()
    return [part.flatten().tolist() for part in parallel.parameters()], norms


def main() -> None:
    rank, folder = int(sys.argv[1]), Path(sys.argv[2])
    torch.distributed.init_process_group("gloo", init_method=f"file://{folder}/group", rank=rank, world_size=2)
    plain, _ = train(rank, None)
    watched, norms = train(rank, folder / f"rank-{rank}.rnnviz")
    print(json.dumps({"plain": plain, "watched": watched, "norms": norms}))  # noqa: T201  # what it is for
    torch.distributed.destroy_process_group()


if __name__ == "__main__":
    main()
