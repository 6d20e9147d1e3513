import Foundation

extension Drawing {
  /// The drawing as the text of an SVG file; its letters are the reader's system font.
  ///
  /// - Throws: ``PictureError`` when an image in it cannot be packed as PNG.
  public func svg() throws(PictureError) -> String {
    let size = "\(svgNumber(width)) \(svgNumber(height))"
    var lines = [
      #"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \#(size)" width="\#(svgNumber(width))" "#
        + #"height="\#(svgNumber(height))" role="img" "#
        + #"font-family="system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif">"#,
      "<title>\(escaped(title))</title>",
      #"<rect width="100%" height="100%" fill="\#(background.hexadecimal)"/>"#,
    ]
    for mark in marks { lines.append(try svg(mark)) }
    lines.append("</svg>\n")
    return lines.joined(separator: "\n")
  }

  private func svg(_ mark: Mark) throws(PictureError) -> String {
    switch mark {
    case .rectangle(let box, let fill):
      return #"<rect \#(attributes(box)) fill="\#(fill.hexadecimal)"/>"#
    case .polyline(let points, let color, let width):
      let path = points.map { "\(svgNumber($0.x)),\(svgNumber($0.y))" }.joined(separator: " ")
      return #"<polyline points="\#(path)" fill="none" stroke="\#(color.hexadecimal)" "#
        + #"stroke-width="\#(svgNumber(width))" stroke-linecap="round" stroke-linejoin="round"/>"#
    case .circle(let center, let radius, let fill):
      return #"<circle cx="\#(svgNumber(center.x))" cy="\#(svgNumber(center.y))" "#
        + #"r="\#(svgNumber(radius))" fill="\#(fill.hexadecimal)"/>"#
    case .text(let text):
      return #"<text x="\#(svgNumber(text.position.x))" y="\#(svgNumber(text.position.y))" "#
        + #"font-size="\#(svgNumber(text.size))" fill="\#(text.color.hexadecimal)""#
        + (text.anchor == .start ? "" : #" text-anchor="\#(text.anchor.rawValue)""#)
        + (text.weight == .regular ? "" : #" font-weight="600""#)
        + ">\(escaped(text.string))</text>"
    case .image(let image, let box):
      // Few viewers but browsers keep pixels sharp; enlarged, they have nothing left to blur.
      let sharp = image.enlarged(max(1, Int((2 * box.width / Double(image.width)).rounded(.up))))
      let data = Data(try sharp.png()).base64EncodedString()
      return #"<image \#(attributes(box)) preserveAspectRatio="none" "#
        + #"style="image-rendering:pixelated" href="data:image/png;base64,\#(data)"/>"#
    }
  }

  private func attributes(_ box: Box) -> String {
    #"x="\#(svgNumber(box.x))" y="\#(svgNumber(box.y))" width="\#(svgNumber(box.width))" "#
      + #"height="\#(svgNumber(box.height))""#
  }
}

extension Bitmap {
  /// The same picture with so many times the pixels in each direction.
  fileprivate func enlarged(_ factor: Int) -> Bitmap {
    guard factor > 1 else { return self }
    var large = Bitmap(width: width * factor, height: height * factor, color: RGB(0))
    for y in 0..<large.height {
      for x in 0..<large.width { large[x, y] = self[x / factor, y / factor] }
    }
    return large
  }
}

/// A length to a hundredth of a point, written as short as can be.
private func svgNumber(_ value: Double) -> String {
  let rounded = (value * 100).rounded() / 100 + 0
  return rounded == rounded.rounded() ? String(format: "%.0f", rounded) : "\(rounded)"
}

/// A text as XML may hold it: its five special characters escaped, control characters dropped.
private func escaped(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "'": result += "&#39;"
    case "\u{FFFE}", "\u{FFFF}": break
    case _ where scalar.value < 0x20 || scalar.value == 0x7F: break
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}
