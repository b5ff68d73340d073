"""The loop in several processes: what each of them runs, and how they are started.

Processes are started by torchrun, which also joins machines; the loop is the same.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from safetensors.torch import load_file, save_file
from torch import Tensor

from . import loop, storage
from .errors import ProjectError
from .loop import Model, Report, Tensors

DATA, TOLD, BEST, PROGRESS = "data.safetensors", "told.json", "best.safetensors", "progress.jsonl"


def train(
    data: Tensors, classes: int, chosen: Model, seed: int, work: Path, report: Report
) -> dict[str, Tensor]:
    """As `loop.train`, by as many processes as are chosen."""
    work.mkdir(parents=True, exist_ok=True)
    save_file(dict(vars(data)), work / DATA)
    told = {"classes": classes, "seed": seed, "model": chosen.model_dump()}
    storage.write(work / TOLD, json.dumps(told))
    (work / PROGRESS).unlink(missing_ok=True)
    processes = f"--nproc-per-node={chosen.processes}"
    program = [sys.executable, "-m", "torch.distributed.run", "--standalone", processes]
    module = ["-m", __name__, str(work)]
    # torchrun would warn that it sets the number of threads; the loop sets it itself.
    environment = {**os.environ, "OMP_NUM_THREADS": str(chosen.threads)}
    ended = subprocess.run(  # noqa: S603  this module itself
        [*program, *module], check=False, env=environment, capture_output=True, text=True
    )
    if ended.returncode:
        last = ended.stderr.strip().splitlines()[-20:]
        raise ProjectError("a training process failed:\n" + "\n".join(last))
    for line in (work / PROGRESS).read_text(encoding="utf-8").splitlines():
        found = json.loads(line)
        report(found.pop("epoch"), found)
    return dict(load_file(work / BEST))


def main(work: Path) -> None:
    """One of the processes."""
    told = json.loads((work / TOLD).read_text(encoding="utf-8"))

    def note(epoch: int, found: dict[str, float]) -> None:
        with (work / PROGRESS).open("a", encoding="utf-8") as file:
            file.write(json.dumps({"epoch": epoch, **found}) + "\n")

    chosen = Model.model_validate(told["model"])
    data = Tensors(**load_file(work / DATA))
    best = loop.train(data, told["classes"], chosen, told["seed"], work, note)
    if os.environ.get("RANK", "0") == "0":
        save_file(best, work / BEST)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
