"""The whole run: photos in, prepared photos, sparse model and report out."""

import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import PIL
import pycolmap
from spaceport_common.machine import available_memory_bytes, usable_cpus
from spaceport_common.progress import progress
from spaceport_common.report import Recorder, Verdict, write_json

from .capture import is_aerial
from .delivery import deliver
from .export_frame import Frame, choose_frame, move_to_export_frame
from .feature_database import FeatureDatabase, has_known_focal_lengths, pixel_scale
from .frame_report import frame_metrics, frame_warnings, position_metrics
from .mapping import MappingOptions, map_incrementally, refine_cameras, views_are_parallel
from .pairs import exhaustive_pairs, select_pairs
from .photo_facts import Connections, Placement, gps_residuals, unregistered_photos
from .photo_preparation import PreparedPhoto, PreparedSet, RejectedPhoto, find_files, find_photos, prepare_photos
from .positions import PositionFacts, examine_positions
from .prepared_model import reprojection_errors_px, rescale_to_training_photos, write_model
from .report import AttemptName, MappingAttempt, ModelSize, SfmInputs, SfmMetrics, SfmReport, UnregisteredPhoto
from .settings import SfmSettings
from .surveyed_positions import read_surveyed_positions
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
        parts = [frozenset(model.image(id_).name for id_ in model.reg_image_ids()) for model in self.models]
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
        self.attempts: list[MappingAttempt] = []
        self.most_registered = 0

    def run(self) -> None:
        surveyed = read_surveyed_positions(self.source, find_files(self.source), find_photos(self.source))
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
        connections = matches.connections
        with self.recorder.phase("export"):
            if facts is not None and matches.models:
                placement = self.export(matches.models[0], prepared, facts)
            deliver(self.output, prepared, undecodable, connections, facts, placement, self.cpus)
        unregistered = unregistered_photos(prepared, undecodable, connections)
        metrics = self.metrics(prepared, unregistered, matches, facts, placement)
        self.write_report(metrics, self.verdict(matches))
        print(f"{metrics.registered} of {metrics.photos} photos registered, {metrics.points} points", flush=True)

    def prepare(self) -> tuple[list[PreparedPhoto], list[RejectedPhoto]]:
        threads = preparation_threads(self.cpus, self.memory_bytes)
        with self.recorder.phase("prepare"):
            prepared, undecodable = prepare_photos(
                self.source,
                PreparedSet(self.scratch / "images", self.scratch / "masks", self.settings.max_image_size),
                PreparedSet(self.output / "images", self.output / "masks", self.settings.training_image_size),
                threads=threads,
                on_progress=_progress("prepare"),
            )
        for photo in undecodable:
            print(f"not usable: {photo.name}: {photo.reason}", flush=True)
        self.inputs.photos, self.inputs.decoded = len(prepared) + len(undecodable), len(prepared)
        self.inputs.masked = sum(photo.masked for photo in prepared)
        return prepared, undecodable

    def reconstruct(self, photos: list[PreparedPhoto], facts: PositionFacts) -> _Matches:
        positions = facts.positions
        folder = self.scratch
        database = FeatureDatabase(folder / "database.db", folder / "images", folder / "masks", photos)
        pixels = max(photo.feature_size[0] * photo.feature_size[1] for photo in photos)
        threads = extraction_threads(self.cpus, self.memory_bytes, pixels, self.settings.first_octave)
        self.inputs.extraction_threads = threads
        with self.recorder.phase("features"):
            database.extract(self.settings, threads, _progress("features"))
        if positions is not None and positions.are_priors:
            database.add_position_priors(positions)
        features = database.features()
        views = views_of([photo.metadata for photo in photos]) if positions is not None and positions.signed else None
        enu = None if positions is None else positions.enu
        method, pairs = select_pairs(len(photos), enu, self.tuning.pairing, views)
        self.inputs.pairing, self.inputs.pairs = method, len(pairs)
        with self.recorder.phase("matching"):
            self.match(database, pairs, max(features.values(), default=0))
        with self.recorder.phase("mapping"):
            models = self.map(database, photos, facts, pairs, features)
        return _Matches(features, database.verified_partners(), models)

    def match(self, database: FeatureDatabase, pairs: list[tuple[int, int]], max_descriptors: int) -> None:
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
        features: dict[str, int],
    ) -> list[pycolmap.Reconstruction]:
        """Maps; retries without positions that do not fit, and where the result would not pass the gates.

        The last retry has all pairs and weaker conditions.
        """
        tuning = self.tuning.mapping
        looks_down = _looks_down(photos, tuning.nadir_pitch_degrees)
        options = MappingOptions(
            pixel_scale=pixel_scale(photos),
            use_position_priors=facts.positions is not None and facts.positions.are_priors,
            refine_focal_length=not (has_known_focal_lengths(photos) and looks_down),
            threads=self.cpus,
            seed=self.settings.seed,
        )
        models = self.map_once(database, "standard", options)
        if models and options.use_position_priors and not self._positions_fit(models[0], photos, facts):
            options = replace(options, use_position_priors=False)
            others = self.map_once(database, "without positions", options)
            if others and others[0].num_reg_images() >= models[0].num_reg_images():
                models = others
        if not self._would_pass(models) and any(database.verified_partners().values()):
            few = len(photos) <= self.tuning.pairing.exhaustive_max_photos
            if few and len(pairs) < len(every := exhaustive_pairs(len(photos))):
                self.match(database, every, max(features.values(), default=0))
            retry = replace(options, refine_focal_length=True, relaxed=True, max_seconds=tuning.retry_seconds)
            others = self.map_once(database, "relaxed", retry)
            if others and (not models or _worth(others[0]) > _worth(models[0])):
                models = others
        if models and not views_are_parallel(models[0], tuning.parallel_views_degrees):
            refine_cameras(models[0], tuning, self.cpus)
        self.on_registered(len(photos))
        return models

    def map_once(
        self, database: FeatureDatabase, name: AttemptName, options: MappingOptions
    ) -> list[pycolmap.Reconstruction]:
        """One run of the mapper, noted as an attempt."""
        folder = self.scratch / f"models-{len(self.attempts)}"
        models = map_incrementally(
            database.path, database.image_folder, folder, options, self.tuning.mapping, self.on_registered
        )
        registered, points = _worth(models[0]) if models else (0, 0)
        self.attempts.append(MappingAttempt(name=name, options=asdict(options), registered=registered, points=points))
        return models

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
        errors = reprojection_errors_px(model, by_name)
        frame = self.frame(model, photos, facts)
        residuals = gps_residuals(model, photos, facts.positions, frame)
        georeference = move_to_export_frame(model, frame)
        rescale_to_training_photos(model, by_name)
        write_model(model, self.output / "images", self.output / "sparse" / "0", self.cpus)
        if georeference is not None:
            write_json(self.output / "georeference.json", georeference)
        return Placement(model, frame, errors, residuals, georeference)

    def metrics(
        self,
        prepared: list[PreparedPhoto],
        unregistered: list[UnregisteredPhoto],
        matches: _Matches,
        facts: PositionFacts | None,
        placement: Placement | None,
    ) -> SfmMetrics:
        model, frame = (None, None) if placement is None else (placement.model, placement.frame)
        errors = [] if placement is None else list(placement.errors_px.values())
        evidence = self.evidence(matches)
        return SfmMetrics(
            photos=self.inputs.photos,
            registered=evidence.registered,
            unregistered=unregistered,
            points=0 if model is None else model.num_points3D(),
            observations=0 if model is None else model.compute_num_observations(),
            mean_track_length=None if model is None else round(model.compute_mean_track_length(), 3),
            reprojection_error_px=round(float(np.concatenate(errors).mean()), 4) if errors else None,
            models=[
                ModelSize(registered=other.num_reg_images(), points=other.num_points3D()) for other in matches.models
            ],
            georeferenced=frame is not None and frame.gps is not None,
            positions=None if facts is None else position_metrics(facts),
            frame=None if facts is None or frame is None else frame_metrics(facts, frame, prepared),
            warnings=[] if facts is None or frame is None else frame_warnings(facts, frame),
            median_features=evidence.median_features,
            aerial=is_aerial(
                [photo.metadata for photo in prepared], frame.numbers if frame is not None and frame.gps else None
            ),
            shortfall=shortfall(evidence),
        )

    def evidence(self, matches: _Matches) -> Evidence:
        registered, points = _worth(matches.models[0]) if matches.models else (0, 0)
        return Evidence(
            photos=self.inputs.photos,
            decoded=self.inputs.decoded,
            registered=registered,
            points=points,
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

    def _would_pass(self, models: list[pycolmap.Reconstruction]) -> bool:
        if not models:
            return False
        registered, points = _worth(models[0])
        return (
            points >= self.settings.min_points and registered > self.settings.min_registered_share * self.inputs.photos
        )

    def _positions_fit(self, model: pycolmap.Reconstruction, photos: list[PreparedPhoto], facts: PositionFacts) -> bool:
        gps = self.frame(model, photos, facts).gps
        return gps is not None and gps.fit.residual_rms <= self.tuning.frame.max_prior_residual_m


def _looks_down(photos: list[PreparedPhoto], nadir_pitch_degrees: float) -> bool:
    """Whether the gimbal of every photo looks down.

    A flat nadir set at one height cannot tell focal length from height, and mapping with a free focal length bends the
    ground and is several times slower: it keeps the focal length of the EXIF.
    """
    pitches = [photo.metadata.gimbal_pitch_degrees for photo in photos]
    return all(pitch is not None and pitch <= nadir_pitch_degrees for pitch in pitches)


def _worth(model: pycolmap.Reconstruction) -> tuple[int, int]:
    return model.num_reg_images(), model.num_points3D()


def _progress(phase: str) -> Callable[[int, int], None]:
    return lambda done, total: progress(phase, done, total)
