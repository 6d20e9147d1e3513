// The sums of neighbouring lanes: those of a, then those of b.
#define pair_sums NAME(pair_sums)
static inline __attribute__((always_inline)) vec pair_sums(vec a, vec b) {
#if LANES == 16
  return __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30)
         + __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
#elif LANES == 8
  return __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14)
         + __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15);
#else
  return __builtin_shufflevector(a, b, 0, 2, 4, 6) + __builtin_shufflevector(a, b, 1, 3, 5, 7);
#endif
}

// Eight rows at a time: as many chains of multiply-adds as keep two units with a latency of four busy.
#define ROWS 8

static void NAME(dots)(
    const float *w, ptrdiff_t pitch, ptrdiff_t outputs, const float *x, ptrdiff_t count, float *sums) {
  const ptrdiff_t whole = count / LANES * LANES;
  for (ptrdiff_t o = 0; o < outputs; o += ROWS) {
    // Rows beyond the last are the last one again, and their sums are dropped.
    const float *row[ROWS];
    for (int r = 0; r < ROWS; r++) row[r] = w + (o + r < outputs ? o + r : outputs - 1) * pitch;
    vec sum[ROWS];
#pragma clang loop unroll(full)
    for (int r = 0; r < ROWS; r++) sum[r] = (vec){0};
    for (ptrdiff_t n = 0; n < whole; n += LANES) {
      vec xn = load(x + n);
#pragma clang loop unroll(full)
      for (int r = 0; r < ROWS; r++) sum[r] += load(row[r] + n) * xn;
    }
    // Halving the number of vectors, and of lanes to a row, until each row has one.
    for (int vectors = ROWS; vectors > 1; vectors /= 2) {
#if LANES == 4
      if (vectors == 2) break;
#endif
#pragma clang loop unroll(full)
      for (int v = 0; v < ROWS / 2; v++)
        if (v < vectors / 2) sum[v] = pair_sums(sum[2 * v], sum[2 * v + 1]);
    }
#if LANES == 16
    sum[0] = pair_sums(sum[0], sum[0]);
#endif
    float out[2 * LANES];
    store(out, sum[0]);
    store(out + LANES, sum[1]);
    for (int r = 0; r < ROWS && o + r < outputs; r++) {
      float total = out[r];
      for (ptrdiff_t n = whole; n < count; n++) total += row[r][n] * x[n];
      sums[o + r] = total;
    }
  }
}

// As many vectors of dX, with those of x, as fit in the registers.
#if REGISTERS == 32
#define STRIP 6
#else
#define STRIP 4
#endif

#define descend_strip NAME(descend_strip)
static inline __attribute__((always_inline)) void descend_strip(
    int vectors, float *w, ptrdiff_t pitch, ptrdiff_t outputs, const float *dY, float rate, const float *x,
    float *dX) {
  vec sum[STRIP], xs[STRIP];
#pragma clang loop unroll(full)
  for (int v = 0; v < vectors; v++) {
    sum[v] = (vec){0};
    xs[v] = load(x + v * LANES);
  }
  for (ptrdiff_t o = 0; o < outputs; o++, w += pitch) {
    vec g = splat(dY[o]), step = splat(-rate * dY[o]);
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) {
      vec weight = load(w + v * LANES);
      sum[v] += g * weight;
      store(w + v * LANES, weight + step * xs[v]);
    }
  }
#pragma clang loop unroll(full)
  for (int v = 0; v < vectors; v++) store(dX + v * LANES, sum[v]);
}

static void NAME(descend)(
    float *w, ptrdiff_t pitch, ptrdiff_t outputs, const float *dY, float rate, const float *x, ptrdiff_t count,
    float *dX) {
  ptrdiff_t n = 0;
  for (; n + STRIP * LANES <= count; n += STRIP * LANES)
    descend_strip(STRIP, w + n, pitch, outputs, dY, rate, x + n, dX + n);
  for (; n + LANES <= count; n += LANES) descend_strip(1, w + n, pitch, outputs, dY, rate, x + n, dX + n);
  for (; n < count; n++) {
    float sum = 0;
    for (ptrdiff_t o = 0; o < outputs; o++) {
      float *weight = w + o * pitch + n;
      sum += dY[o] * *weight;
      *weight += -rate * dY[o] * x[n];
    }
    dX[n] = sum;
  }
}

static const starling_dense_table NAME(starling_dense_table) = {NAME(dots), NAME(descend)};

#undef pair_sums
#undef ROWS
#undef STRIP
#undef descend_strip
