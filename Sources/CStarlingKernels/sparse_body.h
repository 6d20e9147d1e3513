// Max pooling that remembers its winners, and sums of few terms: what the gradient of a pooled layer is made of.

typedef uint8_t NAME(bytes) __attribute__((vector_size(LANES), aligned(1)));

#define pick NAME(pick)
#define select NAME(select)

static inline __attribute__((always_inline)) vec select(ivec mask, vec a, vec b) {
  return (vec)((mask & (ivec)a) | (~mask & (ivec)b));
}

// Takes candidate number `which` where it is larger than the best so far, or no number at all.
static inline __attribute__((always_inline)) void pick(vec *best, ivec *winner, vec candidate, int which) {
  ivec takes = (candidate > *best) | (candidate != candidate);
  *best = select(takes, candidate, *best);
  *winner = (takes & (ivec){0} + which) | (~takes & *winner);
}

// The larger of each two; a NaN wherever one of them is one.
static inline __attribute__((always_inline)) vec NAME(largest)(vec a, vec b) {
  return select(a != a, a, larger(a, b));
}

static void NAME(pool)(const starling_pool *p) {
  const vec floor = splat(p->floor);
  for (ptrdiff_t x = 0; x < p->count; x++) {
    const float *from = p->from + 2 * x * p->from_pixel;
    float *to = p->to + x * p->to_pixel;
    uint8_t *winners = p->winners ? p->winners + x * p->winners_pixel : NULL;
    for (ptrdiff_t n = 0; n < p->vectors * LANES; n += LANES) {
      const float *above = from + n, *below = above + p->from_row;
      vec best = load(above);
      if (!winners) {
        best = NAME(largest)(load(above + p->from_pixel), best);
        best = NAME(largest)(load(below), best);
        best = NAME(largest)(load(below + p->from_pixel), best);
        store(to + n, larger(floor, best));
        continue;
      }
      ivec winner = {0};
      pick(&best, &winner, load(above + p->from_pixel), 1);
      pick(&best, &winner, load(below), 2);
      pick(&best, &winner, load(below + p->from_pixel), 3);
      ivec dead = best <= floor;
      winner = (dead & (ivec){0} + 4) | (~dead & winner);
      *(NAME(bytes) *)(winners + n) = __builtin_convertvector(winner, NAME(bytes));
      store(to + n, larger(floor, best));
    }
  }
}

#define TILE(ROWS, VECTORS)                                                                                   \
  static void NAME(sum_##ROWS##x##VECTORS)(                                                                   \
      const starling_block_sum *p, const float *from, float *to) {                                            \
    vec sums[ROWS][VECTORS];                                                                                  \
    _Pragma("clang loop unroll(full)") for (int u = 0; u < ROWS; u++)                                         \
        _Pragma("clang loop unroll(full)") for (int n = 0; n < VECTORS; n++) sums[u][n] = (vec){0};           \
    const ptrdiff_t from_row = p->from_row;                                                                   \
    const starling_term *end = p->terms + p->count;                                                           \
    for (const starling_term *term = p->terms; term < end; term++) {                                          \
      const vec factor = splat(term->factor);                                                                 \
      const float *at = from + term->offset;                                                                  \
      _Pragma("clang loop unroll(full)") for (int u = 0; u < ROWS; u++)                                       \
          _Pragma("clang loop unroll(full)") for (int n = 0; n < VECTORS; n++)                                \
              sums[u][n] += factor * load(at + u * from_row + n * LANES);                                     \
    }                                                                                                         \
    _Pragma("clang loop unroll(full)") for (int u = 0; u < ROWS; u++)                                         \
        _Pragma("clang loop unroll(full)") for (int n = 0; n < VECTORS; n++) {                                \
      float *sum = to + u * p->to_row + n * LANES;                                                            \
      store(sum, load(sum) + sums[u][n]);                                                                     \
    }                                                                                                         \
  }

