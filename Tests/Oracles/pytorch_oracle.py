"""What the PyTorch oracles share: repeatable arithmetic, and numbers as JSON without loss."""

import json
import os

# Ask for the same order of summation on every processor, so that a second run changes no digit.
os.environ["MKL_CBWR"] = "COMPATIBLE"
os.environ["ATEN_CPU_CAPABILITY"] = "default"

import numpy as np
import torch

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)


def normal(random, *shape, scale=1.0):
    """Normal numbers of four decimals: short in text, yet with full Float32 mantissas."""
    return np.round(random.normal(scale=scale, size=shape), 4).astype(np.float32)


def exact(values):
    """The given numbers as Float64, unchanged, ready to be differentiated."""
    return torch.tensor(np.asarray(values, np.float32).astype(np.float64), requires_grad=True)


def given(values):
    values = np.asarray(values, np.float32)
    numbers = [float(str(v)) for v in values.ravel()]
    assert all(np.float32(n) == v for n, v in zip(numbers, values.ravel()))
    return {"shape": list(values.shape), "values": numbers}


def expected(tensor):
    tensor = tensor.detach()
    assert torch.isfinite(tensor).all()
    return {"shape": list(tensor.shape), "values": tensor.flatten().tolist()}


def case(name, layer, options, inputs, function, gradients):
    """One case: `function` of the inputs, and its gradient for each input that `gradients` names.

    A layer is sent the gradient `dY`; a loss, which ends in one number, has none.
    """
    tensors = {key: exact(values) for key, values in inputs.items()}
    dY = tensors.pop("dY", None)
    y = function(**tensors)
    y.backward(dY)
    results = {"loss" if dY is None else "y": expected(y)}
    for key, title in gradients.items():
        results[title] = expected(tensors[key].grad)
    return {
        "name": name, "layer": layer, "options": options,
        "given": {key: given(values) for key, values in inputs.items()}, "expected": results,
    }


def one_hot(random, batch, classes):
    return np.eye(classes, dtype=np.float32)[random.integers(classes, size=batch)]


def text(value, indent=""):
    """JSON with one tensor, or one small object, a line."""
    deeper = indent + "  "
    nested = isinstance(value, dict) and any(isinstance(v, dict | list) for v in value.values())
    if nested and "values" not in value:
        items = [f"{deeper}{json.dumps(k)}: {text(v, deeper)}" for k, v in value.items()]
        return "{\n" + ",\n".join(items) + "\n" + indent + "}"
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n" + ",\n".join(deeper + text(v, deeper) for v in value) + "\n" + indent + "]"
    return json.dumps(value, allow_nan=False)
