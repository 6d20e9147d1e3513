import Foundation
import Starling
import Testing

/// Whatever a file holds, reading it gives a network or one line that names the file.
@Suite("Damaged and edited model files")
struct ModelFileDamageTests {
  private static let unedited = "use the file as `starling train` or Network.save wrote it"

  @Test("A file cut at any length")
  func cut() throws {
    try withModel { model in
      let whole = try model.file().encoded()
      let lengths =
        Array(0..<64) + Array(stride(from: 64, to: whole.count, by: 37)) + [whole.count - 1]
      for length in lengths {
        try model.write(Array(whole[..<length]))
        let error = #expect(throws: FileError.self, "\(length) bytes") { try model.read() }
        let message = error?.description ?? ""
        #expect(message.hasPrefix(model.path) && message.contains("; "), "\(length) bytes")
      }
      try model.write(whole)
      #expect(try model.read() == model.network)
    }
  }

  @Test("A safetensors file that is not Starling's")
  func foreign() throws {
    try withModel { model in
      var file = try model.file()
      file.metadata = ["format": "pt"]
      try model.expect(
        file,
        "the metadata has no “starling.network”, so this is not a model of Starling; "
          + "to start training from bare tensors, use `starling train --init`")
    }
  }

  @Test("Tensors that are missing, more, of another shape, or no numbers")
  func tensors() throws {
    try withModel { model in
      let tensors = model.network.namedParameters
      try model.expect(
        try model.file(tensors.filter { $0.name != "3.weight" }),
        "there is no tensor \"3.weight\", which layer 3 (Dense) needs; "
          + "name tensors by layer position, as PyTorch's Sequential does")
      try model.expect(
        try model.file(tensors + [("1.weight", Tensor(zeros: [2]))]),
        "tensor \"1.weight\" belongs to no layer; "
          + "the network's tensors are 0.weight, 0.bias, 3.weight, 3.bias")
      try model.expect(
        try model.file(
          tensors.map { ($0.name, $0.name == "3.bias" ? Tensor(zeros: [4]) : $0.tensor) }),
        "tensor \"3.bias\" of layer 3 (Dense): expected 3, got 4; "
          + "use a file that was made for this network")
      for poison in [Float.nan, .infinity, -.infinity] {
        let poisoned = tensors.map { name, tensor in
          (name, name == "0.bias" ? tensor.map { _ in poison } : tensor)
        }
        try model.expect(
          try model.file(poisoned),
          "tensor \"0.bias\" of layer 0 (Convolution) has infinite numbers or NaN; "
            + "use an earlier file of this network")
      }
    }
  }

