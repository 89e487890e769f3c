"""What can keep an evaluation from being made or continued.

EvaluationError              shown to the user as it is
├── PlanError                a plan that cannot be carried out
├── SourceError              a folder or file of a data set that is missing, broken, or of another layout
├── JournalUnusable          a journal that cannot be read, written, or belongs to another evaluation
└── EvaluationBusy           another evaluation is under way
"""

from __future__ import annotations


class EvaluationError(Exception):
    """Shown to the user as it is."""


class PlanError(EvaluationError):
    pass


class SourceError(EvaluationError):
    pass


class JournalUnusable(EvaluationError):
    pass


class EvaluationBusy(EvaluationError):
    pass
