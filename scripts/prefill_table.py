#!/usr/bin/env python3
"""A sweep's prefill speedups beside the projection's and those that the Glyph paper published, as Markdown.

    python scripts/prefill_table.py .data/sweeps/….jsonl              the journal of scripts/sweep.py or of the Prefill screen
    python scripts/prefill_table.py JOURNAL --gpu l40s                 projected for another GPU

Every speedup is the text's time to first token over the pages'. A sweep of a simulator holds simulated times: its clock is a
projection, so that table shows what the way from the request to the screen adds to it, and measures no GPU.
Exit status: 0 printed, 2 refused.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.calibration import CalibrationError, Seen, SpeedupRow, speedup_rows
from app.clients.servers import speedup_words
from app.projection import DEFAULT_GPU, GPUS, PUBLISHED_COMPRESSION, Gpu
from app.sweep import Header, SweepError, read_journal
from scripts.stopping import ended

_COLUMNS = (
    "text tokens",
    "pages",
    "this sweep (quartiles)",
    "pages fetched and resized (ms)",
    "projected, same prompts",
    f"projected, the paper's pair at {PUBLISHED_COMPRESSION:g}×",
    "published",
)
_NONE = "–"


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        header, records = read_journal(options.journal)
        gpu = GPUS[options.gpu] if options.gpu else _simulated_gpu(header) or DEFAULT_GPU
        rows = speedup_rows(header, records, gpu)
    except (SweepError, CalibrationError) as error:
        print(f"prefill_table: {error}", file=sys.stderr)
        return 2
    print("\n".join(_table(rows)))
    print()
    print(_caption(header, gpu))
    return 0


def _table(rows: Sequence[SpeedupRow]) -> list[str]:
    lines = [_line(_COLUMNS), _line(["---"] * len(_COLUMNS))]
    for row in rows:
        seen = row.seen
        cells = [
            f"{row.text_tokens:,}",
            _pages_words(seen) if seen else _NONE,
            _seen_words(seen) if seen else _NONE,
            f"{seen.headers_ms:,.0f}" if seen and seen.headers_ms is not None else _NONE,
            f"{seen.projected:.2f}" if seen else _NONE,
            f"{row.paper_projected:.2f}",
            _NONE if row.published is None else f"{row.published:.1f}",
        ]
        lines.append(_line(cells))
    return lines


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _pages_words(seen: Seen) -> str:
    return f"{seen.dpi} dpi" + (f", {seen.compression:.2f}×" if seen.compression else "")


def _seen_words(seen: Seen) -> str:
    return f"{seen.ratio:.2f} {seen.provenance} ({seen.low:.2f} to {seen.high:.2f})"


def _caption(header: Header, gpu: Gpu) -> str:
    """Who was asked, how often, and where each column comes from."""
    models = " and ".join(_shown(note.model) for note in header.servers)
    played = next((note for note in header.servers if note.simulated), None)
    times = "measured"
    if played is not None:
        pace = speedup_words(played.simulated_speedup)
        times = f"simulated{pace}, not measured: the simulator's clock is a projection for {_shown(played.simulated_gpu or 'a GPU')}"
    return (
        f"{models}, {header.plan.repeats} {'repeat' if header.plan.repeats == 1 else 'repeats'}, medians; this sweep's times are {times}. Projected for {gpu.name}, one "
        f"request alone. Published: arXiv 2510.17800, one H100, Glyph over its own text backbone."
    )


def _simulated_gpu(header: Header) -> Gpu | None:
    named = {note.simulated_gpu for note in header.servers if note.simulated}
    return next((gpu for gpu in GPUS.values() if gpu.name in named), None)


def _shown(name: str) -> str:
    """A journal's names come from servers: printable and short."""
    return "".join(letter if letter.isprintable() else " " for letter in name)[:80]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\n")[0],
        epilog=__doc__.split("\n\n", 1)[1],
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("journal", type=Path, help="of scripts/sweep.py or of the Prefill screen")
    parser.add_argument("--gpu", choices=list(GPUS), help="of the projection (default: the simulator's, else an H100)")
    return parser


if __name__ == "__main__":
    sys.exit(ended("prefill_table", main))
