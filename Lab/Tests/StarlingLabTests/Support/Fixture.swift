/// The numbers small enough to check by hand, as requests write them; the results are SciPy's.
enum Fixture {
  static let x = "[[1, 6, 2], [5, 3, 1], [7, 0, 4]]"
  static let k = "[[1, 2], [-1, 0]]"
  static let dY = "[[1, 0], [2, -1]]"

  /// A request of one channel and one kernel, with more fields at its end.
  static func layer(_ more: String = "") -> String {
    #"{"x": [\#(x)], "k": [[\#(k)]]\#(more.isEmpty ? "" : ", " + more)}"#
  }

  /// The same with dE/dY.
  static func backward(_ more: String = "") -> String {
    layer(#""dY": [\#(dY)]"# + (more.isEmpty ? "" : ", " + more))
  }
}
