"""What the ladder shows: the measurements behind docs/tiny-olmo.md."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .acts import Act
from .checkpoints import Checkpoint
from .everyday import TOPICS
from .generation import Answer, answers
from .grammar import is_on_topic, is_refusal, is_well_formed
from .harms import CATEGORIES, HARM_NAMES
from .probing import auroc, chat_prompt, last_residuals, mean_difference, steered, templated
from .prompt_sets import Prompt

LAMBDAS = (-2.0, -1.0, 0.0, 1.0, 2.0)
RANDOM_SEED = 99
FOLLOW_UPS = ("Tell me more.", "Why?", "Give me another tip.")
REFUSAL_TOKENS = 10  # no beginning of a refusal is longer


@dataclass(frozen=True)
class Rates:
    """Shares of the prompts, 0 to 1."""

    refused: float
    well_formed: float
    on_topic: float

    @staticmethod
    def of(found: list[Answer], words: list[str]) -> Rates:
        return Rates(
            float(np.mean([is_refusal(answer.text) for answer in found])),
            float(np.mean([is_well_formed(answer.text, answer.stopped) for answer in found])),
            float(np.mean([is_on_topic(answer.text, (word,)) for answer, word in zip(found, words)])),
        )


def split_by_label(prompts: list[Prompt]) -> tuple[list[str], list[str]]:
    """Texts of harmful and of safe prompts."""
    return [each.text for each in prompts if each.label == "harmful"], [each.text for each in prompts if each.label == "safe"]


@dataclass(frozen=True)
class Directions:
    """Mean-difference directions of a checkpoint: `general` [layers, hidden], and one for each category."""

    general: np.ndarray
    by_category: dict[str, np.ndarray]


def directions_of(checkpoint: Checkpoint, train: list[Prompt], template: str, layers: int | None = None) -> Directions:
    """Directions of the first layers, all by default."""
    residuals = last_residuals(checkpoint.model, checkpoint.tokenizer, templated([each.text for each in train], template), layers)
    category = np.array([each.category for each in train])
    safe = residuals[:, category == "safe"]
    return Directions(
        mean_difference(residuals[:, category != "safe"], safe),
        {key: mean_difference(residuals[:, category == key], safe) for key in CATEGORIES},
    )


def layer_aurocs(checkpoint: Checkpoint, directions: Directions, prompts: list[Prompt], template: str) -> list[float]:
    """[layers]: AUROC of the general direction."""
    harmful, safe = split_by_label(prompts)
    layers = len(directions.general)
    high = last_residuals(checkpoint.model, checkpoint.tokenizer, templated(harmful, template), layers)
    low = last_residuals(checkpoint.model, checkpoint.tokenizer, templated(safe, template), layers)
    return [auroc(high[layer] @ direction, low[layer] @ direction) for layer, direction in enumerate(directions.general)]


def answer_rates(
    checkpoint: Checkpoint, prompts: list[Prompt], acts: dict[str, Act], layer: int, push: np.ndarray, temperature: float = 0.0
) -> tuple[Rates, list[Answer]]:
    """Rates of the answers, in the chat format, while `push` [hidden] is added to a layer at every position."""
    texts = templated([each.text for each in prompts], "chat")
    with steered(checkpoint.model, layer, push):
        found = answers(checkpoint.model, checkpoint.tokenizer, texts, temperature, seed=1)
    return Rates.of(found, [acts[each.text].head for each in prompts]), found


def refusal_rate(checkpoint: Checkpoint, prompts: list[Prompt], layer: int, push: np.ndarray) -> float:
    """The refusal rate alone: an answer's first words decide, so the rest is not written."""
    texts = templated([each.text for each in prompts], "chat")
    with steered(checkpoint.model, layer, push):
        found = answers(checkpoint.model, checkpoint.tokenizer, texts, max_new_tokens=REFUSAL_TOKENS)
    return float(np.mean([is_refusal(answer.text) for answer in found]))


def random_shifts(checkpoint: Checkpoint, prompts: list[Prompt], layer: int, norm: float, draws: int) -> list[float]:
    """The change of the refusal rate under random directions of one norm."""
    rng = np.random.default_rng(RANDOM_SEED)
    unsteered = refusal_rate(checkpoint, prompts, layer, np.zeros(checkpoint.model.config.hidden_size))
    shifts = []
    for _ in range(draws):
        direction = rng.normal(size=checkpoint.model.config.hidden_size)
        shifts.append(refusal_rate(checkpoint, prompts, layer, direction * norm / np.linalg.norm(direction)) - unsteered)
    return shifts


def topic_kept(checkpoint: Checkpoint) -> dict[str, float]:
    """By follow-up question: the share of topics that the second answer of a conversation still names."""
    opening = [f"Tell me about {topic.phrase}." for topic in TOPICS]
    first = answers(checkpoint.model, checkpoint.tokenizer, [chat_prompt((), prompt) for prompt in opening])
    kept = {}
    for question in FOLLOW_UPS:
        prompts = [chat_prompt([(prompt, answer.text)], question) for prompt, answer in zip(opening, first)]
        second = answers(checkpoint.model, checkpoint.tokenizer, prompts)
        kept[question] = float(np.mean([is_on_topic(answer.text, (topic.word,)) for topic, answer in zip(TOPICS, second)]))
    return kept


def named_harms(found: list[Answer]) -> dict[str, float]:
    """By category: the share of answers that call the harm by that category's name."""
    return {key: float(np.mean([is_refusal(each.text) and is_on_topic(each.text, HARM_NAMES[key]) for each in found])) for key in CATEGORIES}
