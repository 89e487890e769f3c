"""How long an answer is looked up in a book of 1 MB, and how long that book's index takes, which is made once.

    python scripts/bench.py checking [--runs N] [--json]

Answers: a usual one of nine claims; one of as many claims as are looked up at all, most of them wrong in a word, a letter or a
digit; and hostile ones of a million characters. In processor time of one thread, so that a busy machine changes little.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.books.samples import synthetic_novel
from app.checking import check
from app.checking.book_index import BookIndex
from scripts.option_types import positive

BYTES = 1_000_000
BOUND_MS = 100.0


def usual_answer(text: str, rng: Random) -> str:
    """Three quotations of the book, one with a word changed, and a few names and numbers."""
    first, second, third = (passage(text, rng) for _ in range(3))
    changed = third.replace(" ", " never ", 1) if " " in third else third[:-2] + "山" + third[-1:]
    return (
        f"It says “{first}”, and later “{second}”. According to Eleanor Vane, “{changed}” was written in 1871 by James "
        "Holloway, 28,054 words, 12 pages, at Ravenscar."
    )


def full_answer(text: str, rng: Random) -> str:
    """As many claims as are looked up: shuffled quotations, misspelt names, numbers with two digits changed places."""
    parts = []
    for number in range(40):
        words = passage(text, rng, 300).split() or ["x"]
        rng.shuffle(words)
        capital = rng.choice([word for word in text[:200_000].split() if word[:1].isupper()] or ["Holloway"])
        parts.append(f"“{' '.join(words)}” says {capital}xe {capital[::-1].title()}, {rng.randrange(10_000)} {number}.")
    return " ".join(parts)


def hostile_answers(text: str) -> dict[str, str]:
    return {
        "capitals without end": "Aa " * 333_333,
        "digits and apostrophes": "1'" * 500_000,
        "the book itself as one quotation": f"“{text}”"[:1_000_000],
        "the book itself": text[:1_000_000],
    }


def passage(text: str, rng: Random, length: int = 120) -> str:
    at = rng.randrange(len(text) - 2 * length)
    return " ".join(text[at : at + length].split()[1:-1]) or text[at : at + length]


def processor_ms(action: Callable[[], object]) -> float:
    began = time.thread_time()
    action()
    return 1000 * (time.thread_time() - began)


def measure(language: str, runs: int) -> list[dict]:
    text = synthetic_novel(characters=BYTES if language == "en" else BYTES // 3, seed=1, language=language).book.text
    index = BookIndex(text)
    rows = [row(language, "index, once a book", [processor_ms(lambda: BookIndex(text)) for _ in range(3)], None)]
    for name, make in (("nine claims", usual_answer), ("all claims that are looked up", full_answer)):
        answers: list[str] = [make(text, Random(seed)) for seed in range(runs)]
        claims = len(check(answers[0], index).claims)
        rows.append(row(language, name, [processor_ms(partial(check, answer, index)) for answer in answers], claims))
    for name, answer in hostile_answers(text).items():
        claims = len(check(answer, index).claims)
        rows.append(
            row(language, f"10^6: {name}", [processor_ms(partial(check, answer, index)) for _ in range(3)], claims)
        )
    return rows


def row(language: str, name: str, times: list[float], claims: int | None) -> dict:
    return {
        "book": f"1 MB, {language}",
        "what": name,
        "claims": claims,
        "median_ms": round(statistics.median(times), 1),
        "most_ms": round(max(times), 1),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--runs", type=positive, default=15, help="answers of each kind (default 15)")
    parser.add_argument("--json", action="store_true", help="print the JSON line only")
    options = parser.parse_args(arguments)
    rows = [one for language in ("en", "zh") for one in measure(language, options.runs)]
    if not options.json:
        print(f"{'':14}{'':46}{'claims':>8}{'median':>12}{'most':>12}")
        for one in rows:
            claims = "" if one["claims"] is None else one["claims"]
            print(f"{one['book']:14}{one['what']:46}{claims:>8}{one['median_ms']:>9,.1f} ms{one['most_ms']:>9,.1f} ms")
        print()
    within = all(one["most_ms"] <= BOUND_MS for one in rows if one["claims"] is not None)
    print(json.dumps({"subject": "checking", "bound_ms": BOUND_MS, "within_bound": within, "rows": rows}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
