/// The sizes of a convolution; the batch is the tensors' own.
struct ConvolutionSizes: Sendable {
  let inputDepth, inputHeight, inputWidth: Int
  let depth, kernelHeight, kernelWidth: Int

  var outputHeight: Int { inputHeight - kernelHeight + 1 }
  var outputWidth: Int { inputWidth - kernelWidth + 1 }
  var inputArea: Int { inputHeight * inputWidth }
  var outputArea: Int { outputHeight * outputWidth }
  var kernelArea: Int { kernelHeight * kernelWidth }

  /// Multiply-adds of one pass over one image: forward, dE/dK or dE/dX.
  var cost: Int { depth * inputDepth * kernelArea * outputArea }
}

/// The convolution's loop nests.
///
/// In each, j counts kernels, i input channels and (u, v) the position in the kernel, as in the deck;
/// the innermost loop runs along a row of the image, so that any width has a fast part and a tail.
enum ConvolutionKernels {
  /// Y_j = B_j + Σ_i X_i ⋆ K_ji.
  ///
  /// The bias has a number for each output position, or one for each output map, or is nil.
  static func forward(
    _ sizes: ConvolutionSizes, _ x: Tensor, _ kernels: Tensor, _ bias: Tensor?, _ threads: Threads
  ) -> Tensor {
    let batch = x.shape[0]
    let shape: Shape = [batch, sizes.depth, sizes.outputHeight, sizes.outputWidth]
    return Tensor(uninitialized: shape) { y in
      x.withElements { x in
        kernels.withElements { kernels in
          threads.split(batch * sizes.depth, cost: batch * sizes.cost) { maps in
            for map in maps {
              let (image, j) = map.quotientAndRemainder(dividingBy: sizes.depth)
              let yj = y + map * sizes.outputArea
              start(yj, withBias: bias, of: j, sizes)
              for i in 0..<sizes.inputDepth {
                addCorrelation(
                  sizes, x + (image * sizes.inputDepth + i) * sizes.inputArea,
                  kernels + (j * sizes.inputDepth + i) * sizes.kernelArea, to: yj)
              }
            }
          }
        }
      }
    }
  }

  /// dE/dK_ji += X_i ⋆ dE/dY_j, summed over the batch.
  static func addKernelGradient(
    _ sizes: ConvolutionSizes, _ x: Tensor, _ dY: Tensor, to dK: inout Tensor, _ threads: Threads
  ) {
    let batch = x.shape[0]
    x.withElements { x in
      dY.withElements { dY in
        dK.withMutableElements { dK in
          let pairs = sizes.depth * sizes.inputDepth
          threads.split(pairs, cost: batch * sizes.cost) { pairs in
            for pair in pairs {
              let (j, i) = pair.quotientAndRemainder(dividingBy: sizes.inputDepth)
              for image in 0..<batch {
                addWindowProducts(
                  sizes, x + (image * sizes.inputDepth + i) * sizes.inputArea,
                  dY + (image * sizes.depth + j) * sizes.outputArea,
                  to: dK + pair * sizes.kernelArea)
              }
            }
          }
        }
      }
    }
  }

  /// dE/dB_j += dE/dY_j summed over the batch; with one bias a map, over the positions as well.
  static func addBiasGradient(_ sizes: ConvolutionSizes, _ dY: Tensor, to dB: inout Tensor) {
    let batch = dY.shape[0]
    let isPerPosition = dB.count == sizes.depth * sizes.outputArea
    dY.withElements { dY in
      dB.withMutableElements { dB in
        for map in 0..<batch * sizes.depth {
          let j = map % sizes.depth
          let dYj = dY + map * sizes.outputArea
          if isPerPosition {
            VectorLoops.addScaled(1, dYj, to: dB + j * sizes.outputArea, sizes.outputArea)
          } else {
            dB[j] += VectorLoops.sum(dYj, sizes.outputArea)
          }
        }
      }
    }
  }

