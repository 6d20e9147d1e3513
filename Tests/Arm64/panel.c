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
  p.a_vector = rows == 1 ? 5 * (variant % 3) : 0;
  p.b_vector = lanes + variant % 4, p.b_k = vectors * p.b_vector + 1, p.b_t = p.b_k * p.count_k + 2;
  p.b_s = p.b_t * p.count_t;
  p.c_vector = lanes + variant % 3, p.c_row = vectors * p.c_vector + variant % 5;
  p.bias_row = end == starling_panel_row_bias       ? 3
               : end == starling_panel_element_bias ? p.c_row + 1
               : end == starling_panel_vector_bias  ? vectors + 2
                                                    : 0;
  const ptrdiff_t last_k = p.count_k > 0 ? p.count_k - 1 : 0;
  const ptrdiff_t a_count = (rows - 1) * p.a_row + (vectors - 1) * p.a_vector + (p.count_s - 1) * p.a_s +
                            (p.count_t - 1) * p.a_t + last_k * p.a_k + 1;
  const ptrdiff_t b_count =
      (vectors - 1) * p.b_vector + (p.count_s - 1) * p.b_s + (p.count_t - 1) * p.b_t + last_k * p.b_k + lanes;
  const ptrdiff_t c_count = (rows - 1) * p.c_row + (vectors - 1) * p.c_vector + lanes;
  const ptrdiff_t bias_count = end == starling_panel_column_bias ? vectors * lanes
                               : end == starling_panel_row_bias  ? (rows - 1) * p.bias_row + 1
                               : end == starling_panel_vector_bias ? (rows - 1) * p.bias_row + vectors
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
            sum = chain(sum, a[m * p.a_row + vector * p.a_vector + s * p.a_s + t * p.a_t + k * p.a_k],
                        b[vector * p.b_vector + s * p.b_s + t * p.b_t + k * p.b_k + lane]);
      double *to = want + m * p.c_row + vector * p.c_vector + lane;
      switch (end) {
        case starling_panel_store: break;
        case starling_panel_add: sum += *to; break;
        case starling_panel_add_scaled: sum = chain(*to, p.scale, sum); break;
        case starling_panel_column_bias: sum += bias[j]; break;
        case starling_panel_row_bias: sum += bias[m * p.bias_row]; break;
        case starling_panel_element_bias: sum += bias[m * p.bias_row + vector * p.c_vector + lane]; break;
        case starling_panel_vector_bias: sum += bias[m * p.bias_row + vector]; break;
      }
      *to = raised(sum, p.floor);
    }
  }
  starling_panel_loops(set)->run(&p);
  SAME("C", c, want, c_count);
}

// Four sums, a window's: two rows of A side by side and the two below them.
static void window_sums(const starling_panel *p, ptrdiff_t window, ptrdiff_t column, double four[4]) {
  const float *b = p->b + column / lanes * p->b_vector + column % lanes;
  for (int n = 0; n < 4; n++) {
    const float *a = p->a + (2 * window + n % 2) * p->a_row + n / 2 * p->a_below;
    double sum = 0;
    for (ptrdiff_t s = 0; s < p->count_s; s++)
      for (ptrdiff_t t = 0; t < p->count_t; t++)
        for (ptrdiff_t k = 0; k < p->count_k; k++)
          sum = chain(sum, a[s * p->a_s + t * p->a_t + k * p->a_k], b[s * p->b_s + t * p->b_t + k * p->b_k]);
    four[n] = p->end == starling_panel_column_bias ? (float)(sum + p->bias[column]) : sum;
  }
}

