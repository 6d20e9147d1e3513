import Starling
import Testing

@Suite("Dropout")
struct DropoutTests {
  private let learning = Pass.Mode.training(seed: 5)

  @Test("At inference, the identity both ways")
  func inference() throws {
    let (x, dY) = (Tensor.random([3, 40], seed: 1), Tensor.random([3, 40], seed: 2))
    let run = try LayerRun(Dropout(rate: 0.7), x: x, dY: dY)
    #expect(run.y == x)
    #expect(run.dX == dY)
  }

  @Test("In training a number is dropped or grows by 1 / (1 − rate), and its gradient likewise")
  func training() throws {
    let (x, dY) = (Tensor.random([7, 3, 5, 9], seed: 1), Tensor.random([7, 3, 5, 9], seed: 2))
    for rate: Float in [0, 0.1, 0.5, 0.75, 0.99] {
      let run = try LayerRun(Dropout(rate: rate), x: x, dY: dY, mode: learning)
      let scale = 1 / (1 - rate)
      var dropped = 0
      for element in x.elements.indices {
        let isDropped = run.y.elements[element] == 0
        dropped += isDropped ? 1 : 0
        let factor = isDropped ? 0 : scale
        #expect(run.y.elements[element] == factor * x.elements[element])
        #expect(run.dX.elements[element] == factor * dY.elements[element])
      }
      // Of 945 numbers, within four standard deviations.
      let share = Double(dropped) / Double(x.count)
      let deviation = (Double(rate) * Double(1 - rate) / Double(x.count)).squareRoot()
      #expect(abs(share - Double(rate)) <= 4 * deviation, "rate \(rate): \(share)")
    }
  }

  @Test("The mask is the seed's random words, four numbers of 16 bits in each, lowest first")
  func mask() {
    for (rate, seed) in [(0.5, 1), (0.3, UInt64.max), (0.2, 0), (0.9, 77)] as [(Float, UInt64)] {
      let mask = DropoutMask(rate: rate, seed: seed)
      var random = SeededGenerator(seed: seed)
      for word in 0..<300 {
        var bits = random.next()
        #expect(mask.word(word) == bits)
        for element in 4 * word..<4 * word + 4 {
          #expect(mask.drops(element) == (Double(bits & 0xFFFF) < (Double(rate) * 65536).rounded()))
          bits >>= 16
        }
      }
    }
    // Far into a batch, asked for alone.
    var random = SeededGenerator(seed: 9)
    var last: UInt64 = 0
    for _ in 0...123_456 { last = random.next() }
    #expect(DropoutMask(rate: 0.5, seed: 9).word(123_456) == last)
  }

  @Test("The layer's mask is the pass's seed's, whatever the number of threads")
  func layerMask() throws {
    let ones = Tensor([2, 400], filledWith: 1)
    let mask = DropoutMask(rate: 0.5, seed: 5)
    for threads in [1, 2, 3] {
      let run = try LayerRun(Dropout(), x: ones, dY: ones, mode: learning, threads: threads)
      #expect(run.y.elements == (0..<800).map { mask.drops($0) ? 0 : 2 })
      #expect(run.dX == run.y)
    }
  }

  @Test("Each step and each layer drops others, and a repeated run the same")
  func steps() throws {
    func learn(_ steps: Int) throws -> [Tensor] {
      var network = try Network(input: [30], seed: 1) {
        Dropout()
        Dense(30)
        Dropout()
        Dense(2)
        Softmax()
      }
      var trainer = Trainer(
        loss: CategoricalCrossEntropy(), optimizer: SGD(learningRate: 1), batchSize: 1, seed: 4)
      var weights: [Tensor] = []
      for _ in 0..<steps {
        let before = network.parameters[1]["weight"]
        try trainer.step(
          &network, images: Tensor([1, 30], filledWith: 1), targets: .oneHot(1, 2, seed: 1))
        // A weight moves unless its input or its output was dropped.
        let after = network.parameters[1]["weight"]
        weights.append(
          try Tensor(
            [30, 30], elements: zip(before.elements, after.elements).map { $0 == $1 ? 0 : 1 }))
      }
      return weights
    }
    let moved = try learn(2)
    #expect(try learn(2) == moved)
    let inputs = moved.map { moved in (0..<30).map { n in (0..<30).contains { moved[$0, n] == 1 } }
    }
    let outputs = moved.map { moved in
      (0..<30).map { o in (0..<30).contains { moved[o, $0] == 1 } }
    }
    #expect(Set(inputs + outputs).count == 4)
    for mask in inputs + outputs { #expect((5...25).contains(mask.count { $0 })) }
  }
}
