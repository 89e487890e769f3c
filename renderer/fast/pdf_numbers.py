"""Numbers on their way through a PDF: what reportlab prints of a float, and what poppler reads of that.

Positions go float → about 7 printed digits → digits added up one by one. The sum differs from the float in its last
bits, and a glyph's pixel column hangs on those bits, so both steps are repeated here exactly.

Facts: reportlab 5.1 lib/rl_accel.py (fp_str), poppler 22.12 poppler/Lexer.cc (getObj). Knows nothing of text.
"""

import math

import numpy as np

from .compiling import compiled

_LOG_10 = math.log(10.0)
_POWERS = np.array([1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6])


@compiled
def _round_product(value, power):
    """`value * power` (both exact) rounded to a whole number, ties to even, as printf rounds decimals."""
    product = value * power
    # Dekker: product + error == value * power without loss.
    factor = 134217729.0
    t = factor * value
    high = t - (t - value)
    low = value - high
    t = factor * power
    power_high = t - (t - power)
    power_low = power - power_high
    error = ((high * power_high - product) + high * power_low + low * power_high) + low * power_low
    floor = math.floor(product)
    rest = product - floor  # exact
    if rest == 0.0 and error < 0.0:
        floor -= 1.0
        rest = 1.0
    if rest > 0.5 or (rest == 0.5 and error > 0.0):
        return floor + 1.0
    if rest < 0.5 or (rest == 0.5 and error < 0.0):
        return floor
    return floor if floor % 2.0 == 0.0 else floor + 1.0


@compiled
def _digits(size):
    """Decimals that fp_str prints for a number of this size."""
    if size <= 1.0:
        return 6
    return min(max(0, 6 - int(math.log(size) / _LOG_10)), 6)


@compiled
def read_back(value):
    """The double that poppler holds after reading reportlab's print of `value`."""
    size = abs(value)
    if size <= 1e-7:
        return 0.0
    digits = _digits(size)
    whole = np.int64(_round_product(size, _POWERS[digits]))
    while digits > 0 and whole % 10 == 0:
        whole //= 10
        digits -= 1
    power = np.int64(1)
    for _ in range(digits):
        power *= 10
    result = float(whole // power)
    rest = whole % power
    scale = 0.1
    for _ in range(digits):
        power //= 10
        result = result + scale * float(rest // power)
        rest %= power
        scale *= 0.1
    return -result if value < 0.0 else result


@compiled
def printed(value):
    """The double nearest to reportlab's print of `value`: what Python's float() makes of those digits."""
    size = abs(value)
    if size <= 1e-7:
        return 0.0
    power = _POWERS[_digits(size)]
    result = _round_product(size, power) / power
    return -result if value < 0.0 else result


@compiled
def read_back_all(values):
    result = np.empty(values.size)
    for i in range(values.size):
        result[i] = read_back(values[i])
    return result
