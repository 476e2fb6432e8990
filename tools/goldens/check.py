"""Reads a golden back and compares it with the float64 reference; says how far each possible mistake would throw it off."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from reference64 import Array, Checkpoint, forward64

# Rounding of float32 grows with depth: the committed cases have 4 or 5 layers, a checkpoint from elsewhere any number. The
# tests allow 1e-5, so a golden that is itself off by a fifth of that is still a fair judge.
MAX_ERROR_OF_CASES = 1e-6
MAX_ERROR_ELSEWHERE = 2e-6
MIN_MISTAKE = 1e-2  # a mistake that moved a case's logits by less than this might be taken for rounding


def relative_l2(measured: Array, expected: Array) -> float:
    return float(np.linalg.norm(measured - expected) / np.linalg.norm(expected))


def possible_mistakes(config: dict) -> list[str]:
    """The mistakes that this configuration is able to reveal."""
    found = ["uniform attention"]
    if config.get("clip_qkv") is not None:
        found.append("no clip")
    if config["model_type"] != "olmo":
        found.append("q/k norm per head")
    if config["num_key_value_heads"] not in (1, config["num_attention_heads"]):
        found.append("KV heads tiled")
    if "sliding_attention" in (config.get("layer_types") or []):
        found += ["no window", "window one longer"]
    if config.get("rope_scaling"):
        found += ["no YaRN", "YaRN on every layer"]
    return found


def check(folder: Path, checkpoint_folder: Path) -> bool:
    """Prints one line per tensor and per mistake; true when all of them are within bounds.

    How far a mistake moves a trained model is only printed: the weights of the cases were drawn to reveal it, those were not.
    """
    checkpoint = Checkpoint.read(checkpoint_folder)
    facts = json.loads((folder / "golden.json").read_text())
    golden = load_file(folder / "golden.safetensors")
    steering = facts["steering"]
    added = (steering["layer"], steering["lambda"] * golden["direction"].astype(np.float64))
    expected: dict[str, Array] = {}
    longest = max(facts["prompts"], key=lambda prompt: len(prompt["ids"]))
    for prompt in facts["prompts"]:
        name, ids = prompt["id"], prompt["ids"]
        residuals, logits = forward64(checkpoint, ids)
        steered_residuals, steered_logits = forward64(checkpoint, ids, added)
        expected |= {f"resid_post.{layer}.{name}": value for layer, value in enumerate(residuals)}
        expected[f"steered.resid_post.{len(residuals) - 1}.{name}"] = steered_residuals[-1]
        expected[f"logits.{name}"], expected[f"steered.logits.{name}"] = logits, steered_logits
    missing = sorted(expected.keys() ^ (golden.keys() - {"direction"}))
    for name in missing:
        print(f"{facts['case']}: {name} stands on one side only")
    worst = 0.0
    for name in sorted(expected.keys() & golden.keys()):
        error = relative_l2(golden[name], expected[name][-len(golden[name]) :])
        worst = max(worst, error)
        print(f"{facts['case']:20} {name:32} {str(golden[name].shape):12} relative L2 {error:.2e}")
    weakest = float("inf")
    for mistake in possible_mistakes(checkpoint.config):
        _, wrong = forward64(checkpoint, longest["ids"], mistakes=frozenset({mistake}))
        moved = relative_l2(wrong, expected[f"logits.{longest['id']}"])
        weakest = min(weakest, moved)
        print(f"{facts['case']:20} with {mistake!r} the logits move by {moved:.2e}")
    drawn_here = folder == checkpoint_folder
    bound = MAX_ERROR_OF_CASES if drawn_here else MAX_ERROR_ELSEWHERE
    passed = not missing and worst <= bound and (weakest >= MIN_MISTAKE or not drawn_here)
    verdict = "ok" if passed else "FAILED"
    print(f"{facts['case']:20} worst tensor {worst:.2e} (bound {bound:.0e}), least mistake {weakest:.2e}: {verdict}")
    return passed
