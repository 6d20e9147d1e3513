import LineByLine

/// Page 2: the sizes of a layer, and how many parameters it has.
struct Anatomy: Encodable {
  /// The shape of the output.
  let output: ShapeAnswer
  let parameters: Parameters
  /// The products of a forward pass.
  let multiplyAdds: Int
  /// How many windows of the input a kernel lies on.
  let windows: Int

  /// How many numbers there are to learn.
  struct Parameters: Encodable {
    let kernels, biases, total: Int
  }

  init(_ body: JSONField) throws {
    let fields = try body.object(["input", "kernels", "kernelSize", "bias"])
    let input = try fields["input"].shape(sides: 1...64)
    let depth = try fields["kernels"].integer(in: 1...64)
    let size = try fields["kernelSize"].integer(in: 1...64)
    let bias = try fields.optional("bias")?.choice(of: Bias.self) ?? .perPosition
    let rows: Int
    let columns: Int
    do {
      (rows, columns) = try validSize(of: (size, size), over: (input.height, input.width))
    } catch {
      throw LabError(field: "kernelSize", "kernelSize: \(error.description)")
    }
    let shape = VolumeShape(depth: depth, height: rows, width: columns)
    let kernel = VolumeShape(depth: input.depth, height: size, width: size)
    let kernels = depth * kernel.count
    let biases = bias == .perPosition ? shape.count : depth
    output = ShapeAnswer(shape)
    parameters = Parameters(kernels: kernels, biases: biases, total: kernels + biases)
    multiplyAdds = shape.count * kernel.count
    windows = rows * columns
  }
}
