"""Numbers go through the PDF as reportlab prints and poppler reads them."""

from hypothesis import example, given, settings
from hypothesis import strategies as st
from reportlab.lib.rl_accel import fp_str

from renderer.fast.pdf_numbers import printed, read_back

lengths = st.floats(-20000, 20000, allow_nan=False) | st.floats(-1, 1, allow_nan=False)


def poppler_reads(digits: str) -> float:
    """poppler's Lexer, step by step."""
    negative = digits.startswith("-")
    whole, _, decimals = digits.lstrip("-").partition(".")
    value = float(int(whole or "0"))
    scale = 0.1
    for digit in decimals:
        value = value + scale * int(digit)
        scale *= 0.1
    return -value if negative else value


@settings(deadline=None)
@given(lengths)
@example(0.1000005)
@example(999999.5)
@example(1000.0)
@example(-1e-7)
@example(2.5e-7)
def test_a_number_is_read_back_as_poppler_reads_reportlabs_print(value):
    assert read_back(value) == poppler_reads(fp_str(value))


@settings(deadline=None)
@given(lengths)
def test_a_printed_number_is_what_python_reads_of_reportlabs_print(value):
    assert printed(value) == float(fp_str(value))
