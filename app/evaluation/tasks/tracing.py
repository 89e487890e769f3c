"""RULER's variable tracking: one chain of five assignments in noise. Source: NVIDIA/RULER, variable_tracking.py (Apache-2.0).

"VAR QLMZA = 48213", later "VAR TTBHE = VAR QLMZA", and so on; asked for are all variables with the value. RULER puts a solved example
before the text; like Glyph's own runs this leaves it out, and its room is filled with noise.
"""

from __future__ import annotations

import string
from itertools import pairwise

from app.evaluation.tasks.dice import Dice
from app.evaluation.tasks.haystacks import NOISE, joined
from app.evaluation.tasks.sizing import Draft

HOPS = 4
_NAME_LETTERS = 5


def variables_draft(dice: Dice, size: int) -> Draft:
    """`size`: times that the noise is repeated; at least HOPS + 1."""
    names: list[str] = []
    while len(names) <= HOPS:
        name = dice.letters(string.ascii_uppercase, _NAME_LETTERS)
        if name not in names:
            names.append(name)
    value = dice.between(10_000, 99_998)
    chain = [f"VAR {names[0]} = {value}", *(f"VAR {b} = VAR {a}" for a, b in pairwise(names))]
    places = sorted(dice.sample(range(size), len(chain)))
    pieces: list[tuple[str, bool]] = []
    begin = 0
    for place, statement in zip(places, chain, strict=True):
        pieces += [(NOISE, False)] * (place - begin)
        pieces.append((statement, True))
        begin = place
    pieces += [(NOISE, False)] * (size - begin)
    context, evidence = joined(pieces, "\n")
    question = f"Question: Find all variables that are assigned the value {value} in the text above."
    return Draft(context, question, tuple(names), evidence)
