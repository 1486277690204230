"""Writes a scene of a size, and its poster: thin Gaussians at random places on the ground and on a hundred boxes, in
few shapes and colours, so that a million of them take some 5 MB. Arguments: folder, Gaussians."""

import sys
from pathlib import Path

import numpy as np
from PIL import Image
from spaceport_common.sog.encoder import encode
from spaceport_common.sog.gaussians import Gaussians

folder, count = Path(sys.argv[1]), int(sys.argv[2])
random = np.random.default_rng(0)
side = 60.0
ground = random.uniform(-side / 2, side / 2, (count, 3)) * (1, 0, 1)
box = random.integers(0, 100, count)
on_box = random.random(count) < 0.4
centre = np.stack([box % 10 - 4.5, np.zeros(count), box // 10 - 4.5], axis=1) * 5
face = random.integers(0, 3, count)
place = random.uniform(-1, 1, (count, 3))
place[np.arange(count), face] = np.where(random.random(count) < 0.5, -1, 1)
boxes = centre + place * (1, 1.5, 1) - (0, 1.5, 0)
positions = np.where(on_box[:, None], boxes, ground) + random.normal(0, 0.01, (count, 3))
scales = np.log(random.choice((0.03, 0.05), (count, 1)) * np.where(np.arange(3) == 1, 0.2, 1))
shade = random.choice((0.9, 1.0), (count, 1))
colors = (np.where(on_box[:, None], (0.8, 0.5, 0.3), (0.3, 0.55, 0.25)) * shade - 0.5) / 0.282  # constant of band 0
scene = Gaussians(
    positions=positions.astype(np.float32),
    rotations=np.tile(np.array((1, 0, 0, 0), np.float32), (count, 1)),
    scales=scales.astype(np.float32),
    opacities=random.normal(2.5, 1, count).astype(np.float32),
    colors=colors.astype(np.float32),
    sh=np.zeros((count, 0), np.float32),
)
(folder / "scene.sog").write_bytes(encode(scene, seed=0).data)
noise = random.integers(0, 255, (45, 80, 3), np.uint8)
Image.fromarray(noise).resize((1280, 720), Image.Resampling.BICUBIC).save(folder / "poster.jpg", quality=40)
