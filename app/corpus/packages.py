"""Whether what a job needs is installed: asked before anything is drawn or measured, not when a worker first needs it."""

from collections.abc import Iterable
from importlib.util import find_spec

from .errors import PackageMissing
from .values import Shards

_WRITES = {Shards.TAR: "webdataset", Shards.PARQUET: "pyarrow"}


def require_packages(shards: Iterable[Shards]) -> None:
    """Raises PackageMissing."""
    for package in ("datatrove", *(_WRITES[kind] for kind in shards)):
        if find_spec(package) is None:
            raise PackageMissing(package)
