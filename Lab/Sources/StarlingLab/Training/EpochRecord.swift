import Starling

/// What one epoch came to, as the page shows it.
struct EpochRecord: Encodable, Sendable {
  /// The epoch's number, counted from 1.
  let epoch: Int
  /// The mean error over the training images, each taken when it was shown.
  let error: Double
  /// The share of them that were classified correctly when shown, from 0 to 1.
  let accuracy: Double
  /// The mean error over the test images after the epoch.
  let testError: Double
  /// The share of test images that were then classified correctly.
  let testAccuracy: Double
  /// How long it took, the test included and pauses not.
  let seconds: Double
  /// The kernels after the epoch, by kernel, channel, row and column.
  let kernels: [[[[Float]]]]

  init(
    _ report: EpochReport, _ evaluation: Evaluation, taking time: Duration, kernels: [[[[Float]]]]
  ) {
    epoch = report.epoch
    error = report.error
    accuracy = report.accuracy
    testError = evaluation.error
    testAccuracy = evaluation.accuracy
    seconds = time / .seconds(1)
    self.kernels = kernels
  }
}
