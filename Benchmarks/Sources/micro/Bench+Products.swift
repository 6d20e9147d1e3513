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
      let padded = (inputs + lanes - 1) / lanes * lanes
      let weights = Floats(padded * outputs)
      let (x, dX) = (Floats(padded), Floats(padded))
      let (dY, sums) = (Floats(outputs), Floats(16 * outputs))
      let blocks = WeightBlocks(inputs: padded, outputs: outputs, lanes: lanes)
      let size = "\(inputs) → \(outputs)"
      measure("dense for one: Σ w·x", size, bytes: 4 * padded * outputs) {
        blocks.forEach { offset, first, vectors in
          loops.dots(weights.start + offset, outputs, x.start + first, vectors, sums.start)
        }
      }
      measure("dense for one: dX and update", size, bytes: 8 * padded * outputs) {
        blocks.forEach { offset, first, vectors in
          loops.descend(
            weights.start + offset, outputs, dY.start, 1e-6, x.start + first, vectors,
            dX.start + first)
        }
      }
    }
  }

  /// How many numbers a vector of the set holds.
  private var lanes: Int {
    switch InstructionSet.current {
    case .baseline: 4
    case .avx2: 8
    case .avx512: 16
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

/// A dense layer's weights in blocks of up to 8 vectors of inputs.
private struct WeightBlocks {
  let inputs, outputs, lanes: Int

  /// Where in the weights each block begins, its first input and its vectors.
  func forEach(_ work: (_ offset: Int, _ first: Int, _ vectors: Int) -> Void) {
    for first in stride(from: 0, to: inputs, by: 8 * lanes) {
      work(first * outputs, first, min(8, (inputs - first) / lanes))
    }
  }
}
