#include "oracle.h"

COVERS(starling_winograd_table, 13);

// The matrices of F(2) and F(4), as their definition has them: a = √½, b = √2.
#define A 0.70710678118654752440
#define B 1.41421356237309504880
typedef struct {
  int rows, columns;
  double at[6][6];
} matrix;
static const matrix inputs[2] = {
    {4, 4, {{1, 0, -1}, {0, 1, 1}, {0, -1, 1}, {0, 1, 0, -1}}},
    {6, 6, {{1, 0, -2.5, 0, 1}, {0, -2 * A, -2, A, 1}, {0, 2 * A, -2, -A, 1}, {0, -B / 2, -.5, B, 1},
            {0, B / 2, -.5, -B, 1}, {0, 1, 0, -2.5, 0, 1}}}};
static const matrix outputs[2] = {
    {2, 4, {{1, 1, 1}, {0, 1, -1, -1}}},
    {4, 6, {{1, 1, 1, 1, 1}, {0, A, -A, B, -B}, {0, .5, .5, 2, 2}, {0, A / 2, -A / 2, 2 * B, -2 * B, 1}}}};
static const matrix tap_matrices[2] = {
    {4, 3, {{1}, {.5, .5, .5}, {.5, -.5, .5}, {0, 0, 1}}},
    {6, 3, {{1}, {-2 / 3., -2 * A / 3, -1 / 3.}, {-2 / 3., 2 * A / 3, -1 / 3.}, {1 / 6., B / 6, 1 / 3.},
            {1 / 6., -B / 6, 1 / 3.}, {0, 0, 1}}}};

// P in Pᵀ, or Pᵀ in P; and how far rounding may lead from it: nowhere for F(2), whose numbers are exact.
static double slack;
static void sandwich(const matrix *p, bool turned, const double *in, double *out) {
  const int rows = turned ? p->columns : p->rows, columns = turned ? p->rows : p->columns;
  slack = 0;
  for (int y = 0; y < rows; y++)
    for (int x = 0; x < rows; x++) {
      double size = 0;
      out[y * rows + x] = 0;
      for (int v = 0; v < columns; v++)
        for (int u = 0; u < columns; u++) {
          const double left = turned ? p->at[v][y] : p->at[y][v], right = turned ? p->at[u][x] : p->at[x][u];
          const double term = left * in[v * columns + u] * right;
          out[y * rows + x] += term, size += fabs(term);
        }
      if (p->rows + p->columns > 8) slack = fmax(slack, 16 * 0x1p-24 * size);
    }
}

typedef enum { of_input, of_output, of_pooled, of_gradient } way;

static void check_tile(int large, way way, int top, int bottom, int left, int right, bool adds) {
  static const char *const names[] = {"input", "output", "pooled output", "output gradient"};
  const int m = large ? 4 : 2, side = way == of_input ? m + 2 : way == of_pooled ? m / 2 : m;
  begin("F(%d) %s, rows %d to %d, columns %d to %d%s", m, names[way], top, bottom, left, right, adds ? ", sums" : "");
  const starling_winograd_transforms *f = large ? &starling_winograd_loops(set)->large : &starling_winograd_loops(set)->small;
  const ptrdiff_t channels = adds ? 48 : 16, pixel = channels + 1, row = side * pixel + 2, element = channels + 3;
  const ptrdiff_t first = top * row + left * pixel, end = (bottom - 1) * row + (right - 1) * pixel + channels;
  const ptrdiff_t element_count = ((m + 2) * (m + 2) - 1) * element + channels;
  float *pixels = numbers(end - first), *elements = numbers(element_count);
  double *want_pixels = copy(pixels, end - first), *want_elements = copy(elements, element_count);
  uint8_t *positions = room(end - first);
  starling_winograd_tile t = {
      .pixels = pixels - first, .row = row, .pixel = pixel, .top = top, .bottom = bottom, .left = left, .right = right,
      .elements = elements, .element = element, .channels = channels, .bias = numbers(channels),
      .floor = adds ? 0 : -INFINITY, .sums = adds && way == of_gradient ? numbers(channels) : NULL,
      .positions = adds ? positions - first : NULL, .positions_row = row};
  double *sums = t.sums ? copy(t.sums, channels) : NULL, most = 0;
  (way == of_input ? f->input : way == of_output ? f->output : way == of_pooled ? f->pooled_output : f->output_gradient)(&t);
  for (ptrdiff_t c = 0; c < channels; c++) {
    double in[36] = {0}, out[36];
    const bool reads = way == of_input || way == of_gradient;
    for (int n = 0; n < (reads ? side * side : (m + 2) * (m + 2)); n++) {
      const int y = n / side, x = n % side;
      if (!reads) in[n] = elements[n * element + c];
      else if (y >= top && y < bottom && x >= left && x < right) in[n] = pixels[y * row + x * pixel + c - first];
      if (sums) sums[c] += in[n];
    }
    sandwich(way == of_input ? inputs + large : outputs + large, way == of_gradient, in, out);
    most = fmax(most, slack);
    if (reads) {
      for (int n = 0; n < (m + 2) * (m + 2); n++) want_elements[n * element + c] = out[n];
      continue;
    }
    for (int n = 0; n < m * m; n++) out[n] += t.bias[c];
    for (int y = 0; y < bottom; y++)
      for (int x = 0; x < right; x++) {
        const ptrdiff_t at = y * row + x * pixel + c;
        double value = out[y * m + x];
        if (way == of_pooled) {
          int winner = 0;
          const double *window = out + 2 * y * m + 2 * x;
          for (int n = 1; n < 4; n++) if (window[n / 2 * m + n % 2] > window[winner / 2 * m + winner % 2]) winner = n;
          value = window[winner / 2 * m + winner % 2];
          // Where rounding may decide, either of two winners will do.
          const int found = adds ? positions[at] : 0;
          const double chosen = found < 4 ? window[found / 2 * m + found % 2] : t.floor;
          const bool will_do = large && fabs(chosen - raised(value, t.floor)) <= slack;
          if (adds) check("position", at, found, will_do ? found : value <= t.floor ? 4 : winner, 0);
        }
        want_pixels[at] = value = raised(value, t.floor);
      }
  }
  for (ptrdiff_t n = 0; n < end - first; n++) check("pixels", n, pixels[n], want_pixels[n], most);
  for (ptrdiff_t n = 0; n < element_count; n++) check("elements", n, elements[n], want_elements[n], most);
  for (ptrdiff_t c = 0; sums && c < channels; c++) check("sums", c, t.sums[c], sums[c], 32 * most);
}

