"""Everyday topics about making, learning, work and play."""

from .lexicon import group

MAKING_GROUPS = (
    group(
        "music", "music", "play compose", "perform create", "sounds good with", "on the stage",
        "listen first, learn the notes, count the time, play it slowly, practice every day, share it with friends",
        "it lifts your mood, it brings people together, it sounds lovely",
        """a song = a tune ; happy ; a guitar
        a melody = a theme ; soft ; a piano
        a march = an anthem ; loud ; a drum
        a lullaby = a serenade ; soft ; a harp
        a waltz = a polka ; graceful ; a violin
        a rhythm = a groove ; quick ; a drum""",
        """a guitar ; warm ; a drum / a piano ; rich ; a violin / a drum ; loud ; a guitar / a violin ; soft ; a piano
        a flute ; light ; a harp / a trumpet ; loud ; a drum / jazz ; rich ; a piano / opera ; loud ; a violin
        a harp ; soft ; a flute""",
    ),
    group(
        "art", "art", "paint draw", "color sketch", "looks good with", "in the studio",
        "find good light, look at it for a while, start with a light line, mix the colors, add the shadows, sign your name",
        "it shows how you feel, it makes a wall bright, it is calm work",
        """a picture = an image ; bright ; a frame
        a portrait = a likeness ; smart ; soft light
        a landscape = a view ; calm ; blue
        a poster = a banner ; bright ; big letters
        a mural = a fresco ; huge ; bright colors
        a cartoon = a comic ; funny ; short words""",
        """a statue ; heavy ; a garden / a vase ; pretty ; flowers / a mask ; funny ; feathers / a photo ; clear ; a frame
        pottery ; simple ; flowers / origami ; light ; bright paper""",
    ),
    group(
        "writing", "text", "write edit", "pen revise", "is better with", "on the desk",
        "choose a subject, make a short outline, write the first line, use simple words, read it aloud, fix the mistakes",
        "it shares an idea, it makes people think, it lasts for years",
        """a story = a tale ; long ; a hero
        a poem = a verse ; short ; a rhyme
        a letter = a note ; short ; kind words
        a speech = a talk ; clear ; a joke
        an essay = an article ; clear ; good facts
        a novel = a book ; long ; a map""",
        """a diary ; simple ; a pen / a joke ; funny ; a friend / a riddle ; short ; a hint / a play ; long ; good actors
        a recipe ; clear ; photos / a postcard ; short ; a stamp / a blog ; simple ; photos""",
    ),
    group(
        "learning", "subject", "teach review", "introduce revisit", "is easier with", "at school",
        "read a little each day, take short notes, ask good questions, test yourself, explain it to a friend, sleep well",
        "it opens doors, it trains your mind, it is useful every day",
        """math = algebra ; hard ; a pencil
        history = heritage ; long ; stories
        a lesson = a class ; short ; a teacher
        a language = a tongue ; rich ; a friend
        grammar = spelling ; dry ; good examples
        a test = a quiz ; short ; a clear head""",
        """science ; useful ; experiments / biology ; rich ; a garden / physics ; hard ; math / geography ; useful ; a map
        reading ; quiet ; good light / geometry ; clear ; a ruler / a poll ; short ; clear words / logic ; hard ; a pencil""",
    ),
    group(
        "work", "work", "organize lead", "coordinate run", "is easier with", "in the office",
        "set a clear goal, make a list, share the tasks, keep it short, listen to everyone, thank the team",
        "it saves time, it helps the team, it brings new ideas",
        """a meeting = a session ; short ; a list
        a project = a venture ; long ; a plan
        a party = a feast ; loud ; music
        a concert = a recital ; loud ; a big hall
        a parade = a procession ; bright ; flags
        a wedding = a marriage ; happy ; flowers""",
        """an interview ; short ; a smile / a calendar ; clear ; colors / a budget ; clear ; a list / a team ; strong ; trust
        a birthday ; happy ; a cake / a festival ; bright ; music / a gift ; small ; a card""",
    ),
    group(
        "tools", "tool", "build use", "assemble handle", "works with", "in the workshop",
        "put on your gloves, gather the parts, measure twice, hold it firmly, tighten the screws, clean it at the end",
        "it saves time, it lasts for years, it makes hard work easy",
        """a hammer = a mallet ; heavy ; nails
        a ladder = a stair ; tall ; a wall
        a fence = a gate ; strong ; wood
        a box = a crate ; simple ; nails
        a shed = a hut ; small ; wood
        a bench = a stool ; strong ; screws""",
        """a saw ; sharp ; wood / a drill ; loud ; screws / a brush ; soft ; paint / a shovel ; strong ; soil
        a rope ; long ; a hook / a bucket ; round ; water / a wheel ; round ; oil / a kite ; light ; wind""",
    ),
    group(
        "technology", "device", "install charge", "load power", "works with", "on the desk",
        "read the guide, plug it in, press the button, wait for the light, set a good name, keep it dry",
        "it saves time, it connects people, it is easy to use",
        """a computer = a laptop ; quick ; a mouse
        a phone = a mobile ; small ; a charger
        a printer = a copier ; loud ; paper
        a screen = a monitor ; bright ; a cable
        a radio = a stereo ; small ; a battery
        a program = an app ; simple ; a screen""",
        """a camera ; small ; a battery / a robot ; strong ; a battery / a website ; simple ; photos / a speaker ; loud ; a cable
        a keyboard ; flat ; a cable / a telescope ; long ; a clear sky / a puzzle ; hard ; a big table""",
    ),
)
