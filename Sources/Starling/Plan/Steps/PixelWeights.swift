/// The weights of a dense layer that takes pixels with their channels last, [output][row][column][channel], from
/// those of the network's tensor, [output][channel][row][column].
struct PixelWeights: Step {
  let outputs, channels, positions: Int
  /// The number of the tensor, and where the copy goes.
  let weight: Int
  let copy: Slot
  var loops = ElementwiseLoops.current

  var task: String { "order weights" }
  var algorithm: String { "channelsLast" }
  var multiplyAdds: Int { 0 }
  var bytes: Int { 8 * outputs * channels * positions }

  func run(_ memory: Memory, _ worker: Worker) {
    for output in worker.share(of: outputs) {
      let first = output * channels * positions
      loops.transpose(
        memory.parameters[weight] + first, stride: positions, to: memory[copy] + first,
        stride: channels, rows: channels, columns: positions)
    }
  }
}
