/// The dense layer's loop nests: `o` counts outputs, `n` inputs.
///
/// The weights, `[outputs, inputs]`, are by far the largest of the tensors, so that each is read once
/// for as many images as fit in registers.
enum DenseKernels {
  /// y = b + w·x.
  static func forward(_ x: Tensor, _ weights: Tensor, _ bias: Tensor, _ threads: Threads) -> Tensor
  {
    let (batch, outputs, inputs) = (x.shape[0], weights.shape[0], weights.shape[1])
    return Tensor(uninitialized: [batch, outputs]) { y in
      x.withElements { x in
        weights.withElements { weights in
          bias.withElements { bias in
            threads.split(outputs, cost: batch * outputs * inputs) { rows in
              for o in rows {
                let w = weights + o * inputs
                var image = 0
                while image + 4 <= batch {
                  let sums = fourDots(w, x + image * inputs, inputs)
                  for lane in 0..<4 { y[(image + lane) * outputs + o] = bias[o] + sums[lane] }
                  image += 4
                }
                while image < batch {
                  y[image * outputs + o] = bias[o] + VectorLoops.dot(w, x + image * inputs, inputs)
                  image += 1
                }
              }
            }
          }
        }
      }
    }
  }

  /// dE/dw += dE/dy·xᵀ, summed over the batch.
  static func addWeightGradient(
    _ x: Tensor, _ dY: Tensor, to dW: inout Tensor, _ threads: Threads
  ) {
    let (batch, outputs, inputs) = (x.shape[0], dW.shape[0], dW.shape[1])
    x.withElements { x in
      dY.withElements { dY in
        dW.withMutableElements { dW in
          threads.split(outputs, cost: batch * outputs * inputs) { rows in
            for o in rows {
              for image in 0..<batch {
                VectorLoops.addScaled(
                  dY[image * outputs + o], x + image * inputs, to: dW + o * inputs, inputs)
              }
            }
          }
        }
      }
    }
  }

  /// dE/db += dE/dy, summed over the batch.
  static func addBiasGradient(_ dY: Tensor, to dB: inout Tensor) {
    let (batch, outputs) = (dY.shape[0], dY.shape[1])
    dY.withElements { dY in
      dB.withMutableElements { dB in
        for image in 0..<batch {
          VectorLoops.addScaled(1, dY + image * outputs, to: dB, outputs)
        }
      }
    }
  }

  /// dE/dx = wᵀ·dE/dy.
  ///
  /// It is split over the inputs, in strips narrow enough that a strip of the weights
  /// stays in the first-level cache for the whole batch.
  static func inputGradient(_ dY: Tensor, _ weights: Tensor, _ threads: Threads) -> Tensor {
    let (batch, outputs, inputs) = (dY.shape[0], weights.shape[0], weights.shape[1])
    let stripWidth = 64
    let strips = (inputs + stripWidth - 1) / stripWidth
    return Tensor(uninitialized: [batch, inputs]) { dX in
      dY.withElements { dY in
        weights.withElements { weights in
          threads.split(strips, cost: batch * outputs * inputs) { strips in
            for strip in strips {
              let first = strip * stripWidth
              let width = min(stripWidth, inputs - first)
              for image in 0..<batch {
                let dXs = dX + image * inputs + first
                dXs.initialize(repeating: 0, count: width)
                for o in 0..<outputs {
                  VectorLoops.addScaled(
                    dY[image * outputs + o], weights + o * inputs + first, to: dXs, width)
                }
              }
            }
          }
        }
      }
    }
  }

  /// Four images' dot products with one row of weights, each summed exactly as ``VectorLoops/dot``
  /// sums it: a score must not depend on the batch that its image came in.
  @inline(__always)
  private static func fourDots(
    _ w: UnsafePointer<Float>, _ x: UnsafePointer<Float>, _ inputs: Int
  ) -> SIMD4<Float> {
    var (a, b, c, d) = (
      VectorLoops.Vector(), VectorLoops.Vector(), VectorLoops.Vector(), VectorLoops.Vector()
    )
    var n = 0
    while n + VectorLoops.width <= inputs {
      let weight = VectorLoops.load(w + n)
      a += weight * VectorLoops.load(x + n)
      b += weight * VectorLoops.load(x + inputs + n)
      c += weight * VectorLoops.load(x + 2 * inputs + n)
      d += weight * VectorLoops.load(x + 3 * inputs + n)
      n += VectorLoops.width
    }
    var total = SIMD4(a.sum(), b.sum(), c.sum(), d.sum())
    while n < inputs {
      total += w[n] * SIMD4(x[n], x[inputs + n], x[2 * inputs + n], x[3 * inputs + n])
      n += 1
    }
    return total
  }
}
