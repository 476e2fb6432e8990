"""Files beside tokenizer.json for the goldens: which tokens a template finds by name, and which a tokenizer has."""

from __future__ import annotations

AT = "<|endoftext|>"
TOKEN_FILES: dict[str, dict[str, object]] = {
    "config-alone": {"tokenizer_config": {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": AT, "eos_token": "<|im_end|>"}},
    "map-alone": {
        "tokenizer_config": {"tokenizer_class": "PreTrainedTokenizerFast"},
        "special_tokens_map": {"bos_token": AT, "eos_token": {"content": "<|im_end|>", "lstrip": False, "normalized": False, "rstrip": False, "single_word": False}},
    },
    "map-before-config": {
        "tokenizer_config": {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<|pad|>", "additional_special_tokens": ["<|im_start|>"]},
        "special_tokens_map": {"bos_token": AT, "additional_special_tokens": ["<|im_end|>", "<|im_start|>"]},
    },
    "map-unread": {
        "tokenizer_config": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "eos_token": "<|im_end|>",
            "added_tokens_decoder": {"296": {"content": AT, "lstrip": False, "normalized": False, "rstrip": False, "single_word": False, "special": True}},
        },
        "special_tokens_map": {"bos_token": AT, "eos_token": AT},
    },
    "class-gpt2": {"tokenizer_config": {"tokenizer_class": "GPT2Tokenizer"}},
    "class-gpt2-null": {"tokenizer_config": {"tokenizer_class": "GPT2Tokenizer", "bos_token": None, "pad_token": "<|pad|>"}},
    "class-gpt-neox-fast": {"tokenizer_config": {"tokenizer_class": "GPTNeoXTokenizerFast", "eos_token": "<|im_end|>"}},
    "class-of-olmo2": {"tokenizer_config": {}, "config": {"model_type": "olmo2"}},
    "class-of-olmo3": {"tokenizer_config": {}, "config": {"model_type": "olmo3"}},
    "all-of-them": {
        "tokenizer_config": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            **{f"{name}_token": AT for name in ("bos", "eos", "unk", "sep", "pad", "cls", "mask")},
            "additional_special_tokens": ["<|im_start|>", "<|im_end|>"],
        }
    },
    "new-tokens": {
        "tokenizer_config": {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<s>", "additional_special_tokens": ["he", "<new>"]},
        "special_tokens_map": {"sep_token": "<sep>"},
    },
    "added-tokens-file": {
        "tokenizer_config": {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": AT},
        "added_tokens": {"<two>": 301, "<one>": 300},
    },
    "added-in-decoder": {
        "tokenizer_config": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "bos_token": "<later>",
            "added_tokens_decoder": {
                "310": {"content": "<later>", "lstrip": False, "normalized": False, "rstrip": False, "single_word": False, "special": True},
                "305": {"content": "<sooner>", "lstrip": False, "normalized": True, "rstrip": False, "single_word": False, "special": False},
            },
        }
    },
}
TOKEN_TEXTS = ["hello <s> the<new> <sep>x<|endoftext|>", "<one><two>", "a<later><sooner>b"]
