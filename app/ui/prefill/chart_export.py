"""The buttons below a chart that save it: PNG, SVG, HTML, CSV, JSON."""

from __future__ import annotations

import plotly.graph_objects as go

from app.charts import chart_csv, portable_json
from app.ui.addresses import in_browser
from app.ui.components import chart_export
from app.web.library_routes import PLOTLY_URL


def draw_export(figure: go.Figure, name: str, title: str) -> None:
    """`name`: of the files and of the component; `title`: is written above the picture, so it says what is simulated."""
    chart_export(name, title, portable_json(figure, title), chart_csv(figure), in_browser(PLOTLY_URL), f"export-{name}")
