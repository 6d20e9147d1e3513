/// A safetensors file: tensors by name, and a few strings about them.
///
///     var file = SafeTensors(metadata: ["made by": "Starling"])
///     try file.add("0.weight", Tensor([5, 1, 3, 3], filledWith: 0.1))
///     try file.write(to: "model.safetensors")
///
///     let back = try SafeTensors(contentsOf: "model.safetensors")
///     try back.tensor(named: "0.weight")?.shape        // 5×1×3×3
///
/// The format is a header in JSON that names each tensor's type, shape and place, and then the
/// numbers, little-endian, one tensor after another. A file is read by the letter of the
/// specification: whatever leaves a doubt about a number is an error, which names the byte. Names
/// that Unicode holds to be the same are one name.
public struct SafeTensors: Sendable {
  /// One tensor of a file, as its bytes.
  public struct Entry: Equatable, Sendable {
    /// What the tensor is called: `0.weight`.
    public let name: String
    /// What its numbers are.
    public let type: ElementType
    /// The length of each axis, outermost first; empty for a single number.
    public let shape: [Int]
    /// Its numbers, row by row, little-endian; they share the memory of the whole file.
    public let data: ArraySlice<UInt8>
  }

  /// What messages call these tensors: the path of the file that they were read from.
  public let name: String

  /// Free text about the file.
  public var metadata: [String: String]

  /// The tensors, in the order of the file.
  public private(set) var entries: [Entry] = []

  private var positions: [String: Int] = [:]

  /// A file without tensors yet.
  public init(metadata: [String: String] = [:]) {
    self.name = "new safetensors file"
    self.metadata = metadata
  }

  /// The tensors of a file.
  ///
  /// - Throws: ``FileError`` when the file cannot be read or breaks a rule of the format.
  public init(contentsOf path: String) throws(FileError) {
    try self.init(decoding: AtomicFile.contents(of: path), name: path)
  }

  /// The tensors of a file's bytes.
  ///
  /// O(n) in the header's length; the numbers are not touched.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - name: What error messages call it.
  /// - Throws: ``FileError`` when the bytes break a rule of the format.
  public init(decoding bytes: [UInt8], name: String) throws(FileError) {
    let header = try SafeTensorsHeader(decoding: bytes, file: name)
    self.name = name
    metadata = header.metadata
    for tensor in header.tensors {
      append(
        Entry(
          name: tensor.name, type: tensor.type, shape: tensor.shape, data: bytes[tensor.bytes]))
    }
  }

  /// Adds a tensor behind the others, as `F32`.
  ///
  /// - Throws: ``FileError`` when the name is taken, or is the format's own for the metadata.
  public mutating func add(_ name: String, _ tensor: Tensor) throws(FileError) {
    guard name != SafeTensorsHeader.metadataKey, positions[name] == nil else {
      throw FileError(
        file: self.name, problem: "the name \(FileError.quoted(name)) is already taken",
        remedy: "give each tensor a name of its own")
    }
    let size = tensor.count * ElementType.float32.size
    let data = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      let raw = UnsafeMutableRawBufferPointer(buffer)
      for (index, element) in tensor.elements.enumerated() {
        raw.storeBytes(
          of: element.bitPattern.littleEndian, toByteOffset: index * 4, as: UInt32.self)
      }
      count = size
    }
    append(Entry(name: name, type: .float32, shape: tensor.shape.dimensions, data: data[...]))
  }

  /// The entry of a name, or `nil` when there is none.
  public func entry(named name: String) -> Entry? {
    positions[name].map { entries[$0] }
  }

  /// The tensor of a name, or `nil` when there is none.
  ///
  /// `F64` is rounded to the nearest `Float`; `F16` and `BF16` fit exactly.
  ///
  /// - Throws: ``FileError`` when its numbers are not floating-point.
  public func tensor(named name: String) throws(FileError) -> Tensor? {
    guard let entry = entry(named: name) else { return nil }
    guard let elements = entry.floats else {
      throw FileError(
        file: self.name,
        problem: "expected the tensor \(FileError.quoted(name)) to be F32, F64, F16 or BF16, "
          + "found \(entry.type.rawValue)",
        remedy: "convert it to F32 before it is saved")
    }
    return Tensor(unchecked: Shape(entry.shape), elements)
  }

  /// The bytes of the file: the same for the same contents, in whatever order they were added.
  ///
  /// Tensors lie in the order of the format's reference writer: by type, the widest first, then by
  /// name. Metadata, for which that writer has no order, are sorted.
  ///
  /// - Complexity: O(n log n) in the number of tensors, and O(n) in the number of bytes.
  public func encoded() -> [UInt8] {
    let sorted = entries.sorted {
      $0.type == $1.type
        ? $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
        : $0.type.position < $1.type.position
    }
    var bytes = SafeTensorsHeader.encoded(metadata: metadata, entries: sorted)
    bytes.reserveCapacity(bytes.count + dataSize)
    for entry in sorted { entry.data.withUnsafeBufferPointer { bytes.append(contentsOf: $0) } }
    return bytes
  }

  /// Writes the file, whole or not at all.
  ///
  /// - Throws: ``FileError`` when the file cannot be written, or the metadata and names are more
  ///   than the format holds.
  public func write(to path: String) throws(FileError) {
    let bytes = encoded()
    let headerSize = bytes.count - dataSize - 8
    guard headerSize <= SafeTensorsHeader.limit else {
      throw FileError(
        file: path,
        problem: "expected metadata and names of at most \(SafeTensorsHeader.limit) bytes, found "
          + "\(headerSize)",
        remedy: "shorten the metadata")
    }
    try AtomicFile.write(bytes, to: path)
  }

  private var dataSize: Int { entries.reduce(0) { $0 + $1.data.count } }

  private mutating func append(_ entry: Entry) {
    positions[entry.name] = entries.count
    entries.append(entry)
  }
}

