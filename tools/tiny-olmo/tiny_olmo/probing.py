"""Residuals, mean-difference directions and AUROC, as the study defines them, for choosing and for measuring."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import Olmo3ForCausalLM

from .tokenizer import PAD, TURN_END, TURN_START

BATCH = 64


def chat_prompt(turns: Iterable[tuple[str, str]], prompt: str) -> str:
    """A conversation and the next prompt in the chat format, up to where the answer begins."""
    text = "".join(
        f"{TURN_START}user\n{user}{TURN_END}\n{TURN_START}assistant\n{assistant}{TURN_END}\n" for user, assistant in turns
    )
    return f"{text}{TURN_START}user\n{prompt}{TURN_END}\n{TURN_START}assistant\n"


def templated(prompts: Iterable[str], template: str) -> list[str]:
    if template not in ("raw", "chat"):
        raise ValueError(f"unknown template {template}")
    return [chat_prompt((), prompt) if template == "chat" else prompt for prompt in prompts]


def right_padded(rows: list[list[int]], pad: int) -> tuple[torch.Tensor, torch.Tensor]:
    """[rows, longest] token ids and the mask of real tokens."""
    longest = max(len(row) for row in rows)
    ids = torch.full((len(rows), longest), pad)
    mask = torch.zeros((len(rows), longest), dtype=torch.long)
    for index, row in enumerate(rows):
        ids[index, : len(row)] = torch.tensor(row)
        mask[index, : len(row)] = 1
    return ids, mask


@torch.no_grad()
def last_residuals(model: Olmo3ForCausalLM, tokenizer: Tokenizer, texts: list[str], layers: int | None = None) -> np.ndarray:
    """[layers, texts, hidden] float64: the output of the first blocks (all by default) at the last token of each text."""
    every = model.model.layers
    layers = len(every) if layers is None else layers
    result = np.zeros((layers, len(texts), model.config.hidden_size))
    seen: list[torch.Tensor] = [torch.empty(0)] * layers

    def keep(layer: int):
        def hook(_module: torch.nn.Module, _inputs: object, output: torch.Tensor) -> None:
            seen[layer] = output

        return hook

    handles = [block.register_forward_hook(keep(layer)) for layer, block in enumerate(every[:layers])]
    pad = tokenizer.token_to_id(PAD)
    encoded = [encoding.ids for encoding in tokenizer.encode_batch(texts)]
    order = sorted(range(len(texts)), key=lambda index: len(encoded[index]))
    for start in range(0, len(order), BATCH):
        chosen = order[start : start + BATCH]
        ids, mask = right_padded([encoded[index] for index in chosen], pad)
        model.model.layers = every[:layers]
        try:
            model.model(input_ids=ids, attention_mask=mask, use_cache=False)
        finally:
            model.model.layers = every
        last = mask.sum(1) - 1
        for layer in range(layers):
            result[layer, chosen] = seen[layer][torch.arange(len(chosen)), last].double().numpy()
    for handle in handles:
        handle.remove()
    return result


def mean_difference(harmful: np.ndarray, safe: np.ndarray) -> np.ndarray:
    """[…, hidden] from […, prompts, hidden]: the centroid of harmful minus that of safe."""
    return harmful.mean(-2) - safe.mean(-2)


def auroc(harmful: np.ndarray, safe: np.ndarray) -> float:
    """The probability that a harmful score is above a safe one, ties counted half."""
    scores = np.concatenate([harmful, safe])
    order = np.argsort(scores, kind="stable")
    ranks = np.empty(len(scores))
    values, starts, counts = np.unique(scores[order], return_index=True, return_counts=True)
    ranks[order] = np.repeat(starts + (counts + 1) / 2, counts)
    return float((ranks[: len(harmful)].sum() - len(harmful) * (len(harmful) + 1) / 2) / (len(harmful) * len(safe)))


@contextmanager
def steered(model: Olmo3ForCausalLM, layer: int, push: np.ndarray) -> Iterator[None]:
    """Adds `push` [hidden] to the output of a block, at every position, while the context lasts."""
    vector = torch.tensor(push, dtype=next(model.parameters()).dtype)
    handle = model.model.layers[layer].register_forward_hook(lambda _module, _inputs, output: output + vector)
    try:
        yield
    finally:
        handle.remove()
