"""What the training program writes into report.json."""

from typing import Annotated, Literal

from spaceport_common.report import REQUIRED, Reported, StageReport

from .settings import TrainingSettings


class TrainingInputs(Reported):
    """What the run was given."""

    photos: int
    """Photos of the SfM model."""
    training_photos: int
    """Those that were learned from."""
    points: int
    """Points of the SfM model."""
    width: int
    """Width, in pixels, of the first photo at full training resolution."""
    height: int
    """Its height."""


class HeldOutPhoto(Reported):
    """A photo that was only measured with."""

    name: str
    """Name in the SfM model."""
    psnr: float
    """dB."""
    ssim: float
    """0 to 1."""


class TrainingMetrics(Reported):
    """What training came to. PSNR and SSIM are those of the exported file, read back, over whole photos."""

    gaussians: Annotated[int, REQUIRED]
    """Gaussians of the exported model."""
    evaluation_width: Annotated[int, REQUIRED]
    """Width, in pixels, of the photos that were measured with."""
    held_out: list[HeldOutPhoto]
    """Every held-out photo."""
    psnr: Annotated[float, REQUIRED]
    """Mean over the held-out photos, dB."""
    ssim: Annotated[float, REQUIRED]
    """Mean over the held-out photos, 0 to 1."""
    train_psnr: float
    """Mean over at most 16 training photos, dB."""
    iterations: Annotated[int, REQUIRED]
    """Iterations of all runs, where it was resumed."""
    initial_psnr: float
    """`psnr` before training, dB."""
    model_bytes: Annotated[int, REQUIRED]
    """Size of model.ply."""
    rasterizer: str
    """What drew."""
    device: str
    """PyTorch's name of the device."""
    stop_reason: Literal["iterations", "seconds", "plateau"]
    """What ended training."""
    train_seconds: float
    """Seconds of the training loop in all runs."""


class TrainingReport(StageReport):
    """report.json of training."""

    stage: Annotated[Literal["training"], REQUIRED]
    """The stage."""
    options: TrainingSettings
    """The settings."""
    inputs: TrainingInputs
    """What the run was given."""
    metrics: Annotated[TrainingMetrics, REQUIRED]
    """What it came to."""
