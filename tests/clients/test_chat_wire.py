"""What is sent: one body for each side, and the same settings in both."""

import base64
import json
from dataclasses import replace

import pytest

from app.clients import (
    Dialect,
    Endpoint,
    EndpointLimits,
    ImageForm,
    ImageLedger,
    PageFile,
    PagesPrompt,
    Role,
    SamplingSettings,
    TextPrompt,
    Transport,
    Turn,
    build_chat_request,
)
from app.clients.chat_body import fuller_request
from app.clients.errors import BodyTooLarge, PageUnreadable, TooManyPages

TEXT = Endpoint(Role.TEXT, "Qwen", "http://127.0.0.1:1", "qwen")
PAGES = Endpoint(Role.PAGES, "Glyph", "http://127.0.0.1:2/v1", "glyph")
SAMPLING = SamplingSettings(max_tokens=77, temperature=0.5, top_p=0.9, top_k=5, repetition_penalty=1.1, seed=3)


@pytest.fixture
def pages(tmp_path):
    files = []
    for number in (1, 2):
        path = tmp_path / f"page_00{number}.png"
        path.write_bytes(b"png %d" % number)
        files.append(PageFile(path, f"sha{number}", 590, 842))
    return tuple(files)


def body_of(endpoint, prompt, sampling=SAMPLING, **options):
    options.setdefault("ledger", ImageLedger())
    return json.loads(build_chat_request(endpoint, prompt, sampling, **options).body)


def test_text_side_is_one_message_with_the_question_last():
    body = body_of(TEXT, TextPrompt("Long ago\u2028.", "Who?"))
    assert body["messages"] == [{"role": "user", "content": "Long ago\u2028.\n\nWho?"}]


def test_follow_up_keeps_the_document_first_so_that_the_prefix_is_the_same():
    first = body_of(TEXT, TextPrompt("Book", "Who?"))
    second = body_of(TEXT, TextPrompt("Book", "Why?", (Turn("Who?", "She."),)))
    assert second["messages"] == [
        *first["messages"],
        {"role": "assistant", "content": "She."},
        {"role": "user", "content": "Why?"},
    ]


def test_pages_side_sends_images_in_order_then_the_question(pages):
    parts = body_of(PAGES, PagesPrompt(pages, "Who?", transport=Transport.DATA))["messages"][0]["content"]
    assert [part["type"] for part in parts] == ["image_url", "image_url", "text"]
    assert parts[0]["image_url"]["url"] == "data:image/png;base64," + base64.b64encode(b"png 1").decode()
    assert [part["uuid"] for part in parts[:2]] == ["sha1", "sha2"]
    assert parts[2]["text"] == "Who?"


def test_pages_follow_up_keeps_images_in_the_first_message(pages):
    body = body_of(PAGES, PagesPrompt(pages, "Why?", (Turn("Who?", "She."),)))
    assert [len(message["content"]) for message in body["messages"][:1]] == [3]
    assert body["messages"][0]["content"][2]["text"] == "Who?"
    assert body["messages"][1:] == [{"role": "assistant", "content": "She."}, {"role": "user", "content": "Why?"}]


def test_file_urls_only_when_the_server_is_local_and_may_read_the_folder(pages, tmp_path):
    prompt = PagesPrompt(pages, "?")
    local = replace(PAGES, media_path=tmp_path)
    url = body_of(local, prompt)["messages"][0]["content"][0]["image_url"]["url"]
    assert url == pages[0].path.resolve().as_uri()
    for endpoint in (
        PAGES,
        replace(PAGES, media_path=tmp_path / "other"),
        replace(local, base_url="http://gpu.example"),
    ):
        assert build_chat_request(endpoint, prompt, SAMPLING, ledger=ImageLedger()).image_form is ImageForm.DATA


def test_same_settings_on_both_sides(pages):
    text = body_of(TEXT, TextPrompt("Book", "?"))
    images = body_of(PAGES, PagesPrompt(pages, "?"))
    for body in (text, images):
        del body["messages"], body["model"]
    glyph_only = {key: images.pop(key) for key in ("skip_special_tokens", "stop_token_ids")}
    assert text == images
    assert text["max_tokens"] == 77
    assert text["top_k"] == 5
    assert text["repetition_penalty"] == 1.1
    assert text["seed"] == 3
    assert text["chat_template_kwargs"] == {"enable_thinking": True}
    assert glyph_only == {"skip_special_tokens": False, "stop_token_ids": [151329, 151348, 151336]}


def test_glyph_extras_can_be_switched_off(pages):
    body = body_of(PAGES, PagesPrompt(pages, "?"), replace(SAMPLING, glyph_extras=False))
    assert "stop_token_ids" not in body


