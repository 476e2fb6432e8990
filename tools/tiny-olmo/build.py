"""From nothing to the whole ladder: prompt sets, tokenizer, 39 checkpoints, ladder.json and the log of losses.

    python tools/tiny-olmo/build.py [--out public] [--seed 18] [--from-base]

The same seed gives the same bytes on the same machine with the same versions of torch, transformers and tokenizers.
--from-base keeps the checkpoints in --out up to the base and trains only what comes after: SFT, DPO and Instruct.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import torch

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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=REPOSITORY / "public")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--from-base", action="store_true")
    arguments = parser.parse_args()

    torch.set_num_threads(1)  # the fastest for a model of this size, and the same sums every time
    torch.use_deterministic_algorithms(True)
    sets = make_prompt_sets()
    write_prompt_sets(sets, arguments.out / "prompts")
    write_examples(arguments.out / "prompts")
    folder = arguments.out / "ladders" / "tiny-olmo3"
    run = Run(make_tokenizer(), sets.held_out(), folder, arguments.seed)
    if arguments.from_base:
        ladder = read_ladder(folder)
        run.take_base(ladder["checkpoints"], TOOL / "losses.csv")
        checkpoint = open_checkpoint(folder, next(each for each in ladder["checkpoints"] if each["revision"] == ladder["base"]))
        if json.loads(checkpoint.tokenizer.to_str()) != json.loads(run.tokenizer.to_str()):
            raise SystemExit(f"The tokenizer of {ladder['base']} is not the one that this code makes: build from nothing.")
        base = checkpoint.model
    else:
        base = train_base(run)
    train_chat(run, base)
    run.write_losses(TOOL / "losses.csv")
    write_ladder(folder, run.saved, arguments.seed, STEERING_LAYER, DIRECTION_TEMPLATE)


if __name__ == "__main__":
    main()
