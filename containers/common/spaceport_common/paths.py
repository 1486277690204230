"""SageMaker's folder tree below `${SAGEMAKER_BASE_DIR:-/opt/ml}`."""

import os
from pathlib import Path


def base_dir() -> Path:
    """Root of the tree; `SAGEMAKER_BASE_DIR` replaces `/opt/ml` where that path cannot be used."""
    return Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))


def processing_input(name: str) -> Path:
    """Folder of one input of a processing job (S3Input.LocalPath)."""
    return base_dir() / "processing" / "input" / name


def processing_output() -> Path:
    """Folder that a processing job's single output is uploaded from (S3Output.LocalPath)."""
    return base_dir() / "processing" / "output"


def processing_scratch() -> Path:
    """Folder for a processing job's temporary files: on the job's volume, and never uploaded."""
    return base_dir() / "processing" / "scratch"


def training_channel(name: str) -> Path:
    """Folder of one input channel of a training job (File mode)."""
    return base_dir() / "input" / "data" / name


def model_dir() -> Path:
    """Folder that becomes a training job's model artefacts."""
    return base_dir() / "model"


def checkpoint_dir() -> Path:
    """Folder that SageMaker keeps in step with CheckpointConfig.S3Uri."""
    return base_dir() / "checkpoints"


def failure_file(training: bool) -> Path:
    """Where the reason of a failure goes: FailureReason (training) or ExitMessage (processing)."""
    return base_dir() / "output" / ("failure" if training else "message")
