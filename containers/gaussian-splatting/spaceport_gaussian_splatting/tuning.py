"""Everything of training that a benchmark may set and the workflow does not: what each number is, and where from.

Lengths are in median depths, the unit of the training frame (frame.py); parts of the budget are in [0, 1].
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Rates:
    """Adam's learning rates, > 0, one for each tensor of the Gaussians."""

    means: float = 3.2e-4
    log_scales: float = 1e-2
    quaternions: float = 2e-3
    opacity_logits: float = 5e-2
    base_colors: float = 5e-3
    rest_colors: float = 2.5e-4


@dataclass(frozen=True)
class ScheduleTuning:
    """What happens when."""

    full_degree_at: float = 0.4  # part of the budget at which harmonics reach their degree, in equal steps
    growth_begin: float = 0.03  # part of the budget from which Gaussians are added and moved
    growth_end: float = 0.6  # part of the budget until which Gaussians are added
    relocation_end: float = 0.85  # part of the budget until which Gaussians are moved
    rates_decay_from: float = 0.6  # part of the budget from which all other rates than the positions' fall
    # What is left of the positions' rate at the end, in (0, 1]; it falls from the start.
    final_position_factor: float = 0.02
    final_factor: float = 0.1  # what is left of the other rates at the end, in (0, 1]
    refinements: int = 40  # times that Gaussians are rearranged, over the budget; >= 1
    min_refine_iterations: int = 10  # iterations between two of them, at least
    max_refine_iterations: int = 100  # iterations between two of them, at most
    plateau_checks: int = 40  # looks at PSNR for an early stop, over the budget; >= 1
    plateau_photos: int = 4  # training photos, spread over the set, that such a look draws; >= 1


@dataclass(frozen=True)
class McmcTuning:
    """Relocation, growth, noise and regularisation (Kheradmand et al. 2024)."""

    dead_opacity: float = 0.005  # opacity at which a Gaussian counts as faded, in (0, 1) (the paper's)
    noise_rate: float = 5e5  # factor of the noise on positions, >= 0 (the paper's, eq. 8)
    noise_sharpness: float = 100.0  # how sharply noise ends above `dead_opacity` (the paper's k)
    # Copies that share one opacity, at most: eq. 9's sum alternates, and more terms lose their digits.
    max_copies: int = 51
    world_limit: float = 50.0  # distance from the origin, in each axis, beyond which nothing is learned
    min_log_scale: float = -12.0  # natural logarithm of the smallest half axis
    max_log_scale: float = 0.0  # natural logarithm of the largest half axis
    opacity_weight: float = 0.01  # weight of the pressure on opacities in the loss, >= 0 (the paper's, eq. 10)
    scale_weight: float = 0.01  # weight of the pressure on sizes in the loss, >= 0 (the paper's, eq. 10)


@dataclass(frozen=True)
class TrustTuning:
    """What places that few photos see are allowed (trust.py)."""

    views: int = 4  # photos that must see a place to be trusted whole; 1 = all are
    least_growth: float = 1e-3  # weight of other places when Gaussians are added and moved, at least, in (0, 1]
    least_step: float = 0.1  # part of a step that other centres go, at least, in [0, 1]
    # Probability that a step leaves out a Gaussian of no trust, at the budget's end, in [0, 1); it rises from 0.
    left_out: float = 0.3


@dataclass(frozen=True)
class RefitTuning:
    """How the delivered model goes on with all photos (refit.py)."""

    position_factor: float = 0.3  # of the positions' rate at its begin, in (0, 1]; at its end it is the schedule's last
    other_factor: float = 1.0  # of the other rates, likewise
    held_out_looks: int = 2  # looks at a photo that was held out, for each at one that was not; >= 1


@dataclass(frozen=True)
class ExposureTuning:
    """Gain and offset of each photo (exposure.py)."""

    # Standard deviation of the photos' exposures, in natural logarithms, from which they are learned: what shared
    # points say (shared_points.py). Below it learning follows gaps of the model instead, and costs likeness.
    min_spread: float = 0.1
    rate: float = 1e-2  # Adam's learning rate; 0 = photos are taken as they are
    weight: float = 1e-3  # weight of the pressure towards no change in the loss, >= 0


@dataclass(frozen=True)
class InitialisationTuning:
    """The model before training."""

    reach: float = 20.0  # points farther than this from the cameras' middle are mismatches
    # Part of the cap on Gaussians that dense points may take; the skirt and growth place the rest.
    dense_share: float = 0.8
    samples_per_gaussian: int = 8  # pixels that are unprojected for a Gaussian, before merging
    min_triangle_points: int = 8  # A photo with fewer sparse points adds no dense ones
    # Sparse points that give the inverse depth outside all triangles; <= `min_triangle_points`.
    border_neighbours: int = 5
    neighbours: int = 3  # points whose mean distance is the spacing at a point
    scale_of_spacing: float = 0.8  # half axis of a Gaussian (one sigma) over the spacing
    min_scale: float = 1e-5  # smallest half axis
    max_scale: float = 0.2  # largest half axis
    opacity: float = 0.5  # opacity of a Gaussian, in (0, 1): low enough that depths can still move


@dataclass(frozen=True)
class SkirtTuning:
    """The blurred border around what the photos show (skirt.py)."""

    share: float = 0.05  # part of the cap on Gaussians that it takes; 0 = none
    opacity: float = 0.95  # opacity of its Gaussians, in (0, 1): no photo will teach them another
    margin: float = 0.5  # how far it goes past each side, of the photo's size
    color_grid: int = 8  # colours come from the photo at this width, in pixels: no texture is made up
    max_radius: float = 2.0  # largest |(x / z, y / z)|: wide lenses look at the horizon beyond


@dataclass(frozen=True)
class CroppingTuning:
    """Which Gaussians are delivered, and how large."""

    # Distance from the middle, over the one that holds 99 % of the Gaussians, beyond which lie strays.
    reach: float = 4.0
    min_reach: float = 3.0  # distance from the middle within which nothing is a stray
    guard_db: float = 0.05  # what photos may lose with the strays, of their mean PSNR
    faint: float = 0.005  # opacity at which nothing is seen
    # Largest half axis (one sigma), over the longest side of the box that holds 1 to 99 % of the centres in each axis:
    # below a tenth of that side, and so of the box's diagonal, after all rounding.
    max_size: float = 0.0999


@dataclass(frozen=True)
class Tuning:
    """All of it: `Tuning(mcmc=McmcTuning(noise_rate=1e5))` changes one number."""

    rates: Rates = field(default_factory=Rates)
    schedule: ScheduleTuning = field(default_factory=ScheduleTuning)
    mcmc: McmcTuning = field(default_factory=McmcTuning)
    trust: TrustTuning = field(default_factory=TrustTuning)
    refit: RefitTuning = field(default_factory=RefitTuning)
    exposure: ExposureTuning = field(default_factory=ExposureTuning)
    initialisation: InitialisationTuning = field(default_factory=InitialisationTuning)
    skirt: SkirtTuning = field(default_factory=SkirtTuning)
    cropping: CroppingTuning = field(default_factory=CroppingTuning)
