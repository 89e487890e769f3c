"""The Prefill page about many readers at once: any GPU and length gives figures or says that not one fits."""

from __future__ import annotations

import pytest

from app.projection import GPUS
from tests.ui.test_app_pages import opened


@pytest.fixture(scope="module")
def prefill():
    return opened("prefill")


@pytest.mark.parametrize("gpu", GPUS)
@pytest.mark.parametrize("length", ["4K", "32K", "128K"])
def test_every_gpu_and_length_is_told(prefill, gpu, length):
    next(one for one in prefill.selectbox if one.label == "GPU").set_value(gpu)
    prefill.selectbox(key="many-length").set_value(length).run()
    assert not prefill.exception
    assert not prefill.error
    table = next(one.value for one in prefill.table if "Most readers at once" in one.value.columns)
    text, pages = (cell.replace(",", "") for cell in table["Most readers at once"])
    if "not one fits" in (text, pages):
        assert any("do not fit" in one.value for one in prefill.info)
    else:
        assert int(pages) > int(text)
        assert any("at the largest batch" in one.value.lower() and "projected" in one.value for one in prefill.markdown)
