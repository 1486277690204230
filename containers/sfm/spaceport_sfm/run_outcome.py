"""What a run has found by its end, as counts that gates judge and as metrics of report.json. It maps nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pycolmap

from .accuracy_report import accuracy_of, control_warnings
from .capture import is_aerial
from .contradiction_report import contradiction_metrics, contradiction_warnings
from .doubled_places import Contradictions
from .frame_report import frame_metrics, frame_warnings, ground_metrics, position_metrics
from .model_quality import photo_names, points_in_three
from .photo_facts import Connections, Placement
from .photo_findings import PhotoQualityMetrics, quality_warnings
from .photo_preparation import PreparedPhoto, RejectedPhoto
from .positions import PositionFacts
from .report import LeftOutPhoto, ModelSize, SfmInputs, SfmMetrics, UnregisteredPhoto
from .scene_file import SceneFile
from .verdict import Evidence, shortfall


@dataclass(frozen=True)
class Matches:
    """Features, verified partners and models of the photos. The maps are by image name."""

    features: dict[str, int] = field(default_factory=dict)
    partners: dict[str, int] = field(default_factory=dict)
    models: Sequence[pycolmap.Reconstruction] = ()
    """Best first; the first is delivered."""

    @property
    def connections(self) -> Connections:
        """The same without the models themselves."""
        parts = [frozenset(photo_names(model)) for model in self.models]
        return Connections(self.features, self.partners, parts)


@dataclass(frozen=True)
class Outcome:
    """All that a run found. `facts`, `placement` and `scene` are None where it did not come to them."""

    inputs: SfmInputs
    prepared: Sequence[PreparedPhoto]
    left_out: Sequence[RejectedPhoto]
    copies: int
    """Photos among `left_out` that are the same as another one."""
    unregistered: list[UnregisteredPhoto]
    quality: PhotoQualityMetrics
    matches: Matches
    facts: PositionFacts | None
    placement: Placement | None
    scene: SceneFile | None
    contradictions: Contradictions | None = None
    """Of the delivered model; None without one."""

    @property
    def evidence(self) -> Evidence:
        """What the gates judge."""
        matches = self.matches
        best = matches.models[0] if matches.models else None
        return Evidence(
            photos=self.inputs.photos,
            decoded=self.inputs.decoded,
            copies=self.copies,
            registered=0 if best is None else best.num_reg_images(),
            points=0 if best is None else points_in_three(best),
            median_features=float(np.median(list(matches.features.values()))) if matches.features else 0.0,
            mean_partners=float(np.mean(list(matches.partners.values()))) if matches.partners else 0.0,
            parts=tuple(model.num_reg_images() for model in matches.models),
        )

    def metrics(self, min_points: int) -> SfmMetrics:
        """For report.json; `min_points`: of the gate."""
        facts, placement, evidence = self.facts, self.placement, self.evidence
        model, frame = (None, None) if placement is None else (placement.model, placement.frame)
        errors = [] if placement is None else list(placement.errors_px.values())
        return SfmMetrics(
            photos=self.inputs.photos,
            registered=evidence.registered,
            unregistered=self.unregistered,
            left_out=[LeftOutPhoto(name=photo.name, reason=photo.reason) for photo in self.left_out],
            photo_quality=self.quality,
            points=0 if model is None else model.num_points3D(),
            points_in_three=evidence.points,
            observations=0 if model is None else model.compute_num_observations(),
            mean_track_length=None if model is None else round(model.compute_mean_track_length(), 3),
            reprojection_error_px=round(float(np.concatenate(errors).mean()), 4) if errors else None,
            models=[
                ModelSize(registered=other.num_reg_images(), points=other.num_points3D())
                for other in self.matches.models
            ],
            georeferenced=frame is not None and frame.gps is not None,
            positions=None if facts is None else position_metrics(facts),
            frame=None if facts is None or frame is None else frame_metrics(facts, frame, self.prepared),
            ground=ground_metrics(self.scene),
            accuracy=None if placement is None else accuracy_of(placement),
            warnings=self._warnings(),
            median_features=evidence.median_features,
            aerial=is_aerial(
                [photo.metadata for photo in self.prepared], frame.numbers if frame is not None and frame.gps else None
            ),
            shortfall=shortfall(evidence, min_points),
            contradictions=None if self.contradictions is None else contradiction_metrics(self.contradictions),
        )

    def _warnings(self) -> list[str]:
        """What a person should know, a sentence each."""
        facts, placement = self.facts, self.placement
        warnings = quality_warnings(self.quality, len(self.prepared))
        if facts is not None and placement is not None:
            warnings += frame_warnings(facts, placement.frame)
        if placement is not None:
            warnings += control_warnings(placement)
        if self.contradictions is not None:
            warnings += contradiction_warnings(self.contradictions)
        warnings += self.inputs.left_undone or []
        return warnings
