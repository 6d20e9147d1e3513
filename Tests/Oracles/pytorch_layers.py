"""What PyTorch says of each layer and loss of the engine, written to pytorch_layers.json.

    pip install -r Tests/Oracles/requirements-pytorch.txt
    python Tests/Oracles/pytorch_layers.py

The cases are made here, the runs in pytorch_runs.py, and pytorch_oracle.py writes the numbers.

What is given (inputs, parameters, output gradients, targets) is Float32, and the text holds the
shortest decimal that names it: read it as Float. What is expected is computed in Float64 from the
same numbers, by PyTorch's own layers and its automatic differentiation: read it as Double. A
reference in Double takes the given numbers as Double(Float), not straight from the text.

    {
      "madeWith": "PyTorch 2.13.0",
      "cases": [{"name", "layer", "options", "given": {NAME: TENSOR}, "expected": {NAME: TENSOR}}],
      "runs":  [{"name", "loss", "inputShape", "layers": [{"layer", …options}], "batchSize",
                 "steps", "learningRate", "given": {NAME: TENSOR}, "expected": {NAME: TENSOR}}]
    }
    TENSOR = {"shape": [Int], "values": [Number]}, row-major; a lone number has the shape [].

A case's tensors, by what stands in "layer":

    convolution   given x [batch, inputDepth, height, width], weight [depth, inputDepth,
                  kernelHeight, kernelWidth], dY, and bias ([depth] for perChannel, [depth,
                  outputHeight, outputWidth] for perPosition, missing for none); expected y, dX,
                  dWeight, and dBias where there is a bias.
                  Valid cross-correlation, stride 1. options: bias, batch, inputDepth, depth,
                  kernelHeight, kernelWidth.
    dense         given x [batch, inputs], weight [outputs, inputs], bias [outputs] unless
                  options.bias is none, dY; expected y, dX, dWeight, and dBias with a bias.
    sigmoid, tanh, relu, softmax (over the last axis)
                  given x, dY; expected y, dX.
    binaryCrossEntropy, categoricalCrossEntropy, meanSquaredError
                  given x (the prediction) and target; expected loss [] and dX.
    binaryCrossEntropyFromLogits, categoricalCrossEntropyFromLogits
                  the same, where x stands before the sigmoid or the softmax.

Gradients of parameters are summed over the batch, as dY says. The conventions of the losses:

    binary cross-entropy and mean squared error are means over all elements, batch and outputs;
    categorical cross-entropy is −Σ target·log p, a mean over the batch alone;
    no log is taken below −100, which is what PyTorch's BCELoss does; its gradient is
    (p − target) / max(p(1 − p), 1e-12) / m. At p of exactly 0 or 1, in the cases …-exact-…, that is
    a convention: 0 where p is right (the limit is ±1/m), ±1e12/m where it is wrong (infinite).
    PyTorch has no categorical loss on probabilities: it is composed here of log, clamp and sum.
    Where p is exactly 0 nothing says what the gradient is, and such a case expects only the loss.

A run trains a small network for some steps of plain gradient descent, `batchSize` images a step in
file order. given: images, targets, and the parameters at the start, named as Sequential names them
(0.weight, 0.bias, 3.weight, …). expected: losses [steps], each before its update, and the same
parameters after the last step. "loss" names the loss on the last layer's output, as in the cases.
"""

import pathlib

import numpy as np
from pytorch_oracle import case, normal, one_hot, text, torch
from pytorch_runs import runs
from torch.nn import functional as F

KERNELS = [(1, 1), (2, 2), (3, 3), (5, 5), (2, 3), (7, 1)]
BIASES = ["none", "perChannel", "perPosition"]


# Layers


def convolve(x, weight, bias=None):
    if bias is not None and bias.dim() == 3:
        return F.conv2d(x, weight) + bias
    return F.conv2d(x, weight, bias)


def convolution(random, name, kernel, bias, batch, input_depth, depth, size):
    output = (size[0] - kernel[0] + 1, size[1] - kernel[1] + 1)
    inputs = {
        "x": normal(random, batch, input_depth, *size),
        "weight": normal(random, depth, input_depth, *kernel),
        "dY": normal(random, batch, depth, *output),
    }
    gradients = {"x": "dX", "weight": "dWeight"}
    if bias != "none":
        inputs["bias"] = normal(random, depth, *(output if bias == "perPosition" else ()))
        gradients["bias"] = "dBias"
    options = {
        "bias": bias, "batch": batch, "inputDepth": input_depth, "depth": depth,
        "kernelHeight": kernel[0], "kernelWidth": kernel[1],
    }
    return case(name, "convolution", options, inputs, convolve, gradients)


