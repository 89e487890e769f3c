"""The waterfall lays stages behind each other on one scale, and hatches what a simulator made up."""

from app.charts import SideStages, waterfall_chart
from app.measurement import Provenance, Stage, StageName, Waterfall

TEXT = Waterfall(
    (
        Stage(StageName.PARSE, 0, 40, Provenance.MEASURED),
        Stage(StageName.PREFILL, 40, 9000, Provenance.SIMULATED, "queue included"),
    ),
    first_token_ms=9040,
    done_ms=9040,
)
PAGES = Waterfall(
    (
        Stage(StageName.PARSE, 0, 40, Provenance.MEASURED),
        Stage(StageName.RENDER, 40, 500, Provenance.MEASURED),
        Stage(StageName.PREFILL, 540, 3000, Provenance.MEASURED),
        Stage(StageName.ANSWER, 3540, 2000, Provenance.MEASURED),
    ),
    first_token_ms=3540,
    done_ms=5540,
)


def traces(*sides):
    figure = waterfall_chart([SideStages(label, one) for label, one in sides])
    return figure, {trace.name: trace for trace in figure.data}


def test_every_stage_lies_where_it_began_in_seconds():
    _, shown = traces(("Text", TEXT), ("Pages", PAGES))
    prefill = shown[StageName.PREFILL.label]
    assert list(prefill.y) == ["Text", "Pages"]
    assert list(prefill.base) == [0.04, 0.54]
    assert list(prefill.x) == [9.0, 3.0]


def test_a_simulated_stage_is_hatched_beside_a_measured_one_of_the_same_name():
    _, shown = traces(("Text", TEXT), ("Pages", PAGES))
    assert list(shown[StageName.PREFILL.label].marker.pattern.shape) == ["/", ""]
    assert list(shown[StageName.PARSE.label].marker.pattern.shape) == ["", ""]


def test_the_legend_follows_the_order_of_time():
    _, shown = traces(("Pages", PAGES))
    names = [name for name in shown if name != "First token"]
    assert names == [StageName(stage).label for stage in ("parse", "render", "prefill", "answer")]


def test_both_sides_share_one_scale_that_ends_behind_the_longer():
    figure, _ = traces(("Text", TEXT), ("Pages", PAGES))
    assert figure.layout.xaxis.range[0] == 0
    assert 9.04 < figure.layout.xaxis.range[1] < 10


def test_first_tokens_are_marked_on_the_sides_that_spoke():
    silent = Waterfall((Stage(StageName.SEND, 0, 10, Provenance.MEASURED),))
    _, shown = traces(("Text", silent), ("Pages", PAGES))
    assert list(shown["First token"].y) == ["Pages"]
    assert list(shown["First token"].x) == [3.54]


def test_the_note_of_a_stage_is_told_on_hover():
    _, shown = traces(("Text", TEXT))
    assert shown[StageName.PREFILL.label].customdata[0][1] == "(simulated; queue included)"


def test_no_stage_at_all_still_draws():
    figure, shown = traces(("Text", Waterfall()))
    assert not shown
    assert figure.layout.xaxis.range[1] == 1
