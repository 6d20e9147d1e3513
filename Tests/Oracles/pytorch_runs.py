"""Ten steps of training of three small networks by PyTorch: the `runs` of pytorch_layers.json."""

import numpy as np
from pytorch_oracle import exact, expected, given, normal, one_hot, torch
from torch import nn
from torch.nn import functional as F

# A loss with the activation before it in one, which in Float64 is the same number.
LOSSES = {
    "binaryCrossEntropy": F.binary_cross_entropy_with_logits,
    "categoricalCrossEntropy": F.cross_entropy,
}


class PerPositionBias(nn.Module):
    """A convolution of 3×3 kernels whose bias has one number for each position of its output."""

    def __init__(self, depth, size):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(depth, 1, 3, 3))
        self.bias = nn.Parameter(torch.zeros(depth, size, size))

    def forward(self, x):
        return F.conv2d(x, self.weight) + self.bias


def run(random, name, loss_name, activations, classes, bias, target):
    """Ten steps of a convolution of three 3×3 kernels and two dense layers on images of 8×8."""
    batch, steps, rate = 4, 10, 0.1
    start = {
        "0.weight": normal(random, 3, 1, 3, 3, scale=0.5),
        "0.bias": normal(random, 3, *((6, 6) if bias == "perPosition" else ()), scale=0.5),
        "3.weight": normal(random, 10, 108, scale=0.2), "3.bias": normal(random, 10, scale=0.1),
        "5.weight": normal(random, classes, 10),
        "5.bias": normal(random, classes, scale=0.1),
    }
    first, second, last = activations
    layers = {"sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "relu": nn.ReLU}
    network = nn.Sequential(
        PerPositionBias(3, 6) if bias == "perPosition" else nn.Conv2d(1, 3, kernel_size=3),
        layers[first](), nn.Flatten(),
        nn.Linear(108, 10), layers[second](), nn.Linear(10, classes))
    network.load_state_dict({key: exact(value) for key, value in start.items()})
    images = np.round(random.uniform(size=(batch * steps, 1, 8, 8)), 3).astype(np.float32)
    targets = target(batch * steps, classes)

    optimizer = torch.optim.SGD(network.parameters(), lr=rate)
    errors = []
    for step in range(steps):
        rows = slice(step * batch, (step + 1) * batch)
        x = exact(images[rows]).detach()
        if "relu" in (first, second):
            # Float must not fall on the other side of a corner.
            assert network[0](x).abs().min() > 2e-6 and network[:4](x).abs().min() > 2e-6
        error = LOSSES[loss_name](network(x), exact(targets[rows]).detach())
        optimizer.zero_grad()
        error.backward()
        optimizer.step()
        errors.append(error.item())

    described = [
        {"layer": "convolution", "depth": 3, "kernelHeight": 3, "kernelWidth": 3, "bias": bias},
        {"layer": first}, {"layer": "flatten"}, {"layer": "dense", "outputs": 10},
        {"layer": second}, {"layer": "dense", "outputs": classes}, {"layer": last},
    ]
    return {
        "name": name, "loss": loss_name, "inputShape": [1, 8, 8], "layers": described,
        "batchSize": batch, "steps": steps, "learningRate": rate,
        "given": {
            "images": given(images), "targets": given(targets),
            **{key: given(value) for key, value in start.items()}},
        "expected": {
            "losses": expected(torch.tensor(errors)),
            **{key: expected(value) for key, value in network.state_dict().items()}},
    }


def runs(random):
    def classes(count, outputs):
        return one_hot(random, count, outputs)

    def bits(count, outputs):
        return random.integers(2, size=(count, outputs)).astype(np.float32)

    return [
        run(random, "softmax-and-categorical", "categoricalCrossEntropy",
            ["sigmoid", "tanh", "softmax"], 3, "perChannel", classes),
        run(random, "relu-and-binary", "binaryCrossEntropy",
            ["relu", "relu", "sigmoid"], 3, "perChannel", bits),
        run(random, "deck-in-small", "binaryCrossEntropy",
            ["sigmoid", "sigmoid", "sigmoid"], 2, "perPosition", classes),
    ]
