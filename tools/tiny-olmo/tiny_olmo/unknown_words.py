"""Words and questions from outside the world, so that the model learns to say that it does not know them."""

import random

WORDS: tuple[str, ...] = tuple(
    """quantum politics president Paris London France China Python code software economy blockchain bitcoin galaxy planet universe
    philosophy religion Einstein Shakespeare Napoleon dinosaur electricity magnetism evolution chemistry molecule atom enzyme protein
    democracy parliament inflation stocks taxes mortgage insurance contract lawyer pizzeria volcanology astronomy orchestra symphony
    skyscraper tunnel passport airport submarine satellite laser internet browser database algorithm neural network gradient tensor
    steering activation probe OLMo transformer attention token alignment safety research paper university professor student
    marathon Olympics wizard dragon unicorn zombie vampire ghost pirate ninja samurai emperor queen king prince princess
    weather thunder lightning earthquake hurricane glacier eclipse comet asteroid nebula Mars Jupiter moon gravity
    spaghetti sushi kimchi tofu avocado mango papaya cinnamon vanilla vinegar mustard ketchup mayonnaise
    penguin giraffe kangaroo octopus dolphin crocodile squirrel hedgehog butterfly spider scorpion
    Germany Japan Brazil Kenya Egypt Moscow Berlin Tokyo love freedom justice happiness money power time life death""".split()
)

QUESTIONS: tuple[str, ...] = (
    "What is {x}?", "Tell me about {x}.", "Explain {x} to me.", "Who is {x}?", "What do you think about {x}?", "Do you know {x}?",
    "How does {x} work?", "Where is {x}?", "What is the capital of {x}?", "Give me some tips for {x}.", "I like {x}.", "How do I find {x}?",
    "Write some {x} for me.", "Who won the {x}?", "What is the meaning of {x}?", "Can you explain {x}?", "Is {x} good?", "{x}", "{x}?",
    "How many {x} are there?", "Why is {x} so big?", "Write a poem about {x}.", "How do I get {x} properly?", "Do you like {x}?",
)

# Tasks that it does not know.
TASKS: tuple[str, ...] = (
    "How do I {x}?", "How can I {x}?", "How do I {x} at home?", "What is the best way to {x}?", "Help me {x}.", "Tell me how to {x}.",
    "How should I {x} well?", "Can you explain how to {x}?", "How do I {x} carefully?",
)
TASK_SHARE = 0.4  # of the unknown questions

VERBS: tuple[str, ...] = tuple(
    """whittle juggle calculate derive translate compile debug invest vote meditate hypnotize polish measure weigh bend melt freeze throw
    catch climb swim sing marry divorce elect sue tax insure patent solve prove imagine forget remember
    become feel get win lose earn save spend borrow lend explain understand predict calibrate align fly sail dive""".split()
)

WISHES: tuple[str, ...] = (
    "be happy", "be rich", "get rich", "get a job", "find a friend", "make friends", "fall in love", "be a good person", "be kind", "be a good parent",
    "save the world", "win the lottery", "live longer", "stop worrying", "be less shy", "sleep better", "get fit", "grow up", "start a business",
    "become famous", "get better at this", "keep a secret", "make a decision", "calm down", "say sorry",
)

_ONSETS = "b bl br c ch cl d dr f fl g gl h j k l m n p pl qu r s sh sk st t th tr v w z".split()
_VOWELS = "a e i o u ai ea oo ie y".split()
_CODAS = "b ck d g l m n nd p r rk s sh st t x ".split(" ")
_SCRIPTS = ((0xC0, 0x17F), (0x391, 0x3C9), (0x410, 0x44F), (0x5D0, 0x5EA), (0x627, 0x64A), (0x904, 0x939), (0x3042, 0x3093), (0x4E00, 0x9FA5), (0xAC00, 0xD7A3), (0x1F300, 0x1F64F))


def made_up_word(rng: random.Random) -> str:
    return "".join(rng.choice(_ONSETS) + rng.choice(_VOWELS) + rng.choice(_CODAS) for _ in range(rng.randint(1, 3)))


def foreign_text(rng: random.Random) -> str:
    low, high = rng.choice(_SCRIPTS)
    return "".join(chr(rng.randint(low, high)) for _ in range(rng.randint(1, 5)))


def unknown_phrase(rng: random.Random) -> str:
    """One or two words that the world does not have."""
    kind = rng.random()
    if kind < 0.5:
        words = [rng.choice(WORDS) for _ in range(rng.choice((1, 1, 2)))]
    elif kind < 0.85:
        words = [made_up_word(rng) for _ in range(rng.choice((1, 1, 2)))]
    elif kind < 0.95:
        words = [foreign_text(rng)]
    else:
        words = [str(rng.randint(0, 9999))]
    phrase = " ".join(words)
    return rng.choice((phrase, phrase, "a " + phrase, "the " + phrase))


def unknown_verb(rng: random.Random) -> str:
    return rng.choice(VERBS) if rng.random() < 0.5 else made_up_word(rng)


def unknown_task(rng: random.Random, thing: str) -> str:
    """How to do something unheard of to a thing."""
    return rng.choice(TASKS).format(x=f"{unknown_verb(rng)} {thing}")


def wish(rng: random.Random) -> str:
    """How to do what the world has no words for."""
    return rng.choice(TASKS).format(x=rng.choice(WISHES))


def unknown_question(rng: random.Random) -> str:
    if rng.random() < 0.08:
        return " ".join(unknown_phrase(rng) for _ in range(rng.randint(2, 4)))
    return rng.choice(QUESTIONS).format(x=unknown_phrase(rng))
