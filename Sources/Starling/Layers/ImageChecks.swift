// What layers that slide a window over an image ask of its shape and of the window.
extension Recipe {
  /// That an input is an image.
  func checkIsImage(_ input: Shape) throws(ShapeError) {
    guard input.rank == 3 else {
      throw ShapeError(
        place: name, axis: "input", expected: "depth×height×width", found: "\(input)",
        remedy: "put Reshape([depth, height, width]) before it")
    }
  }

  /// That a window fits the image, which may be the input with a border, and that it moves.
  func checkWindow(
    _ window: String, _ height: Int, _ width: Int, stride: Int, in image: Shape, from input: Shape
  ) throws(ShapeError) {
    for (axis, length, available) in [("height", height, image[1]), ("width", width, image[2])]
    where length < 1 || length > available {
      let padded = image == input ? "" : " padded to \(image)"
      throw ShapeError(
        place: name, axis: "\(window) \(axis)",
        expected: "1 to \(available) for an input of \(input)\(padded)", found: "\(length)",
        remedy: "use a \(window) that fits the input")
    }
    guard stride > 0 else {
      throw ShapeError(
        place: name, axis: "stride", expected: "1 or more", found: "\(stride)",
        remedy: "1 moves the \(window) pixel by pixel")
    }
  }
}
