import Foundation
import Starling
import StarlingPictures
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// What an XML parser finds in a document: its elements, and the text in those called `text`.
private final class Reading: NSObject, XMLParserDelegate {
  var elements: [(name: String, attributes: [String: String])] = []
  var texts: [String] = []
  private var text: String?

  init(_ document: String) throws {
    super.init()
    let parser = XMLParser(data: Data(document.utf8))
    parser.delegate = self
    try #require(parser.parse(), "not well-formed XML")
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String] = [:]
  ) {
    elements.append((name, attributes))
    text = name == "text" || name == "title" ? "" : nil
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) {
    text? += string
  }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    if let text { texts.append(text) }
    text = nil
  }
}

@Suite("SVG")
struct SVGTests {
  @Test("each mark is an element of a well-formed document, with its place and colour")
  func marks() throws {
    var drawing = Drawing(title: "sheet", width: 100, height: 50.5)
    drawing.add(.rectangle(Box(x: 1, y: 2.125, width: 3, height: 4), fill: RGB(0x2166AC)))
    drawing.add(.polyline([Point(0, 1), Point(2.5, -3)], color: RGB(0xB35806), width: 2))
    drawing.add(.circle(center: Point(5, 6), radius: 7, fill: RGB(0xF7F7F7)))
    drawing.add(
      .text(
        Text("a", at: Point(8, 9), size: 13, color: RGB(0), anchor: .end, weight: .semibold)))
    drawing.add(
      .image(
        Bitmap(width: 1, height: 1, color: RGB(0)), Box(x: 0, y: 0, width: 9, height: 9)))
    let found = try Reading(drawing.svg()).elements
    #expect(
      found.map(\.name)
        == ["svg", "title", "rect", "rect", "polyline", "circle", "text", "image"])
    #expect(found[0].attributes["viewBox"] == "0 0 100 50.5")
    #expect(found[2].attributes["fill"] == "#FFFFFF")
    #expect(
      found[3].attributes
        == ["x": "1", "y": "2.13", "width": "3", "height": "4", "fill": "#2166AC"])
    #expect(found[4].attributes["points"] == "0,1 2.5,-3")
    #expect(found[4].attributes["stroke"] == "#B35806")
    #expect(found[5].attributes["r"] == "7")
    #expect(found[6].attributes["text-anchor"] == "end")
    #expect(found[6].attributes["font-weight"] == "600")
    #expect(found[7].attributes["href"]?.hasPrefix("data:image/png;base64,iVBORw0KGgo") == true)
  }

  @Test("text is escaped, and control characters are dropped")
  func escaping() throws {
    let name = #"<b> & "quotes" 'n' > ünï→"#
    var drawing = Drawing(title: name, width: 10, height: 10)
    drawing.add(
      .text(Text(name + "\u{0}\u{1B}\u{FFFE}", at: Point(0, 0), size: 9, color: RGB(0))))
    #expect(try Reading(drawing.svg()).texts == [name, name])
  }

  @Test("every picture's SVG is well-formed")
  func pictures() throws {
    let kernels = Tensor([2, 1, 3, 3], filledWith: 0.5)
    let pictures: [Drawing] = try [
      .errorCurve(training: [0.5, .nan, 0.001], test: [0.5, nil, 0.2]),
      .predictionPage([
        PredictedImage(image: plainImage(), predicted: "<&>", confidence: 1, actual: "0")
      ]),
      .kernelGrid(kernels: kernels),
      .featureMaps(
        image: plainImage(), maps: Tensor([2, 2, 2], filledWith: 0.5), kernels: kernels),
      .contactSheet(images: [plainImage()], labels: ["0"]),
    ]
    for picture in pictures {
      let reading = try Reading(picture.svg())
      #expect(reading.texts == [picture.title] + picture.strings)
    }
  }
}
