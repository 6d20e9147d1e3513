import Foundation
import Starling
import StarlingData
import Testing

/// A folder of its own for one test, gone with it.
final class TemporaryFolder: Sendable {
  let url = FileManager.default.temporaryDirectory
    .appendingPathComponent("starling-test-\(UUID().uuidString)", isDirectory: true)

  init() throws {
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(at: url)
  }

  @discardableResult
  func write(_ bytes: [UInt8], to name: String) throws -> URL {
    let file = url.appendingPathComponent(name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
    return file
  }

  /// The names of all that lies in a folder within.
  func contents(of path: String = "") throws -> [String] {
    try FileManager.default.contentsOfDirectory(
      atPath: path.isEmpty ? url.path : url.appendingPathComponent(path).path
    ).sorted()
  }

  /// Writes a small data set in MNIST's four files; its images are filled with their labels.
  func writeMNIST(
    to folder: String, trainLabels: [UInt8] = Array(0...9), testLabels: [UInt8] = Array(0...9),
    side: Int = 28, gzipped: Bool = true
  ) throws {
    try FileManager.default.createDirectory(
      at: url.appendingPathComponent(folder), withIntermediateDirectories: true)
    let suffix = gzipped ? ".gz" : ""
    for (half, labels) in [("train", trainLabels), ("t10k", testLabels)] {
      let pixels = labels.flatMap { [UInt8](repeating: $0, count: side * side) }
      try IDX(lengths: [labels.count, side, side], bytes: pixels).write(
        to: url.appendingPathComponent("\(folder)/\(half)-images-idx3-ubyte\(suffix)"),
        gzipped: gzipped)
      try IDX(lengths: [labels.count], bytes: labels).write(
        to: url.appendingPathComponent("\(folder)/\(half)-labels-idx1-ubyte\(suffix)"),
        gzipped: gzipped)
    }
  }
}

/// The real MNIST, where it lies on this machine: the condition of all tests that need it.
///
/// It is as absent where `STARLING_DATA` names a folder without it as where the cache lacks it.
let realMNIST: IDXFolder? = try? MNIST.locate()

/// What a test says when it is skipped for want of MNIST.
let needsMNIST: Comment = "MNIST is needed: set STARLING_DATA to a folder with mnist/ in it"

/// Checks that a body throws an error of one line that holds each of the given parts.
func expectError<E: StarlingError>(
  _ type: E.Type, holding parts: String..., sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws -> Void
) {
  let error = #expect(throws: type, sourceLocation: sourceLocation, performing: body)
  expect(error, holds: parts, sourceLocation: sourceLocation)
}

func expect(
  _ error: (any StarlingError)?, holds parts: [String],
  sourceLocation: SourceLocation = #_sourceLocation
) {
  guard let text = error?.description else { return }
  #expect(!text.contains("\n"), sourceLocation: sourceLocation)
  for part in parts {
    #expect(text.contains(part), "\(text)", sourceLocation: sourceLocation)
  }
}
