"""Everyday topics about animals, nature, travel, sport and health."""

from .lexicon import group

LIVING_GROUPS = (
    group(
        "animals", "animal", "feed raise", "nourish rear", "likes", "on the farm",
        "give it fresh water, give it good food, keep it warm, play with it, brush it gently, let it sleep",
        "it is a good friend, it makes people smile, it is fun to watch",
        """a cat = a kitten ; soft ; fish
        a dog = a puppy ; happy ; a ball
        a rabbit = a bunny ; soft ; carrots
        a horse = a pony ; strong ; apples
        a hen = a chick ; small ; corn
        a pig = a piglet ; happy ; mud""",
        """a goat ; strong ; grass / a sheep ; soft ; grass / a cow ; big ; grass / a duck ; happy ; water
        a goose ; loud ; water / a parrot ; bright ; fruit / a hamster ; small ; seeds / a turtle ; slow ; leaves
        a fish ; quiet ; water / a bee ; small ; flowers / a frog ; green ; rain / an owl ; quiet ; the night
        a fox ; quick ; the forest / a bear ; big ; honey / a lion ; strong ; the sun / a whale ; huge ; the sea
        an elephant ; huge ; fruit / a mouse ; small ; cheese / a snail ; slow ; leaves""",
    ),
    group(
        "nature", "place in nature", "visit explore", "see discover", "is close to", "in the country",
        "check the weather, wear good boots, bring some water, follow the path, take a photo, come back before dark",
        "the air is fresh, the view is lovely, it is calm there",
        """a forest = a wood ; green ; a river
        a hill = a mountain ; tall ; a valley
        a lake = a pond ; calm ; a field
        a beach = a shore ; bright ; the sea
        a stream = a brook ; clear ; a forest
        a cave = a grotto ; dark ; a cliff""",
        """a river ; long ; a bridge / a valley ; green ; a river / an island ; small ; the sea / a desert ; dry ; the sun
        a waterfall ; loud ; a river / a volcano ; hot ; a lake / a park ; calm ; a city / a jungle ; wild ; a river""",
    ),
    group(
        "travel", "trip", "plan enjoy", "schedule relish", "is better with", "in the holidays",
        "choose a date, save some money, book a room, pack a light bag, buy a ticket, rest on the way",
        "you meet new people, you see new places, you learn a lot",
        """a holiday = a vacation ; long ; friends
        a trip = a journey ; short ; a map
        a cruise = a voyage ; slow ; a book
        a hike = a trek ; long ; good boots
        a tour = an excursion ; short ; a guide
        a picnic = a cookout ; simple ; sandwiches""",
        """a weekend ; short ; friends / a flight ; quick ; a pillow / a safari ; wild ; a camera
        a hotel ; cozy ; a view / a museum ; quiet ; a guide / a castle ; old ; a guide / a city ; loud ; a map
        a village ; calm ; a walk / a market ; loud ; a bag""",
    ),
    group(
        "vehicles", "vehicle", "drive repair", "steer fix", "needs", "on the road",
        "read the manual, check the wheels, clean the lights, listen to the engine, start it slowly, keep your eyes on the road",
        "it is quick, it takes you far, it carries a lot",
        """a car = an automobile ; quick ; fuel
        a truck = a lorry ; heavy ; fuel
        a bicycle = a bike ; light ; air
        a boat = a ship ; slow ; a sail
        a bus = a coach ; big ; a driver
        a cart = a wagon ; slow ; a horse""",
        """a train ; long ; a track / a plane ; quick ; a pilot / a tram ; quiet ; a track / a tractor ; strong ; oil
        a scooter ; light ; air / a rocket ; huge ; fuel / a canoe ; light ; a paddle / a sled ; light ; snow""",
    ),
    group(
        "sport", "sport", "practice learn", "train study", "needs", "in the club",
        "warm up first, start slowly, watch the best players, train every week, drink enough water, rest after it",
        "it keeps you strong, it is fun with friends, it clears your head",
        """football = soccer ; quick ; a ball
        a dance = a ballet ; graceful ; music
        running = jogging ; simple ; good shoes
        swimming = diving ; calm ; water
        wrestling = judo ; strong ; a mat
        archery = darts ; quiet ; a target""",
        """tennis ; quick ; a racket / golf ; slow ; a club / yoga ; calm ; a mat / skiing ; quick ; snow
        skating ; graceful ; ice / basketball ; quick ; a ball / climbing ; hard ; a rope / surfing ; wild ; a board
        rowing ; hard ; a boat / chess ; quiet ; a board / hockey ; quick ; ice""",
    ),
    group(
        "health", "habit", "improve support", "boost aid", "is better with", "in the morning",
        "start with a small goal, do it at the same time, write it down, be patient, ask a doctor, reward yourself",
        "it keeps you well, it gives you energy, it helps you sleep",
        """sleep = slumber ; calm ; a dark room
        a diet = a menu ; simple ; fruit
        a posture = a stance ; straight ; a good chair
        a workout = an exercise ; hard ; music
        a routine = a regimen ; simple ; a clock
        a mood = a temper ; bright ; a smile""",
        """breakfast ; warm ; fruit / a nap ; short ; a pillow / stretching ; simple ; a mat / breathing ; slow ; fresh air
        meditation ; calm ; a quiet room / a walk ; short ; a friend""",
    ),
)
