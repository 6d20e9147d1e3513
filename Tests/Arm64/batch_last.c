#include "oracle.h"

COVERS(starling_batch_last_table, 3);

static uint8_t *winners_of(ptrdiff_t count) {
  uint8_t *winners = room(count);
  for (ptrdiff_t n = 0; n < count; n++) winners[n] = (uint8_t)below(4);
  return winners;
}

// The winner of a window with a NaN.
enum { any = 255 };

static void check_pooled_convolution(ptrdiff_t depth, ptrdiff_t windows, int variant) {
  starling_pooled_convolution p = {.depth = depth, .windows = windows, .floor = variant % 3 ? 0 : -INFINITY};
  p.count_s = 1 + variant % 3, p.count_t = 1 + variant / 3 % 2, p.count_k = 1 + variant % 4;
  p.x_k = 16, p.x_t = 16 * (1 + variant % 2), p.x_row = 32 * windows + 16 * (p.count_t + p.count_k), p.x_s = p.x_row + variant % 2;
  const ptrdiff_t terms = p.count_s * p.count_t * p.count_k;
  p.kernel = terms + 1, p.y_channel = 16 * windows + 3, p.winners_channel = 16 * windows + 2;
  const ptrdiff_t x_count = (p.count_s - 1) * p.x_s + (p.count_t - 1) * p.x_t + (p.count_k - 1) * 16 + p.x_row + 32 * windows;
  const ptrdiff_t y_count = (depth - 1) * p.y_channel + 16 * windows, winner_count = (depth - 1) * p.winners_channel + 16 * windows;
  float *x = numbers(x_count), *kernels = numbers((depth - 1) * p.kernel + terms), *bias = numbers(depth), *y = numbers(y_count);
  uint8_t *winners = winners_of(winner_count), *want_winners = room(winner_count);
  for (ptrdiff_t n = 0; n < winner_count; n++) want_winners[n] = winners[n];
  if (variant % 5 == 0) x[3] = NAN;
  double *want = copy(y, y_count);
  for (ptrdiff_t j = 0; j < depth; j++)
    for (ptrdiff_t pixel = 0; pixel < 16 * windows; pixel++) {
      double best = -INFINITY;
      uint8_t winner = 0;
      for (uint8_t n = 0; n < 4; n++) {
        const float *at = x + 32 * (pixel / 16) + pixel % 16 + n / 2 * p.x_row + n % 2 * 16, *k = kernels + j * p.kernel;
        double sum = 0;
        for (ptrdiff_t s = 0; s < p.count_s; s++)
          for (ptrdiff_t t = 0; t < p.count_t; t++)
            for (ptrdiff_t i = 0; i < p.count_k; i++) sum = chain(sum, *k++, at[s * p.x_s + t * p.x_t + i * p.x_k]);
        sum = (float)(sum + bias[j]);
        if (isnan(sum) || sum > best) best = sum, winner = n;
      }
      want[j * p.y_channel + pixel] = raised(best, p.floor);
      want_winners[j * p.winners_channel + pixel] = isnan(best) ? any : winner;
    }
  p.x = x, p.kernels = kernels, p.bias = bias, p.y = y, p.winners = variant % 4 ? winners : NULL;
  starling_batch_last_loops(set)->pooled_convolution(&p);
  SAME("y", y, want, y_count);
  for (ptrdiff_t n = 0; n < winner_count; n++) if (want_winners[n] == any) want_winners[n] = winners[n];
  if (p.winners) SAME("winners", winners, want_winners, winner_count);
}

