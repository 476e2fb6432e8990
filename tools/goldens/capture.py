"""What transformers computes for a prompt: residuals, logits, the same steered, and greedy continuations.

Everything is float32 on the CPU with eager attention, one prompt at a time, without padding and without a KV cache.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from transformers import PreTrainedModel

GREEDY_TOKENS = 24


@dataclass(frozen=True)
class Steering:
    """λ · direction, added to resid_post[layer] at every position."""

    layer: int
    lam: float
    direction: torch.Tensor  # [hidden]


@dataclass(frozen=True)
class Forward:
    resid_post: list[torch.Tensor]  # one [tokens, hidden] per layer
    logits: torch.Tensor  # [tokens, vocab]


@dataclass(frozen=True)
class Greedy:
    ids: list[int]
    smallest_margin: float  # least difference between the best and the second logit along the way
    stopped: str  # "eos" or "length"


@contextlib.contextmanager
def steered_and_seen(model: PreTrainedModel, steering: Steering | None) -> Iterator[list[torch.Tensor]]:
    """Hooks on every decoder layer while the block lasts: adds the steering, then records the whole block's output."""
    seen: list[torch.Tensor] = []
    hooks = []
    for index, layer in enumerate(model.model.layers):

        def hook(_module, _inputs, output: torch.Tensor, index: int = index) -> torch.Tensor:
            if steering is not None and index == steering.layer:
                output = output + steering.lam * steering.direction
            seen.append(output[0].clone())
            return output

        hooks.append(layer.register_forward_hook(hook))
    try:
        yield seen
    finally:
        for registered in hooks:
            registered.remove()


@torch.no_grad()
def forward(model: PreTrainedModel, ids: list[int], steering: Steering | None = None) -> Forward:
    with steered_and_seen(model, steering) as seen:
        logits = model(input_ids=torch.tensor([ids]), use_cache=False).logits[0]
    return Forward(list(seen), logits)


def eos_ids(model: PreTrainedModel) -> set[int]:
    eos = model.generation_config.eos_token_id
    if eos is None:
        eos = model.config.eos_token_id
    return set(eos) if isinstance(eos, list) else {eos} - {None}


def greedy(model: PreTrainedModel, ids: list[int], steering: Steering | None, tokens: int = GREEDY_TOKENS) -> Greedy:
    """Greedy tokens after the prompt, each from a full forward pass; an end-of-sequence token is kept and ends the list."""
    stops = eos_ids(model)
    produced: list[int] = []
    smallest = float("inf")
    while len(produced) < tokens:
        best = forward(model, ids + produced, steering).logits[-1].topk(2)
        smallest = min(smallest, float(best.values[0] - best.values[1]))
        produced.append(int(best.indices[0]))
        if produced[-1] in stops:
            return Greedy(produced, smallest, "eos")
    return Greedy(produced, smallest, "length")


def random_direction(model: PreTrainedModel, layer: int, ids: list[int], generator: torch.Generator) -> torch.Tensor:
    """A random direction [hidden], as long as half the mean residual at that layer."""
    mean_norm = forward(model, ids).resid_post[layer].norm(dim=-1).mean()
    draw = torch.randn(model.config.hidden_size, generator=generator)
    return (draw / draw.norm() * mean_norm * 0.5).to(torch.float32)
