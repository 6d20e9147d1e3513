"""PyTorch: layer by layer and compiled (where a C++ compiler is found), images as they are and channels
last, the optimizer's fused and its foreach form, in all combinations; predicting also with frozen weights."""

import itertools

import torch
from networks import NETWORKS, walk
from torch import nn
from turns import Peer, batches_in_pool


class BiasPerPosition(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.bias = nn.Parameter(torch.rand(shape) - 0.5)

    def forward(self, x):
        return x + self.bias


def modules(network):
    for (name, *sizes), entering, leaving in walk(network):
        if name == "convolution":
            channels, kernel, padding, bias = sizes
            yield nn.Conv2d(entering[0], channels, kernel, padding=padding, bias=bias == "channel")
            if bias == "position":
                yield BiasPerPosition(leaving)
        elif name == "dense":
            yield nn.Linear(entering[0], sizes[0])
        elif name == "pool":
            yield nn.MaxPool2d(sizes[0])
        elif name == "batch norm":
            yield nn.BatchNorm2d(entering[0])
        elif name == "dropout":
            yield nn.Dropout(sizes[0])
        else:
            yield {"relu": nn.ReLU, "sigmoid": nn.Sigmoid, "flatten": nn.Flatten}[name]()


def batches(network, options, layout):
    for _ in range(batches_in_pool(options)):
        images = torch.rand(options.batch_size, *network.input).contiguous(memory_format=layout)
        labels = torch.randint(network.classes, (options.batch_size,))
        yield images, torch.eye(network.classes)[labels] if network.binary else labels


def training(network, options, layout, compiled, optimizer):
    module = nn.Sequential(*modules(network)).to(memory_format=layout)
    loss = nn.BCELoss() if network.binary else nn.CrossEntropyLoss()
    update = torch.optim.SGD(module.parameters(), lr=0.01, **{optimizer: True})
    pool = list(batches(network, options, layout))

    def error(images, targets):
        return loss(module(images), targets)

    forward = torch.compile(error) if compiled else error

    def step(index):
        images, targets = pool[index % len(pool)]
        update.zero_grad(set_to_none=True)
        forward(images, targets).backward()
        update.step()

    return step, options.batch_size


def inference(network, options, layout, compiled, frozen):
    module = nn.Sequential(*modules(network)).to(memory_format=layout).eval()
    pool = list(batches(network, options, layout))
    forward = torch.compile(module, options={"freezing": frozen}) if compiled else module
    mode = torch.no_grad if frozen else torch.inference_mode

    def step(index):
        with mode():
            forward(pool[index % len(pool)][0])

    return step, options.batch_size


def peer(options):
    network = NETWORKS[options.preset]
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    layouts = {"": torch.contiguous_format, ", channels last": torch.channels_last}
    settings = {}
    for compiled, layout in itertools.product([False, True], layouts):
        name = ("compiled" if compiled else "eager") + layout
        choice = network, options, layouts[layout], compiled
        if options.mode == "train":
            for form in ("fused", "foreach"):
                settings[f"{name}, {form} SGD"] = lambda a=choice, form=form: training(*a, form)
        else:
            settings[name] = lambda a=choice: inference(*a, frozen=False)
            if compiled:
                settings[f"{name}, frozen"] = lambda a=choice: inference(*a, frozen=True)
    parameters = sum(p.numel() for module in modules(network) for p in module.parameters())
    return Peer("PyTorch " + torch.__version__, parameters, settings)
