"""Values in, plotly figures out. One theme for both colour schemes; knows nothing of streamlit."""

from app.charts.evaluation import accuracy_chart
from app.charts.export import chart_csv, portable_json
from app.charts.lengths import break_even_chart, stages_chart, tokens_chart, waits_at_once_chart
from app.charts.prefill import ProjectedWait, SeenTime, projection_chart, waits_chart
from app.charts.runs import RunPoint, runs_chart
from app.charts.search import areas_chart, front_chart
from app.charts.sweep import at_once_chart, prefill_chart, speedup_chart, throughput_speedup_chart
from app.charts.theme import GLYPH, SIMULATED_PATTERN, TEXT
from app.charts.tornado import tornado_chart
from app.charts.ttft import QuestionTimes, ttft_chart
from app.charts.waterfall import SideStages, waterfall_chart

__all__ = [
    "GLYPH",
    "SIMULATED_PATTERN",
    "TEXT",
    "ProjectedWait",
    "QuestionTimes",
    "RunPoint",
    "SeenTime",
    "SideStages",
    "accuracy_chart",
    "areas_chart",
    "at_once_chart",
    "break_even_chart",
    "chart_csv",
    "front_chart",
    "portable_json",
    "prefill_chart",
    "projection_chart",
    "runs_chart",
    "speedup_chart",
    "stages_chart",
    "throughput_speedup_chart",
    "tokens_chart",
    "tornado_chart",
    "ttft_chart",
    "waits_at_once_chart",
    "waits_chart",
    "waterfall_chart",
]
