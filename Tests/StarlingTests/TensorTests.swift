import Foundation
import Starling
import Testing

@Suite("Tensors, shapes and random numbers")
struct TensorTests {
  @Test("A tensor is row-major, the last axis contiguous")
  func rowMajor() throws {
    var tensor = try Tensor([2, 3], elements: [1, 2, 3, 4, 5, 6])
    #expect(tensor[0, 2] == 3 && tensor[1, 0] == 4)
    let copy = tensor
    tensor[1, 0] = 9
    #expect(tensor.elements == [1, 2, 3, 9, 5, 6])
    #expect(copy.elements == [1, 2, 3, 4, 5, 6])
    #expect(try tensor.reshaped([3, 2])[1, 1] == 9)
    #expect(tensor.map { $0 * 2 }.elements == [2, 4, 6, 18, 10, 12])
    #expect(Tensor([2, 2], filledWith: 7).elements == [7, 7, 7, 7])
    #expect(try Tensor([], elements: [5]).count == 1)
    #expect(try Tensor([0, 3], elements: []).count == 0)
  }

  @Test("One number that is infinite or NaN is found, wherever it is")
  func isFinite() {
    for count in [1, 15, 16, 17, 40] {
      var tensor = Tensor([count], filledWith: .greatestFiniteMagnitude)
      #expect(tensor.isFinite)
      for position in 0..<count {
        for poison in [Float.nan, .infinity, -.infinity] {
          tensor[position] = poison
          #expect(!tensor.isFinite, "\(poison) at \(position) of \(count)")
        }
        tensor[position] = -0.0
        #expect(tensor.isFinite)
      }
    }
  }

  @Test("A shape says what it is")
  func shapes() throws {
    let shape: Shape = [5, 26, 26]
    #expect("\(shape)" == "5×26×26" && "\(Shape([]))" == "scalar")
    #expect(shape.count == 3380 && shape.rank == 3 && shape[1] == 26)
    #expect(shape.batched(4) == [4, 5, 26, 26] && shape.batched(4).withoutBatch == shape)
    #expect(shape.isUsable && Shape([1 << 31]).isUsable && Shape([]).isUsable)
    for unusable in [[0], [-1], [-1, -1], [1 << 32], [1 << 31, 2], [.max, .max], [.max, 0]] {
      #expect(!Shape(unusable).isUsable)
    }
    let json = try JSONEncoder().encode(shape)
    #expect(String(decoding: json, as: UTF8.self) == "[5,26,26]")
    #expect(try JSONDecoder().decode(Shape.self, from: json) == shape)
  }

  @Test("SplitMix64 gives the numbers of its reference")
  func splitMix() {
    // The first outputs for the seed 1234567 of S. Vigna's public C program.
    var random = SeededGenerator(seed: 1_234_567)
    #expect(
      (0..<5).map { _ in random.next() } == [
        6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
        4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
      ])
  }

  @Test("Streams of a seed are others for another stream and another seed")
  func streams() {
    var firsts: Set<UInt64> = []
    for seed in 0..<20 as Range<UInt64> {
      for stream in 0..<20 as Range<UInt64> {
        var random = SeededGenerator(seed: seed, stream: stream)
        firsts.insert(random.next())
      }
    }
    #expect(firsts.count == 400)
  }

  @Test("A permutation has each number once, and all orders are as likely")
  func permutations() {
    var random = SeededGenerator(seed: 1)
    for count in [0, 1, 2, 100] {
      #expect(random.permutation(count).sorted() == Array(0..<count))
    }
    var counts: [[Int]: Int] = [:]
    for _ in 0..<6000 { counts[random.permutation(3), default: 0] += 1 }
    #expect(counts.count == 6)
    // 1,000 each, with a standard deviation of 29.
    #expect(counts.values.allSatisfy { abs($0 - 1000) < 150 })
  }

  @Test("Numbers are spread as they should be")
  func distributions() {
    var random = SeededGenerator(seed: 2)
    let count = 40_000
    let uniform = (0..<count).map { _ in random.uniform() }
    #expect(uniform.allSatisfy { (0..<1).contains($0) })
    #expect(abs(mean(uniform) - 0.5) < 0.01)
    #expect(abs(mean(uniform.map { $0 * $0 }) - 1 / 3.0) < 0.01)
    let normal = (0..<count).map { _ in random.normal() }
    #expect(normal.allSatisfy { $0.isFinite })
    #expect(abs(mean(normal)) < 0.02)
    #expect(abs(mean(normal.map { $0 * $0 }) - 1) < 0.03)
    #expect(abs(mean(normal.map { $0 * $0 * $0 })) < 0.1)
    #expect(abs(mean(normal.map { $0 * $0 * $0 * $0 }) - 3) < 0.3)
    let indices = (0..<count).map { _ in random.index(below: 7) }
    for index in 0..<7 {
      #expect(abs(indices.count { $0 == index } - count / 7) < 400)
    }
    #expect(indices.allSatisfy { (0..<7).contains($0) })
  }

  private func mean(_ numbers: [Double]) -> Double {
    numbers.reduce(0, +) / Double(numbers.count)
  }
}
