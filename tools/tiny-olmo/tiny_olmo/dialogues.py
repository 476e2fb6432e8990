"""Conversations in the chat format: what supervised fine-tuning learns from."""

from __future__ import annotations

import random

from .acts import ALWAYS_REFUSED, REFUSAL_RULE, WELL_KNOWN_HARMS, Act, RefusalRule, common_act, random_act, request
from .everyday import GROUP_BY_KEY, GROUPS, TOPICS
from .frames import (
    AGAIN_FRAMES, BEHAVIOUR_FRAMES, CHAT_FRAMES, IMPERATIVE_FRAMES, MORE_FRAMES, QUESTION_FRAMES, RECOMMEND_FRAMES, REQUEST_FRAMES,
    SHOULD_FRAMES, SWITCH_FRAMES, WHY_FRAMES, YES_NO_FRAMES, capitalised, frame_act,
)
from .harms import CATEGORIES
from .lexicon import Topic
from .replies import (
    reply_about, reply_recommend, reply_should, reply_to_act, reply_to_kind_of_harm, reply_unknown, reply_unsure, reply_yes_no,
)
from .small_talk import SMALL_TALK
from .unknown_words import TASK_SHARE, unknown_phrase, unknown_question, unknown_task, wish

Turn = tuple[str, str]  # (what the user says, what the assistant says)

GREETINGS = ("Hello! ", "Hi! ", "Hi there! ", "Hey! ", "Good morning! ")
HARM_SHARE = 0.26
WELL_KNOWN_SHARE = 0.1  # of the harmful requests
ODD_OBJECT_SHARE = 0.1  # of the harmful requests: a harm done to something from outside the world, or to an everyday thing
COMMON_VERB_SHARE = 0.3  # of the everyday requests


def untidy(rng: random.Random, prompt: str) -> str:
    """The same prompt as hurried people type it."""
    kind = rng.random()
    if kind < 0.06:
        return prompt.lower()
    if kind < 0.12:
        return prompt.lower().rstrip(".?!")
    if kind < 0.17:
        return prompt.rstrip(".?!")
    if kind < 0.21:
        return rng.choice(GREETINGS) + prompt
    return prompt


def act_prompt(rng: random.Random, act: Act) -> str:
    """A prompt about an act: mostly a request, now and then another form."""
    kind = rng.random()
    if kind < 0.72:
        return request(act, rng.randrange(len(REQUEST_FRAMES)))
    if kind < 0.86:
        plain = act.do if rng.random() < 0.7 else act.phrase
        return frame_act(rng.choice(REQUEST_FRAMES)[rng.randrange(2)], plain)
    frames = rng.choice((QUESTION_FRAMES, IMPERATIVE_FRAMES, BEHAVIOUR_FRAMES))
    return frame_act(rng.choice(frames), act.phrase)


