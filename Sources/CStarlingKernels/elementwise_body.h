// Functions of single numbers, over arrays; sums; and the transpose.

INLINE vec NAME(magnitude)(vec x) { return (vec)((ivec)x & 0x7fffffff); }

// MARK: exponentials

// x = n·log 2 + r with a whole n and |r| ≤ ½·log 2; gives e^r − 1, and n.
//
// Adding 1.5·2²³ rounds to a whole number. The high part of log 2 has 15 bits, so that its product with n is exact. The
// polynomial is the one of degree 4 for (e^r − 1 − r) / r² with the least error relative to e^r (Remez), 3e-9.
INLINE vec NAME(exp_fraction)(vec x, vec *whole) {
  const float rounding = 0x1.8p23f;
  const vec n = x * 0x1.715476p0f + rounding - rounding;
  *whole = n;
  const vec r = (x - n * 0x1.62e4p-1f) - n * 0x1.7f7d1cp-20f;
  vec q = r * 0.00138145986467f + 0.00836871687973f;
  q = q * r + 0.0416683880453f;
  q = q * r + 0.166665206317f;
  q = q * r + 0.499999934478f;
  return q * (r * r) + r;
}

// A whole n as one, whose bits are those at the end of n + 1.5·2²³; of a NaN, anything.
INLINE ivec NAME(whole_number)(vec n) { return (ivec)(n + 0x1.8p23f) - 0x4b400000; }

// 2^n for n from −126 to 127.
INLINE vec NAME(power_of_two)(ivec n) { return (vec)((n + 127) << 23); }

// y·2^n for a whole n. Where no instruction does it, in two halves: 2^n may be out of range where the result is not.
INLINE vec NAME(scaled)(vec y, vec n) {
#if LANES == 16
  return _mm512_scalef_ps(y, n);
#else
  const ivec whole = NAME(whole_number)(n), half = whole >> 1;
  return y * NAME(power_of_two)(half) * NAME(power_of_two)(whole - half);
#endif
}

// e^x for x up to 89. Below the end that x is held at it is 0 in Float.
INLINE vec NAME(exp_to_89)(vec x) {
  vec n;
  const vec y = NAME(exp_fraction)(larger(splat(-104), x), &n) + 1;
  return NAME(scaled)(y, n);
}

// From 89 on it is ∞ in Float.
INLINE vec NAME(exp)(vec x) { return NAME(exp_to_89)(-larger(splat(-89), -x)); }

// Of e^−|x|, which cannot overflow: 1 / (1 + e^−x) above zero, e^x / (1 + e^x) below, where nothing cancels.
INLINE vec NAME(sigmoid)(vec x) {
  const vec e = NAME(exp_to_89)(-NAME(magnitude)(x));
  return choose(x > 0, splat(1), e) / (1 + e);
}

// With m = e^(−2|x|) − 1, which keeps its digits near zero: |tanh x| = −m / (2 + m).
INLINE vec NAME(tanh)(vec x) {
  vec n;
  const vec fraction = NAME(exp_fraction)(larger(splat(-40), -2 * NAME(magnitude)(x)), &n);
  const vec scale = NAME(power_of_two)(NAME(whole_number)(n));
  const vec m = scale * fraction + (scale - 1);
  const vec y = -m / (2 + m);
  return (vec)((ivec)y | ((ivec)x & (int)0x80000000));
}

// x = 2^n·(1 + f) with 1 + f from √½ to √2. The polynomial is the one of degree 7 for (log(1 + f) − f + f²/2) / f³ with
// the least error relative to the logarithm (Remez), 6e-9.
INLINE vec NAME(log)(vec x) {
  const ivec is_small = x < 0x1p-126f;
  const ivec bits = (ivec)choose(is_small, x * 0x1p23f, x);
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
  const vec outside = choose(x == 0, splat(-INFINITY), choose(x < 0, splat(NAN), x));
  return choose((x > 0) & (x < INFINITY), y, outside);
}

INLINE vec NAME(relu)(vec x) { return larger((vec){0}, x); }

INLINE vec NAME(sigmoid_slope)(vec y, vec dY) { return dY * (y * (1 - y)); }
INLINE vec NAME(tanh_slope)(vec y, vec dY) { return dY * (1 - y * y); }
INLINE vec NAME(relu_slope)(vec y, vec dY) { return (vec)((ivec)dY & (y > 0)); }

