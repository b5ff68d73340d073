"""Epochs over the data, on one device or many, that can be stopped and go on bit for bit.

The order of an epoch depends on the seed and its number alone, and a checkpoint holds all else
that the next epoch depends on: weights, optimiser, schedule, random state.
"""

import io
import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from accelerate import Accelerator
from accelerate.utils import set_seed
from pydantic import Field
from torch import Tensor, nn

from . import storage
from .errors import ProjectError
from .network import Network
from .settings import Section

log = logging.getLogger(__name__)

CHECKPOINT = "checkpoint.pt"


class Model(Section):
    TABLE = "model"

    channels: int = Field(ge=1, le=512)
    dropout: float = Field(ge=0, lt=1)
    epochs: int = Field(ge=1)
    patience: int = Field(ge=1)  # epochs without a better validation loss
    batch: int = Field(ge=1)
    learning_rate: float = Field(gt=0, le=1)
    weight_decay: float = Field(ge=0, le=1)
    device: Literal["auto", "cpu", "cuda", "mps"]
    precision: Literal["no", "bf16", "fp16"]
    processes: int = Field(ge=1)  # on this machine; more than one trains in parallel
    threads: int = Field(ge=1)  # of the processor, for each process


@dataclass(frozen=True)
class Tensors:
    """What the loop learns from and is judged by."""

    x: Tensor
    y: Tensor
    held_x: Tensor
    held_y: Tensor


@dataclass
class Progress:
    """Where a training stands; everything in it is kept in the checkpoint."""

    epoch: int = 0
    best_loss: float = float("inf")
    best_epoch: int = -1


Report = Callable[[int, dict[str, float]], None]


def train(
    data: Tensors, classes: int, chosen: Model, seed: int, work: Path, report: Report
) -> dict[str, Tensor]:
    """The weights with the lowest loss on rows held out."""
    torch.set_num_threads(chosen.threads)
    accelerator = Accelerator(cpu=use_cpu(chosen.device), mixed_precision=chosen.precision)
    if accelerator.num_processes != int(os.environ.get("WORLD_SIZE", "1")):
        raise ProjectError("the processes did not find each other: each would train on its own")
    set_seed(seed)
    side = round(data.x.shape[1] ** 0.5)
    network = Network(side, classes, chosen.channels, chosen.dropout)
    optimiser = torch.optim.AdamW(
        network.parameters(), lr=chosen.learning_rate, weight_decay=chosen.weight_decay
    )
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, chosen.epochs)
    model, optimiser = accelerator.prepare(network, optimiser)
    parts = {"optimiser": optimiser, "schedule": schedule}
    data = Tensors(*(tensor.to(accelerator.device) for tensor in vars(data).values()))

    progress, best = _resume(work, accelerator.unwrap_model(model), parts)
    while progress.epoch < chosen.epochs:
        if progress.epoch - progress.best_epoch > chosen.patience:
            break
        loss = _epoch(accelerator, model, optimiser, data, chosen, seed, progress.epoch)
        schedule.step()
        held, accuracy = _judge(model, data)
        if held < progress.best_loss:
            progress.best_loss, progress.best_epoch = held, progress.epoch
            best = _copy(accelerator.unwrap_model(model))
        progress.epoch += 1
        if accelerator.is_main_process:
            _save(work, accelerator.unwrap_model(model), parts, progress, best)
            found = {"loss": loss, "validation_loss": held, "validation_accuracy": accuracy}
            report(progress.epoch, found)
        accelerator.wait_for_everyone()
    return best


def use_cpu(device: str) -> bool:
    """Whether to stay on the processor; a device that was asked for must be there."""
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if not there.get(device, True):
        raise ProjectError(f'[model] device is "{device}", which this machine does not have')
    # Where there is nothing else it must be said: processes join on the processor only if it is.
    return device == "cpu" or (device == "auto" and not any(there.values()))


def _epoch(
    accelerator: Accelerator,
    model: nn.Module,
    optimiser: torch.optim.Optimizer,
    data: Tensors,
    chosen: Model,
    seed: int,
    epoch: int,
) -> float:
    """One pass over all rows; the mean loss of this process's share."""
    model.train()
    total, count = 0.0, 0
    for rows in _batches(len(data.y), chosen.batch, seed, epoch):
        # Each process takes its share of every batch, so that the batch stays the same.
        mine = rows[accelerator.process_index :: accelerator.num_processes]
        with accelerator.autocast():
            loss = nn.functional.cross_entropy(model(data.x[mine]), data.y[mine])
        accelerator.backward(loss)
        optimiser.step()
        optimiser.zero_grad()
        total, count = total + loss.item() * len(mine), count + len(mine)
    return total / count


def _batches(rows: int, size: int, seed: int, epoch: int) -> Iterator[Tensor]:
    """All rows in an order of this seed and epoch; the last batch may be smaller."""
    order = torch.randperm(rows, generator=torch.Generator().manual_seed(seed * 1000 + epoch))
    return iter(torch.split(order, size))


@torch.no_grad()
def _judge(model: nn.Module, data: Tensors) -> tuple[float, float]:
    model.eval()
    logits = model(data.held_x).float()
    right = (logits.argmax(dim=1) == data.held_y).float().mean()
    return nn.functional.cross_entropy(logits, data.held_y).item(), right.item()


def _resume(
    work: Path, network: nn.Module, parts: dict[str, Any]
) -> tuple[Progress, dict[str, Tensor]]:
    """Where the last call stopped, or the start."""
    path = work / CHECKPOINT
    if not path.exists():
        return Progress(), _copy(network)
    try:
        # Tensors and plain values only: the file cannot run code.
        kept = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # each version of torch has its own for a file that was cut
        aside = path.with_suffix(".unreadable")
        path.replace(aside)
        reason = str(error).strip().splitlines()[:1]
        raise ProjectError(
            f"{path} cannot be read, it was cut or changed ({''.join(reason)[:100]}): it is now "
            f"{aside.name}. Call again, and the training begins anew"
        ) from None
    network.load_state_dict(kept["network"])
    for name, part in parts.items():
        part.load_state_dict(kept[name])
    torch.set_rng_state(kept["random"])
    if torch.cuda.is_available() and kept["random_cuda"]:
        torch.cuda.set_rng_state_all(kept["random_cuda"])
    progress = Progress(**kept["progress"])
    log.info("going on after epoch %d", progress.epoch)
    return progress, kept["best"]


def _save(
    work: Path,
    network: nn.Module,
    parts: dict[str, Any],
    progress: Progress,
    best: dict[str, Tensor],
) -> None:
    content = io.BytesIO()
    kept = {
        "network": network.state_dict(),
        "best": best,
        "random": torch.get_rng_state(),
        "random_cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
        "progress": asdict(progress),
        **{name: part.state_dict() for name, part in parts.items()},
    }
    torch.save(kept, content)
    storage.write(work / CHECKPOINT, content.getvalue())


def _copy(network: nn.Module) -> dict[str, Tensor]:
    return {name: tensor.detach().cpu().clone() for name, tensor in network.state_dict().items()}
