#ifndef STARLING_SPARSE_H
#define STARLING_SPARSE_H

#include <stddef.h>
#include <stdint.h>

#include "instruction_sets.h"

/// Max pooling over windows of 2 × 2 pixels, of pixels whose channels come last; for each window and channel it
/// says which of the four was the largest.
typedef struct {
  /// The first window's upper left pixel, and the floats from it to those right of it and below it.
  const float *from;
  ptrdiff_t from_pixel, from_row;
  /// The first maximum, and the floats from one window's to the next one's.
  float *to;
  ptrdiff_t to_pixel;
  /// The first winner: 0 to 3 in the order of rows, the first where several are equal, and 4 where the maximum
  /// does not exceed the floor; or NULL. The bytes from one window's to the next one's.
  uint8_t *winners;
  ptrdiff_t winners_pixel;
  /// Windows side by side, and vectors of channels.
  ptrdiff_t count, vectors;
  /// Maxima below it are raised to it: 0 is a ReLU, −∞ changes nothing. A NaN stays one.
  float floor;
} starling_pool;

/// One term of a sum of few: a factor, and where what it is multiplied with begins.
typedef struct {
  float factor;
  int32_t offset;
} starling_term;

/// Adds to a block of numbers the sum of a few others, each times a factor.
///
///     to[u][n] += Σ_t factor(t) · from[offset(t) + u · from_row + n]
///
/// u counts rows, n the lanes of `vectors` vectors. The terms are added in their order, from zero, and the sum
/// to what is there.
typedef struct {
  const starling_term *terms;
  ptrdiff_t count;
  const float *from;
  ptrdiff_t from_row;
  float *to;
  ptrdiff_t to_row;
  ptrdiff_t rows, vectors;
} starling_block_sum;

/// The loops of one instruction set.
typedef struct {
  /// Numbers in a vector.
  int lanes;
  void (*pool)(const starling_pool *pool);
  void (*block_sum)(const starling_block_sum *sum);
} starling_sparse_table;

const starling_sparse_table *starling_sparse(starling_set set);

#endif
