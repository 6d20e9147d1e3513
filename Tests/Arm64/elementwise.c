#include "oracle.h"

COVERS(starling_elementwise_table, 16);

static double sigmoid(double x) { return 1 / (1 + exp(-x)); }
static double relu(double x) { return raised(x, 0); }

// Every 16,381st float of all: 262,000 numbers, of all sizes and both signs, infinities and NaN among them.
static void check_map(const char *name, starling_map map, double (*exact)(double), double most) {
  enum { sample = 262187, step = 16381, longest = 37 };
  begin("%s, all sizes", name);
  float *x = room(sample * 4), *y = room(sample * 4);
  for (uint32_t n = 0; n < sample; n++) {
    union { uint32_t bits; float number; } any = {.bits = n < 4 ? 0x7f800000 ^ n << 30 : n * step};
    x[n] = any.number;
  }
  map(x, y, sample);
  for (ptrdiff_t n = 0; n < sample; n++) {
    const double want = exact(x[n]), error = ulps(y[n], want);
    check(name, n, y[n], error <= most ? y[n] : want, 0);
  }
  for (ptrdiff_t count = 0; count < longest; count++) {
    begin("%s, %td numbers in place", name, count);
    float *some = numbers(count), *alone = room(4);
    double *want = copy(some, count);
    for (ptrdiff_t n = 0; n < count; n++) map(some + n, alone, 1), want[n] = *alone;
    map(some, some, count);
    SAME(name, some, want, count);
  }
}

static void check_counted(ptrdiff_t count) {
  const starling_elementwise_table *table = starling_elementwise_loops(set);
  begin("%td numbers", count);
  float *x = numbers(count), *dY = numbers(count), *dX = numbers(count), *z = numbers(count);
  uint8_t *bytes = room(count);
  double *added = copy(z, count), *from = copy(x, count), total = 0;
  for (ptrdiff_t n = 0; n < count; n++) {
    bytes[n] = (uint8_t)below(256);
    from[n] = bytes[n] * (double)(1 / 255.0f);
    added[n] += 0.75 * x[n], total += x[n];
  }
  table->add_scaled(0.75f, x, z, count);
  SAME("y + a x", z, added, count);
  check("sum", 0, table->sum(x, count), total, 0);
  table->from_bytes(bytes, 1 / 255.0f, z, count);
  SAME("bytes", z, from, count);
  table->sigmoid_slope(x, dY, dX, count);
  for (ptrdiff_t n = 0; n < count; n++) check("sigmoid's slope", n, dX[n], dY[n] * (x[n] * (1.0 - x[n])), 0);
  table->tanh_slope(x, dY, dX, count);
  for (ptrdiff_t n = 0; n < count; n++) check("tanh's slope", n, dX[n], dY[n] * (1.0 - x[n] * x[n]), 0);
  table->relu_slope(x, dY, dX, count);
  for (ptrdiff_t n = 0; n < count; n++) check("relu's slope", n, dX[n], x[n] > 0 ? dY[n] : 0, 0);
  const starling_dropout dropout = {.seed = 77, .threshold = count % 9 ? 20000 : count % 2 * 65536, .scale = 1.25f};
  const ptrdiff_t first = count % 4 * 4;
  for (ptrdiff_t n = 0; n < count; n++) {
    uint64_t w = dropout.seed + 0x9e3779b97f4a7c15u * (uint64_t)((first + n) / 4 + 1);
    w = (w ^ w >> 30) * 0xbf58476d1ce4e5b9u, w = (w ^ w >> 27) * 0x94d049bb133111ebu, w ^= w >> 31;
    added[n] = (int)(w >> n % 4 * 16 & 0xffff) < dropout.threshold ? 0 : 1.25 * x[n];
  }
  table->dropout(&dropout, x, x, first, count);
  SAME("dropped out", x, added, count);
}

static void check_matrix(ptrdiff_t rows, ptrdiff_t columns) {
  const starling_elementwise_table *table = starling_elementwise_loops(set);
  begin("%td x %td", rows, columns);
  const ptrdiff_t x_row = columns + rows % 3, y_row = rows + columns % 4;
  const ptrdiff_t x_count = (rows - 1) * x_row + columns, y_count = (columns - 1) * y_row + rows;
  float *x = numbers(x_count), *y = numbers(y_count), *sums = numbers(columns);
  double *turned = copy(y, y_count), *want = copy(sums, columns);
  for (ptrdiff_t c = 0; c < columns; c++) {
    want[c] = 0;
    for (ptrdiff_t r = 0; r < rows; r++) turned[c * y_row + r] = x[r * x_row + c], want[c] += x[r * x_row + c];
  }
  table->transpose(x, x_row, y, y_row, rows, columns);
  SAME("transposed", y, turned, y_count);
  table->column_sums(x, x_row, rows, columns, sums);
  SAME("column sums", sums, want, columns);
  for (ptrdiff_t n = 0; n < x_count; n++) x[n] *= 40;
  double *softmax = copy(x, x_count);
  for (ptrdiff_t r = 0; r < rows; r++) {
    double sum = 0;
    for (ptrdiff_t c = 0; c < columns; c++) sum += exp(x[r * x_row + c] - 30.0);
    for (ptrdiff_t c = 0; c < columns; c++) softmax[r * x_row + c] = exp(x[r * x_row + c] - 30.0) / sum;
  }
  table->softmax(x, x_row, x, x_row, rows, columns);
  for (ptrdiff_t n = 0; n < x_count; n++) check("softmax", n, x[n], softmax[n], 8 * 0x1p-24 * fabs(softmax[n]));
}

void check_elementwise(void) {
  const starling_elementwise_table *table = starling_elementwise_loops(set);
  check_map("exp", table->exp, exp, 1.1), check_map("log", table->log, log, 1);
  check_map("sigmoid", table->sigmoid, sigmoid, 2.5), check_map("tanh", table->tanh, tanh, 2.5);
  check_map("relu", table->relu, relu, 0);
  for (ptrdiff_t count = 0; count <= 67; count++) check_counted(count);
  for (ptrdiff_t n = 1; n <= 35; n++) check_matrix(n, (n * 13 - 1) % 37 + 1), check_matrix((n * 13 - 1) % 37 + 1, 2 * n);
}
