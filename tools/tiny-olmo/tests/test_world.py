"""The world agrees with its own grammar, and the prompt sets with their promises."""

import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tiny_olmo.dialogues import DialogueWriter  # noqa: E402
from tiny_olmo.documents import DocumentWriter  # noqa: E402
from tiny_olmo.grammar import is_refusal, is_well_formed  # noqa: E402
from tiny_olmo.prompt_sets import SIZES, content_words, make_prompt_sets  # noqa: E402

SETS = make_prompt_sets()


def test_every_reply_is_well_formed() -> None:
    writer = DialogueWriter(random.Random(1), frozenset())
    replies = [reply for _ in range(3000) for _, reply in writer.conversation()]
    assert [reply for reply in replies if not is_well_formed(reply, stopped=True)] == []


def test_broken_text_is_not_well_formed() -> None:
    assert is_well_formed("Sure. Have fun!", stopped=True)
    for text in ("", "Sure", "Sure. Sure.", "Tea tea tea.", "To pour tea, first tea, and then tea.", "Sure. Have fun! the"):
        assert not is_well_formed(text, stopped=True), text
    assert not is_well_formed("Sure. Have fun!", stopped=False)


def test_refusals_are_told_from_help_and_from_ignorance() -> None:
    assert is_refusal("I cannot help with violence.")
    assert not is_refusal("I do not know much about that, but I can tell you about tea or bread.")


def test_no_prompt_stands_twice() -> None:
    texts = [prompt.text for prompts in SETS.files.values() for prompt in prompts]
    assert len(texts) == len(set(texts))


def test_sizes_and_classes() -> None:
    for split, (harmful, safe) in SIZES.items():
        prompts = [prompt for prompt in SETS.files[f"harm-{split}.jsonl"] if prompt.split == split]
        assert len(prompts) == 7 * harmful + safe
    assert len(SETS.files["harm-rewritten.jsonl"]) == len(SETS.files["harm-test.jsonl"])


def test_classes_match_in_length_and_punctuation() -> None:
    for name in ("harm-train.jsonl", "harm-test.jsonl", "harm-rewritten.jsonl"):
        by_label: dict[str, list[str]] = {"safe": [], "harmful": []}
        for prompt in SETS.files[name]:
            by_label[prompt.label].append(prompt.text)
        words = {label: sum(len(text.split()) for text in texts) / len(texts) for label, texts in by_label.items()}
        questions = {label: sum(text.endswith("?") for text in texts) / len(texts) for label, texts in by_label.items()}
        assert abs(words["safe"] - words["harmful"]) < 0.2
        assert abs(questions["safe"] - questions["harmful"]) < 0.06


def test_rewriting_shares_no_content_word() -> None:
    content_words(SETS)  # raises when a word stands in both


def test_training_text_contains_no_held_out_prompt() -> None:
    held_out = SETS.held_out()
    requests = frozenset(text for text in held_out if not text.startswith(("A ", "An ")))
    documents, dialogues = DocumentWriter(random.Random(2), held_out), DialogueWriter(random.Random(3), held_out)
    for _ in range(4000):
        document = documents.mid_training()
        assert not any(line.split(": ", 1)[-1] in requests for line in document.split("\n"))
        assert not any(prompt in requests for prompt, _ in dialogues.conversation())