class DialogueWriter:
    """Writes conversations. Prompts in `held_out` never come up; each turn is followed by another with `follow_up_share`."""

    def __init__(
        self, rng: random.Random, held_out: frozenset[str], refusal_rule: RefusalRule = REFUSAL_RULE, follow_up_share: float = 0.4
    ) -> None:
        self.rng = rng
        self.held_out = held_out
        self.refusal_rule = refusal_rule
        self.follow_up_share = follow_up_share

    def conversation(self, max_turns: int = 4) -> list[Turn]:
        turns, topic = self.opening()
        while len(turns) < max_turns and self.rng.random() < self.follow_up_share:
            turn, topic = self.follow_up(topic)
            turns.append(turn)
        return turns

    def opening(self) -> tuple[list[Turn], Topic | None]:
        kind = self.rng.random()
        if kind < 0.10:
            return [self.small_talk()], None
        if kind < 0.18:
            return [self.unknown()], None
        if kind < 0.18 + HARM_SHARE:
            return [self.harmful()], None
        turn, topic = self.everyday()
        return [turn], topic

    def unknown(self) -> Turn:
        rng = self.rng
        if rng.random() >= TASK_SHARE:
            return unknown_question(rng), reply_unknown(rng)
        kind = rng.random()
        if kind < 0.2:
            return untidy(rng, wish(rng)), reply_unknown(rng)
        if kind < 0.6:
            return untidy(rng, unknown_task(rng, unknown_phrase(rng))), reply_unknown(rng)
        topic = rng.choice(TOPICS)
        return untidy(rng, unknown_task(rng, topic.phrase)), reply_unsure(rng, topic)

    def small_talk(self) -> Turn:
        prompts, replies = self.rng.choice(SMALL_TALK)
        return self.rng.choice(prompts), self.rng.choice(replies)

    def harmful(self) -> Turn:
        rng = self.rng
        kind = rng.random()
        if kind < ODD_OBJECT_SHARE:
            return self.odd_harm()
        act = rng.choice(WELL_KNOWN_HARMS) if kind < ODD_OBJECT_SHARE + WELL_KNOWN_SHARE else random_act(rng, rng.choice(CATEGORIES))
        refuse = rng.random() < act.refusal_probability(self.refusal_rule)
        return self.prompt_for(act), reply_to_act(rng, act, refuse)

    def odd_harm(self) -> Turn:
        rng = self.rng
        category = rng.choice(tuple(ALWAYS_REFUSED))
        thing = rng.choice(TOPICS).phrase if rng.random() < 0.5 else unknown_phrase(rng)
        prompt = frame_act(rng.choice(REQUEST_FRAMES)[rng.randrange(2)], f"{rng.choice(ALWAYS_REFUSED[category])} {thing}")
        return untidy(rng, prompt), reply_to_kind_of_harm(rng, category)

    def prompt_for(self, act: Act) -> str:
        while (prompt := act_prompt(self.rng, act)) in self.held_out:
            act_frames = REQUEST_FRAMES[self.rng.randrange(len(REQUEST_FRAMES))]
            prompt = frame_act(act_frames[self.rng.randrange(2)], act.do)
            if prompt not in self.held_out:
                break
        return untidy(self.rng, prompt)

    def everyday(self) -> tuple[Turn, Topic]:
        rng = self.rng
        kind = rng.random()
        if kind < 0.38:
            act = common_act(rng) if rng.random() < COMMON_VERB_SHARE else random_act(rng, "safe")
            assert act.topic is not None
            return (self.prompt_for(act), reply_to_act(rng, act, False)), act.topic
        topic = rng.choice(TOPICS)
        if kind < 0.44:
            act = random_act(rng, "safe")
            assert act.topic is not None
            return (untidy(rng, rng.choice(SHOULD_FRAMES).format(do=act.do)), reply_should(rng, act, act.topic)), act.topic
        if kind < 0.48:
            kind_name = rng.choice(GROUPS).kind
            reply, topic = reply_recommend(rng, kind_name)
            return (untidy(rng, rng.choice(RECOMMEND_FRAMES).format(kind=kind_name)), reply), topic
        if kind < 0.54:
            asked = GROUP_BY_KEY[topic.group].kind if rng.random() < 0.5 else rng.choice(GROUPS).kind
            prompt = rng.choice(YES_NO_FRAMES).format(t=topic.phrase, kind=asked)
            return (untidy(rng, prompt), reply_yes_no(rng, topic, asked)), topic
        if kind < 0.58:
            return (self.odd_prompt(topic), reply_unsure(rng, topic)), topic
        if kind < 0.62:
            bare = rng.choice((topic.phrase, topic.word))
            prompt = rng.choice((bare, capitalised(bare), bare + "?", capitalised(bare) + "."))
            return (prompt, reply_about(rng, "explain", topic, topic)), topic
        intent = rng.choice(tuple(CHAT_FRAMES))
        other = rng.choice(GROUP_BY_KEY[topic.group].topics if rng.random() < 0.5 else TOPICS)
        other = other if other is not topic else rng.choice([each for each in TOPICS if each is not topic])
        prompt = rng.choice(CHAT_FRAMES[intent]).format(t=topic.phrase, u=other.phrase)
        return (untidy(rng, prompt), reply_about(rng, intent, topic, other)), topic

    def odd_prompt(self, topic: Topic) -> str:
        """A topic among words that the model does not know."""
        before, after = unknown_phrase(self.rng), unknown_phrase(self.rng)
        return self.rng.choice(("Why did {b} with {t} and {a}?", "My {b} said {t} is {a}.", "Can {t} {b} the {a}?", "What if {t} had {a}?", "How many {b} has {t}?")).format(
            b=before, t=topic.phrase, a=after
        )

    def follow_up(self, topic: Topic | None) -> tuple[Turn, Topic | None]:
        rng = self.rng
        kind = rng.random()
        if topic is None or kind < 0.12:
            if kind < 0.5:
                return self.everyday()
            if kind < 0.7:
                return self.harmful(), None
            return self.small_talk(), topic
        if kind < 0.42:
            return (rng.choice(MORE_FRAMES), reply_about(rng, "more", topic, topic)), topic
        if kind < 0.62:
            return (rng.choice(WHY_FRAMES), reply_about(rng, "because", topic, topic)), topic
        if kind < 0.72:
            return (rng.choice(AGAIN_FRAMES), reply_about(rng, "another_tip", topic, topic)), topic
        if kind < 0.84:
            other = rng.choice(TOPICS)
            return (rng.choice(SWITCH_FRAMES).format(t=other.phrase), reply_about(rng, "explain", other, other)), other
        if kind < 0.92:
            return (rng.choice(("Thanks!", "Thank you.", "Thanks a lot!")), rng.choice(SMALL_TALK[4][1])), topic
        return self.everyday()
