#include "oracle.h"

COVERS(starling_rows_table, 2);

// Behind an image and its gradient are 16 numbers that may be read, but must not matter.
static float *image(ptrdiff_t count) {
  float *x = numbers(count + 16);
  for (int n = 0; n < 16; n++) x[count + n] = NAN;
  return x;
}

static void check_one(ptrdiff_t channels, ptrdiff_t kh, ptrdiff_t kw, ptrdiff_t height, ptrdiff_t width, int variant) {
  const starling_rows_table *table = starling_rows_loops(set);
  starling_rows r = {.channels = channels, .kernel_height = kh, .kernel_width = kw, .height = height, .width = width};
  r.x_row = width + kw - 1 + variant % 3, r.x_plane = r.x_row * (height + kh - 1) + variant % 2, r.y_row = width + variant % 4;
  const ptrdiff_t bias_column = variant % 2, bias_row = variant % 3 ? width + 1 : 0;
  const float floor = variant % 3 ? 0 : -INFINITY;
  const ptrdiff_t x_count = (channels - 1) * r.x_plane + (height + kh - 2) * r.x_row + width + kw - 1;
  const ptrdiff_t y_count = (height - 1) * r.y_row + width, k_count = channels * kh * kw;
  float *x = image(x_count), *dY = image(y_count), *k = numbers(k_count), *dK = numbers(k_count), *y = numbers(y_count);
  float *bias = numbers((height - 1) * bias_row + (width - 1) * bias_column + 1);
  r.x = x;
  double *want_y = copy(y, y_count), *want_dK = copy(dK, k_count);
  for (ptrdiff_t n = 0; n < k_count; n++) want_dK[n] = 0;
  for (ptrdiff_t row = 0; row < height; row++) {
    for (ptrdiff_t column = 0; column < width; column++) {
      double sum = 0;
      for (ptrdiff_t u = 0; u < kh; u++)
        for (ptrdiff_t v = 0; v < kw; v++)
          for (ptrdiff_t i = 0; i < channels; i++) {
            const ptrdiff_t tap = (i * kh + u) * kw + v;
            const float pixel = x[i * r.x_plane + (row + u) * r.x_row + column + v];
            sum = chain(sum, k[tap], pixel);
            want_dK[tap] += (double)pixel * dY[row * r.y_row + column];
          }
      want_y[row * r.y_row + column] = raised(sum + bias[row * bias_row + column * bias_column], floor);
    }
  }
  table->forward(&r, k, bias, bias_row, bias_column, floor, y);
  SAME("y", y, want_y, y_count);
  if (rounds) return;
  table->kernel_gradient(&r, dY, dK);
  SAME("dK", dK, want_dK, k_count);
}

void check_rows(void) {
  static const int kernels[][2] = {{1, 1}, {3, 3}, {5, 5}, {2, 7}, {4, 3}, {7, 11}};
  static const int widths[] = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33, 43};
  int variant = 0;
  for (ptrdiff_t n = 0; n < COUNT(kernels); n++)
    for (ptrdiff_t w = 0; w < COUNT(widths); w++) {
      // Narrower ones take another layout.
      if (widths[w] < lanes) continue;
      for (int height = 1; height <= 9; height += 2)
        for (int round = 0; round < 2; round++, variant++) {
          const int channels = 1 + variant % 3, kh = kernels[n][0], kw = kernels[n][1];
          rounds = round;
          begin("%d channels, kernel %d x %d, map %d x %d%s", channels, kh, kw, height, widths[w], rounds ? ", rounded" : "");
          check_one(channels, kh, kw, height, widths[w], variant / 2);
        }
    }
  rounds = false;
}
