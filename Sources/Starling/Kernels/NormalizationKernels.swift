/// Mean and variance of each channel, `[channels]`.
struct Moments: Sendable {
  /// μ.
  let mean: Tensor
  /// σ², the mean of (x − μ)².
  let variance: Tensor
}

/// Σ dE/dy and Σ x̂·dE/dy of each channel, `[channels]`.
struct SlopeSums: Sendable {
  let slopes: Tensor
  let products: Tensor
}

/// Where the numbers of a channel lie in `[batch, channels]` with the axes of a map, or none, behind.
private struct ChannelMaps {
  let batch, channels, area: Int

  init(_ shape: Shape) {
    batch = shape[0]
    channels = shape[1]
    area = shape.count / (batch * channels)
  }

  /// How many numbers a channel has in the batch.
  var n: Int { batch * area }

  /// Calls `body` with the place of each number of a channel, image by image.
  @inline(__always)
  func forEach(of c: Int, _ body: (Int) -> Void) {
    for image in 0..<batch {
      let start = (image * channels + c) * area
      for place in start..<start + area { body(place) }
    }
  }
}

/// The loop nests of batch normalization; c counts channels.
///
/// Each channel is the work of one thread, and its sums are in `Double`.
enum NormalizationKernels {
  /// μ and σ² over the batch and all positions.
  static func moments(of x: Tensor, _ threads: Threads) -> Moments {
    let maps = ChannelMaps(x.shape)
    var mean = Tensor(zeros: [maps.channels])
    var variance = mean
    x.withElements { x in
      mean.withMutableElements { mean in
        variance.withMutableElements { variance in
          threads.split(maps.channels, cost: maps.n * maps.channels) { channels in
            for c in channels {
              var sum = 0.0
              maps.forEach(of: c) { sum += Double(x[$0]) }
              let μ = sum / Double(maps.n)
              var squares = 0.0
              maps.forEach(of: c) { squares += (Double(x[$0]) - μ) * (Double(x[$0]) - μ) }
              mean[c] = Float(μ)
              variance[c] = Float(squares / Double(maps.n))
            }
          }
        }
      }
    }
    return Moments(mean: mean, variance: variance)
  }

  /// x̂ = (x − μ) / √(σ² + ε).
  static func normalized(
    _ x: Tensor, _ moments: Moments, _ epsilon: Float, _ threads: Threads
  ) -> Tensor {
    let maps = ChannelMaps(x.shape)
    return Tensor(uninitialized: x.shape) { normalized in
      x.withElements { x in
        threads.split(maps.channels, cost: maps.n * maps.channels) { channels in
          for c in channels {
            let μ = moments.mean.elements[c]
            let scale = 1 / (moments.variance.elements[c] + epsilon).squareRoot()
            maps.forEach(of: c) { normalized[$0] = (x[$0] - μ) * scale }
          }
        }
      }
    }
  }

  /// y = γ·x̂ + β.
  static func scaled(
    _ normalized: Tensor, by weight: Tensor, plus bias: Tensor, _ threads: Threads
  ) -> Tensor {
    let maps = ChannelMaps(normalized.shape)
    return Tensor(uninitialized: normalized.shape) { y in
      normalized.withElements { normalized in
        threads.split(maps.channels, cost: maps.n * maps.channels) { channels in
          for c in channels {
            let (γ, β) = (weight.elements[c], bias.elements[c])
            maps.forEach(of: c) { y[$0] = γ * normalized[$0] + β }
          }
        }
      }
    }
  }

  /// Σ dE/dy and Σ x̂·dE/dy over the batch and all positions.
  static func sums(of dY: Tensor, times normalized: Tensor, _ threads: Threads) -> SlopeSums {
    let maps = ChannelMaps(dY.shape)
    var slopes = Tensor(zeros: [maps.channels])
    var products = slopes
    dY.withElements { dY in
      normalized.withElements { normalized in
        slopes.withMutableElements { slopes in
          products.withMutableElements { products in
            threads.split(maps.channels, cost: maps.n * maps.channels) { channels in
              for c in channels {
                var (slope, product) = (0.0, 0.0)
                maps.forEach(of: c) {
                  slope += Double(dY[$0])
                  product += Double(dY[$0]) * Double(normalized[$0])
                }
                slopes[c] = Float(slope)
                products[c] = Float(product)
              }
            }
          }
        }
      }
    }
    return SlopeSums(slopes: slopes, products: products)
  }

  /// dE/dx = γ / √(σ² + ε) · (dE/dy − (Σ dE/dy + x̂·Σ x̂·dE/dy) / n), the sums being nil where μ and σ²
  /// do not depend on x.
  static func inputGradient(
    _ dY: Tensor, _ normalized: Tensor, _ sums: SlopeSums?, _ moments: Moments, _ weight: Tensor,
    _ epsilon: Float, _ threads: Threads
  ) -> Tensor {
    let maps = ChannelMaps(dY.shape)
    return Tensor(uninitialized: dY.shape) { dX in
      dY.withElements { dY in
        normalized.withElements { normalized in
          threads.split(maps.channels, cost: maps.n * maps.channels) { channels in
            for c in channels {
              let scale =
                weight.elements[c] / (moments.variance.elements[c] + epsilon).squareRoot()
              let slope = (sums?.slopes.elements[c] ?? 0) / Float(maps.n)
              let product = (sums?.products.elements[c] ?? 0) / Float(maps.n)
              maps.forEach(of: c) {
                dX[$0] = scale * (dY[$0] - (slope + normalized[$0] * product))
              }
            }
          }
        }
      }
    }
  }
}
