"""Batches of token ids: packed documents for the base stages, conversations with a loss mask for the rest."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from tokenizers import Tokenizer

from .dialogues import DialogueWriter, Turn
from .probing import chat_prompt
from .tokenizer import END_OF_TEXT, PAD, TURN_END, TURN_START

IGNORED = -100  # the label that the loss leaves out
DOCUMENTS_AT_ONCE = 2000


@dataclass(frozen=True)
class Batch:
    ids: torch.Tensor  # [rows, tokens]
    labels: torch.Tensor  # [rows, tokens]
    mask: torch.Tensor | None  # [rows, tokens], None when nothing is padded

    @property
    def tokens(self) -> int:
        return int(self.ids.numel() if self.mask is None else self.mask.sum())


def packed(tokenizer: Tokenizer, write: Callable[[], str], rows: int, length: int) -> Iterator[Batch]:
    """An endless stream of documents, parted by the end-of-text token, cut into rows of `length` tokens."""
    end = tokenizer.token_to_id(END_OF_TEXT)
    buffer: list[int] = []
    while True:
        while len(buffer) < rows * length:
            for encoding in tokenizer.encode_batch([write() for _ in range(max(1, DOCUMENTS_AT_ONCE * 32 // length // 4))]):
                buffer += encoding.ids
                buffer.append(end)
        ids = torch.tensor(buffer[: rows * length]).view(rows, length)
        del buffer[: rows * length]
        yield Batch(ids, ids, None)


def conversation_text(turns: list[Turn]) -> str:
    return chat_prompt(turns[:-1], turns[-1][0]) + turns[-1][1] + TURN_END


class ConversationEncoder:
    """Token ids of a conversation, and labels for what the assistant says, its end of turn included."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer
        self.pad = tokenizer.token_to_id(PAD)
        self.end = tokenizer.token_to_id(TURN_END)
        self.opening = tokenizer.encode(f"{TURN_START}assistant\n").ids

    def encode(self, texts: list[str]) -> list[tuple[list[int], list[int]]]:
        return [(encoding.ids, self._labels(encoding.ids)) for encoding in self.tokenizer.encode_batch(texts)]

    def _labels(self, ids: list[int]) -> list[int]:
        labels = [IGNORED] * len(ids)
        speaking = False
        for index in range(len(ids)):
            if speaking:
                labels[index] = ids[index]
                speaking = ids[index] != self.end
            elif ids[max(0, index + 1 - len(self.opening)) : index + 1] == self.opening:
                speaking = True
        return labels

    def batch(self, encoded: list[tuple[list[int], list[int]]]) -> Batch:
        longest = max(len(ids) for ids, _ in encoded)
        rows = [(ids + [self.pad] * (longest - len(ids)), labels + [IGNORED] * (longest - len(ids))) for ids, labels in encoded]
        mask = torch.tensor([[1] * len(ids) + [0] * (longest - len(ids)) for ids, _ in encoded])
        return Batch(torch.tensor([ids for ids, _ in rows]), torch.tensor([labels for _, labels in rows]), mask)


def conversations(tokenizer: Tokenizer, writer: DialogueWriter, rng: random.Random, rows: int) -> Iterator[Batch]:
    """Conversations in batches of similar length."""
    encoder = ConversationEncoder(tokenizer)
    while True:
        encoded = encoder.encode([conversation_text(writer.conversation()) for _ in range(rows * 32)])
        encoded.sort(key=lambda pair: len(pair[0]))
        groups = [encoded[start : start + rows] for start in range(0, len(encoded), rows)]
        rng.shuffle(groups)
        yield from map(encoder.batch, groups)
