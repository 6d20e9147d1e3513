import Foundation
import Starling
import StarlingData
import StarlingPictures
import Testing

/// The folder of data sets that has MNIST in it, wherever it lies on this machine.
let dataWithMNIST: String? = {
  let files: IDXFolder? = try? MNIST.locate()
  return files == nil ? nil : DataLocation().folder.path
}()

/// What a test says when it is skipped for want of MNIST.
let needsMNIST: Comment = "MNIST is needed: set STARLING_DATA to a folder with mnist/ in it"

/// Whether the engine was compiled to be fast.
let isOptimized: Bool = {
  #if DEBUG
    false
  #else
    true
  #endif
}()

/// What a test says when it is skipped in a debug build.
let needsSpeed: Comment = "whole runs take minutes unless built with -c release"

extension TemporaryFolder {
  /// Writes built-in digits as MNIST's four files: so many zeros and ones to learn from, ten of each
  /// to test with.
  func writeDigits(to name: String, perClass: Int = 20, gzipped: Bool = false) throws -> String {
    let split = try BuiltInDigits.load(
      classes: [0, 1], trainPerClass: perClass, testPerClass: 10)
    try subfolder(name)
    for (half, images) in [("train", split.train), ("t10k", split.test)] {
      let suffix = gzipped ? ".gz" : ""
      try IDX(lengths: [images.count, 28, 28], bytes: images.pixels).write(
        to: file("\(name)/\(half)-images-idx3-ubyte\(suffix)"), gzipped: gzipped)
      try IDX(lengths: [images.count], bytes: images.labels.map { UInt8($0) }).write(
        to: file("\(name)/\(half)-labels-idx1-ubyte\(suffix)"), gzipped: gzipped)
    }
    return path(name)
  }

  /// Writes a model that has learned nothing, for zeros and ones.
  func writeModel(to name: String, side: Int = 28) throws -> String {
    var network = try Network(input: [1, side, side], seed: 1) {
      Convolution(depth: 5, kernelSize: 3, bias: .perPosition)
      Sigmoid()
      Flatten()
      Dense(100)
      Sigmoid()
      Dense(2)
      Sigmoid()
    }
    network.classNames = ["0", "1"]
    network.preprocessing = side == 28 ? .mnist : .bytes
    try network.save(to: path(name))
    return path(name)
  }

  /// Draws a picture: paper of one colour, and ink where `isInk` says so of a column and a row.
  func draw(
    _ name: String, width: Int = 200, height: Int = 200, paper: RGB = RGB(grey: 1),
    ink: RGB = RGB(grey: 0), isInk: (Double, Double) -> Bool
  ) throws -> String {
    var bitmap = Bitmap(width: width, height: height, color: paper)
    for y in 0..<height {
      for x in 0..<width where isInk(Double(x), Double(y)) { bitmap[x, y] = ink }
    }
    try write(bitmap.png(), to: name)
    return path(name)
  }
}
