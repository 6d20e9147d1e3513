import Foundation
import Starling
import Testing

@Test func scratch() throws {
  var network = try Network(input: [1, 28, 28], seed: 1, recipes: Preset.zeroOne.recipes(classes: 2))
  let images = Tensor([1, 1, 28, 28], filledWith: 0.3)
  let targets = try Tensor([1, 2], elements: [1, 0])
  for threads in [1, 2] {
    var trainer = Trainer(loss: BinaryCrossEntropy(), optimizer: SGD(learningRate: 0.1), batchSize: 1, threads: Threads(threads))
    for _ in 0..<50 { try trainer.step(&network, images: images, targets: targets) }
    let start = Date()
    for _ in 0..<1000 { try trainer.step(&network, images: images, targets: targets) }
    print("threads", threads, Date().timeIntervalSince(start) * 1000, "µs/step")
    let s2 = Date()
    for _ in 0..<1000 { _ = try network(images, threads: Threads(threads)) }
    print("infer threads", threads, Date().timeIntervalSince(s2) * 1000, "µs/step")
  }
  for check in try network.checkGradients(loss: BinaryCrossEntropy(), images: images, targets: targets) { print(check) }
}
