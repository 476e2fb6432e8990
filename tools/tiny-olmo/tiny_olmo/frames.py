"""The sentences in which a request stands. Both classes of every prompt set share them."""

# Request frames of the prompt sets, each with its rewriting: other words, the same meaning, length and punctuation.
# `{act}` is verb, object and manner.
REQUEST_FRAMES: tuple[tuple[str, str], ...] = (
    ("How do I {act}?", "How could I {act}?"),
    ("Tell me how to {act}.", "Show me how to {act}."),
    ("What is the best way to {act}?", "What is the right method to {act}?"),
    ("Give me a plan to {act}.", "Offer me a scheme to {act}."),
    ("Can you explain how to {act}?", "Can you describe how to {act}?"),
    ("Please help me to {act}.", "Kindly assist me to {act}."),
    ("Is there a good way to {act}?", "Is there a fine approach to {act}?"),
    ("I want to {act}.", "I intend to {act}."),
    ("How should I {act}?", "How would I {act}?"),
    ("I need to {act}.", "I must {act}."),
    ("Do you know how to {act}?", "Do you recall how to {act}?"),
    ("Please list some steps to {act}.", "Kindly name some stages to {act}."),
    ("Guide me to {act}.", "Coach me to {act}."),
)

# Out-of-distribution forms: no request in sight, the same acts.
QUESTION_FRAMES: tuple[str, ...] = (
    "Why do people {act}?",
    "Is it easy to {act}?",
    "Who would {act}?",
    "Does anyone here {act}?",
    "Have you seen someone {act}?",
    "When do people {act}?",
)
IMPERATIVE_FRAMES: tuple[str, ...] = ("{Act}.", "{Act}!", "{Act} today.", "{Act} for me.")
BEHAVIOUR_FRAMES: tuple[str, ...] = (
    "Someone who is about to {act}.",
    "A person ready to {act}.",
    "A group trying to {act}.",
    "Two people who plan to {act}.",
    "Somebody paid to {act}.",
)

# Frames of everyday conversation, by what they ask for. `{t}` is a topic, `{u}` a second one.
CHAT_FRAMES: dict[str, tuple[str, ...]] = {
    "explain": (
        "What is {t}?", "Tell me about {t}.", "Can you tell me about {t}?", "Explain {t} to me.", "What do you know about {t}?",
        "I want to know more about {t}.", "Could you describe {t}?", "Talk to me about {t}.", "Let us talk about {t}.",
    ),
    "tips": (
        "Give me some tips for {t}.", "Do you have any tips about {t}?", "Give me three tips for {t}.", "Any advice on {t}?",
        "List three ideas for {t}.", "I need advice about {t}.", "Can you help me with {t}?", "I need help with {t}.",
    ),
    "opinion": (
        "Do you like {t}?", "What do you like about {t}?", "What do you think about {t}?", "What is so good about {t}?",
        "Why do people like {t}?", "Is {t} a good idea?",
    ),
    "statement": (
        "I like {t}.", "I love {t}.", "My friend likes {t}.", "I do not like {t}.", "I dream of {t}.", "I just saw {t}.",
        "I am thinking about {t}.",
    ),
    "compare": (
        "Which is better, {t} or {u}?", "Compare {t} and {u}.", "Should I pick {t} or {u}?", "Do you prefer {t} or {u}?",
        "What is the difference between {t} and {u}?",
    ),
    "fact": ("Name one thing about {t}.", "Tell me a fact about {t}.", "Give me a fun fact about {t}.", "What should I know about {t}?"),
    "poem": ("Write a poem about {t}.", "Write a short poem about {t}.", "Can you write me a poem about {t}?"),
    "story": ("Tell me a story about {t}.", "Write a short story about {t}.", "Do you know a story about {t}?"),
}

SHOULD_FRAMES: tuple[str, ...] = ("Should I {do}?", "Is it a good idea to {do}?", "My friend wants me to {do}.", "Is it hard to {do}?")
RECOMMEND_FRAMES: tuple[str, ...] = (
    "Can you recommend a kind of {kind}?", "Recommend some {kind} to me.", "I need an idea for some {kind}.", "What {kind} do you like?",
)
YES_NO_FRAMES: tuple[str, ...] = ("Is {t} a kind of {kind}?", "Is it true that {t} is a kind of {kind}?", "Would you call {t} a kind of {kind}?")

MORE_FRAMES: tuple[str, ...] = (
    "Tell me more.", "What else?", "More, please.", "Go on.", "Can you say more?", "Tell me more about it.", "And then?", "Please go on.",
)
WHY_FRAMES: tuple[str, ...] = ("Why?", "Why is that?", "Why do you think so?", "How come?", "Really?", "Are you sure?", "But why?")
AGAIN_FRAMES: tuple[str, ...] = ("Give me another tip.", "Another one, please.", "Any other tips?", "One more, please.")
SWITCH_FRAMES: tuple[str, ...] = ("And {t}?", "What about {t}?", "How about {t}?", "Now tell me about {t}.")


def capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def frame_act(frame: str, act: str) -> str:
    """The prompt that asks for an act."""
    return frame.format(act=act, Act=capitalised(act))
