"""The model: OLMo 3's architecture in small, and how a checkpoint is written as the Hub has it."""

from __future__ import annotations

import math
from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import GenerationConfig, Olmo3Config, Olmo3ForCausalLM

from .tokenizer import END_OF_TEXT, PAD, TURN_END, write_tokenizer_files

HIDDEN = 128
HEADS = 4
LAYERS = 8
MLP = 72
WINDOW = 16  # tokens, the token itself counts
CONTEXT = 256  # tokens, before the long-context stage
YARN_FACTOR = 4.0  # CONTEXT · YARN_FACTOR from then on
ROPE_THETA = 500_000.0


def make_config(tokenizer: Tokenizer, long_context: bool) -> Olmo3Config:
    yarn = {
        "rope_type": "yarn", "factor": YARN_FACTOR, "original_max_position_embeddings": CONTEXT,
        "beta_fast": 32.0, "beta_slow": 1.0, "attention_factor": 0.1 * math.log(YARN_FACTOR) + 1.0,
    }
    return Olmo3Config(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=HIDDEN,
        intermediate_size=MLP,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        num_key_value_heads=HEADS,
        max_position_embeddings=int(CONTEXT * YARN_FACTOR) if long_context else CONTEXT,
        rope_scaling=yarn if long_context else None,
        rope_theta=ROPE_THETA,
        rms_norm_eps=1e-6,
        sliding_window=WINDOW,
        layer_types=["full_attention" if (layer + 1) % 4 == 0 else "sliding_attention" for layer in range(LAYERS)],
        tie_word_embeddings=False,
        initializer_range=HIDDEN**-0.5,
        pad_token_id=tokenizer.token_to_id(PAD),
        bos_token_id=None,
        eos_token_id=tokenizer.token_to_id(END_OF_TEXT),
        attn_implementation="sdpa",
    )


def make_model(config: Olmo3Config, seed: int) -> Olmo3ForCausalLM:
    """A float32 model with every matrix drawn with standard deviation hidden^-½."""
    torch.manual_seed(seed)
    return Olmo3ForCausalLM(config).float()


def with_long_context(model: Olmo3ForCausalLM, tokenizer: Tokenizer) -> Olmo3ForCausalLM:
    """The same weights under a config with YaRN."""
    longer = Olmo3ForCausalLM(make_config(tokenizer, long_context=True)).float()
    longer.load_state_dict(model.state_dict())
    return longer


def save_checkpoint(model: Olmo3ForCausalLM, tokenizer: Tokenizer, folder: Path, chat: bool) -> None:
    """Writes config, weights in bf16, generation settings and tokenizer, as a revision on the Hub has them."""
    folder.mkdir(parents=True, exist_ok=True)
    copy = Olmo3ForCausalLM(model.config).to(torch.bfloat16)
    copy.load_state_dict(model.state_dict())
    copy.config.dtype = "bfloat16"
    end_of_text = tokenizer.token_to_id(END_OF_TEXT)
    copy.generation_config = GenerationConfig(
        eos_token_id=[tokenizer.token_to_id(TURN_END), end_of_text] if chat else end_of_text, pad_token_id=tokenizer.token_to_id(PAD)
    )
    copy.save_pretrained(folder, safe_serialization=True)
    write_tokenizer_files(tokenizer, folder, chat, model.config.max_position_embeddings)