def convolutions(random):
    depths = [1, 2, 5]
    cases = [fixture()]
    for k, kernel in enumerate(KERNELS + ["whole"]):
        for b, bias in enumerate(BIASES):
            # Cycling at different paces shows each kernel and each bias with each size of the rest.
            input_depth, depth = depths[(k + b) % 3], depths[(k // 3 + 2 * b + k) % 3]
            batch = 1 + (2 * k + b) % 3
            size = [(8, 7), (7, 8), (9, 5)][b]
            shape = size if kernel == "whole" else kernel
            title = "whole-input" if kernel == "whole" else f"{kernel[0]}x{kernel[1]}"
            name = f"convolution-{title}-{bias}"
            cases.append(convolution(random, name, shape, bias, batch, input_depth, depth, size))
    return cases


def fixture():
    """One input and one kernel, small enough to check by hand."""
    inputs = {
        "x": [[[[1, 6, 2], [5, 3, 1], [7, 0, 4]]]], "weight": [[[[1, 2], [-1, 0]]]],
        "bias": [0], "dY": [[[[1, 0], [2, -1]]]],
    }
    options = {
        "bias": "perChannel", "batch": 1, "inputDepth": 1, "depth": 1,
        "kernelHeight": 2, "kernelWidth": 2,
    }
    gradients = {"x": "dX", "weight": "dWeight", "bias": "dBias"}
    result = case("convolution-by-hand", "convolution", options, inputs, convolve, gradients)
    assert result["expected"]["y"]["values"] == [8, 7, 4, 5]
    assert result["expected"]["dWeight"]["values"] == [8, 11, 19, -1]
    assert result["expected"]["dX"]["values"] == [1, 2, 0, 1, 3, -2, -2, 1, 0]
    return result


def dense(random, batch, count, outputs, bias):
    inputs = {
        "x": normal(random, batch, count), "weight": normal(random, outputs, count),
        "dY": normal(random, batch, outputs),
    }
    gradients = {"x": "dX", "weight": "dWeight"}
    if bias != "none":
        inputs["bias"] = normal(random, outputs)
        gradients["bias"] = "dBias"
    name = f"dense-{count}-to-{outputs}-batch-{batch}" + ("-no-bias" if bias == "none" else "")
    options = {"bias": bias, "batch": batch, "inputs": count, "outputs": outputs}
    return case(name, "dense", options, inputs, F.linear, gradients)


def activations(random):
    functions = {
        "sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu,
        "softmax": lambda x: torch.softmax(x, dim=-1),
    }
    extremes = np.array([[-100, -20, -1e-6, 0, 1e-6], [100, 20, 5, -0.0, -5]], np.float32)
    cases = []
    for layer, function in functions.items():
        inputs = {
            "moderate": normal(random, 3, 10, scale=2), "single": normal(random, 1, 1),
            "odd-count": normal(random, 5, 37), "extreme": extremes,
        }
        if layer == "relu":
            inputs["zeros"] = np.where(np.arange(24) % 3 == 0, 0, normal(random, 24)).reshape(2, 12)
        if layer == "softmax":
            inputs["equal"] = np.full((2, 4), 7.5)
            inputs["plus-minus-100"] = np.array([[100, -100, 99, 0], [-100, -100, -99, -98]])
        else:
            inputs["volume"] = normal(random, 2, 3, 4, 5)
        for title, x in inputs.items():
            tensors = {"x": x, "dY": normal(random, *np.shape(x))}
            options = {"batch": len(x)}
            cases.append(case(f"{layer}-{title}", layer, options, tensors, function, {"x": "dX"}))
    return cases


# Losses


def categorical(x, target):
    """−Σ target·log p, a mean over the batch, with the logs clamped as BCELoss clamps them."""
    return -(target * torch.clamp(torch.log(x), min=-100)).sum(dim=-1).mean()


LOSSES = {
    "binaryCrossEntropy": F.binary_cross_entropy,
    "binaryCrossEntropyFromLogits": F.binary_cross_entropy_with_logits,
    "categoricalCrossEntropy": categorical,
    "categoricalCrossEntropyFromLogits": F.cross_entropy,
    "meanSquaredError": F.mse_loss,
}


def shares(random, batch, classes):
    """Rows of positive numbers that add up to one."""
    return np.round(random.dirichlet(np.ones(classes), batch), 4).astype(np.float32)


def loss(title, layer, x, target, gradient=True):
    options = {"batch": len(x)}

    def value(x, target):
        return LOSSES[layer](x, target)

    return case(
        f"{layer}-{title}", layer, options, {"x": x, "target": target}, value,
        {"x": "dX"} if gradient else {})


def losses(random):
    def probabilities(*shape):
        return np.round(random.uniform(0.02, 0.98, shape), 4).astype(np.float32)

    def bits(*shape):
        return random.integers(2, size=shape).astype(np.float32)

    below_one = np.nextafter(np.float32(1), np.float32(0))
    large = np.array([[100, -100, 100, -100], [50, -50, 20, -20], [0, 0, -7, 90]], np.float32)
    rights = np.array([[1, 0, 0, 1], [1, 0, 0, 1], [1, 0, 1, 0]], np.float32)
    whole = np.array([[100, -100, 0], [-100, 100, 0], [100, 100, -100], [0, -100, 100]])
    bce, ce = "binaryCrossEntropy", "categoricalCrossEntropy"
    return [
        loss("deck", bce, [[0.8, 0.3]], [[1, 0]]),
        loss("one", bce, probabilities(1, 1), [[1]]),
        loss("batch", bce, probabilities(5, 3), bits(5, 3)),
        loss("soft-targets", bce, probabilities(3, 4), probabilities(3, 4)),
        loss("near-the-ends", bce, [[1e-7, below_one, 1e-7, below_one]], [[0, 1, 1, 0]]),
        loss("exact-right", bce, [[0, 1]], [[0, 1]]),
        loss("exact-wrong", bce, [[0, 1]], [[1, 0]]),
        loss("batch", bce + "FromLogits", normal(random, 5, 3, scale=3), bits(5, 3)),
        loss("soft-targets", bce + "FromLogits", normal(random, 3, 4), probabilities(3, 4)),
        loss("large", bce + "FromLogits", large, rights),
        loss("one", ce, shares(random, 1, 3), one_hot(random, 1, 3)),
        loss("batch", ce, shares(random, 6, 4), one_hot(random, 6, 4)),
        loss("soft-targets", ce, shares(random, 3, 5), shares(random, 3, 5)),
        loss("exact-right", ce, [[0.25, 0.75], [0, 1]], [[0, 1], [0, 1]], gradient=False),
        loss("exact-wrong", ce, [[0.25, 0.75], [0, 1]], [[0, 1], [1, 0]], gradient=False),
        loss("one", ce + "FromLogits", normal(random, 1, 3), one_hot(random, 1, 3)),
        loss("batch", ce + "FromLogits", normal(random, 6, 10, scale=3), one_hot(random, 6, 10)),
        loss("soft-targets", ce + "FromLogits", normal(random, 3, 5), shares(random, 3, 5)),
        loss("large", ce + "FromLogits", whole, np.eye(3)[[0, 0, 1, 1]]),
        loss("one", "meanSquaredError", normal(random, 1, 1), normal(random, 1, 1)),
        loss("batch", "meanSquaredError", normal(random, 4, 7), normal(random, 4, 7)),
    ]


def main():
    # A generator for each part: a new case in one leaves the numbers of the others alone.
    part = [np.random.default_rng([2, number]) for number in range(5)]
    sizes = [(1, 1, 1), (1, 7, 3), (2, 5, 2), (3, 33, 10), (7, 4, 17)]
    document = {
        "madeWith": "PyTorch " + torch.__version__.split("+")[0],
        "cases": [
            *convolutions(part[0]),
            *(dense(part[1], *size, bias="perChannel") for size in sizes),
            dense(part[1], 3, 6, 4, bias="none"),
            *activations(part[2]),
            *losses(part[3]),
        ],
        "runs": runs(part[4]),
    }
    names = [entry["name"] for entry in document["cases"] + document["runs"]]
    assert len(set(names)) == len(names)
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(text(document) + "\n", encoding="utf-8")
    print(f"{path.name}: {len(document['cases'])} cases, {len(document['runs'])} runs")


if __name__ == "__main__":
    main()
