"""What SfM has left beside the settings: facts about the scene, and its report."""

import json
from pathlib import Path
from typing import Any

SCENE_FILE, SFM_REPORT = "scene.json", "sfm-report.json"


def read_object(path: Path) -> dict[str, Any] | None:
    """A JSON object; None where there is no such file, or something else in it."""
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def read_attribution(folder: Path) -> list[str]:
    """Whose photos they are, by their EXIF; empty where nobody is named."""
    names = (read_object(folder / SCENE_FILE) or {}).get("attribution")
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []
