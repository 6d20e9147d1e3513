import Starling

/// A workspace with a network's parameters, in which steps of a plan can be run by themselves.
final class StepRig {
  /// Places are handed out before anything is written.
  var layout = WorkspaceLayout()
  private var parameters: [UnsafeMutablePointer<Float>] = []
  private var table: UnsafeMutablePointer<UnsafeMutablePointer<Float>>?
  private var floats: UnsafeMutablePointer<Float>?
  /// What the random numbers of a run are drawn from.
  var seed: UInt64 = 1

  /// What lies behind the workspace, where nobody writes.
  private static let wall = [Float](repeating: 54_321.5, count: 32)

  deinit {
    for parameter in parameters { parameter.deallocate() }
    table?.deallocate()
    floats?.deallocate()
  }

  /// The number of a tensor of parameters that begins with these numbers.
  func parameter(_ numbers: [Float]) -> Int {
    let parameter = UnsafeMutablePointer<Float>.allocate(capacity: numbers.count)
    parameter.initialize(from: numbers, count: numbers.count)
    parameters.append(parameter)
    return parameters.count - 1
  }

  /// What steps work on: zero, apart from what was written.
  var memory: Memory {
    let floats = self.floats ?? Self.workspace(layout.count)
    let table = self.table ?? .allocate(capacity: parameters.count + 1)
    for (index, parameter) in parameters.enumerated() { table[index] = parameter }
    (self.floats, self.table) = (floats, table)
    return Memory(
      workspace: floats, parameters: UnsafePointer(table), gradients: nil, seed: seed)
  }

  private static func workspace(_ count: Int) -> UnsafeMutablePointer<Float> {
    let raw = UnsafeMutableRawPointer.allocate(byteCount: 4 * (count + 32), alignment: 64)
    let floats = raw.bindMemory(to: Float.self, capacity: count + 32)
    floats.initialize(repeating: 0, count: count)
    (floats + count).initialize(from: wall, count: 32)
    return floats
  }

  /// Whether nothing was written behind the workspace.
  var isIntact: Bool {
    Array(UnsafeBufferPointer(start: memory.workspace + layout.count, count: 32)) == Self.wall
  }

  /// Runs steps one after the other, each on all workers at once.
  func run(_ steps: [any Step], workers: Int) {
    let memory = memory
    ThreadPool.shared.run(workers: workers) { worker in
      for step in steps {
        step.run(memory, worker)
        worker.barrier()
      }
    }
  }

  /// The numbers of a place.
  subscript(slot: Slot) -> [Float] {
    get { Array(UnsafeBufferPointer(start: memory[slot], count: slot.count)) }
    set { memory[slot].update(from: newValue, count: newValue.count) }
  }

  /// The numbers of activations as a tensor has them, [batch][channel][row][column].
  subscript(activation: Activation) -> [Float] {
    get {
      let all = self[activation.slot]
      return places(of: activation).map { all[$0] }
    }
    set {
      var all = self[activation.slot]
      for (place, number) in zip(places(of: activation), newValue) { all[place] = number }
      self[activation.slot] = all
    }
  }

  /// Whether borders, and channels that only fill up, are zero.
  func isZeroAround(_ activation: Activation) -> Bool {
    var all = self[activation.slot]
    for place in places(of: activation) { all[place] = 0 }
    let images = activation.layout == .batchLast ? activation.batch / 16 * 16 : activation.batch
    let count = images * (activation.slot.count / max(1, activation.paddedBatch))
    return all[..<count].allSatisfy { $0 == 0 }
  }

  private func places(of a: Activation) -> [Int] {
    var places: [Int] = []
    for image in 0..<a.batch {
      for channel in 0..<a.channels {
        for row in a.border..<a.border + a.height {
          for column in a.border..<a.border + a.width {
            let pixel = row * a.fullWidth + column
            let map = a.fullHeight * a.fullWidth
            switch a.layout {
            case .rows: places.append((image * a.channels + channel) * map + pixel)
            case .batchLast:
              places.append(
                ((image / 16 * a.channels + channel) * map + pixel) * 16 + image % 16)
            case .channelsLast: places.append((image * map + pixel) * a.pitch + channel)
            }
          }
        }
      }
    }
    return places
  }
}

extension Activation {
  /// Images that there is room for.
  fileprivate var paddedBatch: Int { layout == .batchLast ? imageBlocks * 16 : batch }
}
