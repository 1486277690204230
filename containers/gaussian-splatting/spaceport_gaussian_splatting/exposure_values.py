"""How much light each photo was given, by its EXIF: what the SfM stage's photos.json says."""

import json
from pathlib import Path


def read_exposure_values(path: Path) -> dict[str, float]:
    """EV at ISO 100 by name in the model: one more is half the light. Empty where the file does not tell."""
    try:
        photos = json.loads(path.read_bytes())["photos"]
        values = {photo["image"]: photo.get("exposureValue") for photo in photos}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
    return {name: float(value) for name, value in values.items() if isinstance(value, int | float)}
