public import Starling

extension Picture {
  /// The picture as the numbers that a network takes, brought to what its training pictures looked
  /// like.
  ///
  /// For drawings placed by their centre of mass, as MNIST's digits are, these are the steps that
  /// MNIST's makers took: the drawing is told from its ground, dark on light or light on dark; what is
  /// around it is cut off; it is scaled, in proportion, until it fits the box; its contrast is
  /// stretched; and it is moved by whole pixels until its centre of mass is the middle. So the same
  /// drawing gives the same numbers wherever in the picture it stands. One step is added: strokes so
  /// thin that little would be left of them are widened to what MNIST's pens drew.
  ///
  /// Otherwise the whole picture is scaled to the network's input, in grey for an input of depth 1.
  ///
  /// - Parameters:
  ///   - shape: The shape of the network's input, `[1, height, width]` or `[3, height, width]`.
  ///   - preprocessing: How the training pictures were made.
  /// - Returns: A tensor of that shape.
  /// - Throws: ``BlankPictureError`` when there is no drawing in it; `DatasetError` when the shape is
  ///   not one of pictures, or the box does not fit it.
  public func prepared(for shape: Shape, by preprocessing: Preprocessing) throws -> Tensor {
    let bytes = try preparedBytes(for: shape, by: preprocessing)
    return try Tensor(shape, elements: bytes.map { Float($0) * preprocessing.scale })
  }

  /// The bytes that a data set would hold of this picture: ``prepared(for:by:)`` before scaling.
  func preparedBytes(for shape: Shape, by preprocessing: Preprocessing) throws -> [UInt8] {
    guard shape.rank == 3, shape.isUsable, shape[0] == 1 || shape[0] == 3 else {
      throw DatasetError(
        "\(name): a picture has the shape 1×height×width or 3×height×width, not \(shape); "
          + "use a network that takes pictures")
    }
    switch preprocessing.placement {
    case .centerOfMass(let box):
      guard (1...min(shape[1], shape[2])).contains(box) else {
        throw DatasetError(
          "\(name): a drawing in a box of \(box) does not fit an input of \(shape); "
            + "the box must be of 1 to \(min(shape[1], shape[2])) pixels")
      }
      guard let drawing = Drawing(in: grey) else { throw BlankPictureError(picture: name) }
      var plane = drawing.placed(box: box, width: shape[2], height: shape[1])
      if !preprocessing.isLightOnDark { plane = plane.map { 255 - $0 } }
      return shape[0] == 1 ? plane : plane + plane + plane
    case .wholePicture:
      let picture = shape[0] == 1 ? grey : self
      let bytes = (0..<shape[0]).flatMap { channel in
        Resampling.resampled(
          picture.channel(channel), width: width, height: height, toWidth: shape[2],
          toHeight: shape[1]
        ).map { UInt8($0.rounded()) }
      }
      return preprocessing.isLightOnDark && Ground(of: grey).isLight
        ? bytes.map { 255 - $0 } : bytes
    }
  }
}

extension Drawing {
  /// Strokes thinner than this, in pixels of the box, were drawn with a finer pen than any in MNIST,
  /// of whose digits 99 in 100 have wider ones as ``strokeWidth`` measures it.
  private static let thinnest = 1.4
  /// The width that too thin strokes are given: a quarter of MNIST's digits have thinner ones.
  private static let usualWidth = 2.0

  /// The drawing as MNIST places its digits, light on dark.
  fileprivate func placed(box: Int, width canvasWidth: Int, height canvasHeight: Int) -> [UInt8] {
    var drawing = scaled(toFit: box)
    if drawing.strokeWidth < Self.thinnest {
      // The pen is widened on a finer grid than the box's, which has lost the strokes' edges. Where
      // hairs cross there is twice the ink: most of a hair is to count as full.
      let finer = 4
      let fine = scaled(toFit: finer * box, full: 0.5)
      let missing = Self.usualWidth * Double(finer) - fine.strokeWidth
      drawing = fine.thickened(by: max(0, missing / 2)).scaled(toFit: box)
    }
    var (mass, momentX, momentY) = (0, 0, 0)
    for y in 0..<drawing.height {
      for x in 0..<drawing.width {
        let weight = Int(drawing.ink[y * drawing.width + x])
        mass += weight
        momentX += weight * x
        momentY += weight * y
      }
    }
    // In MNIST the centres of mass lie from 13.5 up to but not including 14.5, on each axis, where the
    // pixels are 0 to 27. Nothing is moved out of the picture.
    func start(_ moment: Int, _ length: Int, _ canvas: Int) -> Int {
      let shift = Double(canvas / 2) - Double(moment) / Double(mass)
      return min(max(0, Int((shift - 0.5).rounded(.up))), canvas - length)
    }
    let left = start(momentX, drawing.width, canvasWidth)
    let top = start(momentY, drawing.height, canvasHeight)
    var canvas = [UInt8](repeating: 0, count: canvasWidth * canvasHeight)
    for y in 0..<drawing.height {
      for x in 0..<drawing.width {
        canvas[(top + y) * canvasWidth + left + x] = drawing.ink[y * drawing.width + x]
      }
    }
    return canvas
  }
}

/// A picture in which there is nothing to see: all of it is ground.
public struct BlankPictureError: StarlingError, Hashable {
  /// Where the picture came from.
  public let picture: String

  /// The whole error in one line.
  public var description: String {
    "\(picture): there is nothing to see in it, nothing stands out from its ground; "
      + "give a picture with a drawing much darker or lighter than its ground"
  }
}
