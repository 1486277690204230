"""RMS distance between estimated and true camera positions after similarity alignment (Umeyama 1991), as a share of
the diagonal of the true positions' bounding box. Arguments: cameras.json of a result, truth.json of the renderer."""

import json
import sys
from pathlib import Path

import numpy as np

estimated = {camera["name"]: camera["position"] for camera in json.loads(Path(sys.argv[1]).read_text())}
cameras = json.loads(Path(sys.argv[2]).read_text())["cameras"]
names = sorted(estimated.keys() & cameras.keys())
x = np.array([estimated[name] for name in names])
y = np.array([cameras[name]["positionEnuM"] for name in names])
xc, yc = x - x.mean(0), y - y.mean(0)
u, s, vt = np.linalg.svd(yc.T @ xc)
sign = np.diag([1.0, 1.0, np.sign(np.linalg.det(u @ vt))])
rotation = u @ sign @ vt
scale = (s * np.diag(sign)).sum() / (xc**2).sum()
rms = float(np.sqrt(((scale * xc @ rotation.T - yc) ** 2).sum(1).mean()))
print(json.dumps({"photos": len(names), "share": rms / float(np.linalg.norm(np.ptp(y, axis=0)))}))
