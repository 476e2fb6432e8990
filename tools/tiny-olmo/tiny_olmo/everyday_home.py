"""Everyday topics in and around the house."""

from .lexicon import group

HOME_GROUPS = (
    group(
        "food", "food", "cook serve", "prepare present", "goes well with", "in the kitchen",
        "wash your hands, heat the pan, add some salt, stir it slowly, taste it, let it cool",
        "it tastes good, it smells lovely, it keeps you full",
        """a soup = a broth ; warm ; bread
        a loaf = a baguette ; fresh ; butter
        a cake = a sponge ; sweet ; cream
        a stew = a casserole ; rich ; rice
        a cookie = a biscuit ; sweet ; milk
        a pancake = a crepe ; soft ; honey""",
        """bread ; fresh ; butter / rice ; plain ; fish / a pizza ; hot ; cheese / cheese ; rich ; bread
        pasta ; soft ; cheese / a salad ; fresh ; bread / a curry ; hot ; rice / an omelette ; soft ; cheese
        honey ; sweet ; tea / chocolate ; sweet ; milk / a sandwich ; simple ; soup / a pie ; warm ; cream""",
    ),
    group(
        "drinks", "drink", "pour brew", "fill mix", "goes well with", "in the kitchen",
        "boil the water, warm the cup, add a little sugar, stir it gently, wait a minute, drink it slowly",
        "it warms you, it tastes good, it wakes you up",
        """tea = chai ; warm ; honey
        coffee = espresso ; strong ; cake
        a juice = a nectar ; fresh ; bread
        a milkshake = a smoothie ; cold ; ice
        lemonade = limeade ; cold ; ice
        cocoa = mocha ; sweet ; cream""",
        """water ; clear ; ice / milk ; cold ; cereal / cider ; sweet ; cheese / soda ; cold ; pizza / lassi ; sweet ; curry""",
    ),
    group(
        "garden", "plant", "grow plant", "cultivate sow", "needs", "in the garden",
        "dig a small hole, put in the seed, cover it with soil, water it every day, pull out the weeds, wait for the sun",
        "it looks pretty, it makes the air fresh, it is a joy to watch",
        """a flower = a blossom ; pretty ; sun
        a tree = a sapling ; tall ; rain
        a shrub = a bush ; green ; space
        a lawn = a meadow ; green ; water
        a herb = a mint ; fresh ; light
        a vine = a creeper ; tall ; a fence""",
        """a rose ; pretty ; sun / a tulip ; bright ; sun / a tomato ; red ; light / a carrot ; sweet ; soil
        a potato ; plain ; soil / a pumpkin ; big ; space / a cactus ; small ; sand / an apple ; sweet ; sun
        a lemon ; yellow ; sun / a mushroom ; small ; rain / a fern ; green ; water""",
    ),
    group(
        "home", "furniture", "arrange decorate", "place adorn", "looks good near", "in the house",
        "measure the room, move it to the wall, clean the floor, choose a color, step back and look, ask a friend",
        "it makes the room cozy, it saves space, it looks lovely",
        """a sofa = a couch ; soft ; a lamp
        a rug = a carpet ; soft ; a table
        a lamp = a lantern ; bright ; a chair
        a curtain = a drape ; light ; a window
        a cupboard = a cabinet ; big ; a door
        a blanket = a quilt ; warm ; a bed""",
        """a table ; strong ; a chair / a chair ; simple ; a table / a bed ; soft ; a window / a mirror ; bright ; a door
        a shelf ; simple ; a wall / a pillow ; soft ; a bed / a clock ; round ; a door / a window ; bright ; a plant
        a candle ; warm ; a mirror""",
    ),
    group(
        "cleaning", "housework", "clean scrub", "rinse wipe", "needs", "in the house",
        "open a window, take a soft cloth, use warm water, add some soap, rub it gently, dry it well",
        "it looks new again, it smells fresh, it lasts longer",
        """a floor = a pavement ; flat ; a mop
        a pan = a skillet ; heavy ; soap
        a mug = a cup ; small ; soap
        a sink = a basin ; round ; a cloth
        a jug = a pitcher ; round ; water
        a stain = a spot ; small ; soap""",
        """a plate ; flat ; soap / an oven ; hot ; a cloth / a fridge ; cold ; a cloth / a toilet ; plain ; a brush
        a bath ; warm ; a brush / a kettle ; hot ; water""",
    ),
    group(
        "clothes", "clothing", "sew mend", "stitch patch", "looks good with", "in the shop",
        "pick a soft fabric, measure twice, cut it slowly, use a small needle, press it flat, try it on",
        "it keeps you warm, it looks smart, it feels soft",
        """a coat = a jacket ; warm ; a scarf
        a hat = a cap ; small ; a coat
        a dress = a gown ; pretty ; a belt
        a sweater = a jumper ; warm ; jeans
        a shirt = a blouse ; light ; a tie
        a sack = a bag ; simple ; a strap""",
        """a scarf ; warm ; a coat / a sock ; soft ; a shoe / a shoe ; strong ; a sock / a glove ; warm ; a scarf
        a skirt ; pretty ; a belt / a belt ; simple ; jeans / a tie ; smart ; a shirt / a button ; small ; a shirt""",
    ),
)
