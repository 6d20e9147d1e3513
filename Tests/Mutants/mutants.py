"""The mistakes that `run` plants: the classic ones in LineByLine and in the engine alike, and then
those that only an engine can make; those of plans are in plan_mutants.py.

`mistake` says what is wrong, in the words of whoever might make it. `find` is a text that occurs
exactly once in `file`. `tests` names suites or single tests, as `swift test list` does; at least
one of them has to fail. TraceTests, which hold the source's lines to their text, are never among
them: they would notice anything.
"""

from mutant import Mutant
from plan_mutants import PLANS

BY_HAND = ["LineByLineTests.FixtureTests", "LineByLineTests.GradientTests"]
FORMULA_RUN = "LineByLineTests.DeckRunTests"
CONVOLUTION = "StarlingTests.EngineAgainstLineByLineTests/convolution"
DENSE = "StarlingTests.EngineAgainstLineByLineTests/dense"
ACTIVATIONS = "StarlingTests.EngineAgainstLineByLineTests/activations"
LOSSES = "StarlingTests.EngineAgainstLineByLineTests/losses"
ENGINE_RUN = "StarlingTests.DeckRunTests"
OPTIONS = "StarlingTests.PyTorchOptionsTests"
OPTION_GRADIENTS = "StarlingTests.OptionGradientTests"
POOLING = "StarlingTests.PoolingTests"
NORMALIZATION = "StarlingTests.BatchNormalizationTests"
DROPOUT = "StarlingTests.DropoutTests"
PYTORCH_RUN = "StarlingTests.PyTorchRunTests"
PLANNED_EPOCHS = "StarlingTests.PlannedEpochTests"
BITS_ON_THREADS = "StarlingTests.SameBitsTests/trainingThreads"
BITS_IN_BATCHES = "StarlingTests.SameBitsTests/batches"

FORMULAS = [
    Mutant(
        name="LineByLine: dK reversed",
        mistake="The arguments of X ⋆ dE/dY exchanged: the kernels' gradient turned by 180°.",
        file="Sources/LineByLine/ConvolutionalLayer.swift",
        find="dK[j, i] = X[i] ⋆ dY[j]",
        replace="dK[j, i] = (X[i] ⋆ dY[j]).rotated180",
        tests=BY_HAND,
    ),
    Mutant(
        name="LineByLine: dX not flipped",
        mistake="Full cross-correlation for dE/dX, where it takes a convolution.",
        file="Sources/LineByLine/ConvolutionalLayer.swift",
        find="dX[i] += dY[j] ∗ K[j, i]",
        replace="dX[i] += dY[j] ∗ K[j, i].rotated180",
        tests=BY_HAND,
    ),
    Mutant(
        name="LineByLine: convolution not flipped",
        mistake="∗ that does not rotate the kernel, and so is a cross-correlation.",
        file="Sources/LineByLine/CrossCorrelation.swift",
        find="⋆ K.rotated180\n}",
        replace="⋆ K\n}",
        tests=BY_HAND,
    ),
    Mutant(
        name="LineByLine: 1/m missing",
        mistake="The gradient of binary cross-entropy as the deck prints it.",
        file="Sources/LineByLine/BinaryCrossEntropy.swift",
        find="return 1 / m * gradientAsPrinted(",
        replace="return 1 / m * m * gradientAsPrinted(",
        tests=[
            "LineByLineTests.ClassicMistakesTests", "LineByLineTests.GradientTests", FORMULA_RUN,
        ],
    ),
    Mutant(
        name="LineByLine: tied bias not summed",
        mistake="One position's dE/dY as the gradient of a bias that stands at all of them.",
        file="Sources/LineByLine/ConvolutionalLayer.swift",
        find="bias == .perPosition ? dY : dY.sums",
        replace="bias == .perPosition ? dY : Volume(dY.matrices.map { [[$0[0, 0]]] })",
        tests=BY_HAND,
    ),
    Mutant(
        name="LineByLine: update before backprop",
        mistake="Each layer changed before the gradient has passed through it.",
        file="Sources/LineByLine/Network.swift",
        find="let (dX, own) = layer.backwardErased(gradient, input: X)",
        replace="""var layer = layer
      let own = layer.backwardErased(gradient, input: X).gradient
      layer.updateErased(by: own, learningRate: 0.1)
      let (dX, _) = layer.backwardErased(gradient, input: X)""",
        tests=["LineByLineTests.GradientTests", FORMULA_RUN],
    ),
    Mutant(
        name="LineByLine: dense transposed",
        mistake="The weights read as [inputs, outputs] on the way back.",
        file="Sources/LineByLine/Dense.swift",
        find="W.transposed ⋅ dy",
        replace="Matrix(rows: W.columns, columns: W.rows, values: W.values) ⋅ dy",
        tests=["LineByLineTests.LayerTests", "LineByLineTests.GradientTests"],
    ),
    Mutant(
        name="LineByLine: output size off by one",
        mistake="Input size − kernel size, without the + 1.",
        file="Sources/LineByLine/CrossCorrelation.swift",
        find="return (X.rows - K.rows + 1, X.columns - K.columns + 1)",
        replace="return (X.rows - K.rows, X.columns - K.columns)",
        tests=["LineByLineTests.ClassicMistakesTests"],
    ),
    Mutant(
        name="LineByLine: last row and column left out",
        mistake="The loops of ⋆ stop one short of its output's size.",
        file="Sources/LineByLine/CrossCorrelation.swift",
        find="""for r in 0..<Y.rows {
    for c in 0..<Y.columns {""",
        replace="""for r in 0..<Y.rows - 1 {
    for c in 0..<Y.columns - 1 {""",
        tests=BY_HAND,
    ),
    Mutant(
        name="LineByLine: channels summed wrongly, forward",
        mistake="Every channel of the kernel meets the first channel of the input.",
        file="Sources/LineByLine/ConvolutionalLayer.swift",
        find="Y[j] += X[i] ⋆ K[j, i]",
        replace="Y[j] += X[0] ⋆ K[j, i]",
        tests=BY_HAND,
    ),
    Mutant(
        name="LineByLine: channels summed wrongly, back",
        mistake="dE/dX of the last output alone, where all outputs are summed.",
        file="Sources/LineByLine/ConvolutionalLayer.swift",
        find="dX[i] += dY[j] ∗ K[j, i]",
        replace="dX[i] = dY[j] ∗ K[j, i]",
        tests=BY_HAND,
    ),
]

