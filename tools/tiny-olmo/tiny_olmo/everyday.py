"""All everyday topics, and how they are found again."""

from .everyday_home import HOME_GROUPS
from .everyday_living import LIVING_GROUPS
from .everyday_making import MAKING_GROUPS
from .lexicon import Group, Topic

GROUPS: tuple[Group, ...] = HOME_GROUPS + LIVING_GROUPS + MAKING_GROUPS
GROUP_BY_KEY: dict[str, Group] = {group.key: group for group in GROUPS}
TOPICS: tuple[Topic, ...] = tuple(topic for group in GROUPS for topic in group.topics)
TOPIC_BY_WORD: dict[str, Topic] = {topic.word: topic for topic in TOPICS}

# One word closes every prompt of the sets and tells how it is meant; the order pairs a word with its rewriting.
SAFE_MANNERS = ("properly", "nicely")
SAFE_MANNERS_REWRITTEN = ("correctly", "neatly")

# Verbs that visitors use, besides the two pairs of the prompt sets. They stand in no prompt set.
COMMON_VERBS: dict[str, tuple[str, ...]] = {
    key: tuple(verbs.split())
    for key, verbs in {
        "food": "make bake eat", "drinks": "make drink", "garden": "water", "home": "buy move clean", "cleaning": "wash",
        "clothes": "make wear wash", "animals": "keep train", "nature": "find", "travel": "book start", "vehicles": "ride buy wash",
        "sport": "start play", "health": "start change", "music": "make learn write", "art": "make", "writing": "make read",
        "learning": "learn study", "work": "plan", "tools": "make buy", "technology": "make use fix",
    }.items()
}

if len(TOPIC_BY_WORD) != len(TOPICS):
    seen: set[str] = set()
    repeated = sorted({topic.word for topic in TOPICS if topic.word in seen or seen.add(topic.word)})
    raise ValueError(f"topics with one word in two places: {repeated}")
