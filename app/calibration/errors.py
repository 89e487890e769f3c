"""Say why a sweep cannot be fitted, or a calibration not be kept, in words for people.

CalibrationError   the message names what is wrong and the next step
"""

from __future__ import annotations


class CalibrationError(Exception):
    """Shown to the user as it is."""
