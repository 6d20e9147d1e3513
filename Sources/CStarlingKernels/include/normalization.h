#ifndef STARLING_NORMALIZATION_H
#define STARLING_NORMALIZATION_H

#include <stddef.h>
#include <stdint.h>

#include "instruction_sets.h"

/// Pixels side by side whose channels come last, and what batch normalization makes of them.
///
/// Every array of one number a channel has room for whole vectors; of the pixels, nothing beyond `channels` is
/// read or written.
typedef struct {
  /// How many pixels there are, and each one's channels.
  ptrdiff_t count, channels;
  /// The pixels, and the floats from one to the next.
  const float *x;
  ptrdiff_t x_pixel;
  /// dE/dy of each.
  const float *dY;
  ptrdiff_t dY_pixel;
  /// Where the result goes.
  float *y;
  ptrdiff_t y_pixel;
  /// For each channel: y = scale · (x − mean) + shift.
  const float *mean, *scale, *shift;
  /// Results below it are raised to it, and have no slope: 0 is a ReLU, −∞ changes nothing. A NaN stays one.
  float floor;
  /// For each channel, what dE/dx has beside scale · dE/dy: drift + pull · (x − mean).
  const float *drift, *pull;
  /// For each channel, two sums that grow.
  float *sums, *products;
  /// For each of the first 2 · `pooled` pixels by two, which pixel of a window of 2 × 2 was the largest: see
  /// `starling_pool`. The bytes from one window's to the next one's, and the number of the first pixel in its window.
  const uint8_t *winners;
  ptrdiff_t winners_pixel, pooled;
  int first;
} starling_normalization;

/// The loops of one instruction set.
typedef struct {
  /// sums += Σ (x − mean), products += Σ (x − mean)²
  void (*statistics)(const starling_normalization *row);
  /// y = max(floor, scale · (x − mean) + shift)
  void (*normalize)(const starling_normalization *row);
  /// sums += Σ g, products += Σ g · (x − mean), where g is dE/dy, or 0 where the floor holds y
  void (*slope_sums)(const starling_normalization *row);
  /// y = scale · g + drift + pull · (x − mean)
  void (*slopes)(const starling_normalization *row);
  /// y = dE/dy of the window for the pixel that was its largest, else 0. Channels fill whole vectors.
  void (*unpool)(const starling_normalization *row);
} starling_normalization_table;

const starling_normalization_table *starling_normalization_loops(starling_set set);

#endif
