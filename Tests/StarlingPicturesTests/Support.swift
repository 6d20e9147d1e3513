import Foundation
import Starling
import StarlingPictures

extension Drawing {
  /// All lines of text, from back to front.
  var texts: [Text] {
    marks.compactMap { if case .text(let text) = $0 { text } else { nil } }
  }

  /// What all lines of text say.
  var strings: [String] { texts.map(\.string) }

  /// All bitmaps with their places.
  var images: [(bitmap: Bitmap, box: Box)] {
    marks.compactMap { if case .image(let bitmap, let box) = $0 { (bitmap, box) } else { nil } }
  }

  /// All lines with their colours.
  var polylines: [(points: [Point], color: RGB)] {
    marks.compactMap {
      if case .polyline(let points, let color, _) = $0 { (points, color) } else { nil }
    }
  }

  /// The lines of one text.
  func text(_ string: String) -> Text? { texts.first { $0.string == string } }
}

/// An image of one grey.
func plainImage(_ value: Float = 0.5, side: Int = 4) -> Tensor {
  Tensor([1, side, side], filledWith: value)
}

/// A new folder, removed when the work in it is done.
func withTemporaryFolder(_ work: (URL) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("starling-pictures-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try work(folder)
}
