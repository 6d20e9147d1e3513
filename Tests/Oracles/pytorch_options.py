"""What PyTorch says of stride, padding, pooling and batch normalization, written to pytorch_options.json.

    pip install -r Tests/Oracles/requirements-pytorch.txt
    python Tests/Oracles/pytorch_options.py

The file has the form and the precision of pytorch_layers.json, which the head of pytorch_layers.py
tells. Its cases, by what stands in "layer":

    convolution     as there; options: bias, stride, padding.
    maxPooling, averagePooling
                    given x, dY; expected y, dX; options: size, stride. The numbers of the cases
                    …-ties are whole and few, so that most windows have several largest ones.
    batchNormalization
                    given x, weight, bias, running_mean, running_var, dY; expected y, dX, dWeight,
                    dBias and, in training, running_mean and running_var as the pass leaves them;
                    options: momentum, epsilon, mode (training or inference).
    batchNormalizationSteps
                    given x [steps, batch, channels, height, width]; expected running_mean and
                    running_var [steps, channels] after each step of training from the start.

The runs are of convolutions, batch normalizations, rectifiers, both kinds of pooling, a dropout with
the rate 0 and dense layers. Besides the parameters they expect the running means and variances after
the last step.
"""

import pathlib

import numpy as np
from pytorch_oracle import case, exact, expected, given, normal, one_hot, text, torch
from torch import nn
from torch.nn import functional as F

# kernel, stride, padding, bias, batch, input depth, depth, image
CONVOLUTIONS = [
    ((3, 3), 1, 1, "perChannel", 2, 2, 3, (5, 6)),
    ((3, 3), 2, 0, "perPosition", 1, 2, 2, (7, 6)),
    ((3, 3), 2, 1, "none", 2, 1, 2, (7, 8)),
    ((5, 5), 1, 2, "perPosition", 1, 1, 2, (5, 4)),
    ((2, 3), 2, 1, "perChannel", 2, 3, 2, (6, 5)),
    ((1, 4), 3, 2, "none", 1, 2, 2, (4, 9)),
    ((4, 1), 1, 1, "perChannel", 1, 2, 3, (3, 4)),
    ((1, 1), 2, 0, "perChannel", 2, 3, 2, (5, 4)),
    ((3, 2), 3, 2, "perPosition", 2, 2, 2, (8, 7)),
    ((2, 2), 1, 2, "none", 1, 2, 1, (2, 1)),
    ((3, 3), 1, 1, "none", 1, 1, 2, (3, 33)),
]
# size, stride, batch, depth, image
POOLINGS = [
    (2, 2, 2, 2, (6, 4)),
    (2, 2, 1, 2, (5, 7)),
    (3, 3, 1, 1, (8, 7)),
    (3, 2, 2, 1, (7, 6)),
    (3, 1, 1, 2, (5, 4)),
    (2, 3, 1, 2, (8, 6)),
    (1, 2, 1, 1, (4, 5)),
    (4, 4, 2, 1, (4, 4)),
]


def convolutions(random):
    def one(kernel, stride, padding, bias, batch, input_depth, depth, size):
        def convolve(x, weight, bias=None):
            if bias is None or bias.dim() == 1:
                return F.conv2d(x, weight, bias, stride, padding)
            return F.conv2d(x, weight, None, stride, padding) + bias

        inputs = {
            "x": normal(random, batch, input_depth, *size),
            "weight": normal(random, depth, input_depth, *kernel),
        }
        output = convolve(*(torch.tensor(values) for values in inputs.values())).shape
        inputs["dY"] = normal(random, *output)
        gradients = {"x": "dX", "weight": "dWeight"}
        if bias != "none":
            inputs["bias"] = normal(random, *(output[1:] if bias == "perPosition" else [depth]))
            gradients["bias"] = "dBias"
        name = f"convolution-{kernel[0]}x{kernel[1]}-stride-{stride}-padding-{padding}-{bias}"
        options = {"bias": bias, "stride": stride, "padding": padding}
        return case(name, "convolution", options, inputs, convolve, gradients)

    return [one(*sizes) for sizes in CONVOLUTIONS]


