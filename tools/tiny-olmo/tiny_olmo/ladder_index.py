"""ladder.json: every checkpoint with its stage, step, tokens seen, files and their digests."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from .training import Saved

FILES = ("config.json", "generation_config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json")
MAX_CHECKPOINT_BYTES = 2_500_000
MAX_LADDER_BYTES = 100_000_000
CHECKPOINTS = 39
DESCRIPTION = (
    "A real OLMo 3-architecture model of about 1.2 million parameters, trained in a small written world through the stages "
    "of the original: initialisation, pretraining, mid-training, long context, SFT, DPO, Instruct."
)


def checkpoint_entry(folder: Path, saved: Saved) -> dict[str, object]:
    files = {}
    for name in FILES:
        data = (folder / saved.revision / name).read_bytes()
        files[name] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    size = sum(entry["bytes"] for entry in files.values())
    if size > MAX_CHECKPOINT_BYTES:
        raise ValueError(f"{saved.revision} has {size} bytes, more than {MAX_CHECKPOINT_BYTES}")
    return {
        "revision": saved.revision, "stage": saved.stage, "step": saved.step, "tokensSeen": saved.tokens_seen,
        "path": saved.revision, "files": files,
    }


def write_ladder(folder: Path, saved: list[Saved], seed: int, steering_layer: int, template: str) -> None:
    if len(saved) != CHECKPOINTS:
        raise ValueError(f"{len(saved)} checkpoints, not {CHECKPOINTS}")
    entries = [checkpoint_entry(folder, each) for each in saved]
    total = sum(file["bytes"] for entry in entries for file in entry["files"].values())
    if total > MAX_LADDER_BYTES:
        raise ValueError(f"the ladder has {total} bytes, more than {MAX_LADDER_BYTES}")
    base = next(each.revision for each in reversed(saved) if each.stage == "long-context")
    document = {
        "version": 1, "id": "tiny-olmo3", "name": "TinyOLMo 3", "description": DESCRIPTION, "license": "Apache-2.0", "seed": seed,
        "base": base,
        "defaults": {"revision": "Instruct", "steeringLayer": steering_layer, "directionTemplate": template, "pooling": "last"},
        "checkpoints": entries,
    }
    (folder / "ladder.json").write_text(json.dumps(document, indent=1) + "\n")
