"""Fine-tuning by LoRA: small matrices beside the frozen weights learn to answer.

As the order of an epoch depends on the seed and its number alone, and a checkpoint holds all else,
a tuning that was stopped ends with the same weights as one that was not.
"""

import io
import logging
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import torch
from peft import LoraConfig, get_peft_model, get_peft_model_state_dict, set_peft_model_state_dict
from pydantic import Field
from torch import Tensor, nn

from . import storage
from .base import Base, padded
from .errors import ProjectError
from .settings import Section

log = logging.getLogger(__name__)

CHECKPOINT = "checkpoint.pt"


class Model(Section):
    TABLE = "model"

    base: str  # a folder with a model of transformers; empty for the tiny one that is made here
    rank: int = Field(ge=1, le=256)
    epochs: int = Field(ge=1)
    batch: int = Field(ge=1)
    learning_rate: float = Field(gt=0, le=1)
    device: Literal["auto", "cpu", "cuda", "mps"]
    threads: int = Field(ge=1)  # of the processor


class Asked:
    """Prompts by their tokens, and the token that should come next."""

    def __init__(self, prompts: list[list[int]], answers: list[int]) -> None:
        self.prompts, self.answers = prompts, torch.tensor(answers)

    def __len__(self) -> int:
        return len(self.prompts)


Report = Callable[[int, dict[str, float]], None]


def tune(
    base: Base, asked: Asked, held: Asked, chosen: Model, seed: int, work: Path, report: Report
) -> Any:
    """The base with adapters that were tuned; its frozen weights stay what they were."""
    torch.set_num_threads(chosen.threads)
    torch.manual_seed(seed)
    device = choose(chosen.device)
    # Linear layers of attention and feed-forward, whatever the architecture calls them.
    config = LoraConfig(
        r=chosen.rank,
        lora_alpha=2 * chosen.rank,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )
    with warnings.catch_warnings():
        # It asks transformers for a property by its old name.
        warnings.simplefilter("ignore", FutureWarning)
        model = get_peft_model(base.model, config).to(device)
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    optimiser = torch.optim.AdamW(weights, lr=chosen.learning_rate)
    done = _resume(work, model, optimiser)
    for epoch in range(done, chosen.epochs):
        loss = _epoch(model, optimiser, base.end, asked, chosen, seed, epoch)
        found = logits(model, base.end, held.prompts)
        _save(work, model, optimiser, epoch + 1)
        right = (found.argmax(dim=1) == held.answers).float().mean().item()
        told = nn.functional.cross_entropy(found, held.answers).item()
        report(epoch + 1, {"loss": loss, "validation_loss": told, "validation_accuracy": right})
    return model.eval()


@torch.no_grad()
def logits(model: Any, end: int, prompts: list[list[int]], size: int = 64) -> Tensor:
    """For each prompt, the logits of the token that comes next."""
    model.eval()
    device = next(model.parameters()).device
    parts = []
    for start in range(0, len(prompts), size):
        ids, real = padded(prompts[start : start + size], end)
        found = model(input_ids=ids.to(device)).logits.cpu()
        parts.append(found[torch.arange(len(ids)), real.sum(dim=1) - 1])
    return torch.cat(parts).float()


def choose(device: str) -> str:
    """`auto` is what this machine has; a device that was asked for must be there."""
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if device == "auto":
        return next((name for name, has in there.items() if has), "cpu")
    if not there.get(device, True):
        raise ProjectError(f'[model] device is "{device}", which this machine does not have')
    return device


def _epoch(
    model: Any,
    optimiser: torch.optim.Optimizer,
    end: int,
    asked: Asked,
    chosen: Model,
    seed: int,
    epoch: int,
) -> float:
    model.train()
    device = next(model.parameters()).device
    order = torch.randperm(len(asked), generator=torch.Generator().manual_seed(seed * 1000 + epoch))
    total = 0.0
    for rows in torch.split(order, chosen.batch):
        ids, real = padded([asked.prompts[row] for row in rows.tolist()], end)
        found = model(input_ids=ids.to(device)).logits
        last = found[torch.arange(len(ids)), real.sum(dim=1) - 1]
        loss = nn.functional.cross_entropy(last.float(), asked.answers[rows].to(device))
        torch.autograd.backward(loss)
        optimiser.step()
        optimiser.zero_grad()
        total += loss.item() * len(rows)
    return total / len(asked)


def _resume(work: Path, model: Any, optimiser: torch.optim.Optimizer) -> int:
    path = work / CHECKPOINT
    if not path.exists():
        return 0
    # Tensors and plain values only: the file cannot run code.
    kept = torch.load(path, map_location="cpu", weights_only=True)
    set_peft_model_state_dict(model, kept["adapter"])
    optimiser.load_state_dict(kept["optimiser"])
    torch.set_rng_state(kept["random"])
    log.info("going on after epoch %d", kept["epoch"])
    return int(kept["epoch"])


def _save(work: Path, model: Any, optimiser: torch.optim.Optimizer, epoch: int) -> None:
    content = io.BytesIO()
    torch.save(
        {
            "adapter": get_peft_model_state_dict(model),
            "optimiser": optimiser.state_dict(),
            "random": torch.get_rng_state(),
            "epoch": epoch,
        },
        content,
    )
    storage.write(work / CHECKPOINT, content.getvalue())
