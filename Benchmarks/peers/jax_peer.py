"""JAX: a training step compiled whole, with the parameters donated; images with their channels first and
last. At a batch of one, where the call costs as much as the work, also many steps a call (`scan`); with more
images that is no candidate, as XLA runs a convolution inside a loop several times slower."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
from networks import NETWORKS, walk
from turns import Peer, Unavailable, batches_in_pool


def initial(network, channels_last):
    """What training changes, and batch norm's running statistics: one dictionary a layer."""
    random = np.random.default_rng(1)

    def uniform(*shape, summing=1):
        return jnp.asarray(random.uniform(-1, 1, shape) / np.sqrt(summing), jnp.float32)

    parameters, statistics = [], []
    for (name, *sizes), entering, leaving in walk(network):
        own, running = {}, {}
        if name == "convolution":
            channels, kernel, _, bias = sizes
            summing = entering[0] * kernel * kernel
            shape = (kernel, kernel, entering[0], channels) if channels_last else (
                channels, entering[0], kernel, kernel)
            own["weight"] = uniform(*shape, summing=summing)
            if bias == "channel":
                own["bias"] = uniform(*along_channels(channels, channels_last), summing=summing)
            elif bias == "position":
                own["bias"] = uniform(*(leaving[1:] + leaving[:1] if channels_last else leaving))
        elif name == "dense":
            own["weight"] = uniform(entering[0], sizes[0], summing=entering[0])
            own["bias"] = uniform(sizes[0])
        elif name == "batch norm":
            shape = along_channels(entering[0], channels_last)
            own = {"weight": jnp.ones(shape), "bias": jnp.zeros(shape)}
            running = {"mean": jnp.zeros(shape), "variance": jnp.ones(shape)}
        parameters.append(own)
        statistics.append(running)
    return parameters, statistics


def along_channels(count, channels_last):
    return (count,) if channels_last else (count, 1, 1)


def forward(network, channels_last, parameters, statistics, x, key):
    """The last layer's outputs, and the running statistics as they are after this batch."""
    layout = ("NHWC", "HWIO", "NHWC") if channels_last else ("NCHW", "OIHW", "NCHW")
    after = []
    for (name, *sizes), own, running in zip(network.layers, parameters, statistics):
        if name == "convolution":
            x = jax.lax.conv_general_dilated(
                x, own["weight"], (1, 1), [(sizes[2], sizes[2])] * 2, dimension_numbers=layout)
            x = x + own["bias"] if "bias" in own else x
        elif name == "dense":
            x = x @ own["weight"] + own["bias"]
        elif name == "pool":
            window = (1, sizes[0], sizes[0], 1) if channels_last else (1, 1, sizes[0], sizes[0])
            x = jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, window, window, "VALID")
        elif name == "batch norm":
            axes = (0, 1, 2) if channels_last else (0, 2, 3)
            mean, variance = (f(x, axes, keepdims=True)[0] for f in (jnp.mean, jnp.var))
            x = (x - mean) * (jax.lax.rsqrt(variance + 1e-5) * own["weight"]) + own["bias"]
            count = x.size / variance.size
            running = {
                "mean": 0.9 * running["mean"] + 0.1 * mean,
                "variance": 0.9 * running["variance"] + 0.1 * variance * count / (count - 1)}
        elif name == "dropout":
            keep = 1 - sizes[0]
            x = jnp.where(jax.random.bernoulli(key, keep, x.shape), x / keep, 0)
        elif name == "flatten":
            x = x.reshape(x.shape[0], -1)
        else:
            x = {"relu": jax.nn.relu, "sigmoid": jax.nn.sigmoid}[name](x)
        after.append(running)
    return x, after


def training(network, options, channels_last, scanned):
    random = np.random.default_rng(1)
    count, size = batches_in_pool(options), options.batch_size
    channels, height, width = network.input
    shape = (height, width, channels) if channels_last else network.input
    pool = jnp.asarray(random.random((count, size, *shape), dtype=np.float32))
    targets = jax.nn.one_hot(random.integers(network.classes, size=(count, size)), network.classes)

    def error(parameters, statistics, x, target, key):
        y, after = forward(network, channels_last, parameters, statistics, x, key)
        if network.binary:
            return -jnp.mean(target * jnp.log(y) + (1 - target) * jnp.log(1 - y)), after
        return -jnp.mean(jnp.sum(target * jax.nn.log_softmax(y), axis=1)), after

    def one(state, batch):
        parameters, statistics, key = state
        key, now = jax.random.split(key)
        (value, statistics), gradient = jax.value_and_grad(error, has_aux=True)(
            parameters, statistics, *batch, now)
        parameters = jax.tree.map(lambda p, g: p - 0.01 * g, parameters, gradient)
        return (parameters, statistics, key), value

    def many(state, batches):
        return jax.lax.scan(one, state, batches)

    # The generator that a CPU computes fastest; JAX's default would cost dropout more.
    state = (*initial(network, channels_last), jax.random.key(1, impl="unsafe_rbg"))
    run = jax.jit(many if scanned else one, donate_argnums=0)
    batches = [(pool, targets)] if scanned else [(pool[i], targets[i]) for i in range(count)]

    def step(index):
        nonlocal state
        state, value = run(state, batches[index % len(batches)])
        value.block_until_ready()

    return step, size * count if scanned else size


def peer(options):
    if options.mode != "train":
        raise Unavailable("JAX is a peer in training only: --mode train")
    network = NETWORKS[options.preset]
    settings = {}
    for channels_last, scanned in itertools.product([False, True], repeat=2):
        if scanned and options.batch_size > 1:
            continue
        name = ("channels last" if channels_last else "channels first") + (", scan" if scanned else "")
        settings[name] = lambda a=channels_last, b=scanned: training(network, options, a, b)
    parameters = sum(leaf.size for leaf in jax.tree.leaves(initial(network, False)[0]))
    return Peer("JAX " + jax.__version__, parameters, settings)
