"""How fast PyTorch trains the deck's network on this machine's processor, for `starling bench`.

    pip install -r Tests/Oracles/requirements-pytorch.txt
    python Benchmarks/peers/pytorch_zero_one.py [--batch-size N] [--threads N] [--mode train|infer]

Prints one JSON document with the keys of `starling bench --json`: medians over the repeats, and
the best repeat beside them. A training step is forward, loss, backward and update, on images that
already lie in memory as floats; the images are random, as no figure depends on what they show.
"""

import argparse
import json
import statistics
import time

import torch
from torch import nn

WARM_UP_SECONDS, REPEATS, REPEAT_SECONDS, POOL = 1.0, 15, 0.3, 256


class Convolution(nn.Module):
    """The deck's: five kernels of 3×3, and a bias for each position of the output."""

    def __init__(self):
        super().__init__()
        self.convolution = nn.Conv2d(1, 5, kernel_size=3, bias=False)
        self.bias = nn.Parameter(torch.randn(5, 26, 26))

    def forward(self, x):
        return self.convolution(x) + self.bias


def zero_one():
    return nn.Sequential(
        Convolution(), nn.Sigmoid(), nn.Flatten(),
        nn.Linear(5 * 26 * 26, 100), nn.Sigmoid(), nn.Linear(100, 2), nn.Sigmoid())


def training(network, batches):
    loss = nn.BCELoss()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)

    def step(index):
        x, target = batches[index % len(batches)]
        optimizer.zero_grad()
        loss(network(x), target).backward()
        optimizer.step()

    return step


def inference(network, batches):
    network.eval()

    def step(index):
        with torch.inference_mode():
            network(batches[index % len(batches)][0])

    return step


def seconds_per_step(step, least):
    """The mean over as many steps as fill the given time."""
    count, start = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - start) < least or count == 0:
        step(count)
        count += 1
    return elapsed / count


def positive(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected 1 or more, found {number}")
    return number


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batch-size", type=positive, default=1)
    parser.add_argument("--threads", type=positive, default=1)
    parser.add_argument("--mode", choices=["train", "infer"], default="train")
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    labels = torch.eye(2)
    batches = [
        (torch.rand(options.batch_size, 1, 28, 28), labels[torch.randint(2, (options.batch_size,))])
        for _ in range(max(1, POOL // options.batch_size))]
    step = (training if options.mode == "train" else inference)(zero_one(), batches)

    seconds_per_step(step, WARM_UP_SECONDS)
    times = [seconds_per_step(step, REPEAT_SECONDS) for _ in range(REPEATS)]
    median, best = statistics.median(times), min(times)
    print(json.dumps({
        "preset": "zero-one", "mode": options.mode, "batchSize": options.batch_size,
        "threads": options.threads, "imagesPerSecond": round(options.batch_size / median, 1),
        "millisecondsPerStep": round(1e3 * median, 4),
        "bestImagesPerSecond": round(options.batch_size / best, 1),
        "instructionSet": torch.backends.cpu.get_cpu_capability(),
        "peer": "PyTorch " + torch.__version__}))


if __name__ == "__main__":
    main()
