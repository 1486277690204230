"""One processing job's folder tree, and the program run on it as SageMaker would."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CONTAINERS = Path(__file__).resolve().parents[2]

SETTINGS: dict[str, Any] = {
    "maxImageSize": 480,
    "maxNumFeatures": 1000,
    "firstOctave": 0,
    "numOctaves": 4,
    "octaveResolution": 3,
    "defaultFocalLengthFactor": 1.2,
    "guidedMatching": False,
    "maxRatio": 0.8,
    "maxDistance": 0.7,
    "crossCheck": True,
    "maxNumMatches": 32768,
    "trainingImageSize": 240,
    "geoidOffsetM": 0.0,
    "minPoints": 300,
    "minRegisteredShare": 0.5,
    "seed": 0,
}


@dataclass
class Job:
    """One processing job's folder tree and the program on it."""

    base: Path
    settings: dict[str, Any] = field(default_factory=lambda: dict(SETTINGS))
    timeout_s: float = 300

    @property
    def photos(self) -> Path:
        return self.base / "processing" / "input" / "photos"

    @property
    def output(self) -> Path:
        return self.base / "processing" / "output"

    @property
    def scratch(self) -> Path:
        return self.base / "processing" / "scratch"

    def start(self) -> "subprocess.Popen[str]":
        config = self.base / "processing" / "input" / "config"
        config.mkdir(parents=True, exist_ok=True)
        (config / "settings.json").write_text(json.dumps(self.settings), "utf-8")
        self.photos.mkdir(exist_ok=True)
        path = os.pathsep.join([str(CONTAINERS / "common"), str(CONTAINERS / "sfm")])
        return subprocess.Popen(
            [sys.executable, "-m", "spaceport_sfm"],
            env={**os.environ, "SAGEMAKER_BASE_DIR": str(self.base), "PYTHONPATH": path},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self) -> "Result":
        process = self.start()
        stdout, stderr = process.communicate(timeout=self.timeout_s)
        return Result(process.returncode, stdout, stderr, self._report())

    def _report(self) -> dict[str, Any] | None:
        report = self.output / "report.json"
        return json.loads(report.read_text("utf-8")) if report.exists() else None


@dataclass(frozen=True)
class Result:
    """How a run ended. `report` is None where there is no report.json."""

    status: int
    stdout: str
    stderr: str
    report: dict[str, Any] | None

    @property
    def peak_mb(self) -> float:
        """The most memory that the program took, as it reports it."""
        assert self.report is not None, self.stderr
        return float(self.report["peakMb"])

    @property
    def metrics(self) -> dict[str, Any]:
        assert self.report is not None, self.stderr
        metrics: dict[str, Any] = self.report["metrics"]
        return metrics

    @property
    def verdict(self) -> dict[str, Any]:
        assert self.report is not None, self.stderr
        verdict: dict[str, Any] = self.report["verdict"]
        return verdict
