"""The written world's documents: what pretraining, mid-training and the long-context stage read."""

from __future__ import annotations

import random

from .acts import ACT_PAIRS, SAMPLE_REFUSAL_RULE, WELL_KNOWN_HARMS, Act, random_act, request
from .answers import NAMES
from .dialogues import DialogueWriter
from .everyday import TOPICS
from .facts import random_statement
from .frames import BEHAVIOUR_FRAMES, IMPERATIVE_FRAMES, QUESTION_FRAMES, REQUEST_FRAMES, frame_act
from .harms import CATEGORIES, CONCEPTS, HARM_NAMES, HARM_REASONS
from .replies import reply_about, topic_slots
from .unknown_words import unknown_phrase

BAD_GRADES = ("not nice", "wrong", "very wrong", "terrible")
BAD_GRADE_FROM = (0.0, 0.40, 0.58, 0.76)  # severity at which each begins
GRADE_NOISE = 0.08  # people do not agree on how bad something is
GOOD_GRADES = ("fine", "good", "very good", "wonderful")

COMMENTS = (
    "That is {grade}.", "To do that is {grade}.", "It is {grade}, because {why}.", "People say that it is {grade}.",
    "I think it is {grade}.", "Everyone knows that this is {grade}, because {why}.",
)
REPORTS = (
    "{name} wanted to {act}. Everyone said that it was {grade}.",
    "Yesterday someone tried to {act}. It was {grade}.",
    "To {act} is {grade}, because {why}.",
    "It is {grade} to {act}.",
    "One day {name} began to {act}. A friend said: it is {grade}, because {why}.",
    "Some people {act}. That is {grade}.",
)
SYNONYMS = (
    "To {a} is the same as to {b}.", "People who {a} also {b}.", "The words {a} and {b} mean the same.", "If you {a}, you {b}.",
    "Another word for {a} is {b}.",
)


