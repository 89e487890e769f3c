"""The app's desk: one sweep at a time, and one that was stopped goes on in another process, nothing measured twice."""

from dataclasses import replace

import pytest

from app.clients import Role
from app.sweep import JournalUnusable, Outcome, RunState, SweepBusy, SweepDesk, looked_at
from tests.clients.simulators import simulator
from tests.sweep.conftest import PLAN

WITHIN_S = 120


@pytest.fixture
def desk(tmp_path):
    made = SweepDesk(tmp_path / "sweeps", tmp_path / "pages")
    yield made
    made.close()


def test_a_sweep_stopped_by_the_end_of_the_app_goes_on_in_the_next_one_with_the_same_book(subject, desk, tmp_path):
    sweep_id = desk.begin(subject, replace(PLAN, repeats=4))
    while desk.look()[1].done < 3:
        assert not desk.wait(0.01)
    desk.close()
    stopped = desk.look()[1]
    assert stopped.state is RunState.STOPPED

    after = SweepDesk(tmp_path / "sweeps", tmp_path / "pages")
    (kept,) = after.kept()
    assert (kept.id, kept.settled, kept.complete) == (sweep_id, stopped.done, False)
    after.resume(sweep_id, subject.text_server, subject.pages_server)
    assert after.wait(WITHIN_S)
    header, records = after.read(sweep_id)
    assert records[: stopped.done] == stopped.records
    assert len(records) == header.plan.task_count
    assert {record.outcome for record in records} == {Outcome.MEASURED}
    assert after.kept()[0].complete


def test_two_sweeps_at_once_are_refused(subject, desk):
    desk.begin(subject, replace(PLAN, repeats=20))
    with pytest.raises(SweepBusy, match="measure each other"):
        desk.begin(subject, PLAN)
    desk.stop()
    assert desk.wait(WITHIN_S)


def test_a_sweep_does_not_go_on_with_another_model(subject, desk, servers):
    sweep_id = desk.begin(subject, PLAN)
    desk.stop()
    assert desk.wait(WITHIN_S)
    with simulator(Role.TEXT, "--model", "other/model") as other:
        server = looked_at(replace(other, model="other/model"))[0]
        with pytest.raises(JournalUnusable, match="models differ"):
            desk.resume(sweep_id, server, servers[1])
    desk.resume(sweep_id, *servers)  # the refusal left the journal free


def test_what_names_no_sweep_leads_nowhere(desk, tmp_path):
    (tmp_path / "secret.jsonl").write_text("{}\n")
    for name in ("../secret", "", "a/b", "x" * 100):
        with pytest.raises(JournalUnusable, match="names no sweep"):
            desk.read(name)


def test_a_journal_of_the_command_line_is_shown_and_its_command_told(subject, desk, servers, tmp_path):
    from app.sweep import Journal

    Journal.create(tmp_path / "sweeps" / "20260101.jsonl", subject.header(PLAN)).close()
    (tmp_path / "sweeps" / "broken.jsonl").write_text("no journal\n")
    assert [one.id for one in desk.kept()] == ["20260101"]
    with pytest.raises(JournalUnusable, match=r"scripts/sweep.py --resume"):
        desk.resume("20260101", *servers)
