public import Starling

extension Drawing {
  /// The kernels of a convolution, each number in its cell with its colour and its sign.
  ///
  /// Kernels of more than 11×11 have no room for numbers: their cells show the sign, or colour alone.
  /// All kernels share one scale, which is printed. Of many kernels the first are shown, and the
  /// picture says so.
  ///
  /// - Parameters:
  ///   - kernels: A tensor `[depth, inputDepth, height, width]`.
  ///   - title: The picture's title.
  /// - Returns: A row of kernels for each output where there are several inputs, else rows of eight.
  /// - Throws: ``PictureError`` for any other shape.
  public static func kernelGrid(
    kernels: Tensor, title: String = "Kernels"
  ) throws(PictureError) -> Drawing {
    let stack = try KernelStack(kernels, title: title)
    let scale = SignedScale(fitting: kernels.elements)
    // Cells that hold a number, up to kernels of 11×11; larger ones are drawn into 396 points.
    let side = Double(max(stack.height, stack.width))
    let cell = side <= 11 ? (132 / side).clamped(to: 36...44) : max(2, (396 / side).rounded(.down))
    let (outputs, inputs) = (min(stack.depth, 32), min(stack.inputDepth, 8))
    let columns = stack.inputDepth == 1 ? min(outputs, 8) : inputs
    let rows = (outputs * inputs + columns - 1) / columns

    let size = Point(cell * Double(stack.width), cell * Double(stack.height))
    let pitch = Point(size.x + 32, size.y + 52)
    var drawing = Drawing(
      heading: title, subtitle: stack.summary(outputs: outputs, inputs: inputs),
      width: Style.margin * 2 + Double(columns) * pitch.x - 32,
      height: Style.contentTop + Double(rows) * pitch.y + 72)
    for index in 0..<outputs * inputs {
      let (output, input) = (index / inputs, index % inputs)
      let box = Box(
        x: Style.margin + Double(index % columns) * pitch.x,
        y: Style.contentTop + Double(index / columns) * pitch.y, width: size.x, height: size.y)
      drawing.kernel(stack, output, input, in: box, scale: scale)
      drawing.write(
        stack.name(output, input), at: Point(box.x, box.bottom + 19), color: Style.ink)
    }
    let foot = Style.contentTop + Double(rows) * pitch.y + 8
    drawing.legend("scale", scale, at: Point(Style.margin, foot), width: 132)
    return drawing
  }

  /// Draws one kernel: the numbers where cells have room, else their signs, else colours alone.
  mutating func kernel(
    _ stack: KernelStack, _ output: Int, _ input: Int, in box: Box, scale: SignedScale
  ) {
    cells(width: stack.width, height: stack.height, in: box) { x, y in
      scale.color(stack[output, input, y, x])
    }
    let cell = box.width / Double(stack.width)
    guard cell >= 10 else { return }
    let size = cell >= 36 ? Style.smallSize : cell * 0.6
    for y in 0..<stack.height {
      for x in 0..<stack.width {
        let value = stack[output, input, y, x]
        let number =
          cell >= 36 || !value.isFinite
          ? scale.text(value)
          : value == 0 ? "0" : value < 0 ? "−" : "+"
        let color = scale.color(value)
        let center = Point(
          box.x + (Double(x) + 0.5) * cell, box.y + (Double(y) + 0.5) * cell)
        if color == nil {
          let width = StrokeFont.width(of: number, size: size) + 4
          add(
            .rectangle(
              Box(x: center.x - width / 2, y: center.y - 8, width: width, height: 16),
              fill: background))
        }
        write(
          number, at: Point(center.x, center.y + size * 0.36), size: size,
          color: color.map { $0.lightness < 0.55 ? background : Style.ink } ?? Style.mistake,
          anchor: .middle)
      }
    }
  }
}

/// The kernels of a convolution, known to be a tensor `[depth, inputDepth, height, width]`.
struct KernelStack {
  let depth: Int
  let inputDepth: Int
  let height: Int
  let width: Int
  private let elements: [Float]

  init(_ kernels: Tensor, title: String) throws(PictureError) {
    let shape = kernels.shape
    guard shape.rank == 4, shape.isUsable else {
      throw PictureError(
        "\(title): kernels are [depth, inputDepth, height, width], none of them 0, got \(shape)")
    }
    (depth, inputDepth, height, width) = (shape[0], shape[1], shape[2], shape[3])
    elements = kernels.elements
  }

  subscript(output: Int, input: Int, y: Int, x: Int) -> Float {
    elements[((output * inputDepth + input) * height + y) * width + x]
  }

  /// What a kernel is called: by its output, and by its input where there are several.
  func name(_ output: Int, _ input: Int) -> String {
    inputDepth == 1 ? "K \(output)" : "K \(output),\(input)"
  }

  /// How many there are and of what size, and how many of them are shown.
  func summary(outputs: Int, inputs: Int) -> String {
    var text = "\(counted(depth, "kernel")) of \(inputDepth)×\(height)×\(width)"
    if outputs < depth { text += ", the first \(outputs) shown" }
    if inputs < inputDepth { text += ", the first \(inputs) of \(inputDepth) inputs shown" }
    return text
  }
}
