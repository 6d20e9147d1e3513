// Functions of single numbers, over arrays; sums; and the transpose.

#define INLINE static inline __attribute__((always_inline))

// a where the mask is set, else b.
INLINE vec NAME(choose)(ivec mask, vec a, vec b) { return (vec)((mask & (ivec)a) | (~mask & (ivec)b)); }

INLINE vec NAME(magnitude)(vec x) { return (vec)((ivec)x & 0x7fffffff); }

// MARK: exponentials

// x = n·log 2 + r with a whole n and |r| ≤ ½·log 2; gives e^r − 1, and n.
//
// Adding 1.5·2²³ rounds to a whole number, which is then in the low bits of the sum. The high part of log 2 has 15 bits,
// so that its product with n is exact. The polynomial is the one of degree 4 for (e^r − 1 − r) / r² with the least error
// relative to e^r (Remez), 3e-9.
INLINE vec NAME(exp_fraction)(vec x, ivec *whole) {
  const float rounding = 0x1.8p23f;
  const vec shifted = x * 0x1.715476p0f + rounding;
  const vec n = shifted - rounding;
  *whole = (ivec)shifted - 0x4b400000;
  const vec r = (x - n * 0x1.62e4p-1f) - n * 0x1.7f7d1cp-20f;
  vec q = r * 0.00138145986467f + 0.00836871687973f;
  q = q * r + 0.0416683880453f;
  q = q * r + 0.166665206317f;
  q = q * r + 0.499999934478f;
  return q * (r * r) + r;
}

// 2^n for n from −126 to 127.
INLINE vec NAME(power_of_two)(ivec n) { return (vec)((n + 127) << 23); }

// Beyond the ends that x is held at, e^x is 0 and ∞ in Float. 2^n is multiplied with in two halves, since it may be out of
// range where the result is not.
INLINE vec NAME(exp)(vec x) {
  x = larger(splat(-104), x);
  x = -larger(splat(-89), -x);
  ivec n;
  const vec y = NAME(exp_fraction)(x, &n) + 1;
  const ivec half = n >> 1;
  return y * NAME(power_of_two)(half) * NAME(power_of_two)(n - half);
}

// Of e^−|x|, which cannot overflow: 1 / (1 + e^−x) above zero, e^x / (1 + e^x) below, where nothing cancels.
INLINE vec NAME(sigmoid)(vec x) {
  const vec e = NAME(exp)(-NAME(magnitude)(x));
  return NAME(choose)(x > 0, splat(1), e) / (1 + e);
}

// With m = e^(−2|x|) − 1, which keeps its digits near zero: |tanh x| = −m / (2 + m).
INLINE vec NAME(tanh)(vec x) {
  ivec n;
  const vec fraction = NAME(exp_fraction)(larger(splat(-40), -2 * NAME(magnitude)(x)), &n);
  const vec scale = NAME(power_of_two)(n);
  const vec m = scale * fraction + (scale - 1);
  const vec y = -m / (2 + m);
  return (vec)((ivec)y | ((ivec)x & (int)0x80000000));
}

// x = 2^n·(1 + f) with 1 + f from √½ to √2. The polynomial is the one of degree 7 for (log(1 + f) − f + f²/2) / f³ with
// the least error relative to the logarithm (Remez), 6e-9.
INLINE vec NAME(log)(vec x) {
  const ivec is_small = x < 0x1p-126f;
  const ivec bits = (ivec)NAME(choose)(is_small, x * 0x1p23f, x);
  const ivec above = (bits - 0x3f3504f3) >> 23;
  const vec f = (vec)(bits - (above << 23)) - 1;
  const vec n = __builtin_convertvector(above - (is_small & 23), vec);
  vec p = f * -0.0763438480831f + 0.12765425185f;
  p = p * f - 0.131620039793f;
  p = p * f + 0.142013690417f;
  p = p * f - 0.166231445287f;
  p = p * f + 0.200012358606f;
  p = p * f - 0.250008267662f;
  p = p * f + 0.333333316822f;
  const vec tail = (p * f - 0.5f) * (f * f) + n * 0x1.7f7d1cp-20f;
  const vec y = (f + tail) + n * 0x1.62e4p-1f;
  const vec outside = NAME(choose)(x == 0, splat(-INFINITY), NAME(choose)(x < 0, splat(NAN), x));
  return NAME(choose)((x > 0) & (x < INFINITY), y, outside);
}

INLINE vec NAME(relu)(vec x) { return larger((vec){0}, x); }

INLINE vec NAME(sigmoid_slope)(vec y, vec dY) { return dY * (y * (1 - y)); }
INLINE vec NAME(tanh_slope)(vec y, vec dY) { return dY * (1 - y * y); }
INLINE vec NAME(relu_slope)(vec y, vec dY) { return (vec)((ivec)dY & (y > 0)); }

