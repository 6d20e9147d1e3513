import CStarlingKernels

/// dE/dX of a convolution whose output went through max pooling over 2×2, and perhaps through ReLU and dropout.
///
/// Of the four outputs of a pooling window at most one has a gradient. For each output position the kernels
/// are picked that won there, and the window of X that the output was made from gets their sum, each times
/// its gradient: dX[window] += Σ_j dY_j · K_j, over the few j alone. The kernels stand as they are; it is
/// scattering that takes the place of the rotation.
package struct SparseInputGradient: Step {
  let convolution: PixelConvolution
  let pooled: Pixels
  let winners: PoolingWinners
  let output: Pixels
  private let weight: Int
  /// The kernels, [j][u][(v, i), up to whole vectors].
  private let kernels: Slot
  private let rowVectors: Int
  private let loops: SparseLoops
  /// For each worker dE/dX of an image, padded; and the terms of a pooled position, four lists of them.
  private let image: WorkerScratch, terms: WorkerScratch
  /// Channels whose terms are collected at a time.
  private static let mostChannels = 512

  /// The step that takes the gradient of the pooled activations and writes the interior of `output`.
  ///
  /// The kernels are parameter `weight`.
  package init(
    _ convolution: PixelConvolution, pooledGradient: Pixels, winners: PoolingWinners,
    to output: Pixels, weight: Int, in layout: inout WorkspaceLayout, workers: Int,
    for set: InstructionSet = .current
  ) {
    self.convolution = convolution
    (pooled, self.winners, self.output) = (pooledGradient, winners, output)
    self.weight = weight
    loops = SparseLoops(set)
    let input = convolution.input
    rowVectors = (convolution.kernelWidth * input.channels + loops.lanes - 1) / loops.lanes
    kernels = layout.slot(
      convolution.depth * convolution.kernelHeight * rowVectors * loops.lanes)
    let positions =
      (input.height + 2 * convolution.padding) * (input.width + 2 * convolution.padding)
    image = WorkerScratch(positions * input.channels, workers: workers, in: &layout)
    terms = WorkerScratch(
      4 * 2 * min(convolution.depth, SparseInputGradient.mostChannels), workers: workers,
      in: &layout)
  }

  package var task: String { "dE/dX" }
  package var algorithm: String { "sparse through pooling, channelsLast" }
  package var multiplyAdds: Int {
    pooled.batch * pooled.height * pooled.width * convolution.depth * convolution.kernelHeight
      * rowVectors * loops.lanes
  }
  package var bytes: Int { 4 * (pooled.count + kernels.count + output.count) + winners.slot.count }

  /// Packs the kernels, then takes an image as a unit.
  package func run(_ memory: Memory, _ worker: Worker) {
    pack(memory, worker)
    worker.barrier()
    for image in worker.share(of: pooled.batch) {
      gather(image, memory, worker)
      copy(image, memory, worker)
    }
  }

  private func pack(_ memory: Memory, _ worker: Worker) {
    let (rows, columns) = (convolution.kernelHeight, convolution.kernelWidth)
    let channels = convolution.input.channels
    let rowStride = rowVectors * loops.lanes
    for j in worker.share(of: convolution.depth) {
      let from = memory.parameters[weight] + j * channels * rows * columns
      let to = memory[kernels] + j * rows * rowStride
      for i in 0..<channels {
        for u in 0..<rows {
          for v in 0..<columns {
            to[u * rowStride + v * channels + i] = from[(i * rows + u) * columns + v]
          }
        }
      }
    }
  }

  /// dE/dX of an image, padded and with its pixels as narrow as they can be, in the worker's own floats.
  private func gather(_ image: Int, _ memory: Memory, _ worker: Worker) {
    let dX = memory[self.image, worker]
    let channels = convolution.input.channels
    let rowStride = (convolution.input.width + 2 * convolution.padding) * channels
    dX.update(
      repeating: 0, count: rowStride * (convolution.input.height + 2 * convolution.padding))
    let kernelStride = convolution.kernelHeight * rowVectors * loops.lanes
    let terms = memory.terms(self.terms, worker)
    let capacity = min(convolution.depth, SparseInputGradient.mostChannels)

    var sum = starling_block_sum()
    sum.from_row = rowVectors * loops.lanes
    sum.to_row = rowStride
    sum.rows = convolution.kernelHeight
    sum.vectors = rowVectors
    for first in stride(from: 0, to: convolution.depth, by: capacity) {
      let depth = min(capacity, convolution.depth - first)
      sum.from = UnsafePointer(memory[kernels] + first * kernelStride)
      for row in 0..<pooled.height {
        for column in 0..<pooled.width {
          let counts = SparseTerms.collect(
            memory[pooled.slot] + pooled.offset(image, row, column) + first * pooled.channelStride,
            pooled.channelStride,
            memory.bytes(winners.slot) + winners.offset(image, row, column) + first, depth,
            offsetStep: kernelStride, to: terms, capacity: capacity)
          for winner in 0..<4 {
            sum.count = Int(counts >> (16 * UInt64(winner)) & 0xFFFF)
            if sum.count == 0 { continue }
            sum.terms = UnsafePointer(terms + winner * capacity)
            let y = (2 * row + winner / 2) * convolution.stride
            let x = (2 * column + winner % 2) * convolution.stride
            sum.to = dX + y * rowStride + x * channels
            loops.run(&sum)
          }
        }
      }
    }
  }

  /// Copies dE/dX of an image from the worker's floats to its place.
  private func copy(_ image: Int, _ memory: Memory, _ worker: Worker) {
    let channels = output.channels
    let rowStride = (convolution.input.width + 2 * convolution.padding) * channels
    for row in 0..<output.height {
      let from =
        memory[self.image, worker] + (row + convolution.padding) * rowStride
        + convolution.padding * channels
      let to = memory[output.slot] + output.offset(image, row, 0)
      if output.pitch == channels && output.channelStride == 1 {
        to.update(from: from, count: output.width * channels)
      } else {
        for column in 0..<output.width {
          for i in 0..<channels {
            to[column * output.pitch + i * output.channelStride] = from[column * channels + i]
          }
        }
      }
    }
  }
}

