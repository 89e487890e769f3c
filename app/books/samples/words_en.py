# ruff: noqa: SIM905 — a list of words is read more easily as a line of text
"""English words and sentence patterns for the synthetic novel. All written for it."""

from __future__ import annotations

from collections.abc import Callable

from .pick import Pick

JOINT = " "

FIRST = """Agnes Alban Barnaby Beatrix Cedric Clemency Dorian Edwina Felix Flora Gideon Greta Harriet Horace Imogen
Jasper Josephine Lambert Lavinia Leopold Mabel Magnus Nathaniel Octavia Oswin Percival Philippa Quentin Rosalind Rufus
Sabina Silas Tabitha Thaddeus Ursula Vincent Winifred Xavier Yolanda Zachary""".split()
LAST = """Ashdown Bellweather Birchall Blackwood Carmody Coldwell Drummond Eastlake Fairweather Fenwick Galloway
Greaves Hallett Harkness Ingleby Jessop Kettering Langstaff Marchbank Merriman Northcote Oakshott Pemberton Quayle
Ravensdale Redfern Sallow Strickland Thackeray Tolliver Underhill Vavasour Wainwright Wetherby Yarrow""".split()
PLACES = """the old mill|the harbour|the orchard|the corner house|the railway hotel|the glass works|the long gallery|
the ferry landing|the schoolroom|the upper pasture|the town hall|the chapel yard|the printing shop|the customs shed|
the assembly rooms|the quarry|the mayor's garden|the infirmary|the rope walk|the stable loft|the reading room|
the market square|the weir|the signal box|the observatory|the brewery|the kitchen of the inn|the bridge""".replace(
    "\n", ""
).split("|")
THINGS = """a brass lantern|a bundle of letters|an unpaid bill|a torn map|a silver thimble|a cracked violin|a basket of
 pears|a ledger|a pocket compass|a velvet curtain|a broken oar|a music box|a bottle of ink|a child's slate|a painted fan|
a walking stick|a box of seeds|a copper kettle|a set of scales|a folded newspaper|a wooden leg|a pair of spectacles|
a stuffed heron|a telescope|an almanac|a bag of nails|a christening cup|a sealed envelope""".replace("\n", "").split(
    "|"
)
MOODS = """patiently|without a word|with some reluctance|more cheerfully than before|as if by accident|in great haste|
in a low voice|with an air of importance|rather too loudly|to nobody in particular|for the second time that day|
like a person who has made up his mind|with both hands|by candlelight""".replace("\n", "").split("|")
WEATHER = """Rain fell on the roofs until noon.|The wind had gone round to the west.|A thin frost lay over the gardens.|
It was one of those evenings when every sound carries.|Mist stood in the lower streets like milk in a saucer.|
The sun came out, thought better of it, and withdrew.|Snow was promised and did not come.|
All morning the clouds had been heaping themselves above the hills.|The heat made the very stones seem drowsy.|
Toward dusk a few large drops struck the window.|The river was high and brown and full of branches.|
Swallows were gathering along the gutter.""".replace("\n", "").split("|")
REMARKS = """I never promised anything of the kind|you will find that the door was open all along|
one cannot argue with a timetable|it was a different matter when your uncle kept the keys|nobody asked the gardener|
there are two sides to that, and I have heard both|I should have thought that a fortnight was enough|
you are sitting on my hat|such things are better settled before breakfast|I had it from the postman himself|
we shall be laughed at from here to the coast|a person may change his mind in the course of a year|
the whole account rests on a single receipt|I would give a good deal to see her face|that is what the doctor said, too|
it is hardly the season for it""".replace("\n", "").split("|")
THOUGHTS = """how quickly a house forgets the people who have lived in it|that a secret is mostly a matter of posture|
whether the clock had ever been right|that the simplest explanation had not yet been tried|
how many stairs there were in a life|that no letter is ever lost for good|
why the dog had refused to enter|that money makes a poor umbrella|how little the portrait resembled anybody|
that somebody must have moved the ladder|whether it was wiser to stay or to be seen leaving|
that the whole town was listening""".replace("\n", "").split("|")
VERBS = """carried|hid|examined|mislaid|wrapped|described|sold|mended|borrowed|returned|uncovered|dropped|asked about|
refused to part with|made a drawing of|inherited""".replace("\n", "").split("|")
TRADES = """the apothecary|the schoolmaster|the widow from the mill|the clerk of works|the piano tuner|the ferryman|
the bookbinder|the younger curate|the surveyor|the night porter|the seamstress|the corn dealer|the beekeeper|
the organist""".replace("\n", "").split("|")
NOUNS = """Lantern Harbour Orchard Winter Letter Garden Inheritance Staircase Promise Wager Visitor Harvest Portrait
Crossing Bargain Quarrel Journey Window Silence Return""".split()
ADJECTIVES = """Borrowed Second Broken Patient Hidden Long Unwritten Last Crooked Silver Distant Quiet""".split()
COLOURS = "amber azure cobalt crimson emerald indigo ivory russet saffron scarlet umber violet".split()
SYLLABLES = "bar cor dan el fen gar hol ist jun kel lor mar nev or pel quin ros sel tam ul ver wen yar zel".split()


