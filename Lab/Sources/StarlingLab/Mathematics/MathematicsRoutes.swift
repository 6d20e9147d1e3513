import Hummingbird
import LineByLine

/// Adds the routes of pages 1 to 7: the layer on numbers small enough to read.
func addMathematicsRoutes(to router: LabRouter) {
  /// Finite differences run the layer twice for each number, and a trace has a step for each product: for the
  /// largest numbers that takes milliseconds.
  let backward = WorkQueue("backward")
  router.post("api/correlate") { body in Response(json: try Correlation(body)) }
  router.post("api/anatomy") { body in Response(json: try Anatomy(body)) }
  router.post("api/forward") { body in Response(json: try ForwardPass(body)) }
  router.post("api/dense") { body in Response(json: try DenseComparison(body)) }
  router.post("api/backward") { body in
    try await backward.run { Response(json: try BackwardPass(body)) }
  }
  router.post("api/trace") { body in
    try await backward.run { Response(json: try BackwardTrace(body)) }
  }
  router.post("api/reshape") { body in Response(json: try Reshaping(body)) }
  router.post("api/sigmoid") { body in Response(json: try SigmoidCurve(body)) }
  router.post("api/cross-entropy") { body in Response(json: try CrossEntropy(body)) }
}
