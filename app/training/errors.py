"""What can go wrong between a folder of texts and rows.

TrainingError          shown to the user as it is
├── SourceError        the folder, the texts or the questions; names the file and, where there is one, the line
├── StyleError         no rendering style that can be drawn was found
├── OutputError        the folder to write to
├── WorkerLost         a process that made rows was killed
└── JudgeError         the judge's server, after all attempts; or its bound on calls
RowSkipped             not a fault: this seed gives no row within the limits; `reason` is counted and told
"""


class TrainingError(Exception):
    """Shown to the user as it is."""


class SourceError(TrainingError):
    """Names the file, what is wrong with it and what is needed."""


class StyleError(TrainingError):
    """Says which rule refused the last try."""


class OutputError(TrainingError):
    """Names the folder and what to do."""


class WorkerLost(TrainingError):
    """Says what to change."""


class JudgeError(TrainingError):
    """Names the address, without key or password, and what it answered."""


class RowSkipped(Exception):
    """No row from this seed. `reason`: a few words, the same for the same cause."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
