"""TLS where plain HTTP was meant, plain HTTP where TLS was meant, certificates nobody vouches for: each has its name."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

pytest.importorskip("cryptography", reason="makes the certificates")

from app.clients import Endpoint, Role, SamplingSettings, TextPrompt, build_chat_request, errors, probe, stream_chat
from app.clients.reaching import unreachable
from app.outbound import Fault, Trouble
from app.serving.health import Health, check_remote
from tests.clients.scripted_server import ScriptedServer, Send, json_answer
from tests.outbound.tls import certificate, tls_server

ROOT = Path(__file__).resolve().parents[2]
MODELS = json_answer({"data": [{"id": "qwen"}]}).data


def failure(url):
    endpoint = Endpoint(Role.TEXT, "Qwen", url, "qwen")
    request = build_chat_request(endpoint, TextPrompt("Book", "Who?"), SamplingSettings())
    with pytest.raises(errors.ClientError) as caught:
        list(stream_chat(endpoint, request, threading.Event()))
    assert caught.value.what_happened == probe(endpoint, 5.0).detail  # the watch says the same
    return caught.value


@pytest.fixture
def secured(tmp_path):
    with tls_server(certificate(tmp_path), MODELS) as port:
        yield port


def test_a_certificate_of_ones_own_is_named_with_the_way_to_trust_it(secured):
    error = failure(f"https://localhost:{secured}")
    assert type(error) is errors.CertificateRefused
    assert "self-signed" in error.what_happened
    assert "SSL_CERT_FILE" in error.what_to_do


def test_http_to_a_tls_port_is_told(secured):
    error = failure(f"http://localhost:{secured}")
    assert type(error) is errors.WrongProtocol
    assert "speaks TLS" in error.what_happened
    assert "https://" in error.what_to_do
    assert check_remote(f"http://localhost:{secured}", None) is Health.WRONG


def test_https_to_a_plain_port_is_told():
    with ScriptedServer() as server:
        error = failure(server.url.replace("http://", "https://"))
    assert type(error) is errors.WrongProtocol
    assert "plain HTTP" in error.what_happened


@pytest.mark.parametrize(
    "words", ["The plain HTTP request was sent to HTTPS port", "Client sent an HTTP request to an HTTPS server."]
)
def test_proxies_that_say_so_in_a_400_are_understood(words):
    with ScriptedServer() as server:
        for path in ("/v1/chat/completions", "/v1/models"):
            server.answers[path] = [[json_answer(words, 400)]]
        assert type(failure(server.url)) is errors.WrongProtocol


def test_what_is_no_http_server_is_named_with_its_first_words():
    with ScriptedServer() as server:
        for path in ("/v1/chat/completions", "/v1/models", "/"):
            server.answers[path] = [[Send(b"SSH-2.0-OpenSSH_9.2\r\n")]]
        error = failure(server.url)
        assert type(error) is errors.WrongProtocol
        assert "no HTTP server: it begins with 'SSH-2.0-OpenSSH" in error.what_happened


def look_with(tmp_path, url, cert_file):
    """One look in a process of its own: certificates are loaded once a process."""
    code = f"from app.clients import *; print(probe(Endpoint(Role.TEXT, 'Qwen', {url!r}, 'qwen'), 10.0).detail)"
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "SSL_CERT_FILE": str(cert_file)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return run.stdout


def test_ssl_cert_file_makes_it_trusted(tmp_path):
    pem = certificate(tmp_path)
    with tls_server(pem, MODELS) as port:
        assert "serves qwen" in look_with(tmp_path, f"https://localhost:{port}", pem)


def test_an_unreadable_ssl_cert_file_is_named(tmp_path):
    assert "SSL_CERT_FILE names cannot be read" in look_with(tmp_path, "https://localhost:9", tmp_path / "gone.pem")


def test_another_hosts_and_an_old_certificate_are_told_apart(tmp_path):
    for pem, word, to_do in (
        (certificate(tmp_path, "elsewhere.example"), "not valid for", "the name the certificate was made for"),
        (certificate(tmp_path, days=-1), "expired", "renewed"),
    ):
        with tls_server(pem, MODELS) as port:
            assert word in look_with(tmp_path, f"https://localhost:{port}", pem)
        endpoint = Endpoint(Role.TEXT, "Qwen", "https://localhost:9", "qwen")
        assert to_do in unreachable(endpoint, Trouble(Fault.CERTIFICATE, f"certificate {word}")).what_to_do
