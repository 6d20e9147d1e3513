"""ONNX Runtime: a model fixed to its batch size, with every graph optimization on (batch norm disappears
into the convolution before it); inputs and outputs bound once, and a plain `run`."""

import numpy as np
import onnx
import onnxruntime
from networks import NETWORKS, walk
from onnx import TensorProto, helper, numpy_helper
from turns import Peer, Unavailable, batches_in_pool

OPSET, IR_VERSION = 17, 8


def model(network, batch_size, random):
    """The network as an ONNX model with random weights, and the number of what training would change."""
    nodes, weights, counted = [], [], 0
    value = "images"

    def initializer(name, array):
        weights.append(numpy_helper.from_array(array.astype(np.float32), name))
        return name

    def parameter(name, *shape, summing=1):
        nonlocal counted
        counted += int(np.prod(shape))
        return initializer(name, random.uniform(-1, 1, shape) / np.sqrt(summing))

    def add(operator, *inputs, **attributes):
        nonlocal value
        output = f"value{len(nodes)}"
        nodes.append(helper.make_node(operator, [value, *inputs], [output], **attributes))
        value = output

    for index, ((name, *sizes), entering, leaving) in enumerate(walk(network)):
        if name == "convolution":
            channels, kernel, padding, bias = sizes
            summing = entering[0] * kernel * kernel
            inputs = [parameter(f"{index}.weight", channels, entering[0], kernel, kernel, summing=summing)]
            if bias == "channel":
                inputs.append(parameter(f"{index}.bias", channels))
            add("Conv", *inputs, kernel_shape=[kernel, kernel], pads=[padding] * 4)
            if bias == "position":
                add("Add", parameter(f"{index}.bias", *leaving))
        elif name == "dense":
            add("Gemm", parameter(f"{index}.weight", sizes[0], entering[0], summing=entering[0]),
                parameter(f"{index}.bias", sizes[0]), transB=1)
        elif name == "pool":
            add("MaxPool", kernel_shape=[sizes[0]] * 2, strides=[sizes[0]] * 2)
        elif name == "batch norm":
            add("BatchNormalization", parameter(f"{index}.weight", entering[0]),
                parameter(f"{index}.bias", entering[0]),
                initializer(f"{index}.mean", random.uniform(-0.1, 0.1, entering[0])),
                initializer(f"{index}.variance", random.uniform(0.5, 1.5, entering[0])))
        elif name != "dropout":
            add({"relu": "Relu", "sigmoid": "Sigmoid", "flatten": "Flatten"}[name])

    def tensor(name, *shape):
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, [batch_size, *shape])

    graph = helper.make_graph(
        nodes, "network", [tensor("images", *network.input)], [tensor(value, network.classes)], weights)
    document = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    onnx.checker.check_model(document, full_check=True)
    return document.SerializeToString(), counted


def peer(options):
    if options.mode != "infer":
        raise Unavailable("ONNX Runtime predicts, and does not train: --mode infer")
    network = NETWORKS[options.preset]
    random = np.random.default_rng(1)
    document, parameters = model(network, options.batch_size, random)
    choices = onnxruntime.SessionOptions()
    choices.intra_op_num_threads = options.threads
    choices.inter_op_num_threads = 1
    choices.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    session = onnxruntime.InferenceSession(document, choices, providers=["CPUExecutionProvider"])
    shape = (options.batch_size, *network.input)
    pool = [random.random(shape, dtype=np.float32) for _ in range(batches_in_pool(options))]

    def bound():
        output = onnxruntime.OrtValue.ortvalue_from_shape_and_type(
            (options.batch_size, network.classes), np.float32)
        bindings = []
        for images in pool:
            binding = session.io_binding()
            binding.bind_cpu_input("images", images)
            binding.bind_ortvalue_output(session.get_outputs()[0].name, output)
            bindings.append(binding)

        def step(index):
            session.run_with_iobinding(bindings[index % len(bindings)])

        return step, options.batch_size

    def plain():
        def step(index):
            session.run(None, {"images": pool[index % len(pool)]})

        return step, options.batch_size

    name = "ONNX Runtime " + onnxruntime.__version__
    return Peer(name, parameters, {"bound": bound, "plain": plain})