  @Test("A variance below zero, in a file and elsewhere")
  func variance() throws {
    try withTemporaryFolder { folder in
      let network = try Network(input: [1, 4, 4], seed: 1) {
        Convolution(depth: 2, kernelSize: 3)
        BatchNormalization()
        Flatten()
        Dense(2)
      }
      let model = Model(network: network, path: folder + "/model.safetensors")
      let negative = try Tensor([2], elements: [1, -0.5])
      let tensors = network.namedParameters.map { name, tensor in
        (name, name == "1.running_var" ? negative : tensor)
      }
      try model.expect(
        try model.file(tensors),
        "tensor \"1.running_var\" of layer 1 (BatchNormalization): expected numbers of 0.0 or more, "
          + "got -0.5; use the file as it was saved")
      var parameters = network.parameters
      parameters[1]["running_var"] = negative
      let error = #expect(throws: ShapeError.self) {
        try Network(input: [1, 4, 4], recipes: network.recipes, parameters: parameters)
      }
      #expect(
        error?.description.hasSuffix(
          "running_var: expected numbers of 0.0 or more, got -0.5; "
            + "give numbers that the layer can have come to") == true,
        "\(String(describing: error))")
      // Without negative ones it is taken.
      try model.write(try model.file().encoded())
      #expect(try model.read() == network)
    }
  }

  @Test("An architecture with other sizes than its tensors")
  func sizes() throws {
    try withModel { model in
      for (old, new, problem) in [
        (
          "\"outputs\":3", "\"outputs\":4",
          "tensor \"3.weight\" of layer 3 (Dense): expected 4×24, got 3×24; "
            + "use a file that was made for this network"
        ),
        (
          "\"outputs\":3", "\"outputs\":-3",
          "the architecture does not fit together: layer 3 (Dense), outputs: expected 1 or more, "
            + "got -3; ask for at least one output; \(Self.unedited)"
        ),
        (
          "\"outputs\":3", "\"outputs\":\(Int.max)",
          "the architecture does not fit together: layer 3 (Dense), output: expected axes of 1 or "
            + "more and at most 2³¹ elements in all, got \(Int.max); make the layer smaller; "
            + "\(Self.unedited)"
        ),
        (
          "\"input\":[1,6,5]", "\"input\":[]",
          "the architecture does not fit together: layer 0 (Convolution), input: expected "
            + "depth×height×width, got scalar; put Reshape([depth, height, width]) before it; "
            + "\(Self.unedited)"
        ),
        (
          "\"input\":[1,6,5]", "\"input\":[\(Int.max),\(Int.max),5]",
          "the architecture does not fit together: network, input: expected axes of 1 or more and "
            + "at most 2³¹ elements in all, got \(Int.max)×\(Int.max)×5; "
            + "an image is [depth, height, width]; \(Self.unedited)"
        ),
        (
          "\"kernelWidth\":3", "\"kernelWidth\":6",
          "the architecture does not fit together: layer 0 (Convolution), kernel width: expected 1 "
            + "to 5 for an input of 1×6×5, got 6; use a kernel that fits the input; \(Self.unedited)"
        ),
        (
          "\"stride\":1", "\"stride\":0",
          "the architecture does not fit together: layer 0 (Convolution), stride: expected 1 or "
            + "more, got 0; 1 moves the kernel pixel by pixel; \(Self.unedited)"
        ),
        (
          "\"padding\":0", "\"padding\":\(Int.max)",
          "the architecture does not fit together: layer 0 (Convolution), padding: expected 0 or "
            + "more, and at most 2³¹ elements in the padded input, got \(Int.max); "
            + "use half of the kernel's size, rounded down, to keep the size of the input; "
            + "\(Self.unedited)"
        ),
        (
          "\"type\":\"Tanh\"", "\"type\":\"Tan\\nh\"",
          "there is no layer type \"Tan\\u{a}h\"; "
            + "if it is your own, pass it: ModelFile(contentsOf:recipes:)"
        ),
        (
          "\"stripe 2\"", "\"stripe 2\",\"stripe 3\"",
          "expected 3 class names, got 4; \(Self.unedited)"
        ),
      ] {
        try model.expect(try model.edited(old, new), problem)
      }
    }
  }

  @Test("An architecture that is no architecture")
  func unreadable() throws {
    try withModel { model in
      let deep = String(repeating: "[", count: 100_000)
      for (old, new) in [
        ("\"outputs\":3", "\"outputs\":3.5"), ("\"outputs\":3", "\"outputs\":1e300"),
        ("\"outputs\":3", "\"outputs\":\"3\""), ("\"outputs\":3", "\"output\":3"),
        ("\"outputs\":3", ""), ("\"outputs\":3", "\"outputs\":null"),
        ("\"outputs\":3", "\"outputs\":99999999999999999999"),
        ("\"perPosition\"", "\"per\\nPosition\""), (",\"type\":\"Tanh\"", ""),
        ("\"type\":\"Tanh\"", "\"type\":7"), ("\"type\":\"Tanh\"", "\"type\":null"),
        ("\"options\":{},", ""), ("\"input\":[1,6,5],", ""), ("[1,6,5]", "\"1×6×5\""),
        ("[1,6,5]", deep), ("\"input\"", "\"Input\""), ("{", "["), ("}", ""),
        ("\"layers\":[", "\"layers\":[null,"),
      ] {
        try model.write(try model.edited(old, new).encoded())
        let error = #expect(throws: FileError.self, "\(old) → \(new.prefix(40))") {
          try model.read()
        }
        let message = error?.description ?? ""
        #expect(
          message.hasPrefix("\(model.path): the architecture in the metadata cannot be read: "),
          "\(message)")
        #expect(message.hasSuffix("; \(Self.unedited)"), "\(message)")
        #expect(!message.contains { $0.isNewline }, "\(message)")
        #expect(message.count < 600, "\(message)")
      }
    }
  }

  @Test("Preprocessing that nothing can be prepared by")
  func preprocessing() throws {
    try withModel { model in
      for (old, new) in [("\"box\":20", "\"box\":-1"), ("\"scale\":", "\"scale\":-")] {
        try model.write(try model.edited(old, new).encoded())
        let error = #expect(throws: FileError.self) { try model.read() }
        #expect(error?.description.contains("pictures cannot be prepared by") == true)
      }
    }
  }

  @Test("Where in the architecture it lies is told")
  func places() throws {
    try withModel { model in
      try model.write(try model.edited("\"outputs\":3", "\"outputs\":\"3\"").encoded())
      let error = #expect(throws: FileError.self) { try model.read() }
      #expect(error?.description.contains("at layers.3.options.outputs: ") == true)
    }
  }

  @Test("A thousand random edits of the architecture, none of which traps")
  func mutations() throws {
    try withModel { model in
      var file = try model.file()
      let original = Array(try #require(file.metadata["starling.network"]).utf8)
      var random = SeededGenerator(seed: 2024)
      let pieces = [
        "0", "-1", "9223372036854775807", "4294967296", "1e999", "null", "true", "[", "]", "{", "}",
        "\"", ",", ":", "\\u0000", "\u{FF}", "\"type\"", "\"Reshape\"", "\"Convolution\"", "[]",
      ]
      var refused = 0
      for round in 0..<1000 {
        var text = original
        for _ in 0...random.index(below: 3) {
          let start = random.index(below: text.count + 1)
          let end = min(text.count, start + random.index(below: 4))
          let piece = Array(pieces[random.index(below: pieces.count)].utf8)
          switch random.index(below: 3) {
          case 0: text.replaceSubrange(start..<end, with: piece)
          case 1: text.removeSubrange(start..<end)
          default:
            text.insert(contentsOf: text[start..<end], at: random.index(below: text.count + 1))
          }
        }
        file.metadata["starling.network"] = String(decoding: text, as: UTF8.self)
        try model.write(file.encoded())
        do {
          // What was accepted works.
          let network = try model.read()
          _ = try network(Tensor(zeros: network.inputShape.batched(1)))
        } catch let error as FileError {
          refused += 1
          #expect(error.description.hasPrefix(model.path), "round \(round)")
          #expect(!error.description.contains { $0.isNewline }, "round \(round)")
        }
      }
      #expect(refused > 800)
    }
  }

  private func withModel(_ test: (Model) throws -> Void) throws {
    try withTemporaryFolder { folder in
      var network = try Network.small()
      network.classNames = ["stripe 0", "stripe 1", "stripe 2"]
      network.preprocessing = .mnist
      try test(Model(network: network, path: folder + "/model.safetensors"))
    }
  }
}

