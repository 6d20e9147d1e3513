import Foundation
import Starling

/// A run whose steps are so long that it gets worse instead of better.
///
/// The numbers of the deck's network need not become infinite for that: its sigmoids hold them, and no gradient
/// comes through them any more.
struct Divergence: StarlingError {
  /// The layer whose outputs no gradient comes back to: `layer 5 (Dense)`.
  let place: String
  let epoch: Int
  let error: Double
  /// The largest of those outputs, without its sign.
  let largest: Float

  /// What both outputs cost who always answers ½.
  private static let errorOfGuessing = log(2.0)
  /// An error of so many times that of guessing is no bad luck.
  private static let mostGuesses = 10.0
  /// Behind a sigmoid, 1 − σ(z) is below half of the last digit of `Float` from here on.
  private static let flat: Float = 17
  /// How many images are looked at to find the layer.
  private static let imagesLookedAt = 16

  /// What has gone wrong in an epoch, if it has.
  init?(after report: EpochReport, _ network: Network, on images: Dataset) throws {
    guard report.error > Self.mostGuesses * Self.errorOfGuessing else { return nil }
    let looked = images.images(0..<min(Self.imagesLookedAt, images.count))
    let outputs = try network.activations(looked, threads: DeckNetwork.threads)
    let largest = outputs.map { $0.elements.map(abs).max() ?? 0 }
    let beforeSigmoids = network.recipes.indices.dropFirst()
      .filter { network.recipes[$0] is Sigmoid }.map { $0 - 1 }
    let position =
      beforeSigmoids.first { largest[$0] > Self.flat } ?? beforeSigmoids.last ?? 0
    place = network.place(ofLayer: position)
    epoch = report.epoch
    error = report.error
    self.largest = largest[position]
  }

  var description: String {
    let guesses = rounded(error / Self.errorOfGuessing)
    return "\(place): in epoch \(epoch) the error rose to \(rounded(error)), \(guesses) times "
      + "that of guessing, and this layer's outputs to \(rounded(Double(largest))), where the sigmoid behind it "
      + "is flat; begin again with a smaller learning rate"
  }

  /// A number without its fraction, however large it is.
  private func rounded(_ number: Double) -> String { String(format: "%.0f", number) }
}

/// A run in which a number became infinite or NaN.
///
/// The trainer's own error bids to train on from the epoch before; a run of the lab ends here.
struct Overflow: StarlingError {
  /// The first layer to produce one.
  let place: String
  let epoch: Int

  var description: String {
    "\(place): a number became infinite or NaN in epoch \(epoch); begin again with a smaller learning rate"
  }

  /// Does something that trains, and throws this where the trainer would throw its own.
  static func inPlaceOfTrainingError<Value>(_ train: () throws -> Value) throws -> Value {
    do {
      return try train()
    } catch TrainingError.nonFinite(let place, let epoch) {
      throw Overflow(place: place, epoch: epoch)
    }
  }
}
