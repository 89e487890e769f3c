"""What can go wrong between a folder of texts and shards of pages.

CorpusError            shown to the user as it is
├── InputError         the folder of texts
├── JobChanged         the folder of an earlier job that was begun otherwise, or is damaged
├── JobBusy            another process is at this job
├── WorkerLost         a worker was killed in the middle of a task
└── PackageMissing     datatrove, webdataset, pyarrow or ray is not installed
Undrawn                not a fault: this text gives no pages; `reason` is written down and counted
"""


class CorpusError(Exception):
    """Shown to the user as it is."""


class InputError(CorpusError):
    """Names the folder or file and what is needed."""


class JobChanged(CorpusError):
    """Names what differs from the job that the folder holds."""


class JobBusy(CorpusError):
    """Names the folder and what to do."""


class WorkerLost(CorpusError):
    """`signal_name`: what it died of."""

    def __init__(self, signal_name: str) -> None:
        self.signal_name = signal_name
        super().__init__(
            f"a worker was killed ({signal_name}). Where memory ran out, give fewer --workers or smaller --most-characters."
        )


class PackageMissing(CorpusError):
    """Names the package and the command that installs it."""

    def __init__(self, package: str) -> None:
        super().__init__(f"{package} is not installed; pip install -r requirements-corpus.txt (or the extra [corpus]).")


class Undrawn(Exception):
    """No pages of this text. `reason`: a few words, the same for the same cause."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
