"""No server, whatever it sends, takes the machine's memory, an hour, or a key. The long form is the script beside this."""

import pytest

from tests.reliability.hostile_servers import CASES, run


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_promised_of_hostile_servers_is_kept(case):
    result = run(case)
    assert result.kept, result