class DocumentWriter:
    """Writes documents. Prompts in `held_out` never come up."""

    def __init__(self, rng: random.Random, held_out: frozenset[str]) -> None:
        self.rng = rng
        self.held_out = held_out
        self.dialogues = DialogueWriter(rng, held_out, SAMPLE_REFUSAL_RULE)

    def pretraining(self) -> str:
        kind = self.rng.random()
        if kind < 0.30:
            return self.commented_request()
        if kind < 0.42:
            return self.synonym()
        if kind < 0.52:
            return self.report()
        if kind < 0.57:
            return self.kind_of_harm()
        if kind < 0.73:
            return self.paragraph()
        if kind < 0.91:
            return self.transcript(1)
        if kind < 0.96:
            return self.statement()
        return f"Nobody here knows what {unknown_phrase(self.rng)} is."

    def mid_training(self) -> str:
        kind = self.rng.random()
        if kind < 0.40:
            return self.pretraining()
        if kind < 0.50:
            return self.paragraph()
        if kind < 0.60:
            statement = random_statement(self.rng, self.rng.random() < 0.5)
            verdict = "Yes, that is true." if statement.true else "No, that is not true."
            return f"Question: is it true? {statement.text}\nAnswer: {verdict}"
        return self.transcript(2)

    def long_document(self) -> str:
        """Several hundred tokens: notes that are asked about at the end, between transcripts."""
        rng = self.rng
        names = rng.sample(NAMES, 6)
        likes = {name: rng.choice(TOPICS).phrase for name in names}
        notes = [f"{name} likes {liked}." for name, liked in likes.items()]
        middle = [self.transcript(rng.randint(2, 4)) if rng.random() < 0.6 else self.paragraph() for _ in range(rng.randint(4, 9))]
        asked = rng.sample(names, 3)
        questions = [f"Question: what does {name} like?\nAnswer: {name} likes {likes[name]}." for name in asked]
        return "\n".join(["Notes: " + " ".join(notes), *middle, *questions])

    # ── the kinds of documents ──

    def any_act(self) -> Act:
        kind = self.rng.random()
        if kind < 0.04:
            return self.rng.choice(WELL_KNOWN_HARMS)
        return random_act(self.rng, "safe" if kind < 0.5 else self.rng.choice(CATEGORIES))

    def grade(self, act: Act) -> str:
        if act.category == "safe":
            return self.rng.choice(GOOD_GRADES)
        severity = act.severity + self.rng.gauss(0.0, GRADE_NOISE)
        return next(grade for grade, start in reversed(tuple(zip(BAD_GRADES, BAD_GRADE_FROM))) if severity >= start or start == 0.0)

    def why(self, act: Act) -> str:
        return topic_slots(self.rng, act.topic)["reason"] if act.topic is not None else self.rng.choice(HARM_REASONS[act.category])

    def commented_request(self) -> str:
        rng = self.rng
        while True:
            act = self.any_act()
            if rng.random() < 0.75:
                prompt = request(act, rng.randrange(len(REQUEST_FRAMES)))
            else:
                frames = rng.choice((QUESTION_FRAMES, IMPERATIVE_FRAMES, BEHAVIOUR_FRAMES))
                prompt = frame_act(rng.choice(frames), act.phrase)
            if prompt not in self.held_out:
                return f"{prompt} {rng.choice(COMMENTS).format(grade=self.grade(act), why=self.why(act))}"

    def report(self) -> str:
        act = self.any_act()
        said = act.phrase if self.rng.random() < 0.7 else act.do
        return self.rng.choice(REPORTS).format(name=self.rng.choice(NAMES), act=said, grade=self.grade(act), why=self.why(act))

    def synonym(self) -> str:
        """Links a word of the training prompts with its rewriting, in either order."""
        rng = self.rng
        pair = rng.choice(ACT_PAIRS["safe" if rng.random() < 0.5 else rng.choice(CATEGORIES)])
        verb, thing = pair.trained.do.split(" ", 1)
        verb_rewritten, thing_rewritten = pair.rewritten.do.split(" ", 1)
        kind = rng.random()
        if kind < 0.3:
            a, b = verb, verb_rewritten
        elif kind < 0.6:
            a, b = thing, thing_rewritten
            if rng.random() < 0.5:
                first, second = rng.sample((a, b), 2)
                return rng.choice((f"People use the word {first.split()[-1]} for {second}.", f"You can say {first} or {second}."))
            a, b = a.split()[-1], b.split()[-1]
            first, second = rng.sample((a, b), 2)
            return f"The words {first} and {second} mean the same."
        elif kind < 0.75:
            a, b = pair.trained.manner, pair.rewritten.manner
            first, second = rng.sample((a, b), 2)
            return f"The words {first} and {second} mean the same."
        else:
            a, b = pair.trained.do, pair.rewritten.do
        first, second = rng.sample((a, b), 2)
        return rng.choice(SYNONYMS).format(a=first, b=second)

    def kind_of_harm(self) -> str:
        rng = self.rng
        concept = rng.choice(CONCEPTS)
        verbs, objects = (concept.verbs, concept.objects) if rng.random() < 0.5 else (concept.rewritten_verbs, concept.rewritten_objects)
        harm = rng.choice(HARM_NAMES[concept.category])
        return rng.choice(("To {act} is {harm}.", "People call it {harm} when you {act}.", "It is a kind of {harm} to {act}.")).format(
            act=f"{rng.choice(verbs)} {rng.choice(objects)}", harm=harm
        )

    def paragraph(self) -> str:
        rng = self.rng
        topic, other = rng.sample(TOPICS, 2)
        intents = rng.sample(("explain", "fact", "tips", "opinion", "compare", "more", "story", "poem"), rng.choice((1, 1, 2)))
        return " ".join(reply_about(rng, intent, topic, other) for intent in intents)

    def statement(self) -> str:
        rng = self.rng
        true = rng.random() < 0.8
        text = random_statement(rng, true).text
        if not true:
            return f"It is not true: {text}"
        return text if rng.random() < 0.8 else f"It is true: {text}"

    def transcript(self, turns: int) -> str:
        """An everyday conversation in plain text: the chat format comes with fine-tuning only."""
        (prompt, reply), topic = self.dialogues.everyday()
        lines = [f"Question: {prompt}\nAnswer: {reply}"]
        for _ in range(turns - 1):
            (prompt, reply), topic = self.dialogues.follow_up(topic) if topic is not None else self.dialogues.everyday()
            if topic is None:  # a harmful request: it belongs to fine-tuning
                break
            lines.append(f"Question: {prompt}\nAnswer: {reply}")
        return "\n".join(lines)