  /// dE/dX_i = Σ_j dE/dY_j ∗ K_ji.
  ///
  /// Each dE/dY is scattered back over the window that it was made from, times the kernel as it
  /// stands: the same sum as that of the full convolution, without a rotated copy.
  static func inputGradient(
    _ sizes: ConvolutionSizes, _ dY: Tensor, _ kernels: Tensor, _ threads: Threads
  ) -> Tensor {
    let batch = dY.shape[0]
    let shape: Shape = [batch, sizes.inputDepth, sizes.inputHeight, sizes.inputWidth]
    return Tensor(uninitialized: shape) { dX in
      dY.withElements { dY in
        kernels.withElements { kernels in
          threads.split(batch * sizes.inputDepth, cost: batch * sizes.cost) { channels in
            for channel in channels {
              let (image, i) = channel.quotientAndRemainder(dividingBy: sizes.inputDepth)
              let dXi = dX + channel * sizes.inputArea
              dXi.initialize(repeating: 0, count: sizes.inputArea)
              for j in 0..<sizes.depth {
                scatter(
                  sizes, dY + (image * sizes.depth + j) * sizes.outputArea,
                  kernels + (j * sizes.inputDepth + i) * sizes.kernelArea, to: dXi)
              }
            }
          }
        }
      }
    }
  }

  // MARK: - One channel and one kernel

  /// Y_j = B_j, before the sum over channels is added.
  private static func start(
    _ yj: UnsafeMutablePointer<Float>, withBias bias: Tensor?, of j: Int, _ sizes: ConvolutionSizes
  ) {
    guard let bias else { return yj.initialize(repeating: 0, count: sizes.outputArea) }
    let isPerPosition = bias.count == sizes.depth * sizes.outputArea
    bias.withElements { bias in
      if isPerPosition {
        yj.initialize(from: bias + j * sizes.outputArea, count: sizes.outputArea)
      } else {
        yj.initialize(repeating: bias[j], count: sizes.outputArea)
      }
    }
  }

  /// Y_j += X_i ⋆ K_ji.
  ///
  /// Sixteen outputs of a row at a time stay in registers for the whole window.
  private static func addCorrelation(
    _ sizes: ConvolutionSizes, _ xi: UnsafePointer<Float>, _ kji: UnsafePointer<Float>,
    to yj: UnsafeMutablePointer<Float>
  ) {
    for row in 0..<sizes.outputHeight {
      let x = xi + row * sizes.inputWidth
      let y = yj + row * sizes.outputWidth
      var column = 0
      while column + VectorLoops.width <= sizes.outputWidth {
        var sum = VectorLoops.load(y + column)
        for u in 0..<sizes.kernelHeight {
          for v in 0..<sizes.kernelWidth {
            sum +=
              kji[u * sizes.kernelWidth + v]
              * VectorLoops.load(x + u * sizes.inputWidth + column + v)
          }
        }
        VectorLoops.store(sum, y + column)
        column += VectorLoops.width
      }
      while column < sizes.outputWidth {
        var sum = y[column]
        for u in 0..<sizes.kernelHeight {
          for v in 0..<sizes.kernelWidth {
            sum += kji[u * sizes.kernelWidth + v] * x[u * sizes.inputWidth + column + v]
          }
        }
        y[column] = sum
        column += 1
      }
    }
  }

  /// dE/dK_ji += X_i ⋆ dE/dY_j: for each kernel weight, the products of dE/dY with the part of X that
  /// the weight was multiplied with.
  private static func addWindowProducts(
    _ sizes: ConvolutionSizes, _ xi: UnsafePointer<Float>, _ dYj: UnsafePointer<Float>,
    to dKji: UnsafeMutablePointer<Float>
  ) {
    for u in 0..<sizes.kernelHeight {
      for v in 0..<sizes.kernelWidth {
        var sum = VectorLoops.Vector()
        var tail: Float = 0
        for row in 0..<sizes.outputHeight {
          let x = xi + (row + u) * sizes.inputWidth + v
          let dY = dYj + row * sizes.outputWidth
          var column = 0
          while column + VectorLoops.width <= sizes.outputWidth {
            sum += VectorLoops.load(x + column) * VectorLoops.load(dY + column)
            column += VectorLoops.width
          }
          while column < sizes.outputWidth {
            tail += x[column] * dY[column]
            column += 1
          }
        }
        dKji[u * sizes.kernelWidth + v] += sum.sum() + tail
      }
    }
  }

  /// dE/dX_i += dE/dY_j ∗ K_ji, full.
  private static func scatter(
    _ sizes: ConvolutionSizes, _ dYj: UnsafePointer<Float>, _ kji: UnsafePointer<Float>,
    to dXi: UnsafeMutablePointer<Float>
  ) {
    for row in 0..<sizes.outputHeight {
      for u in 0..<sizes.kernelHeight {
        for v in 0..<sizes.kernelWidth {
          VectorLoops.addScaled(
            kji[u * sizes.kernelWidth + v], dYj + row * sizes.outputWidth,
            to: dXi + (row + u) * sizes.inputWidth + v, sizes.outputWidth)
        }
      }
    }
  }
}
