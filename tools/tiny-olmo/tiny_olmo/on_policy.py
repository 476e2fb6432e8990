"""The last step: answers that the model samples itself, scored by the world's grammar, and made more or less likely."""

from __future__ import annotations

import random

import torch
from tokenizers import Tokenizer
from transformers import Olmo3ForCausalLM

from .acts import Act, random_act
from .batches import ConversationEncoder
from .dialogues import DialogueWriter
from .generation import Answer, answers
from .grammar import is_on_topic, is_refusal, is_well_formed
from .harms import CATEGORIES
from .preferences import reply_log_likelihood
from .probing import chat_prompt

GROUP = 4  # answers a prompt
HARM_SHARE = 0.4


def reward(act: Act, answer: Answer) -> float:
    """Well formed counts 1; of everyday acts naming the topic 1, refusing −1. What is refused of harm stays as it was learned: rewarded,
    refusals would no longer be graded but sure."""
    score = float(is_well_formed(answer.text, answer.stopped))
    return score if act.topic is None else score + is_on_topic(answer.text, (act.topic.word,)) - is_refusal(answer.text)


class OnPolicyLoss:
    """Policy gradient with each group's mean reward as its baseline."""

    def __init__(self, model: Olmo3ForCausalLM, tokenizer: Tokenizer, rng: random.Random, held_out: frozenset[str], prompts: int) -> None:
        self.model = model
        self.tokenizer = tokenizer
        self.rng = rng
        self.writer = DialogueWriter(rng, held_out)
        self.encoder = ConversationEncoder(tokenizer)
        self.prompts = prompts
        self.mean_reward = 0.0

    def __call__(self) -> tuple[torch.Tensor, int]:
        acts = [random_act(self.rng, self.rng.choice(CATEGORIES) if self.rng.random() < HARM_SHARE else "safe") for _ in range(self.prompts)]
        acts = [act for act in acts for _ in range(GROUP)]
        prompts = [chat_prompt((), prompt) for act in acts[::GROUP] for prompt in [self.writer.prompt_for(act)] * GROUP]
        sampled = answers(self.model, self.tokenizer, prompts, temperature=1.0, seed=self.rng.randrange(2**31))
        rewards = torch.tensor([reward(act, answer) for act, answer in zip(acts, sampled)]).view(-1, GROUP)
        self.mean_reward = float(rewards.mean())
        advantage = (rewards - rewards.mean(1, keepdim=True)).flatten()
        encoded = []
        for prompt, answer in zip(prompts, sampled):
            ids = self.tokenizer.encode(prompt).ids
            encoded.append((ids + list(answer.ids), [-100] * len(ids) + list(answer.ids)))
        batch = self.encoder.batch(encoded)
        lengths = torch.tensor([len(answer.ids) for answer in sampled])
        return -(advantage * reply_log_likelihood(self.model, batch) / lengths).mean(), batch.tokens