def test_plain_dialect_sends_nothing_that_openai_does_not_know(pages):
    hosted = replace(PAGES, dialect=Dialect.PLAIN, base_url="https://example.invalid/v1")
    body = body_of(hosted, PagesPrompt(pages, "?"), salt="salty")
    assert set(body) == {"model", "messages", "stream", "stream_options", "max_tokens", "temperature", "top_p", "seed"}
    assert body["stream_options"] == {"include_usage": True}
    assert set(body["messages"][0]["content"][0]) == {"type", "image_url"}


def test_known_images_go_by_uuid_alone_with_the_key_still_there(pages):
    ledger = ImageLedger()
    ledger.remember(PAGES, ["sha1", "sha2"])
    parts = body_of(PAGES, PagesPrompt(pages, "?"), ledger=ledger)["messages"][0]["content"]
    assert parts[0] == {"type": "image_url", "image_url": None, "uuid": "sha1"}


def test_a_single_unknown_image_sends_all_in_full(pages):
    ledger = ImageLedger()
    ledger.remember(PAGES, ["sha1"])
    assert build_chat_request(PAGES, PagesPrompt(pages, "?"), SAMPLING, ledger=ledger).image_form is ImageForm.DATA


def test_salt_reaches_prefix_cache_and_image_ids(pages):
    ledger = ImageLedger()
    ledger.remember(PAGES, ["sha1", "sha2"])
    body = body_of(PAGES, PagesPrompt(pages, "?"), salt="s1", ledger=ledger)
    assert body["cache_salt"] == "s1"
    part = body["messages"][0]["content"][0]
    assert part["uuid"] == "sha1-s1"
    assert part["image_url"] is not None


def test_fuller_forms_follow_each_other(pages, tmp_path):
    ledger = ImageLedger()
    ledger.remember(PAGES, ["sha1", "sha2"])
    local = replace(PAGES, media_path=tmp_path)
    request = build_chat_request(local, PagesPrompt(pages, "?"), SAMPLING, ledger=ledger)
    forms = []
    while request is not None:
        forms.append(request.image_form)
        request = fuller_request(local, request)
    assert forms == [ImageForm.REFERENCES, ImageForm.FILES, ImageForm.DATA]


def test_too_many_pages_are_refused_before_sending_with_both_figures(pages):
    endpoint = replace(PAGES, limits=EndpointLimits(max_images=1))
    with pytest.raises(TooManyPages, match=r"2 pages.*may hold 1"):
        build_chat_request(endpoint, PagesPrompt(pages, "?"), SAMPLING)


def test_too_large_a_body_is_refused_before_sending(pages):
    endpoint = replace(TEXT, limits=EndpointLimits(max_body_bytes=2_000_000))
    with pytest.raises(BodyTooLarge, match=r"3\.0 MB.*takes 2\.0 MB"):
        build_chat_request(endpoint, TextPrompt("x" * 3_000_000, "?"), SAMPLING)


def test_a_page_file_that_is_gone_is_named(pages):
    pages[1].path.unlink()
    with pytest.raises(PageUnreadable, match=r"page_002\.png"):
        build_chat_request(PAGES, PagesPrompt(pages, "?"), SAMPLING)


@pytest.mark.timed
def test_250_pages_of_30_mb_are_built_in_reasonable_time(tmp_path):
    path = tmp_path / "page.png"
    path.write_bytes(b"\x00" * 90_000)
    pages = tuple(PageFile(path, f"sha{number}", 590, 842) for number in range(250))
    request = build_chat_request(PAGES, PagesPrompt(pages, "?"), SAMPLING, ledger=ImageLedger())
    assert len(request.body) > 30_000_000
    assert request.encode_ms < 3000


@pytest.mark.parametrize(
    ("base_url", "api_base", "root"),
    [
        ("http://127.0.0.1:8001", "http://127.0.0.1:8001/v1", "http://127.0.0.1:8001"),
        ("http://127.0.0.1:8001/", "http://127.0.0.1:8001/v1", "http://127.0.0.1:8001"),
        ("http://127.0.0.1:8001/v1/", "http://127.0.0.1:8001/v1", "http://127.0.0.1:8001"),
        ("https://host.example/api/paas/v4", "https://host.example/api/paas/v4", "https://host.example/api/paas/v4"),
    ],
)
def test_addresses_with_and_without_their_version_mean_the_same(base_url, api_base, root):
    endpoint = replace(TEXT, base_url=base_url)
    assert (endpoint.api_base, endpoint.server_root) == (api_base, root)


def test_ledger_is_bounded_and_forgets_on_demand():
    ledger = ImageLedger()
    ledger.remember(PAGES, [str(number) for number in range(5000)])
    assert not ledger.holds_all(PAGES, ["0"])
    assert ledger.holds_all(PAGES, ["4999"])
    ledger.forget(PAGES)
    assert not ledger.holds_all(PAGES, ["4999"])