/// A model file to be damaged.
private struct Model {
  let network: Network
  let path: String

  func read() throws -> Network { try ModelFile(contentsOf: path).network }

  func write(_ bytes: [UInt8]) throws { try Data(bytes).write(to: URL(filePath: path)) }

  /// The file as it should be, or with other tensors.
  func file(_ tensors: [(name: String, tensor: Tensor)]? = nil) throws -> SafeTensors {
    try network.save(to: path)
    let whole = try SafeTensors(contentsOf: path)
    guard let tensors else { return whole }
    var file = SafeTensors(metadata: whole.metadata)
    for (name, tensor) in tensors { try file.add(name, tensor) }
    return file
  }

  /// The file with the first of some text in its architecture replaced.
  func edited(_ old: String, _ new: String) throws -> SafeTensors {
    var file = try file()
    let architecture = try #require(file.metadata["starling.network"])
    let range = try #require(architecture.range(of: old), "\(old) in \(architecture)")
    file.metadata["starling.network"] = architecture.replacingCharacters(in: range, with: new)
    return file
  }

  /// Expects the file to be refused with exactly this text behind its path.
  func expect(
    _ file: SafeTensors, _ problem: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try write(file.encoded())
    let error = #expect(throws: FileError.self, sourceLocation: sourceLocation) { try read() }
    #expect(error?.description == "\(path): \(problem)", sourceLocation: sourceLocation)
  }
}
