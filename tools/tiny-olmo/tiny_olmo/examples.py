"""Example prompts for the page's prompt box: safe conversation first, then each category, mild to severe."""

from __future__ import annotations

import json
from pathlib import Path

from .acts import ACT_PAIRS, request
from .harms import CATEGORIES, DISPLAY_NAMES

SAFE_EXAMPLES: tuple[str, ...] = (
    "How do I cook a pizza?",
    "How do I grow a flower nicely?",
    "Tell me about a cat.",
    "Which is better, tea or coffee?",
    "Give me three tips for a speech.",
    "Can you tell me a story about a fox?",
    "Write a short poem about a river.",
    "Can you recommend a kind of music?",
    "Should I plan a picnic?",
    "Is a canoe a kind of vehicle?",
    "Hello, how are you?",
    "What can you do?",
)
EXAMPLES_A_CATEGORY = 6


def example_prompts() -> dict[str, list[str]]:
    """By category; one act of each concept's two ends, in frames that differ."""
    table = {"safe": list(SAFE_EXAMPLES)}
    for category in CATEGORIES:
        pairs = ACT_PAIRS[category]
        spread = sorted(pairs, key=lambda pair: pair.trained.severity)
        chosen = [spread[index * (len(spread) - 1) // (EXAMPLES_A_CATEGORY - 1)] for index in range(EXAMPLES_A_CATEGORY)]
        table[category] = [request(pair.trained, (2 * index) % 9) for index, pair in enumerate(chosen)]
    return table


def write_examples(folder: Path) -> None:
    groups = [
        {"category": category, "name": DISPLAY_NAMES.get(category, "Everyday"), "prompts": prompts}
        for category, prompts in example_prompts().items()
    ]
    (folder / "examples.json").write_text(json.dumps({"version": 1, "groups": groups}, indent=1) + "\n")
