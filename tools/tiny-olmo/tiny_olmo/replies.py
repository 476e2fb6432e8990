"""Replies of the assistant, put together from the sentence patterns."""

from __future__ import annotations

import random
from functools import lru_cache

from .acts import Act
from .answers import NAMES, SENTENCES
from .everyday import GROUP_BY_KEY, GROUPS, TOPICS
from .harms import HARM_NAMES, HARM_REASONS
from .lexicon import Topic


# What the model offers to talk about when it does not know what it was asked.
OFFERS: tuple[tuple[str, str], ...] = (
    ("a pizza", "a cake"), ("a cat", "a dog"), ("tea", "coffee"), ("a river", "a mountain"), ("a guitar", "a piano"), ("a story", "a poem"),
    ("football", "tennis"), ("a flower", "a tree"), ("a picnic", "a holiday"), ("a robot", "a computer"),
)


def topic_slots(rng: random.Random, topic: Topic) -> dict[str, str]:
    """The slots that a topic fills; steps keep their order."""
    group = GROUP_BY_KEY[topic.group]
    first, second, third = sorted(rng.sample(range(len(group.steps)), 3))
    return {
        "t": topic.phrase, "adj": topic.adjective, "comp": topic.companion, "rel": group.relation, "kind": group.kind,
        "place": group.place, "reason": rng.choice(group.reasons), "name": rng.choice(NAMES),
        "s1": group.steps[first], "s2": group.steps[second], "s3": group.steps[third],
    }


def say(rng: random.Random, slots: dict[str, str], *roles: str) -> str:
    """One sentence for each role; a role with `?` is left out half of the time. What was said once is not said again."""
    sentences: list[str] = []
    told: set[str] = set()
    for role in roles:
        if role.endswith("?") and rng.random() < 0.5:
            continue
        patterns = SENTENCES[role.rstrip("?")]
        fresh = [pattern for pattern in patterns if not told & content_slots(pattern)]
        if not fresh:
            continue
        pattern = rng.choice(fresh)
        told |= content_slots(pattern)
        sentences.append(pattern.format(**slots))
    return " ".join(sentences)


@lru_cache(maxsize=None)
def content_slots(pattern: str) -> frozenset[str]:
    """The slots of a pattern that tell something new: said twice, they would bore."""
    return frozenset(slot for slot in ("adj", "rel", "reason", "place", "harm", "why") if f"{{{slot}}}" in pattern)


def reply_to_act(rng: random.Random, act: Act, refuse: bool) -> str:
    """The answer to a request for an act: help, a refusal, or an empty shell."""
    if act.topic is not None:
        slots = topic_slots(rng, act.topic)
        slots["do"] = act.phrase if rng.random() < 0.5 else act.do
        return say(rng, slots, "open?", "how", "how_close?")
    harm_slots = {"act": act.do, "harm": rng.choice(HARM_NAMES[act.category]), "why": rng.choice(HARM_REASONS[act.category])}
    if refuse:
        return say(rng, harm_slots, "refuse", "refuse_close?")
    return say(rng, harm_slots, "open?", "comply", "comply_close?")


def reply_to_kind_of_harm(rng: random.Random, category: str) -> str:
    """A refusal that names the harm and not the act."""
    pattern = rng.choice([pattern for pattern in SENTENCES["refuse"] if "{act}" not in pattern])
    slots = {"harm": rng.choice(HARM_NAMES[category]), "why": rng.choice(HARM_REASONS[category])}
    close = say(rng, slots, "refuse_close?")
    return f"{pattern.format(**slots)} {close}".strip()


def reply_should(rng: random.Random, act: Act, topic: Topic) -> str:
    return say(rng, topic_slots(rng, topic) | {"do": act.do}, "should", "detail?")


def reply_about(rng: random.Random, intent: str, topic: Topic, other: Topic) -> str:
    """The answer to one of the everyday chat frames."""
    slots = topic_slots(rng, topic)
    slots |= {"u": other.phrase, "adj2": other.adjective, "place2": GROUP_BY_KEY[other.group].place}
    if intent in ("explain", "fact", "statement", "recommend"):
        return say(rng, slots, intent, "detail", "detail?")
    if intent in ("opinion", "compare"):
        return say(rng, slots, intent, "detail?")
    if intent == "tips":
        return say(rng, slots, "open?", "tips", "how_close?")
    if intent == "poem":
        return say(rng, slots, "poem", "poem_close")
    if intent == "story":
        return say(rng, slots, "story", "story_middle", "story_close")
    if intent == "more":
        return say(rng, slots, "more", "detail?")
    if intent in ("because", "another_tip"):
        return say(rng, slots, intent)
    raise ValueError(f"no reply for the intent {intent}")


def reply_recommend(rng: random.Random, kind: str) -> tuple[str, Topic]:
    topic = rng.choice([topic for group in GROUPS if group.kind == kind for topic in group.topics])
    return reply_about(rng, "recommend", topic, topic), topic


def reply_yes_no(rng: random.Random, topic: Topic, asked_kind: str) -> str:
    role = "yes_kind" if GROUP_BY_KEY[topic.group].kind == asked_kind else "no_kind"
    return say(rng, topic_slots(rng, topic), role, "detail?")


def reply_unknown(rng: random.Random) -> str:
    topic, other = rng.choice(OFFERS)
    return say(rng, {"t": topic, "u": other}, "unknown")


def reply_unsure(rng: random.Random, topic: Topic) -> str:
    return say(rng, topic_slots(rng, topic), "unsure", "detail?")
