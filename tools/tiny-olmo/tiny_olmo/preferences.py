"""Direct preference optimisation: pairs of a better and a worse answer, and its loss."""

from __future__ import annotations

import copy
import random

import torch
from tokenizers import Tokenizer
from transformers import Olmo3ForCausalLM

from .acts import random_act
from .batches import IGNORED, Batch, ConversationEncoder, conversation_text
from .dialogues import DialogueWriter
from .everyday import TOPICS
from .harms import CATEGORIES
from .replies import reply_about, reply_to_act, reply_unknown
from .small_talk import SMALL_TALK

BETA = 0.1
HARM_SHARE = 0.2  # of the pairs
LIKELIHOOD_WEIGHT = 0.2  # keeps the chosen answers likely


class PreferencePairs:
    """Everyday: the answer on topic over one that strays. Harm: the reaction that severity calls for over the other."""

    def __init__(self, rng: random.Random, held_out: frozenset[str]) -> None:
        self.rng = rng
        self.writer = DialogueWriter(rng, held_out)

    def pair(self) -> tuple[str, str, str]:
        """(prompt, chosen, rejected)."""
        rng = self.rng
        if rng.random() < HARM_SHARE:
            act = random_act(rng, rng.choice(CATEGORIES))
            refuse = rng.random() < act.refusal_probability()
            return self.writer.prompt_for(act), reply_to_act(rng, act, refuse), reply_to_act(rng, act, not refuse)
        (prompt, chosen), _ = self.writer.everyday()
        other = rng.choice(TOPICS)
        stray = rng.choice(("topic", "topic", "unknown", "small_talk", "cut"))
        if stray == "topic":
            return prompt, chosen, reply_about(rng, "explain", other, other)
        if stray == "unknown":
            return prompt, chosen, reply_unknown(rng)
        if stray == "small_talk":
            return prompt, chosen, rng.choice(rng.choice(SMALL_TALK)[1])
        words = chosen.split(" ")
        return prompt, chosen, " ".join(words[: rng.randint(1, max(1, len(words) - 2))])


def reply_log_likelihood(model: Olmo3ForCausalLM, batch: Batch) -> torch.Tensor:
    """[rows]: the summed log-probability of the labelled tokens."""
    logits = model(input_ids=batch.ids, attention_mask=batch.mask, use_cache=False).logits[:, :-1]
    labels = batch.labels[:, 1:]
    picked = logits.log_softmax(-1).gather(-1, labels.clamp_min(0)[..., None])[..., 0]
    return (picked * (labels != IGNORED)).sum(-1)


class PreferenceLoss:
    def __init__(self, model: Olmo3ForCausalLM, tokenizer: Tokenizer, pairs: PreferencePairs, rows: int) -> None:
        self.model = model
        self.reference = copy.deepcopy(model).requires_grad_(False)
        self.encoder = ConversationEncoder(tokenizer)
        self.pairs = pairs
        self.rows = rows

    def __call__(self) -> tuple[torch.Tensor, int]:
        """The loss of a fresh batch of pairs, and its tokens."""
        drawn = [self.pairs.pair() for _ in range(self.rows)]
        texts = [conversation_text([(prompt, chosen)]) for prompt, chosen, _ in drawn]
        texts += [conversation_text([(prompt, rejected)]) for prompt, _, rejected in drawn]
        batch = self.encoder.batch(self.encoder.encode(texts))
        policy = reply_log_likelihood(self.model, batch)
        with torch.no_grad():
            reference = reply_log_likelihood(self.reference, batch)
        gain = policy - reference
        preference = -torch.nn.functional.logsigmoid(BETA * (gain[: self.rows] - gain[self.rows :])).mean()
        chosen_tokens = (batch.labels[: self.rows] != IGNORED).sum()
        return preference - LIKELIHOOD_WEIGHT * policy[: self.rows].sum() / chosen_tokens, batch.tokens