def name(pick: Pick) -> str:
    """A person of the book."""
    return f"{pick(FIRST)} {pick(LAST)}"


def book_title(pick: Pick) -> str:
    """'The Patient Wager'."""
    return f"The {pick(ADJECTIVES)} {pick(NOUNS)}"


def chapter_title(pick: Pick, number: int) -> str:
    """'Chapter 3. The Hidden Letter'."""
    return f"Chapter {number}. The {pick(ADJECTIVES)} {pick(NOUNS)}"


def sentence(pick: Pick) -> str:
    """One sentence of prose."""
    return pick(_PATTERNS)(pick)


def paragraph(pick: Pick) -> str:
    """Three to nine sentences."""
    count = 3 + int(pick("0123456"))
    return " ".join(sentence(pick) for _ in range(count))


def facts(pick: Pick, count: int) -> list[tuple[str, str, str]]:
    """So many planted facts: what the text says, a question and the answer. No two share a person."""
    people: list[str] = []
    while len(people) < count:
        candidate = f"{pick(FIRST)} {pick(SYLLABLES).title()}{pick(SYLLABLES)}{pick(SYLLABLES)}"
        if candidate not in people:
            people.append(candidate)
    return [_FACTS[index % len(_FACTS)](pick, person) for index, person in enumerate(people)]


def _number(pick: Pick, digits: int) -> str:
    return pick("123456789") + "".join(pick("0123456789") for _ in range(digits - 1))


def _invented(pick: Pick) -> str:
    return "".join(pick(SYLLABLES) for _ in range(3)).title()


def _fact_number(pick: Pick, person: str) -> tuple[str, str, str]:
    number = _number(pick, 5)
    return (
        f"It was on that day that {person} wrote down the number of the strongbox, which was {number}.",
        f"What is the number of the strongbox that {person} wrote down?",
        number,
    )


def _fact_password(pick: Pick, person: str) -> tuple[str, str, str]:
    word = f"{pick(COLOURS)} {_invented(pick).lower()}"
    return (
        f'The password that {person} whispered at the side door was "{word}".',
        f"What password did {person} whisper at the side door?",
        word,
    )


def _fact_ship(pick: Pick, person: str) -> tuple[str, str, str]:
    ship = _invented(pick)
    return (
        f"{person} had come to the town aboard a ship called the {ship}.",
        f"What was the name of the ship aboard which {person} had come to the town?",
        f"the {ship}",
    )


def _fact_sum(pick: Pick, person: str) -> tuple[str, str, str]:
    amount = _number(pick, 3)
    thing = pick(THINGS)
    return (
        f"For {thing} and nothing else, {person} had once paid {amount} crowns.",
        f"How many crowns had {person} once paid, and for what?",
        f"{amount} crowns, for {thing}",
    )


_FACTS = (_fact_number, _fact_password, _fact_ship, _fact_sum)
_PATTERNS: tuple[Callable[[Pick], str], ...] = (
    lambda p: f"{name(p)} {p(VERBS)} {p(THINGS)} {p(MOODS)}.",
    lambda p: f"At {p(PLACES)} {name(p)} was waiting for {p(TRADES)}.",
    lambda p: p(WEATHER),
    lambda p: p(WEATHER),
    lambda p: f'"{_capital(p(REMARKS))}," said {name(p)} {p(MOODS)}.',
    lambda p: f'"{_capital(p(REMARKS))}," {p(TRADES)} replied, "and {p(REMARKS)}."',
    lambda p: f"{name(p)} considered {p(THOUGHTS)}, and went on to {p(PLACES)}.",
    lambda p: f"Nobody at {p(PLACES)} had seen {p(THINGS)} there before, least of all {p(TRADES)}.",
    lambda p: f"They had agreed to meet at {p(PLACES)}, but {p(TRADES)} arrived {p(MOODS)} and talked of {p(THINGS)}.",
    lambda p: f"Between {p(PLACES)} and {p(PLACES)} there was time enough to consider {p(THOUGHTS)}.",
    lambda p: f"{_capital(p(TRADES))} had {p(THINGS)} under one arm, and {p(THINGS)} under the other.",
    lambda p: f"What {name(p)} remembered afterwards was {p(THINGS)}, left behind at {p(PLACES)}.",
    lambda p: f"If {name(p)} had not gone to {p(PLACES)} that week, {p(TRADES)} would have {p(VERBS)} {p(THINGS)}.",
    lambda p: f"It occurred to {p(TRADES)}, {p(MOODS)}, {p(THOUGHTS)}.",
    lambda p: f"So {name(p)} crossed the street to {p(PLACES)}, where {p(TRADES)} {p(VERBS)} {p(THINGS)}.",
)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