#if REGISTERS == 32
#define MOST 24
#define EACH_ROW(R) TILE(R, 1) TILE(R, 2) TILE(R, 3) TILE(R, 4)
EACH_ROW(1) EACH_ROW(2) EACH_ROW(3) EACH_ROW(4) EACH_ROW(5)
TILE(1, 5) TILE(1, 6) TILE(1, 7) TILE(1, 8) TILE(2, 5) TILE(2, 6) TILE(2, 7) TILE(2, 8)
TILE(3, 5) TILE(3, 6) TILE(3, 7) TILE(3, 8) TILE(4, 5) TILE(4, 6)
#define NAMES(R) NAME(sum_##R##x1), NAME(sum_##R##x2), NAME(sum_##R##x3), NAME(sum_##R##x4)
#define TILE_NAMES                                                                                       \
  {NAMES(1), NAME(sum_1x5), NAME(sum_1x6), NAME(sum_1x7), NAME(sum_1x8)},                                \
  {NAMES(2), NAME(sum_2x5), NAME(sum_2x6), NAME(sum_2x7), NAME(sum_2x8)},                                \
  {NAMES(3), NAME(sum_3x5), NAME(sum_3x6), NAME(sum_3x7), NAME(sum_3x8)},                                \
  {NAMES(4), NAME(sum_4x5), NAME(sum_4x6)}, {NAMES(5)}
#else
#define MOST 12
TILE(1, 1) TILE(1, 2) TILE(1, 3) TILE(1, 4) TILE(1, 5) TILE(1, 6) TILE(1, 7) TILE(1, 8)
TILE(2, 1) TILE(2, 2) TILE(2, 3) TILE(2, 4) TILE(2, 5) TILE(2, 6) TILE(3, 1) TILE(3, 2) TILE(3, 3) TILE(3, 4)
TILE(4, 1) TILE(4, 2) TILE(4, 3) TILE(5, 1) TILE(5, 2)
#define TILE_NAMES                                                                                       \
  {NAME(sum_1x1), NAME(sum_1x2), NAME(sum_1x3), NAME(sum_1x4), NAME(sum_1x5), NAME(sum_1x6),             \
   NAME(sum_1x7), NAME(sum_1x8)},                                                                        \
  {NAME(sum_2x1), NAME(sum_2x2), NAME(sum_2x3), NAME(sum_2x4), NAME(sum_2x5), NAME(sum_2x6)},            \
  {NAME(sum_3x1), NAME(sum_3x2), NAME(sum_3x3), NAME(sum_3x4)},                                          \
  {NAME(sum_4x1), NAME(sum_4x2), NAME(sum_4x3)}, {NAME(sum_5x1), NAME(sum_5x2)}
#endif

static void (*const NAME(sums)[5][8])(const starling_block_sum *, const float *, float *) = {TILE_NAMES};

// Tiles of nearly equal size that fit in the registers.
static void NAME(block_sum)(const starling_block_sum *p) {
  const ptrdiff_t bands = (p->rows + 4) / 5;
  ptrdiff_t u = 0;
  for (ptrdiff_t band = 0; band < bands; band++) {
    const ptrdiff_t rows = p->rows / bands + (band < p->rows % bands);
    const ptrdiff_t most = MOST / rows < 8 ? MOST / rows : 8;
    const ptrdiff_t tiles = (p->vectors + most - 1) / most;
    ptrdiff_t n = 0;
    for (ptrdiff_t tile = 0; tile < tiles; tile++) {
      const ptrdiff_t vectors = p->vectors / tiles + (tile < p->vectors % tiles);
      NAME(sums)[rows - 1][vectors - 1](
          p, p->from + u * p->from_row + n * LANES, p->to + u * p->to_row + n * LANES);
      n += vectors;
    }
    u += rows;
  }
}

static const starling_sparse_table NAME(starling_sparse_table) = {LANES, NAME(pool), NAME(block_sum)};

#undef pick
#undef select
#undef TILE
#undef MOST
#undef EACH_ROW
#undef NAMES
#undef TILE_NAMES
