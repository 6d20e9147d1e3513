import Foundation
import Starling
import StarlingPictures

/// The pictures of a run: what it learned, how fast, and what it makes of digits it never saw.
struct RunPictures {
  let folder: RunFolder
  let network: Network
  let history: [HistoryEntry]
  let test: Dataset
  let evaluation: Evaluation
  let threads: Threads

  /// Draws them all into the run's folder, and says where.
  func draw() throws -> [URL] {
    var drawings: [(name: String, drawing: Drawing)] = []
    if !history.isEmpty {
      let curve = try Drawing.errorCurve(
        training: history.map(\.error), test: history.map(\.testError))
      drawings += [("error-curve.png", curve), ("error-curve.svg", curve)]
    }
    drawings.append(("predictions.png", try predictions()))
    if let position = network.layers.firstIndex(where: { $0.recipe is Convolution }) {
      let kernels = network.layers[position].parameters["weight"]
      drawings.append(("kernels.png", try Drawing.kernelGrid(kernels: kernels)))
      drawings.append(("feature-maps.png", try featureMaps(of: position, kernels)))
    }
    let files = drawings.map { (file: folder.file($0.name), drawing: $0.drawing) }
    try PictureWriter(files).write(threads: threads)
    return files.map(\.file)
  }

  /// Up to 24 test images, every mistake that fits among them, the rest taken evenly from the set.
  private func predictions() throws -> Drawing {
    let positions = test.labels.indices
    let mistakes = positions.filter {
      evaluation.predictions.classIndex(at: $0) != test.labels[$0]
    }
    let room = max(8, 24 - mistakes.count)
    let others = stride(from: 0, to: test.count, by: max(1, test.count / room)).prefix(room)
    let shown = mistakes.prefix(24 - min(room, 24)) + others.filter { !mistakes.contains($0) }
    return try Drawing.predictionPage(
      shown.map { position in
        let prediction = evaluation.predictions[position]
        return PredictedImage(
          image: test[position].image, predicted: prediction.label,
          confidence: prediction.confidence,
          actual: test.classNames[test.labels[position]])
      },
      subtitle: "\(grouped(evaluation.images)) test images, "
        + "\(grouped(evaluation.images - evaluation.correct)) misread")
  }

  /// What the first convolution makes of the first test image, behind its activation if it has one.
  private func featureMaps(of position: Int, _ kernels: Tensor) throws -> Drawing {
    let image = test[0].image
    let activations = try network.activations(image.reshaped(image.shape.batched(1)))
    let next = position + 1
    let isSigmoid = next < network.layers.count && network.layers[next].recipe is Sigmoid
    let maps = activations[isSigmoid ? next : position]
    return try Drawing.featureMaps(
      image: image, maps: maps.reshaped(maps.shape.withoutBatch), kernels: kernels,
      areSigned: !isSigmoid)
  }
}

/// Writes drawings on several threads, each of which takes the next that is left.
private final class PictureWriter: @unchecked Sendable {
  private let lock = NSLock()
  private var waiting: [(file: URL, drawing: Drawing)]
  private var failure: (any Error)?

  init(_ drawings: [(file: URL, drawing: Drawing)]) {
    // The largest is taken first, so that no thread is left with it at the end.
    waiting = drawings.sorted {
      $0.drawing.width * $0.drawing.height < $1.drawing.width * $1.drawing.height
    }
  }

  /// Writes them all, or says what went wrong first.
  func write(threads: Threads) throws {
    DispatchQueue.concurrentPerform(iterations: min(threads.count, waiting.count)) { _ in
      while let next = lock.withLock({ waiting.popLast() }) {
        do {
          try next.drawing.write(to: next.file)
        } catch {
          lock.withLock { failure = failure ?? error }
        }
      }
    }
    if let failure { throw failure }
  }
}
