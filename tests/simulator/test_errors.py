"""Each row of vLLM's error table, by status, shape and words; and hostile input, which must stay bounded."""

import base64
import io
import socket
import struct
import zlib
from urllib.parse import urlsplit

import pytest
from PIL import Image

from tests.simulator.harness import data_url, image, png, text, write_pages


def error_of(response, status):
    assert response.status_code == status, response.text
    error = response.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert error["code"] == status
    return error


@pytest.fixture(scope="module")
def narrow_text(start_server):
    return start_server("--role", "text", "--speedup", "500", "--max-model-len", "200")


@pytest.fixture(scope="module")
def narrow_pages(start_server):
    return start_server("--role", "pages", "--speedup", "500", "--max-model-len", "2000")


def test_a_text_too_long(narrow_text):
    error = error_of(narrow_text.chat("word " * 300), 400)
    assert error["message"].startswith(
        "This model's maximum context length is 200 tokens. However, your prompt contains"
    )
    assert (error["type"], error["param"]) == ("BadRequestError", "input_tokens")


def test_a_text_so_long_that_it_need_not_be_tokenised(narrow_text):
    error = error_of(narrow_text.chat("word " * 10_000), 400)
    assert error["message"].startswith(
        "This model's maximum context length is 200 tokens. However, your prompt contains"
    )
    assert error["param"] == "input_text"


def test_pages_too_long(narrow_pages):
    content = [*(image(data_url(png(shade))) for shade in range(4)), text("Hm?")]
    error = error_of(narrow_pages.chat(content), 400)
    assert error["message"].startswith("Input length (25")
    assert "exceeds model's maximum context length (2000)." in error["message"]


def test_prompt_and_max_tokens_over_the_limit_are_clamped(narrow_text):
    answer = narrow_text.chat("word " * 120, max_tokens=150).json()
    assert answer["usage"]["total_tokens"] <= 200
    assert answer["choices"][0]["finish_reason"] == "length"


def test_max_tokens_above_the_window(narrow_text):
    error = error_of(narrow_text.chat("Hello", max_tokens=201), 400)
    assert error["message"].startswith("max_tokens=201 cannot be greater than max_model_len=200.")


def test_too_many_images(pages_server):
    content = [image("data:image/png;base64,AAAA")] * 1000
    error = error_of(pages_server.chat(content), 400)
    assert error["message"].startswith("At most 999 image(s) may be provided in one prompt.")


def test_a_broken_image(pages_server):
    for data in (b"no image at all", png(3)[:-30], png(3)[:60], b""):
        error = error_of(pages_server.chat([image(data_url(data)), text("Hm?")]), 400)
        assert error["message"].startswith("Failed to load image: ")


def test_a_missing_file(pages_server, pages_dir):
    error = error_of(pages_server.chat([image(f"file://{pages_dir}/absent.png"), text("Hm?")]), 500)
    assert error["message"].startswith("[Errno 2] No such file or directory")
    assert error["type"] == "InternalServerError"


@pytest.mark.parametrize("path", ["/etc/hostname", "{pages_dir}/../outside.png", "{pages_dir}/link.png"])
def test_a_file_outside_the_allowed_folder(pages_server, pages_dir, path):
    link = pages_dir / "link.png"
    if not link.is_symlink():
        link.symlink_to("/etc/hostname")
    error = error_of(pages_server.chat([image(f"file://{path.format(pages_dir=pages_dir)}"), text("Hm?")]), 400)
    assert error["message"].startswith("The file path ")
    assert " must be a subpath of `--allowed-local-media-path " in error["message"]
    assert "/etc" not in error["message"].replace("/etc/hostname", "", 1)  # two segments are not scrubbed, as in vLLM


def test_files_where_no_folder_is_allowed(narrow_pages):
    error = error_of(narrow_pages.chat([image("file:///tmp/a.png"), text("Hm?")]), 500)
    assert error["message"] == "Cannot load local files without `--allowed-local-media-path`."


def test_a_wrong_model_name(text_server):
    body = {**text_server.body("Hello"), "model": "x"}
    error = error_of(text_server.post("/v1/chat/completions", body), 404)
    assert error["message"] == "The model `x` does not exist. Valid aliases: Qwen/Qwen3-8B."
    assert (error["type"], error["param"]) == ("NotFoundError", "model")


def test_an_image_to_a_text_model(text_server):
    error = error_of(text_server.chat([image(data_url(png(1))), text("Hm?")]), 400)
    assert error["message"].endswith(" is not a multimodal model")


def test_an_unknown_uuid(pages_server):
    error = error_of(pages_server.chat([image(None, "nobody"), text("Hm?")]), 400)
    assert error["message"] == "Cache miss for image at index 0 but data is not provided."


def test_no_images_from_the_network(pages_server):
    error = error_of(pages_server.chat([image("http://127.0.0.1:1/a.png"), text("Hm?")]), 400)
    assert error["message"].startswith("Failed to load image: ")


