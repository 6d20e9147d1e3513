"""The deck's program in NumPy and SciPy, with weights and an order that others can repeat.

    python3 Tests/Oracles/deck_run.py                        # deck_run_synthetic.json
    STARLING_DATA=DIR python3 Tests/Oracles/deck_run.py      # deck_run.json too, from DIR/mnist/*.gz
    python3 Tests/Oracles/deck_run.py --init FILE.safetensors     # only the initial weights, as float32

The program is the deck's but for its two errors that bite: dE/dŷ has the 1/m of the error, and the
letters are the formula's, j output and i input. It visits the images in the order given, one at a
time, and an epoch's error is the mean over its images, each taken before the update it causes.

The MNIST run trains on the first 100 zeros and the first 100 ones of the training file, in the order
of the file, and tests on all zeros and ones of the test file. The synthetic run needs no data set.

Weights come from one SplitMix64 generator, seed 1. A draw u in [0, 1) has 53 bits and becomes
(u − 0.5) · 2 · bound, rounded to float32, with bound = 1/√n where n is the number of products that the
layer sums for one output. They are drawn in this order, each in row-major order:
0.weight [5, 1, 3, 3], 0.bias [5, 26, 26], 3.weight [100, 3380], 3.bias [100], 5.weight [2, 100],
5.bias [2], the numbers being the positions in the deck's list of layers.
"""

import argparse
import gzip
import json
import os
import pathlib
import struct

import numpy as np
from scipy.signal import convolve2d, correlate2d

FOLDER = pathlib.Path(__file__).parent


