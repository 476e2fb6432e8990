"""Writes tests/fixtures/tokenizer/real-prompts.json: digests of the token ids that Hugging Face `tokenizers` gives for published prompts.

    python tools/goldens/real_prompts.py ../shared/data

The prompts and the tokenizers stay where they are, beside the checkout; only counts and digests are committed. A digest is the
SHA-256 over all prompts of a file, each as its number of tokens and its ids, all of them little-endian 32-bit integers.
"""

from __future__ import annotations

import csv
import hashlib
import json
import struct
import sys
from pathlib import Path

import tokenizers
from tokenizers import Tokenizer

OUT = Path(__file__).parents[2] / "tests/fixtures/tokenizer/real-prompts.json"
TOKENIZERS = ["dolma2", "olmo1"]
COLUMNS = {  # file → its column of prompts; None: one prompt a line
    "prompts/advbench.csv": "goal",
    "prompts/alpaca-3000.jsonl": "instruction",
    "prompts/beavertails-evaluation.csv": "prompt",
    "prompts/harmbench_test.csv": "Behavior",
    "prompts/malicious_instruct.txt": None,
    "prompts/strongreject.csv": "forbidden_prompt",
    "prompts/xstest.csv": "prompt",
    "truth/cities.csv": "statement",
    "truth/larger_than.csv": "statement",
    "truth/neg_cities.csv": "statement",
    "truth/sp_en_trans.csv": "statement",
    "judge/xstest_completions_gpt4.csv": "completion",
    "judge/xstest_completions_llama2new.csv": "completion",
    "judge/xstest_completions_llama2orig.csv": "completion",
}


def texts_of(path: Path, column: str | None) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        if column is None:
            return [line.rstrip("\r\n") for line in file if line.strip()]
        if path.suffix == ".jsonl":
            return [json.loads(line)[column] for line in file if line.strip()]
        return [row[column] for row in csv.DictReader(file)]


def golden(tokenizer: Tokenizer, texts: list[str]) -> dict[str, int | str]:
    digest = hashlib.sha256()
    tokens = 0
    for encoding in tokenizer.encode_batch(texts):
        digest.update(struct.pack(f"<{len(encoding.ids) + 1}I", len(encoding.ids), *encoding.ids))
        tokens += len(encoding.ids)
    decoded = sum(tokenizer.decode(tokenizer.encode(text).ids) == text for text in texts)
    return {"texts": len(texts), "tokens": tokens, "sha256": digest.hexdigest(), "decoded": decoded}


def main(data: Path) -> None:
    goldens: dict[str, object] = {"tokenizers": tokenizers.__version__}
    for name in TOKENIZERS:
        tokenizer = Tokenizer.from_file(str(data / f"tokenizers/{name}.tokenizer.json"))
        goldens[name] = {file: golden(tokenizer, texts_of(data / file, column)) for file, column in COLUMNS.items()}
    OUT.write_text(json.dumps(goldens, indent=2) + "\n", encoding="utf-8")


main(Path(sys.argv[1]))
