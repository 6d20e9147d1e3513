"""Cross-correlation and convolution by SciPy, in all modes, over random sizes: modes.json.

    python3 Tests/Oracles/modes.py

SciPy 1.17. In mode "valid" SciPy exchanges input and kernel where the kernel is the larger one;
LineByLine refuses such a pair, so that the cases here all have kernels that fit.
"""

import json
import pathlib

import numpy as np
from scipy.signal import convolve2d, correlate2d

random = np.random.default_rng(1)

# Named sizes first: one number, kernels of 1×1, of even sizes, of the input's size, rows and columns.
sizes = [
    ((1, 1), (1, 1)), ((5, 7), (1, 1)), ((4, 4), (2, 2)), ((5, 6), (2, 4)), ((6, 5), (3, 2)),
    ((3, 4), (3, 4)), ((2, 2), (2, 2)), ((1, 8), (1, 3)), ((8, 1), (4, 1)), ((7, 3), (1, 2)),
]
while len(sizes) < 40:
    rows, columns = random.integers(1, 10, 2)
    sizes.append(((rows, columns), (random.integers(1, rows + 1), random.integers(1, columns + 1))))

cases = []
for input_size, kernel_size in sizes:
    x = random.uniform(-1, 1, input_size).round(3)
    k = random.uniform(-1, 1, kernel_size).round(3)
    for mode in ["valid", "same", "full"]:
        cases.append({
            "mode": mode,
            "x": x.tolist(),
            "k": k.tolist(),
            "correlate2d": correlate2d(x, k, mode=mode).tolist(),
            "convolve2d": convolve2d(x, k, mode=mode).tolist(),
        })

# A kernel larger than its input still has a "same" and a "full".
x, k = random.uniform(-1, 1, (2, 3)).round(3), random.uniform(-1, 1, (4, 5)).round(3)
for mode in ["same", "full"]:
    cases.append({
        "mode": mode,
        "x": x.tolist(),
        "k": k.tolist(),
        "correlate2d": correlate2d(x, k, mode=mode).tolist(),
        "convolve2d": convolve2d(x, k, mode=mode).tolist(),
    })

lines = ",\n".join(json.dumps(case) for case in cases)
pathlib.Path(__file__).with_suffix(".json").write_text(f"[\n{lines}\n]\n")
