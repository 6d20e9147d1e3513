#ifndef STARLING_DENSE_H
#define STARLING_DENSE_H

#include <stddef.h>

#include "instruction_sets.h"

/// The loops of a dense layer for one image, where each weight is used once: they are as fast as the
/// second-level cache, and so read memory from its beginning to its end. A block holds the weights of 1 to 8 vectors
/// of inputs, [output][vector].
typedef struct {
  /// sums[o][lane] += Σ_vector w[o][vector][lane] · x[vector][lane]; sums has 16 floats an output.
  void (*dots)(const float *w, ptrdiff_t outputs, const float *x, ptrdiff_t vectors, float *sums);
  /// y[o] = Σ_lane sums[o][lane], for the LANES first of the 16.
  void (*fold)(const float *sums, ptrdiff_t outputs, float *y);
  /// dX[n] = Σ_o dY[o] · w[o][n], and then w[o][n] −= rate · dY[o] · x[n]; each weight is read before it is
  /// written, so that the result is that of two passes.
  void (*descend)(
      float *w, ptrdiff_t outputs, const float *dY, float rate, const float *x, ptrdiff_t vectors, float *dX);
} starling_dense_table;

const starling_dense_table *starling_dense_loops(starling_set set);

#endif
