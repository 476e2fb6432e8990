"""Goldens of a checkpoint's tokenizer and chat template, and prompts that go through them."""

from __future__ import annotations

import json
from pathlib import Path

from transformers import PreTrainedTokenizerBase

from golden import Prompt, write_json

TEXTS = [
    "",
    " ",
    "Hello",
    " Hello",
    "Hello, world!",
    "How do I bake bread for my sister?",
    "The quick brown fox jumps over the lazy dog.",
    "two  spaces,   three, and a trailing one ",
    "\tA tab\tand another",
    "One line\nanother line\n\nand a paragraph\r\n",
    "\n\n\n",
    "UPPER lower MiXeD camelCase snake_case kebab-case",
    "don't can't I'll we've they're SHE'S",
    "1 12 123 1234 12345 1,234,567.89 3.14e-10",
    "2026-11-23T22:15:00Z",
    "user@example.org https://example.org/a?b=c&d=%20#e",
    "if (a[0] != b) { return f(x) ** 2; } // done",
    '"quoted" \'single\' “curly” ‘ones’ «and» — dashes – too…',
    "naïve café façade Ångström",
    "e\u0301 is e with a combining accent, \u00e9 is one code point",
    "Größe, Straße, ÄÖÜ, ŁódŹ, ﬁ ligature",
    "Привет, мир! Γειά σου κόσμε",
    "你好，世界。こんにちは 세계",
    "مرحبا بالعالم שלום עולם",
    "नमस्ते दुनिया ไทย",
    "🙂 👩‍👩‍👧‍👦 🇳🇱 👍🏽",
    "zero\u200bwidth, no-break\u00a0space, byte order mark \ufeff",
    "mathematics: ∑ x² ≤ √2 ≠ ∞, 𝒳, ½",
    "<|im_start|>user\nspecial tokens inside text<|im_end|>\n<|endoftext|>",
    "almost special: <|im_start <|endoftext> |im_end|>",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa antidisestablishmentarianism zzzzqqqq",
    "control \u0001 characters \u007f and a null \u0000 inside",
]

CHATS = [
    {"messages": [{"role": "user", "content": "What is a good soup for a cold day?"}]},
    {"messages": [{"role": "user", "content": "  spaces around, and a line\nbreak  "}]},
    {"messages": [{"role": "user", "content": "Ünïcödé 你好 🙂"}]},
    {
        "messages": [
            {"role": "system", "content": "You answer in one sentence."},
            {"role": "user", "content": "Where do bees sleep?"},
        ]
    },
    {
        "messages": [
            {"role": "user", "content": "Tell me about rivers."},
            {"role": "assistant", "content": "A river carries water to the sea."},
            {"role": "user", "content": "And lakes?"},
        ]
    },
    {
        "messages": [
            {"role": "user", "content": "Tell me about rivers."},
            {"role": "assistant", "content": "A river carries water to the sea."},
        ],
        "addGenerationPrompt": False,
    },
]


def rendered(tokenizer: PreTrainedTokenizerBase, messages: list[dict[str, str]], add_generation_prompt: bool = True) -> str:
    return tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=add_generation_prompt)


def encoded(tokenizer: PreTrainedTokenizerBase, text: str) -> list[int]:
    """Ids of a text as it stands; what the chat template adds is already in a rendered one."""
    return tokenizer(text, add_special_tokens=False)["input_ids"]


def prompts_from(file: Path, tokenizer: PreTrainedTokenizerBase) -> list[Prompt]:
    """Rows of a JSONL file: `text` is one user turn, `messages` a dialogue, `raw` is tokenised as is, `ids` are token ids."""
    prompts = []
    for line in filter(str.strip, file.read_text(encoding="utf-8").splitlines()):
        row = json.loads(line)
        if "ids" in row:
            prompts.append(Prompt(row["id"], row["ids"]))
            continue
        if "raw" in row:
            text = row["raw"]
        else:
            text = rendered(tokenizer, row.get("messages") or [{"role": "user", "content": row["text"]}])
        prompts.append(Prompt(row["id"], encoded(tokenizer, text), text))
    return prompts


def write_tokenizer_goldens(tokenizer: PreTrainedTokenizerBase, folder: Path) -> None:
    """tokenizer.json: [{text, ids, decoded}]. chat.json: [{messages, addGenerationPrompt, text, ids}]."""
    texts = []
    for text in TEXTS:
        ids = encoded(tokenizer, text)
        decoded = tokenizer.decode(ids, skip_special_tokens=False, clean_up_tokenization_spaces=False)
        texts.append({"text": text, "ids": ids, "decoded": decoded})
    write_json(folder / "tokenizer.json", texts)
    chats = []
    for chat in CHATS:
        add = chat.get("addGenerationPrompt", True)
        text = rendered(tokenizer, chat["messages"], add)
        ids = encoded(tokenizer, text)
        if ids != tokenizer.apply_chat_template(chat["messages"], add_generation_prompt=add):
            raise ValueError(f"the template's own ids differ from those of its text: {text!r}")
        chats.append({"messages": chat["messages"], "addGenerationPrompt": add, "text": text, "ids": ids})
    write_json(folder / "chat.json", chats)
