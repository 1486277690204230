"""How much of a picture a Gaussian is: what its errors weigh, and what it counts where several become one."""

import numpy as np

from .gaussians import Float32s, Gaussians
from .quantizers import Float64s, sigmoid

LARGEST_PERCENT = 99  # of the weights: a few Gaussians of the sky must not outweigh the scene
SMALLEST = 1e-3  # of the mean weight


def covered_area(scales: Float64s) -> Float64s:
    """What an ellipsoid covers, over all directions, but for a factor: float64[N] of half axes float64[N, 3]."""
    a, b, c = scales.T
    area: Float64s = np.sqrt((a * a * b * b + b * b * c * c + c * c * a * a) / 3)
    return area


def seen_weights(gaussians: Gaussians) -> Float32s:
    """float32[N], mean about 1: opacity times covered area, by which errors of harmonics are weighed (gsplat #1063)."""
    scales = np.exp(np.clip(gaussians.scales.astype(np.float64), -30, 30))
    weights = sigmoid(gaussians.opacities) * covered_area(scales)
    weights = np.minimum(weights, np.percentile(weights, LARGEST_PERCENT))
    weights /= max(float(weights.mean()), np.finfo(np.float64).tiny)
    result: Float32s = np.maximum(weights, SMALLEST).astype(np.float32)
    return result
