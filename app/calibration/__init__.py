"""Fit the projection's factors to a sweep of one's own, tell how far off it still is, and keep that per machine.

    from app.calibration import calibrate, calibrations
    found = calibrate(header, records, gpu, machine="Lab H100")
    found.serving, found.residuals
    calibrations().keep(found)

What was fitted to a simulator is simulated, and says so. Knows nothing of screens.
"""

from app.calibration.against import Seen, SpeedupRow, speedup_rows
from app.calibration.errors import CalibrationError
from app.calibration.fitting import calibrate
from app.calibration.observations import Observation, observations
from app.calibration.store import CalibrationStore, calibrations
from app.calibration.values import Calibration, FittedFactor, Quantity, Residual

__all__ = [
    "Calibration",
    "CalibrationError",
    "CalibrationStore",
    "FittedFactor",
    "Observation",
    "Quantity",
    "Residual",
    "Seen",
    "SpeedupRow",
    "calibrate",
    "calibrations",
    "observations",
    "speedup_rows",
]
