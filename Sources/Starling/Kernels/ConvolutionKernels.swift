/// The sizes of a convolution; the batch is the tensors' own.
struct ConvolutionSizes: Hashable, Sendable {
  let inputDepth, inputHeight, inputWidth: Int
  let depth, kernelHeight, kernelWidth: Int
  let stride, padding: Int

  /// Rows and columns of the input with its border of zeros.
  var paddedHeight: Int { inputHeight + 2 * padding }
  var paddedWidth: Int { inputWidth + 2 * padding }
  var outputHeight: Int { (paddedHeight - kernelHeight) / stride + 1 }
  var outputWidth: Int { (paddedWidth - kernelWidth) / stride + 1 }
  var inputArea: Int { inputHeight * inputWidth }
  var paddedArea: Int { paddedHeight * paddedWidth }
  var outputArea: Int { outputHeight * outputWidth }
  var kernelArea: Int { kernelHeight * kernelWidth }
  var outputShape: Shape { [depth, outputHeight, outputWidth] }

  /// Multiply-adds of one pass over one image: forward, dE/dK or dE/dX.
  var cost: Int { depth * inputDepth * kernelArea * outputArea }
}

/// The convolution's loop nests.
///
/// In each, j counts kernels, i input channels and (u, v) the position in the kernel, as in the deck. X is
/// the input with its border of zeros, so that no loop need ask where the image ends. The innermost loop
/// runs along a row of the output; where the stride is 1, whole vectors of it at a time.
enum ConvolutionKernels {
  /// X: the input with its border of zeros.
  static func padded(_ sizes: ConvolutionSizes, _ input: Tensor, _ threads: Threads) -> Tensor {
    guard sizes.padding > 0 else { return input }
    let batch = input.shape[0]
    let shape: Shape = [batch, sizes.inputDepth, sizes.paddedHeight, sizes.paddedWidth]
    return Tensor(uninitialized: shape) { x in
      input.withElements { input in
        threads.split(batch * sizes.inputDepth, cost: shape.count) { channels in
          for channel in channels {
            let xi = x + channel * sizes.paddedArea
            xi.initialize(repeating: 0, count: sizes.paddedArea)
            for row in 0..<sizes.inputHeight {
              inside(sizes, xi, row).update(
                from: input + channel * sizes.inputArea + row * sizes.inputWidth,
                count: sizes.inputWidth)
            }
          }
        }
      }
    }
  }

