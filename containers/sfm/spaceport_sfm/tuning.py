"""Everything of SfM that a benchmark may set and the workflow does not: what each number is, and where from."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class PairingTuning:
    """Which photos are matched with which."""

    spatial_neighbours: int = 8  # photos that each one with a position is matched with, where there are; >= 1
    nearest_photos: int = 6  # of which so many are the nearest in any direction: pairs with little parallax, and many
    # Azimuth between two neighbours of a photo: below 45 all eight in a grid are neighbours, below 60 the nearest
    # photos of two parts always are.
    direction_degrees: float = 40.0
    other_sides: int = 3  # photos of the same ground from another side, where footprints are known
    other_side_degrees: tuple[float, float] = (20.0, 65.0)  # between such views: more is beyond SIFT
    bridges: int = 4  # pairs that join a part of the photos to the rest
    exhaustive_max_photos: int = 120  # photos up to which every pair is matched without GPS: 7140 pairs
    sequential_overlap: int = 10  # photos that follow by name that each one is matched with; >= 1
    max_repeated_share: float = 0.2  # photos with the position of another one, up to which positions choose the pairs


@dataclass(frozen=True)
class MatchingLevel:
    """The largest features of two photos, compared before all of them are."""

    share: float  # of the features of a photo, and
    least: int  # at least so many
    min_matches: int  # with fewer the photos do not overlap; where photos are missing, only the last level says so

    def count(self, features: int) -> int:
        """Features of a photo of `features` that are compared."""
        return min(features, max(self.least, round(self.share * features)))


@dataclass(frozen=True)
class MatchingTuning:
    """How pairs of photos are matched; docs/registration.md has the figures."""

    # Photos that do not overlap have 0 to 3 matches by chance, however many features are compared.
    levels: tuple[MatchingLevel, ...] = (MatchingLevel(0.16, 1000, 2), MatchingLevel(0.4, 2400, 3))
    min_agreeing: int = 10  # matches of a level that agree on a fundamental matrix, which is then followed,
    min_agreeing_share: float = 0.5  # and at least this part of them
    # Lengths in pixels are for photos of 3200 px, as COLMAP's thresholds are.
    agreeing_px: float = 8.0  # Sampson error of matches that agree
    reach_px: float = 16.0  # from the epipolar line, within which all features are compared
    trials: tuple[int, int] = (100, 2000)  # samples for the fundamental matrix, least and most


@dataclass(frozen=True)
class MappingTuning:
    """COLMAP's incremental mapper, and the bundle adjustment after it."""

    # Bundle adjustment ends at this relative gain. Looser than COLMAP: the same points in two thirds of the time.
    ba_function_tolerance: float = 1e-5
    ba_max_refinements: int = 2  # rounds of each bundle adjustment (COLMAP: 2 local, 5 global)
    # All cameras and points are adjusted each time the model has grown by this factor; > 1.
    ba_growth_ratio: float = 1.4
    # RMS angle to the mean view below which views count as parallel: they tell focal length from distance poorly.
    parallel_views_degrees: float = 10.0
    min_images_for_opencv: int = 15  # photos of one camera from which four distortion terms can be told apart
    # Rise of the reprojection error up to which parallel views take the focal lengths of the metadata. Over flat ground
    # (brighton) 0.7 percent for a focal length that was wrong by 16 percent; over seneca-48's, 12 for the distortion.
    max_error_rise: float = 0.02
    nadir_pitch_degrees: float = -75.0  # gimbals at this pitch or below look down; -90 is straight down
    # Weaker conditions, for the rungs of the ladder.
    relaxed_init_inliers: int = 30  # matches that the first pair needs (COLMAP: 100)
    relaxed_init_angle_degrees: float = 4.0  # angle between views that the first pair needs (COLMAP: 16)
    relaxed_pose_inliers: int = 15  # points that place a photo (COLMAP: 30)
    relaxed_pose_inlier_ratio: float = 0.1  # part of a photo's points that must agree with its place (COLMAP: 0.25)


@dataclass(frozen=True)
class LadderTuning:
    """What is tried where photos are missing, and what it must reach to count."""

    max_seconds: int = 1800  # no rung begins later than this after the first mapping began
    rung_seconds: int = 600  # longest run of the mapper of one rung
    max_pairs: int = 4000  # most pairs that are matched afterwards
    continued_models: int = 3  # models that are continued, the best first
    max_enriched: int = 60  # most photos that get more features
    partners: int = 3  # photos beside each missing one that get more features, too
    feature_factor: float = 2.0  # more features: this many times the number of the settings
    min_observations: int = 30  # points seen by three photos that hold a photo: COLMAP's own least for a pose
    max_rotation_degrees: float = 1.0  # photos of two models that are turned by less agree,
    max_position_share: float = 0.01  # and are at one place within this part of the cameras' extent
    min_agreeing_share: float = 0.9  # of the photos that two models share
    max_error_growth: float = 1.15  # reprojection error or residual that counts as no worse
    gps_noise_m: float = 0.5  # residuals differ by as much by chance


