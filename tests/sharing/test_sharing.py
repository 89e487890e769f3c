"""Runs handed on: nothing hostile gets out of its place, others' schemas are met, and what is simulated says so."""

import base64
import csv
import io
import json
import subprocess
import sys
from dataclasses import replace
from html import escape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from PIL import Image

from app.clients import (
    AnswerDelta,
    Dialect,
    Finished,
    HeadersArrived,
    PageFile,
    ReasoningDelta,
    RequestStarted,
    Role,
    SamplingSettings,
    ServerTimings,
    Stopped,
    UsageReport,
)
from app.comparisons import KnownAnswer, Order
from app.comparisons.steps import PagesTaken
from app.recordings import RecordedBook, RecordedSide, Recording, RunHeader, TimedStep
from app.recordings.run_file import written
from app.recordings.values import FORMAT_VERSION
from app.sharing import LeftOut, aiperf_lines, html_page, otlp_json, read_runs, runs_csv, runs_json, shared_run
from app.verdict import RULE
from scripts.share import main

HOSTILE = "</div></style><script>fetch('http://x.example')</script><img src=x onerror=alert(1)>\"'&\u2028"
BEGAN = 1_800_000_000.0


def recorded_side(role: Role, **more) -> RecordedSide:
    told = {"server": HOSTILE, "address": "http://127.0.0.1:1", "model": HOSTILE, "dialect": Dialect.VLLM}
    return RecordedSide(
        role, **told, simulated=True, sampling=SamplingSettings(), gpu="NVIDIA H100", speedup=40.0, **more
    )


def steps_of(role: Role, answer: str) -> list[TimedStep]:
    usage = UsageReport(1_000, 12, 10, 900 if role is Role.PAGES else None, 3, 2.0)
    events = [
        PagesTaken((PageFile(Path("p.png"), "a" * 64, 10, 10),), 0.0),
        RequestStarted(0.5),
        HeadersArrived(0.75),
        ReasoningDelta(HOSTILE, 1.0),
        AnswerDelta(answer, 1.5),
        AnswerDelta(" end", 1.75),
        usage,
        Finished("stop", 2.0),
    ]
    return [TimedStep(role, 1, event) for event in (events if role is Role.PAGES else events[1:])]


@pytest.fixture(scope="module")
def recording() -> Recording:
    sides = (recorded_side(Role.TEXT), replace(recorded_side(Role.PAGES), simulated=False, speedup=None, gpu=None))
    header = RunHeader(
        FORMAT_VERSION, "run1", BEGAN, HOSTILE, HOSTILE, Order.TOGETHER, HOSTILE, sides, settings=HOSTILE
    )
    steps = (*steps_of(Role.TEXT, HOSTILE), *steps_of(Role.PAGES, "=cmd|'/c calc'!A0"))
    return Recording(header, tuple(sorted(steps, key=lambda one: one.step.at)), broken_off=False)


@pytest.fixture(scope="module")
def run(recording):
    return shared_run(recording)


def page_png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (595, 842), "white").save(out, "PNG")
    return out.getvalue()


class Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs


