"""The deck's program: NumPy and SciPy, one image at a time, in float64, each layer updating itself in its
backward pass. The error's derivative has the 1/m that the deck leaves out."""

import numpy as np
import scipy
from scipy.signal import convolve2d, correlate2d
from turns import Peer, Unavailable, batches_in_pool

LEARNING_RATE = 0.1


class ConvolutionalLayer:
    def __init__(self, random, input_shape, kernel_size, depth):
        self.depth, self.input_depth = depth, input_shape[0]
        self.kernels = random.standard_normal((depth, input_shape[0], kernel_size, kernel_size))
        sides = (side - kernel_size + 1 for side in input_shape[1:])
        self.biases = random.standard_normal((depth, *sides))
        self.parameters = self.kernels.size + self.biases.size

    def forward(self, input_data):
        self.input = input_data
        self.output = np.copy(self.biases)
        for j in range(self.depth):
            for i in range(self.input_depth):
                self.output[j] += correlate2d(self.input[i], self.kernels[j, i], mode="valid")
        return self.output

    def backward(self, output_gradient):
        kernels_gradient = np.zeros(self.kernels.shape)
        input_gradient = np.zeros(self.input.shape)
        for j in range(self.depth):
            for i in range(self.input_depth):
                kernels_gradient[j, i] = correlate2d(self.input[i], output_gradient[j], mode="valid")
                input_gradient[i] += convolve2d(output_gradient[j], self.kernels[j, i], mode="full")
        self.kernels -= LEARNING_RATE * kernels_gradient
        self.biases -= LEARNING_RATE * output_gradient
        return input_gradient


class DenseLayer:
    def __init__(self, random, inputs, outputs):
        self.weights = random.standard_normal((outputs, inputs)) / np.sqrt(inputs)
        self.biases = random.standard_normal((outputs, 1))
        self.parameters = self.weights.size + self.biases.size

    def forward(self, input_data):
        self.input = input_data
        return self.weights @ self.input + self.biases

    def backward(self, output_gradient):
        input_gradient = self.weights.T @ output_gradient
        self.weights -= LEARNING_RATE * (output_gradient @ self.input.T)
        self.biases -= LEARNING_RATE * output_gradient
        return input_gradient


class ReshapeLayer:
    parameters = 0

    def __init__(self, input_shape, output_shape):
        self.input_shape, self.output_shape = input_shape, output_shape

    def forward(self, input_data):
        return np.reshape(input_data, self.output_shape)

    def backward(self, output_gradient):
        return np.reshape(output_gradient, self.input_shape)


class Sigmoid:
    parameters = 0

    def forward(self, input_data):
        self.output = 1 / (1 + np.exp(-input_data))
        return self.output

    def backward(self, output_gradient):
        return output_gradient * self.output * (1 - self.output)


def peer(options):
    if (options.preset, options.mode, options.batch_size) != ("zero-one", "train", 1):
        raise Unavailable(
            "the deck's program trains one network, one image at a time: "
            "--preset zero-one --mode train --batch-size 1")
    random = np.random.default_rng(1)
    network = [
        ConvolutionalLayer(random, (1, 28, 28), kernel_size=3, depth=5), Sigmoid(),
        ReshapeLayer((5, 26, 26), (5 * 26 * 26, 1)),
        DenseLayer(random, 5 * 26 * 26, 100), Sigmoid(), DenseLayer(random, 100, 2), Sigmoid()]
    pool = random.random((batches_in_pool(options), 1, 28, 28))
    targets = np.eye(2)[random.integers(2, size=len(pool))][:, :, None]

    def step(index):
        output, y = pool[index % len(pool)], targets[index % len(pool)]
        for layer in network:
            output = layer.forward(output)
        gradient = -(y / output - (1 - y) / (1 - output)) / np.size(y)
        for layer in reversed(network):
            gradient = layer.backward(gradient)

    parameters = sum(layer.parameters for layer in network)
    return Peer("SciPy " + scipy.__version__, parameters, {"the deck's loops": lambda: (step, 1)})