def poolings(random):
    def one(layer, function, size, stride, batch, depth, image, ties):
        shape = (batch, depth, *image)
        x = random.integers(3, size=shape).astype(np.float32) if ties else normal(random, *shape)
        output = function(torch.tensor(x), size, stride).shape
        name = f"{layer}-{size}-stride-{stride}-of-{image[0]}x{image[1]}" + "-ties" * ties
        return case(
            name, layer, {"size": size, "stride": stride},
            {"x": x, "dY": normal(random, *output)}, lambda x: function(x, size, stride),
            {"x": "dX"})

    return [
        *(one("maxPooling", F.max_pool2d, *sizes, ties)
          for sizes in POOLINGS for ties in (False, True)),
        *(one("averagePooling", F.avg_pool2d, *sizes, False) for sizes in POOLINGS),
    ]


def normalization(random, name, mode, shape, momentum=0.1, epsilon=1e-5, offset=0.0):
    channels = shape[1]
    inputs = {
        "x": (normal(random, *shape) + np.float32(offset)).round(4),
        "dY": normal(random, *shape),
        "weight": normal(random, channels), "bias": normal(random, channels),
        "running_mean": normal(random, channels),
        "running_var": np.round(random.uniform(0.2, 3, channels), 4).astype(np.float32),
    }
    running = {}

    def normalize(x, weight, bias, running_mean, running_var):
        running["running_mean"] = running_mean.detach().clone()
        running["running_var"] = running_var.detach().clone()
        return F.batch_norm(
            x, running["running_mean"], running["running_var"], weight, bias,
            mode == "training", momentum, epsilon)

    gradients = {"x": "dX", "weight": "dWeight", "bias": "dBias"}
    options = {"momentum": momentum, "epsilon": epsilon, "mode": mode}
    result = case(
        f"batchNormalization-{name}-{mode}", "batchNormalization", options, inputs, normalize,
        gradients)
    if mode == "training":
        result["expected"] |= {key: expected(value) for key, value in running.items()}
    return result


def normalizations(random):
    return [
        normalization(random, "maps", "training", (3, 2, 3, 5)),
        normalization(random, "maps", "inference", (3, 2, 3, 5)),
        normalization(random, "features", "training", (5, 4)),
        normalization(random, "features", "inference", (2, 4)),
        # With a small ε the gradient would be a difference that Float has no digits for.
        normalization(random, "of-two", "training", (2, 3), epsilon=0.5),
        normalization(random, "one-image", "training", (1, 3, 2, 2)),
        normalization(random, "options", "training", (2, 2, 2, 3), momentum=0.375, epsilon=0.25),
        normalization(random, "far-from-zero", "training", (4, 2, 3, 3), offset=50),
    ]


def steps(random):
    x = normal(random, 6, 3, 2, 2, 3, scale=2)
    layer = nn.BatchNorm2d(2).train()
    running = {"running_mean": [], "running_var": []}
    for batch in exact(x):
        layer(batch)
        for name, values in running.items():
            values.append(getattr(layer, name).clone())
    return {
        "name": "batchNormalization-six-steps", "layer": "batchNormalizationSteps", "options": {},
        "given": {"x": given(x)},
        "expected": {name: expected(torch.stack(values)) for name, values in running.items()},
    }


