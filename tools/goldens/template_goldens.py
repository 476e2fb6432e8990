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

from templates import DIALOGUES, TEMPLATES, TOKEN_FILES, TOKEN_TEXTS

FIXTURES = Path(__file__).resolve().parents[2] / "tests" / "fixtures"
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


def main() -> None:
    folder = FIXTURES / "templates"
    folder.mkdir(parents=True, exist_ok=True)
    head = {"versions": {"transformers": transformers.__version__}}
    for name, content in (
        ("chat-templates.json", {**head, "config": CONFIG, "dialogues": DIALOGUES, "cases": template_cases()}),
        ("special-tokens.json", {**head, "texts": TOKEN_TEXTS, "cases": token_cases()}),
    ):
        text = json.dumps(content, ensure_ascii=False, indent=1)
        (folder / name).write_text(f"{text}\n", encoding="utf-8")
        print(f"{name}: {len(content['cases'])} cases")


if __name__ == "__main__":
    main()