class TestHtml:
    def test_hostile_words_make_no_element_and_no_address(self, run):
        elements = Elements()
        elements.feed(html_page(run, lambda _: page_png()))
        assert not {"script", "iframe", "link", "object", "base", "form"} & set(elements.tags)
        assert not [name for name, _ in elements.attributes if name.startswith("on") or name in ("href", "srcset")]
        assert {value[:22] for name, value in elements.attributes if name == "src"} == {"data:image/png;base64,"}

    def test_it_says_what_is_simulated_measured_and_recorded(self, run):
        page = html_page(run)
        assert "simulated: projected for NVIDIA H100, 40× faster than projected, not measured" in page
        assert '<span class="badge">measured</span>' in page
        assert "500 ms, simulated" in page
        assert "Recorded 20" in page

    def test_a_side_that_was_stopped_says_so_beside_the_verdict(self, recording):
        asked = recording.header.sides[0], replace(recording.header.sides[0], role=Role.PAGES)
        steps = [one for one in recording.steps if not isinstance(one.step, UsageReport | Finished)]
        steps += [TimedStep(role, 1, Stopped(2.0)) for role in Role]
        stopped = Recording(replace(recording.header, sides=asked), tuple(steps), broken_off=False)
        page = html_page(shared_run(stopped))
        assert "<b>Simulated at 40×: both first tokens came at about the same time" in page
        assert "Both sides were stopped amid the answer." in page
        assert "Whether the servers had read it before (warm) was not told." in page

    def test_each_side_is_marked_where_the_answer_is_known_and_the_rule_is_told(self, run):
        assert "Known answer" not in html_page(run)
        known = KnownAnswer(HOSTILE, "calc")  # Glyph's answer holds it, the text model's does not
        page = html_page(replace(run, header=replace(run.header, known=known)))
        text, glyph = page.split('<section class="')[1:]
        assert "<b>✗ wrong</b>" in text
        assert "<b>✓ right</b>" in glyph
        assert f"Known answer: {escape(HOSTILE)}. {RULE}" in page

    def test_answers_are_formatted_and_what_they_hold_has_its_page_in_the_book(self, recording):
        book = "It rained. " * 40 + "The lamp on Corrin Point burned 41 gallons, said Wren." + " It rained." * 40
        answer = "**Wren** said:\n\n> The lamp on Corrin Point burned\n\n- and Bosun"
        told = RecordedBook("b" * 64, len(book), kept=True)
        header = replace(recording.header, book=told, page_starts=(0, 400), question="Who?")
        steps = tuple(
            replace(one, step=replace(one.step, text=answer)) if one.step == AnswerDelta(HOSTILE, 1.5) else one
            for one in recording.steps
        )
        text, glyph = html_page(shared_run(replace(recording, header=header, steps=steps), book)).split(
            '<section class="'
        )[1:]
        assert "<p><strong>Wren</strong> said:</p>" in text
        assert "<blockquote><p>The lamp on Corrin Point burned</p></blockquote>" in text
        assert "The quotation is in the book" in text  # a simulated answer's other words are its own
        assert "The lamp on Corrin Point burned <i>(found; page 2)</i>" in text
        assert "in the book" not in glyph

    def test_without_the_book_nothing_is_said_of_what_stands_in_it(self, run):
        assert 'class="checked"' not in html_page(run)

    @pytest.mark.parametrize("kept", [None, b"", b"\x89PNG\r\n\x1a\nbroken", b"<svg onload=alert(1)>"])
    def test_a_page_that_is_no_picture_is_left_out(self, run, kept):
        assert "<img" not in html_page(run, lambda _: kept)


class TestTables:
    def test_a_cell_is_no_formula(self, run):
        rows = list(csv.DictReader(io.StringIO(runs_csv([run]))))
        assert [row["side"] for row in rows] == ["text", "pages"]
        assert rows[1]["answer"] == "'=cmd|'/c calc'!A0 end"
        assert rows[0]["answer"] == f"{HOSTILE} end"

    @pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t=", "\r=", " =", "＝"])
    def test_every_way_to_begin_a_formula_is_neutralised(self, run, begin):
        named = replace(run, header=replace(run.header, question=f"{begin}1+1"))
        (row, _) = csv.DictReader(io.StringIO(runs_csv([named]), newline=""))
        assert row["question"].startswith("'")

    def test_json_has_the_same_rows(self, run):
        (text, pages) = json.loads(runs_json([run]))
        assert (text["ttft_ms"], text["simulated"], pages["simulated"]) == (500.0, True, False)
        assert (pages["prompt_tokens"], pages["answer"]) == (1_000, "=cmd|'/c calc'!A0 end")


def parsed(text: str) -> ExportTraceServiceRequest:
    """Strictly, by the published schema. OTLP's JSON has ids in hexadecimal where protobuf's own has base64."""
    told = json.loads(text)
    for resource in told["resourceSpans"]:
        for scope in resource["scopeSpans"]:
            for span in scope["spans"]:
                for name in ("traceId", "spanId"):
                    span[name] = base64.b64encode(bytes.fromhex(span[name])).decode()
    return json_format.ParseDict(told, ExportTraceServiceRequest(), ignore_unknown_fields=False)


def test_spans_meet_the_published_schema(run):
    (text, pages) = parsed(otlp_json([run])).resource_spans[0].scope_spans[0].spans
    assert (len(text.trace_id), len(text.span_id), text.kind) == (16, 8, 3)
    assert text.trace_id == pages.trace_id != text.span_id
    assert (text.start_time_unix_nano, text.end_time_unix_nano) == (
        1_800_000_000_500_000_000,
        1_800_000_002_000_000_000,
    )
    told = {one.key: one.value for one in pages.attributes}
    assert told["gen_ai.operation.name"].string_value == "chat"
    assert told["gen_ai.usage.input_tokens"].int_value == 1_000
    assert told["gen_ai.usage.image.input_tokens"].int_value == 900
    assert told["gen_ai.response.time_to_first_chunk"].double_value == 0.5
    assert told["glyph.simulated"].bool_value is False
    assert [event.name for event in text.events] == ["glyph.first_token"]


