"""The prompt sets: training, development, test, rewritten and out-of-distribution prompts, and true/false statements."""

from __future__ import annotations

import hashlib
import json
import random
import re
from dataclasses import dataclass
from pathlib import Path

from .acts import ACT_PAIRS, Act, ActPair, request
from .facts import truth_set
from .frames import BEHAVIOUR_FRAMES, IMPERATIVE_FRAMES, QUESTION_FRAMES, REQUEST_FRAMES, frame_act
from .harms import CATEGORIES, DISPLAY_NAMES

SET_SEED = 20_261

# Prompts per harmful category, and safe ones.
SIZES: dict[str, tuple[int, int]] = {"train": (304, 1200), "dev": (60, 300), "test": (104, 440)}
OOD_SIZE = (36, 252)
TRUTH_EACH = 250

# The words that training and rewritten prompts share: grammar, no content.
FUNCTION_WORDS = frozenset("a an the i me you how what where is there do can to some".split())


@dataclass(frozen=True)
class Prompt:
    id: str
    text: str
    label: str  # safe, harmful, true or false
    category: str  # "safe", a harm's key, or "fact"
    split: str
    rewrite_of: str | None = None

    def row(self) -> dict[str, str]:
        row = {"id": self.id, "text": self.text, "label": self.label, "category": self.category, "split": self.split}
        return row if self.rewrite_of is None else row | {"rewriteOf": self.rewrite_of}


@dataclass(frozen=True)
class PromptSets:
    files: dict[str, list[Prompt]]  # by file name

    def held_out(self) -> frozenset[str]:
        """Everything but the training prompts: what no stage of training may contain."""
        return frozenset(prompt.text for name, prompts in self.files.items() if name != "harm-train.jsonl" for prompt in prompts)


def label_of(category: str) -> str:
    return "safe" if category == "safe" else "harmful"


def make_prompt_sets() -> PromptSets:
    rng = random.Random(SET_SEED)
    files: dict[str, list[Prompt]] = {f"harm-{split}.jsonl": [] for split in SIZES} | {"harm-rewritten.jsonl": []}
    for category in ("safe", *CATEGORIES):
        requests = [(pair, frame) for pair in ACT_PAIRS[category] for frame in range(len(REQUEST_FRAMES))]
        rng.shuffle(requests)
        taken = 0
        for split, (harmful, safe) in SIZES.items():
            count = safe if category == "safe" else harmful
            chosen = requests[taken : taken + count]
            if len(chosen) < count:
                raise ValueError(f"{category}: {len(requests)} requests are too few")
            taken += count
            for index, (pair, frame) in enumerate(chosen):
                prompt, rewriting = _with_rewriting(pair, frame, category, split, index)
                files[f"harm-{split}.jsonl"].append(prompt)
                if split == "test":
                    files["harm-rewritten.jsonl"].append(rewriting)
                elif split == "dev":
                    files["harm-dev.jsonl"].append(rewriting)
    for form, frames in (("questions", QUESTION_FRAMES), ("imperatives", IMPERATIVE_FRAMES), ("behaviours", BEHAVIOUR_FRAMES)):
        files[f"ood-{form}.jsonl"] = _ood_set(rng, form, frames)
    files["truth.jsonl"] = [
        Prompt(f"truth-{index:04d}", statement.text, "true" if statement.true else "false", "fact", "truth")
        for index, statement in enumerate(truth_set(rng, TRUTH_EACH))
    ]
    return PromptSets(files)


def _with_rewriting(pair: ActPair, frame: int, category: str, split: str, index: int) -> tuple[Prompt, Prompt]:
    name = f"{category}-{index:04d}"
    prompt = Prompt(f"{split}-{name}", request(pair.trained, frame), label_of(category), category, split)
    rewritten_split = "rewritten" if split == "test" else f"{split}-rewritten"
    rewriting = Prompt(f"{rewritten_split}-{name}", request(pair.rewritten, frame), label_of(category), category, rewritten_split, prompt.id)
    return prompt, rewriting


def _ood_set(rng: random.Random, form: str, frames: tuple[str, ...]) -> list[Prompt]:
    """The acts of the training prompts in a form that no training prompt has."""
    prompts = []
    for category in ("safe", *CATEGORIES):
        texts = [frame_act(frame, pair.trained.phrase) for pair in ACT_PAIRS[category] for frame in frames]
        for index, text in enumerate(rng.sample(texts, OOD_SIZE[1] if category == "safe" else OOD_SIZE[0])):
            prompts.append(Prompt(f"ood-{form}-{category}-{index:04d}", text, label_of(category), category, "ood"))
    return prompts


def act_by_text() -> dict[str, Act]:
    """The act that each request of the sets asks for."""
    return {
        request(act, frame): act
        for pairs in ACT_PAIRS.values() for pair in pairs for act in (pair.trained, pair.rewritten) for frame in range(len(REQUEST_FRAMES))
    }


def words_of(text: str) -> set[str]:
    return set(re.findall(r"[a-z]+", text.lower()))


def content_words(sets: PromptSets) -> dict[str, dict[str, list[str]]]:
    """The content words of each category in training and in rewritten prompts; none may stand in both."""
    table = {}
    for category in ("safe", *CATEGORIES):
        train = {word for prompt in sets.files["harm-train.jsonl"] if prompt.category == category for word in words_of(prompt.text)}
        rewritten = {word for prompt in sets.files["harm-rewritten.jsonl"] if prompt.category == category for word in words_of(prompt.text)}
        if shared := (train & rewritten) - FUNCTION_WORDS:
            raise ValueError(f"{category}: content words in training and in rewritten prompts: {sorted(shared)}")
        table[category] = {"train": sorted(train - FUNCTION_WORDS), "rewritten": sorted(rewritten - FUNCTION_WORDS)}
    return table


def write_prompt_sets(sets: PromptSets, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    seen: dict[str, str] = {}
    index = []
    for name, prompts in sets.files.items():
        for prompt in prompts:
            if prompt.text in seen:
                raise ValueError(f"{prompt.id} and {seen[prompt.text]} are one prompt: {prompt.text}")
            seen[prompt.text] = prompt.id
        data = "".join(json.dumps(prompt.row(), ensure_ascii=False) + "\n" for prompt in prompts).encode()
        (folder / name).write_bytes(data)
        counts: dict[str, int] = {}
        for prompt in prompts:
            key = prompt.label if prompt.category == "fact" else prompt.category
            counts[key] = counts.get(key, 0) + 1
        splits = sorted({prompt.split for prompt in prompts})
        index.append({
            "file": name, "split": splits[0], "splits": splits, "prompts": len(prompts), "counts": counts,
            "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest(),
        })
    categories = [{"key": key, "name": DISPLAY_NAMES[key]} for key in CATEGORIES]
    document = {"version": 1, "license": "Apache-2.0", "seed": SET_SEED, "categories": categories, "files": index}
    (folder / "prompts.json").write_text(json.dumps(document, indent=2) + "\n")
    table = {"functionWords": sorted(FUNCTION_WORDS), **content_words(sets)}
    (folder / "content-words.json").write_text(json.dumps(table, indent=1) + "\n")
