"""The Chinese font for answers on machines that have none: the file that is installed with the app, to this server's own pages."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from app.preview.font_choices import font_file
from renderer import RenderError

CHINESE = "DroidSansFallbackFull.ttf"
_KEPT_S = 86_400


def font_routes() -> list[Route]:
    return [Route("/glyph/fonts/chinese.ttf", _chinese)]


def _chinese(request: Request) -> Response:
    try:
        path = font_file(CHINESE)
    except RenderError as error:
        return PlainTextResponse(str(error), status_code=404)
    return FileResponse(path, media_type="font/ttf", headers={"Cache-Control": f"max-age={_KEPT_S}"})
