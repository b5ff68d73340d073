"""The language model to start from: one from a folder, or a tiny one that is made here.

The tiny one learns how messages and answers look, with answers that are not theirs: it knows the
form and not the matter. That is what a real base brings, and what fine-tuning then has to add.
"""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from torch import Tensor
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM

from .errors import ProjectError

log = logging.getLogger(__name__)

END = "<end>"
VOCABULARY, WIDTH, LAYERS, HEADS, LENGTH = 600, 64, 2, 4, 256
STEPS, BATCH, RATE = 150, 32, 3e-3


@dataclass(frozen=True)
class Base:
    model: Any  # of transformers, which gives no types
    tokeniser: Tokenizer
    end: int
    longest: int  # tokens that it was made to read

    def encode(self, text: str) -> list[int]:
        ids: list[int] = self.tokeniser.encode(text).ids
        return ids


def files(folder: Path) -> list[Path]:
    """What such a folder holds."""
    if not (folder / "config.json").is_file():
        raise ProjectError(f"[model] base: {folder} holds no model of transformers (config.json)")
    return sorted(path for path in folder.iterdir() if path.is_file())


def load(folder: Path) -> Base:
    """A causal model of transformers with a fast tokeniser, from files on this machine."""
    files(folder)
    # Neither code from the folder nor a format that could run code is accepted.
    model = AutoModelForCausalLM.from_pretrained(
        folder,
        local_files_only=True,
        trust_remote_code=False,
        use_safetensors=True,
        attn_implementation="eager",
        dtype=torch.float32,
    )
    fast = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    end = fast.eos_token_id
    if end is None:
        raise ProjectError(f"[model] base: the tokeniser in {folder} has no end token")
    longest = int(model.config.max_position_embeddings)
    return Base(model, Tokenizer.from_str(fast.backend_tokenizer.to_str()), int(end), longest)


def tiny(texts: list[str], seed: int) -> Base:
    """A tokeniser of these texts, and a model that has read them."""
    tokeniser = _tokeniser(texts)
    end = int(tokeniser.token_to_id(END) or 0)
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=tokeniser.get_vocab_size(),
        hidden_size=WIDTH,
        intermediate_size=2 * WIDTH,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        num_key_value_heads=HEADS,
        max_position_embeddings=LENGTH,
        bos_token_id=end,
        eos_token_id=end,
        pad_token_id=end,
        tie_word_embeddings=True,
        attn_implementation="eager",
    )
    model = LlamaForCausalLM(config)
    base = Base(model, tokeniser, end, LENGTH)
    _read([[*base.encode(text), end] for text in texts], base, seed)
    return base


def padded(rows: list[list[int]], end: int) -> tuple[Tensor, Tensor]:
    """Rows of one length, filled up at the end, and which of their places are real."""
    width = max(map(len, rows))
    ids = torch.full((len(rows), width), end)
    real = torch.zeros(len(rows), width, dtype=torch.bool)
    for number, row in enumerate(rows):
        ids[number, : len(row)] = torch.tensor(row)
        real[number, : len(row)] = True
    return ids, real


def _tokeniser(texts: list[str]) -> Tokenizer:
    tokeniser = Tokenizer(models.BPE())
    tokeniser.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokeniser.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[END],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokeniser.train_from_iterator(texts, trainer)
    return tokeniser


def _read(rows: list[list[int]], base: Base, seed: int) -> None:
    """Learn to go on with these rows."""
    optimiser = torch.optim.AdamW(base.model.parameters(), lr=RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=STEPS)
    random = torch.Generator().manual_seed(seed)
    base.model.train()
    for step in range(STEPS):
        chosen = torch.randint(0, len(rows), (BATCH,), generator=random).tolist()
        ids, real = padded([rows[number] for number in chosen], base.end)
        loss = base.model(input_ids=ids, labels=ids.masked_fill(~real, -100)).loss
        loss.backward()
        optimiser.step()
        schedule.step()
        optimiser.zero_grad()
        if (step + 1) % 50 == 0:
            log.info("base: step %d of %d, loss %.3f", step + 1, STEPS, loss.item())
