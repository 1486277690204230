"""Transparent parts of a photo: what is stored under them is nobody's picture and must not be seen by anything.

A masked photo keeps its mask beside it. The features of masked pixels are not used, and training gives them no weight.
"""

import numpy as np
from PIL import Image, ImageChops, ImageFilter, ImageStat

ROWS_AT_ONCE = 64  # rows of a photo that are turned to floating point at a time
VISIBLE = 128  # alpha from which a pixel counts
# Features are described by the pixels around them: those that reach over the border would match border with border.
BORDER_SHARE = 0.01  # of the long side


def visible_part(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """8-bit colour, and the mask of what is visible (mode L, 0 or 255); None where all of it is.

    Transparent pixels have the mean colour of the visible ones.
    """
    if not image.has_transparency_data:
        return _as_rgb(image), None
    if image.mode.startswith("I"):  # 16-bit grey with one value that means transparent
        alpha = Image.fromarray(np.where(np.asarray(image) == image.info["transparency"], 0, 255).astype(np.uint8))
        colour = _as_rgb(image)
    else:
        with_alpha = image if image.mode == "RGBA" else image.convert("RGBA")
        alpha, colour = with_alpha.getchannel("A"), with_alpha.convert("RGB")
    mask = alpha.point(lambda value: 255 if value >= VISIBLE else 0)
    if mask.getextrema() == (255, 255):
        return colour, None
    if mask.getextrema() != (0, 0):
        mean = tuple(round(value) for value in ImageStat.Stat(colour, mask).mean)
        colour.paste(mean, mask=ImageChops.invert(mask))  # in place: a photo can have a gigabyte
    return colour, mask


def scaled_mask(mask: Image.Image, size: tuple[int, int]) -> Image.Image:
    """A mask at another size: a pixel is visible where all that it covers is."""
    covered = mask.resize(size, Image.Resampling.BOX)
    return covered.point(lambda value: 255 if value == 255 else 0)


def without_border(mask: Image.Image) -> Image.Image:
    """The mask without the pixels near its border."""
    reach = 2 * max(1, round(BORDER_SHARE * max(mask.size))) + 1
    return mask.filter(ImageFilter.MinFilter(reach))


def _as_rgb(image: Image.Image) -> Image.Image:
    """8-bit colour. Pillow would clip 16-bit greys at 255 instead of scaling them."""
    if image.mode.startswith(("I", "F")):
        levels = np.asarray(image)
        grey = np.empty(levels.shape, np.uint8)
        for row in range(0, len(levels), ROWS_AT_ONCE):
            part = levels[row : row + ROWS_AT_ONCE].astype(np.float64)
            grey[row : row + ROWS_AT_ONCE] = np.clip(part / 257, 0, 255)
        image = Image.fromarray(grey)
    if image.mode == "RGB":
        image.load()
        return image
    return image.convert("RGB")
