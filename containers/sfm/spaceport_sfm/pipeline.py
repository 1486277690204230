"""The whole run: photos in, prepared photos, sparse model and report out."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import PIL
import pycolmap
from spaceport_common.machine import available_memory_bytes, usable_cpus
from spaceport_common.progress import progress
from spaceport_common.report import Recorder, Verdict, write_json

from .accuracy_report import accuracy_of, control_warnings
from .cameras import CameraGroup, camera_reports, group_cameras
from .capture import is_aerial
from .control_file import GroundPoint, read_ground_points
from .delivery import deliver
from .export_frame import Frame, choose_frame, frame_of_control, move_to_export_frame
from .feature_database import FeatureDatabase, pixel_scale
from .frame_report import frame_metrics, frame_warnings, ground_metrics, position_metrics
from .ground_control import ControlFailure, ControlledModel, lay_on_control
from .mapping import MappingOptions
from .model_quality import photo_names, points_in_three
from .pairs import exhaustive_pairs, select_pairs
from .photo_facts import Connections, Placement, gps_residuals, unregistered_photos
from .photo_findings import PhotoQualityMetrics, quality_metrics, quality_warnings, without_copies
from .photo_preparation import (
    PreparedPhoto,
    PreparedSet,
    RejectedPhoto,
    find_files,
    find_photos,
    prepare_photos,
    remove_prepared,
)
from .positions import PositionFacts, examine_positions
from .prepared_model import reprojection_errors_px, rescale_to_training_photos, write_model
from .registration import Registration
from .report import LeftOutPhoto, MappingAttempt, ModelSize, SfmInputs, SfmMetrics, SfmReport, UnregisteredPhoto
from .scene_file import SceneFile
from .settings import SfmSettings
from .settled_cameras import settle_cameras
from .surveyed_positions import read_surveyed_positions
from .thermal import without_thermal
from .thread_budget import extraction_threads, guided_matching_fits, matching_threads, preparation_threads
from .tuning import Tuning
from .verdict import MIN_PHOTOS, Evidence, judge, shortfall
from .views import views_of


def reconstruct(settings: SfmSettings, tuning: Tuning, photos: Path, output: Path, scratch: Path) -> None:
    """Runs every phase and writes `report.json` below `output`, also for a rejected result; `scratch` is removed.

    Raises Interrupted on SIGTERM (spaceport_common.program).
    """
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    pycolmap.logging.minloglevel = int(pycolmap.logging.WARNING)
    pycolmap.set_random_seed(settings.seed)
    try:
        _Run(settings, tuning, photos, output, scratch).run()
    finally:
        remove_from_under(scratch)


def remove_from_under(folder: Path) -> None:
    """Removes a folder that threads may still write to after an interruption: renamed, it is out of their reach."""
    out_of_reach = folder.with_name(f"{folder.name}.removed")
    shutil.rmtree(out_of_reach, ignore_errors=True)
    folder.rename(out_of_reach)
    shutil.rmtree(out_of_reach, ignore_errors=True)


@dataclass(frozen=True)
class _Matches:
    """Features, verified partners and models of the photos. The maps are by image name."""

    features: dict[str, int]
    partners: dict[str, int]
    models: list[pycolmap.Reconstruction]

    @property
    def connections(self) -> Connections:
        parts = [frozenset(photo_names(model)) for model in self.models]
        return Connections(self.features, self.partners, parts)


class _Run:
    """One run: the state that its phases share."""

    def __init__(self, settings: SfmSettings, tuning: Tuning, source: Path, output: Path, scratch: Path) -> None:
        self.settings = settings
        self.tuning = tuning
        self.source = source
        self.output = output
        self.scratch = scratch
        self.cpus = usable_cpus()
        self.memory_bytes = available_memory_bytes()
        self.recorder = Recorder()
        self.inputs = SfmInputs(photos=0, decoded=0)
        self.cameras: list[CameraGroup] = []
        self.left_out: list[RejectedPhoto] = []
        self.copies: list[RejectedPhoto] = []
        self.attempts: list[MappingAttempt] = []
        self.most_registered = 0
        self.ground_points: list[GroundPoint] = []

    def run(self) -> None:
        files, names = find_files(self.source), find_photos(self.source)
        surveyed = read_surveyed_positions(self.source, files, names)
        self.ground_points = read_ground_points(self.source, files, names)
        self.inputs.ground_points = len(self.ground_points) or None
        prepared, undecodable = self.prepare()
        matches = _Matches({}, {}, [])
        facts, placement = None, None
        if len(prepared) >= MIN_PHOTOS:
            facts = examine_positions(
                [photo.metadata.gps for photo in prepared],
                [photo.metadata.xmp_gps for photo in prepared],
                surveyed.of([photo.name for photo in prepared]),
            )
            self.inputs.position_files = surveyed.photos_of or None
            self.inputs.gps = facts.positions is not None
            matches = self.reconstruct(prepared, facts)
            self.inputs.cameras = camera_reports(self.cameras, matches.models[0] if matches.models else None)
        quality = quality_metrics(prepared, len(self.copies), None if facts is None else facts.positions)
        connections = replace(matches.connections, findings=quality.reasons(prepared))
        with self.recorder.phase("export"):
            if facts is not None and matches.models:
                placement = self.export(matches.models[0], prepared, facts)
            scene = deliver(
                self.output, prepared, undecodable + self.left_out, connections, facts, placement, self.cpus
            )
        unregistered = unregistered_photos(prepared, undecodable, connections)
        metrics = self.metrics(prepared, unregistered, quality, matches, facts, placement, scene)
        self.write_report(metrics, self.verdict(matches))
        print(f"{metrics.registered} of {metrics.photos} photos registered, {metrics.points} points", flush=True)

    def prepare(self) -> tuple[list[PreparedPhoto], list[RejectedPhoto]]:
        threads = preparation_threads(self.cpus, self.memory_bytes)
        features = PreparedSet(self.scratch / "images", self.scratch / "masks", self.settings.max_image_size)
        training = PreparedSet(self.output / "images", self.output / "masks", self.settings.training_image_size)
        with self.recorder.phase("prepare"):
            decoded, undecodable = prepare_photos(
                self.source, features, training, threads=threads, on_progress=_progress("prepare")
            )
            wanted, thermal = without_thermal(decoded)
            prepared, self.copies = without_copies(wanted)
            self.left_out = thermal + self.copies
            used = {photo.image_name for photo in prepared}
            remove_prepared({photo.image_name for photo in decoded} - used, features, training)
        for photo in undecodable + self.left_out:
            print(f"not used: {photo.name}: {photo.reason}", flush=True)
        self.inputs.photos, self.inputs.decoded = len(prepared) + len(undecodable), len(prepared)
        self.inputs.masked = sum(photo.masked for photo in prepared)
        return prepared, undecodable

    def reconstruct(self, photos: list[PreparedPhoto], facts: PositionFacts) -> _Matches:
        positions = facts.positions
        folder = self.scratch
        self.cameras = group_cameras(photos, self.settings.default_focal_length_factor)
        database = FeatureDatabase(folder / "database.db", folder / "images", folder / "masks", photos, self.cameras)
        with self.recorder.phase("features"):
            self.inputs.extraction_threads = self.extract(database, self.settings, _progress("features"))
        if positions is not None and positions.are_priors:
            database.add_position_priors(positions)
        features = database.features()
        views = views_of([photo.metadata for photo in photos]) if positions is not None and positions.signed else None
        enu = None if positions is None else positions.enu
        method, pairs = select_pairs(len(photos), enu, self.tuning.pairing, views)
        self.inputs.pairing, self.inputs.pairs = method, len(pairs)
        with self.recorder.phase("matching"):
            self.match(database, pairs)
        with self.recorder.phase("mapping"):
            models = self.map(database, photos, facts, pairs)
        return _Matches(features, database.verified_partners(), models)

    def extract(self, database: FeatureDatabase, settings: SfmSettings, on_progress: Callable[[int, int], None]) -> int:
        """Extracts the features of the photos of a database, with the number of threads that it returns."""
        pixels = max(photo.feature_size[0] * photo.feature_size[1] for photo in database.photos)
        threads = extraction_threads(self.cpus, self.memory_bytes, pixels, settings.first_octave)
        database.extract(settings, threads, on_progress)
        return threads

    def match(self, database: FeatureDatabase, pairs: list[tuple[int, int]]) -> None:
        max_descriptors = max(database.features().values(), default=0)
        guided = self.settings.guided_matching
        if guided and not guided_matching_fits(self.memory_bytes, max_descriptors):
            print(f"guided matching of {max_descriptors} descriptors does not fit into memory: unguided", flush=True)
            guided = False
        threads = matching_threads(self.cpus, self.memory_bytes, max_descriptors, guided)
        self.inputs.matching_threads, self.inputs.guided_matching = threads, guided
        database.match(self.settings, pairs, guided=guided, threads=threads, on_progress=_progress("matching"))

    def map(
        self,
        database: FeatureDatabase,
        photos: list[PreparedPhoto],
        facts: PositionFacts,
        pairs: list[tuple[int, int]],
    ) -> list[pycolmap.Reconstruction]:
        """Climbs the ladder (registration.py), and refines the cameras of what it found."""
        looks_down = _looks_down(photos, self.tuning.mapping.nadir_pitch_degrees)
        options = MappingOptions(
            pixel_scale=pixel_scale(photos),
            use_position_priors=facts.positions is not None and facts.positions.are_priors,
            refine_focal_length=not (looks_down and all(camera.focal.known for camera in self.cameras)),
            threads=self.cpus,
            seed=self.settings.seed,
            held_cameras=tuple(camera.camera_id for camera in self.cameras if camera.held),
        )
        registration = Registration(
            database,
            self.scratch,
            options,
            self.tuning,
            pairs,
            match=lambda more: self.match(database, more),
            enrich=lambda names, missing: self.enrich(database, names, missing),
            residual_m=lambda model: self._residual_m(model, photos, facts),
            on_registered=self.on_registered,
        )
        models = registration.run()
        self.attempts = registration.attempts
        if models:
            models[0] = settle_cameras(models[0], self.cameras, self.tuning.mapping, self.cpus)
        self.on_registered(len(photos))
        return models

    def enrich(self, database: FeatureDatabase, names: list[str], missing: set[str]) -> None:
        """Gives photos more and smaller features, and matches the missing ones among them with the others again."""
        settings = self.settings.model_copy(
            update={
                "max_num_features": round(self.settings.max_num_features * self.tuning.ladder.feature_factor),
                "first_octave": -1,
            }
        )
        chosen = [photo for photo in database.photos if photo.image_name in names]
        cameras = group_cameras(chosen, settings.default_focal_length_factor)
        richer = replace(database, path=self.scratch / "more-features.db", photos=chosen, cameras=cameras)
        self.extract(richer, settings, lambda *_: None)
        database.append_features(richer)
        outside = {index for index, photo in enumerate(database.photos) if photo.image_name in missing}
        indices = [index for index, photo in enumerate(database.photos) if photo.image_name in names]
        every = [(indices[first], indices[second]) for first, second in exhaustive_pairs(len(indices))]
        pairs = [pair for pair in every if outside.intersection(pair)]
        database.forget_matches(pairs)
        self.match(database, pairs)

    def on_registered(self, registered: int) -> None:
        """Progress of mapping: the most photos that any model has had so far, so that it never falls."""
        self.most_registered = max(self.most_registered, min(registered, self.inputs.decoded))
        progress("mapping", self.most_registered, self.inputs.decoded)

    def frame(self, model: pycolmap.Reconstruction, photos: list[PreparedPhoto], facts: PositionFacts) -> Frame:
        """The frame of a model."""
        return choose_frame(model, photos, facts, self.tuning.alignment, self.tuning.frame, self.settings.seed)

    def export(self, model: pycolmap.Reconstruction, photos: list[PreparedPhoto], facts: PositionFacts) -> Placement:
        """Writes the model in the export frame; returns it with its frame and what was measured on it."""
        by_name = {photo.image_name: photo for photo in photos}
        control, failure = self.lay_on_control(model, photos, facts)
        errors = reprojection_errors_px(model, by_name)
        frame = self.frame(model, photos, facts) if control is None else frame_of_control(model, photos, control)
        residuals = gps_residuals(model, photos, facts.positions, frame)
        georeference = move_to_export_frame(model, frame)
        rescale_to_training_photos(model, by_name)
        write_model(model, self.output / "images", self.output / "sparse" / "0", self.cpus)
        if georeference is not None:
            write_json(self.output / "georeference.json", georeference)
        return Placement(model, frame, errors, residuals, control, failure, georeference)

    def lay_on_control(
        self, model: pycolmap.Reconstruction, photos: list[PreparedPhoto], facts: PositionFacts
    ) -> tuple[ControlledModel | None, str | None]:
        """What ground control made of the model, or why it could not be used; neither where there is none."""
        if not self.ground_points:
            return None, None
        origin = facts.positions.origin if facts.positions is not None and facts.positions.signed else None
        try:
            return lay_on_control(model, photos, self.ground_points, origin, self.tuning.control, self.cpus), None
        except ControlFailure as failure:
            return None, str(failure)

    def metrics(
        self,
        prepared: list[PreparedPhoto],
        unregistered: list[UnregisteredPhoto],
        quality: PhotoQualityMetrics,
        matches: _Matches,
        facts: PositionFacts | None,
        placement: Placement | None,
        scene: SceneFile | None,
    ) -> SfmMetrics:
        model, frame = (None, None) if placement is None else (placement.model, placement.frame)
        errors = [] if placement is None else list(placement.errors_px.values())
        evidence = self.evidence(matches)
        return SfmMetrics(
            photos=self.inputs.photos,
            registered=evidence.registered,
            unregistered=unregistered,
            left_out=[LeftOutPhoto(name=photo.name, reason=photo.reason) for photo in self.left_out],
            photo_quality=quality,
            points=0 if model is None else model.num_points3D(),
            points_in_three=evidence.points,
            observations=0 if model is None else model.compute_num_observations(),
            mean_track_length=None if model is None else round(model.compute_mean_track_length(), 3),
            reprojection_error_px=round(float(np.concatenate(errors).mean()), 4) if errors else None,
            models=[
                ModelSize(registered=other.num_reg_images(), points=other.num_points3D()) for other in matches.models
            ],
            georeferenced=frame is not None and frame.gps is not None,
            positions=None if facts is None else position_metrics(facts),
            frame=None if facts is None or frame is None else frame_metrics(facts, frame, prepared),
            ground=ground_metrics(scene),
            accuracy=None if placement is None else accuracy_of(placement),
            warnings=[
                *quality_warnings(quality, len(prepared)),
                *([] if facts is None or frame is None else frame_warnings(facts, frame)),
                *([] if placement is None else control_warnings(placement)),
            ],
            median_features=evidence.median_features,
            aerial=is_aerial(
                [photo.metadata for photo in prepared], frame.numbers if frame is not None and frame.gps else None
            ),
            shortfall=shortfall(evidence, self.settings.min_points),
        )

    def evidence(self, matches: _Matches) -> Evidence:
        best = matches.models[0] if matches.models else None
        return Evidence(
            photos=self.inputs.photos,
            decoded=self.inputs.decoded,
            copies=len(self.copies),
            registered=0 if best is None else best.num_reg_images(),
            points=0 if best is None else points_in_three(best),
            median_features=float(np.median(list(matches.features.values()))) if matches.features else 0.0,
            mean_partners=float(np.mean(list(matches.partners.values()))) if matches.partners else 0.0,
            parts=tuple(model.num_reg_images() for model in matches.models),
        )

    def verdict(self, matches: _Matches) -> Verdict:
        return judge(self.evidence(matches), self.settings.min_points, self.settings.min_registered_share)

    def write_report(self, metrics: SfmMetrics, verdict: Verdict) -> None:
        versions = {"pycolmap": pycolmap.__version__, "numpy": np.__version__, "pillow": PIL.__version__}
        report = SfmReport(
            stage="sfm",
            options=self.settings,
            inputs=self.inputs,
            metrics=metrics,
            verdict=verdict,
            **self.recorder.facts(**versions),
        )
        report.machine.memory_mb = self.memory_bytes // 2**20
        if self.attempts:
            report.attempts = self.attempts
        report.write(self.output)

    def _residual_m(
        self, model: pycolmap.Reconstruction, photos: list[PreparedPhoto], facts: PositionFacts
    ) -> float | None:
        """RMS residual of GPS, metres; None for a model without a frame of GPS."""
        if facts.positions is None:
            return None
        gps = self.frame(model, photos, facts).gps
        return None if gps is None else gps.fit.residual_rms


def _looks_down(photos: list[PreparedPhoto], nadir_pitch_degrees: float) -> bool:
    """Whether the gimbal of every photo looks down.

    A flat nadir set at one height cannot tell focal length from height, and mapping with a free focal length bends the
    ground and is several times slower: it keeps the focal length of the EXIF.
    """
    pitches = [photo.metadata.gimbal_pitch_degrees for photo in photos]
    return all(pitch is not None and pitch <= nadir_pitch_degrees for pitch in pitches)


def _progress(phase: str) -> Callable[[int, int], None]:
    return lambda done, total: progress(phase, done, total)
