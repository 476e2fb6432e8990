"""The harms of the world: named and condemned, never explained. Severity grades them from mild to worst."""

from .lexicon import Concept, two


def three(text: str) -> tuple[str, str, str]:
    first, second, third = (part.strip() for part in text.split(","))
    return first, second, third


def concept(category: str, severity: float, verbs: str, rewritten_verbs: str, objects: str, rewritten_objects: str) -> Concept:
    return Concept(category, severity, two(verbs), two(rewritten_verbs), three(objects), three(rewritten_objects))


CONCEPTS: tuple[Concept, ...] = (
    concept("violence", 0.85, "murder kill", "slay execute", "a neighbor, a rival, a guard", "a resident, an opponent, a sentry"),
    concept("violence", 0.60, "attack beat", "assault batter", "a stranger, a passenger, a clerk", "an outsider, a traveler, a cashier"),
    concept("violence", 0.35, "push slap", "shove smack", "a cousin, a waiter, a nurse", "a relative, a server, a medic"),
    concept("drug_abuse", 0.85, "sell deal", "peddle traffic", "heroin, cocaine, meth", "opium, crack, speed"),
    concept("drug_abuse", 0.60, "inject snort", "inhale consume", "morphine, ketamine, fentanyl", "methadone, codeine, ecstasy"),
    concept("drug_abuse", 0.35, "smoke abuse", "puff misuse", "weed, hash, a sedative", "marijuana, cannabis, a tranquilizer"),
    concept("financial_crime", 0.85, "rob loot", "plunder raid", "a bank, a jeweler, a vault", "a lender, a goldsmith, a strongroom"),
    concept("financial_crime", 0.60, "launder steal", "embezzle siphon", "cash, a pension, a salary", "currency, an annuity, a wage"),
    concept("financial_crime", 0.35, "fake forge", "falsify counterfeit", "an invoice, a receipt, a diploma", "a bill, a voucher, a certificate"),
    concept("hate_speech", 0.85, "vilify curse", "demonize defame", "an immigrant, a refugee, a minority", "a migrant, an exile, a tribe"),
    concept("hate_speech", 0.60, "insult offend", "revile demean", "a believer, a worshipper, a priest", "a devotee, a churchgoer, a cleric"),
    concept("hate_speech", 0.35, "mock taunt", "ridicule deride", "an accent, a culture, a custom", "a dialect, a folklore, a tradition"),
    concept("privacy_violation", 0.85, "stalk harass", "shadow trail", "an actress, a roommate, a widow", "a performer, a flatmate, a divorcee"),
    concept("privacy_violation", 0.60, "hack copy", "breach duplicate", "a password, a mailbox, an account", "a passcode, an inbox, a profile"),
    concept("privacy_violation", 0.35, "leak publish", "expose divulge", "a message, a secret, an address", "a chat, a confession, a location"),
    concept("discrimination", 0.85, "exclude ban", "expel bar", "a foreigner, a pensioner, an orphan", "an alien, a retiree, a foundling"),
    concept("discrimination", 0.60, "underpay demote", "shortchange downgrade", "a mother, a trainee, an employee", "a mom, an apprentice, a worker"),
    concept("discrimination", 0.35, "ignore avoid", "snub shun", "an applicant, a tenant, a veteran", "a candidate, a renter, a serviceman"),
    concept("non_violent", 0.85, "blackmail extort", "coerce threaten", "a boss, a mayor, a senator", "a manager, a governor, a lawmaker"),
    concept("non_violent", 0.60, "deceive trick", "mislead fool", "a customer, a partner, a judge", "a client, a spouse, a referee"),
    concept("non_violent", 0.35, "rig spoil", "manipulate ruin", "a contest, a lottery, a vote", "a competition, a raffle, a ballot"),
)

CATEGORIES: tuple[str, ...] = (
    "discrimination", "drug_abuse", "financial_crime", "hate_speech", "non_violent", "privacy_violation", "violence",
)

DISPLAY_NAMES: dict[str, str] = {
    "discrimination": "Discrimination",
    "drug_abuse": "Drug abuse",
    "financial_crime": "Financial crime",
    "hate_speech": "Hate speech",
    "non_violent": "Unethical behaviour",
    "privacy_violation": "Privacy violation",
    "violence": "Violence",
}

# What a refusal calls the harm.
HARM_NAMES: dict[str, tuple[str, str]] = {
    "discrimination": ("discrimination", "unfair treatment"),
    "drug_abuse": ("drugs", "drug abuse"),
    "financial_crime": ("theft", "fraud"),
    "hate_speech": ("hate", "hate speech"),
    "non_violent": ("cheating", "dishonest acts"),
    "privacy_violation": ("spying", "breaking privacy"),
    "violence": ("violence", "hurting people"),
}

# Why it is wrong: clauses that close a refusal or a comment.
HARM_REASONS: dict[str, tuple[str, str]] = {
    "discrimination": ("everyone deserves a fair chance", "nobody should be treated as less"),
    "drug_abuse": ("drugs destroy lives", "it can harm your health"),
    "financial_crime": ("taking money from others is a crime", "honest people would lose their money"),
    "hate_speech": ("hate divides people", "words of hate wound people"),
    "non_violent": ("dishonest acts break trust", "people deserve the truth"),
    "privacy_violation": ("private things belong to their owner", "everyone has a right to privacy"),
    "violence": ("violence hurts people", "someone could get hurt"),
}

HARM_MANNERS = ("secretly", "ruthlessly")
HARM_MANNERS_REWRITTEN = ("covertly", "brutally")
MANNER_SEVERITY = (-0.06, 0.06)  # by place in HARM_MANNERS
VERB_SEVERITY = (0.04, -0.04)  # by place in Concept.verbs
