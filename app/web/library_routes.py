"""The chart library that the browser loads when a chart is to be saved as a picture; nothing else is read from it."""

from __future__ import annotations

from pathlib import Path

import plotly
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

PLOTLY_JS = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
PLOTLY_URL = "/glyph/plotly.js"


async def plotly_js(_request: Request) -> Response:
    headers = {"Cache-Control": "private, max-age=86400"}
    return FileResponse(PLOTLY_JS, media_type="text/javascript", headers=headers)


def routes() -> list[Route]:
    return [Route(PLOTLY_URL, plotly_js)]
