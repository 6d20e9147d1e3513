/// How the activations of a batch lie in the workspace.
package enum Layout: Hashable, Sendable {
  /// [batch][channel][height][width], as tensors are.
  case rows
  /// [batch / 16][channel][height][width][16]: sixteen images to a vector, for few channels.
  case batchLast
  /// [batch][height][width][channel], with the channels padded by zeros to `pitch`.
  case channelsLast
}

/// The activations of a batch: where they are, and how they lie.
package struct Activation: Hashable, Sendable {
  /// Where they are.
  package let slot: Slot
  /// How they lie.
  package let layout: Layout
  /// Images, and each one's channels, rows and columns without the border; a vector has 1 row and column.
  package let batch, channels, height, width: Int
  /// Rows and columns of zeros around each image, as the next convolution's padding wants them.
  package let border: Int

  /// Rows and columns with the border.
  package var fullHeight: Int { height + 2 * border }
  package var fullWidth: Int { width + 2 * border }
  /// Floats from one pixel to the next in `channelsLast`: the channels, up to a multiple of 16 where there
  /// are more than 4.
  package var pitch: Int { Activation.pitch(channels) }
  /// Blocks of sixteen images in `batchLast`.
  package var imageBlocks: Int { (batch + 15) / 16 }

  package static func pitch(_ channels: Int) -> Int { channels <= 4 ? channels : (channels + 15) / 16 * 16 }

  /// How many floats such activations take.
  package static func count(
    _ layout: Layout, batch: Int, channels: Int, height: Int, width: Int, border: Int
  ) -> Int {
    let positions = (height + 2 * border) * (width + 2 * border)
    switch layout {
    case .rows: return batch * channels * positions
    case .batchLast: return (batch + 15) / 16 * 16 * channels * positions
    case .channelsLast: return batch * pitch(channels) * positions
    }
  }

  /// Floats from one image to the next; from one block of sixteen to the next in `batchLast`.
  package var imageStride: Int {
    let positions = fullHeight * fullWidth
    switch layout {
    case .rows: return channels * positions
    case .batchLast: return 16 * channels * positions
    case .channelsLast: return pitch * positions
    }
  }
}

extension WorkspaceLayout {
  /// A place for the activations of a batch.
  package mutating func activation(
    _ layout: Layout, batch: Int, channels: Int, height: Int, width: Int, border: Int = 0
  ) -> Activation {
    let count = Activation.count(
      layout, batch: batch, channels: channels, height: height, width: width, border: border)
    return Activation(
      slot: slot(count), layout: layout, batch: batch, channels: channels, height: height,
      width: width, border: border)
  }
}
