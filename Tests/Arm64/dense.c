#include "oracle.h"

static void check_one(ptrdiff_t outputs, ptrdiff_t count) {
  const starling_dense_table *table = starling_dense(set);
  const ptrdiff_t pitch = count + 3, size = (outputs - 1) * pitch + count;
  const float rate = 0.5f;
  float *w = numbers(size), *x = numbers(count), *dY = numbers(outputs), *y = numbers(outputs), *dX = numbers(count);
  double *want_w = copy(w, size), *want_y = copy(y, outputs), *want_dX = copy(dX, count);
  for (ptrdiff_t o = 0; o < outputs; o++) {
    want_y[o] = 0;
    for (ptrdiff_t n = 0; n < count; n++) want_y[o] += (double)w[o * pitch + n] * x[n];
  }
  for (ptrdiff_t n = 0; n < count; n++) {
    want_dX[n] = 0;
    for (ptrdiff_t o = 0; o < outputs; o++) {
      want_dX[n] += (double)dY[o] * w[o * pitch + n];
      want_w[o * pitch + n] -= (double)rate * dY[o] * x[n];
    }
  }
  table->dots(w, pitch, outputs, x, count, y);
  SAME("sums", y, want_y, outputs);
  table->descend(w, pitch, outputs, dY, rate, x, count, dX);
  SAME("dX", dX, want_dX, count);
  SAME("w", w, want_w, size);
}

void check_dense(void) {
  static const int counts[] = {1, 2, 3, 5, 8, 15, 16, 17, 31, 33, 47, 70, 96, 101, 131, 197};
  for (int outputs = 1; outputs <= 19; outputs++)
    for (ptrdiff_t n = 0; n < COUNT(counts); n++) {
      begin("%d outputs, %d inputs", outputs, counts[n]);
      check_one(outputs, counts[n]);
    }
}