def run(random, name, features):
    """Eight steps of a network with each of the layers, on images of 2×9×8.

    Whether the last normalization, of a vector's features, is among them is up to `features`.
    """
    batch, count, rate, classes = 4, 8, 0.1, 3
    network = nn.Sequential(
        nn.Conv2d(2, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU(),
        nn.MaxPool2d(3, 2), nn.Conv2d(4, 5, (2, 3), stride=2, padding=1, bias=False),
        nn.BatchNorm2d(5), nn.ReLU(), nn.AvgPool2d(2, 1), nn.Flatten(), nn.Dropout(0),
        nn.Linear(10, 6), nn.ReLU(), *([nn.BatchNorm1d(6)] if features else []),
        nn.Linear(6, classes))
    described = [
        {"layer": "convolution", "depth": 4, "kernelHeight": 3, "kernelWidth": 3, "stride": 1,
         "padding": 1, "bias": "none"},
        {"layer": "batchNormalization"}, {"layer": "relu"},
        {"layer": "maxPooling", "size": 3, "stride": 2},
        {"layer": "convolution", "depth": 5, "kernelHeight": 2, "kernelWidth": 3, "stride": 2,
         "padding": 1, "bias": "none"},
        {"layer": "batchNormalization"}, {"layer": "relu"},
        {"layer": "averagePooling", "size": 2, "stride": 1},
        {"layer": "flatten"}, {"layer": "dropout", "rate": 0},
        {"layer": "dense", "outputs": 6}, {"layer": "relu"},
        *([{"layer": "batchNormalization"}] if features else []),
        {"layer": "dense", "outputs": classes}, {"layer": "softmax"},
    ]
    start = {}
    for key, parameter in network.state_dict().items():
        if key.endswith("num_batches_tracked"):
            continue
        values = normal(random, *parameter.shape, scale=0.4)
        if key.endswith("running_var"):
            values = np.abs(values) + np.float32(0.5)
        if parameter.dim() == 1 and key.endswith("weight"):
            values = values + np.float32(1)
        start[key] = values.round(4)
    network.load_state_dict({key: exact(value) for key, value in start.items()}, strict=False)
    # Float must not fall on the other side of a rectifier's corner, or find another largest number.
    margins = []
    for position, layer in enumerate(network):
        if isinstance(layer, nn.ReLU):
            network[position - 1].register_forward_hook(
                lambda _, __, y: margins.append(y.detach().abs().min()))
        if isinstance(layer, nn.MaxPool2d):
            layer.register_forward_hook(lambda _, x, __: margins.append(nearest(x[0].detach())))

    images = np.round(random.uniform(size=(batch * count, 2, 9, 8)), 3).astype(np.float32)
    targets = one_hot(random, batch * count, classes)
    optimizer = torch.optim.SGD(network.parameters(), lr=rate)
    errors = []
    for step in range(count):
        rows = slice(step * batch, (step + 1) * batch)
        error = F.cross_entropy(
            network(exact(images[rows]).detach()), exact(targets[rows]).detach())
        optimizer.zero_grad()
        error.backward()
        optimizer.step()
        errors.append(error.item())
    assert min(margins) > 1e-5, min(margins)
    return {
        "name": name, "loss": "categoricalCrossEntropy",
        "inputShape": [2, 9, 8], "layers": described,
        "batchSize": batch, "steps": count, "learningRate": rate,
        "given": {
            "images": given(images), "targets": given(targets),
            **{key: given(value) for key, value in start.items()}},
        "expected": {
            "losses": expected(torch.tensor(errors)),
            **{key: expected(network.state_dict()[key]) for key in start}},
    }


def nearest(x):
    """The least distance between a window's two largest numbers, unless both are a rectifier's 0."""
    windows = x.unfold(2, 3, 2).unfold(3, 3, 2).flatten(-2).sort().values
    distance = windows[..., -1] - windows[..., -2]
    return distance[windows[..., -1] > 0].min()


def main():
    # A generator for each part: a new case in one leaves the numbers of the others alone.
    part = [np.random.default_rng([3, number]) for number in range(6)]
    document = {
        "madeWith": "PyTorch " + torch.__version__.split("+")[0],
        "cases": [
            *convolutions(part[0]), *poolings(part[1]), *normalizations(part[2]), steps(part[3]),
        ],
        "runs": [
            run(part[4], "normalized-features", features=True),
            run(part[5], "normalized-and-pooled", features=False),
        ],
    }
    names = [entry["name"] for entry in document["cases"] + document["runs"]]
    assert len(set(names)) == len(names)
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(text(document) + "\n", encoding="utf-8")
    print(f"{path.name}: {len(document['cases'])} cases, {len(document['runs'])} runs")


if __name__ == "__main__":
    main()
