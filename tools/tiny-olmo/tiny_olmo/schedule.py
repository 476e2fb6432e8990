"""The stages of the ladder: how long, how fast, and where a checkpoint is saved."""

from __future__ import annotations

import math
from dataclasses import dataclass

SEED = 59  # of 64 initialisations, the one that separates the development prompts best
STEERING_LAYER = 3  # chosen on the development prompts: AUROC on Instruct is 1.000 in every layer, so by how steered text reads
DIRECTION_TEMPLATE = "raw"  # activations at a prompt's own last token: base checkpoints have never seen the chat format
WEIGHT_DECAY = 0.1
BETAS = (0.9, 0.95)
GRADIENT_LIMIT = 1.0


@dataclass(frozen=True)
class Stage:
    name: str  # as in ladder.json
    revision: str  # with {step} where the stage has several
    steps: int
    save_at: tuple[int, ...]
    peak: float  # learning rate
    final: float
    warmup: int
    rows: int
    length: int = 0  # tokens a row, for packed documents

    def learning_rate(self, step: int) -> float:
        """At optimiser step `step`, counted from 0: linear warm-up, then a cosine down to `final`."""
        if step < self.warmup:
            return self.peak * (step + 1) / self.warmup
        done = (step - self.warmup) / max(1, self.steps - self.warmup)
        return self.final + (self.peak - self.final) * 0.5 * (1.0 + math.cos(math.pi * done))


PRETRAINING = Stage(
    "pretraining", "stage1-step{step}", 1100,
    (10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130, 140, 150, 175, 200, 225, 250, 300, 350, 400, 500, 600, 700, 800, 950, 1100),
    peak=4e-3, final=1.5e-3, warmup=40, rows=32, length=64,
)
MID_TRAINING = Stage("mid-training", "stage2-step{step}", 160, (40, 80, 120, 160), peak=1.5e-3, final=8e-4, warmup=1, rows=32, length=64)
LONG_CONTEXT = Stage("long-context", "stage3-step{step}", 45, (15, 30, 45), peak=8e-4, final=3e-4, warmup=5, rows=3, length=640)
SFT = Stage("sft", "SFT", 1600, (1600,), peak=2e-3, final=1e-4, warmup=30, rows=40)
FOLLOW_UP_SHARE = 0.55  # of the turns of a conversation in fine-tuning that are followed by another
OFFSET_SHARE = 0.6  # of the sequences of fine-tuning that carry a random offset in one layer
OFFSET_LARGEST = 0.8  # of that layer's mean residual norm
DPO = Stage("dpo", "DPO", 40, (40,), peak=2e-5, final=2e-6, warmup=10, rows=16)
INSTRUCT = Stage("instruct", "Instruct", 25, (25,), peak=2e-5, final=2e-6, warmup=5, rows=12)
STAGES = (PRETRAINING, MID_TRAINING, LONG_CONTEXT, SFT, DPO, INSTRUCT)
