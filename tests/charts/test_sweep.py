"""Every point of a sweep's charts says where it comes from, by its shape and by a word."""

import csv
import io
import itertools
import json
from dataclasses import replace

import pytest

from app.charts import (
    at_once_chart,
    break_even_chart,
    chart_csv,
    portable_json,
    prefill_chart,
    speedup_chart,
    stages_chart,
    throughput_speedup_chart,
    tokens_chart,
    waits_at_once_chart,
)
from app.charts.curves import DASHES, SYMBOLS, Curve, CurvePoint, Source, curves_chart
from app.clients import Role
from app.measurement import CacheState, Provenance
from app.projection import ASSUMED_SERVING, DEFAULT_GPU, PUBLISHED_SPEEDUPS
from app.sweep import Arm, Kind, Outcome, Record, Task

TEXT, PAGES = Arm(Role.TEXT), Arm(Role.PAGES, 72)


def record(arm, kind=Kind.PREFILL, tokens=4096, ttft_ms=100.0, rate=None, at_once=1, provenance=Provenance.SIMULATED):
    return Record(
        Task(kind, arm, tokens, at_once),
        Outcome.MEASURED,
        provenance,
        text_tokens=tokens,
        visual_tokens=tokens // 3 if arm.dpi else None,
        pages=tokens // 1890 if arm.dpi else None,
        prompt_tokens=(tokens // 3 if arm.dpi else tokens) + 20,
        render_ms=120.0 if arm.dpi else None,
        headers_ms=(0.25 * ttft_ms,),
        cache=CacheState.COLD,
        ttft_ms=(ttft_ms,) * at_once,
        tokens_per_second=rate,
    )


RECORDS = [
    record(TEXT),
    record(PAGES, ttft_ms=50.0),
    record(TEXT, tokens=8192, ttft_ms=250.0),
    record(PAGES, tokens=8192, ttft_ms=100.0),
    record(TEXT, Kind.LOAD, rate=100.0, at_once=4),
    record(PAGES, Kind.LOAD, rate=200.0, at_once=4),
    Record(Task(Kind.PREFILL, TEXT, 131072), Outcome.LEFT_OUT, Provenance.SIMULATED, detail="<b>Window</b>"),
]


def figures(records=RECORDS):
    charts = (
        prefill_chart(records, DEFAULT_GPU, ", made 40× faster"),
        speedup_chart(records, DEFAULT_GPU),
        throughput_speedup_chart(records, DEFAULT_GPU),
        at_once_chart(records, 4096),
        tokens_chart(records),
        break_even_chart(records),
        waits_at_once_chart(records, 4096),
    )
    names = ("prefill", "speedup", "throughput", "at once", "tokens", "break-even", "waits")
    return dict(zip(names, charts, strict=True))


@pytest.mark.parametrize("name", figures())
def test_every_curve_names_its_source_in_legend_label_and_hover_and_has_its_shape(name):
    figure = figures()[name]
    labels = " ".join(str(one.text) for one in figure.layout.annotations)
    curves = [trace for trace in figure.data if trace.name not in ("not measured", "break-even, interpolated")]
    assert curves
    for trace in curves:
        source = Source(trace.name.rsplit(", ", 1)[1])
        assert trace.marker.symbol == SYMBOLS[source]
        assert trace.line.dash == DASHES[source]
        assert trace.hovertemplate.endswith(f"<extra>{source}</extra>")
        assert f"<i>{source}</i>" in labels


def test_no_two_sources_share_a_shape_or_a_dash():
    assert len(set(SYMBOLS.values())) == len(set(DASHES.values())) == len(Source)


def test_prefill_is_drawn_on_two_logarithmic_axes_and_what_fits_nowhere_is_a_cross_with_its_reason():
    figure = figures()["prefill"]
    assert (figure.layout.xaxis.type, figure.layout.yaxis.type) == ("log", "log")
    (cross,) = [trace for trace in figure.data if trace.name == "not measured"]
    assert list(cross.x) == [131072]
    assert "&lt;b&gt;Window" in cross.text[0]
    assert "made 40× faster" in figure.data[0].name


def test_the_papers_six_points_stand_beside_both_speedups():
    for name, figure_of in (("speedup", "prefill"), ("throughput", "decoding")):
        (paper,) = [trace for trace in figures()[name].data if trace.name == "Glyph paper, published"]
        assert list(paper.y) == [getattr(one, figure_of) for one in PUBLISHED_SPEEDUPS]


def test_speedups_are_those_of_the_medians():
    (ours,) = [trace for trace in figures()["speedup"].data if trace.name == "Glyph at 72 dpi, simulated"]
    assert list(ours.y) == [2.0, 2.5]


def test_a_measured_and_a_simulated_point_of_one_side_are_two_curves():
    mixed = [record(TEXT), record(TEXT, tokens=8192, provenance=Provenance.MEASURED)]
    names = {trace.name for trace in prefill_chart(mixed, DEFAULT_GPU, ", made 40× faster").data}
    assert {"Text model, made 40× faster, simulated", "Text model, measured", "Text model, projected"} <= names


def test_without_requests_at_once_there_is_no_such_chart():
    assert at_once_chart(RECORDS[:4], 4096) is None
    assert waits_at_once_chart(RECORDS[:4], 4096) is None
    assert at_once_chart(RECORDS, 8192) is None


def test_names_at_the_ends_of_curves_do_not_lie_on_each_other():
    curves = [Curve(f"c{n}", Source.PROJECTED, "#000", (CurvePoint(4096, 2.0 + n / 100),)) for n in range(4)]
    figure = curves_chart(curves, x_title="", y_title="", log_y=False)
    # All four at nearly one place: what keeps them apart is the shift alone.
    shifts = sorted(one.yshift + one.y for one in figure.layout.annotations)
    assert all(later - earlier > 30 for earlier, later in itertools.pairwise(shifts))


def test_the_axis_ends_at_the_curves_and_leaves_the_names_beside_them_to_the_margin():
    first, last = prefill_chart(RECORDS, DEFAULT_GPU).layout.xaxis.range
    lengths = [x for trace in prefill_chart(RECORDS, DEFAULT_GPU).data for x in trace.x]
    assert 10**first < min(lengths) < max(lengths) < 10**last < 2 * max(lengths)


def test_lengths_that_end_with_a_sentence_are_named_by_what_was_aimed_at():
    curve = Curve("c", Source.MEASURED, "#000", tuple(CurvePoint(x, 1.0) for x in (1010, 4089, 16_301, 130_900)))
    assert list(curves_chart([curve], x_title="", y_title="", log_y=True).layout.xaxis.ticktext) == [
        "0.99K",
        "4K",
        "16K",
        "128K",
    ]


def test_no_two_dpis_share_a_colour():
    arms = [Arm(Role.TEXT, None), *(Arm(Role.PAGES, dpi) for dpi in (72, 96, 108, 120, 144, 150, 300))]
    chart = prefill_chart([record(arm, tokens=tokens) for arm in arms for tokens in (4096, 8192)], DEFAULT_GPU)
    colors = {trace.line.color for trace in chart.data if "simulated" in (trace.name or "")}
    assert len(colors) == len(arms)


def test_the_wait_is_drawn_stage_by_stage_and_hatched_where_it_is_simulated():
    figure = stages_chart(RECORDS)
    drawing, headers, prefill, totals = figure.data
    rows = ["4K Text model", "4K Glyph at 72 dpi", "8K Text model", "8K Glyph at 72 dpi"]
    assert list(drawing.y) == rows
    assert list(drawing.x) == [0, 0.12, 0, 0.12]
    assert list(headers.x) == [0.025, 0.0125, 0.0625, 0.025]
    assert [sum(parts) for parts in zip(headers.x, prefill.x, strict=True)] == pytest.approx([0.1, 0.05, 0.25, 0.1])
    assert set(prefill.marker.pattern.shape) == {"/"}
    assert set(drawing.marker.pattern.shape) == {""}  # timed by our own clock
    assert "simulated, drawing measured" in totals.text[1]
    measured = stages_chart([record(TEXT, provenance=Provenance.MEASURED)])
    assert set(measured.data[2].marker.pattern.shape) == {""}


def test_the_break_even_is_marked_with_and_without_drawing_where_it_lies_between_two_lengths():
    slow = [
        record(PAGES, ttft_ms=200.0),
        *(one for one in RECORDS if one.task.arm != PAGES or one.task.text_tokens > 4096),
    ]
    (mark,) = [trace for trace in break_even_chart(slow).data if trace.name == "break-even, interpolated"]
    assert len(mark.x) == 2
    assert all(4096 < tokens < 8192 for tokens in mark.x)
    assert "rendering counted" in mark.text[1]
    assert mark.x[0] < mark.x[1]


def test_of_many_at_once_each_side_counts_at_the_number_that_gave_it_most():
    more = [record(TEXT, Kind.LOAD, rate=80.0, at_once=8), record(PAGES, Kind.LOAD, rate=300.0, at_once=8)]
    (best,) = [
        trace for trace in throughput_speedup_chart([*RECORDS, *more], DEFAULT_GPU).data if "most at once" in trace.name
    ]
    assert list(best.y) == [3.0]
    assert "300 tokens/s with 8 at once, the text model 100 with 4" in best.text[0]


def test_a_calibration_moves_the_projected_curve_alone():
    slow = replace(ASSUMED_SERVING, linear=0.2, attention=0.2)
    one, other = prefill_chart(RECORDS, DEFAULT_GPU), prefill_chart(RECORDS, DEFAULT_GPU, "", slow)
    for before, after in zip(one.data, other.data, strict=True):
        assert (list(before.y) == list(after.y)) is ("projected" not in before.name)


class TestExport:
    @pytest.mark.parametrize("name", figures())
    def test_a_chart_taken_away_has_its_curves_a_title_and_a_background_of_its_own(self, name):
        value = json.loads(portable_json(figures()[name], "What <it> shows, simulated"))
        assert [trace["name"] for trace in value["data"]] == [trace.name for trace in figures()[name].data]
        layout = value["layout"]
        assert layout["paper_bgcolor"] == layout["plot_bgcolor"] == "#ffffff"
        assert layout["title"]["text"] == "What <it> shows, simulated"
        assert layout["width"] > 1000
        assert "<i>simulated</i>" in json.dumps(layout)

    def test_its_points_are_a_sheet_with_quartiles_sources_and_no_formula(self):
        hostile = Record(Task(Kind.PREFILL, TEXT, 9999), Outcome.LEFT_OUT, Provenance.SIMULATED, detail="x")
        chart = prefill_chart([*RECORDS, hostile], DEFAULT_GPU, ", made 40× faster")
        rows = list(csv.DictReader(io.StringIO(chart_csv(chart))))
        text = [row for row in rows if row["series"] == "Text model, made 40× faster, simulated"]
        assert [(float(row["x"]), float(row["y"])) for row in text] == [(4096, 0.1), (8192, 0.25)]
        assert float(text[0]["low"]) == float(text[0]["high"]) == 0.1
        assert "median 100.0 ms" in text[0]["words"]
        assert "<br>" not in text[0]["words"]
        assert any(row["series"] == "not measured" and "9,999 tokens" in row["words"] for row in rows)
        stages = list(csv.DictReader(io.StringIO(chart_csv(stages_chart(RECORDS)))))
        assert {row["words"] for row in stages if row["series"] == "Drawing the pages"} == {"measured"}
        evil = curves_chart(
            [Curve("=HYPERLINK()", Source.MEASURED, "#000", (CurvePoint(1, 2.0),))], x_title="", y_title="", log_y=False
        )
        assert "'=HYPERLINK()" in chart_csv(evil)
