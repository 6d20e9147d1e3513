/// A line of this room's source, so that a trace can say which line does what it shows.
///
/// The tests look every one of them up in the file: a line that has moved or changed fails them.
public struct SourceLine: Hashable, Codable, Sendable {
  /// The name of the file.
  public let file: String
  /// The number of the line, from 1.
  public let number: Int
  /// The line's code, without its indentation and its remark.
  public let code: String
}

extension SourceLine: CustomStringConvertible {
  /// File and number, such as `CrossCorrelation.swift:21`.
  public var description: String { "\(file):\(number)" }
}

extension SourceLine: CaseIterable {
  /// The output starts with the bias.
  public static let bias = layer(30, "var Y = B")
  /// Y_j is the sum of X_i ⋆ K_ji over the input channels.
  public static let forward = layer(33, "Y[j] += X[i] ⋆ K[j, i]")
  /// dE/dK_ji = X_i ⋆ dE/dY_j.
  public static let kernelGradient = layer(47, "dK[j, i] = X[i] ⋆ dY[j]")
  /// dE/dX_i is the sum of dE/dY_j ∗ K_ji over the outputs.
  public static let inputGradient = layer(48, "dX[i] += dY[j] ∗ K[j, i]")
  /// dE/dB_j is dE/dY_j, or its sum.
  public static let biasGradient = layer(
    53, "let dB = bias == .perPosition ? dY : dY.sums")

  /// The product and the sum inside ⋆.
  public static let crossCorrelation = SourceLine(
    file: "CrossCorrelation.swift", number: 22, code: "Y[r, c] += X[r + u, c + v] * K[u, v]")
  /// The rotation inside ∗.
  public static let convolution = SourceLine(
    file: "CrossCorrelation.swift", number: 35,
    code: "Y.padded(for: K) ⋆ K.rotated180")
  /// The product and the sum of scattering.
  public static let scattering = SourceLine(
    file: "InputGradient.swift", number: 17, code: "dX[r + u, c + v] += dY[r, c] * K[u, v]")

  /// Every line that a trace may name.
  public static let allCases: [SourceLine] = [
    bias, forward, kernelGradient, inputGradient, biasGradient, crossCorrelation, convolution,
    scattering,
  ]

  private static func layer(_ number: Int, _ code: String) -> SourceLine {
    SourceLine(file: "ConvolutionalLayer.swift", number: number, code: code)
  }
}
