"""What each side is told beforehand: it reaches its own request, stands on the turn, and is in what is recorded."""

from dataclasses import replace

from app.clients import SamplingSettings
from app.comparisons import answering_words, system_prompts
from app.outbound import parse_json
from app.recordings.recorder import Keep, Recorder
from app.recordings.run_file import read_run
from app.recordings.store import RecordingStore
from app.web.comparison_json import turn_view
from tests.clients.scripted_server import DONE, HEADERS, delta
from tests.web.test_comparison_json import finished
from tests.web.test_comparison_routes import servers, spec  # noqa: F401 - fixtures

VERSE = SamplingSettings(system_prompt="Answer in verse.")
PROSE = replace(VERSE, system_prompt="Answer in prose.", temperature=0.1, thinking=False)


def roles_and_words(server):
    messages = parse_json(server.asked[-1].body)["messages"]
    return [(one["role"], one["content"]) for one in messages]


def answered(servers, asked):  # noqa: F811
    for server in servers:
        server.chat(HEADERS, delta(content="Yes"), delta(finish="stop"), DONE)
    return finished(asked)


def test_each_side_is_sent_its_own_system_prompt_and_sampling(servers, spec):  # noqa: F811
    shot = answered(servers, replace(spec, sampling=VERSE, pages_sampling=PROSE))
    text, pages = servers
    assert roles_and_words(text)[0] == ("system", "Answer in verse.")
    assert roles_and_words(pages)[0] == ("system", "Answer in prose.")
    assert [role for role, _ in roles_and_words(text)] == ["system", "user"]
    assert parse_json(pages.asked[-1].body)["temperature"] == 0.1
    assert parse_json(text.asked[-1].body)["temperature"] == VERSE.temperature
    said = turn_view(shot, None)
    assert said["stamp"] == (
        "system prompt “Answer in verse.” · Glyph: system prompt “Answer in prose.”, temperature 0.1, thinking off"
    )
    assert "System prompt of Glyph: Answer in prose." in said["stamp_help"]


def test_the_same_goes_to_both_by_default_and_nothing_where_nothing_is_said(servers, spec):  # noqa: F811
    answered(servers, replace(spec, sampling=VERSE))
    assert [roles_and_words(server)[0] for server in servers] == [("system", "Answer in verse.")] * 2
    answered(servers, spec)
    assert [roles_and_words(server)[0][0] for server in servers] == ["user"] * 2
    assert answering_words(spec) == system_prompts(spec) == ""
    assert answering_words(replace(spec, pages_sampling=spec.sampling)) == ""


def test_both_system_prompts_are_in_the_recording(servers, spec, tmp_path):  # noqa: F811
    store = RecordingStore(tmp_path / "kept")
    recorder = Recorder(store, Keep.WHOLE)
    try:
        shot = answered(servers, replace(spec, sampling=VERSE, pages_sampling=PROSE))
        recorder.began(shot.comparison_id, shot.spec, shot.order, 0.0)
        assert recorder.flush()
        (stream,) = (tmp_path / "kept").rglob("*.ndjson")
        sides = read_run(stream.read_bytes()).header.sides
    finally:
        recorder.close()
    assert [side.sampling for side in sides] == [VERSE, PROSE]
