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
  /// The first winner: 0 to 3 in the order of rows, the first where several are equal, any where one is no
  /// number, and 4 where the maximum does not exceed the floor; or NULL. The bytes from one window's to the next one's.
  uint8_t *winners;
  ptrdiff_t winners_pixel;
  /// Windows side by side, and vectors of channels.
  ptrdiff_t count, vectors;
  /// Maxima below it are raised to it: 0 is a ReLU, −∞ changes nothing. A NaN stays one.
  float floor;
} starling_pool;

/// Adds to a block of numbers the sum of a few others, each times a factor.
///
///     to[u][n] += Σ_t factors[t] · from[offsets[t] + u · from_row + n]
///
/// u counts rows, n the lanes of `vectors` vectors. The terms are added in their order, from zero, and the sum
/// to what is there.
typedef struct {
  const float *factors;
  const int32_t *offsets;
  ptrdiff_t count;
  const float *from;
  ptrdiff_t from_row;
  float *to;
  ptrdiff_t to_row;
  ptrdiff_t rows, vectors;
} starling_block_sum;

/// Sorts the gradients of pooled pixels into lists of terms; those that are zero, or have no winner, fall away.
///
/// Pixel p and channel j has the gradient at p · gradient_pixel + j · gradient_channel and the winner at
/// p · winners_pixel + j, behind which 16 more bytes may be read.
typedef struct {
  const float *gradient;
  ptrdiff_t gradient_pixel, gradient_channel;
  const uint8_t *winners;
  ptrdiff_t winners_pixel;
  ptrdiff_t pixels, channels;
  /// The lists, `capacity` apart, whose ends may be overwritten up to 16 terms beyond them; and how long each is,
  /// which is added to.
  float *factors;
  int32_t *offsets, *lengths;
  ptrdiff_t capacity;
  /// By winner: a term's offset is its channel's number times this.
  int32_t channel_step;
  /// By channel: a term's offset is its pixel's origin and its winner's step. Behind the origins 15 more may be read.
  const int32_t *origins;
  int32_t winner_steps[4];
  /// By channel: what the gradients of each channel are added to, up to a multiple of 16 channels.
  float *sums;
} starling_sort;

/// The gradient of kernels of 3 × 3 with one input channel, for a row of pooled pixels.
///
///     to[(3 u + v) · to_tap + j] += Σ_p gradient_p[j] · x[(w / 2 + u) · x_row + w % 2 + v + 2 p], w = winner_p[j]
typedef struct {
  const float *gradient;
  ptrdiff_t gradient_pixel;
  const uint8_t *winners;
  ptrdiff_t winners_pixel;
  const float *x;
  ptrdiff_t x_row;
  float *to;
  ptrdiff_t to_tap;
  /// What the gradients are added to.
  float *sums;
  ptrdiff_t pixels, vectors;
} starling_tap_sum;

/// The loops of one instruction set.
typedef struct {
  /// Numbers in a vector.
  int lanes;
  void (*tap_sum)(const starling_tap_sum *sum);
  void (*pool)(const starling_pool *pool);
  void (*block_sum)(const starling_block_sum *sum);
  /// A list for each winner, of the channels of one pixel: four lists.
  void (*sort_by_winner)(const starling_sort *sort);
  /// A list for each channel, of the pixels.
  void (*sort_by_channel)(const starling_sort *sort);
} starling_sparse_table;

const starling_sparse_table *starling_sparse_loops(starling_set set);

#endif