#define MAP(f)                                                                                            \
  static void NAME(f##_all)(const float *x, float *y, ptrdiff_t count) {                                  \
    ptrdiff_t n = 0;                                                                                      \
    for (; n + LANES <= count; n += LANES) store(y + n, NAME(f)(load(x + n)));                            \
    if (n < count) store_part(y + n, NAME(f)(load_part(x + n, count - n)), count - n);        \
  }
#define SLOPE(f)                                                                                          \
  static void NAME(f##_all)(const float *y, const float *dY, float *dX, ptrdiff_t count) {                \
    ptrdiff_t n = 0;                                                                                      \
    for (; n + LANES <= count; n += LANES) store(dX + n, NAME(f)(load(y + n), load(dY + n)));             \
    if (n == count) return;                                                                               \
    const vec yn = load_part(y + n, count - n), dYn = load_part(dY + n, count - n);           \
    store_part(dX + n, NAME(f)(yn, dYn), count - n);                                                \
  }

MAP(exp) MAP(log) MAP(sigmoid) MAP(tanh) MAP(relu)
SLOPE(sigmoid_slope) SLOPE(tanh_slope) SLOPE(relu_slope)

static void NAME(add_scaled)(float a, const float *x, float *y, ptrdiff_t count) {
  ptrdiff_t n = 0;
  for (; n + LANES <= count; n += LANES) store(y + n, load(y + n) + a * load(x + n));
  if (n == count) return;
  const vec yn = load_part(y + n, count - n), xn = load_part(x + n, count - n);
  store_part(y + n, yn + a * xn, count - n);
}

static void NAME(from_bytes)(const uint8_t *x, float scale, float *y, ptrdiff_t count) {
  typedef uint8_t bytes __attribute__((vector_size(LANES), aligned(1)));
  ptrdiff_t n = 0;
  for (; n + LANES <= count; n += LANES) {
    store(y + n, scale * __builtin_convertvector(*(const bytes *)(x + n), vec));
  }
  for (; n < count; n++) y[n] = scale * x[n];
}

// SplitMix64's mixing function, of many counters at once.
#define MIX(z) (z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u, z = (z ^ (z >> 27)) * 0x94d049bb133111ebu, z ^ (z >> 31))

// Each word of random bits makes four decisions, which lie in memory as the four numbers do.
static void NAME(dropout)(const starling_dropout *d, const float *x, float *y, ptrdiff_t first, ptrdiff_t count) {
  typedef uint64_t words __attribute__((vector_size(2 * LANES)));
  typedef uint16_t pieces __attribute__((vector_size(2 * LANES)));
  const uint64_t golden = 0x9e3779b97f4a7c15u;
  words counters;
  for (int w = 0; w < LANES / 4; w++) counters[w] = d->seed + golden * (uint64_t)(first / 4 + w + 1);
  for (ptrdiff_t n = 0; n < count; n += LANES, counters += golden * (LANES / 4)) {
    words z = counters;
    const ivec bits = __builtin_convertvector((pieces)MIX(z), ivec);
    const ivec keeps = bits >= d->threshold;
    if (n + LANES <= count) {
      store(y + n, (vec)(keeps & (ivec)(d->scale * load(x + n))));
    } else {
      const vec xn = load_part(x + n, count - n);
      store_part(y + n, (vec)(keeps & (ivec)(d->scale * xn)), count - n);
    }
  }
}

// MARK: sums

INLINE float NAME(lane_sum)(vec lanes) {
  float sum = lanes[0];
  for (int lane = 1; lane < LANES; lane++) sum += lanes[lane];
  return sum;
}

static float NAME(sum)(const float *x, ptrdiff_t count) {
  vec sum = {0};
  ptrdiff_t n = 0;
  for (; n + LANES <= count; n += LANES) sum += load(x + n);
  return NAME(lane_sum)(sum + load_part(x + n, count - n));
}

// The sums of `vectors` vectors of columns, in one pass over the rows.
INLINE void NAME(vector_sums)(const float *x, ptrdiff_t x_row, ptrdiff_t rows, int vectors, float *sums) {
  vec sum[4] = {{0}, {0}, {0}, {0}};
  for (ptrdiff_t r = 0; r < rows; r++, x += x_row) {
    for (int v = 0; v < vectors; v++) sum[v] += load(x + v * LANES);
  }
  for (int v = 0; v < vectors; v++) store(sums + v * LANES, sum[v]);
}