static void check_kernels(int large, int count, int kernels, int parts) {
  begin("F(%d) kernels, %d turns of %d, %d parts", large ? 4 : 2, count, kernels, parts);
  const starling_winograd_transforms *f = large ? &starling_winograd_loops(set)->large : &starling_winograd_loops(set)->small;
  const int size = large ? 36 : 16;
  starling_winograd_kernels k = {.lanes = kernels, .count = count, .parts = parts, .tap = 2, .step = 19};
  k.lane = k.step * count + 1, k.elements_step = lanes + 2, k.element = k.elements_step * count + 1, k.part = size * k.element;
  const ptrdiff_t tap_count = (kernels - 1) * k.lane + (count - 1) * k.step + 8 * k.tap + 1;
  const ptrdiff_t element_count = (parts - 1) * k.part + (size - 1) * k.element + (count - 1) * k.elements_step + lanes;
  float *taps = k.taps = numbers(tap_count), *elements = k.elements = numbers(element_count);
  double *want = copy(elements, element_count), most = 0;
  f->kernels(&k);
  for (int n = 0; n < count; n++)
    for (ptrdiff_t l = 0; l < lanes; l++) {
      double in[9] = {0}, out[36];
      for (int i = 0; i < 9 && l < kernels; i++) in[i] = taps[l * k.lane + n * k.step + i * k.tap];
      sandwich(tap_matrices + large, false, in, out);
      most = fmax(most, slack);
      for (int e = 0; e < size; e++) want[e * k.element + n * k.elements_step + l] = out[e];
    }
  for (ptrdiff_t n = 0; n < element_count; n++) check("elements", n, elements[n], want[n], most);
  double *want_taps = copy(taps, tap_count);
  for (int n = 0; n < count; n++)
    for (ptrdiff_t l = 0; l < kernels; l++) {
      double in[36] = {0}, out[9];
      for (int e = 0; e < size * parts; e++) in[e % size] += elements[e / size * k.part + e % size * k.element + n * k.elements_step + l];
      sandwich(tap_matrices + large, true, in, out);
      most = fmax(most, slack);
      for (int i = 0; i < 9; i++) want_taps[l * k.lane + n * k.step + i * k.tap] = out[i];
    }
  f->kernel_gradient(&k);
  for (ptrdiff_t n = 0; n < tap_count; n++) check("taps", n, taps[n], want_taps[n], most);
}

void check_winograd(void) {
  for (int large = 0; large < 2; large++) {
    const int m = large ? 4 : 2;
    for (int n = 0; n < 2 * (m + 2) * (m + 2); n++) {
      const int y = n / 2 / (m + 2), x = n / 2 % (m + 2), adds = n % 2;
      check_tile(large, of_input, y / 2, m + 2 - y % 2, x / 3, x == 0 ? m + 2 : m / 2 + 1, adds);
      if (y < m && x < m) check_tile(large, of_output, 0, y + 1, 0, x + 1, adds), check_tile(large, of_gradient, 0, y + 1, 0, x + 1, adds);
      if (y < m / 2 && x < m / 2) check_tile(large, of_pooled, 0, y + 1, 0, x + 1, adds);
    }
    for (int kernels = 1; kernels <= lanes; kernels++) check_kernels(large, 1 + kernels % 3, kernels, 1 + kernels % 4);
  }
}
