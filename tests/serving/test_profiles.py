"""configs/servers.toml as people use it: complete, valid, and refused in words when it is not."""

from __future__ import annotations

import pytest

from app.serving import ProfileError, RemoteSpec, ServerRole, UnknownProfile, load_profile, load_profiles
from app.serving.server_specs import AUTO_CONTEXT

NAMES = ["two-gpus", "four-gpus", "one-gpu", "small", "smallest", "cpu", "remote", "glyph-only", "simulator"]

GOOD = """
[models.m]
id = "org/model"
served_name = "model"
weights_gb = 1.0
kv_bytes_per_token = 1000
working_gb = 1.0
native_context = 4096
[profiles.p]
[[profiles.p.servers]]
role = "text"
kind = "vllm"
model = "m"
port = 8001
gpus = [0]
"""


def write(tmp_path, text):
    path = tmp_path / "servers.toml"
    path.write_text(text)
    return path


def test_the_file_holds_every_promised_profile():
    assert list(load_profiles(environment={})) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_profile_explains_itself_and_binds_only_loopback(name):
    profile = load_profile(name, environment={})
    assert profile.title
    assert len(profile.about) > 30
    assert all(spec.on_loopback for spec in profile.servers if not isinstance(spec, RemoteSpec))


def test_glyph_only_has_no_text_side():
    assert [spec.role for spec in load_profile("glyph-only").servers] == [ServerRole.PAGES]


def test_remote_takes_address_and_model_from_the_environment_and_names_the_key_only():
    environment = {"GLYPH_TEXT_URL": "https://host/v1/", "GLYPH_TEXT_MODEL": "big", "GLYPH_TEXT_KEY": "secret"}
    profile = load_profile("remote", environment=environment)
    text, pages = profile.servers
    assert (text.url, text.served_name, text.api_key_env) == ("https://host/v1", "big", "GLYPH_TEXT_KEY")
    assert pages.url == ""
    assert pages.served_name == "zai-org/Glyph"
    assert "secret" not in repr(profile)


@pytest.mark.parametrize(("said", "meant"), [(None, False), ("1", True), ("true", True), ("No", False)])
def test_a_router_before_a_remote_side_is_told_by_the_environment(said, meant):
    profile = load_profile("remote", environment={"GLYPH_PAGES_ROUTER": said} if said else {})
    assert [spec.behind_router for spec in profile.servers] == [False, meant]


def test_a_router_is_said_with_yes_or_no():
    with pytest.raises(ProfileError, match="behind_router = 'perhaps' must be true or false"):
        load_profiles(environment={"GLYPH_TEXT_ROUTER": "perhaps"})


@pytest.mark.parametrize(("gpus", "heads"), [("[0, 1, 2]", "heads = 32"), ("[0, 1, 2]", "kv_heads = 2")])
def test_gpus_that_cannot_share_a_models_heads_are_refused_before_an_hour_of_loading(tmp_path, gpus, heads):
    text = GOOD.replace("gpus = [0]", f"gpus = {gpus}").replace("native_context", f"{heads}\nnative_context")
    with pytest.raises(ProfileError, match="3 GPUs cannot share evenly"):
        load_profiles(write(tmp_path, text), environment={})


def test_the_pages_side_of_glyph_lets_the_model_decide_its_context():
    pages = load_profile("two-gpus").servers[1]
    assert pages.max_model_len == AUTO_CONTEXT
    assert pages.wanted_context == 131_072


