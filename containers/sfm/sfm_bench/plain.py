"""`python -m sfm_bench.plain PHOTOS OUTPUT SETTINGS`: the same photos through COLMAP as it comes, without our program.

COLMAP decodes the photos itself, with the size and number of features of SETTINGS (JSON); pairs are the eight spatial
neighbours where `spatial` is set, else all. Prints one line of JSON and writes the best model to OUTPUT.
"""

import json
import resource
import sys
from pathlib import Path
from time import monotonic
from typing import Any

import pycolmap

from .measures import model_facts

SPATIAL_NEIGHBOURS = 8


def reconstruct(photos: Path, output: Path, settings: dict[str, Any]) -> dict[str, Any]:
    """What COLMAP's own pipeline makes of the photos, and in how many seconds."""
    began = monotonic()
    output.mkdir(parents=True)
    database = output / "database.db"
    extraction = pycolmap.FeatureExtractionOptions()
    extraction.max_image_size = settings["maxImageSize"]
    extraction.sift.max_num_features = settings["maxNumFeatures"]
    extraction.sift.first_octave = settings["firstOctave"]
    pycolmap.extract_features(database, photos, extraction_options=extraction, device=pycolmap.Device.cpu)
    matching = pycolmap.FeatureMatchingOptions()
    matching.guided_matching = settings["guidedMatching"]
    matching.num_threads = settings["matchingThreads"]
    if settings["spatial"]:
        pairing = pycolmap.SpatialPairingOptions()
        pairing.max_num_neighbors = pairing.min_num_neighbors = SPATIAL_NEIGHBOURS
        pycolmap.match_spatial(database, matching, pairing, device=pycolmap.Device.cpu)
    else:
        pycolmap.match_exhaustive(database, matching, device=pycolmap.Device.cpu)
    models = pycolmap.incremental_mapping(database, photos, output)
    seconds = monotonic() - began
    best = max(models.values(), key=lambda model: (model.num_reg_images(), model.num_points3D()), default=None)
    if best is not None:
        (output / "model").mkdir()
        best.write_binary(output / "model")
    return {"seconds": round(seconds, 1), **model_facts(best)}


def main() -> None:
    """Runs it in this process, whose peak of memory is the answer's."""
    photos, output, settings = sys.argv[1:4]
    pycolmap.logging.minloglevel = int(pycolmap.logging.WARNING)
    pycolmap.set_random_seed(0)
    facts = reconstruct(Path(photos), Path(output), json.loads(settings))
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({**facts, "peakMb": peak_mb}))


if __name__ == "__main__":
    main()
