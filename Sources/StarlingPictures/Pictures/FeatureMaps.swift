public import Starling

extension Drawing {
  /// What each kernel makes of one image: the image, and each kernel above its feature map.
  ///
  /// Of many kernels the first 32 are shown, and of a deep kernel the first four inputs; the picture
  /// says so.
  ///
  /// - Parameters:
  ///   - image: The image, `[1, height, width]` or `[3, height, width]`, numbers from 0 to 1.
  ///   - maps: A tensor `[depth, height, width]`, one feature map for each kernel.
  ///   - kernels: A tensor `[depth, inputDepth, height, width]`.
  ///   - areSigned: Whether the maps are drawn in the colours of signed numbers, on one scale; else
  ///     they are numbers from 0 to 1, as after a sigmoid, and grey.
  ///   - title: The picture's title.
  /// - Returns: The picture.
  /// - Throws: ``PictureError`` when a shape is another, or maps and kernels differ in number.
  public static func featureMaps(
    image: Tensor, maps: Tensor, kernels: Tensor, areSigned: Bool = false,
    title: String = "Feature maps"
  ) throws(PictureError) -> Drawing {
    let stack = try KernelStack(kernels, title: title)
    guard maps.shape.rank == 3, maps.shape.isUsable, maps.shape[0] == stack.depth else {
      throw PictureError(
        "\(title): expected \(stack.depth) maps [depth, height, width], one for each kernel, "
          + "got \(maps.shape); give the convolution's output for one image")
    }
    let (shown, inputs) = (min(stack.depth, 32), min(stack.inputDepth, 4))
    let scale = SignedScale(fitting: kernels.elements)
    let mapScale = areSigned ? SignedScale(fitting: maps.elements) : nil

    let side = 130.0
    let kernelSide = min(side, (side - Double(inputs - 1) * 6) / Double(inputs), 66)
    let columns = min(shown, 5)
    let rows = (shown + columns - 1) / columns
    let pitch = Point(side + 28, kernelSide + side + 76)
    let left = Style.margin + side + 56
    var drawing = Drawing(
      heading: title, subtitle: stack.summary(outputs: shown, inputs: inputs),
      width: left + Double(columns) * pitch.x - 28 + Style.margin,
      height: Style.contentTop + Double(rows) * pitch.y + 72)

    // The image stands level with the first row of maps.
    let mapTop = Style.contentTop + kernelSide + 16
    let picture = Box(x: Style.margin, y: mapTop, width: side, height: side)
      .fitting(image.shape)
    try drawing.image(image, in: picture)
    drawing.write("X", at: Point(picture.x, picture.bottom + 19), color: Style.ink)
    drawing.write(
      "\(image.shape)", at: Point(picture.right, picture.bottom + 19), anchor: .end)

    for output in 0..<shown {
      let corner = Point(
        left + Double(output % columns) * pitch.x,
        Style.contentTop + Double(output / columns) * pitch.y)
      for input in 0..<inputs {
        let cell = kernelSide / Double(max(stack.width, stack.height))
        let box = Box(
          x: corner.x + Double(input) * (kernelSide + 6), y: corner.y,
          width: cell * Double(stack.width), height: cell * Double(stack.height))
        drawing.kernel(stack, output, input, in: box, scale: scale)
      }
      let whole = Box(x: corner.x, y: corner.y + kernelSide + 16, width: side, height: side)
      let box = whole.fitting(maps.shape)
      drawing.featureMap(maps, output, in: box, scale: mapScale)
      drawing.write("Y \(output)", at: Point(box.x, box.bottom + 19), color: Style.ink)
      drawing.write(
        "\(maps.shape[1])×\(maps.shape[2])", at: Point(box.right, box.bottom + 19), anchor: .end)
    }

    let foot = Style.contentTop + Double(rows) * pitch.y + 8
    drawing.legend("kernels", scale, at: Point(Style.margin, foot), width: side)
    if let mapScale {
      drawing.legend("maps", mapScale, at: Point(left, foot), width: side)
    } else {
      drawing.greyLegend("maps", at: Point(left, foot), width: side)
    }
    return drawing
  }

  private mutating func featureMap(
    _ maps: Tensor, _ output: Int, in box: Box, scale: SignedScale?
  ) {
    let (height, width) = (maps.shape[1], maps.shape[2])
    cells(width: width, height: height, in: box) { x, y in
      let value = maps.elements[(output * height + y) * width + x]
      guard let scale else { return value.isFinite ? RGB(grey: value) : nil }
      return scale.color(value)
    }
  }
}