ENGINE = [
    Mutant(
        name="engine: dK reversed",
        mistake="The kernels' gradient turned by 180°.",
        file="Sources/Starling/Kernels/ConvolutionKernels.swift",
        find="dKji[u * sizes.kernelWidth + v] += sum.sum() + tail",
        replace="dKji[sizes.kernelArea - 1 - u * sizes.kernelWidth - v] += sum.sum() + tail",
        tests=[CONVOLUTION],
    ),
    Mutant(
        name="engine: dX not flipped",
        mistake="Scattering the rotated kernel, which is gathering with the kernel as it stands.",
        file="Sources/Starling/Kernels/ConvolutionKernels.swift",
        find="let weight = kji[u * sizes.kernelWidth + v]",
        replace="let weight = kji[sizes.kernelArea - 1 - u * sizes.kernelWidth - v]",
        tests=[CONVOLUTION],
    ),
    Mutant(
        name="engine: 1/m missing",
        mistake="The gradient of binary cross-entropy as the deck prints it.",
        file="Sources/Starling/Losses/BinaryCrossEntropy.swift",
        find="(ŷ - y) / max(ŷ * (1 - ŷ), 1e-12) / m",
        replace="(ŷ - y) / max(ŷ * (1 - ŷ), 1e-12) / (m / m)",
        tests=[LOSSES],
    ),
    Mutant(
        name="engine: 1/m missing in the fused loss",
        mistake="The same where sigmoid and loss are one, which is what trains the deck's network.",
        file="Sources/Starling/Losses/BinaryCrossEntropy.swift",
        find="(sigmoid.value(z) - y) / m",
        replace="(sigmoid.value(z) - y) / (m / m)",
        tests=[LOSSES, ENGINE_RUN],
    ),
    Mutant(
        name="engine: tied bias not summed",
        mistake="One position's dE/dY as the gradient of a bias that stands at all of them.",
        file="Sources/Starling/Kernels/ConvolutionKernels.swift",
        find="dB[j] += VectorLoops.sum(dYj, sizes.outputArea)",
        replace="dB[j] += dYj[0]",
        tests=[CONVOLUTION],
    ),
    Mutant(
        name="engine: update before backprop",
        mistake="Each layer changed before the gradient has passed through it.",
        file="Sources/Starling/Network/Network.swift",
        find="gradient = layers[position].backwardErased(",
        replace="""var layer = layers[position]
      var (own, sgd) = (layer.parameters.zeros, SGD(learningRate: 0.1))
      _ = layer.backwardErased(gradient, caches[position], accumulatingInto: &own, pass)
      for index in own.tensors.indices {
        sgd.update(&layer.parameters.tensors[index], with: own.tensors[index], at: index)
      }
      gradient = layer.backwardErased(""",
        tests=[PLANNED_EPOCHS],
    ),
    Mutant(
        name="engine: dense transposed",
        mistake="The weights read as [inputs, outputs] on the way back.",
        file="Sources/Starling/Kernels/DenseKernels.swift",
        find="""VectorLoops.addScaled(
                    dY[image * outputs + o], weights + o * inputs + first, to: dXs, width)""",
        replace="""for n in 0..<width {
                    dXs[n] += dY[image * outputs + o] * weights[(first + n) * outputs + o]
                  }""",
        tests=[DENSE],
    ),
    Mutant(
        name="engine: output size off by one",
        mistake="Input size − kernel size, without the + 1.",
        file="Sources/Starling/Kernels/ConvolutionKernels.swift",
        find="var outputWidth: Int { (paddedWidth - kernelWidth) / stride + 1 }",
        replace="var outputWidth: Int { (paddedWidth - kernelWidth) / stride }",
        tests=[CONVOLUTION],
    ),
    Mutant(
        name="engine: channels summed wrongly, forward",
        mistake="Every channel of the kernel meets the first channel of the input.",
        file="Sources/Starling/Kernels/ConvolutionKernels.swift",
        find="i * sizes.paddedArea + u * sizes.paddedWidth + v)",
        replace="u * sizes.paddedWidth + v)",
        tests=[CONVOLUTION],
    ),
    Mutant(
        name="engine: channels summed wrongly, back",
        mistake="dE/dX of the first output alone, where all outputs are summed.",
        file="Sources/Starling/Kernels/ConvolutionKernels.swift",
        find="for j in 0..<sizes.depth {",
        replace="for j in 0..<1 {",
        tests=[CONVOLUTION],
    ),
]