@dataclass(frozen=True)
class DoublingTuning:
    """When a model lays different places on one another; docs/registration.md has the figures of real sets."""

    # Two photos see a surface from nearly one side where their rays meet below this angle: SIFT bears 30 degrees.
    max_angle_degrees: float = 20.0
    max_scale: float = 1.6  # between the sizes at which they show it
    cells: int = 8  # squares along the long side of a photo
    min_points: int = 5  # that each of the two photos sees in a cell which is to tell anything
    chance: float = 0.01  # that photos of one surface have none of such a cell's points in common
    depth_tolerance: float = 0.1  # part of its depth by which a point may lie off those around it
    min_cells: int = 10  # of both photos together, which tell something of a pair
    min_empty_share: float = 0.15  # of them, without common points: two photos of one surface have 0.03
    min_disjoint_pairs: int = 3  # that contradict, no photo in two of them
    min_share_across: float = 0.5  # of the pairs across two parts of the photos, that contradict
    max_judged_pairs: int = 3000
    min_agreeing_share: float = 0.9  # of the photos with positions that fit, from which nothing can be doubled


@dataclass(frozen=True)
class AlignmentTuning:
    """How the model is laid onto GPS, or set upright without."""

    ransac_trials: int = 500  # samples of three positions
    outlier_mads: float = 3.0  # residuals beyond this many robust standard deviations do not count
    max_residual_share: float = 0.25  # RMS residual over the spread of the positions beyond which there is no alignment
    # Length of the mean of the cameras' up vectors below which gimbals are not believed: a scatter of 18 degrees.
    min_gimbal_agreement: float = 0.95
    # Noise that is assumed at least, in metres: residuals of a handful of photos can be small by chance.
    min_gps_noise_m: float = 0.1
    # Uncertainty beyond which GPS does not set the tilt: drones hold their cameras level better than this.
    max_tilt_uncertainty_degrees: float = 1.0
    # Photos that must agree with the alignment: below half of them the others might agree on another one.
    min_aligned_share: float = 0.5
    same_altitude_m: float = 0.5  # altitudes at one place on the map that count as one position


@dataclass(frozen=True)
class ControlTuning:
    """How the model is laid onto ground control."""

    min_angle_degrees: float = 2.0  # between the two views of a ground point that differ most
    max_residual_share: float = 0.1  # RMS residual of the similarity over the spread: a bent model has 0.03
    point_std_m: float = 0.05  # of surveyed points, for the tilt that they leave open
    max_tilt_uncertainty_degrees: float = 1.0
    mark_weight: int = 4  # observations of a feature that a mark counts as: it is set to half a pixel
    function_tolerance: float = 1e-6  # tighter than mapping's: the bend is in small residuals of many points


@dataclass(frozen=True)
class FrameTuning:
    """What a metric frame must not contradict; docs/frame.md has the figures of real and of broken sets."""

    min_distance_m: float = 0.05  # from a camera to what it sees: closer than any lens of a drone focuses
    max_distance_m: float = 20_000.0
    max_spacing_share: float = 50.0  # distance of neighbouring cameras over the distance to what they see
    max_up_vs_gimbals_degrees: float = 15.0  # gimbals are good to 3 degrees, alignments to 1
    max_roll_degrees: float = 15.0  # cameras are held level to 5 degrees, or turned by a quarter; at random: 22
    looks_up_sine: float = 0.5  # the typical view looks up by 30 degrees or more
    # RMS residual of GPS, in metres, beyond which mapping is tried once more without it: three times what is usual.
    max_prior_residual_m: float = 15.0


@dataclass(frozen=True)
class Tuning:
    """All of it: `Tuning(pairing=PairingTuning(spatial_neighbours=12))` changes one number."""

    pairing: PairingTuning = field(default_factory=PairingTuning)
    matching: MatchingTuning = field(default_factory=MatchingTuning)
    mapping: MappingTuning = field(default_factory=MappingTuning)
    ladder: LadderTuning = field(default_factory=LadderTuning)
    doubling: DoublingTuning = field(default_factory=DoublingTuning)
    alignment: AlignmentTuning = field(default_factory=AlignmentTuning)
    control: ControlTuning = field(default_factory=ControlTuning)
    frame: FrameTuning = field(default_factory=FrameTuning)
