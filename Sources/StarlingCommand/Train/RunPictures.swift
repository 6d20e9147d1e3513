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

  /// Draws them all into the run's folder, and says where.
  func draw() throws -> [URL] {
    var files: [URL] = []
    func write(_ drawing: Drawing, _ name: String) throws {
      let file = folder.file(name)
      try drawing.write(to: file)
      files.append(file)
    }
    if !history.isEmpty {
      let curve = try Drawing.errorCurve(
        training: history.map(\.error), test: history.map(\.testError))
      try write(curve, "error-curve.png")
      try write(curve, "error-curve.svg")
    }
    try write(predictions(), "predictions.png")
    if let position = network.layers.firstIndex(where: { $0.recipe is Convolution }) {
      let kernels = network.layers[position].parameters["weight"]
      try write(Drawing.kernelGrid(kernels: kernels), "kernels.png")
      try write(featureMaps(of: position, kernels), "feature-maps.png")
    }
    return files
  }

  /// Up to 24 test images, every mistake that fits among them, the rest taken evenly from the set.
  private func predictions() throws -> Drawing {
    let positions = test.labels.indices
    let mistakes = positions.filter { evaluation.predictions[$0].classIndex != test.labels[$0] }
    let room = max(8, 24 - mistakes.count)
    let others = stride(from: 0, to: test.count, by: max(1, test.count / room)).prefix(room)
    let shown = mistakes.prefix(24 - min(room, 24)) + others.filter { !mistakes.contains($0) }
    return try Drawing.predictionPage(
      shown.map { position in
        PredictedImage(
          image: test[position].image, predicted: evaluation.predictions[position].label,
          confidence: evaluation.predictions[position].confidence,
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
