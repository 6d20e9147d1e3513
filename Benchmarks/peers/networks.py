"""The networks of the benchmark, written down once; each peer builds them in its own terms.

A layer is its name and its sizes:

    convolution   channels, kernel size, padding, bias ("position", "channel" or None)
    pool          size, of a maximum over windows that do not overlap
    dense         outputs
    dropout       the share that is dropped, in training only
    batch norm, relu, sigmoid, flatten

The last layer's outputs are what predicting yields. Training adds the loss: binary cross-entropy of
sigmoids for zero-one, softmax cross-entropy of logits for the others.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Network:
    input: tuple  # channels, height, width
    classes: int
    layers: tuple

    @property
    def binary(self):
        return self.layers[-1] == ("sigmoid",)


def vgg_layers(plan):
    for channels in plan:
        if channels == "M":
            yield ("pool", 2)
        else:
            yield from (("convolution", channels, 3, 1, None), ("batch norm",), ("relu",))


NETWORKS = {
    "zero-one": Network((1, 28, 28), 2, (
        ("convolution", 5, 3, 0, "position"), ("sigmoid",), ("flatten",),
        ("dense", 100), ("sigmoid",), ("dense", 2), ("sigmoid",))),
    "lenet5": Network((1, 28, 28), 10, (
        ("convolution", 6, 5, 2, "channel"), ("relu",), ("pool", 2),
        ("convolution", 16, 5, 0, "channel"), ("relu",), ("pool", 2), ("flatten",),
        ("dense", 120), ("relu",), ("dense", 84), ("relu",), ("dense", 10))),
    "convnet": Network((1, 28, 28), 10, (
        ("convolution", 32, 3, 0, "channel"), ("relu",), ("pool", 2),
        ("convolution", 64, 3, 0, "channel"), ("relu",), ("pool", 2), ("flatten",),
        ("dropout", 0.5), ("dense", 10))),
    "vgg": Network((3, 32, 32), 10, (
        *vgg_layers([64, 64, "M", 128, 128, "M", 256, 256, "M"]), ("flatten",), ("dense", 10))),
}


def walk(network):
    """Each layer with the shape that enters it and the shape that leaves it."""
    shape = network.input
    for layer in network.layers:
        entering = shape
        if layer[0] == "convolution":
            _, channels, kernel, padding, _ = layer
            shape = (channels, *(side + 2 * padding - kernel + 1 for side in entering[1:]))
        elif layer[0] == "pool":
            shape = (entering[0], *(side // layer[1] for side in entering[1:]))
        elif layer[0] == "flatten":
            shape = (entering[0] * entering[1] * entering[2],)
        elif layer[0] == "dense":
            shape = (layer[1],)
        yield layer, entering, shape
