"""Stands in for the three container programs where a benchmark runs hundreds of jobs: plain Python, a few MB each.

It keeps the container contract (docs/container-contract.md): reads its settings and what the stage before it has
left, logs progress, writes a report and artefacts, resumes from a checkpoint if it finds one, and ends with 143 on
SIGTERM. Inputs that are not whole end it with status 1.

    python -I -S container.py sfm|training|compression

SCRIPT_FOLDER   Where its script is: <jobName>.json, else <jobId>-<stage>.json, else <stage>.json, else it ends well.
                A script is one object for every attempt, or a list with one for each (the last also for all further
                ones). It is read again every second, so that rewriting a file changes what running programs do.
STAMP_FILE      Gets a line of JSON at its start, and another at its end; one that SIGKILL ended leaves none there:
                  {"what": "start", "jobName": "", "pid": 1, "startTick": "", "child": null, "atMs": 1}
                  {"what": "end", "jobName": "", "pid": 1, "startTick": "", "how": "complete", "atMs": 1}
                `child` is {"pid": 2, "startTick": ""} where it has started one.

    {"do": "complete", "metrics": {}}             ends well; `metrics` replace the usual ones
    {"do": "reject", "code": "", "message": ""}   ends well with a report whose verdict is no
    {"do": "say-nothing"}                         ends well without a report
    {"do": "fail", "text": "CODE: sentence"}      ends with status 3 and a failure file
    {"do": "crash"}                               ends with status 1 and no word
    {"do": "be-killed"}                           ends as the out-of-memory killer ends programs
    {"do": "hang"}                                runs on until the script says otherwise

Any of them may have, too:
    "seconds": 1.5        how long it works before it ends; default: 0.2 to 3, always the same for one job name
    "checkpoint": true    training leaves a checkpoint while it works
    "child": true         starts a process of its own, which whoever stops it must end too
    "modelMb": 9          size of training's model.ply; from 8 on it is uploaded in parts
"""

# No pathlib: hundreds of these start at once, and its import is 15 ms of processor time for each.
from __future__ import annotations

import json
import os
import re
import signal
import sys
import time
import zlib
from typing import Any, NoReturn

ROOT = os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml")
SCRIPT_FOLDER = os.environ["SCRIPT_FOLDER"]
STAMP_FILE = os.environ["STAMP_FILE"]
LOOK_EVERY_SECONDS = 1.0
PROGRESS_EVERY_SECONDS = 5.0
ITERATIONS = 100
ARTEFACTS = {
    "sfm": [],
    "training": ["model.ply", "cameras.json", "poster.jpg"],
    "compression": ["scene.sog"],
}


class Stopped(Exception):
    """SIGTERM or SIGINT came."""


def at(*parts: str) -> str:
    return os.path.join(ROOT, *parts)


