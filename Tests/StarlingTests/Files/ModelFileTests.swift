import Foundation
import Starling
import Testing

@Suite("Model files")
struct ModelFileTests {
  @Test("Every layer comes back, with names, preprocessing and notes")
  func roundTrip() throws {
    try withTemporaryFolder { folder in
      var network = try Network(input: [2, 7, 6], seed: 1) {
        Convolution(depth: 3, kernelSize: 2, bias: .perPosition)
        ReLU()
        Convolution(depth: 2, kernelHeight: 1, kernelWidth: 3, bias: .none)
        Tanh()
        BatchNormalization(momentum: 0.3, epsilon: 1e-4)
        Convolution(depth: 2, kernelSize: 3, stride: 2, padding: 3)
        AveragePooling(size: 2, stride: 1)
        MaxPooling(size: 3, stride: 1)
        Sigmoid()
        Reshape([2, 2])
        Flatten()
        Dropout(rate: 0.3)
        Dense(3)
        Softmax()
      }
      // So that its running mean and variance are others than at the start.
      var trainer = Trainer(loss: CategoricalCrossEntropy(), optimizer: SGD(learningRate: 0.1))
      try trainer.step(
        &network, images: .random([4, 2, 7, 6], seed: 1), targets: .oneHot(4, 3, seed: 1))
      network.classNames = ["zero", "\"one\"", "zwei\n⋆"]
      network.preprocessing = .mnist
      let notes = ["epochs": "20", "format of the data": "IDX", "empty": ""]
      let path = folder + "/model.safetensors"
      try ModelFile(network, notes: notes).write(to: path)
      let back = try ModelFile(contentsOf: path)
      #expect(back.network == network)
      #expect(back.network.bits == network.bits)
      #expect(back.network.recipes.map(\.name) == network.recipes.map(\.name))
      #expect(back.network.parameters.map(\.kinds) == network.parameters.map(\.kinds))
      #expect(back.network.classNames == network.classNames)
      #expect(back.network.preprocessing == .mnist)
      #expect(back.notes == notes)

      // The same network makes the same file.
      let again = folder + "/again.safetensors"
      try ModelFile(back.network, notes: back.notes).write(to: again)
      #expect(try bytes(of: path) == bytes(of: again))

      try network.save(to: path)
      #expect(try Network(contentsOf: path) == network)
      #expect(try ModelFile(contentsOf: path).notes == [:])
      let images = Tensor.random([2, 2, 7, 6], seed: 1)
      #expect(try Network(contentsOf: path)(images).bits == network(images).bits)
    }
  }

