import Foundation
public import Starling

/// An image, what a network took it for, and what it is.
public struct PredictedImage: Sendable {
  /// The image: `[1, height, width]` or `[3, height, width]`, numbers from 0 to 1.
  public var image: Tensor
  /// The name of the class that the network chose.
  public var predicted: String
  /// The network's score for that class, 0 to 1.
  public var confidence: Float
  /// The name of the class that the image belongs to.
  public var actual: String

  /// An image with what a network took it for and what it is.
  public init(image: Tensor, predicted: String, confidence: Float, actual: String) {
    self.image = image
    self.predicted = predicted
    self.confidence = confidence
    self.actual = actual
  }

  /// Whether the network was wrong.
  public var isMistake: Bool { predicted != actual }

  /// What the deck writes below a digit: `Prediction: 0, Confidence: 99.9%`.
  public var caption: String {
    "Prediction: \(predicted), Confidence: \(percent(confidence))"
  }

  /// What a mistake is told: `it is a 1`, `it is an 8`.
  public var correction: String {
    "it is \(indefiniteArticle(for: actual)) \(actual)"
  }
}

extension Drawing {
  /// A page of images with the network's predictions below them, mistakes first.
  ///
  /// - Parameters:
  ///   - predictions: The images and their predictions.
  ///   - columns: How many stand side by side.
  ///   - title: The picture's title.
  ///   - subtitle: The line below it; by default how many images there are and how many are misread.
  /// - Returns: The page.
  /// - Throws: ``PictureError`` when there is no image, no column, or an image is neither grey nor RGB.
  public static func predictionPage(
    _ predictions: [PredictedImage], columns: Int = 4, title: String = "Predictions",
    subtitle: String? = nil
  ) throws(PictureError) -> Drawing {
    guard !predictions.isEmpty, columns > 0 else {
      throw PictureError(
        "\(title): expected images and at least one column, got \(counted(predictions.count, "image"))"
          + " in \(counted(columns, "column")); give it both")
    }
    let mistakes = predictions.filter(\.isMistake)
    let sorted = mistakes + predictions.filter { !$0.isMistake }

    let side = 168.0
    let widest = sorted.map { StrokeFont.width(of: $0.caption, size: Style.smallSize) }.max() ?? 0
    let pitch = max(side, widest) + 32
    let rows = stride(from: 0, to: sorted.count, by: columns).map {
      sorted[$0..<min($0 + columns, sorted.count)]
    }
    // Only rows with a mistake need room for its correction.
    let rowHeights = rows.map { side + ($0.contains(where: \.isMistake) ? 72 : 56) }

    var drawing = Drawing(
      heading: title, subtitle: subtitle ?? summary(mistakes.count, of: sorted.count),
      width: Style.margin * 2 + Double(min(columns, sorted.count)) * pitch - 32,
      height: Style.contentTop + rowHeights.reduce(0, +))
    var top = Style.contentTop
    for (row, height) in zip(rows, rowHeights) {
      for (column, prediction) in row.enumerated() {
        let corner = Point(Style.margin + Double(column) * pitch, top)
        try drawing.tile(prediction, at: corner, side: side)
      }
      top += height
    }
    return drawing
  }

  private static func summary(_ mistakes: Int, of count: Int) -> String {
    switch mistakes {
    case 0: "\(counted(count, "image")), none misread"
    case count: "\(counted(count, "image")), all misread"
    default: "\(counted(count, "image")), \(mistakes) of them misread, shown first"
    }
  }

  private mutating func tile(
    _ prediction: PredictedImage, at corner: Point, side: Double
  ) throws(PictureError) {
    let box = Box(x: corner.x, y: corner.y, width: side, height: side)
    let picture = box.fitting(prediction.image.shape)
    try image(prediction.image, in: picture)
    write(
      prediction.caption, at: Point(corner.x, corner.y + side + 20), color: Style.ink)
    if prediction.isMistake {
      frame(picture, color: Style.mistake, width: 3)
      write(
        prediction.correction, at: Point(corner.x, corner.y + side + 37), color: Style.mistake,
        weight: .semibold)
    }
  }
}

extension Box {
  /// The largest box of an image's proportions in this one, at its top left.
  func fitting(_ shape: Shape) -> Box {
    guard shape.rank == 3, shape.isUsable else { return self }
    let (tall, wide) = (Double(shape[1]), Double(shape[2]))
    let scale = min(width / wide, height / tall)
    return Box(x: x, y: y, width: wide * scale, height: tall * scale)
  }
}

/// A score as a percentage with one decimal, a tie rounded to the even digit.
///
/// `100.0%` stands for exactly 1 and nothing less: what rounds up to it is written `99.9%`, since a
/// network that is nearly sure is not sure.
package func percent(_ score: Float) -> String {
  guard score.isFinite else { return nonFiniteName(Double(score)) }
  let tenths = (Double(score) * 1000).rounded(.toNearestOrEven)
  let shown = score < 1 ? min(tenths, 999) : tenths
  return String(format: "%.1f%%", shown / 10 + 0)
}

/// The article of a name, as far as spelling tells.
///
/// `an` stands before names that begin with a vowel and before the numbers 8, 11, 18 and 80 to 89.
private func indefiniteArticle(for name: String) -> String {
  let lowercased = name.lowercased()
  let isVowel = lowercased.first.map { "aeiou8".contains($0) } ?? false
  return isVowel || ["11", "18"].contains(lowercased) ? "an" : "a"
}