// The gradients of the kernels and of the input, of a layer with pooling (stride 0) or without.
static void check_gradients(ptrdiff_t depth, ptrdiff_t kh, ptrdiff_t kw, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t stride) {
  const ptrdiff_t step = stride ? stride : 2, pooled = !stride;
  starling_kernel_gradient p = {.stride = stride ? stride : 1, .rows = rows, .columns = columns, .depth = depth};
  p.kernel_height = kh, p.kernel_width = kw, p.x_row = 16 * ((columns - 1) * step + kw + pooled) + 1, p.dy_row = 16 * columns + 2;
  p.dy_channel = rows * p.dy_row + 1, p.winners_row = 16 * columns + 3, p.winners_channel = rows * p.winners_row;
  const ptrdiff_t x_count = ((rows - 1) * step + kh - 1 + pooled) * p.x_row + 16 * ((columns - 1) * step + kw + pooled);
  const ptrdiff_t dy_count = (depth - 1) * p.dy_channel + (rows - 1) * p.dy_row + 16 * columns, sum_count = 16 * depth * kh * kw;
  const ptrdiff_t winner_count = (depth - 1) * p.winners_channel + (rows - 1) * p.winners_row + 16 * columns;
  const ptrdiff_t pixels = (kh + 1) * (kw + 1), taken_kernel = 4 * pixels + 3;
  float *x = numbers(x_count), *dy = numbers(dy_count), *sums = numbers(sum_count), *dx = numbers(x_count);
  // A look-up reads sixteen numbers where it needs but four.
  float *taken = numbers((depth - 1) * taken_kernel + 4 * pixels + 16);
  uint8_t *winners = winners_of(winner_count);
  double *want = copy(sums, sum_count), *want_dx = copy(dx, x_count);
  for (ptrdiff_t n = 0; n < 16 * depth * rows * columns; n++) {
    const ptrdiff_t lane = n % 16, column = n / 16 % columns, row = n / 16 / columns % rows, j = n / 16 / columns / rows;
    const float *g = dy + j * p.dy_channel + row * p.dy_row + 16 * column + lane;
    const int winner = winners[j * p.winners_channel + row * p.winners_row + 16 * column + lane];
    const ptrdiff_t corner = row * step * p.x_row + 16 * column * step + lane;
    const ptrdiff_t from = corner + (pooled ? (winner >> 1 & 1) * p.x_row + 16 * (winner & 1) : 0);
    for (ptrdiff_t u = 0; u < kh; u++)
      for (ptrdiff_t v = 0; v < kw; v++) want[((j * kh + u) * kw + v) * 16 + lane] += (double)*g * x[from + u * p.x_row + 16 * v];
    for (ptrdiff_t pixel = 0; pooled && pixel < pixels; pixel++)
      want_dx[corner + pixel / (kw + 1) * p.x_row + pixel % (kw + 1) * 16] +=
          (double)*g * taken[j * taken_kernel + 4 * pixel + (winner & 3)];
  }
  p.x = x, p.dy = dy, p.sums = sums, p.winners = pooled ? winners : NULL;
  starling_batch_last_loops(set)->kernel_gradient(&p);
  SAME("dK", sums, want, sum_count);
  if (!pooled) return;
  const starling_pooled_input_gradient q = {
      .dx = dx, .x_row = p.x_row, .dy = dy, .dy_row = p.dy_row, .dy_channel = p.dy_channel, .winners = winners,
      .winners_row = p.winners_row, .winners_channel = p.winners_channel, .rows = rows, .columns = columns, .depth = depth,
      .taken = taken, .taken_kernel = taken_kernel, .kernel_height = kh, .kernel_width = kw};
  starling_batch_last_loops(set)->pooled_input_gradient(&q);
  SAME("dX", dx, want_dx, x_count);
}

void check_batch_last(void) {
  for (int n = 0; n < 104; n++) {
    rounds = n % 2;
    begin("%d kernels, %d windows, variant %d%s", 1 + n / 8, 1 + n % 3, n / 2, rounds ? ", rounded" : "");
    check_pooled_convolution(1 + n / 8, 1 + n % 3, n / 2);
  }
  rounds = false;
  for (int kh = 1; kh <= 6; kh++)
    for (int kw = 1; kw <= 7; kw++)
      for (int stride = 0; stride <= 3; stride++) {
        const int depth = 1 + (kh * 7 + kw) % 11, rows = 1 + kw % 3, columns = 1 + kh % 4;
        begin("%d kernels of %d x %d, map %d x %d, stride %d", depth, kh, kw, rows, columns, stride);
        check_gradients(depth, kh, kw, rows, columns, stride);
      }
}
