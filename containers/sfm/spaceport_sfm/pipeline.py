"""The whole run: photos in, prepared photos, sparse model and report out."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import PIL
import pycolmap
from spaceport_common.machine import available_memory_bytes, usable_cpus
from spaceport_common.progress import progress
from spaceport_common.report import Recorder, write_json

from .cameras import CameraGroup, camera_reports, group_cameras
from .control_file import GroundPoint, read_ground_points
from .delivery import deliver
from .doubled_places import Contradictions
from .export_frame import Frame, choose_frame, frame_of_control, move_to_export_frame
from .feature_database import FeatureDatabase, pixel_scale
from .feature_extraction import extract_with_colmap, extract_with_kernel
from .feature_matching import match_with_colmap, match_with_kernel
from .ground_control import ControlFailure, ControlledModel, lay_on_control
from .kernel.library import kernel_if_there
from .mapping import MappingOptions
from .pair_graph import Pair
from .pairs import exhaustive_pairs, select_pairs
from .photo_facts import Placement, gps_residuals, unregistered_photos
from .photo_findings import quality_metrics, without_copies
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
from .registration import PositionFit, Registration
from .report import MappingAttempt, SfmInputs, SfmReport
from .run_outcome import Matches, Outcome
from .settings import SfmSettings
from .settled_cameras import settle_cameras
from .surveyed_positions import read_surveyed_positions
from .thermal import without_thermal
from .thread_budget import extraction_threads, guided_matching_fits, matching_threads, preparation_threads
from .tuning import Tuning
from .verdict import MIN_PHOTOS, judge
from .views import half_angles_of, views_of

NOT_GUIDED = (
    "Matching was not guided, as the preset has it: {most} features a photo take more memory than this machine has "
    "where no C++ compiler is installed."
)


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
        self.kernel = kernel_if_there()
        self.inputs = SfmInputs(photos=0, decoded=0)
        self.cameras: list[CameraGroup] = []
        self.left_out: list[RejectedPhoto] = []
        self.copies: list[RejectedPhoto] = []
        self.attempts: list[MappingAttempt] = []
        self.contradictions: Contradictions | None = None
        self.most_registered = 0
        self.enriched: set[str] = set()  # image names that have more features
        self.ground_points: list[GroundPoint] = []

    def run(self) -> None:
        files, names = find_files(self.source), find_photos(self.source)
        geoid_offset_m = self.settings.geoid_offset_m
        surveyed = read_surveyed_positions(self.source, files, names, geoid_offset_m)
        self.ground_points = read_ground_points(self.source, files, names, geoid_offset_m)
        self.inputs.ground_points = len(self.ground_points) or None
        prepared, undecodable = self.prepare()
        matches = Matches()
        facts, placement = None, None
        if len(prepared) >= MIN_PHOTOS:
            facts = examine_positions(
                [photo.metadata.gps for photo in prepared],
                [photo.metadata.xmp_gps for photo in prepared],
                surveyed.of([photo.name for photo in prepared]),
                geoid_offset_m,
            )
            self.inputs.position_files = surveyed.photos_of or None
            self.inputs.gps = facts.positions is not None
            matches = self.reconstruct(prepared, facts)
            self.inputs.cameras = camera_reports(self.cameras, None)
        quality = quality_metrics(prepared, len(self.copies), None if facts is None else facts.positions)
        connections = replace(matches.connections, findings=quality.reasons(prepared))
        with self.recorder.phase("export"):
            if facts is not None and matches.models:
                placement = self.export(matches.models[0], prepared, facts)
            scene = deliver(
                self.output, prepared, undecodable + self.left_out, connections, facts, placement, self.cpus
            )
        unregistered = unregistered_photos(prepared, undecodable, connections)
        self.write_report(
            Outcome(
                self.inputs,
                prepared,
                self.left_out,
                len(self.copies),
                unregistered,
                quality,
                matches,
                facts,
                placement,
                scene,
                self.contradictions,
            )
        )

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

    def reconstruct(self, photos: list[PreparedPhoto], facts: PositionFacts) -> Matches:
        positions = facts.positions
        folder = self.scratch
        self.cameras = group_cameras(photos, self.settings.default_focal_length_factor)
        database = FeatureDatabase(folder / "database.db", folder / "images", folder / "masks", photos, self.cameras)
        with self.recorder.phase("features"):
            self.inputs.extraction_threads = self.extract(database, self.settings, _progress("features"))
        if positions is not None and positions.are_priors:
            database.add_position_priors(positions)
        features = database.features()
        metadata, half_angles = [photo.metadata for photo in photos], half_angles_of(self.cameras)
        views = views_of(metadata, half_angles) if positions is not None and positions.signed else None
        enu = None if positions is None else positions.enu
        method, pairs = select_pairs(len(photos), enu, self.tuning.pairing, views)
        self.inputs.pairing, self.inputs.pairs = method, len(pairs)
        with self.recorder.phase("matching"):
            passed = self.match(database, pairs, thorough=False)
        self.inputs.pairs_without_overlap = len(passed)
        with self.recorder.phase("mapping"):
            models = self.map(database, photos, facts, sorted(set(pairs).difference(passed)), passed)
        return Matches(features, database.verified_partners(), models)

    def extract(self, database: FeatureDatabase, settings: SfmSettings, on_progress: Callable[[int, int], None]) -> int:
        """Extracts the features of the photos of a database, with the number of threads that it returns."""
        pixels = max(photo.feature_size[0] * photo.feature_size[1] for photo in database.photos)
        in_kernel = self.kernel is not None
        threads = extraction_threads(self.cpus, self.memory_bytes, pixels, settings.first_octave, kernel=in_kernel)
        if self.kernel is None:
            extract_with_colmap(database, settings, threads, on_progress)
        else:
            extract_with_kernel(database, self.kernel, settings, threads, on_progress)
        return threads

    def match(self, database: FeatureDatabase, pairs: list[Pair], *, thorough: bool) -> list[Pair]:
        """Matches the pairs; returns those that were passed over, as their largest features show no overlap."""
        guided, on_progress = self.settings.guided_matching, _progress("matching")
        most = max(database.features().values(), default=0)
        if self.kernel is not None:
            threads = matching_threads(self.cpus, self.memory_bytes, most, guided=False)
            passed = match_with_kernel(
                database,
                self.kernel,
                self.settings,
                self.tuning.matching,
                pairs,
                thorough=thorough,
                threads=threads,
                on_progress=on_progress,
            )
        else:
            if guided and not guided_matching_fits(self.memory_bytes, most):
                guided = False
                self.inputs.left_undone = [NOT_GUIDED.format(most=most)]
            threads = matching_threads(self.cpus, self.memory_bytes, most, guided)
            match_with_colmap(database, self.settings, pairs, guided=guided, threads=threads, on_progress=on_progress)
            passed = []
        self.inputs.matching_threads, self.inputs.guided_matching = threads, guided
        return passed

    def match_thoroughly(self, database: FeatureDatabase, pairs: list[Pair]) -> None:
        """Matches pairs of photos that are missing: no opinion on their overlap is believed."""
        self.match(database, pairs, thorough=True)

    def map(
        self,
        database: FeatureDatabase,
        photos: list[PreparedPhoto],
        facts: PositionFacts,
        pairs: list[Pair],
        passed: list[Pair],
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
            passed=passed,
            match=lambda more: self.match_thoroughly(database, more),
            enrich=lambda names, missing: self.enrich(database, names, missing),
            min_points=self.settings.min_points,
            fit=lambda model: self.position_fit(model, photos, facts),
            on_registered=self.on_registered,
        )
        models = registration.run()
        self.attempts = registration.attempts
        self.contradictions = registration.contradictions
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
        poor = [photo for photo in database.photos if photo.image_name in set(names) - self.enriched]
        if poor:
            cameras = group_cameras(poor, settings.default_focal_length_factor)
            path = self.scratch / f"more-features-{len(self.enriched)}.db"
            richer = replace(database, path=path, photos=poor, cameras=cameras)
            self.extract(richer, settings, lambda *_: None)
            database.append_features(richer)
            self.enriched.update(names)
        outside = {index for index, photo in enumerate(database.photos) if photo.image_name in missing}
        indices = [index for index, photo in enumerate(database.photos) if photo.image_name in names]
        every = [(indices[first], indices[second]) for first, second in exhaustive_pairs(len(indices))]
        pairs = [pair for pair in every if outside.intersection(pair)]
        database.forget_matches(pairs)
        self.match_thoroughly(database, pairs)

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
        print("export", flush=True)
        control, failure = self.lay_on_control(model, photos, facts)
        self.inputs.cameras = camera_reports(self.cameras, model)
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
        print(f"adjustment to {len(self.ground_points)} ground points", flush=True)
        try:
            return lay_on_control(model, photos, self.ground_points, origin, self.tuning.control, self.cpus), None
        except ControlFailure as failure:
            return None, str(failure)

    def write_report(self, outcome: Outcome) -> None:
        metrics = outcome.metrics(self.settings.min_points)
        versions = {"pycolmap": pycolmap.__version__, "numpy": np.__version__, "pillow": PIL.__version__}
        report = SfmReport(
            stage="sfm",
            options=self.settings,
            inputs=self.inputs,
            metrics=metrics,
            verdict=judge(outcome.evidence, self.settings.min_points, self.settings.min_registered_share),
            **self.recorder.facts(**versions),
        )
        report.machine.memory_mb = self.memory_bytes // 2**20
        if self.attempts:
            report.attempts = self.attempts
        report.write(self.output)
        print(f"{metrics.registered} of {metrics.photos} photos registered, {metrics.points} points", flush=True)

    def position_fit(
        self, model: pycolmap.Reconstruction, photos: list[PreparedPhoto], facts: PositionFacts
    ) -> PositionFit | None:
        """None for a model without a frame of GPS."""
        gps = None if facts.positions is None else self.frame(model, photos, facts).gps
        return None if gps is None else PositionFit(gps.fit.residual_rms, float(gps.fit.inliers.mean()))


def _looks_down(photos: list[PreparedPhoto], nadir_pitch_degrees: float) -> bool:
    """Whether the gimbal of every photo looks down.

    A flat nadir set at one height cannot tell focal length from height, and mapping with a free focal length bends the
    ground and is several times slower: it keeps the focal length of the EXIF.
    """
    pitches = [photo.metadata.gimbal_pitch_degrees for photo in photos]
    return all(pitch is not None and pitch <= nadir_pitch_degrees for pitch in pitches)


def _progress(phase: str) -> Callable[[int, int], None]:
    return lambda done, total: progress(phase, done, total)
