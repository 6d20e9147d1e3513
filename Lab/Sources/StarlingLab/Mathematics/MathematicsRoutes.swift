import Hummingbird
import LineByLine

/// Adds the routes of pages 1 to 7: the layer on numbers small enough to read.
func addMathematicsRoutes(to router: LabRouter) {
  /// Finite differences run the layer twice for each number, which takes milliseconds for the largest.
  let measurements = WorkQueue("measurements")
  router.post("api/correlate") { _, body in Response(json: try Correlation(body)) }
  router.post("api/anatomy") { _, body in Response(json: try Anatomy(body)) }
  router.post("api/forward") { _, body in Response(json: try ForwardPass(body)) }
  router.post("api/dense") { _, body in Response(json: try DenseComparison(body)) }
  router.post("api/backward") { _, body in
    try await measurements.run { Response(json: try BackwardPass(body)) }
  }
  router.post("api/trace") { _, body in Response(json: try BackwardTrace(body)) }
  router.post("api/reshape") { _, body in Response(json: try Reshaping(body)) }
  router.post("api/sigmoid") { _, body in Response(json: try SigmoidCurve(body)) }
  router.post("api/cross-entropy") { _, body in Response(json: try CrossEntropy(body)) }
}
