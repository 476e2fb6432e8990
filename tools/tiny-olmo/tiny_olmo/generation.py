"""Answers of a checkpoint, greedy or sampled, in batches of prompts of one length, so that nothing is padded."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from tokenizers import Tokenizer
from transformers import DynamicCache, Olmo3ForCausalLM

from .tokenizer import END_OF_TEXT, TURN_END

BATCH = 96
MAX_NEW_TOKENS = 72


@dataclass(frozen=True)
class Answer:
    text: str
    stopped: bool  # by an end token, not by the limit
    ids: tuple[int, ...]  # with the end token


@torch.no_grad()
def answers(
    model: Olmo3ForCausalLM,
    tokenizer: Tokenizer,
    prompts: list[str],
    temperature: float = 0.0,
    seed: int = 0,
    max_new_tokens: int = MAX_NEW_TOKENS,
) -> list[Answer]:
    """One answer for each full prompt text (template included). Temperature 0 is greedy."""
    generator = torch.Generator().manual_seed(seed)
    ends = (tokenizer.token_to_id(TURN_END), tokenizer.token_to_id(END_OF_TEXT))
    encoded = [encoding.ids for encoding in tokenizer.encode_batch(prompts)]
    order = sorted(range(len(prompts)), key=lambda index: len(encoded[index]))
    found: dict[int, Answer] = {}
    while order:
        length = len(encoded[order[0]])
        chosen = [index for index in order[:BATCH] if len(encoded[index]) == length]
        order = order[len(chosen) :]
        rows = _continue(model, torch.tensor([encoded[index] for index in chosen]), temperature, generator, ends, max_new_tokens)
        for index, row in zip(chosen, rows):
            stopped = bool(row) and row[-1] in ends
            found[index] = Answer(tokenizer.decode(row[:-1] if stopped else row), stopped, tuple(row))
    return [found[index] for index in range(len(prompts))]


def _continue(
    model: Olmo3ForCausalLM,
    ids: torch.Tensor,
    temperature: float,
    generator: torch.Generator,
    ends: tuple[int, ...],
    max_new_tokens: int,
) -> list[list[int]]:
    cache = DynamicCache(config=model.config)
    rows: list[list[int]] = [[] for _ in range(len(ids))]
    open_rows = torch.ones(len(ids), dtype=torch.bool)
    for _ in range(max_new_tokens):
        logits = model(input_ids=ids, past_key_values=cache, use_cache=True, logits_to_keep=1).logits[:, -1].float()
        if temperature == 0:
            drawn = logits.argmax(-1)
        else:
            drawn = torch.multinomial((logits / temperature).softmax(-1), 1, generator=generator)[:, 0]
        for row in torch.nonzero(open_rows)[:, 0].tolist():
            rows[row].append(int(drawn[row]))
            if int(drawn[row]) in ends:
                open_rows[row] = False
        if not open_rows.any():
            break
        ids = drawn[:, None]
    return rows