extension SafeTensors: Equatable {
  /// Whether two files hold the same, whatever they are called.
  public static func == (left: SafeTensors, right: SafeTensors) -> Bool {
    left.metadata == right.metadata && left.entries == right.entries
  }
}

extension SafeTensors {
  /// What a tensor's numbers are, in the order in which the format's reference writer lays them.
  public enum ElementType: String, CaseIterable, Sendable {
    /// Whole numbers from 0, eight bytes.
    case uint64 = "U64"
    /// Whole numbers, eight bytes.
    case int64 = "I64"
    /// Floating-point, eight bytes: `Double`.
    case float64 = "F64"
    /// Floating-point, four bytes: `Float`.
    case float32 = "F32"
    /// Whole numbers from 0, four bytes.
    case uint32 = "U32"
    /// Whole numbers, four bytes.
    case int32 = "I32"
    /// The upper half of a `Float`.
    case bfloat16 = "BF16"
    /// Floating-point of IEEE 754, two bytes.
    case float16 = "F16"
    /// Whole numbers from 0, two bytes.
    case uint16 = "U16"
    /// Whole numbers, two bytes.
    case int16 = "I16"
    /// Whole numbers, one byte.
    case int8 = "I8"
    /// Whole numbers from 0, one byte.
    case uint8 = "U8"
    /// 0 or 1, one byte.
    case bool = "BOOL"

    /// The bytes that one number takes.
    public var size: Int {
      switch self {
      case .uint64, .int64, .float64: 8
      case .float32, .uint32, .int32: 4
      case .bfloat16, .float16, .uint16, .int16: 2
      case .int8, .uint8, .bool: 1
      }
    }

    /// The place of this type in the order of writing.
    var position: Int { Self.allCases.firstIndex(of: self) ?? 0 }
  }
}

extension SafeTensors.Entry {
  /// The numbers, or `nil` when they are not floating-point.
  fileprivate var floats: [Float]? {
    switch type {
    case .float32: numbers { (bits: UInt32) in Float(bitPattern: bits) }
    case .float64: numbers { (bits: UInt64) in Float(Double(bitPattern: bits)) }
    case .bfloat16: numbers { (bits: UInt16) in Float(bitPattern: UInt32(bits) << 16) }
    case .float16: numbers(Float.init(halfPrecision:))
    default: nil
    }
  }

  private func numbers<Bits: FixedWidthInteger & BitwiseCopyable>(
    _ number: (Bits) -> Float
  ) -> [Float] {
    data.withUnsafeBytes { raw in
      let size = MemoryLayout<Bits>.size
      return (0..<raw.count / size).map { index in
        number(Bits(littleEndian: raw.loadUnaligned(fromByteOffset: index * size, as: Bits.self)))
      }
    }
  }
}

extension Float {
  /// The value of a half-precision number's bits; `Float16` is not there on every machine.
  fileprivate init(halfPrecision bits: UInt16) {
    // The fields fall where a Float has them. Its exponent counts from 127, a half's from 15, and a
    // product makes up for that, subnormal numbers included.
    let magnitude = Float(bitPattern: UInt32(bits & 0x7FFF) << 13) * 0x1p112
    let special: UInt32 = bits & 0x7C00 == 0x7C00 ? 0x7F80_0000 : 0
    self.init(bitPattern: magnitude.bitPattern | special | UInt32(bits & 0x8000) << 16)
  }
}
