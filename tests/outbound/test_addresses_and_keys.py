"""A password in an address goes to its server and is shown nowhere; a key goes to nobody but its server."""

import base64
import threading

import pytest

from app.clients import (
    Endpoint,
    Role,
    SamplingSettings,
    TextPrompt,
    build_chat_request,
    count_tokens_on_server,
    errors,
    probe,
    reset_caches,
    stream_chat,
)
from app.outbound import address_problem, api_base, shown_address, without_secrets
from app.serving.commands import ServerCommand
from app.serving.health import Health, check_health, check_remote, served_models
from app.serving.server_specs import RemoteSpec, ServerRole
from tests.clients.scripted_server import DONE, HEADERS, ScriptedServer, Send, delta, error_answer

KEY = "sk-very-secret-0123456789"
PASSWORD = "pa%40ss-w0rd"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://127.0.0.1:8001", "http://127.0.0.1:8001"),
        (f"https://user:{PASSWORD}@host.example:8443/v1", "https://host.example:8443/v1"),
        ("https://token@host.example/v1", "https://host.example/v1"),
        ("https://a:b@c:d@host.example", "https://host.example"),
        ("https://host.example/v1?api-key=abc#x", "https://host.example/v1"),
        ("http://[::1]:8001/v1", "http://[::1]:8001/v1"),
        ("http://host:port", "(an address that cannot be read)"),
        ("http://[::1", "(an address that cannot be read)"),
        ("http://h/\x1b[31m\n", "http://h/?[31m"),
    ],
)
def test_an_address_is_shown_without_what_nobody_should_see(url, shown):
    assert shown_address(url) == shown


@pytest.mark.parametrize(
    "url", ["gopher://h", "127.0.0.1:8001", "", "http://", "http://h:x", "http://h/v1?key=a", "http://h/#a"]
)
def test_what_is_no_address_for_requests_is_told_before_anything_is_sent(url):
    assert address_problem(url)
    endpoint = Endpoint(Role.TEXT, "Qwen", url, "qwen")
    request = build_chat_request(endpoint, TextPrompt("Book", "?"), SamplingSettings())
    with pytest.raises(errors.AddressWrong, match="Qwen"):
        list(stream_chat(endpoint, request, threading.Event()))
    assert not probe(endpoint).reachable
    assert api_base(url)  # nothing raises


def secret_forms():
    basic = base64.b64encode(b"user:pa@ss-w0rd").decode()
    return (PASSWORD, "pa@ss-w0rd", basic)


@pytest.fixture
def guarded():
    """A server that quotes what it was sent, under an address with a password."""
    with ScriptedServer() as server:
        yield server, Endpoint(Role.TEXT, "Qwen", server.url.replace("http://", f"http://user:{PASSWORD}@"), "qwen")


def failure(endpoint):
    request = build_chat_request(endpoint, TextPrompt("Book", "?"), SamplingSettings())
    with pytest.raises(errors.ClientError) as caught:
        list(stream_chat(endpoint, request, threading.Event()))
    return str(caught.value) + repr(caught.value) + caught.value.server_message


def test_the_password_reaches_the_server(guarded):
    server, endpoint = guarded
    server.chat(HEADERS, delta(content="So"), delta(finish="stop"), DONE)
    request = build_chat_request(endpoint, TextPrompt("Book", "?"), SamplingSettings())
    list(stream_chat(endpoint, request, threading.Event()))
    server.route("/v1/models", {"data": [{"id": "qwen"}]})
    assert probe(endpoint, 20.0).reachable
    assert check_remote(endpoint.base_url, None) is Health.UP
    assert {asked.headers["authorization"] for asked in server.asked} == {f"Basic {secret_forms()[2]}"}