  @Test("Tensors bear the names that PyTorch's Sequential gives them")
  func names() throws {
    try withTemporaryFolder { folder in
      let network = try Network.small()
      #expect(
        network.namedParameters.map(\.name) == ["0.weight", "0.bias", "3.weight", "3.bias"])
      try network.save(to: folder + "/model")
      let file = try SafeTensors(contentsOf: folder + "/model")
      #expect(file.metadata["format"] == "starling")
      #expect(Set(file.entries.map(\.name)) == ["0.weight", "0.bias", "3.weight", "3.bias"])
      #expect(try file.tensor(named: "3.bias") == network.parameters[3]["bias"])
    }
  }

  @Test("A layer of one's own comes back when its type is given")
  func ownLayer() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/model"
      let network = try Network(input: [4], seed: 1) {
        Dense(3)
        Doubling(times: 2)
      }
      try network.save(to: path)
      #expect(try ModelFile(contentsOf: path, recipes: [Doubling.self]).network == network)
      let error = #expect(throws: FileError.self) { try ModelFile(contentsOf: path) }
      #expect(
        error?.description
          == "\(path): there is no layer type \"Doubling\"; "
          + "if it is your own, pass it: ModelFile(contentsOf:recipes:)")
    }
  }

  @Test("A file may not call a file's own keys its notes")
  func reservedNotes() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/model"
      for key in ["format", "starling.network"] {
        let error = #expect(throws: FileError.self) {
          try ModelFile(.small(), notes: [key: "mine"]).write(to: path)
        }
        #expect(
          error?.description
            == "\(path): the note \"\(key)\" has the name of something else in the file; "
            + "give it another name")
        #expect(!FileManager.default.fileExists(atPath: path))
      }
    }
  }

  @Test("What cannot be read back is not written")
  func unreadable() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/model"
      var network = try Network.small()
      network.classNames = ["a", "b"]
      var error = #expect(throws: FileError.self) { try network.save(to: path) }
      #expect(
        error?.description
          == "\(path): expected 3 class names, got 2; give one name for each output")

      network = try Network.small()
      network.preprocessing = Preprocessing(
        scale: .nan, placement: .wholePicture, isLightOnDark: false)
      error = #expect(throws: FileError.self) { try network.save(to: path) }
      #expect(error?.description.hasPrefix("\(path): the architecture cannot be written: ") == true)
      #expect(error?.description.contains("\n") == false)

      network = try Network(
        input: [1], recipes: [Dense(1)],
        parameters: [
          Parameters(["weight": Tensor([1, 1], filledWith: .nan), "bias": Tensor(zeros: [1])])
        ])
      error = #expect(throws: FileError.self) { try network.save(to: path) }
      #expect(
        error?.description
          == "\(path): tensor \"0.weight\" has infinite numbers or NaN; "
          + "save the network as it was before they came")
      #expect(!FileManager.default.fileExists(atPath: path))
    }
  }

  @Test("Bare tensors start a network, and those that do not fit leave it as it was")
  func bareTensors() throws {
    let donor = try Network.small(seed: 1)
    var network = try Network.small(seed: 2)
    var file = SafeTensors()
    for (name, tensor) in donor.namedParameters { try file.add(name, tensor) }
    try network.setParameters(from: file)
    #expect(network == donor)

    let before = try Network.small(seed: 2)
    network = before
    var incomplete = SafeTensors()
    for (name, tensor) in donor.namedParameters.dropLast() { try incomplete.add(name, tensor) }
    var error = #expect(throws: FileError.self) { try network.setParameters(from: incomplete) }
    #expect(
      error?.description
        == "new safetensors file: there is no tensor \"3.bias\", which layer 3 (Dense) needs; "
        + "name tensors by layer position, as PyTorch's Sequential does")
    try file.add("9.weight", Tensor(zeros: [1]))
    error = #expect(throws: FileError.self) { try network.setParameters(from: file) }
    #expect(
      error?.description
        == "new safetensors file: tensor \"9.weight\" belongs to no layer; "
        + "the network's tensors are 0.weight, 0.bias, 3.weight, 3.bias")
    #expect(network == before)
  }

  @Test("A convolution of a file from before there was stride and padding has neither")
  func olderConvolution() throws {
    let options = #"{"bias":"none","depth":4,"kernelHeight":3,"kernelWidth":2}"#
    #expect(
      try JSONDecoder().decode(Convolution.self, from: Data(options.utf8))
        == Convolution(depth: 4, kernelHeight: 3, kernelWidth: 2, bias: .none))
  }

  @Test("PyTorch's count of batches is passed over, for a batch normalization alone")
  func batchesTracked() throws {
    let donor = try Network(input: [3], seed: 1, recipes: [BatchNormalization(), Dense(2)])
    var network = try Network(input: [3], seed: 2, recipes: donor.recipes)
    for (name, isKnown) in [
      ("0.num_batches_tracked", true), ("1.num_batches_tracked", false),
      ("0.num_batches", false), ("num_batches_tracked", false),
    ] {
      var file = SafeTensors()
      for (name, tensor) in donor.namedParameters { try file.add(name, tensor) }
      let count = #""\#(name)":{"dtype":"I64","shape":[],"data_offsets":[0,8]},"#
      let tracked = try SafeTensors(decoding: file.encoded(with: count), name: "file")
      if isKnown {
        try network.setParameters(from: tracked)
        #expect(network == donor)
      } else {
        let error = #expect(throws: FileError.self) { try network.setParameters(from: tracked) }
        #expect(error?.description.contains("\"\(name)\" belongs to no layer") == true)
      }
    }
  }

  private func bytes(of path: String) throws -> Data {
    try Data(contentsOf: URL(filePath: path))
  }
}

/// An activation of a user's own, with a setting.
private struct Doubling: ElementwiseFunction {
  var times: Int

  func value(_ x: Float) -> Float { x * Float(1 << times) }
  func slope(atValue y: Float) -> Float { Float(1 << times) }
}

extension SafeTensors {
  /// The file's bytes with a tensor of 8 bytes put before all others, which lie by name.
  fileprivate func encoded(with entry: String) throws -> [UInt8] {
    let length = entries.reduce(0) { $0 + $1.data.count }
    let body = encoded().suffix(length)
    var header = "{" + entry
    var offset = 8
    header += entries.sorted { $0.name < $1.name }.map { tensor in
      defer { offset += tensor.data.count }
      return #""\#(tensor.name)":{"dtype":"F32","shape":\#(tensor.shape),"#
        + #""data_offsets":[\#(offset),\#(offset + tensor.data.count)]}"#
    }.joined(separator: ",")
    header += "}"
    let size = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) }
    return size + Array(header.utf8) + [UInt8](repeating: 7, count: 8) + body
  }
}
