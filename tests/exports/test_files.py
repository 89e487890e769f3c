"""Exported files: spreadsheets take no title for a formula, every file says what is projected, simulated or measured."""

import csv
import io
import json
from dataclasses import replace

import pytest

from app.comparisons import Projected
from app.exports import conversation_files, csv_bytes, figures_files, json_bytes, table_files
from app.projection import DEFAULT_GPU
from app.reading import TextReading, Window, book_figures
from tests.comparisons.comparisons import GOOD, finished
from tests.comparisons.conftest import kept, servers, spec  # noqa: F401 - fixtures


def rows_of(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


@pytest.mark.parametrize("title", ["=HYPERLINK(1)", "+1", "-1+2", "@SUM(A1)", "\tx"])
def test_no_text_is_a_formula(title):
    [row] = rows_of(csv_bytes([{"title": title, "n": -3}]))
    assert row == {"title": f"'{title}", "n": "-3"}


def test_columns_are_those_of_all_rows_and_quotes_and_lines_survive():
    rows = [{"a": 'says "no"\nand goes'}, {"b": "宝玉"}]
    assert rows_of(csv_bytes(rows)) == [{"a": 'says "no"\nand goes', "b": ""}, {"a": "", "b": "宝玉"}]


def test_what_json_has_no_word_for_is_refused():
    with pytest.raises(ValueError, match="JSON"):
        json_bytes({"x": float("nan")})


def test_a_lone_surrogate_in_a_title_breaks_no_file():
    assert json.loads(json_bytes({"title": "a\ud800"}))["title"].startswith("a")
    assert rows_of(csv_bytes([{"title": "a\ud800"}]))


def test_a_table_is_kept_as_it_was_when_the_menu_was_drawn():
    rows = [{"n": 1}]
    as_csv, as_json = table_files("It", "it", rows)
    rows[0]["n"] = 2
    assert rows_of(as_csv.make()) == [{"n": "1"}]
    assert json.loads(as_json.make()) == [{"n": 1}]


def test_a_books_figures_are_the_screens_and_its_times_are_called_projected():
    window = Window(131_072, True)
    figures = book_figures(TextReading(240_000, 120_000, window), [630] * 100, window, DEFAULT_GPU)
    [row] = json.loads(figures_files(figures, "T", {"d": "72"})[1].make())
    assert (row["text_tokens"], row["text_tokens_sent"], row["visual_tokens"]) == (240_000, 120_000, 63_000)
    assert row["compression_ratio"] == round(figures.ratio, 4)
    assert row["setting_d"] == "72"
    assert all("projected" in name for name in row if name.endswith("_s"))


def test_a_conversation_has_a_row_an_answer(kept, servers, spec):  # noqa: F811
    for server in servers:
        server.chat(*GOOD)
    shot = finished(kept, kept.start(spec))
    times, whole = conversation_files([shot])
    rows = json.loads(whole.make())
    assert [row["side"] for row in rows] == ["text", "pages"]
    assert [row["answer"] for row in rows] == [side.answer for side in shot.sides]
    assert {row["times_are"] for row in rows} <= {"measured", "simulated"}
    told = rows_of(times.make())
    assert "answer" not in told[0]
    assert float(told[0]["ttft_ms"]) == pytest.approx(shot.text.latencies.ttft_ms, abs=0.001)
    assert conversation_files([]) == ()


def test_a_hurried_simulators_speed_is_a_column_and_the_projection_stays_what_it_is(kept, servers, spec):  # noqa: F811
    for server in servers:
        server.chat(*GOOD)
    hurried = replace(spec.text_endpoint, simulated=True, simulated_speedup=40.0)
    shown = Projected(200.0, "NVIDIA H100")  # what is waited for here: 8 s, 40 times faster
    shot = finished(kept, kept.start(replace(spec, text_endpoint=hurried, text_projected=shown, pages_projected=shown)))
    text, pages = json.loads(conversation_files([shot])[1].make())
    assert (text["simulated_speedup"], text["projected_ttft_ms"]) == (40.0, 8000.0)
    assert (pages["simulated_speedup"], pages["projected_ttft_ms"]) == (None, 200.0)
