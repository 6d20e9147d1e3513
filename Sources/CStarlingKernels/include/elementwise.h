#ifndef STARLING_ELEMENTWISE_H
#define STARLING_ELEMENTWISE_H

#include <stddef.h>
#include <stdint.h>

#include "instruction_sets.h"

/// y[n] = f(x[n]). y may be x. Nothing beyond `count` is read or written, and no result depends on where in the
/// array its number stands.
typedef void (*starling_map)(const float *x, float *y, ptrdiff_t count);

/// dX[n] = dY[n] · f′, given y[n] = f(x[n]). dX may be dY.
typedef void (*starling_slope)(const float *y, const float *dY, float *dX, ptrdiff_t count);

/// Which numbers of an array are dropped, and how much the others grow.
typedef struct {
  /// Number e takes 16 random bits: piece e mod 4, lowest first, of word ⌊e / 4⌋ of SplitMix64's sequence from `seed`.
  uint64_t seed;
  /// It is dropped if they are below this: 0 to 65,536.
  int threshold;
  /// What is kept is multiplied by this.
  float scale;
} starling_dropout;

/// The loops over arrays of numbers, of one instruction set. Errors are in units in the last place of the exact
/// result; a NaN gives a NaN everywhere.
typedef struct {
  /// Numbers in a vector.
  int lanes;
  /// e^x to 1.1 ulp over all numbers, results below the normal range and at both infinities included.
  starling_map exp;
  /// log x to 1.0 ulp; −∞ at ±0, NaN below.
  starling_map log;
  /// 1 / (1 + e^−x) to 2.5 ulp, however small it becomes.
  starling_map sigmoid;
  /// tanh x to 2.5 ulp, near zero as well.
  starling_map tanh;
  /// max(0, x)
  starling_map relu;
  /// dY · y · (1 − y)
  starling_slope sigmoid_slope;
  /// dY · (1 − y²)
  starling_slope tanh_slope;
  /// dY where y > 0, else 0
  starling_slope relu_slope;
  /// y[n] += a · x[n]
  void (*add_scaled)(float a, const float *x, float *y, ptrdiff_t count);
  /// y[r][c] = e^(x[r][c] − m_r) / Σ_c e^(x[r][c] − m_r), with m_r the largest of the row. y may be x.
  void (*softmax)(const float *x, ptrdiff_t x_row, float *y, ptrdiff_t y_row, ptrdiff_t rows, ptrdiff_t columns);
  /// Σ_n x[n]: a chain for each lane, then the lanes in their order.
  float (*sum)(const float *x, ptrdiff_t count);
  /// sums[c] = Σ_r x[r][c], each in the order of the rows.
  void (*column_sums)(const float *x, ptrdiff_t x_row, ptrdiff_t rows, ptrdiff_t columns, float *sums);
  /// y[c][r] = x[r][c]
  void (*transpose)(const float *x, ptrdiff_t x_row, float *y, ptrdiff_t y_row, ptrdiff_t rows, ptrdiff_t columns);
  /// y[n] = scale · x[n]
  void (*from_bytes)(const uint8_t *x, float scale, float *y, ptrdiff_t count);
  /// y[n] = 0 if number first + n is dropped, else scale · x[n]. `first` is a multiple of 4. y may be x.
  void (*dropout)(const starling_dropout *dropout, const float *x, float *y, ptrdiff_t first, ptrdiff_t count);
} starling_elementwise_table;

const starling_elementwise_table *starling_elementwise_loops(starling_set set);

#endif