  /// Y_j = B_j + Σ_i X_i ⋆ K_ji.
  ///
  /// The bias has a number for each output position, or one for each output map, or is nil. Each output is
  /// one sum in the order of u, v and i, to which the bias is added at the end.
  static func forward(
    _ sizes: ConvolutionSizes, _ x: Tensor, _ kernels: Tensor, _ bias: Tensor?, _ threads: Threads
  ) -> Tensor {
    let batch = x.shape[0]
    return Tensor(uninitialized: sizes.outputShape.batched(batch)) { y in
      x.withElements { x in
        kernels.withElements { kernels in
          threads.split(batch * sizes.depth, cost: batch * sizes.cost) { maps in
            for map in maps {
              let (image, j) = map.quotientAndRemainder(dividingBy: sizes.depth)
              let yj = y + map * sizes.outputArea
              correlate(
                sizes, x + image * sizes.inputDepth * sizes.paddedArea,
                kernels + j * sizes.inputDepth * sizes.kernelArea, into: yj)
              if let bias { add(bias, of: j, to: yj, sizes) }
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
                  sizes, x + (image * sizes.inputDepth + i) * sizes.paddedArea,
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
    let isPerPosition = dB.shape.rank == 3
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

  /// dE/dX_i = Σ_j dE/dY_j ∗ K_ji, without the border.
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
            // The window reaches into the border, whose gradient nobody wants.
            var padded = [Float](repeating: 0, count: sizes.paddedArea)
            padded.withUnsafeMutableBufferPointer { padded in
              guard let dXi = padded.baseAddress else { return }
              for channel in channels {
                let (image, i) = channel.quotientAndRemainder(dividingBy: sizes.inputDepth)
                dXi.update(repeating: 0, count: sizes.paddedArea)
                for j in 0..<sizes.depth {
                  scatter(
                    sizes, dY + (image * sizes.depth + j) * sizes.outputArea,
                    kernels + (j * sizes.inputDepth + i) * sizes.kernelArea, to: dXi)
                }
                for row in 0..<sizes.inputHeight {
                  (dX + channel * sizes.inputArea + row * sizes.inputWidth).initialize(
                    from: inside(sizes, dXi, row), count: sizes.inputWidth)
                }
              }
            }
          }
        }
      }
    }
  }

  // MARK: - One image and one kernel

  /// Where a row of the input begins within its border.
  private static func inside(
    _ sizes: ConvolutionSizes, _ padded: UnsafeMutablePointer<Float>, _ row: Int
  ) -> UnsafeMutablePointer<Float> {
    padded + (row + sizes.padding) * sizes.paddedWidth + sizes.padding
  }

  /// Y_j = Σ_i X_i ⋆ K_ji.
  ///
  /// Where the stride is 1, sixteen outputs of a row at a time stay in registers for the whole window.
  private static func correlate(
    _ sizes: ConvolutionSizes, _ x: UnsafePointer<Float>, _ kj: UnsafePointer<Float>,
    into yj: UnsafeMutablePointer<Float>
  ) {
    for row in 0..<sizes.outputHeight {
      let xRow = x + row * sizes.stride * sizes.paddedWidth
      let y = yj + row * sizes.outputWidth
      var column = 0
      while sizes.stride == 1, column + VectorLoops.width <= sizes.outputWidth {
        var sum = VectorLoops.Vector()
        forEachWeight(sizes) { weight, pixel in
          sum += kj[weight] * VectorLoops.load(xRow + pixel + column)
        }
        VectorLoops.store(sum, y + column)
        column += VectorLoops.width
      }
      while column < sizes.outputWidth {
        var sum: Float = 0
        forEachWeight(sizes) { weight, pixel in
          sum += kj[weight] * xRow[pixel + column * sizes.stride]
        }
        y[column] = sum
        column += 1
      }
    }
  }

  /// Calls `body` with the place of each weight in K_j, and of the pixel in X that it meets when the window
  /// stands at the first position: in the order of u, v and i.
  @inline(__always)
  private static func forEachWeight(
    _ sizes: ConvolutionSizes, _ body: (_ weight: Int, _ pixel: Int) -> Void
  ) {
    for u in 0..<sizes.kernelHeight {
      for v in 0..<sizes.kernelWidth {
        for i in 0..<sizes.inputDepth {
          body(
            i * sizes.kernelArea + u * sizes.kernelWidth + v,
            i * sizes.paddedArea + u * sizes.paddedWidth + v)
        }
      }
    }
  }

  /// Y_j += B_j, a number for each position or one for all.
  private static func add(
    _ bias: Tensor, of j: Int, to yj: UnsafeMutablePointer<Float>, _ sizes: ConvolutionSizes
  ) {
    let isPerPosition = bias.shape.rank == 3
    bias.withElements { bias in
      if isPerPosition {
        VectorLoops.addScaled(1, bias + j * sizes.outputArea, to: yj, sizes.outputArea)
      } else {
        for position in 0..<sizes.outputArea { yj[position] += bias[j] }
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
          let x = xi + (row * sizes.stride + u) * sizes.paddedWidth + v
          let dY = dYj + row * sizes.outputWidth
          var column = 0
          while sizes.stride == 1, column + VectorLoops.width <= sizes.outputWidth {
            sum += VectorLoops.load(x + column) * VectorLoops.load(dY + column)
            column += VectorLoops.width
          }
          while column < sizes.outputWidth {
            tail += x[column * sizes.stride] * dY[column]
            column += 1
          }
        }
        dKji[u * sizes.kernelWidth + v] += sum.sum() + tail
      }
    }
  }

  /// dE/dX_i += dE/dY_j ∗ K_ji, full, border included.
  private static func scatter(
    _ sizes: ConvolutionSizes, _ dYj: UnsafePointer<Float>, _ kji: UnsafePointer<Float>,
    to dXi: UnsafeMutablePointer<Float>
  ) {
    for row in 0..<sizes.outputHeight {
      let dY = dYj + row * sizes.outputWidth
      for u in 0..<sizes.kernelHeight {
        for v in 0..<sizes.kernelWidth {
          let weight = kji[u * sizes.kernelWidth + v]
          let dX = dXi + (row * sizes.stride + u) * sizes.paddedWidth + v
          if sizes.stride == 1 {
            VectorLoops.addScaled(weight, dY, to: dX, sizes.outputWidth)
          } else {
            for column in 0..<sizes.outputWidth {
              dX[column * sizes.stride] += weight * dY[column]
            }
          }
        }
      }
    }
  }
}