class SplitMix64:
    def __init__(self, seed):
        self.state = np.uint64(seed)

    def uniform(self, count):
        """So many numbers from 0 up to but not including 1, with 53 random bits each."""
        step = np.uint64(0x9E3779B97F4A7C15)
        mixed = self.state + step * np.arange(1, count + 1, dtype=np.uint64)
        self.state = mixed[-1]
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed = mixed ^ (mixed >> np.uint64(31))
        return (mixed >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def weights(self, shape, summing):
        bound = 1 / np.sqrt(np.float64(summing))
        drawn = (self.uniform(int(np.prod(shape))) - 0.5) * 2 * bound
        return drawn.astype(np.float32).astype(np.float64).reshape(shape)


def initial_weights(size=28, seed=1):
    """The deck's network for square images, its parameters by name, in the order of drawing."""
    random, maps = SplitMix64(seed), size - 2
    return {
        "0.weight": random.weights((5, 1, 3, 3), summing=9),
        "0.bias": random.weights((5, maps, maps), summing=9),
        "3.weight": random.weights((100, 5 * maps * maps), summing=5 * maps * maps),
        "3.bias": random.weights((100,), summing=5 * maps * maps),
        "5.weight": random.weights((2, 100), summing=100),
        "5.bias": random.weights((2,), summing=100),
    }


class ConvolutionalLayer:
    def __init__(self, kernels, biases):
        self.kernels, self.biases = kernels, biases

    def forward(self, input_data):
        self.input = input_data
        self.output = np.copy(self.biases)
        depth, input_depth = self.kernels.shape[:2]
        for j in range(depth):
            for i in range(input_depth):
                self.output[j] += correlate2d(self.input[i], self.kernels[j, i], mode="valid")
        return self.output

    def backward(self, output_gradient, learning_rate):
        kernels_gradient = np.zeros(self.kernels.shape)
        input_gradient = np.zeros(self.input.shape)
        depth, input_depth = self.kernels.shape[:2]
        for j in range(depth):
            for i in range(input_depth):
                kernels_gradient[j, i] = correlate2d(self.input[i], output_gradient[j], mode="valid")
                input_gradient[i] += convolve2d(output_gradient[j], self.kernels[j, i], mode="full")
        self.kernels -= learning_rate * kernels_gradient
        self.biases -= learning_rate * output_gradient
        return input_gradient


class DenseLayer:
    def __init__(self, weights, biases):
        self.weights, self.biases = weights, biases.reshape(-1, 1)

    def forward(self, input_data):
        self.input = input_data
        return self.weights @ self.input + self.biases

    def backward(self, output_gradient, learning_rate):
        input_gradient = self.weights.T @ output_gradient
        self.weights -= learning_rate * (output_gradient @ self.input.T)
        self.biases -= learning_rate * output_gradient
        return input_gradient


class ReshapeLayer:
    def __init__(self, input_shape, output_shape):
        self.input_shape, self.output_shape = input_shape, output_shape

    def forward(self, input_data):
        return np.reshape(input_data, self.output_shape)

    def backward(self, output_gradient, learning_rate):
        return np.reshape(output_gradient, self.input_shape)


class Sigmoid:
    def forward(self, input_data):
        self.output = 1 / (1 + np.exp(-input_data))
        return self.output

    def backward(self, output_gradient, learning_rate):
        return output_gradient * self.output * (1 - self.output)


def binary_crossentropy(y_true, y_pred):
    return -np.mean(y_true * np.log(y_pred) + (1 - y_true) * np.log(1 - y_pred))


def binary_crossentropy_prime(y_true, y_pred):
    return -(y_true / y_pred - (1 - y_true) / (1 - y_pred)) / np.size(y_true)


def predict(network, output):
    for layer in network:
        output = layer.forward(output)
    return output


def run(weights, train, test, epochs, learning_rate=0.1):
    maps = weights["0.bias"].shape
    network = [
        ConvolutionalLayer(weights["0.weight"], weights["0.bias"]),
        Sigmoid(),
        ReshapeLayer(maps, (int(np.prod(maps)), 1)),
        DenseLayer(weights["3.weight"], weights["3.bias"]),
        Sigmoid(),
        DenseLayer(weights["5.weight"], weights["5.bias"]),
        Sigmoid(),
    ]
    errors = []
    for epoch in range(epochs):
        error = 0.0
        for x, label in zip(*train):
            y = np.eye(2)[:, [label]]
            output = predict(network, x)
            error += binary_crossentropy(y, output)
            gradient = binary_crossentropy_prime(y, output)
            for layer in reversed(network):
                gradient = layer.backward(gradient, learning_rate)
        errors.append(float(error / len(train[0])))
        print(f"epoch {epoch + 1}/{epochs}    error={errors[-1]:.3f}", flush=True)
    right = sum(int(np.argmax(predict(network, x)) == label) for x, label in zip(*test))
    return {
        "epochs": epochs, "learningRate": learning_rate, "seed": 1, "images": len(train[0]),
        "errors": errors, "testImages": len(test[0]), "testRight": right,
        "testAccuracy": right / len(test[0]),
    }


def synthetic_images(count=20, size=8, seed=2):
    """Noise that is four times brighter in the left half for 0, in the right half for 1."""
    noise = SplitMix64(seed).uniform(count * size * size).reshape(count, 1, size, size)
    labels = np.arange(count) % 2
    left = np.arange(size) < size // 2
    bright = np.where(labels[:, None] == 0, left, ~left)[:, None, None, :]
    return np.where(bright, noise, noise * 0.25), labels


def idx(path):
    data = gzip.decompress(path.read_bytes())
    rank = data[3]
    shape = struct.unpack(f">{rank}I", data[4:4 + 4 * rank])
    return np.frombuffer(data, np.uint8, offset=4 + 4 * rank).reshape(shape)


def zeros_and_ones(folder, part, limit=None):
    images = idx(folder / f"{part}-images-idx3-ubyte.gz")
    labels = idx(folder / f"{part}-labels-idx1-ubyte.gz")
    chosen = np.sort(np.concatenate([np.flatnonzero(labels == c)[:limit] for c in (0, 1)]))
    return images[chosen].astype(np.float64)[:, None] / 255, labels[chosen].astype(int)


def write_safetensors(path, tensors):
    """The tensors as float32: header length (8 bytes), header, data."""
    header, end = {}, 0
    for name, tensor in sorted(tensors.items()):
        begin, end = end, end + 4 * tensor.size
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [begin, end]}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    data = b"".join(tensor.astype("<f4").tobytes() for _, tensor in sorted(tensors.items()))
    pathlib.Path(path).write_bytes(struct.pack("<Q", len(text)) + text + data)


def main():
    parser = argparse.ArgumentParser(description="The deck's program in NumPy and SciPy.")
    parser.add_argument("--init", metavar="FILE.safetensors", help="write the initial weights and stop")
    options = parser.parse_args()
    if options.init:
        write_safetensors(options.init, initial_weights())
        return
    images = synthetic_images()
    report = run(initial_weights(size=8), images, images, epochs=5)
    (FOLDER / "deck_run_synthetic.json").write_text(json.dumps(report, indent=1) + "\n")
    data = os.environ.get("STARLING_DATA")
    if not data:
        print("STARLING_DATA is not set: the MNIST run is left out, deck_run.json stays as it is")
        return
    mnist = pathlib.Path(data) / "mnist"
    report = run(
        initial_weights(), zeros_and_ones(mnist, "train", limit=100), zeros_and_ones(mnist, "t10k"),
        epochs=20)
    (FOLDER / "deck_run.json").write_text(json.dumps(report, indent=1) + "\n")


main()
