"""Every chart of the app: the picture, and below it the buttons that save it as PNG, SVG, HTML, CSV and JSON.

In: a figure of app/charts. The files are made in the browser, so nothing is sent anywhere and no program draws it a second time.
"""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from app.charts import chart_csv, portable_json
from app.ui.addresses import in_browser
from app.ui.components import chart_export
from app.web.library_routes import PLOTLY_URL

SAVING = "Charts: PNG, SVG, HTML, CSV and JSON, by the buttons below each."
# A chart's own bar: zoom, back. Streamlit shows it while the pointer is over the chart.
_BAR = {
    "displaylogo": False,
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"],
    "toImageButtonOptions": {"format": "svg", "filename": "glyph-chart"},
}


def draw_chart(figure: go.Figure, name: str, title: str, *, over: bool = True) -> None:
    """`name`: of the files and of the elements, one a screen. `title` is written above the saved picture, so it says what is
    simulated. `over`: nothing comes any more, so the chart can be taken away."""
    st.plotly_chart(figure, key=f"chart-{name}", config=_BAR)
    if over:
        chart_export(
            name, title, portable_json(figure, title), chart_csv(figure), in_browser(PLOTLY_URL), f"export-{name}"
        )
