"""Fine-tuning by LoRA: small matrices beside the frozen weights learn to answer.

As the order and the rates of an epoch depend on the seed and its number alone, and a checkpoint
holds all else, a tuning that was stopped ends with the same weights as one that was not.
"""

import io
import logging
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import torch
from peft import LoraConfig, get_peft_model, get_peft_model_state_dict, set_peft_model_state_dict
from pydantic import Field
from torch import Tensor, nn

from . import base as bases
from . import prompts, storage
from .base import Base, padded
from .errors import ProjectError
from .settings import Section

log = logging.getLogger(__name__)

CHECKPOINT = "checkpoint.pt"
WARM_UP = 0.1  # the share of all steps in which the rate rises
LONGEST_STEP = 1.0  # gradients are shortened to this norm, so that one batch cannot undo the rest


class Model(Section):
    TABLE = "model"

    prompt: str  # a file in prompts/
    base: str  # a folder with a model of transformers; empty for the tiny one that is made here
    rank: int = Field(ge=1, le=256)
    epochs: int = Field(ge=1)
    batch: int = Field(ge=1)
    learning_rate: float = Field(gt=0, le=1)
    device: Literal["auto", "cpu", "cuda", "mps"]
    threads: int = Field(ge=1)  # of the processor

    def content(self) -> str:
        prompt = prompts.load(Path(self.prompt)).model_dump_json()
        files = bases.files(Path(self.base)) if self.base else []
        return "\0".join((super().content(), prompt, *map(storage.digest, files)))


class Asked:
    """Prompts by their tokens, and the token that should come next."""

    def __init__(self, prompts: list[list[int]], answers: list[int]) -> None:
        self.prompts, self.answers = prompts, torch.tensor(answers)

    def __len__(self) -> int:
        return len(self.prompts)


@dataclass
class Progress:
    """Where a tuning stands, and the best that it found; all of it is kept in the checkpoint."""

    epoch: int = 0
    best_loss: float = float("inf")
    best: dict[str, Tensor] = field(default_factory=dict)


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
    progress = _resume(work, model, optimiser)
    while progress.epoch < chosen.epochs:
        loss = _epoch(model, optimiser, base.end, asked, chosen, seed, progress.epoch)
        found = logits(model, base.end, held.prompts)
        right = (found.argmax(dim=1) == held.answers).float().mean().item()
        told = nn.functional.cross_entropy(found, held.answers).item()
        if told < progress.best_loss:
            progress.best_loss, progress.best = told, _copy(get_peft_model_state_dict(model))
        progress.epoch += 1
        _save(work, model, optimiser, progress)
        numbers = {"loss": loss, "validation_loss": told, "validation_accuracy": right}
        report(progress.epoch, numbers)
    # The last epoch need not be the best one: what is held out decides.
    set_peft_model_state_dict(model, progress.best)
    return model.eval()


def rate(step: int, steps: int, highest: float) -> float:
    """The learning rate of a step: it rises from near 0, and falls to near 0 at the end.

    An adapter starts at nothing, where the first gradients say little, and a rate that stays high
    throws a small model out of what it has found.
    """
    warm = max(1, round(WARM_UP * steps))
    if step < warm:
        return highest * (step + 1) / warm
    return highest * (steps - step) / (steps - warm + 1)


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
    batches = torch.split(order, chosen.batch)
    total = 0.0
    for number, rows in enumerate(batches):
        for group in optimiser.param_groups:
            step = epoch * len(batches) + number
            group["lr"] = rate(step, chosen.epochs * len(batches), chosen.learning_rate)
        ids, real = padded([asked.prompts[row] for row in rows.tolist()], end)
        found = model(input_ids=ids.to(device)).logits
        last = found[torch.arange(len(ids)), real.sum(dim=1) - 1]
        loss = nn.functional.cross_entropy(last.float(), asked.answers[rows].to(device))
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(optimiser.param_groups[0]["params"], LONGEST_STEP)
        optimiser.step()
        optimiser.zero_grad()
        total += loss.item() * len(rows)
    return total / len(asked)


def _resume(work: Path, model: Any, optimiser: torch.optim.Optimizer) -> Progress:
    """Where the last call stopped, or the start."""
    path = work / CHECKPOINT
    if not path.exists():
        return Progress()
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
    set_peft_model_state_dict(model, kept["adapter"])
    optimiser.load_state_dict(kept["optimiser"])
    torch.set_rng_state(kept["random"])
    if torch.cuda.is_available() and kept["random_cuda"]:
        torch.cuda.set_rng_state_all(kept["random_cuda"])
    log.info("going on after epoch %d", kept["epoch"])
    return Progress(kept["epoch"], kept["best_loss"], kept["best"])


def _save(work: Path, model: Any, optimiser: torch.optim.Optimizer, progress: Progress) -> None:
    content = io.BytesIO()
    torch.save(
        {
            "adapter": get_peft_model_state_dict(model),
            "optimiser": optimiser.state_dict(),
            "random": torch.get_rng_state(),
            "random_cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
            "epoch": progress.epoch,
            "best_loss": progress.best_loss,
            "best": progress.best,
        },
        content,
    )
    storage.write(work / CHECKPOINT, content.getvalue())


def _copy(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.detach().cpu().clone() for name, tensor in weights.items()}
