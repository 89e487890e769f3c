"""What can go wrong between a folder of texts and shards of pages.

CorpusError            shown to the user as it is
├── InputError         the folder of texts
├── JobChanged         the folder of an earlier job that was begun otherwise
└── PackageMissing     datatrove, webdataset, pyarrow or ray is not installed
Undrawn                not a fault: this text gives no pages; `reason` is written down and counted
"""


class CorpusError(Exception):
    """Shown to the user as it is."""


class InputError(CorpusError):
    """Names the folder or file and what is needed."""


class JobChanged(CorpusError):
    """Names what differs from the job that the folder holds."""


class PackageMissing(CorpusError):
    """Names the package and the command that installs it."""

    def __init__(self, package: str) -> None:
        super().__init__(f"{package} is not installed; pip install -r requirements-corpus.txt (or the extra [corpus]).")


class Undrawn(Exception):
    """No pages of this text. `reason`: a few words, the same for the same cause."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
