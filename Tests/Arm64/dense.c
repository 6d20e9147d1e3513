#include "oracle.h"

COVERS(starling_dense_table, 3);

static void check_one(ptrdiff_t outputs, ptrdiff_t vectors) {
  const starling_dense_table *table = starling_dense_loops(set);
  const ptrdiff_t count = vectors * lanes, size = outputs * count, sum_count = 16 * (outputs - 1) + lanes;
  const float rate = 0.5f;
  float *w = numbers(size), *x = numbers(count), *dY = numbers(outputs), *y = numbers(outputs), *dX = numbers(count);
  float *sums = numbers(sum_count);
  double *want_w = copy(w, size), *want_sums = copy(sums, sum_count), *want_y = copy(y, outputs), *want_dX = copy(dX, count);
  for (ptrdiff_t o = 0; o < outputs; o++) {
    for (ptrdiff_t n = 0; n < count; n++) want_sums[16 * o + n % lanes] += (double)w[o * count + n] * x[n];
    want_y[o] = 0;
    for (ptrdiff_t lane = 0; lane < lanes; lane++) want_y[o] += want_sums[16 * o + lane];
  }
  for (ptrdiff_t n = 0; n < count; n++) {
    want_dX[n] = 0;
    for (ptrdiff_t o = 0; o < outputs; o++) {
      want_dX[n] += (double)dY[o] * w[o * count + n];
      want_w[o * count + n] -= (double)rate * dY[o] * x[n];
    }
  }
  table->dots(w, outputs, x, vectors, sums);
  SAME("sums", sums, want_sums, sum_count);
  table->fold(sums, outputs, y);
  SAME("y", y, want_y, outputs);
  table->descend(w, outputs, dY, rate, x, vectors, dX);
  SAME("dX", dX, want_dX, count);
  SAME("w", w, want_w, size);
}

void check_dense(void) {
  for (int outputs = 1; outputs <= 19; outputs++)
    for (int vectors = 1; vectors <= 8; vectors++) {
      begin("%d outputs, %d vectors of inputs", outputs, vectors);
      check_one(outputs, vectors);
    }
}
