import Foundation
import Testing

@Suite("starling train where a person is watching")
struct TerminalTests {
  @Test("A bar that fits the terminal and is taken away", arguments: [100, 40, 20])
  func bar(columns: Int) throws {
    let folder = try TemporaryFolder()
    let data = try folder.writeDigits(to: "data", perClass: isOptimized ? 100 : 4)
    let terminal = try Terminal(columns: columns)
    let run = try Running(
      ["train", "--data", data, "--epochs", "3", "--out", "run"], in: folder.url,
      standardError: terminal.child
    ).finish()
    #expect(run.status == 0)
    // Each drawing begins by taking away the one before.
    let drawings = terminal.readAll().components(separatedBy: "\r\u{1B}[K").filter { !$0.isEmpty }
    #expect(drawings.count >= 3)
    for drawing in drawings {
      #expect(drawing.hasPrefix("epoch ") && drawing.count < columns, "\(drawing)")
      #expect(drawing.contains("█") || drawing.contains("░") || columns < 50, "\(drawing)")
      #expect(drawing.contains(" images/s  ") && drawing.contains(" left") || columns < 40)
    }
    #expect(run.lines.count { $0.hasPrefix("epoch ") } == 3)
    #expect(!run.output.contains("\r"))
  }
}

/// A terminal of a given width, without a person.
private struct Terminal {
  /// The end that a program writes to.
  let child: FileHandle
  private let parent: FileHandle

  init(columns: Int) throws {
    var (descriptor, other): (CInt, CInt) = (-1, -1)
    var size = winsize(ws_row: 24, ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    try #require(openpty(&descriptor, &other, nil, nil, &size) == 0)
    parent = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    child = FileHandle(fileDescriptor: other, closeOnDealloc: true)
    // Nothing is to wait for a reader, and reading is not to wait for a writer.
    try #require(fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0)
  }

  /// What has been written so far.
  func readAll() -> String {
    var text: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while case let count = read(parent.fileDescriptor, &buffer, buffer.count), count > 0 {
      text += buffer[..<count]
    }
    return String(decoding: text, as: UTF8.self)
  }
}
