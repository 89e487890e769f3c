"""A plugin: a test whose bound is a duration gets a second try, and the summary tells of it; only the second failure counts.

Two kinds are meant. A test marked `timed` bounds seconds, because seconds are the claim. A browser test (`e2e`) bounds how
long it waits for something to appear, and only where such a wait ran out (Playwright's TimeoutError) is it run again: a
wrong word or a wrong figure fails at once. On a machine that does other work one measurement proves nothing; two that both
miss their bound do. All other tests hold whatever the machine does beside them.
"""

import pytest
from _pytest.reports import TestReport
from _pytest.runner import runtestprotocol
from _pytest.terminal import TerminalReporter

SECOND_TRY = "second try"
_RAN_OUT = "playwright._impl._errors.TimeoutError"


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    if item.get_closest_marker("timed") is None and item.get_closest_marker("e2e") is None:
        return None
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    reports = runtestprotocol(item, log=False, nextitem=nextitem)
    if any(_missed_a_duration(item, report) for report in reports):
        first = next(report for report in reports if report.failed)
        reports = runtestprotocol(item, log=False, nextitem=nextitem)
        reports[-1].sections.append((SECOND_TRY, first.longreprtext[-600:]))
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    for report in [*terminalreporter.getreports("passed"), *terminalreporter.getreports("")]:
        for name, why in report.sections:
            if name == SECOND_TRY:
                terminalreporter.write_line(f"SECOND TRY {report.nodeid}: {why.strip().splitlines()[-1]}")


def _missed_a_duration(item: pytest.Item, report: TestReport) -> bool:
    return report.failed and (item.get_closest_marker("timed") is not None or _RAN_OUT in report.longreprtext)
