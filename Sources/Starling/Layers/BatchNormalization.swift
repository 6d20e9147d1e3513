/// Gives each channel the mean 0 and the variance 1, and then a scale and a mean that are learned.
///
///     x̂ = (x − μ) / √(σ² + ε)        y = γ·x̂ + β
///
/// A channel of an image `[depth, height, width]` is one map; of a vector `[features]`, one feature. In
/// training μ and σ² are the mean and the variance of the channel over all n of its numbers in the batch,
/// and each step moves running ones towards them, which inference then takes for μ and σ²:
///
///     running ← running + momentum·(batch's − running)
///
/// | tensor | shape | starts at | |
/// | --- | --- | --- | --- |
/// | γ, `weight` | `[channels]` | 1 | learned |
/// | β, `bias` | `[channels]` | 0 | learned |
/// | `running_mean` | `[channels]` | 0 | a statistic |
/// | `running_var` | `[channels]` | 1 | a statistic |
///
/// As in PyTorch, σ² divides by n, and the running variance takes the batch's divided by n − 1. Of a
/// single number there is no such variance: where n is 1, which PyTorch refuses, x̂ is 0 and the running
/// variance stays as it is. Source: S. Ioffe, C. Szegedy, "Batch Normalization: Accelerating Deep
/// Network Training by Reducing Internal Covariate Shift" (2015).
public struct BatchNormalization: Recipe {
  /// How far a step moves the running mean and variance towards the batch's, from 0 to 1.
  public var momentum: Float
  /// ε, which keeps the division from 0.
  public var epsilon: Float

  /// A batch normalization with PyTorch's momentum and ε, unless others are given.
  public init(momentum: Float = 0.1, epsilon: Float = 1e-5) {
    self.momentum = momentum
    self.epsilon = epsilon
  }

  /// The shape of the input, which is an image or a vector.
  public func outputShape(for input: Shape) throws(ShapeError) -> Shape {
    guard input.rank == 3 || input.rank == 1 else {
      throw ShapeError(
        place: name, axis: "input", expected: "depth×height×width, or one axis", found: "\(input)",
        remedy: "put Reshape([depth, height, width]) or Flatten() before it")
    }
    guard momentum >= 0, momentum <= 1 else {
      throw ShapeError(
        place: name, axis: "momentum", expected: "0 to 1", found: "\(momentum)",
        remedy: "0.1 is usual")
    }
    guard epsilon > 0, epsilon.isFinite else {
      throw ShapeError(
        place: name, axis: "epsilon", expected: "a positive number", found: "\(epsilon)",
        remedy: "1e-5 is usual")
    }
    return input
  }

  /// `weight`, `bias`, `running_mean` and `running_var`.
  public func parameterSpecifications(for input: Shape) -> [ParameterSpecification] {
    let channels: Shape = [input[0]]
    return [
      ParameterSpecification("weight", channels, standardDeviation: 0, mean: 1),
      .bias(channels),
      ParameterSpecification("running_mean", channels, standardDeviation: 0, kind: .statistic),
      ParameterSpecification(
        "running_var", channels, standardDeviation: 0, mean: 1, kind: .statistic, least: 0),
    ]
  }

  /// The layer for an input that ``outputShape(for:)`` accepts.
  public func layer(for input: Shape, parameters: Parameters) -> any Layer {
    BatchNormalizationLayer(normalization: self, shape: input, parameters: parameters)
  }
}

/// ``BatchNormalization``, for one input shape.
struct BatchNormalizationLayer: Layer {
  let normalization: BatchNormalization
  let shape: Shape
  var parameters: Parameters

  var recipe: any Recipe { normalization }
  var inputShape: Shape { shape }
  var outputShape: Shape { shape }

  /// What backward needs: x̂, what it was made with, and whether that was the batch's own.
  struct Cache {
    let normalized: Tensor
    let moments: Moments
    let areOfBatch: Bool
  }

  /// x̂ = (x − μ) / √(σ² + ε) and y = γ·x̂ + β.
  func forward(_ x: Tensor, _ pass: Pass) -> (y: Tensor, cache: Cache) {
    expect(x, shape)
    let isTraining = pass.mode != .inference
    let moments =
      isTraining
      ? NormalizationKernels.moments(of: x, pass.threads)
      : Moments(mean: parameters["running_mean"], variance: parameters["running_var"])
    let normalized = NormalizationKernels.normalized(
      x, moments, normalization.epsilon, pass.threads)
    let y = NormalizationKernels.scaled(
      normalized, by: parameters["weight"], plus: parameters["bias"], pass.threads)
    return (y, Cache(normalized: normalized, moments: moments, areOfBatch: isTraining))
  }

  /// dE/dγ = Σ x̂·dE/dy and dE/dβ = Σ dE/dy over the n numbers of a channel, and dE/dx.
  ///
  ///     dE/dx = γ / √(σ² + ε) · (dE/dy − (dE/dβ + x̂·dE/dγ) / n)
  ///
  /// What is taken off is the way through μ and σ²; those of inference do not depend on x.
  func backward(
    _ dY: Tensor, _ cache: Cache, accumulatingInto gradient: inout Parameters, _ pass: Pass
  ) -> Tensor {
    expect(dY, shape, asManyAs: cache.normalized)
    let sums = NormalizationKernels.sums(of: dY, times: cache.normalized, pass.threads)
    gradient["weight"].add(1, times: sums.products)
    gradient["bias"].add(1, times: sums.slopes)
    if cache.areOfBatch {
      addDrift(from: cache.moments, of: dY.count / shape[0], to: &gradient)
    }
    return NormalizationKernels.inputGradient(
      dY, cache.normalized, cache.areOfBatch ? sums : nil, cache.moments, parameters["weight"],
      normalization.epsilon, pass.threads)
  }

  /// momentum·(running − batch's), which the update takes off the running mean and variance.
  private func addDrift(from batch: Moments, of n: Int, to gradient: inout Parameters) {
    let momentum = normalization.momentum
    gradient["running_mean"].add(momentum, times: parameters["running_mean"])
    gradient["running_mean"].add(-momentum, times: batch.mean)
    guard n > 1 else { return }
    let unbiased = Float(n) / Float(n - 1)
    gradient["running_var"].add(momentum, times: parameters["running_var"])
    gradient["running_var"].add(-momentum * unbiased, times: batch.variance)
  }
}