def test_the_password_is_in_no_message_and_no_log(guarded, caplog):
    caplog.set_level(0)
    server, endpoint = guarded
    said = [repr(endpoint), endpoint.shown_address]
    for answer in (
        error_answer(401, f"bad login {' '.join(secret_forms())}"),
        error_answer(404, "Not Found"),
        Send(b"SSH-2.0\r\n"),
        Send(b"HTTP/1.1 302 X\r\nLocation: /elsewhere\r\n\r\n"),
        Send(HEADERS.data + f"data: {secret_forms()[2]} {secret_forms()[1]}\n\n".encode()),
    ):
        for path in ("/v1/chat/completions", "/v1/models"):
            server.answers[path] = [[answer]]
        said += [failure(endpoint), probe(endpoint).detail, reset_caches(endpoint).detail]
    nobody = Endpoint(Role.TEXT, "Qwen", f"http://user:{PASSWORD}@127.0.0.1:9", "qwen")
    said += [failure(nobody), probe(nobody).detail]
    check_remote(endpoint.base_url, None)
    said.append(caplog.text)
    assert [secret for secret in secret_forms() if secret in "\n".join(said)] == []


def test_the_password_is_in_no_command_shown(guarded):
    _, endpoint = guarded
    spec = RemoteSpec(role=ServerRole.TEXT, served_name="qwen", base_url=endpoint.base_url)
    assert ServerCommand(spec, ()).to_mapping()["url"] == endpoint.shown_address


def test_an_empty_password_cuts_nothing():
    assert without_secrets("user words", None, "http://user:@h") == "user words"


# --- redirects ------------------------------------------------------------------------------------------------------


@pytest.fixture
def redirecting(monkeypatch):
    """An endpoint with a key whose server points every route at another server."""
    monkeypatch.setenv("TEST_GLYPH_KEY", KEY)
    with ScriptedServer() as thief, ScriptedServer() as server:
        thief.route("/v1/models", {"data": [{"id": "qwen"}]})
        routes = ("/v1/chat/completions", "/v1/models", "/health", "/tokenize", "/version", "/reset_prefix_cache")
        for status, path in zip((307, 302, 301, 308, 303, 307), routes, strict=True):
            location = f"Location: {thief.url}{path}\r\n"
            server.answers[path] = [[Send(f"HTTP/1.1 {status} X\r\n{location}Content-Length: 0\r\n\r\n".encode())]]
        yield Endpoint(Role.TEXT, "Qwen", server.url, "qwen", api_key_env="TEST_GLYPH_KEY"), thief
        assert thief.asked == []


def test_no_redirect_is_followed_with_a_key_by_a_chat(redirecting):
    endpoint, thief = redirecting
    request = build_chat_request(endpoint, TextPrompt("Book", "?"), SamplingSettings())
    with pytest.raises(errors.Redirected) as caught:
        list(stream_chat(endpoint, request, threading.Event()))
    assert f"points to {thief.url}/v1/chat/completions (HTTP 307)" in caught.value.what_happened
    assert f"to {thief.url}/v1." in caught.value.what_to_do


def test_no_redirect_is_followed_with_a_key_by_a_look_a_count_or_a_reset(redirecting):
    endpoint, thief = redirecting
    state = probe(endpoint, 20.0)
    assert not state.reachable
    assert f"{thief.url}/v1/models" in state.detail
    with pytest.raises(errors.Redirected):
        count_tokens_on_server(endpoint, "text")
    assert not reset_caches(endpoint).complete


def test_no_redirect_is_followed_with_a_key_by_the_launcher(redirecting):
    endpoint, _ = redirecting
    assert check_remote(endpoint.base_url, endpoint.api_key_env) is Health.REDIRECTED
    assert check_health(endpoint.base_url) is Health.REDIRECTED
    assert served_models(endpoint.base_url, 1.0, endpoint.api_key_env) == ()


@pytest.mark.parametrize("location", ["", "//[", "http://user:secret-pass@h/x?token=1", "\x1b]0;x", "x" * 9000])
def test_an_odd_target_is_told_as_far_as_it_can_be(location):
    with ScriptedServer() as server:
        server.chat(Send(f"HTTP/1.1 302 X\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()))
        said = failure(Endpoint(Role.TEXT, "Qwen", server.url, "qwen"))
    assert "secret-pass" not in said
    assert len(said) < 3000
    assert "\x1b" not in said.replace("\\x1b", "")
