#ifndef STARLING_PANEL_H
#define STARLING_PANEL_H

#include <stddef.h>
#include <stdint.h>

#include "instruction_sets.h"

/// What becomes of the sums of a panel.
typedef enum {
  /// C = sum
  starling_panel_store = 0,
  /// C += sum
  starling_panel_add = 1,
  /// C += scale · sum
  starling_panel_add_scaled = 2,
  /// C = sum + bias, one number a column: bias[n]
  starling_panel_column_bias = 3,
  /// C = sum + bias, one number a row: bias[m · bias_row]
  starling_panel_row_bias = 4,
  /// C = sum + bias, one number an element: bias[m · bias_row + vector · c_vector + lane]
  starling_panel_element_bias = 5,
  /// C = sum + bias, one number for all lanes of a vector: bias[m · bias_row + vector]
  starling_panel_vector_bias = 6,
} starling_panel_end;

/// A product of matrices whose right factor and result are a few vectors wide.
///
///     C[m][n] = Σ_s Σ_t Σ_k A[m][s, t, k] · B[s, t, k][n]
///
/// m counts rows, n the lanes of `vectors` vectors. The three sums run in this order, k innermost, as one chain of
/// multiply-adds an element, from zero. All strides count floats. With its strides it is a matrix product, a
/// convolution in any layout, and either of the convolution's gradients.
typedef struct {
  /// A[m][s, t, k] = a[m · a_row + s · a_s + t · a_t + k · a_k]
  const float *a;
  ptrdiff_t a_row, a_s, a_t, a_k;
  /// Zero, or how far below each row of A is another, for max pooling: then rows m, in fours, are windows of two rows
  /// side by side and the two below them, and C has a row for each window, with the largest of the four. It wants
  /// three vectors at most, and no bias but that of columns.
  ptrdiff_t a_below;
  /// Where there is a single row, each vector may have one of its own, so far behind the one before it: products that
  /// have nothing in common, computed side by side.
  ptrdiff_t a_vector;
  /// B[s, t, k][vector] = the LANES numbers at b + vector · b_vector + s · b_s + t · b_t + k · b_k
  const float *b;
  ptrdiff_t b_vector, b_s, b_t, b_k;
  /// How many terms each sum has.
  ptrdiff_t count_s, count_t, count_k;
  /// C[m][vector] = the LANES numbers at c + m · c_row + vector · c_vector
  float *c;
  ptrdiff_t c_row, c_vector;
  /// How many rows there are, and how many vectors: 1 to 4.
  ptrdiff_t rows, vectors;
  /// What becomes of the sums, and with what.
  starling_panel_end end;
  const float *bias;
  ptrdiff_t bias_row;
  float scale;
  /// The first window's winners, a byte for each column, or NULL: 0 to 3 in the order of rows, the first where several
  /// are equal, and 4 where the largest does not exceed the floor. The bytes from one window's to the next one's.
  uint8_t *winners;
  ptrdiff_t winners_row;
  /// Results below it are raised to it: 0 is a ReLU, −∞ changes nothing. A NaN stays one.
  float floor;
} starling_panel;

/// The loops of one instruction set.
typedef struct {
  /// Numbers in a vector.
  int lanes;
  /// The most rows that a register tile of so many vectors holds; rows beyond it take another tile.
  int tile_rows[5];
  /// Computes a panel.
  void (*run)(const starling_panel *panel);
} starling_panel_table;

const starling_panel_table *starling_panel_loops(starling_set set);

#endif
