"""What the benchmark says of a model."""

from typing import Any

import numpy as np
import pycolmap
from spaceport_sfm.model_quality import agreement, points_in_three


def model_facts(model: pycolmap.Reconstruction | None) -> dict[str, Any]:
    """Photos, points that three photos see, reprojection error in pixels of the features, track length."""
    if model is None:
        return {"registered": 0, "points": 0, "reprojectionErrorPx": None, "trackLength": None}
    return {
        "registered": model.num_reg_images(),
        "points": points_in_three(model),
        "reprojectionErrorPx": round(model.compute_mean_reprojection_error(), 3),
        "trackLength": round(model.compute_mean_track_length(), 2),
    }


def pose_agreement(ours: pycolmap.Reconstruction, plain: pycolmap.Reconstruction) -> dict[str, float] | None:
    """The largest differences of the photos that both models place; None where they share fewer than three."""
    compared = agreement(plain, ours)
    if compared is None:
        return None
    return {
        "photos": len(compared.rotations_degrees),
        "rotationDeg": round(float(np.max(compared.rotations_degrees)), 3),
        "positionShare": round(float(np.max(compared.position_shares)), 5),
    }
