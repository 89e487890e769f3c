"""docs/routes.md names every route of this server, and no other."""

import re

from app.paths import ROOT
from app.web.server import routes

TABLE = (ROOT / "docs" / "routes.md").read_text(encoding="utf-8")


def test_the_table_names_the_routes_there_are():
    told = set(re.findall(r"^\| `(/[^`]+)` \|", TABLE, re.MULTILINE))
    assert told == {route.path for route in routes()}
