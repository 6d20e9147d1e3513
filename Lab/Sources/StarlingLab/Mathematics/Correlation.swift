import LineByLine

/// Page 1: the kernel slides over X as it is, ⋆, and rotated, ∗.
struct Correlation: Encodable {
  /// X ⋆ K.
  let correlation: [[Double]]
  /// X ∗ K, as large as the mode says.
  let convolution: [[Double]]
  /// K, turned by 180°.
  let rotated: [[Double]]
  /// Whether turning changes nothing: then the two have to be equal.
  let isSymmetric: Bool
  let areEqual: Bool
  /// The position in both outputs that windows and terms are of.
  let at: Position
  /// The upper left corner, on X, of what the kernel lies on.
  let window: Both<Position>
  let terms: Both<[Term]>
  let lines: [SourceLine] = [.crossCorrelation, .convolution]

  /// One for each of the two operators.
  struct Both<Part: Encodable>: Encodable {
    let correlation, convolution: Part
  }

  /// One product, and the sum with it.
  struct Term: Encodable {
    /// Where in X; outside it, where it is one of the zeros around.
    let x: Position
    let xValue: Double
    let isPadding: Bool
    /// Where in K as it is, not rotated.
    let k: Position
    let kValue: Double
    let product, sum: Double
  }

  init(_ body: JSONField) throws {
    let fields = try body.object(["x", "k", "mode", "at"])
    let X = try fields["x"].matrix()
    let K = try fields["k"].matrix()
    let mode = try fields["mode"].choice(of: Mode.self)
    if mode == .valid { try checkFit(of: K, on: X, field: fields["k"]) }

    let (Y, Z) = (crossCorrelate(X, K, mode: mode), convolve(X, K, mode: mode))
    let at =
      try fields.optional("at")?.position(rows: Y.rows, columns: Y.columns)
      ?? Position(row: 0, column: 0)
    let corners = Self.corners(mode, K)
    let window = Both(
      correlation: at + corners.correlation, convolution: at + corners.convolution)

    correlation = Y.nested
    convolution = Z.nested
    rotated = K.rotated180.nested
    isSymmetric = K == K.rotated180
    areEqual = Y == Z
    self.at = at
    self.window = window
    terms = Both(
      correlation: try Self.terms(X, K, window: window.correlation, isRotated: false),
      convolution: try Self.terms(X, K, window: window.convolution, isRotated: true))
  }

  /// Where on X the window of the outputs' first number begins.
  ///
  /// In `full` it begins with one number on X; `same` takes the middle of `full`, which for a kernel of
  /// even size is one further for ⋆ than for ∗, as in SciPy.
  private static func corners(_ mode: Mode, _ K: Matrix) -> Both<Position> {
    let full = Position(row: 1 - K.rows, column: 1 - K.columns)
    return switch mode {
    case .valid:
      Both(correlation: Position(row: 0, column: 0), convolution: Position(row: 0, column: 0))
    case .full:
      Both(correlation: full, convolution: full)
    case .same:
      Both(
        correlation: full + Position(row: K.rows / 2, column: K.columns / 2),
        convolution: full + Position(row: (K.rows - 1) / 2, column: (K.columns - 1) / 2))
    }
  }

  /// The products in a window: a layer whose input is the window's numbers, and its trace.
  private static func terms(
    _ X: Matrix, _ K: Matrix, window: Position, isRotated: Bool
  ) throws -> [Term] {
    let patch = X.padded(for: K).part(
      row: window.row + K.rows - 1, column: window.column + K.columns - 1,
      rows: K.rows, columns: K.columns)
    let layer = try ConvolutionalLayer(
      inputShape: [1, K.rows, K.columns], kernels: Kernels([[isRotated ? K.rotated180 : K]]),
      biases: Volume(shape: [1, 1, 1]))
    return layer.traceForward(Volume([patch])).map { step in
      let x = window + Position(row: step.left.position.row, column: step.left.position.column)
      let (u, v) = (step.right.position.row, step.right.position.column)
      return Term(
        x: x, xValue: step.left.value,
        isPadding: !(0..<X.rows).contains(x.row) || !(0..<X.columns).contains(x.column),
        k: isRotated
          ? Position(row: K.rows - 1 - u, column: K.columns - 1 - v) : Position(row: u, column: v),
        kValue: step.right.value, product: step.product, sum: step.sum)
    }
  }
}

extension Position {
  /// A position, moved by another.
  static func + (a: Position, b: Position) -> Position {
    Position(row: a.row + b.row, column: a.column + b.column)
  }
}

/// That a kernel is not larger than what it slides over.
func checkFit(of K: Matrix, on X: Matrix, field: JSONField) throws {
  guard K.rows <= X.rows, K.columns <= X.columns else {
    throw field.unexpected(
      "at most \(counted(X.rows, "rows")) and \(counted(X.columns, "columns")), as x has",
      found: size(K),
      remedy: "take a smaller kernel or a larger input")
  }
}
