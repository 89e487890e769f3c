"""What a sweep, an evaluation and a search have in common: their states, a thread of their own, one at a time in the process, the
folder of their journals, and one request read to its end.

In: what each of them does and knows itself. Out: nothing of its own. Knows nothing of what is measured, scored or searched.
"""

from app.long_runs.answering import AskingStopped, read_answer
from app.long_runs.desk import OneAtATime
from app.long_runs.folder import RunFolder, began
from app.long_runs.states import BackgroundRun, RunState

__all__ = ["AskingStopped", "BackgroundRun", "OneAtATime", "RunFolder", "RunState", "began", "read_answer"]
