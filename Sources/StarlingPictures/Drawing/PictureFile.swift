public import Foundation
import Starling

extension Drawing {
  /// Writes the drawing to a file, as SVG or PNG, whichever the file's name ends in.
  ///
  /// The file is written beside its place and then moved there, so that a reader finds the old
  /// picture or the new one and never half of one.
  ///
  /// - Parameters:
  ///   - file: Where to write; its name ends in `.svg` or `.png`.
  ///   - scale: The pixels to a point of a PNG; SVG has no pixels.
  /// - Throws: ``PictureError`` that names the file, when its name ends otherwise or its folder does
  ///   not take it.
  public func write(to file: URL, scale: Double = 2) throws(PictureError) {
    let data: Data
    switch file.pathExtension.lowercased() {
    case "png": data = Data(try bitmap(scale: scale).png())
    case "svg": data = Data(try svg().utf8)
    default:
      throw PictureError(
        "\(file.path): a picture's name ends in .png or .svg; give it one of these endings")
    }
    do throws(FileError) {
      try AtomicFile.write(data, to: file.path)
    } catch {
      throw PictureError(error.description)
    }
  }
}
