"""The mistakes that only a plan and its leaf loops can make: see mutants.py for what the fields say.

None is in a loop that a machine may lack the instructions for.
"""

from mutant import Mutant

LOOPS = "Sources/CStarlingKernels/"
PLAN = "Sources/Starling/Plan/"
STEPS = "Sources/Starling/Plan/Steps/"

TRAINING = "StarlingTests.PlanTests/training"
EPOCHS = "StarlingTests.PlannedEpochTests"
CHANNELS_LAST = "StarlingTests.ChannelsLastForwardTests"
CHANNELS_LAST_BACK = "StarlingTests.ChannelsLastBackwardTests"
BATCH_LAST_BACK = "StarlingTests.BatchLastBackwardTests"
SPARSE = "StarlingTests.SparseBackwardTests"
WINOGRAD = "StarlingTests.WinogradForwardTests"
WINOGRAD_BACK = "StarlingTests.WinogradGradientTests"
NORMALIZATION = "StarlingTests.NormalizationStepsTests"
ELEMENTWISE = "StarlingTests.ElementwiseLoopsTests"
DROPOUT = "StarlingTests.ElementwiseStepsTests/dropout"
LOSS = "StarlingTests.LossStepsTests"

IN_LOOPS = [
    Mutant(
        name="panel: the last rows left out",
        mistake="Tiles of equal height, so that a remainder of the rows belongs to none.",
        file=LOOPS + "panel_body.h",
        find="const ptrdiff_t rows = (units / tiles + (t < units % tiles)) * unit;",
        replace="const ptrdiff_t rows = units / tiles * unit;",
        tests=[CHANNELS_LAST],
    ),
    Mutant(
        name="panel: another end than was asked for",
        mistake="What was there is lost, where a scaled sum should be added.",
        file=LOOPS + "panel_body.h",
        find="sum = load(to) + p->scale * sum;",
        replace="sum = p->scale * sum;",
        tests=[TRAINING],
    ),
    Mutant(
        name="panel: a NaN hidden by the floor",
        mistake="The larger of two, asked for in the order that loses what is no number.",
        file=LOOPS + "panel_body.h",
        find="store(to, larger(floor, sum));",
        replace="store(to, larger(sum, floor));",
        tests=[CHANNELS_LAST],
    ),
    Mutant(
        name="dense: weights changed before dE/dx",
        mistake="dE/dx of the weights after the update that is done in the same pass.",
        file=LOOPS + "dense_body.h",
        find="sum[v] += g * weight;\n",
        replace="sum[v] += g * (weight + step * xs[v]);\n",
        tests=[TRAINING],
    ),
    Mutant(
        name="dense: a lane left out",
        mistake="The lanes' sums added up but for the last round.",
        file=LOOPS + "dense_body.h",
        find="half > 0; half /= 2",
        replace="half > 1; half /= 2",
        tests=[TRAINING],
    ),
    Mutant(
        name="rows: numbers of two vectors counted twice",
        mistake="The last vector of a row goes back to where it fits, and keeps what was there.",
        file=LOOPS + "rows_body.h",
        find="if (column > last) g = ",
        replace="if (false) g = ",
        tests=[TRAINING],
    ),
    Mutant(
        name="windows: the last of equal numbers",
        mistake="A tie sent to the last of the window's numbers, by every loop that pools.",
        file=LOOPS + "vector.h",
        find="const ivec takes = four[n] > best;",
        replace="const ivec takes = four[n] >= best;",
        tests=[CHANNELS_LAST],
    ),
    Mutant(
        name="windows: a NaN lost",
        mistake="The largest of four by comparisons alone, which a NaN never wins.",
        file=LOOPS + "vector.h",
        find="return choose(is_nan, splat(NAN), best);",
        replace="return choose(is_nan & 0, splat(NAN), best);",
        tests=[CHANNELS_LAST, WINOGRAD],
    ),
    Mutant(
        name="windows: 0 passes the ReLU",
        mistake="A window whose largest number is 0 keeps its winner.",
        file=LOOPS + "vector.h",
        find="const ivec dead = best <= floor;",
        replace="const ivec dead = best < floor;",
        tests=[CHANNELS_LAST],
    ),
    Mutant(
        name="sixteens: a window's rows exchanged",
        mistake="The gradient meets the upper pixel where the lower one had won.",
        file=LOOPS + "batch_last_body.h",
        find="choose(is_lower, here, over[v])",
        replace="choose(is_lower, over[v], here)",
        tests=[BATCH_LAST_BACK],
    ),
    Mutant(
        name="sixteens: from row to row of windows",
        mistake="The next row of windows begins one row of pixels below, where it is two.",
        file=LOOPS + "batch_last_body.h",
        find="next_x = step * x_row - 16 * step * last",
        replace="next_x = x_row - 16 * step * last",
        tests=[BATCH_LAST_BACK],
    ),
    Mutant(
        name="sparse: windows that ReLU closed count",
        mistake="The bias gets the gradient of windows that let nothing through.",
        file=LOOPS + "sparse_body.h",
        find="sum[m] += (vec)((winner < 4) & (ivec)all);",
        replace="sum[m] += all;",
        tests=[SPARSE],
    ),
    Mutant(
        name="Winograd: a constant of the points",
        mistake="a where the output's last row has a/2.",
        file=LOOPS + "winograd_body.h",
        find="out[3] = in[5] + 0.5f * a * odd_a + 2 * b * odd_b;",
        replace="out[3] = in[5] + a * odd_a + 2 * b * odd_b;",
        tests=[WINOGRAD],
    ),
    Mutant(
        name="Winograd: a tile at the edge taken whole",
        mistake="Pixels below and beside the image, which are others' or none, in place of zeros.",
        file=LOOPS + "winograd_body.h",
        find="if (t->top <= 0 && t->left <= 0 && t->bottom >= m + 2 && t->right >= m + 2) {",
        replace="if (t->top <= 0 && t->left <= 0) {",
        tests=[WINOGRAD],
        may_crash=True,
    ),
    Mutant(
        name="Winograd: one partial sum lost",
        mistake="The last part of the batch left out of dE/dK.",
        file=LOOPS + "winograd_body.h",
        find="part < k->parts; part++",
        replace="part < k->parts - 1; part++",
        tests=[WINOGRAD_BACK],
    ),
    Mutant(
        name="Winograd: a window read in columns",
        mistake="The fused pooling's positions counted down the columns.",
        file=LOOPS + "winograd_body.h",
        find="{corner[0], corner[1], corner[m], corner[m + 1]}",
        replace="{corner[0], corner[m], corner[1], corner[m + 1]}",
        tests=[WINOGRAD],
    ),
    Mutant(
        name="normalization: the last channels left out",
        mistake="Channels beyond the last whole vector have no sums.",
        file=LOOPS + "normalization_body.h",
        find="if (c < p->channels) NAME(add_sums)(p, c, 1, p->channels - c, of_slopes);",
        replace="",
        tests=[NORMALIZATION],
    ),
    Mutant(
        name="normalization: slope 1 at the ReLU's edge",
        mistake="A gradient where the output is held at 0.",
        file=LOOPS + "normalization_body.h",
        find="(y > p->floor)",
        replace="(y >= p->floor)",
        tests=[NORMALIZATION],
    ),
    Mutant(
        name="elementwise: a coefficient of e^x",
        mistake="A digit of the polynomial's second coefficient.",
        file=LOOPS + "elementwise_body.h",
        find="0.0416683880453f",
        replace="0.0416783880453f",
        tests=[ELEMENTWISE],
    ),
    Mutant(
        name="elementwise: log 2 in one part",
        mistake="The low part of n·log 2 left out, which tells only far from 0.",
        file=LOOPS + "elementwise_body.h",
        find="(x - n * 0x1.62e4p-1f) - n * 0x1.7f7d1cp-20f",
        replace="x - n * 0x1.62e4p-1f",
        tests=[ELEMENTWISE],
    ),
    Mutant(
        name="elementwise: a dead lane that counts",
        mistake="Lanes behind the end of an array are not zero.",
        file=LOOPS + "vector.h",
        find="float padded[LANES] = {0};",
        replace="float padded[LANES] = {0, 0, 1};",
        tests=[ELEMENTWISE],
    ),
    Mutant(
        name="elementwise: the masks of the next word",
        mistake="Dropout's counter begins a word late, so that it drops four numbers further on.",
        file=LOOPS + "elementwise_body.h",
        find="(uint64_t)(first / 4 + w + 1)",
        replace="(uint64_t)(first / 4 + w + 2)",
        tests=[DROPOUT],
    ),
    Mutant(
        name="elementwise: dropout's edge kept out",
        mistake="One more of 65,536 numbers dropped.",
        file=LOOPS + "elementwise_body.h",
        find=">= mask.threshold",
        replace="> mask.threshold",
        tests=[DROPOUT],
    ),
]

