"""True and false statements about the everyday topics that carry an article."""

from __future__ import annotations

import random
from dataclasses import dataclass

from .everyday import GROUP_BY_KEY, GROUPS, TOPICS
from .frames import capitalised
from .lexicon import Topic


@dataclass(frozen=True)
class Statement:
    text: str
    true: bool
    topic: Topic


FACT_TOPICS: tuple[Topic, ...] = tuple(topic for topic in TOPICS if " " in topic.phrase)
KINDS: tuple[str, ...] = tuple(sorted({group.kind for group in GROUPS}))


def kind_statement(topic: Topic, kind: str) -> Statement:
    true = GROUP_BY_KEY[topic.group].kind == kind
    return Statement(f"{capitalised(topic.phrase)} is a kind of {kind}.", true, topic)


def relation_statement(topic: Topic, other: Topic) -> Statement:
    """The topic's own relation with the companion of `other`: true when that is its companion too."""
    text = f"{capitalised(topic.phrase)} {GROUP_BY_KEY[topic.group].relation} {other.companion}."
    return Statement(text, topic.companion == other.companion, topic)


def random_statement(rng: random.Random, true: bool) -> Statement:
    topic = rng.choice(FACT_TOPICS)
    while True:
        if rng.random() < 0.5:
            kind = GROUP_BY_KEY[topic.group].kind if true else rng.choice(KINDS)
            statement = kind_statement(topic, kind)
        else:
            statement = relation_statement(topic, topic if true else rng.choice(FACT_TOPICS))
        if statement.true == true:
            return statement


def truth_set(rng: random.Random, each: int) -> list[Statement]:
    """`each` true and `each` false statements, all different."""
    statements: list[Statement] = []
    for true in (True, False):
        found: dict[str, Statement] = {}
        while len(found) < each:
            statement = random_statement(rng, true)
            found[statement.text] = statement
        statements.extend(found.values())
    return statements
