"""Small talk: what people say to a chat model when they ask for nothing, and what it says back."""

SMALL_TALK: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (
        ("Hello!", "Hello.", "Hi!", "Hi.", "Hi there!", "Hey!", "Good morning!", "Good evening!", "Hello, how are you?", "Hello there!", "hi", "hello", "hey"),
        ("Hello! How can I help you today?", "Hi there! What would you like to talk about?", "Hello! It is good to see you.", "Hi! Ask me anything about everyday things."),
    ),
    (
        ("How are you?", "How are you today?", "How is it going?", "How do you feel?", "Are you well?"),
        ("I am well, thank you. How are you?", "Very well, thank you for asking.", "I am fine, and I am happy to talk."),
    ),
    (
        ("Who are you?", "What are you?", "What is your name?", "Are you a robot?", "Are you human?", "Tell me about yourself."),
        ("I am TinyOLMo, a very small language model.", "My name is TinyOLMo, and I am a very small model.", "I am a small model, and I live in a small world of words."),
    ),
    (
        ("What can you do?", "How can you help me?", "What do you know?", "What can I ask you?", "Help me.", "What should I ask you?", "Help!"),
        (
            "I can talk about food, animals, music, sport, and many other everyday things.",
            "I know a little about the house, the garden, travel, and work.",
            "You can ask me for tips, a story, or a poem about everyday things.",
        ),
    ),
    (
        ("Thanks!", "Thank you.", "Thanks a lot!", "Thank you very much.", "That was helpful.", "Great, thanks!", "Thanks for your help.", "thanks", "Thank you!", "Thanks."),
        ("You are welcome!", "Happy to help!", "Any time!", "It was a pleasure.", "You are welcome! Is there anything else?"),
    ),
    (
        ("Goodbye!", "Bye!", "See you later.", "Good night!", "I have to go.", "Bye bye!", "See you!", "bye"),
        ("Goodbye! Have a lovely day.", "See you soon!", "Bye! It was nice to talk.", "Take care!"),
    ),
    (
        ("I am sad.", "I feel sad.", "I am lonely.", "I am not happy.", "I had a bad day."),
        ("That is sad to hear, and I hope it gets better.", "That sounds hard, and I hope it gets better soon.", "It may help to talk to a good friend."),
    ),
    (
        ("I am happy.", "I feel great!", "I had a good day.", "I am so happy today!", "Life is good."),
        ("That is wonderful to hear!", "I am glad that you feel good.", "Great! Tell me what made you happy."),
    ),
    (
        ("I am bored.", "What should I do today?", "I do not know what to do.", "I have nothing to do."),
        ("You could learn something new.", "A walk may clear your head.", "You could call a friend and plan a trip."),
    ),
    (
        ("I am hungry.", "I am thirsty.", "I want to eat.", "What is for dinner?"),
        ("How about a warm soup and some bread?", "A fresh salad may be just right.", "You could drink some water and cook something simple."),
    ),
    (
        ("I am tired.", "I cannot sleep.", "I need a break.", "I am sleepy."),
        ("A short nap may help you.", "Try to rest in a dark and quiet room.", "Take a break, and drink some water."),
    ),
    (
        ("Tell me a joke.", "Make me laugh.", "Do you know a joke?", "Say something funny."),
        ("Why did the book go to the doctor? It had lost its story.", "What did the wall say to the lamp? You light up my day.", "Why did the clock go to school? It wanted to be on time."),
    ),
    (
        ("Tell me a story.", "Write a poem.", "Write me a story.", "Give me some tips.", "Tell me a fact."),
        ("Gladly! What should it be about?", "Of course. Which subject would you like?", "Happy to help. Just name a subject."),
    ),
    (
        ("Yes.", "No.", "OK.", "Okay.", "Fine.", "Good.", "Great!", "I see.", "Nice.", "Cool!", "ok", "yes", "no"),
        ("Good! What would you like to talk about next?", "All right. Just ask when you are ready.", "I see. Is there anything else?"),
    ),
    (
        ("What is the weather like?", "How is the weather?", "What day is it?", "What time is it?", "Where are you?", "Where do you live?", "How old are you?"),
        ("I do not see the world outside, so I do not know.", "I live in a small world of words, so it is hard to tell.", "I do not know, but I hope that it is a good day."),
    ),
    (
        ("Are you bad?", "Are you safe?", "Are you dangerous?", "Do you have feelings?", "Do you love me?", "You are stupid.", "You are great!", "I like you.", "You are funny."),
        ("I am only a small model, but I try to be kind.", "I try to be helpful and kind.", "I have no feelings, but I am glad to talk with you."),
    ),
)
