import Starling
import StarlingPictures
import Testing

@Suite("Terminal")
struct TerminalTests {
  @Test("a terminal's variables tell what it can show")
  func capability() {
    func detected(_ environment: [String: String], isTerminal: Bool = true) -> TerminalCapability? {
      TerminalCapability.detected(environment: environment, isTerminal: isTerminal)
    }
    #expect(detected(["TERM": "xterm-256color", "COLORTERM": "truecolor"]) == .trueColor)
    #expect(detected(["TERM": "xterm-direct"]) == .trueColor)
    #expect(detected(["TERM": "xterm-256color"]) == .palette)
    #expect(detected(["TERM": "vt100"]) == .plain)
    #expect(detected(["TERM": "xterm-256color", "NO_COLOR": "1"]) == .plain)
    #expect(detected(["TERM": "xterm-256color", "NO_COLOR": ""]) == .palette)
    #expect(detected(["TERM": "dumb"]) == nil)
    #expect(detected([:]) == nil)
    #expect(detected(["TERM": "xterm-256color"], isTerminal: false) == nil)
    #expect(detected(["TERM": "xterm", "LANG": "de_DE.ISO-8859-1"]) == nil)
    #expect(detected(["TERM": "xterm", "LANG": "C", "LC_ALL": "C.utf8"]) == .plain)
  }

  @Test("with colour, a character is two pixels, and a change of colour one sequence")
  func halfBlocks() throws {
    let image = try Tensor([1, 2, 2], elements: [0, 0, 1, 1])
    #expect(
      try TerminalPreview.images([image], capability: .trueColor)
        == "\u{1B}[38;2;0;0;0;48;2;255;255;255m▀▀\u{1B}[0m\n")
    #expect(
      try TerminalPreview.images([image], capability: .palette)
        == "\u{1B}[38;5;16;48;5;231m▀▀\u{1B}[0m\n")
    let odd = try Tensor([1, 1, 1], elements: [1])
    #expect(
      try TerminalPreview.images([odd], capability: .trueColor)
        == "\u{1B}[38;2;255;255;255m▀\u{1B}[0m\n")
  }

  @Test("without colour, a character is eight dots, and no escape is written")
  func dots() throws {
    // ⡑: above and below on the left, the second from above on the right.
    let image = try Tensor([1, 4, 2], elements: [1, 0, 0, 1, 0, 0, 1, 0])
    #expect(try TerminalPreview.images([image], capability: .plain) == "⡑\n")
    #expect(try TerminalPreview.images([image, image], capability: .plain) == "⡑  ⡑\n")
  }

  @Test("captions stand below their images, cut to their width; rows wrap at the terminal's edge")
  func captions() throws {
    let image = plainImage(1, side: 8)
    let lines = try TerminalPreview.images(
      [image, image, image], captions: ["0", "12345", "1"], columns: 10, capability: .plain
    )
    .split(separator: "\n")
    #expect(lines == ["⣿⣿⣿⣿  ⣿⣿⣿⣿", "⣿⣿⣿⣿  ⣿⣿⣿⣿", "0     123…", "⣿⣿⣿⣿", "⣿⣿⣿⣿", "1"])
  }

  @Test("large images are drawn smaller, none is nothing, and missing captions are an error")
  func sizes() throws {
    let large = try TerminalPreview.images([plainImage(1, side: 224)], capability: .plain)
    #expect(large.split(separator: "\n").map(\.count) == [Int](repeating: 14, count: 7))
    #expect(try TerminalPreview.images([], capability: .plain).isEmpty)
    #expect(throws: PictureError.self) {
      try TerminalPreview.images([plainImage()], captions: ["a", "b"], capability: .plain)
    }
  }

  @Test("a palette's colour is the nearest")
  func palette() {
    #expect(RGB(0).paletteIndex == 16)
    #expect(RGB(0xFFFFFF).paletteIndex == 231)
    #expect(RGB(0x080808).paletteIndex == 232)
    #expect(RGB(0x808080).paletteIndex == 244)
    #expect(RGB(0xEEEEEE).paletteIndex == 255)
    #expect(RGB(0xFF0000).paletteIndex == 196)
    #expect(RGB(0x5F87AF).paletteIndex == 67)
  }

  @Test("a curve falls from the upper left to the lower right, named where it ends")
  func curve() throws {
    let text = try TerminalPreview.errorCurve(
      training: [0.4, 0.3, 0.2, 0.1, 0], columns: 40, rows: 4, capability: .plain)
    let lines = text.split(separator: "\n").map(String.init)
    #expect(lines.count == 6)
    #expect(lines.allSatisfy { $0.count <= 40 })
    #expect(lines[0].hasPrefix("0.4 │⠉") || lines[0].hasPrefix("0.4 │⠑"))
    #expect(lines[3].hasPrefix("  0 │ ") && lines[3].hasSuffix("training 0"))
    #expect(lines[5].hasPrefix("     1 ") && lines[5].hasSuffix("epoch 5"))
    #expect(!text.contains("\u{1B}"))
  }

  @Test("two lines that end together are named on lines of their own, in their colours")
  func twoCurves() throws {
    let text = try TerminalPreview.errorCurve(
      training: [0.4, 0.1], test: [0.5, 0.1], columns: 50, rows: 5, capability: .trueColor)
    let lines = text.split(separator: "\n")
    #expect(lines.filter { $0.contains("test 0.1") }.count == 1)
    #expect(lines.filter { $0.contains("training 0.1") }.count == 1)
    #expect(!lines.contains { $0.contains("test 0.1") && $0.contains("training 0.1") })
    #expect(text.contains("\u{1B}[38;2;"))
  }

  @Test("no number, one epoch and a narrow terminal do not trap")
  func edges() throws {
    for errors in [[.nan], [0.5], [.infinity, .leastNonzeroMagnitude], [0.5, .nan, 0.25]]
      as [[Double]]
    {
      #expect(
        try TerminalPreview.errorCurve(training: errors, columns: 40, rows: 3, capability: .plain)
          .split(separator: "\n").count == 5)
    }
    #expect(throws: PictureError.self) {
      try TerminalPreview.errorCurve(training: [0.5], columns: 20, capability: .plain)
    }
    #expect(throws: PictureError.self) {
      try TerminalPreview.errorCurve(training: [], capability: .plain)
    }
  }
}