def test_a_data_url_that_is_none(pages_server):
    assert "missing ',' separator" in error_of(pages_server.chat([image("data:image/png;base64")]), 400)["message"]
    assert error_of(pages_server.chat([image("data:image/png,abc")]), 501)["type"] == "NotImplementedError"
    error_of(pages_server.chat([image("data:image/png;base64,###")]), 400)


@pytest.mark.parametrize(
    ("body", "param"),
    [
        (b"{", "body.1"),
        (b"[]", "body"),
        (b"{}", "body.messages"),
        (b'{"messages": "hello"}', "body.messages"),
        (b'{"messages": [{"content": "x"}]}', "body.messages.0.role"),
        (b'{"messages": [{"role": "user", "content": 5}]}', "body.messages.0.content"),
        (b'{"messages": [{"role": "user", "content": "x"}], "max_tokens": "many"}', "body.max_tokens"),
        (b'{"messages": [{"role": "user", "content": "x"}], "stream": "yes"}', "body.stream"),
        (b'{"messages": [{"role": "user", "content": "x"}], "max_tokens": 0}', "max_tokens"),
        (b'{"messages": [{"role": "user", "content": "x"}], "temperature": -1}', "temperature"),
        (b'{"messages": [{"role": "user", "content": "x"}], "n": 2}', "n"),
        (b'{"messages": [{"role": "user", "content": "x"}], "cache_salt": ""}', "cache_salt"),
        (b'{"messages": [{"role": "user", "content": "x"}], "cache_salt": "a/b"}', "cache_salt"),
        (
            b'{"messages": [{"role": "user", "content": "x"}], "stream_options": {"include_usage": true}}',
            "stream_options",
        ),
        (b'{"messages": [{"role": "user", "content": [{"type": "video_url"}]}]}', None),
        (b'{"messages": []}', "messages"),
        (b'{"messages": [' + b"[" * 100_000, None),
        (b'{"max_tokens": ' + b"9" * 5000 + b"}", None),
        (b"\x80\x81", None),
    ],
)
def test_a_body_of_the_wrong_form_is_a_400_that_names_the_field(text_server, body, param):
    response = text_server.post("/v1/chat/completions", content=body, headers={"content-type": "application/json"})
    assert error_of(response, 400)["param"] == param


def test_an_unknown_route_answers_in_the_same_shape(text_server):
    assert error_of(text_server.get("/nothing"), 404)["message"] == "Not Found"


def test_a_picture_that_claims_to_be_huge_is_refused_unopened(pages_server):
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk)) + png(1)[33:]
    error = error_of(pages_server.chat([image(data_url(bomb)), text("Hm?")]), 400)
    assert "pixels" in error["message"]


def test_a_picture_too_narrow_for_the_model(pages_server):
    buffer = io.BytesIO()
    Image.new("L", (5, 500)).save(buffer, "PNG")
    error = error_of(pages_server.chat([image(data_url(buffer.getvalue())), text("Hm?")]), 400)
    assert "larger than factor:28" in error["message"]


def test_a_body_over_the_limit_is_refused_by_its_announced_length(text_server):
    address = urlsplit(text_server.url)
    with socket.create_connection((address.hostname, address.port), timeout=10) as client:
        client.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000000\r\n\r\n{}")
        assert client.recv(4096).startswith(b"HTTP/1.1 413 ")


def test_thirty_megabytes_of_pages_are_no_trouble(pages_server):
    noise = base64.b64encode(bytes(200_000)).decode()
    padded = [data_url(png(shade)) for shade in range(150)]
    body = pages_server.body([*(image(url) for url in padded), text("Hm?")], ignored=noise * 110)
    usage = pages_server.post("/v1/chat/completions", body).json()["usage"]
    assert usage["prompt_tokens_details"]["multimodal_tokens"]["image"] == 150 * 630


def test_lone_surrogates_do_not_break_an_answer(text_server):
    body = b'{"messages": [{"role": "user", "content": "The \\ud83d owl hooted.\\n\\nWhat hooted, the owl?"}]}'
    response = text_server.post("/v1/chat/completions", content=body, headers={"content-type": "application/json"})
    assert response.status_code == 200
    assert "owl hooted" in response.json()["choices"][0]["message"]["content"]


def test_a_million_blanks_are_counted(text_server):
    assert text_server.post("/tokenize", {"prompt": " " * 1_500_000}).json()["count"] > 1000


def test_files_named_with_blanks_and_other_letters_are_read(pages_server, pages_dir):
    files = write_pages(pages_dir / "mein buch ü", ["Der Leuchtturm steht am Kap."])
    content = [image(files[0].as_uri()), text("Wo steht der Leuchtturm?")]
    assert "Der Leuchtturm steht am Kap." in pages_server.stream(content).joined("content")
