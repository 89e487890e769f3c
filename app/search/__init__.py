"""Rendering settings found by a genetic search that a critic leads: accuracy of a reader against compression of documents.

    from app.search import Documents, NeedleReader, SearchPlan, SearchStudy, Space, run_search

After the paper's third contribution (arXiv 2510.17800, section 3.2), whose code was never published: render, evaluate, let a
language model criticise and propose, rank the history, sample, until nothing is gained. In: documents, a reader, a budget.
Out: a journal that survives a kill, and from it fronts, generations, reasons and settings. Knows nothing of screens.
"""

from app.search.critic import Advice, Critic, OperatorsOnly, RuleCritic
from app.search.desk import KeptSearch, SearchDesk, search_desk
from app.search.documents import Documents
from app.search.errors import SearchBusy, SearchError
from app.search.export import front_settings, study_json, trials_csv
from app.search.genome import Factor, Genome, Space
from app.search.importance import Importance, importances
from app.search.llm_critic import CriticEndpoint, LlmCritic
from app.search.pareto import hypervolume, non_dominated
from app.search.quick import QuickFind, quick_search
from app.search.readers import ClarityReader, NeedleReader, Reader, ServerReader, make_reader
from app.search.run import RunState, SearchLook, SearchRun, run_search
from app.search.study import ArmState, SearchStudy
from app.search.values import (
    Arm,
    Candidate,
    ItemSet,
    Misread,
    Proposal,
    ReaderChoice,
    ReaderKind,
    Reading,
    Score,
    SearchPlan,
)

__all__ = [
    "Advice",
    "Arm",
    "ArmState",
    "Candidate",
    "ClarityReader",
    "Critic",
    "CriticEndpoint",
    "Documents",
    "Factor",
    "Genome",
    "Importance",
    "ItemSet",
    "KeptSearch",
    "LlmCritic",
    "Misread",
    "NeedleReader",
    "OperatorsOnly",
    "Proposal",
    "QuickFind",
    "Reader",
    "ReaderChoice",
    "ReaderKind",
    "Reading",
    "RuleCritic",
    "RunState",
    "Score",
    "SearchBusy",
    "SearchDesk",
    "SearchError",
    "SearchLook",
    "SearchPlan",
    "SearchRun",
    "SearchStudy",
    "ServerReader",
    "Space",
    "front_settings",
    "hypervolume",
    "importances",
    "make_reader",
    "non_dominated",
    "quick_search",
    "run_search",
    "search_desk",
    "study_json",
    "trials_csv",
]
