#ifndef STARLING_DENSE_H
#define STARLING_DENSE_H

#include <stddef.h>

#include "instruction_sets.h"

/// The loops of a dense layer for one image, where each weight is used once: they are as fast as the
/// second-level cache. Weights are read as the tensor holds them, [outputs][inputs] with `pitch` floats a row.
typedef struct {
  /// sums[o] = Σ_n w[o][n] · x[n], for n in 0..<count
  void (*dots)(
      const float *w, ptrdiff_t pitch, ptrdiff_t outputs, const float *x, ptrdiff_t count, float *sums);
  /// dX[n] = Σ_o dY[o] · w[o][n], and then w[o][n] −= rate · dY[o] · x[n]; each weight is read before it is
  /// written, so that the result is that of two passes.
  void (*descend)(
      float *w, ptrdiff_t pitch, ptrdiff_t outputs, const float *dY, float rate, const float *x,
      ptrdiff_t count, float *dX);
} starling_dense_table;

const starling_dense_table *starling_dense(starling_set set);

#endif
