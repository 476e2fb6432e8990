"""Makes the golden fixtures that the parity tests compare with: see README.md in this folder."""

from __future__ import annotations

import argparse
import itertools
import json
import shutil
import sys
from pathlib import Path

import torch
import transformers

from capture import Steering, random_direction
from cases import Case, build, cases
from check import check
from golden import MIN_MARGIN, Golden, Prompt, compute, load, write
from tokenizer_goldens import prompts_from, write_tokenizer_goldens

FIXTURES = Path(__file__).resolve().parents[2] / "tests" / "fixtures" / "golden"
MIN_DISTINCT_TOKENS = 5  # of 24


def random_prompts(case: Case, generator: torch.Generator) -> list[Prompt]:
    """Token ids drawn from the whole vocabulary but its end-of-sequence token, one prompt per length."""
    vocab = case.config.vocab_size - 1
    draws = [torch.randint(vocab, (length,), generator=generator).tolist() for length in case.prompt_lengths]
    return [Prompt(f"p{index}", ids) for index, ids in enumerate(draws)]


def make_case(case: Case, root: Path) -> None:
    """Draws seeds until greedy decoding has clear margins everywhere and tells something; then writes."""
    folder = root / case.name
    for seed in itertools.count(1):
        shutil.rmtree(folder, ignore_errors=True)
        generator = torch.Generator().manual_seed(seed)
        shards = {} if case.max_shard_size is None else {"max_shard_size": case.max_shard_size}
        build(case, generator).save_pretrained(folder, **shards)
        prompts = random_prompts(case, generator)
        model = load(folder)
        direction = random_direction(model, case.steering_layer, prompts[-1].ids, generator)
        golden = compute(model, case.name, prompts, Steering(case.steering_layer, case.steering_lambda, direction))
        if golden.smallest_margin > MIN_MARGIN and tells_something(golden.facts["generate"]):
            break
    golden.facts["seed"] = seed
    write(golden, folder)
    size = sum(file.stat().st_size for file in folder.iterdir())
    print(f"{case.name:20} seed {seed}, smallest margin {golden.smallest_margin:.2e}, {size / 1e3:.0f} kB")


def tells_something(continuations: dict[str, dict]) -> bool:
    """No text ends early, steering changes each, and the longest prompt's is more than a few tokens repeated."""
    whole = all(run["stopped"] == "length" for runs in continuations.values() for run in runs.values())
    changed = all(runs["plain"]["ids"] != runs["steered"]["ids"] for runs in continuations.values())
    longest = continuations[max(continuations)]["plain"]["ids"]
    return whole and changed and len(set(longest)) >= MIN_DISTINCT_TOKENS


def make_from_checkpoint(arguments: argparse.Namespace, root: Path) -> None:
    """The same golden for a checkpoint that stands elsewhere, with goldens of its tokenizer; copies no weights."""
    folder = root / arguments.case
    model = load(arguments.checkpoint)
    tokenizer = transformers.AutoTokenizer.from_pretrained(arguments.checkpoint)
    prompts = prompts_from(arguments.prompts, tokenizer)
    layer = model.config.num_hidden_layers // 2 if arguments.layer is None else arguments.layer
    longest = max(prompts, key=lambda prompt: len(prompt.ids))
    direction = random_direction(model, layer, longest.ids, torch.Generator().manual_seed(arguments.seed))
    steering = Steering(layer, arguments.steering_lambda, direction)
    golden = compute(model, arguments.case, prompts, steering, arguments.logit_positions)
    golden.facts["checkpoint"] = arguments.name or arguments.checkpoint.name
    golden.facts["seed"] = arguments.seed
    write(golden, folder)
    write_tokenizer_goldens(tokenizer, folder)
    print(f"{arguments.case}: smallest margin {golden.smallest_margin:.2e}")
    if golden.smallest_margin <= MIN_MARGIN:
        print(f"  below {MIN_MARGIN}: a greedy text may part from this one by rounding; choose other prompts", file=sys.stderr)


def check_all(arguments: argparse.Namespace, root: Path) -> bool:
    """Every case in the folder (or the one that is named); one without weights is checked when --checkpoint gives them."""
    passed = True
    for folder in sorted(path.parent for path in root.glob("*/golden.json")):
        if arguments.case not in (None, folder.name):
            continue
        named = json.loads((folder / "golden.json").read_text()).get("checkpoint")
        weights = folder if named is None else arguments.checkpoint
        if weights is None:
            print(f"{folder.name:20} not checked: its weights are {named}; pass --checkpoint and --case")
        else:
            passed = check(folder, weights) and passed
    return passed


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=FIXTURES, help="folder of the cases (default: tests/fixtures/golden)")
    parser.add_argument("--case", help="one case only; with --checkpoint, the name of the new case")
    parser.add_argument("--check", action="store_true", help="compare what is there with float64 instead of making it")
    parser.add_argument("--checkpoint", type=Path, help="a Hugging Face checkpoint folder to make a golden of")
    parser.add_argument("--name", help="what golden.json calls that checkpoint, such as tiny-olmo3@main")
    parser.add_argument("--prompts", type=Path, help="JSONL with id and one of text, messages, raw or ids")
    parser.add_argument("--layer", type=int, help="where to steer (default: the middle)")
    parser.add_argument("--lambda", dest="steering_lambda", type=float, default=1.0)
    parser.add_argument("--logit-positions", type=int, default=0, help="keep logits of the last N positions (0: all)")
    parser.add_argument("--seed", type=int, default=1, help="of the random direction")
    arguments = parser.parse_args()
    if arguments.checkpoint and not arguments.check and not (arguments.prompts and arguments.case):
        parser.error("--checkpoint needs --prompts and --case")
    return arguments


def main() -> int:
    arguments = parse()
    if not transformers.__version__.startswith("4.57."):
        print(f"transformers 4.57.x is the reference; this is {transformers.__version__}", file=sys.stderr)
        return 2
    transformers.utils.logging.disable_progress_bar()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    if arguments.check:
        return 0 if check_all(arguments, arguments.out) else 1
    if arguments.checkpoint:
        make_from_checkpoint(arguments, arguments.out)
        return 0
    wanted = [case for case in cases() if arguments.case in (None, case.name)]
    if not wanted:
        print(f"no case is called {arguments.case}: {', '.join(case.name for case in cases())}", file=sys.stderr)
        return 2
    for case in wanted:
        make_case(case, arguments.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
