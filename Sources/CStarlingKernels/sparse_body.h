// Max pooling that remembers its winners, and sums of few terms: what the gradient of a pooled layer is made of.

#include "pool.h"

static void NAME(pool)(const starling_pool *p) {
  const vec floor = splat(p->floor);
  for (ptrdiff_t x = 0; x < p->count; x++) {
    const float *from = p->from + 2 * x * p->from_pixel;
    for (ptrdiff_t n = 0; n < p->vectors * LANES; n += LANES) {
      const float *above = from + n, *below = above + p->from_row;
      const vec four[4] = {load(above), load(above + p->from_pixel), load(below), load(below + p->from_pixel)};
      store(p->to + x * p->to_pixel + n,
            largest_of_four(four, floor, p->winners ? p->winners + x * p->winners_pixel + n : NULL));
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
    for (ptrdiff_t term = 0; term < p->count; term++) {                                                       \
      const vec factor = splat(p->factors[term]);                                                             \
      const float *at = from + p->offsets[term];                                                              \
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

#if LANES == 16

// The gradients of sixteen channels of a pixel, those that have a winner; and the winners.
#define gradients NAME(gradients)
static inline __attribute__((always_inline)) vec gradients(
    const starling_sort *p, ptrdiff_t pixel, ptrdiff_t j, __m512i *winners) {
  const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  *winners = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(p->winners + pixel * p->winners_pixel + j)));
  const ptrdiff_t rest = p->channels - j;
  __mmask16 live = _mm512_mask_cmplt_epi32_mask(
      rest < 16 ? (__mmask16)((1u << rest) - 1) : 0xFFFF, *winners, _mm512_set1_epi32(4));
  const float *from = p->gradient + pixel * p->gradient_pixel + j * p->gradient_channel;
  if (p->gradient_channel == 1) return (vec)_mm512_maskz_loadu_ps(live, from);
  __m512i at = _mm512_mullo_epi32(lanes, _mm512_set1_epi32((int)p->gradient_channel));
  return (vec)_mm512_mask_i32gather_ps(_mm512_setzero_ps(), live, at, from, 4);
}

// Adds to a list those of sixteen terms that the mask keeps.
#define keep NAME(keep)
static inline __attribute__((always_inline)) void keep(
    const starling_sort *p, ptrdiff_t list, unsigned mask, vec factors, ivec offsets) {
  const ptrdiff_t to = list * p->capacity + p->lengths[list];
  store(p->factors + to, (vec)_mm512_maskz_compress_ps((__mmask16)mask, (__m512)factors));
  _mm512_storeu_si512(p->offsets + to, _mm512_maskz_compress_epi32((__mmask16)mask, (__m512i)offsets));
  p->lengths[list] += __builtin_popcount(mask);
}

static void NAME(sort_by_winner)(const starling_sort *p) {
  const ivec lanes = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  for (ptrdiff_t j = 0; j < p->channels; j += 16) {
    __m512i winners;
    const vec g = gradients(p, 0, j, &winners);
    const __mmask16 live = _mm512_cmp_ps_mask((__m512)g, _mm512_setzero_ps(), _CMP_NEQ_UQ);
#pragma clang loop unroll(full)
    for (int w = 0; w < 4; w++)
      keep(p, w, _mm512_mask_cmpeq_epi32_mask(live, winners, _mm512_set1_epi32(w)), g,
           ((int)j + lanes) * p->channel_step);
  }
}

// Exchanges the rows and columns of sixteen vectors.
#define transpose NAME(transpose)
static inline __attribute__((always_inline)) void transpose(vec *rows) {
#define STAGE(STEP, ...)                                                             \
  _Pragma("clang loop unroll(full)") for (int i = 0; i < 16; i++) if (!(i & STEP)) { \
    vec a = rows[i], b = rows[i + STEP];                                             \
    rows[i] = __builtin_shufflevector(a, b, __VA_ARGS__);                            \
    rows[i + STEP] = OTHER(STEP, __VA_ARGS__);                                       \
  }
#define OTHER(STEP, A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P)                                          \
  __builtin_shufflevector(a, b, A + STEP, B + STEP, C + STEP, D + STEP, E + STEP, F + STEP, G + STEP, H + STEP, \
                          I + STEP, J + STEP, K + STEP, L + STEP, M + STEP, N + STEP, O + STEP, P + STEP)
  STAGE(1, 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30)
  STAGE(2, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29)
  STAGE(4, 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27)
  STAGE(8, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23)
#undef STAGE
#undef OTHER
}

// Sixteen pixels of sixteen channels at a time: at first as vectors of channels, then of pixels.
static void NAME(sort_by_channel)(const starling_sort *p) {
  const __m512i steps = _mm512_castsi128_si512(_mm_loadu_si128((const __m128i *)p->winner_steps));
  for (ptrdiff_t pixel = 0; pixel < p->pixels; pixel += 16) {
    const ivec origins = (ivec)load((const float *)p->origins + pixel);
    for (ptrdiff_t j = 0; j < p->channels; j += 16) {
      vec g[16], step[16], sum = load(p->sums + j);
#pragma clang loop unroll(full)
      for (ptrdiff_t n = 0; n < 16; n++) {
        g[n] = step[n] = (vec){0};
        if (pixel + n >= p->pixels) continue;
        __m512i winners;
        g[n] = gradients(p, pixel + n, j, &winners);
        step[n] = (vec)_mm512_permutexvar_epi32(winners, steps);
        sum += g[n];
      }
      store(p->sums + j, sum);
      transpose(g);
      transpose(step);
      const ptrdiff_t rest = p->channels - j < 16 ? p->channels - j : 16;
      for (ptrdiff_t n = 0; n < rest; n++)
        keep(p, j + n, _mm512_cmp_ps_mask((__m512)g[n], _mm512_setzero_ps(), _CMP_NEQ_UQ), g[n],
             origins + (ivec)step[n]);
    }
  }
}

#undef gradients
#undef transpose

#else

// Adds a term to a list if its gradient is not zero and there is a winner: without a branch, which nobody could foresee.
#define keep NAME(keep)
static inline __attribute__((always_inline)) float keep(
    const starling_sort *p, ptrdiff_t list, float factor, uint8_t winner, int32_t offset) {
  const ptrdiff_t to = list * p->capacity + p->lengths[list];
  p->factors[to] = factor;
  p->offsets[to] = offset;
  p->lengths[list] += (factor != 0) & (winner < 4);
  return winner < 4 ? factor : 0;
}

static void NAME(sort_by_winner)(const starling_sort *p) {
  for (ptrdiff_t j = 0; j < p->channels; j++) {
    const uint8_t winner = p->winners[j];
    keep(p, winner & 3, p->gradient[j * p->gradient_channel], winner, (int)j * p->channel_step);
  }
}

static void NAME(sort_by_channel)(const starling_sort *p) {
  for (ptrdiff_t pixel = 0; pixel < p->pixels; pixel++) {
    for (ptrdiff_t j = 0; j < p->channels; j++) {
      const float factor = p->gradient[pixel * p->gradient_pixel + j * p->gradient_channel];
      const uint8_t winner = p->winners[pixel * p->winners_pixel + j];
      p->sums[j] += keep(p, j, factor, winner, p->origins[pixel] + p->winner_steps[winner & 3]);
    }
  }
}

#endif

#if REGISTERS == 32
#define PATCH_SUM NAME(patch_sum)
static void NAME(patch_sum)(const starling_patch_sum *p) {
  vec sums[4][4];
#pragma clang loop unroll(full)
  for (int n = 0; n < 16; n++) sums[n / 4][n % 4] = (vec){0};
#pragma clang loop unroll(full)
  for (int w = 0; w < 4; w++) {
    const float *factors = p->factors + w * p->capacity;
    const int32_t *offsets = p->offsets + w * p->capacity;
    for (ptrdiff_t t = 0; t < p->lengths[w]; t++) {
      const vec factor = splat(factors[t]);
      const float *at = p->from + offsets[t];
#pragma clang loop unroll(full)
      for (int n = 0; n < 9; n++) sums[w / 2 + n / 3][w % 2 + n % 3] += factor * load(at + n * LANES);
    }
  }
#pragma clang loop unroll(full)
  for (int n = 0; n < 16; n++) {
    float *to = p->to + n / 4 * p->to_row + n % 4 * p->pixel;
    store(to, load(to) + sums[n / 4][n % 4]);
  }
}
#else
#define PATCH_SUM NULL
#endif

// So many vectors of kernels at once: the numbers of X are spread over the lanes once for all of them.
#define taps NAME(taps)
static inline __attribute__((always_inline)) void taps(const starling_tap_sum *p, ptrdiff_t j, const int vectors) {
  vec sums[9][2], sum[2];
#pragma clang loop unroll(full)
  for (int n = 0; n < 9; n++) sums[n][0] = sums[n][1] = (vec){0};
  sum[0] = sum[1] = (vec){0};
  for (ptrdiff_t pixel = 0; pixel < p->pixels; pixel++) {
    const float *x = p->x + 2 * pixel;
    vec g[4][2];
#pragma clang loop unroll(full)
    for (int m = 0; m < vectors; m++) {
      const vec all = load(p->gradient + pixel * p->gradient_pixel + j + m * LANES);
      const ivec winner = __builtin_convertvector(
          *(const NAME(bytes) *)(p->winners + pixel * p->winners_pixel + j + m * LANES), ivec);
#pragma clang loop unroll(full)
      for (int w = 0; w < 4; w++) g[w][m] = (vec)((winner == w) & (ivec)all);
      sum[m] += (vec)((winner < 4) & (ivec)all);
    }
#pragma clang loop unroll(full)
    for (int w = 0; w < 4; w++)
#pragma clang loop unroll(full)
      for (int n = 0; n < 9; n++) {
        const vec at = splat(x[(w / 2 + n / 3) * p->x_row + w % 2 + n % 3]);
#pragma clang loop unroll(full)
        for (int m = 0; m < vectors; m++) sums[n][m] += at * g[w][m];
      }
  }
#pragma clang loop unroll(full)
  for (int m = 0; m < vectors; m++) {
    store(p->sums + j + m * LANES, load(p->sums + j + m * LANES) + sum[m]);
#pragma clang loop unroll(full)
    for (int n = 0; n < 9; n++) {
      float *to = p->to + n * p->to_tap + j + m * LANES;
      store(to, load(to) + sums[n][m]);
    }
  }
}

static void NAME(tap_sum)(const starling_tap_sum *p) {
  ptrdiff_t m = 0;
#if REGISTERS == 32
  for (; m + 2 <= p->vectors; m += 2) taps(p, m * LANES, 2);
#endif
  for (; m < p->vectors; m++) taps(p, m * LANES, 1);
}

static const starling_sparse_table NAME(starling_sparse_table) = {
    LANES, PATCH_SUM, NAME(tap_sum), NAME(pool), NAME(block_sum), NAME(sort_by_winner), NAME(sort_by_channel)};

#undef keep
#undef taps
#undef PATCH_SUM
#undef pick
#undef select
#undef TILE
#undef MOST
#undef EACH_ROW
#undef NAMES
#undef TILE_NAMES
