"""How far places in the scene are from where they were measured: GPS, control points and check points, by axis."""

import numpy as np
from numpy.typing import NDArray

from .accuracy_file import AccuracyMetrics, AxisAccuracy, PointError
from .photo_facts import Placement

Floats = NDArray[np.float64]

# FGDC-STD-007.3-1998, appendix 3-A and 3-D: normally distributed errors without a mean, alike in east and north.
CE90_OF_RADIAL_RMS = 1.5175
LE90_OF_RMS = 1.6449


def accuracy_of(placement: Placement) -> AccuracyMetrics | None:
    """Of a georeferenced scene; None for any other."""
    if placement.frame.gps is None:
        return None
    control = placement.control
    return AccuracyMetrics(
        gps=axis_accuracy(np.array([*placement.residuals_m.values()], np.float64).reshape(-1, 3)),
        control=None if control is None else axis_accuracy(control.errors(check=False)),
        check=None if control is None else axis_accuracy(control.errors(check=True)),
        points=[]
        if control is None
        else [
            PointError(name=point.name, check=point.is_check, error_m=[round(float(axis), 4) for axis in point.error])
            for point in control.points
        ],
    )


def control_warnings(placement: Placement) -> list[str]:
    """Sentences for the person who sent ground control."""
    if placement.control_failure is not None:
        return [f"The ground control points were not used: {placement.control_failure}."]
    return [
        f"The control point {point.name} is {float(np.linalg.norm(point.error)):.2g} m from where the photos show it:"
        " check its coordinates and its marks."
        for point in (placement.control.suspicious if placement.control is not None else [])
    ]


def axis_accuracy(errors: Floats) -> AxisAccuracy | None:
    """Of float64[N, 3], metres; NaN in the third column for an unknown height. None for no errors."""
    if len(errors) == 0:
        return None
    east, north = np.sqrt(np.mean(errors[:, :2] ** 2, axis=0))
    heights = errors[np.isfinite(errors[:, 2]), 2]
    up = float(np.sqrt(np.mean(heights**2))) if len(heights) else None
    return AxisAccuracy(
        count=len(errors),
        rms_east_m=_rounded(east),
        rms_north_m=_rounded(north),
        rms_up_m=None if up is None else _rounded(up),
        ce90_m=_rounded(CE90_OF_RADIAL_RMS * np.hypot(east, north)),
        le90_m=None if up is None else _rounded(LE90_OF_RMS * up),
    )


def _rounded(metres: float) -> float:
    return round(float(metres), 4)