static void NAME(column_sums)(
    const float *x, ptrdiff_t x_row, ptrdiff_t rows, ptrdiff_t columns, float *sums) {
  ptrdiff_t c = 0;
  for (; c + 4 * LANES <= columns; c += 4 * LANES) NAME(vector_sums)(x + c, x_row, rows, 4, sums + c);
  for (; c + LANES <= columns; c += LANES) NAME(vector_sums)(x + c, x_row, rows, 1, sums + c);
  for (; c < columns; c++) {
    float sum = 0;
    for (ptrdiff_t r = 0; r < rows; r++) sum += x[r * x_row + c];
    sums[c] = sum;
  }
}

// A NaN in the row may not show in the largest, but its own exponential is one, and so is the sum.
static void NAME(softmax)(
    const float *x, ptrdiff_t x_row, float *y, ptrdiff_t y_row, ptrdiff_t rows, ptrdiff_t columns) {
  for (ptrdiff_t r = 0; r < rows; r++, x += x_row, y += y_row) {
    vec largest_of_lanes = splat(-INFINITY);
    const ptrdiff_t whole = columns - columns % LANES, rest = columns - whole;
    for (ptrdiff_t c = 0; c < whole; c += LANES) largest_of_lanes = larger(load(x + c), largest_of_lanes);
    float largest = -INFINITY;
    for (int lane = 0; lane < LANES; lane++) {
      largest = largest_of_lanes[lane] > largest ? largest_of_lanes[lane] : largest;
    }
    for (ptrdiff_t c = whole; c < columns; c++) largest = x[c] > largest ? x[c] : largest;
    vec sums = {0};
    for (ptrdiff_t c = 0; c < whole; c += LANES) {
      const vec e = NAME(exp)(load(x + c) - largest);
      store(y + c, e);
      sums += e;
    }
    if (rest > 0) {
      store_part(y + whole, NAME(exp)(load_part(x + whole, rest) - largest), rest);
      sums += load_part(y + whole, rest);
    }
    const float sum = NAME(lane_sum)(sums);
    for (ptrdiff_t c = 0; c < whole; c += LANES) store(y + c, load(y + c) / sum);
    if (rest > 0) store_part(y + whole, load_part(y + whole, rest) / sum, rest);
  }
}

// MARK: transpose

// The numbers of the first halves, or of the second halves, of two vectors by turns.
#if LANES == 4
#define FIRST(a, b) __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define SECOND(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)
#elif LANES == 8
#define FIRST(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define SECOND(a, b) __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#else
#define FIRST(a, b) __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define SECOND(a, b) __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#endif

// Row and column are the high and the low half of a number's index in the block; every round of by-turns moves one bit of
// it from the top to the bottom, until the halves have changed places.
INLINE void NAME(transpose_block)(const float *x, ptrdiff_t x_row, float *y, ptrdiff_t y_row) {
  vec a[LANES], b[LANES];
#pragma clang loop unroll(full)
  for (int n = 0; n < LANES; n++) a[n] = load(x + n * x_row);
#pragma clang loop unroll(full)
  for (int bit = LANES; bit > 1; bit /= 2) {
#pragma clang loop unroll(full)
    for (int n = 0; n < LANES / 2; n++) {
      b[2 * n] = FIRST(a[n], a[n + LANES / 2]);
      b[2 * n + 1] = SECOND(a[n], a[n + LANES / 2]);
    }
#pragma clang loop unroll(full)
    for (int n = 0; n < LANES; n++) a[n] = b[n];
  }
#pragma clang loop unroll(full)
  for (int n = 0; n < LANES; n++) store(y + n * y_row, a[n]);
}

static void NAME(transpose)(
    const float *x, ptrdiff_t x_row, float *y, ptrdiff_t y_row, ptrdiff_t rows, ptrdiff_t columns) {
  const ptrdiff_t whole_rows = rows - rows % LANES, whole_columns = columns - columns % LANES;
  for (ptrdiff_t r = 0; r < whole_rows; r += LANES) {
    for (ptrdiff_t c = 0; c < whole_columns; c += LANES) {
      NAME(transpose_block)(x + r * x_row + c, x_row, y + c * y_row + r, y_row);
    }
  }
  for (ptrdiff_t r = 0; r < rows; r++) {
    for (ptrdiff_t c = r < whole_rows ? whole_columns : 0; c < columns; c++) y[c * y_row + r] = x[r * x_row + c];
  }
}

static const starling_elementwise_table NAME(starling_elementwise_table) = {
    LANES,
    NAME(exp_all),
    NAME(log_all),
    NAME(sigmoid_all),
    NAME(tanh_all),
    NAME(relu_all),
    NAME(sigmoid_slope_all),
    NAME(tanh_slope_all),
    NAME(relu_slope_all),
    NAME(add_scaled),
    NAME(softmax),
    NAME(sum),
    NAME(column_sums),
    NAME(transpose),
    NAME(from_bytes),
    NAME(dropout),
};

#undef INLINE
#undef MAP
#undef SLOPE
#undef MIX
#undef FIRST
#undef SECOND
