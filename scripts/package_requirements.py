"""For the build of the package: its dependencies are those of the requirements files, so that they stand in one place.

`pip install .` brings what the renderer needs; the app and corpora at scale are extras.
"""

from pathlib import Path

from hatchling.metadata.plugin.interface import MetadataHookInterface

RENDERER = "requirements-renderer.txt"
EXTRAS = {"app": "requirements.txt", "corpus": "requirements-corpus.txt"}


class Requirements(MetadataHookInterface):
    """Fills in [project].dependencies and [project.optional-dependencies]."""

    def update(self, metadata: dict) -> None:
        root = Path(self.root)
        metadata["dependencies"] = stated(root / RENDERER)
        metadata["optional-dependencies"] = {extra: stated(root / file) for extra, file in EXTRAS.items()}


def stated(path: Path) -> list[str]:
    """The requirements that a file names itself; what it takes in from others stands there."""
    lines = path.read_text(encoding="utf-8").splitlines()
    found = (line.partition("#")[0].strip() for line in lines)
    return [line for line in found if line and not line.startswith("-")]
