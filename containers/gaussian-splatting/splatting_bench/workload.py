"""`python workload.py WIDTH HEIGHT GAUSSIANS ITERATIONS`: what steps of training cost. One line of JSON.

Every step is whole: forward, backward and the optimiser, at full resolution, with all Gaussians. It imports nothing
from its own folder, so that it runs on the packages of another checkout as well (PYTHONPATH).
"""

import os
import sys

os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import json
import math
import resource
import time
from dataclasses import replace

import torch
from spaceport_gaussian_splatting.photos import Photo
from spaceport_gaussian_splatting.rasterizers.choice import training_rasterizer
from spaceport_gaussian_splatting.settings import TrainingSettings
from spaceport_gaussian_splatting.trainer import Trainer
from spaceport_gaussian_splatting.tuning import Tuning
from splatting_testing.synthetic_scene import SETTINGS, camera_at, random_gaussians

SH_DEGREE = 1
PLACES = [(x, y) for x in (-1.0, 0.0, 1.0) for y in (-1.0, 1.0)]


def main(width: int, height: int, gaussians: int, iterations: int) -> None:
    """Trains random Gaussians on pictures of others."""
    rasterizer = training_rasterizer("auto")
    # The testing scene is 10 deep and the training frame 1; so many Gaussians cover the ground like 300 larger ones.
    smaller = math.log(10) + math.log(gaussians / 300) / 2
    models = []
    for seed in (1, 2):
        model = random_gaussians(gaussians, SH_DEGREE, seed)
        models.append(replace(model, means=model.means / 10, log_scales=model.log_scales - smaller))
    photos = []
    for x, y in PLACES:
        camera = camera_at(x, y).resized(width, height)
        camera = replace(camera, translation=camera.translation / 10, near=0.05)
        image, _ = rasterizer.render(models[0].to(rasterizer.device), camera, width, height, SH_DEGREE)
        photos.append(Photo(camera, (image.clamp(0, 1) * 255).round().byte().cpu()))
    changes = {
        "imageSize": max(width, height),
        "maxIterations": iterations,
        "maxGaussians": gaussians,
        "shDegree": SH_DEGREE,
        "dssimWeight": 0.05,
        "resolutionStages": [{"scale": 1, "share": 1}],
        "plateauPatience": 1000,
    }
    known = {field.alias or name for name, field in TrainingSettings.model_fields.items()}
    content = {name: value for name, value in (SETTINGS | changes).items() if name in known}
    settings = TrainingSettings.model_validate(content)
    trainer = Trainer(settings, Tuning(), photos, models[1], rasterizer, lambda iteration, state: None)
    began, cpu = time.monotonic(), time.process_time()
    trainer.train()
    seconds, cpu = time.monotonic() - began, time.process_time() - cpu
    figures = {
        "iterationsPerSecond": round(iterations / seconds, 2),
        "cpuMsPerIteration": round(1000 * cpu / iterations, 2),
        "peakMb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "threads": torch.get_num_threads(),
        "rasterizer": rasterizer.name,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
