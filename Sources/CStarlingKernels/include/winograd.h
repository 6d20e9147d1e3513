#ifndef STARLING_WINOGRAD_H
#define STARLING_WINOGRAD_H

#include <stddef.h>

#include "instruction_sets.h"

/// One tile of an image on one side, its (m + 2)² transformed elements on the other.
///
/// A pixel lies at pixels + y · row + x · pixel and has `channels` numbers, a multiple of 16. Element e of the tile lies
/// at elements + e · element and has as many. All strides count floats.
typedef struct {
  float *pixels;
  ptrdiff_t row, pixel;
  /// The pixels of the next tile, which are fetched meanwhile: any address will do.
  const float *next;
  /// The rows and columns of the tile that exist: the others are read as zeros, and not written.
  int top, bottom, left, right;
  float *elements;
  ptrdiff_t element;
  ptrdiff_t channels;
  /// Added to each pixel, one number a channel.
  const float *bias;
  /// Pixels below it are raised to it: 0 is a ReLU, −∞ changes nothing. A NaN stays one.
  float floor;
  /// NULL, or where `output_gradient` adds the pixels' sums, one a channel.
  float *sums;
  /// NULL, or which pixel of its window each pooled pixel is, a byte a channel: 0 to 3 count the window in rows, the
  /// first of equals wins, and 4 says that it is not above the floor. At positions + y · positions_row + x · pixel.
  unsigned char *positions;
  ptrdiff_t positions_row;
} starling_winograd_tile;

/// Kernels of 3 × 3 taps, `lanes` of them to a vector, in the network's own order; and their transformed elements.
///
/// The taps of the one that falls on lane l in turn n lie from taps + l · lane + n · step on, at distances of `tap`;
/// its elements at elements + e · element + n · elements_step + l.
typedef struct {
  float *taps;
  ptrdiff_t lane, step, tap;
  /// How many lanes have a kernel: at most a vector's.
  int lanes;
  /// How many turns.
  ptrdiff_t count;
  float *elements;
  ptrdiff_t element, elements_step;
  /// `kernel_gradient` adds up so many parts of each element, which lie at distances of `part`.
  ptrdiff_t parts, part;
} starling_winograd_kernels;

/// The transforms of F(m × m, 3 × 3).
typedef struct {
  /// Elements = Bᵀ d B, where d is a tile of (m + 2)² pixels of the convolution's input.
  void (*input)(const starling_winograd_tile *tile);
  /// The tile's m² pixels = Aᵀ M A + bias, where M are the elements.
  void (*output)(const starling_winograd_tile *tile);
  /// The tile's (m / 2)² pixels: the largest of each 2 × 2 of those of `output`.
  void (*pooled_output)(const starling_winograd_tile *tile);
  /// Elements = A dY Aᵀ, where dY is a tile of m² pixels.
  void (*output_gradient)(const starling_winograd_tile *tile);
  /// Elements = G g Gᵀ of the taps g; zeros for the lanes without a kernel.
  void (*kernels)(const starling_winograd_kernels *kernels);
  /// Taps = Gᵀ dU G of the elements dU.
  void (*kernel_gradient)(const starling_winograd_kernels *kernels);
} starling_winograd_transforms;

/// The loops of one instruction set: for m = 2, and for m = 4.
typedef struct {
  int lanes;
  starling_winograd_transforms small, large;
} starling_winograd_table;

const starling_winograd_table *starling_winograd_loops(starling_set set);

#endif