// Writes a vector of results at a time, and then what is left; AT(x) stands for the numbers of x that go into it.
#define EACH_VECTOR(y, count, RESULT)                                                                  \
  {                                                                                                    \
    ptrdiff_t n = 0;                                                                                   \
    for (const ptrdiff_t lanes = LANES; n + lanes <= count; n += lanes) store(y + n, RESULT);          \
    for (const ptrdiff_t lanes = count - n; n < count; n += lanes) store_part(y + n, RESULT, lanes);   \
  }
#define AT(x) (lanes == LANES ? load(x + n) : load_part(x + n, lanes))

#define MAP(f)                                                              \
  static void NAME(f##_all)(const float *x, float *y, ptrdiff_t count) {    \
    EACH_VECTOR(y, count, NAME(f)(AT(x)))                                   \
  }
#define SLOPE(f)                                                                             \
  static void NAME(f##_all)(const float *y, const float *dY, float *dX, ptrdiff_t count) {   \
    EACH_VECTOR(dX, count, NAME(f)(AT(y), AT(dY)))                                           \
  }

MAP(exp) MAP(log) MAP(sigmoid) MAP(tanh) MAP(relu)
SLOPE(sigmoid_slope) SLOPE(tanh_slope) SLOPE(relu_slope)

static void NAME(add_scaled)(float a, const float *x, float *y, ptrdiff_t count) {
  EACH_VECTOR(y, count, AT(y) + a * AT(x))
}

static void NAME(from_bytes)(const uint8_t *x, float scale, float *y, ptrdiff_t count) {
  ptrdiff_t n = 0;
  for (; n + LANES <= count; n += LANES) store(y + n, scale * __builtin_convertvector(load_bytes(x + n), vec));
  for (; n < count; n++) y[n] = scale * x[n];
}

#define GOLDEN 0x9e3779b97f4a7c15u
typedef uint64_t NAME(words) __attribute__((vector_size(2 * LANES)));

// SplitMix64's mixing function, of many counters at once, which go on. Each word of random bits makes four decisions,
// which lie in memory as the four numbers do.
INLINE ivec NAME(random_bits)(NAME(words) *counters) {
  typedef uint16_t pieces __attribute__((vector_size(2 * LANES)));
  NAME(words) z = *counters;
  *counters += GOLDEN * (LANES / 4);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return __builtin_convertvector((pieces)(z ^ (z >> 31)), ivec);
}

static void NAME(dropout)(const starling_dropout *d, const float *x, float *y, ptrdiff_t first, ptrdiff_t count) {
  const starling_dropout mask = *d;
  NAME(words) counters;
  for (int w = 0; w < LANES / 4; w++) counters[w] = mask.seed + GOLDEN * (uint64_t)(first / 4 + w + 1);
  EACH_VECTOR(y, count, (vec)((NAME(random_bits)(&counters) >= mask.threshold) & (ivec)(mask.scale * AT(x))))
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
  for (ptrdiff_t r = 0; r < rows; r++, x += x_row)
    UNROLLED for (int v = 0; v < vectors; v++) sum[v] += load(x + v * LANES);
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
    const ptrdiff_t whole = columns - columns % LANES;
    for (ptrdiff_t c = 0; c < whole; c += LANES) largest_of_lanes = larger(load(x + c), largest_of_lanes);
    float largest = -INFINITY;
    for (int lane = 0; lane < LANES; lane++) {
      largest = largest_of_lanes[lane] > largest ? largest_of_lanes[lane] : largest;
    }
    for (ptrdiff_t c = whole; c < columns; c++) largest = x[c] > largest ? x[c] : largest;
    EACH_VECTOR(y, columns, NAME(exp)(AT(x) - largest))
    const float sum = NAME(sum)(y, columns);
    EACH_VECTOR(y, columns, AT(y) / sum)
  }
}

// MARK: transpose

static void NAME(transpose_all)(
    const float *x, ptrdiff_t x_row, float *y, ptrdiff_t y_row, ptrdiff_t rows, ptrdiff_t columns) {
  const ptrdiff_t whole_rows = rows - rows % LANES, whole_columns = columns - columns % LANES;
  for (ptrdiff_t r = 0; r < whole_rows; r += LANES) {
    for (ptrdiff_t c = 0; c < whole_columns; c += LANES) {
      vec block[LANES];
      UNROLLED for (int n = 0; n < LANES; n++) block[n] = load(x + (r + n) * x_row + c);
      transpose(block);
      UNROLLED for (int n = 0; n < LANES; n++) store(y + (c + n) * y_row + r, block[n]);
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
    NAME(transpose_all),
    NAME(from_bytes),
    NAME(dropout),
};

#undef MAP
#undef SLOPE
#undef EACH_VECTOR
#undef AT
#undef GOLDEN