def test_records_have_the_shape_of_aiperf_s(run):
    text, pages = map(json.loads, aiperf_lines([run]).splitlines())
    assert (
        text["metadata"]["request_start_ns"] < text["metadata"]["request_ack_ns"] < text["metadata"]["request_end_ns"]
    )
    assert text["metrics"]["time_to_first_token"] == {"value": 500.0, "unit": "ms"}
    assert pages["metrics"]["inter_chunk_latency"] == {"value": [500.0, 250.0], "unit": "ms"}
    assert text["glyph"]["kind"].startswith("simulated")


def test_what_a_simulator_s_stand_in_needed_is_in_no_figure_that_is_handed_on(recording, run):
    late = ServerTimings(None, None, None, None, None, 1.9, stand_in_waited_ms=500.0, stand_in_late_ms=200.0)
    steps = [TimedStep(role, 1, late) for role in Role]
    waited = shared_run(
        replace(recording, steps=tuple(sorted((*recording.steps, *steps), key=lambda one: one.step.at)))
    )
    before, after = (list(map(json.loads, aiperf_lines([one]).splitlines())) for one in (run, waited))
    assert after[0]["metrics"]["request_latency"]["value"] == before[0]["metrics"]["request_latency"]["value"] - 200
    assert "inter_chunk_latency" in before[0]["metrics"]
    assert "inter_chunk_latency" not in after[0]["metrics"]
    ends = [one[0]["metadata"]["request_end_ns"] for one in (before, after)]
    assert ends[0] - ends[1] == pytest.approx(200e6)
    spans = [parsed(otlp_json([one])).resource_spans[0].scope_spans[0].spans[0] for one in (run, waited)]
    assert spans[0].end_time_unix_nano - spans[1].end_time_unix_nano == pytest.approx(200e6)
    assert after[1] == before[1]  # measured: a server's word changes nothing that was seen


def test_the_script_shares_a_run_s_file_without_the_app(recording, tmp_path, capsys):
    file = tmp_path / "run.ndjson"
    file.write_text(written(recording), encoding="utf-8")
    forms = ("html", "otlp", "aiperf", "csv", "json")
    asked = [part for form in forms for part in (f"--{form}", str(tmp_path / f"out.{form}"))]
    script = Path(__file__).resolve().parents[2] / "scripts" / "share.py"
    done = subprocess.run([sys.executable, script, file, *asked], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert all((tmp_path / f"out.{form}").stat().st_size > 100 for form in forms)
    assert main([str(file), "nosuchrun", "--csv", str(tmp_path / "both.csv")]) == 0
    assert capsys.readouterr().err.startswith("warning: nosuchrun is left out: This recording is not kept")
    assert "left out: This recording is not kept" in (tmp_path / "both.csv").read_text(encoding="utf-8")
    missing = subprocess.run(
        [sys.executable, script, "nosuchrun", "--csv", "x"], capture_output=True, text=True, timeout=120
    )
    assert (missing.returncode, missing.stderr) == (
        1,
        "error: nosuchrun is left out: This recording is not kept (any more).\n",
    )


def test_the_script_names_no_folder_of_this_machine_and_says_what_it_could_not_write(recording, tmp_path, capsys):
    file, table = tmp_path / "run.ndjson", tmp_path / "all.csv"
    file.write_text(written(recording), encoding="utf-8")
    (tmp_path / "locked.ndjson").write_text("no recording\n", encoding="utf-8")
    asked = [str(file), str(tmp_path / "locked.ndjson"), str(tmp_path / "gone.ndjson")]
    assert main([*asked, "--csv", str(table)]) == 0
    rows = table.read_text(encoding="utf-8")
    assert str(tmp_path) not in rows
    assert "locked.ndjson" in rows
    assert "There is no such file" in rows
    assert main([str(file), "--csv", str(tmp_path / "no folder" / "all.csv")]) == 1
    assert "cannot be written (No such file or directory); name another file" in capsys.readouterr().err


def test_a_run_that_cannot_be_read_costs_no_other_and_names_no_folder(run):
    def read(asked):
        if asked == "good":
            return run
        raise OSError(5, "Input/output error", asked)

    runs, left_out = read_runs([("/home/somebody/bad.ndjson", "Who?"), ("good", "Where?")], read)
    assert runs == [run]
    assert left_out == [LeftOut("bad.ndjson", "Who?", "It could not be read: Input/output error.")]
