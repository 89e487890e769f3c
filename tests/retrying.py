"""A plugin: a test that is marked `timed` and fails is run once more, alone; only the second failure counts.

Such a test bounds a duration in seconds, because the duration is the claim. On a machine that does other work a single
measurement proves nothing; two that both miss their bound do. All other tests hold whatever the machine does beside them.
"""

import pytest
from _pytest.runner import runtestprotocol


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    if item.get_closest_marker("timed") is None:
        return None
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    reports = runtestprotocol(item, log=False, nextitem=nextitem)
    if any(report.failed for report in reports):
        reports = runtestprotocol(item, log=False, nextitem=nextitem)
        reports[-1].sections.append(("timed", "This was the second try."))
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True
