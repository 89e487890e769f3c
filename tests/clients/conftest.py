import pytest

from tests.clients.scripted_server import ScriptedServer


@pytest.fixture
def server():
    with ScriptedServer() as running:
        yield running
