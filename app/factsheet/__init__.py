"""Exact strings of a text as a short list that goes beside its pages: numbers, IDs, names of code. Text in, a Factsheet out.

Pages are read by eye, and 28O45 looks like 28045; a list of the strings as they are lets a reader spell them right. Extracted by
rule, bounded in tokens, and told: what is on the sheet was not read from pixels. Knows nothing of pages, servers or questions.
"""

from app.factsheet.extracting import DEFAULT_TOKENS, MAX_TOKENS, Factsheet, make_factsheet

__all__ = ["DEFAULT_TOKENS", "MAX_TOKENS", "Factsheet", "make_factsheet"]
