#ifndef STARLING_BATCH_LAST_H
#define STARLING_BATCH_LAST_H

#include <stddef.h>
#include <stdint.h>

#include "instruction_sets.h"

// Loops over activations that lie as [batch / 16][channel][height][width][16]: a pixel is sixteen numbers, one an
// image. All strides count floats. `row` leads to the next row of an image, `channel` to its next channel.
//
// A winner says where the largest number of a 2 × 2 window is: 0, 1 in the upper row, 2, 3 in the lower one. Their
// strides count bytes.

/// A row of 2 × 2 windows of a convolution, of which only the largest numbers are kept.
///
/// Each number of the convolution is one chain of multiply-adds, from zero, in the order s, t, k:
/// Σ kernels[j · kernel + n] · x[s · x_s + t · x_t + k · x_k], n counting the terms. The bias comes last.
typedef struct {
  const float *kernels;
  ptrdiff_t kernel;
  const float *x;
  ptrdiff_t x_row, x_s, x_t, x_k, count_s, count_t, count_k;
  /// One number for each kernel.
  const float *bias;
  ptrdiff_t depth, windows;
  float *y;
  ptrdiff_t y_channel;
  /// Null where nobody asks for them.
  uint8_t *winners;
  ptrdiff_t winners_channel;
  /// Results below it are raised to it.
  float floor;
} starling_pooled_convolution;

/// dE/dK of some kernels and one input channel, sixteen partial sums a number: sums[j][u][v][16] is added to.
typedef struct {
  const float *x;
  ptrdiff_t x_row, stride;
  const float *dy;
  ptrdiff_t dy_row, dy_channel;
  /// Null, or where dE/dY comes from: then dy is the gradient of 2 × 2 windows, and the stride is 1.
  const uint8_t *winners;
  ptrdiff_t winners_row, winners_channel;
  /// Of dy.
  ptrdiff_t rows, columns;
  ptrdiff_t depth, kernel_height, kernel_width;
  float *sums;
} starling_kernel_gradient;

/// dE/dX of one input channel, from the gradient of 2 × 2 windows. It is added to.
typedef struct {
  float *dx;
  ptrdiff_t x_row;
  const float *dy;
  ptrdiff_t dy_row, dy_channel;
  const uint8_t *winners;
  ptrdiff_t winners_row, winners_channel, rows, columns, depth;
  /// What each of the (kernel_height + 1)(kernel_width + 1) pixels under a window takes from its gradient, by its
  /// winner: taken[j · taken_kernel + 4 · pixel + winner]. Behind them 12 more numbers may be read.
  const float *taken;
  ptrdiff_t taken_kernel;
  ptrdiff_t kernel_height, kernel_width;
} starling_pooled_input_gradient;

/// The loops of one instruction set.
typedef struct {
  void (*pooled_convolution)(const starling_pooled_convolution *);
  void (*kernel_gradient)(const starling_kernel_gradient *);
  void (*pooled_input_gradient)(const starling_pooled_input_gradient *);
} starling_batch_last_table;

const starling_batch_last_table *starling_batch_last_loops(starling_set set);

#endif
