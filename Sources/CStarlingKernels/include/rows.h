#ifndef STARLING_ROWS_H
#define STARLING_ROWS_H

#include <stddef.h>

#include "instruction_sets.h"

/// One map of a convolution in rows: images of few channels, stride 1, whose outputs are a vector or more wide.
typedef struct {
  /// X_i[y][x] = x[i · x_plane + y · x_row + x], with its border.
  const float *x;
  ptrdiff_t x_plane, x_row;
  /// How many input channels there are, and the size of the kernel: K[i][u][v], contiguous.
  ptrdiff_t channels, kernel_height, kernel_width;
  /// Y[y][x] or dE/dY = y[y · y_row + x]: so many rows and columns.
  ptrdiff_t y_row, height, width;
} starling_rows;

typedef struct {
  /// Y = bias + Σ X_i ⋆ K_i, the sum as one chain in the order (u, v, i). The bias of row y, column x is
  /// bias[y · bias_row + x · bias_column]. Results below floor are raised to it.
  void (*forward)(
      const starling_rows *rows, const float *kernel, const float *bias, ptrdiff_t bias_row,
      ptrdiff_t bias_column, float floor, float *y);
  /// dK_i = X_i ⋆ dY
  void (*kernel_gradient)(const starling_rows *rows, const float *dY, float *dK);
} starling_rows_table;

const starling_rows_table *starling_rows_loops(starling_set set);

#endif
