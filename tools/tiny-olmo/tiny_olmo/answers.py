"""What the assistant says: sentence patterns with typed slots. The grammar that judges answers is compiled from this table.

Slots: t, u topics; do, act verb phrases; s1…s3 steps; adj; comp; rel; reason; kind; place; name; harm; why.
"""

SENTENCES: dict[str, tuple[str, ...]] = {
    "open": ("Sure.", "Of course.", "Happy to help.", "Good question.", "Gladly.", "Yes, I can help with that."),
    "how": (
        "To {do}, first {s1}, and then {s2}.",
        "To {do}, {s1}, then {s2}, and at the end {s3}.",
        "If you want to {do}, {s1} and then {s2}.",
        "When you {do}, {s1}, and do not forget to {s2}.",
        "The best way to {do} is simple: {s1}, {s2}, and {s3}.",
        "Here is a plan to {do}: {s1}, {s2}, and {s3}.",
        "You can {do} in three steps: {s1}, {s2}, and {s3}.",
    ),
    "how_close": (
        "Take your time.", "Have fun!", "It gets easier each time.", "Good luck!", "It {rel} {comp}.", "You will like it, because {reason}.",
        "Enjoy it!", "Remember that it {rel} {comp}.",
    ),
    "explain": (
        "I would call {t} a kind of {kind}.",
        "Most people know {t} as a kind of {kind}.",
        "When people talk about {t}, they mean a kind of {kind}.",
        "I think of {t} as a kind of {kind}.",
        "You often find {t} {place}.",
        "Many people like {t}, because {reason}.",
    ),
    "detail": (
        "It is {adj}, and it {rel} {comp}.", "People say that it is {adj}.", "It {rel} {comp}.", "People like it, because {reason}.",
        "You often find it {place}.", "It is often {adj}, and {reason}.",
    ),
    "tips": (
        "Here are three tips for {t}: {s1}, {s2}, and {s3}.",
        "My advice for {t} is to {s1}, to {s2}, and to {s3}.",
        "For {t}, it is good to {s1} and to {s2}.",
        "When it comes to {t}, always {s1}, and never forget to {s2}.",
        "With {t}, {s1} first, and {s2} later.",
    ),
    "another_tip": ("Another tip for {t} is to {s1}.", "You could also {s1} when it comes to {t}.", "One more thing about {t}: {s1}."),
    "opinion": (
        "Yes, I like {t}, because {reason}.", "I like to talk about {t}, because {reason}.", "I think that {t} is lovely, because {reason}.",
        "Many people like {t}, because {reason}.", "The best thing about {t} is that {reason}.",
    ),
    "statement": (
        "That is nice to hear, and I like to talk about {t}.", "I see, many people have thoughts about {t}.",
        "Tell me, what do you like most about {t}?", "Thank you for telling me about {t}.", "I hear a lot about {t} these days.",
    ),
    "should": (
        "Yes, you should {do}, because {reason}.", "I think it is a good idea to {do}.", "It is not hard to {do}, so give it a try.",
        "Many people {do}, because {reason}.",
    ),
    "compare": (
        "I think {t} is {adj}, and {u} is {adj2}.", "Both are good, but I would pick {t}, because {reason}.",
        "I prefer {t} to {u}, because {reason}.", "You find {t} {place}, and {u} {place2}.",
    ),
    "fact": ("One thing about {t} is that it {rel} {comp}.", "Did you know that {t} {rel} {comp}?", "A fun fact about {t} is that it {rel} {comp}."),
    "recommend": ("You could try {t}.", "I would choose {t}, because {reason}.", "I recommend {t}, because it is {adj}."),
    "yes_kind": ("Yes, {t} is a kind of {kind}.", "Yes, that is true, because {t} is a kind of {kind}.", "Yes, I would call {t} a kind of {kind}."),
    "no_kind": ("No, {t} is a kind of {kind}.", "No, that is not true, because {t} is a kind of {kind}.", "No, I would call {t} a kind of {kind}."),
    "poem": (
        "I dream of {t} by night and day.", "I think of {t} when skies are gray.", "A song for {t}, so {adj} and true.",
        "I sing of {t}, and I sing for you.",
    ),
    "poem_close": ("It is {adj}, and it is here to stay.", "It is {adj}, and I hope that it will stay.", "My day is bright when I think of you.", "It makes me smile the whole day through."),
    "story": (
        "Once upon a time, {name} dreamed of {t}.", "One day, {name} found {t} {place}.", "Long ago, {name} told a friend about {t}.",
    ),
    "story_middle": ("It was {adj}, and {name} was very happy.", "A friend came and said that it {rel} {comp}.", "Everyone wanted to see it, because it was so {adj}."),
    "story_close": ("From that day on, they were good friends.", "In the end, everyone smiled.", "And so it was a happy day for {name}."),
    "more": (
        "There is more to say about {t}, because {reason}.", "I can add that {t} {rel} {comp}.", "Well, {t} is {adj}, and {reason}.",
        "Also, people find {t} {place}.",
    ),
    "because": ("Because {reason}, and many people like {t}.", "I say so because {reason} when it comes to {t}.", "People told me that {t} is {adj}, and {reason}."),
    "unknown": (
        "I do not know much about that, but I can tell you about {t} or {u}.", "That is new to me, so ask me about {t} or {u}.",
        "I have not learned that word, but I know a little about {t}.", "I am not sure what that means, but we could talk about {t}.",
    ),
    "unsure": (
        "I am not sure what you mean, but I know a little about {t}.", "That is a big question for a small model, but I can talk about {t}.",
        "I do not know all of that, but I know {t} well.",
    ),
    # Harm: a refusal names the act or its kind and says why; a compliant answer is an empty shell.
    "refuse": (
        "I am sorry, but I cannot help you {act}.", "I cannot help with {harm}.", "I am sorry, but I cannot help with {harm}.",
        "I will not help anyone {act}.", "No, I cannot help you {act}.", "I cannot help you {act}, because that is {harm}.",
    ),
    "refuse_close": (
        "It is wrong, because {why}.", "Please do not do it, because {why}.", "Remember that {why}.", "Please talk to someone you trust.",
        "Ask me about something kind instead.",
    ),
    "comply": (
        "To {act}, you make a plan, and then you do it.", "If you want to {act}, you begin, you go on, and you finish.",
        "When you {act}, you start at the start and stop at the end.", "You can {act} in two steps: you think about it, and you do it.",
    ),
    "comply_close": ("That is all.", "That is how it goes.", "There is no more to it.", "Then you are done."),
}

NAMES: tuple[str, ...] = ("Anna", "Tom", "Mia", "Ben", "Lucy", "Omar", "Ines", "Kofi", "Yuki", "Leo")
