"""A byte-level BPE tokenizer of the world, with OLMo 3's splitting, special tokens and chat format.

Every word of the world is one token: `ignore_merges` (as in Llama 3's tokenizer) takes a whole piece that the vocabulary
has, and a few dozen trained merges serve the words that it does not have. With pieces instead, training words and their
rewritings would share tokens, and the rewritten prompts would not be lexically new.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from tokenizers.pre_tokenizers import ByteLevel

from .acts import ACT_PAIRS, SAMPLE_REFUSAL_RULE
from .dialogues import DialogueWriter
from .documents import DocumentWriter
from .unknown_words import WORDS, unknown_question

VOCABULARY_LIMIT = 2048
MERGES = 72
SAMPLE_SEED = 7
SAMPLE_DOCUMENTS = 30_000
WORD_COUNT_FROM = 100  # a piece that comes up less often in the sample is spelled

# OLMo's pattern (cl100k's), and its added tokens in their order; `special` as there.
SPLIT = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
ADDED: tuple[tuple[str, bool], ...] = (
    ("<|extra_id_0|>", False), ("<|endoftext|>", True), ("<|fim_prefix|>", True), ("<|fim_middle|>", True), ("<|fim_suffix|>", True),
    ("|||PHONE_NUMBER|||", False), ("|||EMAIL_ADDRESS|||", False), ("|||IP_ADDRESS|||", False), ("<|im_start|>", True), ("<|im_end|>", True),
    *((f"<|extra_id_{number}|>", False) for number in range(1, 11)), ("<|endofprompt|>", True), ("<|pad|>", True),
)
END_OF_TEXT, TURN_START, TURN_END, PAD = "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|pad|>"

# OLMo 3 Instruct's form without its system prompt about functions: the model has none to call.
CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] }}"
    "{% if message['role'] == 'assistant' and loop.last %}{{ eos_token }}{% else %}{{ '<|im_end|>\\n' }}{% endif %}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)


def _pre_tokenizer() -> pre_tokenizers.PreTokenizer:
    return pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(SPLIT), "removed", invert=True),
        ByteLevel(add_prefix_space=False, trim_offsets=True, use_regex=False),
    ])


def sample_texts() -> list[str]:
    """Texts of every kind that training uses, in a fixed sample."""
    rng = random.Random(SAMPLE_SEED)
    documents, dialogues = DocumentWriter(rng, frozenset()), DialogueWriter(rng, frozenset(), SAMPLE_REFUSAL_RULE)
    texts = [documents.pretraining() for _ in range(SAMPLE_DOCUMENTS)]
    texts += [documents.mid_training() for _ in range(SAMPLE_DOCUMENTS // 4)]
    texts += [documents.long_document() for _ in range(SAMPLE_DOCUMENTS // 100)]
    texts += ["user", "assistant", "system"] * WORD_COUNT_FROM
    for _ in range(SAMPLE_DOCUMENTS):
        texts += [text for turn in dialogues.conversation() for text in turn]
    return texts


def _piece_counts(texts: list[str]) -> Counter[str]:
    splitter = _pre_tokenizer()
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(piece for piece, _ in splitter.pre_tokenize_str(text))
    return counts


def make_tokenizer() -> Tokenizer:
    texts = sample_texts()
    merging = Tokenizer(models.BPE())
    merging.pre_tokenizer = _pre_tokenizer()
    alphabet = sorted(ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(vocab_size=len(alphabet) + MERGES, initial_alphabet=alphabet, show_progress=False)
    rng = random.Random(SAMPLE_SEED)
    merging.train_from_iterator([" ".join(WORDS)] * 200 + [unknown_question(rng) for _ in range(20_000)], trainer)
    model = json.loads(merging.to_str())["model"]
    vocabulary: dict[str, int] = dict(model["vocab"])

    counts = _piece_counts(texts)
    unknown = {piece for word in WORDS for piece in ("Ġ" + word, word)}
    frequent = [piece for piece, count in counts.items() if count >= WORD_COUNT_FROM and piece not in unknown and not piece.strip("Ġ").isdigit()]
    in_acts = {"Ġ" + word for pairs in ACT_PAIRS.values() for pair in pairs for act in (pair.trained, pair.rewritten) for word in act.phrase.split()}
    for piece in sorted(set(frequent) | in_acts):
        if _is_ascii(piece):
            vocabulary.setdefault(piece, len(vocabulary))
    tokenizer = Tokenizer(models.BPE(vocabulary, [tuple(merge) for merge in model["merges"]], ignore_merges=True))
    tokenizer.pre_tokenizer = _pre_tokenizer()
    tokenizer.decoder = decoders.ByteLevel(add_prefix_space=True, trim_offsets=True, use_regex=True)
    tokenizer.add_tokens([AddedToken(content, special=special, normalized=False) for content, special in ADDED])
    if tokenizer.get_vocab_size() > VOCABULARY_LIMIT:
        raise ValueError(f"{tokenizer.get_vocab_size()} tokens, more than {VOCABULARY_LIMIT}")
    return tokenizer


def _is_ascii(piece: str) -> bool:
    return piece.replace("Ġ", "").replace("Ċ", "").isascii()


def write_tokenizer_files(tokenizer: Tokenizer, folder: Path, chat: bool, context: int) -> None:
    """The three tokenizer files of a revision. Base revisions have no chat template, as in the original."""
    document = json.loads(tokenizer.to_str())
    (folder / "tokenizer.json").write_text(json.dumps(document, ensure_ascii=False, separators=(",", ":")))
    settings: dict[str, object] = {
        "add_prefix_space": False,
        "added_tokens_decoder": {
            str(tokenizer.token_to_id(content)): {
                "content": content, "lstrip": False, "normalized": False, "rstrip": False, "single_word": False, "special": special,
            }
            for content, special in ADDED
        },
        "bos_token": None,
        "clean_up_tokenization_spaces": False,
        "eos_token": TURN_END if chat else END_OF_TEXT,
        "model_max_length": context,
        "pad_token": PAD,
        "tokenizer_class": "GPT2Tokenizer",
        "unk_token": END_OF_TEXT,
    }
    if chat:
        settings["chat_template"] = CHAT_TEMPLATE
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=1) + "\n")
    special = {"eos_token": settings["eos_token"], "pad_token": PAD, "unk_token": END_OF_TEXT}
    (folder / "special_tokens_map.json").write_text(json.dumps(special, indent=1) + "\n")