class Program:
    def __init__(self, stage: str) -> None:
        self.stage = stage
        self.training = stage == "training"
        self.job_name = self._job_name()
        match = re.fullmatch(r"[^-]+-(\w+)-\w+-a(\d+)", self.job_name)
        if match is None:
            raise SystemExit(f"not a job name of ours: {self.job_name}")
        self.job_id, self.attempt = match[1], int(match[2])
        self.output = at("model") if self.training else at("processing", "output")
        self.checkpoint = at("checkpoints", "iterations")
        self.iterations = ITERATIONS + self._iterations_before()
        self.identity = {"pid": os.getpid(), "startTick": start_tick("self")}
        self._read_inputs()

    def run(self) -> NoReturn:
        script = self.script()
        self.stamp("start", child=start_child() if script.get("child") else None)
        try:
            script = self.work()
        except Stopped:
            self.end("stopped", 143)
        self.finish(script)

    def work(self) -> dict[str, Any]:
        """Until the script lets it end, as the script was then."""
        started = time.monotonic()
        said = -PROGRESS_EVERY_SECONDS
        while True:
            script = self.script()
            passed = time.monotonic() - started
            if script.get("checkpoint") and self.training:
                self.save_checkpoint()
            if passed - said >= PROGRESS_EVERY_SECONDS:
                said = passed
                self.progress(min(99, int(passed)))
            left = (
                LOOK_EVERY_SECONDS if script["do"] == "hang" else script.get("seconds", self.usual_seconds()) - passed
            )
            if left <= 0:
                return script
            time.sleep(min(left, LOOK_EVERY_SECONDS))

    def finish(self, script: dict[str, Any]) -> NoReturn:
        what = script["do"]
        if what == "be-killed":
            os.kill(os.getpid(), signal.SIGKILL)
        if what == "crash":
            self.end(what, 1)
        if what == "fail":
            explanation = at("output", "failure" if self.training else "message")
            write(explanation, script.get("text", "INTERNAL_ERROR: the script says so"))
            self.end(what, 3)
        for name in ARTEFACTS[self.stage]:
            write(os.path.join(self.output, name), f"scripted {name} of {self.job_name}")
        if self.training and script.get("modelMb"):
            os.truncate(os.path.join(self.output, "model.ply"), int(script["modelMb"] * 2**20))
        if what == "complete":
            self.write_report(script.get("metrics", {}), {"ok": True, "code": None, "message": None})
        if what == "reject":
            self.write_report({}, {"ok": False, "code": script["code"], "message": script["message"]})
        self.progress(100)
        self.end(what, 0)

    def script(self) -> dict[str, Any]:
        for name in (self.job_name, f"{self.job_id}-{self.stage}", self.stage):
            try:
                with open(os.path.join(SCRIPT_FOLDER, f"{name}.json")) as file:
                    found = json.load(file)
            except FileNotFoundError:
                continue
            script: dict[str, Any] = found[min(self.attempt, len(found)) - 1] if isinstance(found, list) else found
            return script
        return {"do": "complete"}

    def usual_seconds(self) -> float:
        return 0.2 + 2.8 * (zlib.crc32(self.job_name.encode()) % 1000) / 1000

    def use_of_machine(self) -> dict[str, float]:
        gpu = {"gpuUtilization": 0.9, "gpuMemoryMb": 6000} if self.training else {}
        return {"memoryMb": 500, **gpu}

    def progress(self, done: int) -> None:
        print(
            json.dumps(
                {
                    "spaceport": "progress",
                    "phase": "scripted",
                    "done": done,
                    "total": 100,
                    "metrics": self.use_of_machine(),
                }
            ),
            flush=True,
        )

    def write_report(self, metrics: dict[str, Any], verdict: dict[str, Any]) -> None:
        usual = {
            "sfm": {
                "photos": 6,
                "registered": 6,
                "points": 2000,
                "reprojectionErrorPx": 0.5,
            },
            "training": {
                "gaussians": 5000,
                "iterations": self.iterations,
                "evaluationWidth": 400,
                "psnr": 20,
                "ssim": 0.5,
                "modelBytes": 500_000,
            },
            "compression": {
                "gaussians": 5000,
                "shBands": 1,
                "bytes": 90_000,
                "ratioSh3": 13.7,
            },
        }
        report = {
            "version": 1,
            "stage": self.stage,
            "seconds": 1,
            "peakMb": 50,
            "metrics": usual[self.stage] | metrics,
            "verdict": verdict,
        }
        write(os.path.join(self.output, "report.json"), json.dumps(report))

    def save_checkpoint(self) -> None:
        if not os.path.exists(self.checkpoint):
            write(self.checkpoint, str(ITERATIONS))

    def stamp(self, what: str, **more: Any) -> None:
        line = json.dumps(
            {
                "what": what,
                "jobName": self.job_name,
                **self.identity,
                **more,
                "atMs": int(time.time() * 1000),
            }
        )
        # One write to a file that is only appended to: hundreds of programs share it.
        file = os.open(STAMP_FILE, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        os.write(file, f"{line}\n".encode())
        os.close(file)

    def end(self, how: str, status: int) -> NoReturn:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        self.stamp("end", how=how)
        sys.stdout.flush()
        os._exit(status)

    def _job_name(self) -> str:
        if self.training:
            return os.environ["TRAINING_JOB_NAME"]
        with open(at("config", "processingjobconfig.json")) as file:
            return str(json.load(file)["ProcessingJobName"])

    def _read_inputs(self) -> None:
        inputs = at("input", "data") if self.training else at("processing", "input")
        before = {"sfm": None, "training": "sfm", "compression": "model"}[self.stage]
        for path in (
            "config/settings.json",
            *([f"{before}/report.json"] if before else []),
        ):
            with open(os.path.join(inputs, path)) as file:
                json.load(file)
        if self.stage == "compression":
            with open(os.path.join(inputs, "model", "model.ply")) as file:
                if not file.read(64).startswith("scripted model.ply of "):
                    raise SystemExit("model.ply is not what training wrote")

    def _iterations_before(self) -> int:
        """An attempt that resumes from a checkpoint counts the iterations before it too."""
        if not self.training or not os.path.exists(self.checkpoint):
            return 0
        with open(self.checkpoint) as file:
            return int(file.read())


def write(path: str, text: str) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)


def start_child() -> dict[str, Any]:
    nowhere = [(os.POSIX_SPAWN_OPEN, descriptor, os.devnull, os.O_RDWR, 0) for descriptor in (0, 1, 2)]
    pid = os.posix_spawnp(
        "sleep",
        ["sleep", "3600"],
        {"PATH": os.environ.get("PATH", os.defpath)},
        file_actions=nowhere,
    )
    return {"pid": pid, "startTick": start_tick(str(pid))}


def start_tick(pid: str) -> str:
    """When a process started, in clock ticks since the boot (proc(5)); '' where there is no /proc."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[19]
    except OSError:
        return ""


def stop(*_: object) -> None:
    raise Stopped


def main() -> NoReturn:
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    try:
        Program(sys.argv[1]).run()
    except Stopped:
        os._exit(143)


if __name__ == "__main__":
    main()