/// Collects the gradients that pooling lets through.
enum SparseTerms {
  /// Sorts the channels of a pooled pixel by their winners: list w gets a term for each channel whose gradient is
  /// not zero and went to number w of the window.
  ///
  /// A term's factor is the gradient, its offset the channel's number times `offsetStep`. The lengths of the
  /// four lists share the number returned, 16 bits each, so that none of them has to go through memory.
  @inline(__always)
  static func collect(
    _ gradient: UnsafePointer<Float>, _ channelStride: Int, _ winners: UnsafePointer<UInt8>,
    _ channels: Int, offsetStep: Int, to lists: UnsafeMutablePointer<starling_term>, capacity: Int
  ) -> UInt64 {
    var counts: UInt64 = 0
    var offset: Int32 = 0
    let step = Int32(offsetStep)
    for j in 0..<channels {
      let factor = gradient[j &* channelStride]
      let winner = winners[j]
      let list = Int(winner & 3)
      let shift = UInt64(list &* 16)
      let length = Int(truncatingIfNeeded: (counts &>> shift) & 0xFFFF)
      lists[list &* capacity &+ length] = starling_term(factor: factor, offset: offset)
      let isAlive: UInt64 = (winner < 4 ? 1 : 0) & (factor != 0 ? 1 : 0)
      counts &+= isAlive &<< shift
      offset &+= step
    }
    return counts
  }
}

extension Memory {
  /// Room for terms in a worker's own floats: two floats each.
  func terms(_ scratch: WorkerScratch, _ worker: Worker) -> UnsafeMutablePointer<starling_term> {
    UnsafeMutableRawPointer(self[scratch, worker]).assumingMemoryBound(to: starling_term.self)
  }
}
