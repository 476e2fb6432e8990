"""From nothing to the whole ladder: prompt sets, tokenizer, 39 checkpoints, ladder.json and the log of losses.

    python tools/tiny-olmo/build.py [--out public] [--seed 18] [--from REVISION]

The same seed gives the same bytes on the same machine with the same versions of torch, transformers and tokenizers.
--from keeps the checkpoints in --out up to the base, SFT or DPO, and trains only what comes after.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import torch
from transformers import Olmo3ForCausalLM

sys.path.insert(0, str(Path(__file__).parent))

from tiny_olmo.checkpoints import open_checkpoint, read_ladder  # noqa: E402
from tiny_olmo.examples import write_examples  # noqa: E402
from tiny_olmo.ladder_index import write_ladder  # noqa: E402
from tiny_olmo.prompt_sets import make_prompt_sets, write_prompt_sets  # noqa: E402
from tiny_olmo.schedule import DIRECTION_TEMPLATE, SEED, STEERING_LAYER  # noqa: E402
from tiny_olmo.tokenizer import make_tokenizer  # noqa: E402
from tiny_olmo.training import Run, train_base, train_chat  # noqa: E402

TOOL = Path(__file__).parent
REPOSITORY = TOOL.parent.parent


def reopen(run: Run, revision: str) -> Olmo3ForCausalLM:
    """The model to go on from, out of the ladder that is there."""
    entries = read_ladder(run.folder)["checkpoints"]
    run.go_on_from(entries, revision, TOOL / "losses.csv")
    checkpoint = open_checkpoint(run.folder, next(each for each in entries if each["revision"] == revision))
    if json.loads(checkpoint.tokenizer.to_str()) != json.loads(run.tokenizer.to_str()):
        raise SystemExit(f"The tokenizer of {revision} is not the one that this code makes: build from nothing.")
    return checkpoint.model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=REPOSITORY / "public")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--from", dest="start", metavar="REVISION", help="the base, SFT or DPO")
    arguments = parser.parse_args()

    torch.set_num_threads(1)  # the fastest for a model of this size, and the same sums every time
    torch.use_deterministic_algorithms(True)
    sets = make_prompt_sets()
    write_prompt_sets(sets, arguments.out / "prompts")
    write_examples(arguments.out / "prompts")
    folder = arguments.out / "ladders" / "tiny-olmo3"
    run = Run(make_tokenizer(), sets.held_out(), folder, arguments.seed)
    model = train_base(run) if arguments.start is None else reopen(run, arguments.start)
    train_chat(run, model)
    run.write_losses(TOOL / "losses.csv")
    write_ladder(folder, run.saved, arguments.seed, STEERING_LAYER, DIRECTION_TEMPLATE)


if __name__ == "__main__":
    main()
