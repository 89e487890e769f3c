"""The fonts of an installed copy, fetched once: from package registries, each checked against its hash.

In a checkout set-up has put them there; `pip install` cannot, so the first command that draws does.
"""

import subprocess
import sys

from renderer import places
from renderer.fonts.catalogue import catalogue


def install_on_first_use() -> None:
    """Nothing in a checkout, or where the required ones are there. What could not be had is told on stderr, by name and reason."""
    required = [file for file, entry in catalogue(places.FONTS).items() if entry["required"]]
    if places.IN_CHECKOUT or all((places.FONTS / file).is_file() for file in required):
        return
    print(f"Fetching the fonts, once, into {places.FONTS} ...", file=sys.stderr, flush=True)
    installer = places.ROOT / "scripts" / "install_fonts.py"
    # stdout belongs to the caller's own output.
    subprocess.run([sys.executable, str(installer), "--quiet", "--fonts-dir", str(places.FONTS)], stdout=2, check=False)
