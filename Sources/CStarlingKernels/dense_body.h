// The most vectors at a time: x and dX stay in the registers of any set, with room for the weights.
#define MOST 4

#define dots_of NAME(dots_of)
INLINE void dots_of(
    int vectors, const float *w, ptrdiff_t outputs, ptrdiff_t pitch, const float *x, float *sums) {
  vec xs[MOST];
  UNROLLED for (int v = 0; v < vectors; v++) xs[v] = load(x + v * LANES);
  for (ptrdiff_t o = 0; o < outputs; o++, w += pitch) {
    vec sum = load(sums + 16 * o);
    UNROLLED for (int v = 0; v < vectors; v++) sum += load(w + v * LANES) * xs[v];
    store(sums + 16 * o, sum);
  }
}

#define descend_of NAME(descend_of)
INLINE void descend_of(
    int vectors, float *w, ptrdiff_t outputs, ptrdiff_t pitch, const float *dY, float rate, const float *x,
    float *dX) {
  vec sum[MOST], xs[MOST];
  UNROLLED for (int v = 0; v < vectors; v++) {
    sum[v] = (vec){0};
    xs[v] = load(x + v * LANES);
  }
  for (ptrdiff_t o = 0; o < outputs; o++, w += pitch) {
    vec g = splat(dY[o]), step = splat(-rate * dY[o]);
    UNROLLED for (int v = 0; v < vectors; v++) {
      vec weight = load(w + v * LANES);
      sum[v] += g * weight;
      store(w + v * LANES, weight + step * xs[v]);
    }
  }
  UNROLLED for (int v = 0; v < vectors; v++) store(dX + v * LANES, sum[v]);
}

// Calls a function with the number of vectors as a constant, MOST at a time.
#define IN_CONSTANT_STEPS(vectors, CALL)           \
  for (ptrdiff_t first = 0; first < vectors;) {    \
    const ptrdiff_t left = vectors - first;        \
    const ptrdiff_t now = left < MOST ? left : MOST; \
    switch (now) {                                 \
      case 1: CALL(1); break;                      \
      case 2: CALL(2); break;                      \
      case 3: CALL(3); break;                      \
      case 4: CALL(4); break;                      \
    }                                              \
    first += now;                                  \
  }

static void NAME(dots)(const float *w, ptrdiff_t outputs, const float *x, ptrdiff_t vectors, float *sums) {
  const ptrdiff_t pitch = vectors * LANES;
#define CALL(N) dots_of(N, w + first * LANES, outputs, pitch, x + first * LANES, sums)
  IN_CONSTANT_STEPS(vectors, CALL)
#undef CALL
}

static void NAME(fold)(const float *sums, ptrdiff_t outputs, float *y) {
  for (ptrdiff_t o = 0; o < outputs; o++) {
    vec sum = load(sums + 16 * o);
    float total[LANES];
    store(total, sum);
    // Halves, quarters, … so that the additions do not wait for each other.
    for (int half = LANES / 2; half > 0; half /= 2)
      for (int lane = 0; lane < half; lane++) total[lane] += total[lane + half];
    y[o] = total[0];
  }
}

static void NAME(descend)(
    float *w, ptrdiff_t outputs, const float *dY, float rate, const float *x, ptrdiff_t vectors, float *dX) {
  const ptrdiff_t pitch = vectors * LANES;
#define CALL(N) descend_of(N, w + first * LANES, outputs, pitch, dY, rate, x + first * LANES, dX + first * LANES)
  IN_CONSTANT_STEPS(vectors, CALL)
#undef CALL
}

static const starling_dense_table NAME(starling_dense_table) = {NAME(dots), NAME(fold), NAME(descend)};

#undef MOST
#undef dots_of
#undef descend_of
#undef IN_CONSTANT_STEPS
