"""Training through the stages, each with its own random stream, checkpoints saved on the way."""

from __future__ import annotations

import csv
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import Olmo3ForCausalLM

from .batches import Batch, conversations, packed
from .dialogues import DialogueWriter
from .documents import DocumentWriter
from .model import make_config, make_model, save_checkpoint, with_long_context
from .offsets import RandomOffsets
from .on_policy import OnPolicyLoss
from .preferences import PreferenceLoss, PreferencePairs
from .schedule import (
    BETAS, DPO, FOLLOW_UP_SHARE, GRADIENT_LIMIT, INSTRUCT, LONG_CONTEXT, MID_TRAINING, OFFSET_LARGEST, OFFSET_SHARE, PRETRAINING, SFT,
    STAGES, WEIGHT_DECAY, Stage,
)

LOG_EVERY = 10


@dataclass(frozen=True)
class Saved:
    revision: str
    stage: str
    step: int  # of the whole ladder
    tokens_seen: int


@dataclass
class Run:
    """A ladder in the making."""

    tokenizer: Tokenizer
    held_out: frozenset[str]
    folder: Path
    seed: int
    steps: int = 0
    tokens: int = 0
    saved: list[Saved] = field(default_factory=list)
    losses: list[tuple[str, int, int, float]] = field(default_factory=list)

    def stream(self, stage: Stage) -> random.Random:
        return random.Random(f"{self.seed}/{stage.name}")

    def save(self, model: Olmo3ForCausalLM, revision: str, stage: str, step: int) -> None:
        save_checkpoint(model, self.tokenizer, self.folder / revision, chat=stage in ("sft", "dpo", "instruct"))
        self.saved.append(Saved(revision, stage, step, self.tokens))

    def go_on_from(self, entries: list[dict], revision: str, losses: Path) -> None:
        """Takes over a ladder of before: its checkpoints and losses up to `revision` are this run's."""
        last = next(index for index, each in enumerate(entries) if each["revision"] == revision)
        self.saved = [Saved(each["revision"], each["stage"], each["step"], each["tokensSeen"]) for each in entries[: last + 1]]
        done = {saved.stage for saved in self.saved}
        self.steps = sum(stage.steps for stage in STAGES if stage.name in done)
        self.tokens = self.saved[-1].tokens_seen
        with losses.open(newline="") as file:
            rows = [(row["stage"], int(row["step"]), int(row["tokens_seen"]), float(row["loss"])) for row in csv.DictReader(file)]
        self.losses = [row for row in rows if row[0] in done]

    def write_losses(self, path: Path) -> None:
        with path.open("w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(("stage", "step", "tokens_seen", "loss"))
            writer.writerows((stage, step, tokens, f"{loss:.4f}") for stage, step, tokens, loss in self.losses)


def optimiser_for(model: Olmo3ForCausalLM) -> torch.optim.AdamW:
    """AdamW; norms are not decayed, nor is the embedding, as in OLMo 3."""
    decayed = [parameter for name, parameter in model.named_parameters() if parameter.dim() > 1 and "embed_tokens" not in name]
    kept = [parameter for name, parameter in model.named_parameters() if parameter.dim() == 1 or "embed_tokens" in name]
    return torch.optim.AdamW([{"params": decayed, "weight_decay": WEIGHT_DECAY}, {"params": kept, "weight_decay": 0.0}], lr=1.0, betas=BETAS)


def optimise(run: Run, model: Olmo3ForCausalLM, stage: Stage, loss_of_step: Callable[[], tuple[torch.Tensor, int]]) -> None:
    """`stage.steps` steps. `loss_of_step` gives a loss to go down and the tokens that it took."""
    optimiser = optimiser_for(model)
    started, recent = time.time(), []
    model.train()
    for step in range(1, stage.steps + 1):
        for group in optimiser.param_groups:
            group["lr"] = stage.learning_rate(step - 1)
        loss, tokens = loss_of_step()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), GRADIENT_LIMIT)
        optimiser.step()
        run.steps += 1
        run.tokens += tokens
        recent.append(float(loss.detach()))
        if step % LOG_EVERY == 0:
            run.losses.append((stage.name, step, run.tokens, sum(recent) / len(recent)))
            recent = []
        if step % 100 == 0 or step == stage.steps:
            print(f"{stage.name} {step}/{stage.steps} loss {run.losses[-1][3]:.3f} tokens {run.tokens} after {time.time() - started:.0f} s", flush=True)
        if step in stage.save_at:
            run.save(model, stage.revision.format(step=step), stage.name, step)


def batch_loss(model: Olmo3ForCausalLM, batches: Callable[[], Batch]) -> Callable[[], tuple[torch.Tensor, int]]:
    def loss_of_step() -> tuple[torch.Tensor, int]:
        batch = batches()
        return model(input_ids=batch.ids, attention_mask=batch.mask, labels=batch.labels, use_cache=False).loss, batch.tokens

    return loss_of_step


def train_base(run: Run) -> Olmo3ForCausalLM:
    """Initialisation, pretraining, mid-training and long context."""
    model = make_model(make_config(run.tokenizer, long_context=False), run.seed)
    run.save(model, "stage1-step0", "init", 0)
    for stage in (PRETRAINING, MID_TRAINING, LONG_CONTEXT):
        writer = DocumentWriter(run.stream(stage), run.held_out)
        write = {"pretraining": writer.pretraining, "mid-training": writer.mid_training, "long-context": writer.long_document}[stage.name]
        if stage is LONG_CONTEXT:
            model = with_long_context(model, run.tokenizer)
        stream = packed(run.tokenizer, write, stage.rows, stage.length)
        optimise(run, model, stage, batch_loss(model, lambda: next(stream)))
    return model


def train_chat(run: Run, model: Olmo3ForCausalLM) -> None:
    """Supervised fine-tuning, preference optimisation and the on-policy step, in place; stages that the run has saved are left out.

    Each starts from the weights as the checkpoint before it was saved, so that a saved ladder trains on to the same bytes.
    """
    done = {saved.stage for saved in run.saved}
    for stage, train in ((SFT, fine_tune), (DPO, prefer), (INSTRUCT, follow_rewards)):
        if stage.name not in done:
            round_to_bf16(model)
            train(run, model)


def fine_tune(run: Run, model: Olmo3ForCausalLM) -> None:
    rng = run.stream(SFT)
    writer = DialogueWriter(rng, run.held_out, follow_up_share=FOLLOW_UP_SHARE)
    batches = conversations(run.tokenizer, writer, rng, SFT.rows)
    loss_of_step = batch_loss(model, lambda: next(batches))
    offsets = RandomOffsets(model, run.seed, OFFSET_SHARE, OFFSET_LARGEST)

    def loss_under_offsets() -> tuple[torch.Tensor, int]:
        offsets.draw()
        return loss_of_step()

    optimise(run, model, SFT, loss_under_offsets)
    offsets.remove()


def prefer(run: Run, model: Olmo3ForCausalLM) -> None:
    pairs = PreferencePairs(run.stream(DPO), run.held_out)
    optimise(run, model, DPO, PreferenceLoss(model, run.tokenizer, pairs, DPO.rows))


def follow_rewards(run: Run, model: Olmo3ForCausalLM) -> None:
    optimise(run, model, INSTRUCT, OnPolicyLoss(model, run.tokenizer, run.stream(INSTRUCT), run.held_out, INSTRUCT.rows))


def round_to_bf16(model: Olmo3ForCausalLM) -> None:
    """Every weight as a saved checkpoint has it."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(parameter.bfloat16())