def test_an_unknown_profile_is_refused_with_the_names_there_are():
    with pytest.raises(UnknownProfile, match=r"'three-gpus'.*two-gpus, four-gpus, one-gpu"):
        load_profile("three-gpus")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('role = "text"', 'role = "reader"'), "role is text or pages"),
        (('kind = "vllm"', 'kind = "tgi"'), "kind is vllm, simulator or remote"),
        (('model = "m"', 'model = "x"'), r"no \[models.x\]; there are: m"),
        (('model = "m"\n', ""), "needs model"),
        (("port = 8001", "port = 80010"), "80010 must lie between 1 and 65535"),
        (("gpus = [0]", "gpu = 0"), "'gpu' is not a setting"),
        (("gpus = [0]", ""), "name the GPUs"),
        (('kind = "vllm"\nmodel = "m"', 'kind = "simulator"'), """kind = "simulator": 'gpus' is not a setting"""),
        (('kind = "vllm"\n', ""), "'kind' is missing"),
        (("gpus = [0]", 'device = "tpu"'), "device is gpu or cpu"),
        (("gpus = [0]", 'gpus = [0]\nmax_model_len = "long"'), 'number of tokens or "auto"'),
        (("weights_gb = 1.0\n", ""), "'weights_gb' is missing"),
        (("gpus = [0]", 'gpus = [0]\ndialect = "tgi"'), "must be vllm or plain"),
        (("[models.m]", "[models.m"), "not valid TOML"),
        (("gpus = [0]", "gpus = [-1]"), r"gpus = \[-1\] must be at least 0"),
        (("gpus = [0]", "gpus = [0, 0]"), "names one twice"),
        (("gpus = [0]", 'gpus = ["0"]'), "must be a list, each a whole number"),
        (("gpus = [0]", "gpus = 0"), "must be a list"),
        (("gpus = [0]", "gpus = [true]"), "must be a list, each a whole number"),
        (("port = 8001", 'port = "8001"'), "port = '8001' must be a whole number"),
        (("port = 8001", "port = 8001.5"), "must be a whole number"),
        (("weights_gb = 1.0", "weights_gb = nan"), "must be a number"),
        (("weights_gb = 1.0", "weights_gb = 0"), "must be at least 0.001"),
        (("kv_bytes_per_token = 1000", "kv_bytes_per_token = 0"), "must be at least 1"),
        (('id = "org/model"', "id = 7"), "id = 7 must be a text in quotes"),
        (("gpus = [0]", "gpus = [0]\ndev_mode = 1"), "must be true or false"),
        (("native_context = 4096", "native_context = 4096\nyarn = { rope = 1 }"), "'rope' is not a setting"),
        (("native_context = 4096", "native_context = 4096\nyarn = 4"), "yarn = 4 must be a table"),
        (("gpus = [0]", "gpus = [0, 1, 2]\ndata_parallel_size = 2"), "= 2 times .* = 1 makes 2 GPUs, but .* names 3"),
        (("gpus = [0]", "gpus = [0, 1]\ntensor_parallel_size = 4"), "= 1 times .* = 4 makes 4 GPUs"),
        (("gpus = [0]", "gpus = [0]\ntensor_parallel_size = 0"), "tensor_parallel_size = 0 must be at least 1"),
        (("gpus = [0]", 'device = "cpu"\ndata_parallel_size = 2'), "the CPU build takes one"),
        (("gpus = [0]", 'gpus = [0, 1]\nextra_args = ["--data_parallel_size=2"]'), "write data_parallel_size = NUMBER"),
        (("gpus = [0]", 'gpus = [0, 1]\nextra_args = ["-tp", "2"]'), "write tensor_parallel_size = NUMBER"),
        (("[models.m]", "[models]\nx = 1\n[models.m]"), "1 must be a table of settings"),
        (("[[profiles.p.servers]]", "[profiles.p.servers]"), r"written as \[\[profiles.p.servers\]\]"),
        (("[profiles.p]\n", "[profiles]\nq = 3\n[profiles.p]\n"), "3 must be a table of settings"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(tmp_path, change, said):
    assert change[0] in GOOD
    with pytest.raises(ProfileError, match=said) as caught:
        load_profiles(write(tmp_path, GOOD.replace(*change)))
    assert "servers.toml" in str(caught.value)


def test_two_servers_may_not_share_a_port_or_a_role(tmp_path):
    second = GOOD[GOOD.index("[[profiles") :]
    with pytest.raises(ProfileError, match="each role may appear once"):
        load_profiles(write(tmp_path, GOOD + second))
    with pytest.raises(ProfileError, match="both servers ask for port 8001"):
        load_profiles(write(tmp_path, GOOD + second.replace('"text"', '"pages"')))


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(ProfileError, match="cannot be read"):
        load_profiles(tmp_path / "none.toml")