KERNELS = [
    Mutant(
        name="engine: i and j exchanged in K",
        mistake="The kernels read as [inputDepth, depth, …] on the way back.",
        file="Sources/Starling/Kernels/ConvolutionKernels.swift",
        find="kernels + (j * sizes.inputDepth + i) * sizes.kernelArea, to: dXi)",
        replace="kernels + (i * sizes.depth + j) * sizes.kernelArea, to: dXi)",
        tests=[CONVOLUTION],
    ),
    Mutant(
        name="engine: vector tail of a row dropped",
        mistake="Rows of Y computed only as far as whole vectors reach.",
        file="Sources/Starling/Kernels/ConvolutionKernels.swift",
        find="        y[column] = sum\n",
        replace="        sum = y[column]\n        y[column] = sum\n",
        tests=[CONVOLUTION],
    ),
    Mutant(
        name="engine: vector tail of a dot product dropped",
        mistake="Inputs beyond the last whole vector not heard.",
        file="Sources/Starling/Kernels/VectorLoops.swift",
        find="total += x[index] * y[index]",
        replace="total += 0 * x[index] * y[index]",
        tests=[DENSE],
    ),
    Mutant(
        name="engine: vector tail of y += a·x dropped",
        mistake="Numbers beyond the last whole vector left as they were.",
        file="Sources/Starling/Kernels/VectorLoops.swift",
        find="y[index] += a * x[index]",
        replace="y[index] += 0 * a * x[index]",
        tests=[CONVOLUTION],
    ),
    Mutant(
        name="engine: batch sum forgotten in dK",
        mistake="The kernels' gradient of the batch's last image alone.",
        file="Sources/Starling/Kernels/ConvolutionKernels.swift",
        find="""for image in 0..<batch {
                addWindowProducts(""",
        replace="""for image in batch - 1..<batch {
                addWindowProducts(""",
        tests=[CONVOLUTION],
    ),
    Mutant(
        name="engine: batch sum forgotten in db",
        mistake="The dense biases' gradient of the batch's last image alone.",
        file="Sources/Starling/Kernels/DenseKernels.swift",
        find="""for image in 0..<batch {
          VectorLoops.addScaled(1, dY""",
        replace="""for image in batch - 1..<batch {
          VectorLoops.addScaled(1, dY""",
        tests=[DENSE],
    ),
    Mutant(
        name="engine: gradient written over",
        mistake="What the gradient held before is lost, where this batch's should be added.",
        file="Sources/Starling/Layers/Convolution.swift",
        find="ConvolutionKernels.addKernelGradient(sizes",
        replace="""gradient["weight"] = Tensor(zeros: gradient["weight"].shape)
    ConvolutionKernels.addKernelGradient(sizes""",
        tests=[CONVOLUTION],
    ),
    Mutant(
        name="engine: slope of the sigmoid at x",
        mistake="σ′ taken at the layer's input, where σ(1 − σ) wants its output.",
        file="Sources/Starling/Layers/Elementwise.swift",
        find="let y = x.map(function.value)\n    return (y, y)",
        replace="let y = x.map(function.value)\n    return (y, x)",
        tests=[ACTIVATIONS],
    ),
    Mutant(
        name="engine: fused loss with the wrong sign",
        mistake="y − ŷ, which climbs.",
        file="Sources/Starling/Losses/BinaryCrossEntropy.swift",
        find="(sigmoid.value(z) - y) / m",
        replace="(y - sigmoid.value(z)) / m",
        tests=[LOSSES, ENGINE_RUN],
    ),
    Mutant(
        name="engine: fused loss at the wrong depth",
        mistake="The loss that holds the sigmoid, applied behind the sigmoid.",
        file="Sources/Starling/Training/Trainer.swift",
        find="return (fused, layers.count - 1)",
        replace="return (fused, layers.count)",
        tests=[ENGINE_RUN],
    ),
    Mutant(
        name="engine: gradient descent upwards",
        mistake="θ + η·dE/dθ.",
        file="Sources/Starling/Optimizers/SGD.swift",
        find="let step = -learningRate",
        replace="let step = learningRate",
        tests=[PLANNED_EPOCHS],
    ),
    Mutant(
        name="engine: gradients never cleared",
        mistake="Each step goes by the sum of all gradients so far.",
        file="Sources/Starling/Training/Trainer.swift",
        find="for layer in gradients.indices { gradients[layer].clear() }",
        replace="",
        tests=[PLANNED_EPOCHS],
    ),
    Mutant(
        name="engine: order not kept",
        mistake="A random order where the data set's was asked for.",
        file="Sources/Starling/Training/Trainer.swift",
        find="guard !keepsOrder else",
        replace="guard keepsOrder else",
        tests=[ENGINE_RUN],
    ),
    Mutant(
        name="engine: work split with a gap",
        mistake="Parts of equal size, so that a remainder belongs to nobody.",
        file="Sources/Starling/Threading/Worker.swift",
        find="index * units / count..<(index + 1) * units / count",
        replace="index * (units / count)..<(index + 1) * (units / count)",
        tests=[CONVOLUTION, DENSE],
    ),
    Mutant(
        name="engine: work split with an overlap",
        mistake="Each part's first piece done by the part before it as well, and added twice.",
        file="Sources/Starling/Threading/Worker.swift",
        find="index * units / count..<(index + 1) * units / count",
        replace="index * units / count..<min(units, (index + 1) * units / count + 1)",
        tests=[BITS_ON_THREADS],
    ),
    Mutant(
        name="engine: a barrier that some pass too early",
        mistake="Each worker waits for those before it, and for none of those behind.",
        file="Sources/Starling/Threading/Arrivals.swift",
        find="for other in 0..<workers where other != worker",
        replace="for other in 0..<worker",
        tests=["StarlingTests.ThreadPoolTests/barrier"],
        may_crash=True,
        may_hang=True,
    ),
    Mutant(
        name="engine: an idle thread that never sleeps",
        mistake="Threads that look out for the next run as long as it takes, on a crowded machine too.",
        file="Sources/Starling/Threading/Spin.swift",
        find="else { return false }",
        replace="else { return true }",
        tests=["StarlingTests.ThreadPoolTests/idle"],
    ),
    Mutant(
        name="engine: four images rounded differently",
        mistake="Products not rounded before they are added, but only in batches of four and more.",
        file="Sources/Starling/Kernels/DenseKernels.swift",
        find="a += weight * VectorLoops.load(x + n)",
        replace="a.addProduct(weight, VectorLoops.load(x + n))",
        tests=[BITS_IN_BATCHES],
    ),
    Mutant(
        name="engine: order of sums set by the threads",
        mistake="Images of a batch added up in an order that depends on the number of threads.",
        file="Sources/Starling/Kernels/ConvolutionKernels.swift",
        find="""for image in 0..<batch {
                addWindowProducts(""",
        replace="""for turn in 0..<batch {
                let image = threads.count % 2 == 0 ? turn : batch - 1 - turn
                addWindowProducts(""",
        tests=[BITS_ON_THREADS],
    ),
]

