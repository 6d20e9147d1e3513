import LineByLine

/// Page 7: a number's place in a volume, and in the column that it is laid out as.
struct Reshaping: Encodable {
  /// The place in the column, from 0.
  let index: Int
  /// The place in the volume.
  let at: Place
  let count: Int
  /// A volume whose numbers are their own places in the column.
  let volume: [[[Double]]]
  /// The column that it is laid out as.
  let column: [Double]
  /// The column, laid out as the volume again.
  let back: [[[Double]]]

  /// A channel, a row and a column.
  struct Place: Encodable {
    let channel, row, column: Int
  }

  init(_ body: JSONField) throws {
    let fields = try body.object(["shape", "index", "at"])
    let shape = try fields["shape"].shape()
    let reshape = try Reshape(shape, [1, shape.count, 1])
    let numbers = Volume(shape: shape, values: (0..<shape.count).map(Double.init))
    let column = reshape.forward(numbers)

    switch (fields.optional("index"), fields.optional("at")) {
    case (let field?, nil):
      index = try field.integer(in: 0...shape.count - 1)
      at = Self.place(of: index, in: numbers)
    case (nil, let field?):
      at = try Self.place(field, in: shape)
      index = Int(numbers[at.channel][at.row, at.column])
    case (.some, let field?):
      throw field.unexpected(
        "index or at", found: "both", remedy: "leave out one of the two")
    case (nil, nil):
      throw LabError(
        field: "index", expected: "index or at", found: "neither", remedy: "give one of the two")
    }
    count = shape.count
    volume = numbers.nested
    self.column = column.values
    back = reshape.backward(column, input: numbers).dX.nested
  }

  private static func place(_ field: JSONField, in shape: VolumeShape) throws -> Place {
    let fields = try field.object(["channel", "row", "column"])
    return Place(
      channel: try fields["channel"].integer(in: 0...shape.depth - 1),
      row: try fields["row"].integer(in: 0...shape.height - 1),
      column: try fields["column"].integer(in: 0...shape.width - 1))
  }

  /// Where the number stands that says so.
  private static func place(of index: Int, in numbers: Volume) -> Place {
    let size = numbers.shape.height * numbers.shape.width
    let (channel, rest) = index.quotientAndRemainder(dividingBy: size)
    let (row, column) = rest.quotientAndRemainder(dividingBy: numbers.shape.width)
    return Place(channel: channel, row: row, column: column)
  }
}