// All floors, with a bias and without one, winners asked for and not; a NaN, and windows whose numbers are all equal.
static void check_windows(ptrdiff_t windows, ptrdiff_t vectors, int variant) {
  const ptrdiff_t columns = vectors * lanes;
  starling_panel p = {.rows = 4 * windows, .vectors = vectors};
  p.end = variant / 2 % 2 ? starling_panel_column_bias : starling_panel_store;
  p.floor = variant % 3 == 0 ? -INFINITY : variant % 3 == 1 ? 0 : 0.25f;
  p.count_s = 1 + variant % 2, p.count_t = 1 + variant / 3 % 2, p.count_k = 1 + variant % 4;
  p.a_k = 1, p.a_t = p.count_k, p.a_s = p.a_t * p.count_t + 1, p.a_row = p.a_s * p.count_s + variant % 3;
  p.a_below = 2 * windows * p.a_row + 5;
  p.b_vector = lanes + variant % 4, p.b_k = vectors * p.b_vector + 1, p.b_t = p.b_k * p.count_k + 2;
  p.b_s = p.b_t * p.count_t;
  p.c_vector = lanes + variant % 3, p.c_row = vectors * p.c_vector + variant % 5;
  p.winners_row = columns + variant % 3;
  const ptrdiff_t a_count = p.a_below + (2 * windows - 1) * p.a_row + (p.count_s - 1) * p.a_s +
                            (p.count_t - 1) * p.a_t + p.count_k;
  const ptrdiff_t b_count = (vectors - 1) * p.b_vector + (p.count_s - 1) * p.b_s + (p.count_t - 1) * p.b_t +
                            (p.count_k - 1) * p.b_k + lanes;
  const ptrdiff_t c_count = (windows - 1) * p.c_row + (vectors - 1) * p.c_vector + lanes;
  const ptrdiff_t winners_count = (windows - 1) * p.winners_row + columns;
  float *a = numbers(a_count), *b = numbers(b_count), *bias = numbers(columns), *c = numbers(c_count);
  uint8_t *winners = room(winners_count), *wanted = room(winners_count);
  for (ptrdiff_t n = 0; n < winners_count; n++) winners[n] = wanted[n] = 77;
  if (variant % 7 == 0) a[below((int)a_count)] = NAN;
  for (ptrdiff_t n = 0; variant % 7 == 1 && n < a_count; n++) a[n] = 0.5f;
  p.a = a, p.b = b, p.c = c, p.bias = bias, p.winners = variant % 5 ? winners : NULL;
  double *want = copy(c, c_count);
  for (ptrdiff_t w = 0; w < windows; w++) {
    for (ptrdiff_t j = 0; j < columns; j++) {
      double four[4];
      window_sums(&p, w, j, four);
      int winner = 0;
      bool is_nan = isnan(four[0]);
      for (int n = 1; n < 4; n++) winner = four[n] > four[winner] ? n : winner, is_nan |= isnan(four[n]);
      const double best = is_nan ? NAN : four[winner];
      want[w * p.c_row + j / lanes * p.c_vector + j % lanes] = raised(best, p.floor);
      if (p.winners) wanted[w * p.winners_row + j] = best <= p.floor ? 4 : winner;
      // Which of the others a NaN is said to be, nobody has promised.
      if (p.winners && is_nan) wanted[w * p.winners_row + j] = 99;
    }
  }
  starling_panel_loops(set)->run(&p);
  SAME("C", c, want, c_count);
  for (ptrdiff_t n = 0; n < winners_count; n++) {
    if (wanted[n] == 99) check("winner beside a NaN", n, winners[n] < 4, true, 0);
    else check("winners", n, winners[n], wanted[n], 0);
  }
}

void check_panel(void) {
  int variant = 0;
  for (ptrdiff_t vectors = 1; vectors <= 4; vectors++)
    for (ptrdiff_t rows = 1; rows <= 2 * starling_panel_loops(set)->tile_rows[vectors] + 1; rows++)
      for (int end = 0; end < 7; end++)
        for (int round = 0; round < 2; round++) {
          rounds = round;
          begin("%td rows, %td vectors, end %d, variant %d%s", rows, vectors, end, variant, rounds ? ", rounded" : "");
          check_one(rows, vectors, (starling_panel_end)end, variant++);
        }
  for (ptrdiff_t vectors = 1; vectors <= 3; vectors++)
    for (ptrdiff_t windows = 1; windows <= starling_panel_loops(set)->tile_rows[vectors] / 2 + 1; windows++)
      for (int turn = 0; turn < 14; turn++)
        for (int round = 0; round < 2; round++) {
          rounds = round;
          begin("%td windows, %td vectors, variant %d%s", windows, vectors, variant, rounds ? ", rounded" : "");
          check_windows(windows, vectors, variant++);
        }
  rounds = false;
}
