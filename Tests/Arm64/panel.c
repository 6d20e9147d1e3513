#include "oracle.h"

// All heights of up to two tiles and a row, all widths, all ends; the strides leave gaps of several sizes.
static void check_one(ptrdiff_t rows, ptrdiff_t vectors, starling_panel_end end, int variant) {
  starling_panel p = {.rows = rows, .vectors = vectors, .end = end, .scale = 0.5f};
  p.count_s = 1 + variant % 3, p.count_t = 1 + variant / 2 % 2, p.count_k = variant % 7;
  p.floor = variant % 2 ? 0 : -INFINITY;
  if (variant % 3 == 0) {
    p.a_row = 1, p.a_k = rows + 2, p.a_t = p.a_k * p.count_k + 1, p.a_s = p.a_t * p.count_t;
  } else {
    p.a_k = 1 + variant % 2, p.a_t = p.a_k * p.count_k, p.a_s = p.a_t * p.count_t + 1, p.a_row = p.a_s * p.count_s + 3;
  }
  p.b_vector = lanes + variant % 4, p.b_k = vectors * p.b_vector + 1, p.b_t = p.b_k * p.count_k + 2;
  p.b_s = p.b_t * p.count_t;
  p.c_vector = lanes + variant % 3, p.c_row = vectors * p.c_vector + variant % 5;
  p.bias_row = end == starling_panel_row_bias ? 3 : end == starling_panel_element_bias ? p.c_row + 1 : 0;
  const ptrdiff_t last_k = p.count_k > 0 ? p.count_k - 1 : 0;
  const ptrdiff_t a_count = (rows - 1) * p.a_row + (p.count_s - 1) * p.a_s + (p.count_t - 1) * p.a_t + last_k * p.a_k + 1;
  const ptrdiff_t b_count =
      (vectors - 1) * p.b_vector + (p.count_s - 1) * p.b_s + (p.count_t - 1) * p.b_t + last_k * p.b_k + lanes;
  const ptrdiff_t c_count = (rows - 1) * p.c_row + (vectors - 1) * p.c_vector + lanes;
  const ptrdiff_t bias_count = end == starling_panel_column_bias ? vectors * lanes
                               : end == starling_panel_row_bias  ? (rows - 1) * p.bias_row + 1
                                                                 : c_count + rows;
  float *a = numbers(a_count), *b = numbers(b_count), *bias = numbers(bias_count), *c = numbers(c_count);
  if (variant % 11 == 0) a[0] = NAN;
  p.a = a, p.b = b, p.c = c, p.bias = bias;
  double *want = copy(c, c_count);
  for (ptrdiff_t m = 0; m < rows; m++) {
    for (ptrdiff_t j = 0; j < vectors * lanes; j++) {
      const ptrdiff_t vector = j / lanes, lane = j % lanes;
      double sum = 0;
      for (ptrdiff_t s = 0; s < p.count_s; s++)
        for (ptrdiff_t t = 0; t < p.count_t; t++)
          for (ptrdiff_t k = 0; k < p.count_k; k++)
            sum = chain(sum, a[m * p.a_row + s * p.a_s + t * p.a_t + k * p.a_k],
                        b[vector * p.b_vector + s * p.b_s + t * p.b_t + k * p.b_k + lane]);
      double *to = want + m * p.c_row + vector * p.c_vector + lane;
      switch (end) {
        case starling_panel_store: break;
        case starling_panel_add: sum += *to; break;
        case starling_panel_add_scaled: sum = chain(*to, p.scale, sum); break;
        case starling_panel_column_bias: sum += bias[j]; break;
        case starling_panel_row_bias: sum += bias[m * p.bias_row]; break;
        case starling_panel_element_bias: sum += bias[m * p.bias_row + vector * p.c_vector + lane]; break;
      }
      *to = raised(sum, p.floor);
    }
  }
  starling_panel_loops(set)->run(&p);
  SAME("C", c, want, c_count);
}

void check_panel(void) {
  int variant = 0;
  for (ptrdiff_t vectors = 1; vectors <= 4; vectors++)
    for (ptrdiff_t rows = 1; rows <= 2 * starling_panel_loops(set)->tile_rows[vectors] + 1; rows++)
      for (int end = 0; end < 6; end++)
        for (int round = 0; round < 2; round++) {
          rounds = round;
          begin("%td rows, %td vectors, end %d, variant %d%s", rows, vectors, end, variant, rounds ? ", rounded" : "");
          check_one(rows, vectors, (starling_panel_end)end, variant++);
        }
  rounds = false;
}
