"""The ladder: maps, and tries the next rung, cheapest first, while photos are missing, models several or points few.

A rung wins only when it is right. It must place more photos (or as many with more points, where these are too few for
the gate), each of them held by enough points that three photos see, and tell the same as the models before it about the
photos that they share; neither reprojection error nor residual of GPS may get worse, and it must not lay different
places on one another (doubled_places.py). Photos that a rung places with less are taken out of its model again. A first
model that doubles places is mapped anew without what led to that.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import monotonic

import pycolmap

from .doubled_places import Contradictions, Names, contradictions
from .feature_database import FeatureDatabase
from .mapping import MappingOptions, best_first, map_incrementally
from .model_quality import MIN_VIEWS, agreement, photo_names, points_in_three, support, take_out
from .pair_graph import Pair
from .pairs import exhaustive_pairs
from .report import MappingAttempt, RungName
from .tuning import Tuning

Models = list[pycolmap.Reconstruction]
"""Best first."""


@dataclass(frozen=True)
class PositionFit:
    """How a model fits the positions of its photos."""

    residual_m: float
    """RMS distance of the photos that agree, metres."""
    agreeing_share: float
    """Part of the photos with a position that agree, 0 to 1."""


class Registration:
    """One run of the ladder over the photos of a database.

    `passed` are pairs of photos (indices) that were passed over, since their largest features have nothing in common:
    they count as matched without success until photos are missing. `match(pairs)` matches pairs that have no matches.
    `enrich(photos, missing)` gives photos (image names) more features, and matches the missing ones among them with the
    others again. A model with fewer than `min_points` points that three photos see is not enough. `fit(model)` is None
    where the model has no frame of GPS. `on_registered(photos)` tells progress.
    """

    def __init__(
        self,
        database: FeatureDatabase,
        folder: Path,
        options: MappingOptions,
        tuning: Tuning,
        matched: Sequence[Pair],
        *,
        passed: Sequence[Pair] = (),
        match: Callable[[list[Pair]], None],
        enrich: Callable[[list[str], set[str]], None],
        min_points: int,
        fit: Callable[[pycolmap.Reconstruction], PositionFit | None],
        on_registered: Callable[[int], None],
    ) -> None:
        self.database = database
        self.folder = folder
        self.options = options
        self.tuning = tuning.ladder
        self.mapping = tuning.mapping
        self.doubling = tuning.doubling
        self.max_residual_m = tuning.frame.max_prior_residual_m
        self.names = [photo.image_name for photo in database.photos]
        self.matched = set(matched)
        self.passed = set(passed)
        self._match = match
        self._enrich = enrich
        self._min_points = min_points
        self._fit = fit
        self._on_registered = on_registered
        self.models: Models = []
        self._verified: dict[tuple[str, str], int] | None = None
        self._tried: set[tuple[frozenset[str], int]] = set()  # models that were continued, with their matches
        self._unmatched: list[Pair] = []  # pairs whose matches were taken back
        self._elsewhere: set[str] = set()  # photos of a place that was told apart from that of the best model
        self._judged: tuple[pycolmap.Reconstruction, Contradictions] | None = None
        self.attempts: list[MappingAttempt] = []

    def run(self) -> Models:
        """All models, best first; the list is empty where nothing could be placed."""
        started = monotonic()
        self._take(self._mapped("standard", self.options))
        if self.models and self.options.use_position_priors and not self._fits_positions(self.models[0]):
            self.options = replace(self.options, use_position_priors=False)
            others = self._mapped("without positions", self.options)
            if not others or others[0].num_reg_images() >= self.models[0].num_reg_images():
                self._take(others)
            else:
                self.attempts[-1].refused = "it places fewer photos"
        self._tell_apart()
        for climb in (
            self._continued,
            self._from_another_pair,
            self._with_all_pairs,
            self._relaxed,
            self._with_features,
        ):
            if not self.missing or monotonic() - started > self.tuning.max_seconds:
                break
            climb()
        if self._few_points() and monotonic() - started <= self.tuning.max_seconds:
            self._with_features_for_all()
        return self.models

    @property
    def missing(self) -> set[str]:
        """Photos that the best model lacks and that are not known to show another place."""
        return set(self.names) - (photo_names(self.models[0]) if self.models else set()) - self._elsewhere

    @property
    def verified(self) -> dict[tuple[str, str], int]:
        """`verified_pairs` of the database, which is read again only after photos were matched."""
        if self._verified is None:
            self._verified = self.database.verified_pairs()
        return self._verified

    @property
    def contradictions(self) -> Contradictions | None:
        """What speaks against the best model; None without one."""
        if not self.models:
            return None
        if self._judged is None or self._judged[0] is not self.models[0]:
            self._judged = self.models[0], self._contradictions(self.models[0])
        return self._judged[1]

    def _tell_apart(self) -> None:
        """Where the first model lays places on one another, mapping begins anew without the matches that did it.

        Those between the two parts that contradict each other go, at first but for pairs that were judged and agree: a
        chain of photos may lead from one part to the other. Photos of nothing but what is alike agree, too.
        """
        for keep_agreeing in (True, False):
            found = self.contradictions
            if found is None or not found.doubled:
                return
            across = found.between_parts(self.verified, keep_agreeing=keep_agreeing)
            if not across:
                continue
            self._take_back(across)
            models = self._mapped("told apart", self.options)
            if models and len(self._contradictions(models[0]).pairs) < len(found.pairs):
                self._take(models)
                own, (part, rest) = photo_names(models[0]), found.parts()
                self._elsewhere = (part | rest) - own if own <= part or own <= rest else set()
            else:
                self.attempts[-1].refused = "it lays as many different places on one another"

    def _take_back(self, pairs: Sequence[Names]) -> None:
        """Forgets the matches of pairs of photos, for good."""
        row = {name: index for index, name in enumerate(self.names)}
        self._unmatched += [(row[first], row[second]) for first, second in pairs]
        self.database.forget_matches(self._unmatched)
        self._verified = None

    def _contradictions(self, model: pycolmap.Reconstruction) -> Contradictions:
        """Nothing where positions agree with nearly all places: photos are where they were taken."""
        fit = self._fit(model)
        placed = fit is not None and fit.agreeing_share >= self.doubling.min_agreeing_share
        tried = [] if placed else sorted(self.matched | self.passed)
        pairs = [(self.names[first], self.names[second]) for first, second in tried]
        return contradictions(model, pairs, self.doubling)

    def _continued(self) -> None:
        """Each model is continued on weaker conditions, the best first: this also joins models that share a photo."""
        for start in self.models[: self.tuning.continued_models]:
            if not self._hopeful():
                return
            state = frozenset(photo_names(start)), sum(self.verified.values())
            if state in self._tried or not any(model is start for model in self.models):
                continue  # a model before it has taken it in
            self._tried.add(state)
            self._try("continued", self._relaxed_options(), start)

    def _from_another_pair(self) -> None:
        """Mapping begins again with the pair of most matches that the best model does not hold."""
        outside = self.missing
        pairs = {pair: count for pair, count in self.verified.items() if outside.issuperset(pair)}
        if self.models and pairs:
            ids = self.database.image_ids()
            first, second = (ids[name] for name in max(pairs, key=lambda pair: pairs[pair]))
            options = replace(
                self.options, first_photo=first, second_photo=second, max_seconds=self.tuning.rung_seconds
            )
            self._try("another pair", options)
            self._continued()

    def _with_all_pairs(self) -> None:
        """Missing photos are matched with all others, in so far as that is not too much."""
        outside = self.missing
        pairs = [
            pair
            for pair in exhaustive_pairs(len(self.names))
            if pair not in self.matched and any(self.names[index] in outside for index in pair)
        ]
        if pairs and len(pairs) <= self.tuning.max_pairs:
            self._match(pairs)
            self._verified = None
            self.matched.update(pairs)
            self._again("all pairs")

    def _relaxed(self) -> None:
        """Mapping begins again on weaker conditions."""
        if self._hopeful():
            # A wrong focal length in the EXIF may be what keeps the photos apart.
            options = replace(self._relaxed_options(), refine_focal_length=True, two_view_tracks=True)
            self._try("relaxed", options)

    def _with_features(self) -> None:
        """Missing photos and their nearest partners get more and smaller features."""
        concerned = self._concerned()
        if concerned:
            self._enrich(concerned, self.missing)
            self.database.forget_matches(self._unmatched)
            self._verified = None
            for model in self.models:
                self.database.complete(model)
            self._again("more features")

    def _with_features_for_all(self) -> None:
        """All photos get more and smaller features: those of small photos, or of parts of photos, are few."""
        if self.models and len(self.names) <= self.tuning.max_enriched:
            self._enrich(self.names, set(self.names))
            self.database.forget_matches(self._unmatched)
            self._verified = None
            self._try("more points", replace(self.options, max_seconds=self.tuning.rung_seconds))

    def _few_points(self) -> bool:
        return bool(self.models) and points_in_three(self.models[0]) < self._min_points

    def _again(self, name: RungName) -> None:
        """Maps after new matches: continues the best model, and begins anew where that does not place all."""
        if self.models:
            self._try(name, self._relaxed_options(), self.models[0])
        if self.missing and self._hopeful():
            self._try(name, replace(self.options, max_seconds=self.tuning.rung_seconds))
            self._continued()

    def _concerned(self) -> list[str]:
        """Photos for more features, in name order: the missing ones and those that match each of them best."""
        outside = self.missing
        partners: dict[str, list[tuple[int, str]]] = {name: [] for name in outside}
        for (first, second), count in self.verified.items():
            for one, other in ((first, second), (second, first)):
                if one in outside:
                    partners[one].append((count, other))
        around = {other for found in partners.values() for _, other in sorted(found)[-self.tuning.partners :]}
        chosen = outside | around
        return [name for name in self.names if name in chosen] if len(chosen) <= self.tuning.max_enriched else []

    def _hopeful(self) -> bool:
        """Whether a missing photo matches two others: with fewer, three photos can see none of its points."""
        partners = Counter(name for pair in self.verified for name in pair)
        return any(partners[name] >= MIN_VIEWS - 1 for name in self.missing)

    def _relaxed_options(self) -> MappingOptions:
        return replace(self.options, relaxed=True, max_seconds=self.tuning.rung_seconds)

    def _mapped(self, name: RungName, options: MappingOptions, start: pycolmap.Reconstruction | None = None) -> Models:
        """One run of the mapper, noted as an attempt."""
        print(f"mapping: {name}", flush=True)
        began = monotonic()
        folder = self.folder / f"models-{len(self.attempts)}"
        models = map_incrementally(
            self.database.path,
            self.database.image_folder,
            folder,
            options,
            self.mapping,
            self._on_registered,
            start,
        )
        self.attempts.append(
            MappingAttempt(
                name=name,
                options=asdict(options),
                registered=models[0].num_reg_images() if models else 0,
                points=models[0].num_points3D() if models else 0,
                seconds=round(monotonic() - began, 2),
                taken=False,
            )
        )
        return models

    def _try(self, name: RungName, options: MappingOptions, start: pycolmap.Reconstruction | None = None) -> None:
        """Maps, and takes what was found where it is better."""
        models = self._mapped(name, options, start)
        if models and self.models:
            weak = {
                photo
                for photo, observations in support(models[0]).items()
                if observations < self.tuning.min_observations and photo not in photo_names(self.models[0])
            }
            take_out(models[0], weak)
            objection = self._objection(models[0])
            if objection is not None:
                self.attempts[-1].refused = objection
                self._keep_elsewhere(models if start is None else [])
                return
        placed = photo_names(models[0]) if models else set()
        rest = [model for model in self.models if model is not start and not photo_names(model) <= placed]
        self._take(models, rest)

    def _take(self, models: Models, rest: Models | None = None) -> None:
        """Takes the models of the last attempt in place of those before, of which `rest` stay behind the best."""
        if models:
            self.attempts[-1].taken = True
            self.models = [models[0], *best_first([*models[1:], *(rest or [])])]
        else:
            self.attempts[-1].refused = "nothing could be placed"

    def _keep_elsewhere(self, models: Models) -> None:
        """Keeps models of photos that no other model has: to be continued until they meet the best one."""
        for model in models:
            known = set().union(*(photo_names(each) for each in self.models))
            if len(photo_names(model) - known) >= MIN_VIEWS:
                self.models = [self.models[0], *best_first([*self.models[1:], model])]

    def _objection(self, model: pycolmap.Reconstruction) -> str | None:
        """Why a model is no better than the ones that there are; None where it is."""
        best = self.models[0]
        more_photos = len(photo_names(model)) - len(photo_names(best))
        more_points = self._few_points() and points_in_three(model) > points_in_three(best)
        if more_photos < 0 or (more_photos == 0 and not more_points):
            return "it places no more photos"
        for earlier in self.models:
            compared = agreement(earlier, model)
            if compared is None:
                continue
            share = compared.share_within(self.tuning.max_rotation_degrees, self.tuning.max_position_share)
            if share < self.tuning.min_agreeing_share:
                return f"it places {1 - share:.0%} of the photos that it shares with an earlier model elsewhere"
        worst = max(earlier.compute_mean_reprojection_error() for earlier in self.models)
        if model.compute_mean_reprojection_error() > worst * self.tuning.max_error_growth:
            return "its reprojection error is larger"
        before, now = self._fit(best), self._fit(model)
        if before is not None and (
            now is None or now.residual_m > before.residual_m * self.tuning.max_error_growth + self.tuning.gps_noise_m
        ):
            return "it fits the GPS positions less well"
        found, known = self._contradictions(model), self.contradictions
        if found.doubled and known is not None and len(found.pairs) > len(known.pairs):
            return f"it lays different places on one another: {len(found.pairs)} pairs of photos contradict"
        return None

    def _fits_positions(self, model: pycolmap.Reconstruction) -> bool:
        fit = self._fit(model)
        return fit is not None and fit.residual_m <= self.max_residual_m
