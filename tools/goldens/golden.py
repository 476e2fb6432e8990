"""One golden: what is computed for a checkpoint and its prompts, and the two files that hold it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, PreTrainedModel

from capture import Greedy, Steering, forward, greedy

MIN_MARGIN = 1e-3  # far above what two float32 implementations differ by, so that greedy texts must agree
TOLERANCE = (
    "Computed in float32 from the stored weights: exact to float32 rounding, which make.py --check measures against float64. "
    "Compare with relative L2 <= 1e-5 per tensor."
)


@dataclass(frozen=True)
class Prompt:
    id: str
    ids: list[int]
    text: str | None = None  # the rendered text, where the ids come from a tokenizer


@dataclass(frozen=True)
class Golden:
    facts: dict[str, object]  # golden.json
    tensors: dict[str, torch.Tensor]  # golden.safetensors
    smallest_margin: float


def load(folder: Path) -> PreTrainedModel:
    """A checkpoint folder in float32 with eager attention, whatever type it is stored in."""
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")
    return model.eval()


def compute(
    model: PreTrainedModel, case: str, prompts: list[Prompt], steering: Steering, logit_positions: int = 0
) -> Golden:
    """The golden of these prompts. `logit_positions` keeps the logits of that many last positions only; 0 keeps all."""
    tensors: dict[str, torch.Tensor] = {"direction": steering.direction}
    continuations: dict[str, object] = {}
    margins: list[float] = []
    last = model.config.num_hidden_layers - 1
    for prompt in prompts:
        plain, steered = forward(model, prompt.ids), forward(model, prompt.ids, steering)
        for layer, residual in enumerate(plain.resid_post):
            tensors[f"resid_post.{layer}.{prompt.id}"] = residual
        tensors[f"logits.{prompt.id}"] = plain.logits[-logit_positions:]
        tensors[f"steered.logits.{prompt.id}"] = steered.logits[-logit_positions:]
        tensors[f"steered.resid_post.{last}.{prompt.id}"] = steered.resid_post[last]
        runs = {"plain": greedy(model, prompt.ids, None), "steered": greedy(model, prompt.ids, steering)}
        continuations[prompt.id] = {name: continuation_facts(run) for name, run in runs.items()}
        margins += [run.smallest_margin for run in runs.values()]
    facts = {
        "case": case,
        "transformers": transformers.__version__,
        "torch": torch.__version__.split("+")[0],
        "tolerance": TOLERANCE,
        "steering": {"layer": steering.layer, "lambda": steering.lam, "direction": "direction"},
        "logitPositions": logit_positions or "all",
        "prompts": [prompt_facts(prompt) for prompt in prompts],
        "generate": continuations,
    }
    return Golden(facts, {name: value.contiguous() for name, value in tensors.items()}, min(margins))


def continuation_facts(run: Greedy) -> dict[str, object]:
    return {"ids": run.ids, "smallestMargin": float(f"{run.smallest_margin:.3g}"), "stopped": run.stopped}


def prompt_facts(prompt: Prompt) -> dict[str, object]:
    text = {} if prompt.text is None else {"text": prompt.text}
    return {"id": prompt.id, **text, "ids": prompt.ids}


def write_json(path: Path, value: object) -> None:
    """JSON with one line per entry of the outer levels: readable, and small where the lists of ids are long."""
    path.write_text(render(value, 0) + "\n", encoding="utf-8")


def render(value: object, depth: int) -> str:
    compact = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, (dict, list)) or len(compact) <= 120 or is_flat(value):
        return compact
    pad = "  " * (depth + 1)
    if isinstance(value, dict):
        lines = [f"{pad}{json.dumps(key, ensure_ascii=False)}: {render(item, depth + 1)}" for key, item in value.items()]
        return "{\n" + ",\n".join(lines) + "\n" + "  " * depth + "}"
    return "[\n" + ",\n".join(pad + render(item, depth + 1) for item in value) + "\n" + "  " * depth + "]"


def is_flat(value: dict | list) -> bool:
    return isinstance(value, list) and all(isinstance(item, (int, float)) for item in value)


def write(golden: Golden, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "golden.json", golden.facts)
    save_file(golden.tensors, folder / "golden.safetensors")