CONVOLUTION_FILE = "Sources/Starling/Kernels/ConvolutionKernels.swift"
POOLING_FILE = "Sources/Starling/Kernels/PoolingKernels.swift"
NORMALIZATION_FILE = "Sources/Starling/Kernels/NormalizationKernels.swift"

OPTIONAL = [
    Mutant(
        name="engine: stride ignored in dK",
        mistake="The kernels' gradient of windows that lie side by side.",
        file=CONVOLUTION_FILE,
        find="let x = xi + (row * sizes.stride + u) * sizes.paddedWidth + v",
        replace="let x = xi + (row + u) * sizes.paddedWidth + v",
        tests=[CONVOLUTION, OPTIONS],
    ),
    Mutant(
        name="engine: stride ignored in dX",
        mistake="dE/dY scattered over windows that lie side by side.",
        file=CONVOLUTION_FILE,
        find="dX[column * sizes.stride] += weight * dY[column]",
        replace="dX[column] += weight * dY[column]",
        tests=[CONVOLUTION, OPTIONS, OPTION_GRADIENTS],
    ),
    Mutant(
        name="engine: padding on one side alone",
        mistake="All zeros below and to the right, none above and to the left.",
        file=CONVOLUTION_FILE,
        find="padded + (row + sizes.padding) * sizes.paddedWidth + sizes.padding",
        replace="padded + row * sizes.paddedWidth",
        # Both ways alike: a gradient of the wrong function, and right as such.
        tests=[CONVOLUTION, OPTIONS],
    ),
    Mutant(
        name="engine: border's gradient kept",
        mistake="What was scattered for the last channel is still there for the next one.",
        file=CONVOLUTION_FILE,
        find="dXi.update(repeating: 0, count: sizes.paddedArea)",
        replace="dXi.update(repeating: 0, count: sizes.paddedWidth)",
        tests=[CONVOLUTION, OPTIONS],
    ),
    Mutant(
        name="engine: last of equal numbers",
        mistake="The gradient of a tie sent to the last of the largest numbers.",
        file=POOLING_FILE,
        find="if x[$0] > x[largest] || x[$0].isNaN",
        replace="if x[$0] >= x[largest] || x[$0].isNaN",
        tests=[POOLING, OPTIONS],
    ),
    Mutant(
        name="engine: NaN lost in pooling",
        mistake="A comparison that a NaN never wins.",
        file=POOLING_FILE,
        find="if x[$0] > x[largest] || x[$0].isNaN",
        replace="if x[$0] > x[largest]",
        tests=[POOLING],
    ),
    Mutant(
        name="engine: overlapping windows overwrite",
        mistake="The gradient of the last window alone, where windows that overlap add up.",
        file=POOLING_FILE,
        find="at: start, sizes)] += dY",
        replace="at: start, sizes)] = dY",
        tests=[POOLING, OPTIONS, OPTION_GRADIENTS],
    ),
    Mutant(
        name="engine: mean's gradient not shared",
        mistake="All of dE/dY for each number of the window.",
        file=POOLING_FILE,
        find="dX[$0] += dY * share",
        replace="dX[$0] += dY",
        tests=[POOLING, OPTIONS, OPTION_GRADIENTS],
    ),
    Mutant(
        name="engine: pooling windows a row off",
        mistake="The stride taken across the columns and forgotten down the rows.",
        file=POOLING_FILE,
        find="(row * inputWidth + column) * stride",
        replace="row * inputWidth + column * stride",
        tests=[POOLING, OPTIONS],
    ),
    Mutant(
        name="engine: unbiased variance in x̂",
        mistake="The batch's squares divided by n − 1 where they are to be divided by n.",
        file=NORMALIZATION_FILE,
        find="variance[c] = Float(squares / Double(maps.n))",
        replace="variance[c] = Float(squares / Double(max(maps.n - 1, 1)))",
        tests=[NORMALIZATION, OPTIONS],
    ),
    Mutant(
        name="engine: biased running variance",
        mistake="The running variance of squares divided by n where they are to be divided by n − 1.",
        file="Sources/Starling/Layers/BatchNormalization.swift",
        find="let unbiased = Float(n) / Float(n - 1)",
        replace="let unbiased = Float(n) / Float(n)",
        tests=[OPTIONS, PYTORCH_RUN],
    ),
    Mutant(
        name="engine: mean and variance held constant",
        mistake="dE/dx without the way through the batch's mean and variance.",
        file="Sources/Starling/Layers/BatchNormalization.swift",
        find="dY, cache.normalized, cache.areOfBatch ? sums : nil,",
        replace="dY, cache.normalized, nil,",
        tests=[OPTIONS, OPTION_GRADIENTS],
    ),
    Mutant(
        name="engine: batch's statistics at inference",
        mistake="An answer that depends on who else is in the batch.",
        file="Sources/Starling/Layers/BatchNormalization.swift",
        find="let isTraining = pass.mode != .inference",
        replace="let isTraining = true",
        tests=[OPTIONS, BITS_IN_BATCHES],
    ),
    Mutant(
        name="engine: statistics moved by the optimizer",
        mistake="A running mean that moves by the learning rate's share of its way.",
        file="Sources/Starling/Network/Network.swift",
        find="case .statistic:\n          layers[layer].parameters.tensors[tensor].add(-1, times: gradient)",
        replace="""case .statistic:
          optimizer.update(
            &layers[layer].parameters.tensors[tensor], with: gradient, at: position)""",
        tests=[NORMALIZATION, PYTORCH_RUN],
    ),
    Mutant(
        name="engine: dropout without its scale",
        mistake="What is kept as large as before, so that sums shrink in training.",
        file="Sources/Starling/Layers/Dropout.swift",
        find="y[element] = mask.drops(element) ? 0 : x[element] * mask.scale",
        replace="y[element] = mask.drops(element) ? 0 : x[element]",
        tests=[DROPOUT],
    ),
    Mutant(
        name="engine: another mask on the way back",
        mistake="The gradient of numbers that were dropped, and none of some that were kept.",
        file="Sources/Starling/Layers/Dropout.swift",
        find="    masked(dY, pass)\n",
        replace="""    masked(
      dY, Pass(pass.mode == .inference ? .inference : .training(seed: 1), threads: pass.threads))
""",
        tests=[DROPOUT, OPTION_GRADIENTS],
    ),
    Mutant(
        name="engine: dropout at inference",
        mistake="Numbers dropped when the network answers.",
        file="Sources/Starling/Layers/Dropout.swift",
        find="guard case .training(let seed) = pass.mode else { return x }",
        replace="""var seed: UInt64 = 1
    if case .training(let own) = pass.mode { seed = own }""",
        tests=[DROPOUT],
    ),
    Mutant(
        name="engine: the same bits for four numbers",
        mistake="Four neighbours dropped or kept together.",
        file="Sources/Starling/Layers/DropoutMask.swift",
        find="word(element / 4) >> (16 * UInt64(element % 4))",
        replace="word(element / 4)",
        tests=[DROPOUT],
    ),
]

MUTANTS = FORMULAS + ENGINE + KERNELS + OPTIONAL + PLANS
