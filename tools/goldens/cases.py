"""The random-weight checkpoints that the parity goldens are made from.

Small enough to commit, and drawn so that every feature of the architecture changes the output: weights of norms are random
too, queries and keys are large enough for attention to be far from uniform, the clip and the windows bind.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from transformers import Olmo2Config, Olmo2ForCausalLM, Olmo3Config, Olmo3ForCausalLM, OlmoConfig, OlmoForCausalLM
from transformers import PretrainedConfig, PreTrainedModel

PROMPT_LENGTHS = (1, 5, 13, 40)
ATTENTION_GAIN = 1.35  # std of q and k: scores then have a std of about 1.8 before the softmax
TIED_EMBEDDING_STD = 0.125  # at 1, a tied model's best next token is nearly always the token itself


@dataclass(frozen=True)
class Case:
    """One checkpoint: its configuration, the type it is stored in, where it is steered and how strongly."""

    name: str
    config: PretrainedConfig
    model_class: type[PreTrainedModel]
    steering_layer: int
    steering_lambda: float
    stored_as: torch.dtype = torch.float32
    prompt_lengths: tuple[int, ...] = PROMPT_LENGTHS
    max_shard_size: str | None = None


def shape(hidden: int, heads: int, kv_heads: int, mlp: int, vocab: int, layers: int = 4) -> dict[str, object]:
    """The keys that all three configurations share. head_dim is hidden / heads."""
    return {
        "hidden_size": hidden,
        "num_attention_heads": heads,
        "num_key_value_heads": kv_heads,
        "intermediate_size": mlp,
        "vocab_size": vocab,
        "num_hidden_layers": layers,
        "max_position_embeddings": 256,
        "pad_token_id": 0,
        "eos_token_id": vocab - 1,
        "attention_dropout": 0.0,
    }


def olmo2_like(**keys: object) -> dict[str, object]:
    return {"rope_theta": 500000.0, "rms_norm_eps": 1e-6, **keys}


# As in OLMo 3 7B's long-context revisions, save that the original context is 64 instead of 8192.
YARN = {
    "rope_type": "yarn",
    "factor": 8.0,
    "original_max_position_embeddings": 64,
    "beta_fast": 32.0,
    "beta_slow": 1.0,
    "attention_factor": 1.2079441541679836,
}


def cases() -> list[Case]:
    """Every case, in the order in which they are made."""
    yarn_shape = {**shape(32, 2, 2, 64, 120), "max_position_embeddings": 512}
    return [
        Case("olmo1", OlmoConfig(**shape(32, 2, 2, 64, 120), clip_qkv=1.25), OlmoForCausalLM, 1, 1.5),
        Case(
            "olmo1-noclip-tied",
            OlmoConfig(**shape(64, 2, 2, 48, 120), tie_word_embeddings=True),
            OlmoForCausalLM,
            2,
            -0.75,
            stored_as=torch.float16,
            prompt_lengths=(1, 5, 13, 24),
        ),
        Case("olmo2", Olmo2Config(**olmo2_like(**shape(32, 2, 2, 64, 152))), Olmo2ForCausalLM, 0, 2.0),
        Case(
            "olmo2-gqa",
            Olmo2Config(**olmo2_like(**shape(64, 4, 2, 48, 120))),
            Olmo2ForCausalLM,
            3,
            1.0,
            stored_as=torch.bfloat16,
            prompt_lengths=(1, 5, 13, 24),
        ),
        Case(
            "olmo3",
            Olmo3Config(**olmo2_like(**shape(32, 2, 2, 48, 120, layers=5)), sliding_window=4),
            Olmo3ForCausalLM,
            2,
            1.25,
        ),
        Case(
            "olmo3-yarn",
            Olmo3Config(**olmo2_like(**yarn_shape), sliding_window=5, rope_scaling=YARN),
            Olmo3ForCausalLM,
            1,
            -1.5,
            stored_as=torch.float16,
            prompt_lengths=(1, 5, 13, 72),  # past the original context of 64
        ),
        Case(
            "olmo3-gqa-tied",
            Olmo3Config(**olmo2_like(**shape(64, 4, 2, 48, 120)), sliding_window=7, tie_word_embeddings=True),
            Olmo3ForCausalLM,
            2,
            1.0,
            stored_as=torch.float16,
            prompt_lengths=(1, 5, 13, 24),
        ),
        Case(
            "olmo3-bf16-sharded",
            Olmo3Config(**olmo2_like(**shape(64, 2, 1, 48, 120)), sliding_window=6),
            Olmo3ForCausalLM,
            1,
            1.0,
            stored_as=torch.bfloat16,
            prompt_lengths=(1, 5, 13, 24),
            max_shard_size="80KB",
        ),
    ]


def draw_weights(model: PreTrainedModel, generator: torch.Generator) -> None:
    """Fills every parameter in place. Matrices get std gain / √fan_in, norms' weights a spread around 1."""
    with torch.no_grad():
        for name, weight in model.named_parameters():
            noise = torch.randn(weight.shape, generator=generator)
            if name.endswith(("q_norm.weight", "k_norm.weight")):
                weight.copy_(ATTENTION_GAIN * (1 + 0.4 * noise))
            elif name.endswith("norm.weight"):
                weight.copy_(1 + 0.4 * noise)
            elif name.endswith(("q_proj.weight", "k_proj.weight")):
                weight.copy_(ATTENTION_GAIN * noise / weight.shape[1] ** 0.5)
            elif name.endswith("embed_tokens.weight"):
                weight.copy_(noise * (TIED_EMBEDDING_STD if model.config.tie_word_embeddings else 1))
            else:
                weight.copy_(noise / weight.shape[1] ** 0.5)


def build(case: Case, generator: torch.Generator) -> PreTrainedModel:
    """The case's model with random weights, in the type that it is stored in."""
    model = case.model_class(case.config)
    draw_weights(model, generator)
    return model.to(case.stored_as)
