"""`npm run bench:sfm`: seconds, photos and points of our program beside COLMAP as it comes. One line of JSON.

    npm run --silent bench:sfm -- [--survey] [--without-plain] FOLDER...

Each folder is a set; `synthetic` is the example's, 60 photos rendered for it. The settings are those of a preview. Runs
follow each other, ours and plain COLMAP's of one set back to back, so that a ratio is of one machine at one time.
`--survey` adds six photos of the first set with the parameters of the survey preset; COLMAP matches them with one
thread, since each takes 12 GB.
"""

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pycolmap
from PIL import Image
from sfm_testing.job import CONTAINERS, Job
from spaceport_sfm.photo_metadata import read_metadata
from spaceport_sfm.photo_preparation import FORMATS

from .frames import PREVIEW
from .measures import model_facts, pose_agreement

SURVEY = {**PREVIEW, "maxImageSize": 4096, "maxNumFeatures": 16384, "firstOctave": -1, "guidedMatching": True}
SURVEY_PHOTOS = 6
SYNTHETIC = "synthetic"
SYNTHETIC_PHOTOS = 60
TIMEOUT_S = 3 * 3600.0


def cpu_seconds() -> float:
    """Seconds of CPU of all processes that this one has waited for: what others do on the machine tells less on it."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def ours(photos: Path, base: Path, settings: dict[str, Any]) -> tuple[dict[str, Any], pycolmap.Reconstruction | None]:
    """One run of the program, and the model that it wrote."""
    job = Job(base, dict(settings), timeout_s=TIMEOUT_S)
    job.photos.parent.mkdir(parents=True)
    shutil.copytree(photos, job.photos)
    before = cpu_seconds()
    report = job.run().report
    if report is None:
        raise RuntimeError(f"the program wrote no report about {photos}")
    folder = job.output / "sparse" / "0"
    model = pycolmap.Reconstruction(folder) if folder.exists() else None
    attempts = report.get("attempts", [])
    return {
        "seconds": round(report["seconds"], 1),
        "cpuSeconds": round(cpu_seconds() - before, 1),
        **model_facts(model),
        "reprojectionErrorPx": report["metrics"]["reprojectionErrorPx"],
        "peakMb": round(max(phase["peakMb"] for phase in report["phases"])),
        "phases": {phase["name"]: round(phase["seconds"], 1) for phase in report["phases"]},
        "rungs": [{key: attempt[key] for key in ("name", "registered", "seconds", "taken")} for attempt in attempts],
    }, model


def plain(photos: Path, base: Path, settings: dict[str, Any]) -> tuple[dict[str, Any], pycolmap.Reconstruction | None]:
    """One run of COLMAP as it comes, in a process of its own."""
    command = [sys.executable, "-m", "sfm_bench.plain", str(photos), str(base), json.dumps(settings)]
    before = cpu_seconds()
    ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    facts: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    facts["cpuSeconds"] = round(cpu_seconds() - before, 1)
    folder = base / "model"
    return facts, pycolmap.Reconstruction(folder) if folder.exists() else None


def photo_files(folder: Path) -> list[Path]:
    """The pictures of a folder, in name order."""
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg", ".png", ".tif"))


def has_gps(files: list[Path]) -> bool:
    """Whether the first picture says where it was taken."""
    with Image.open(files[0], formats=FORMATS) as image:
        return read_metadata(image).gps is not None


def compared(
    name: str, files: list[Path], settings: dict[str, Any], *, with_plain: bool, plain_threads: int = -1
) -> dict[str, Any]:
    """Both programs on copies of the files. `plain_threads` match for COLMAP, each in memory of its own; -1 = all."""
    with tempfile.TemporaryDirectory() as scratch:
        base = Path(scratch)
        photos = base / "photos"
        photos.mkdir()
        for file in files:
            shutil.copyfile(file, photos / file.name)
        facts, model = ours(photos, base / "ours", settings)
        as_it_comes = {**settings, "spatial": has_gps(files), "matchingThreads": plain_threads}
        other, other_model = plain(photos, base / "plain", as_it_comes) if with_plain else (None, None)
        return {
            "name": name,
            "photos": len(files),
            "ours": facts,
            "plain": other,
            "poseAgreement": pose_agreement(model, other_model) if model and other_model else None,
            "speedup": None if other is None else round(other["seconds"] / facts["seconds"], 2),
        }


def synthetic_photos(folder: Path) -> list[Path]:
    """The photos of the example, rendered."""
    root = CONTAINERS.parent / "local" / "synthetic-photos"
    size = ["--width", "1600", "--height", "1200"]
    command = [sys.executable, "render.py", str(folder), "--photos", str(SYNTHETIC_PHOTOS), *size]
    subprocess.run(command, cwd=root, check=True, stdout=subprocess.DEVNULL)
    return photo_files(folder)


def main() -> None:
    """Prints one line of JSON; progress goes to stderr."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="+")
    parser.add_argument("--survey", action="store_true")
    parser.add_argument("--without-plain", action="store_true")
    arguments = parser.parse_args()
    results: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as scratch:
        for given in arguments.sets:
            files = synthetic_photos(Path(scratch) / SYNTHETIC) if given == SYNTHETIC else photo_files(Path(given))
            entry = compared(Path(given).name, files, PREVIEW, with_plain=not arguments.without_plain)
            entry["speedupOverPlain"] = entry.pop("speedup")
            entry["survey"], entry["speedupOverSurvey"] = None, None
            if arguments.survey and not results:
                chosen = files[:SURVEY_PHOTOS]
                survey = compared(entry["name"], chosen, SURVEY, with_plain=True, plain_threads=1)
                entry["survey"] = {"ours": survey["ours"], "plain": survey["plain"]}
                entry["speedupOverSurvey"] = survey["speedup"]
            results.append(entry)
            print(json.dumps(entry), file=sys.stderr, flush=True)
    print(json.dumps({"sets": results}))


if __name__ == "__main__":
    main()
