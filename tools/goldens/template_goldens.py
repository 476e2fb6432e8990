"""Writes tests/fixtures/templates/: what transformers makes of chat templates, and of the files that name special tokens.

    python tools/goldens/template_goldens.py

Needs neither torch nor a checkpoint. A text that is null was refused.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

import transformers
from transformers import AutoTokenizer

from templates import DIALOGUES, END_TEXTS, ENDS_IN, TEMPLATES
from token_files import TOKEN_FILES, TOKEN_TEXTS

FIXTURES = Path(__file__).resolve().parents[2] / "tests" / "fixtures"
LADDER = FIXTURES.parents[1] / "public" / "ladders" / "tiny-olmo3" / "Instruct"
TOKENIZER = FIXTURES / "tokenizer" / "tokenizer.json"
CONFIG = {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<|endoftext|>", "eos_token": "<|im_end|>", "pad_token": "<|pad|>"}


def load(files: dict[str, object]):
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(TOKENIZER, folder)
        for name, content in files.items():
            Path(folder, f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
        return AutoTokenizer.from_pretrained(folder)


def rendered(tokenizer, template: str, messages: list[dict[str, str]]) -> str | None:
    try:
        return tokenizer.apply_chat_template(messages, chat_template=template, tokenize=False, add_generation_prompt=True)
    except Exception as error:  # noqa: BLE001 - whatever stops it, there is no text
        print(f"  refused: {type(error).__name__}: {error}")
        return None


def template_cases() -> list[dict[str, object]]:
    tokenizer = load({"tokenizer_config": CONFIG})
    cases = []
    for name, template in TEMPLATES.items():
        texts = [rendered(tokenizer, template, messages) for messages in DIALOGUES]
        if name.startswith("refuses-") != all(text is None for text in texts):
            raise ValueError(f"{name} gives {texts}")
        cases.append({"name": name, "template": template, "texts": texts})
    return cases


def token_cases() -> list[dict[str, object]]:
    cases = []
    for name, files in TOKEN_FILES.items():
        tokenizer = load(files)
        cases.append(
            {
                "name": name,
                "files": files,
                "tokens": tokenizer.special_tokens_map,
                "ids": [tokenizer(text, add_special_tokens=False)["input_ids"] for text in TOKEN_TEXTS],
            }
        )
    return cases


def end_cases() -> list[dict[str, object]]:
    """The first tokens of a dialogue, up to the one that holds the last character of the user's text, by the tokenizer's offsets."""
    tokenizer = AutoTokenizer.from_pretrained(LADDER)
    cases = []
    for name, template in ENDS_IN.items():
        for text in END_TEXTS:
            messages = [{"role": "user", "content": text}]
            whole = tokenizer.apply_chat_template(messages, chat_template=template, tokenize=False, add_generation_prompt=True)
            written = text.strip() if name == "trimmed" else text
            other = [{"role": "user", "content": "\ue000"}]
            before = tokenizer.apply_chat_template(other, chat_template=template, tokenize=False, add_generation_prompt=True).index("\ue000")
            end = before + len(written)
            if whole[before:end] != written:
                raise ValueError(f"{text!r} does not stand at {before} in {whole!r}")
            encoded = tokenizer(whole, add_special_tokens=False, return_offsets_mapping=True)
            last = max(i for i, (start, stop) in enumerate(encoded["offset_mapping"]) if start < end <= stop)
            cases.append({"template": name, "text": text, "ids": encoded["input_ids"][: last + 1]})
    return cases


def main() -> None:
    folder = FIXTURES / "templates"
    folder.mkdir(parents=True, exist_ok=True)
    head = {"versions": {"transformers": transformers.__version__}}
    for name, content in (
        ("chat-templates.json", {**head, "config": CONFIG, "dialogues": DIALOGUES, "cases": template_cases()}),
        ("instruction-ends.json", {**head, "templates": ENDS_IN, "cases": end_cases()}),
        ("special-tokens.json", {**head, "texts": TOKEN_TEXTS, "cases": token_cases()}),
    ):
        text = json.dumps(content, ensure_ascii=False, indent=1)
        (folder / name).write_text(f"{text}\n", encoding="utf-8")
        print(f"{name}: {len(content['cases'])} cases")


if __name__ == "__main__":
    main()
