import CStarlingKernels
import Starling

extension Bench {
  /// Square matrices, on one core and on all.
  mutating func measureMatrixProducts() {
    for size in [512, 1024, 2048] {
      let product = MatrixProduct(rows: size, columns: size, depth: size)
      let (a, b, c) = (Floats(size * size), Floats(size * size), Floats(size * size))
      for threads in Set([1, Threads.available.count]).sorted() {
        let scratch = Floats(product.scratchCount(workers: threads))
        measure(
          "matrix product", "\(size)³", threads: threads, multiplyAdds: size * size * size
        ) {
          ThreadPool.shared.run(workers: threads) {
            product.run(a.start, b.start, to: c.start, scratch: scratch.start, $0)
          }
        }
      }
    }
  }

  /// A dense layer's loops for one image: the weights of the deck's network, which a second-level cache holds
  /// by parts.
  mutating func measureDense() {
    let loops = starling_dense_loops(set).pointee
    for (inputs, outputs) in [(3380, 100), (1690, 100), (1600, 10)] {
      let weights = Floats(inputs * outputs)
      let (x, dY) = (Floats(inputs), Floats(outputs))
      let (dX, sums) = (Floats(inputs), Floats(outputs))
      let size = "\(inputs) → \(outputs)"
      measure("dense for one: Σ w·x", size, bytes: 4 * inputs * outputs) {
        loops.dots(weights.start, inputs, outputs, x.start, inputs, sums.start)
      }
      measure("dense for one: dX and update", size, bytes: 8 * inputs * outputs) {
        loops.descend(
          weights.start, inputs, outputs, dY.start, 1e-6, x.start, inputs, dX.start)
      }
    }
  }

  /// The set that the loops run with, as the C room knows it.
  var set: starling_set {
    switch InstructionSet.current {
    case .baseline: starling_baseline
    case .avx2: starling_avx2
    case .avx512: starling_avx512
    }
  }
}
