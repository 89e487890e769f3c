"""The app's entry: `streamlit run app/main.py`. Puts the repository on the path and starts the server with our routes."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.ui.server import create_app  # noqa: E402

app = create_app()
