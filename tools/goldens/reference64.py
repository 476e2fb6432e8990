"""OLMo 1, 2 and 3 in float64 numpy, written from the papers and the configuration alone.

A second opinion on the goldens: transformers' own classes round to float32 inside their norms and softmax, so calling
`.double()` on them would not give a float64 answer. Each `mistake` makes the reference wrong in one way that an implementation
could be wrong in, to show that a golden would notice.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors.torch import load_file

Array = np.ndarray


@dataclass(frozen=True)
class Checkpoint:
    config: dict
    weights: dict[str, Array]  # float64

    @staticmethod
    def read(folder: Path) -> "Checkpoint":
        weights: dict[str, Array] = {}
        for shard in sorted(folder.glob("model*.safetensors")):
            weights.update({name: value.double().numpy() for name, value in load_file(shard).items()})
        return Checkpoint(json.loads((folder / "config.json").read_text()), weights)


def rms_norm(x: Array, weight: Array, eps: float) -> Array:
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + eps) * weight


def layer_norm(x: Array) -> Array:
    centred = x - x.mean(-1, keepdims=True)
    return centred / np.sqrt((centred * centred).mean(-1, keepdims=True) + 1e-5)


def rotary(config: dict, positions: Array, head_dim: int, scaled: bool) -> tuple[Array, Array]:
    """cos and sin [tokens, head_dim / 2]; YaRN (arXiv:2309.00071) where `scaled`."""
    theta = config["rope_theta"]
    pair = np.arange(head_dim // 2)
    frequency = theta ** (-2.0 * pair / head_dim)
    factor = 1.0
    scaling = config.get("rope_scaling") if scaled else None
    if scaling:

        def pair_that_turns(times: float) -> float:
            original = scaling["original_max_position_embeddings"]
            return head_dim * math.log(original / (times * 2 * math.pi)) / (2 * math.log(theta))

        low = max(math.floor(pair_that_turns(scaling["beta_fast"])), 0)
        high = min(math.ceil(pair_that_turns(scaling["beta_slow"])), head_dim - 1)
        interpolated = np.clip((pair - low) / (high - low), 0, 1)
        frequency = frequency * (1 - interpolated) + frequency / scaling["factor"] * interpolated
        factor = scaling["attention_factor"]
    angle = positions[:, None] * frequency[None, :]
    return np.cos(angle) * factor, np.sin(angle) * factor


def rotate(x: Array, cos: Array, sin: Array) -> Array:
    """x [heads, tokens, head_dim]: the first half of a head is paired with its second half."""
    first, second = np.split(x, 2, axis=-1)
    return np.concatenate([first * cos - second * sin, second * cos + first * sin], axis=-1)


def attention(checkpoint: Checkpoint, layer: int, x: Array, mistakes: frozenset[str]) -> Array:
    config, prefix = checkpoint.config, f"model.layers.{layer}.self_attn."
    heads, kv_heads = config["num_attention_heads"], config["num_key_value_heads"]
    tokens, head_dim = len(x), config["hidden_size"] // heads
    q, k, v = (x @ checkpoint.weights[f"{prefix}{name}_proj.weight"].T for name in "qkv")
    if config["model_type"] != "olmo":
        eps, weights = config["rms_norm_eps"], checkpoint.weights
        if "q/k norm per head" in mistakes:
            split = lambda y, w: rms_norm(y.reshape(tokens, -1, head_dim), w.reshape(-1, head_dim), eps).reshape(y.shape)
        else:
            split = lambda y, w: rms_norm(y, w, eps)
        q, k = split(q, weights[prefix + "q_norm.weight"]), split(k, weights[prefix + "k_norm.weight"])
    elif config.get("clip_qkv") is not None and "no clip" not in mistakes:
        q, k, v = (np.clip(y, -config["clip_qkv"], config["clip_qkv"]) for y in (q, k, v))
    q, k, v = (y.reshape(tokens, -1, head_dim).transpose(1, 0, 2) for y in (q, k, v))
    kind = (config.get("layer_types") or ["full_attention"] * config["num_hidden_layers"])[layer]
    scaled = (kind == "full_attention" or "YaRN on every layer" in mistakes) and "no YaRN" not in mistakes
    cos, sin = rotary(config, np.arange(tokens, dtype=np.float64), head_dim, scaled)
    q, k = rotate(q, cos, sin), rotate(k, cos, sin)
    shared = heads // kv_heads
    k, v = ((np.tile(y, (shared, 1, 1)) if "KV heads tiled" in mistakes else np.repeat(y, shared, axis=0)) for y in (k, v))
    scores = q @ k.transpose(0, 2, 1) / math.sqrt(head_dim)
    if "uniform attention" in mistakes:
        scores = np.zeros_like(scores)
    behind = np.arange(tokens)[:, None] - np.arange(tokens)[None, :]
    allowed = behind >= 0
    if kind == "sliding_attention" and "no window" not in mistakes:
        allowed &= behind < config["sliding_window"] + ("window one longer" in mistakes)
    scores = np.where(allowed, scores, -np.inf)
    probability = np.exp(scores - scores.max(-1, keepdims=True))
    probability /= probability.sum(-1, keepdims=True)
    mixed = (probability @ v).transpose(1, 0, 2).reshape(tokens, -1)
    return mixed @ checkpoint.weights[prefix + "o_proj.weight"].T


def mlp(checkpoint: Checkpoint, layer: int, x: Array) -> Array:
    gate, up, down = (checkpoint.weights[f"model.layers.{layer}.mlp.{name}_proj.weight"].T for name in ("gate", "up", "down"))
    gated = x @ gate
    return (gated / (1 + np.exp(-gated)) * (x @ up)) @ down


def forward64(
    checkpoint: Checkpoint,
    ids: list[int],
    steering: tuple[int, Array] | None = None,  # the layer, and λ · direction [hidden]
    mistakes: frozenset[str] = frozenset(),
) -> tuple[list[Array], Array]:
    """resid_post of every layer ([tokens, hidden] each) and logits [tokens, vocab]."""
    config, weights = checkpoint.config, checkpoint.weights
    embedding = weights["model.embed_tokens.weight"]
    x = embedding[ids]
    resid_post = []
    for layer in range(config["num_hidden_layers"]):
        if config["model_type"] == "olmo":
            x = x + attention(checkpoint, layer, layer_norm(x), mistakes)
            x = x + mlp(checkpoint, layer, layer_norm(x))
        else:
            after = [weights[f"model.layers.{layer}.post_{part}_layernorm.weight"] for part in ("attention", "feedforward")]
            x = x + rms_norm(attention(checkpoint, layer, x, mistakes), after[0], config["rms_norm_eps"])
            x = x + rms_norm(mlp(checkpoint, layer, x), after[1], config["rms_norm_eps"])
        if steering is not None and steering[0] == layer:
            x = x + steering[1]
        resid_post.append(x)
    final = layer_norm(x) if config["model_type"] == "olmo" else rms_norm(x, weights["model.norm.weight"], config["rms_norm_eps"])
    return resid_post, final @ weights.get("lm_head.weight", embedding).T
