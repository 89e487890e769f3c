"""Is it still read? Items asked once of many arms (text, pages at any settings, with a factsheet, without the document), scored and
compared item by item. In: a plan, sources, servers. Out: a journal of results that survives a kill, and reports.

For others that need answers scored (a search over settings, say):

    items = make_items("niah_single_2", length=4096, count=20, seed=1, sources=Sources())
    score, outcome = graded(items[0], answer)          # 0 to 1 by the task's own measure, and one of four outcomes
    wilson(mean, n), paired_difference(...), report_of(arms, results)

Knows nothing of screens. What the simulator answered is simulated in every result.
"""

from app.evaluation.desk import EvaluationDesk, KeptEvaluation, evaluation_desk
from app.evaluation.errors import EvaluationBusy, EvaluationError, JournalUnusable, PlanError, SourceError
from app.evaluation.export import (
    OUTCOMES_NOTE,
    PAIRS_NOTE,
    STAND_IN,
    difference_words,
    interval_words,
    p_words,
    percent,
    report_html,
    report_json,
    results_csv,
    summary_value,
)
from app.evaluation.figures import figure_rows
from app.evaluation.forecast import ArmCost, Forecast, Price, forecast
from app.evaluation.forecasts import forecasts
from app.evaluation.inspect_log import write_inspect_logs
from app.evaluation.journal import Header, Journal, ServerNote, header_to_json, read_journal, result_to_json
from app.evaluation.misreadings import Misreading, misreadings
from app.evaluation.opening import begin, items_of, resume
from app.evaluation.plan import EvaluationPlan, plan_items
from app.evaluation.published import SOURCE, TABLE_3, TEXT_AVERAGE, TEXT_MODEL, PublishedRow
from app.evaluation.report import Against, ArmSummary, Cell, Report, report_of
from app.evaluation.run import EvaluationRun, EvaluationServer, RunLook, RunState, looked_at
from app.evaluation.scoring import abstained, character_error_share, graded, score_answer
from app.evaluation.statistics import PairedDifference, Share, mcnemar, paired_difference, wilson
from app.evaluation.tasks import TABLE_3_TASKS, TASKS, Sources, TaskInfo, make_items, missing_source, source_note
from app.evaluation.values import Arm, Given, Item, Metric, Outcome, Result

__all__ = [
    "OUTCOMES_NOTE",
    "PAIRS_NOTE",
    "SOURCE",
    "STAND_IN",
    "TABLE_3",
    "TABLE_3_TASKS",
    "TASKS",
    "TEXT_AVERAGE",
    "TEXT_MODEL",
    "Against",
    "Arm",
    "ArmCost",
    "ArmSummary",
    "Cell",
    "EvaluationBusy",
    "EvaluationDesk",
    "EvaluationError",
    "EvaluationPlan",
    "EvaluationRun",
    "EvaluationServer",
    "Forecast",
    "Given",
    "Header",
    "Item",
    "Journal",
    "JournalUnusable",
    "KeptEvaluation",
    "Metric",
    "Misreading",
    "Outcome",
    "PairedDifference",
    "PlanError",
    "Price",
    "PublishedRow",
    "Report",
    "Result",
    "RunLook",
    "RunState",
    "ServerNote",
    "Share",
    "SourceError",
    "Sources",
    "TaskInfo",
    "abstained",
    "begin",
    "character_error_share",
    "difference_words",
    "evaluation_desk",
    "figure_rows",
    "forecast",
    "forecasts",
    "graded",
    "header_to_json",
    "interval_words",
    "items_of",
    "looked_at",
    "make_items",
    "mcnemar",
    "misreadings",
    "missing_source",
    "p_words",
    "paired_difference",
    "percent",
    "plan_items",
    "read_journal",
    "report_html",
    "report_json",
    "report_of",
    "result_to_json",
    "results_csv",
    "resume",
    "score_answer",
    "source_note",
    "summary_value",
    "wilson",
    "write_inspect_logs",
]
