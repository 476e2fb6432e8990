"""Saved checkpoints, read back through transformers as any other model of the Hub."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import AutoTokenizer, Olmo3ForCausalLM

from .probing import chat_prompt


@dataclass(frozen=True)
class Checkpoint:
    revision: str
    stage: str
    step: int
    tokens_seen: int
    model: Olmo3ForCausalLM  # the stored bf16 values, computed with in float32
    tokenizer: Tokenizer


def read_ladder(folder: Path) -> dict:
    return json.loads((folder / "ladder.json").read_text())


def open_checkpoint(folder: Path, entry: dict) -> Checkpoint:
    path = folder / entry["path"]
    model = Olmo3ForCausalLM.from_pretrained(path, dtype=torch.float32, attn_implementation="sdpa").eval()
    tokenizer = AutoTokenizer.from_pretrained(path)
    if tokenizer.chat_template is not None:
        messages = [{"role": "user", "content": "How are you?"}]
        rendered = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        if rendered != chat_prompt((), "How are you?"):
            raise ValueError(f"{entry['revision']}: its chat template does not give the form that training used")
    return Checkpoint(entry["revision"], entry["stage"], entry["step"], entry["tokensSeen"], model, tokenizer.backend_tokenizer)
