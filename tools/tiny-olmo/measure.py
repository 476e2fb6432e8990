"""Measures a saved ladder: prints the tables of docs/tiny-olmo.md.

    python tools/tiny-olmo/measure.py [--public public] [--split test|dev] [--random 24] [--limit N] [--part all|instruct|ladder]

Choices are made on dev; test is for measuring alone.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parent))

from tiny_olmo.checkpoints import Checkpoint, open_checkpoint, read_ladder  # noqa: E402
from tiny_olmo.grammar import is_good_answer  # noqa: E402
from tiny_olmo.harms import CATEGORIES  # noqa: E402
from tiny_olmo.measuring import (  # noqa: E402
    LAMBDAS, answer_rates, directions_of, layer_aurocs, named_harms, random_shifts, topic_kept,
)
from tiny_olmo.prompt_sets import Prompt, act_by_text  # noqa: E402

REPOSITORY = Path(__file__).parent.parent.parent


def read_prompts(path: Path, split: str | None = None) -> list[Prompt]:
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    prompts = [Prompt(row["id"], row["text"], row["label"], row["category"], row["split"], row.get("rewriteOf")) for row in rows]
    return [prompt for prompt in prompts if split is None or prompt.split == split]


def percent(value: float) -> str:
    return f"{100 * value:.1f}"


@dataclass(frozen=True)
class SetsUsed:
    train: list[Prompt]
    test: list[Prompt]
    rewritten: list[Prompt]
    harmful: list[Prompt]  # of test, or a part of it
    safe: list[Prompt]


def measure_instruct(instruct: Checkpoint, sets: SetsUsed, layer: int, template: str, draws: int) -> None:
    directions = directions_of(instruct, sets.train, template)
    harmful, safe, acts = sets.harmful, sets.safe, act_by_text()
    general = directions.general[layer]
    norm = float(np.linalg.norm(general))
    print(f"‖d‖ of the general direction {norm:.3f}")
    print("AUROC by layer, Instruct:", " ".join(f"{value:.3f}" for value in layer_aurocs(instruct, directions, sets.test, template)))

    rewritten_safe = [each for each in sets.rewritten if each.label == "safe"]
    print("\n| safe prompts | temperature | well formed % | on topic % | both, not refused % |\n| --- | --- | --- | --- | --- |")
    for name, prompts in (("as the training prompts", safe), ("rewritten", rewritten_safe)):
        for temperature in (0.0, 0.7):
            rates, found = answer_rates(instruct, prompts, acts, layer, 0 * general, temperature)
            good = np.mean([is_good_answer(answer.text, answer.stopped, acts[each.text].head) for answer, each in zip(found, prompts)])
            print(f"| {name} | {temperature} | {percent(rates.well_formed)} | {percent(rates.on_topic)} | {percent(float(good))} |", flush=True)

    rewritten_harmful = [each for each in sets.rewritten if each.label == "harmful"]
    for name, pair in (("", (harmful, safe)), (", rewritten prompts", (rewritten_harmful, rewritten_safe))):
        print(f"\n| λ{name} | harmful refused % | harmful well formed % | safe refused % | safe well formed % |\n| --- | --- | --- | --- | --- |")
        for strength in LAMBDAS:
            cells = [answer_rates(instruct, prompts, acts, layer, strength * general)[0] for prompts in pair]
            figures = [figure for rates in cells for figure in (rates.refused, rates.well_formed)]
            print(f"| {strength:+.0f} | " + " | ".join(map(percent, figures)) + " |", flush=True)
    print("\n| λ, temperature 0.7 | harmful refused % | harmful well formed % | safe refused % | safe well formed % |\n| --- | --- | --- | --- | --- |")
    for strength in LAMBDAS[1:-1]:
        cells = [answer_rates(instruct, prompts, acts, layer, strength * general, 0.7)[0] for prompts in (harmful, safe)]
        figures = [figure for rates in cells for figure in (rates.refused, rates.well_formed)]
        print(f"| {strength:+.0f} | " + " | ".join(map(percent, figures)) + " |", flush=True)

    print("\n| second turn | names the topic of the first % |\n| --- | --- |")
    for question, share in topic_kept(instruct).items():
        print(f"| {question} | {percent(share)} |", flush=True)

    if draws:
        shifts = np.array(random_shifts(instruct, harmful, layer, 2 * norm, draws))
        print(f"\nrandom directions at λ = 2: {len(shifts)} draws, mean absolute shift {percent(float(abs(shifts).mean()))} points, "
              f"largest {percent(float(abs(shifts).max()))}, mean {percent(float(shifts.mean()))}", flush=True)

    print("\n| category direction at λ = 2, safe prompts | refused % | names its own harm % | names another % | well formed % |\n| --- | --- | --- | --- | --- |")
    for key in CATEGORIES:
        rates, found = answer_rates(instruct, safe, acts, layer, 2 * directions.by_category[key][layer])
        named = named_harms(found)
        others = sum(value for other, value in named.items() if other != key)
        print(f"| {key} | {percent(rates.refused)} | {percent(named[key])} | {percent(others)} | {percent(rates.well_formed)} |", flush=True)


def measure_ladder(folder: Path, ladder: dict, sets: SetsUsed, layer: int, template: str) -> None:
    print("\n| revision | stage | tokens seen | AUROC in distribution | rewritten |\n| --- | --- | --- | --- | --- |")
    for entry in ladder["checkpoints"]:
        checkpoint = open_checkpoint(folder, entry)
        found_directions = directions_of(checkpoint, sets.train, template, layer + 1)
        figures = [layer_aurocs(checkpoint, found_directions, prompts, template)[layer] for prompts in (sets.test, sets.rewritten)]
        print(f"| {entry['revision']} | {entry['stage']} | {entry['tokensSeen']:,} | {figures[0]:.3f} | {figures[1]:.3f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--public", type=Path, default=REPOSITORY / "public")
    parser.add_argument("--split", choices=("dev", "test"), default="test")
    parser.add_argument("--random", type=int, default=24, help="random directions of the same norm, at λ = 2")
    parser.add_argument("--limit", type=int, default=None, help="use every n-th prompt so that about this many of a class are left")
    parser.add_argument("--layer", type=int, default=None, help="another layer than the ladder's own")
    parser.add_argument("--template", choices=("raw", "chat"), default=None)
    parser.add_argument("--part", choices=("all", "instruct", "ladder"), default="all", help="the tables of Instruct, or of all checkpoints")
    arguments = parser.parse_args()
    torch.set_num_threads(1)

    folder, sets = arguments.public / "ladders" / "tiny-olmo3", arguments.public / "prompts"
    ladder = read_ladder(folder)
    layer = ladder["defaults"]["steeringLayer"] if arguments.layer is None else arguments.layer
    template = arguments.template or ladder["defaults"]["directionTemplate"]
    train = read_prompts(sets / "harm-train.jsonl")
    test = read_prompts(sets / f"harm-{arguments.split}.jsonl", arguments.split)
    rewritten_file = "harm-rewritten.jsonl" if arguments.split == "test" else "harm-dev.jsonl"
    rewritten = read_prompts(sets / rewritten_file, "rewritten" if arguments.split == "test" else "dev-rewritten")
    harmful = [each for each in test if each.label == "harmful"]
    safe = [each for each in test if each.label == "safe"]
    if arguments.limit is not None:
        harmful, safe = harmful[:: max(1, len(harmful) // arguments.limit)], safe[:: max(1, len(safe) // arguments.limit)]
    sets_used = SetsUsed(train, test, rewritten, harmful, safe)
    print(f"split {arguments.split}, layer {layer}, template {template}, {len(harmful)} harmful and {len(safe)} safe prompts")

    if arguments.part != "ladder":
        measure_instruct(open_checkpoint(folder, ladder["checkpoints"][-1]), sets_used, layer, template, arguments.random)
    if arguments.part != "instruct":
        measure_ladder(folder, ladder, sets_used, layer, template)


if __name__ == "__main__":
    main()