IN_STEPS = [
    Mutant(
        name="plan: pixels taken for rows",
        mistake="A dense layer finds the first numbers of a channel as if channels lay one behind the other.",
        file=STEPS + "DenseForward.swift",
        find="isEven ? number * pitch : number / area * channelStride",
        replace="isEven ? number * pitch : number",
        tests=["StarlingTests.PlansOfOneImageTests/spread"],
    ),
    Mutant(
        name="plan: a barrier skipped",
        mistake="Workers go on to the next step while others are still at this one.",
        file=PLAN + "Plan.swift",
        find="""guard left > 0 else { return false }
        worker.barrier()
""",
        replace="""guard left > 0 else { return false }
""",
        tests=[EPOCHS],
        may_crash=True,
    ),
    Mutant(
        name="plan: a step that goes on without a number",
        mistake="Parameters changed by an error that is infinite.",
        file=PLAN + "Plan.swift",
        find="return step.lets(goOn: memory)",
        replace="return true",
        tests=["StarlingTests.TrainerErrorTests", EPOCHS],
    ),
    Mutant(
        name="plan: a closure for each run",
        mistake="A box on the heap for each step of training.",
        file=PLAN + "Plan.swift",
        find="ThreadPool.shared.run(workers: workers, Walk(calls: calls, memory: memory))",
        replace="""ThreadPool.shared.run(workers: workers) {
      Walk(calls: calls, memory: memory).run($0)
    }""",
        tests=["StarlingTests.AllocationTests/training"],
    ),
    Mutant(
        name="plan: weights never brought back",
        mistake="Copies of an epoch's weights forgotten at its end.",
        file=PLAN + "Lowering+Vector.swift",
        find="conclusion.append(CopyWeightRows(weights: weights, isBack: true))",
        replace="",
        tests=[EPOCHS],
    ),
    Mutant(
        name="plan: epsilon left out of the folding",
        mistake="A normalization's ε forgotten where it becomes part of a convolution.",
        file=STEPS + "FoldNormalization.swift",
        find="(σ2[j] + epsilon)",
        replace="σ2[j]",
        tests=["StarlingTests.RandomPlanTests/inference"],
    ),
    Mutant(
        name="plan: gradient descent twice",
        mistake="The dense layer's update, which is part of its gradient, done again.",
        file=STEPS + "DenseBackward.swift",
        find="      weightGradient(columns, memory)\n",
        replace="      weightGradient(columns, memory)\n      weightGradient(columns, memory)\n",
        tests=[TRAINING],
    ),
    Mutant(
        name="plan: one partial sum lost",
        mistake="The last block of images left out of dE/dK.",
        file=STEPS + "ChannelsLastGradientSum.swift",
        find="1..<max(1, partials.parts)",
        replace="1..<max(1, partials.parts - 1)",
        tests=[CHANNELS_LAST_BACK],
    ),
    Mutant(
        name="plan: statistics by the learning rate",
        mistake="A running mean that moves by the learning rate's share of its way.",
        file=STEPS + "UpdateStep.swift",
        find="VectorLoops.addScaled(-1, sum,",
        replace="VectorLoops.addScaled(-memory.learningRate, sum,",
        tests=[TRAINING],
    ),
    Mutant(
        name="Winograd: the first group's biases",
        mistake="Kernels shared out in groups, and the first ones' biases added to all.",
        file=STEPS + "WinogradForward.swift",
        find="u + kernels.bias + first)",
        replace="u + kernels.bias)",
        tests=[WINOGRAD + "/groups"],
    ),
    Mutant(
        name="plan: all dropouts alike",
        mistake="Every layer draws the mask of the first.",
        file=STEPS + "DropoutStep.swift",
        find="stream: UInt64(position)",
        replace="stream: 0",
        tests=[DROPOUT],
    ),
    Mutant(
        name="plan: padding that is not zero",
        mistake="σ(0) = ½ in channels that only fill up a vector.",
        file=STEPS + "ElementwiseRuns.swift",
        find="shape.pitch != shape.channels && !keepsZeros",
        replace="shape.pitch != shape.channels && keepsZeros",
        tests=["StarlingTests.ElementwiseStepsTests"],
    ),
    Mutant(
        name="plan: the loss's mean over the classes",
        mistake="Cross-entropy of categories divided by predictions, where it is by images.",
        file=STEPS + "LossStep.swift",
        find="Double(loss == .categoricalCrossEntropyWithLogits ? batch : batch * classes)",
        replace="Double(batch * classes)",
        tests=[LOSS],
    ),
    Mutant(
        name="plan: a tie's gradient for each of them",
        mistake="All of a window's equal numbers get the gradient.",
        file=STEPS + "PoolingBackward.swift",
        find="waiting[c] = takes ? 0 : waiting[c]",
        replace="",
        tests=["StarlingTests.PoolingStepsTests"],
    ),
]

PLANS = IN_LOOPS + IN_STEPS
