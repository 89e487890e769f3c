"""No chart of the app without its files: each is drawn by the one function that puts the buttons below it."""

from __future__ import annotations

import re

from app.paths import ROOT


def test_charts_are_drawn_in_one_place_which_puts_their_files_below_them():
    drawn = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "app").rglob("*.py")
        if re.search(
            r"\b(?:plotly_chart|line_chart|bar_chart|scatter_chart|altair_chart|vega_lite_chart)\(", path.read_text()
        )
    ]
    assert drawn == ["app/ui/chart.py"]


def test_no_two_charts_have_one_name():
    names = [
        name
        for path in (ROOT / "app" / "ui").rglob("*.py")
        for name in re.findall(r"draw_chart\((?:[^\"]|\([^\"]*\))*?\"([a-z-]+)\"", path.read_text())
    ]
    assert len(names) >= 9
    assert len(names) == len(set(names))
