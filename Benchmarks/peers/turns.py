"""Runs one peer of the benchmark, a turn for each line `go`.

    python Benchmarks/peers/turns.py pytorch --preset lenet5 --mode train --batch-size 64 --threads 2

A peer is a module beside this file with a function `peer(options)`. It is started once for a row of the
table, tries each of its settings, keeps the fastest, and says so in one line of JSON. From then on a line
`go` is answered with one turn's figure, and the end of the input ends it. While it waits it is blocked in a
read, so that it takes no time from the others.

A training step is forward, loss, backward and SGD's update; a prediction is the network's outputs. The images
already lie in memory as floats, and are random: no figure depends on what they show.
"""

import argparse
import importlib
import json
import os
import sys
import time
from dataclasses import dataclass

from networks import NETWORKS

POOL = 256  # images that lie ready, so that batches of one are not all the same image
WARM_UP_SECONDS, TRIALS, HOPELESS = 0.5, 3, 0.5

# glibc's malloc gives large blocks back to the system, which hands them out again page by page. PyTorch's
# activations are such blocks; kept, its training of `convnet` is half again as fast. Others do not mind.
ALLOCATOR = {"MALLOC_MMAP_THRESHOLD_": str(1 << 30), "MALLOC_TRIM_THRESHOLD_": str(1 << 32)}
THREADS = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NPROC"]  # the last is JAX's


@dataclass
class Peer:
    name: str
    parameters: int
    settings: dict  # name: a function that prepares, and returns `step(index)` and its number of images


class Unavailable(Exception):
    """This peer has nothing to say about this row."""


def batches_in_pool(options):
    return max(1, POOL // options.batch_size)


def images_per_second(step, images, seconds):
    """Steps until the time is over. A step has done its work when it returns."""
    count, start = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - start) < seconds:
        step(count)
        count += 1
    return count * images / elapsed


def fastest(peer, seconds):
    """The name of the fastest setting, its step, every setting's figure, and why others cannot run here.

    The settings take turns too, so that a moment in which the machine is busy decides nothing; those under
    half of the best take no second turn.
    """
    steps, unavailable = {}, {}
    for name, prepare in peer.settings.items():
        try:
            steps[name] = prepare()
            images_per_second(*steps[name], WARM_UP_SECONDS)
        except Exception as error:  # whatever a compiler or a library raises
            steps.pop(name, None)
            unavailable[name] = f"{type(error).__name__}: {error}".splitlines()[0][:200]
    if not steps:
        raise Unavailable(f"no setting of {peer.name} works here: {json.dumps(unavailable)}")
    rates = {name: 0 for name in steps}
    for _ in range(TRIALS if len(steps) > 1 else 1):
        hopeful = [name for name in steps if rates[name] >= HOPELESS * max(rates.values())]
        for name in hopeful:
            rates[name] = max(rates[name], images_per_second(*steps[name], seconds))
    best = max(rates, key=rates.get)
    return best, steps[best], {name: round(rate, 1) for name, rate in rates.items()}, unavailable


def answer(document):
    print(json.dumps(document), flush=True)


def positive(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected 1 or more, found {number}")
    return number


def duration(text):
    number = float(text)
    if not 0 < number < 3600:
        raise argparse.ArgumentTypeError(f"expected more than 0 and less than 3600, found {text}")
    return number


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("peer", help="the module beside this file, such as pytorch")
    parser.add_argument("--preset", choices=list(NETWORKS), required=True)
    parser.add_argument("--mode", choices=["train", "infer"], default="train")
    parser.add_argument("--batch-size", type=positive, default=1)
    parser.add_argument("--threads", type=positive, default=1)
    parser.add_argument("--seconds", type=duration, default=0.3, help="of one turn")
    return parser.parse_args()


def main():
    options = arguments()
    # Libraries and malloc read these when they are loaded: so they are set, and Python started anew.
    wanted = ALLOCATOR | {name: str(options.threads) for name in THREADS}
    if any(os.environ.get(name) != value for name, value in wanted.items()):
        os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | wanted)
    try:
        peer = importlib.import_module(options.peer).peer(options)
        setting, step, rates, unavailable = fastest(peer, options.seconds)
    except Unavailable as error:
        sys.exit(f"error: {error}")
    answer({
        "peer": peer.name, "setting": setting, "parameters": peer.parameters, "settings": rates,
        "unavailable": unavailable})
    for line in sys.stdin:
        if line.strip() != "go":
            sys.exit(f"error: expected a line `go`, found {line.strip()!r}")
        answer({"imagesPerSecond": round(images_per_second(*step, options.seconds), 1)})


if __name__ == "__main__":
    # The peers import this file as `turns`: one module, one class `Unavailable`.
    sys.modules["turns"] = sys.modules["__main__"]
    main()
