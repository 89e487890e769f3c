"""Measure print clarity against the letters' size in pixels, with and without the model's resize; write the stored table.

    python scripts/measure_clarity.py                     prints the rows
    python scripts/measure_clarity.py --write             and writes app/legibility/clarity_table.json

Random hex codes drawn by our renderer at configs/en.json, the resolution varied; read by the OCR program (app/legibility). Some
minutes on 2 cores.
"""

import argparse
import dataclasses
import json
import sys
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.legibility.gauge import read_probe, share_with_range
from app.legibility.ocr import version, why_not
from app.legibility.table import FILE
from renderer import RenderConfig
from renderer.places import CONFIGS
from scripts.option_types import positive
from scripts.stopping import ended

DPIS = (40, 45, 50, 54, 57, 60, 63, 66, 69, 72, 76, 80, 88, 96, 108, 120, 150, 200)
LINES = 108


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], allow_abbrev=False)
    parser.add_argument("--write", action="store_true", help=f"into {FILE.name}")
    parser.add_argument("--lines", type=positive, default=LINES, help="of hex at each setting (default: %(default)s)")
    args = parser.parse_args(argv)
    if reason := why_not():
        print(f"error: nothing can be measured: {reason}.", file=sys.stderr)
        return 2
    config = RenderConfig.load(CONFIGS / "en.json")
    table: dict[str, object] = {
        "measured_on": date.today().isoformat(),
        "ocr": f"Tesseract {version()}, Debian tesseract-ocr-eng",
        "font": config.font_path.name,
        "lines": args.lines,
    }
    for name, snapped in (("resampled", False), ("exact", True)):
        rows = []
        for dpi in DPIS:
            reads, resampled = read_probe(dataclasses.replace(config, dpi=dpi, snap_to_28=snapped), args.lines)
            if resampled == snapped:
                continue  # a size that happens to need no resize belongs into the other table
            row = [round(config.font_size_pt * dpi / 72, 3), *(round(x, 5) for x in share_with_range(reads))]
            rows.append(row)
            em, share, low, high = row
            print(f"{name:9} {dpi:3} dpi  {em:6.2f} px  {100 * share:6.2f} % ({100 * low:.2f} to {100 * high:.2f})")
        table[name] = rows
    if args.write:
        FILE.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
        print(f"written: {FILE}")
    return 0


if __name__ == "__main__":
    sys.exit(ended("measure_clarity", main))
