"""What the training program writes into report.json."""

from typing import Annotated, Literal

from spaceport_common.report import Reported, StageReport, required
from spaceport_common.settings import doc

from .settings import TrainingSettings


class PhotoSize(Reported):
    """Photos of one size at full training resolution."""

    width: Annotated[int, doc("Pixels across.")]
    height: Annotated[int, doc("Pixels down.")]
    photos: Annotated[int, doc("How many have this size.")]


class TrainingInputs(Reported):
    """What the run was given."""

    photos: Annotated[int, doc("Photos of the SfM model.")]
    training_photos: Annotated[int, doc("Those that were learned from.")]
    points: Annotated[int, doc("Points of the SfM model.")]
    masked: Annotated[int, doc("Photos with transparent parts, which have no weight.")]
    sizes: Annotated[list[PhotoSize], doc("Sizes of the photos, the commonest first.")]


class HeldOutPhoto(Reported):
    """A photo that was only measured with."""

    name: Annotated[str, doc("Name in the SfM model.")]
    psnr: Annotated[float, doc("dB.")]
    ssim: Annotated[float, doc("0 to 1.")]
    corrected_psnr: Annotated[float | None, doc("dB, after the best affine change of the render's colours.")] = None
    photo: Annotated[str | None, doc("The photo, in small, below the output; of the worst, median and best.")] = None
    render: Annotated[str | None, doc("The same view of the model, of the same size; null likewise.")] = None


class Refit(Reported):
    """What the delivered model learned after the measurements, from all photos."""

    photos: Annotated[int, doc("Photos that it learned from: all, those that had been held out too.")]
    iterations: Annotated[int, doc("Iterations, one photo each.")]
    seconds: Annotated[float, doc("Seconds of it in all runs.")]


class OffPathView(Reported):
    """A picture of the delivered model from where no photo was taken, 15 degrees beside the flight path."""

    near: Annotated[str, doc("The photo that it was swung away from.")]
    picture: Annotated[str, doc("Below the output.")]


class OpeningView(Reported):
    """The view that a page opens the scene with, in the export frame (x east, y down, z north)."""

    position: Annotated[list[float], doc("Where to stand.")]
    target: Annotated[list[float], doc("What to look at.")]
    field_of_view_deg: Annotated[float, doc("Along the longer side, in degrees.")]
    covered: Annotated[float, doc("Share of its pixels with an opacity over 0.5, 0 to 1.")]


class TrainingMetrics(Reported):
    """What training came to. PSNR and SSIM are those of the judged model, exported and read back, over whole photos.

    The judged model has seen no held-out photo. What is delivered is that model, or where there is a `refit` what it
    became with all photos; nothing is left to measure that with. Renders have the exposure that a photo's EXIF and its
    neighbours in capture order tell.
    """

    gaussians: Annotated[int, required("Gaussians of the delivered model.")]
    evaluation_width: Annotated[int, required("Width, in pixels, of the photos that were measured with.")]
    held_out: Annotated[list[HeldOutPhoto], doc("Every held-out photo.")]
    psnr: Annotated[float, required("Mean over the held-out photos, dB.")]
    ssim: Annotated[float, required("Mean over the held-out photos, 0 to 1.")]
    corrected_psnr: Annotated[
        float | None, doc("Mean over the held-out photos after the best affine change of each render's colours, dB.")
    ] = None
    repeated_pixels: Annotated[
        int | None, doc("Pixels of the training photos that show again what another shows, at the training size.")
    ] = None
    exposure_spread: Annotated[
        float | None,
        doc("Standard deviation of the photos' exposures, natural logarithm; from 0.1 on they are learned."),
    ] = None
    train_psnr: Annotated[float, doc("Mean over at most 16 training photos, dB.")]
    iterations: Annotated[int, required("Iterations of the judged model, of all runs where it was resumed.")]
    initial_psnr: Annotated[float, doc("`psnr` before training, dB.")]
    initial_ssim: Annotated[float, doc("`ssim` before training, 0 to 1.")]
    warnings: Annotated[list[str], doc("What a person should know of an accepted model, a sentence each.")]
    opening_view: Annotated[OpeningView, doc("The view that a page opens the scene with.")]
    limited_sizes: Annotated[int, doc("Gaussians that were too large for viewers and were made smaller.")]
    model_bytes: Annotated[int, doc("Size of model.ply.")]
    rasterizer: Annotated[str, doc("What drew.")]
    device: Annotated[str, doc("PyTorch's name of the device.")]
    stop_reason: Annotated[Literal["iterations", "seconds", "plateau"], doc("What ended training.")]
    train_seconds: Annotated[float, doc("Seconds of the training loop in all runs, without the refit.")]
    refit: Annotated[Refit | None, doc("Of the delivered model; null where it is the judged one.")] = None
    off_path: Annotated[OffPathView | None, doc("Null where the central photo sees no point.")] = None


class TrainingReport(StageReport):
    """report.json of training."""

    stage: Annotated[Literal["training"], required("The stage.")]
    options: Annotated[TrainingSettings, doc("The settings.")]
    inputs: Annotated[TrainingInputs, doc("What the run was given.")]
    metrics: Annotated[TrainingMetrics, required("What it came to.")]
