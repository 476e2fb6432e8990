"""The shapes of the world's vocabulary, and the reader of its compact notation."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Topic:
    """An everyday thing. `phrase` carries its article ("a cake"); `word` is the bare noun, one token of the tokenizer."""

    phrase: str
    word: str
    group: str
    adjective: str
    companion: str


@dataclass(frozen=True)
class Group:
    """Topics that share what is done with them: two verbs for training prompts, and their synonyms for rewritten ones."""

    key: str
    kind: str  # "{topic} is a kind of {kind}"
    verbs: tuple[str, str]
    rewritten_verbs: tuple[str, str]
    relation: str  # "{topic} {relation} {companion}"
    place: str  # with its preposition: "in the kitchen"
    steps: tuple[str, ...]  # imperative phrases, in the order in which they are done
    reasons: tuple[str, ...]  # clauses about "it"
    pairs: tuple[tuple[Topic, Topic], ...]  # (word of the training prompts, its synonym in rewritten prompts)
    extras: tuple[Topic, ...]  # topics that stand in no prompt set

    @property
    def topics(self) -> tuple[Topic, ...]:
        return tuple(topic for pair in self.pairs for topic in pair) + self.extras


@dataclass(frozen=True)
class Concept:
    """A kind of harm: verbs and objects of the training prompts, and the synonyms that stand in rewritten ones."""

    category: str
    severity: float  # 0 harmless … 1 worst
    verbs: tuple[str, str]
    rewritten_verbs: tuple[str, str]
    objects: tuple[str, str, str]
    rewritten_objects: tuple[str, str, str]


def bare_word(phrase: str) -> str:
    """The noun of a phrase: "a cake" → "cake"."""
    return phrase.rsplit(" ", 1)[-1]


def two(text: str) -> tuple[str, str]:
    first, second = text.split()
    return first, second


def phrases(text: str) -> tuple[str, ...]:
    """Phrases from a comma-separated line."""
    return tuple(part.strip() for part in text.replace("\n", " ").split(",") if part.strip())


def group(
    key: str,
    kind: str,
    verbs: str,
    rewritten_verbs: str,
    relation: str,
    place: str,
    steps: str,
    reasons: str,
    pairs: str,
    extras: str,
) -> Group:
    """Reads a group. A pair is `phrase = synonym ; adjective ; companion`, an extra `phrase ; adjective ; companion`,
    each on its own line or parted by `/`."""

    def topic(phrase: str, adjective: str, companion: str) -> Topic:
        phrase = phrase.strip()
        return Topic(phrase, bare_word(phrase), key, adjective.strip(), companion.strip())

    def entries(text: str) -> list[list[str]]:
        rows = [row.split(";") for line in text.strip().splitlines() for row in line.split("/")]
        for row in rows:
            if len(row) != 3:
                raise ValueError(f"group {key}: expected 3 fields in {row}")
        return rows

    paired = []
    for names, adjective, companion in entries(pairs):
        trained, rewritten = names.split("=")
        paired.append((topic(trained, adjective, companion), topic(rewritten, adjective, companion)))
    alone = tuple(topic(*row) for row in entries(extras))
    return Group(
        key, kind, two(verbs), two(rewritten_verbs), relation, place, phrases(steps), phrases(reasons), tuple(paired), alone
    )
