// Max pooling that remembers its winners, and sums of few terms: what the gradient of a pooled layer is made of.

// Of a copy of the row: what is written cannot change it.
static void NAME(pool)(const starling_pool *row) {
  const starling_pool p = *row;
  const vec floor = splat(p.floor);
  for (ptrdiff_t x = 0; x < p.count; x++) {
    const float *from = p.from + 2 * x * p.from_pixel;
    for (ptrdiff_t c = 0; c < p.vectors * LANES; c += LANES) {
      const float *above = from + c, *below = above + p.from_row;
      const vec window[4] = {load(above), load(above + p.from_pixel), load(below), load(below + p.from_pixel)};
      store(p.to + x * p.to_pixel + c,
            largest_of_four(window, floor, p.winners ? p.winners + x * p.winners_pixel + c : NULL));
    }
  }
}

INLINE void NAME(sum_tile)(
    const starling_block_sum *p, const float *from, float *to, const int rows, const int vectors) {
  vec sums[5][8];
  UNROLLED for (int u = 0; u < rows; u++) UNROLLED for (int n = 0; n < vectors; n++) sums[u][n] = (vec){0};
  const ptrdiff_t from_row = p->from_row;
  for (ptrdiff_t term = 0; term < p->count; term++) {
    const vec factor = splat(p->factors[term]);
    const float *at = from + p->offsets[term];
    UNROLLED for (int u = 0; u < rows; u++) UNROLLED for (int n = 0; n < vectors; n++)
        sums[u][n] += factor * load(at + u * from_row + n * LANES);
  }
  UNROLLED for (int u = 0; u < rows; u++) UNROLLED for (int n = 0; n < vectors; n++) {
    float *sum = to + u * p->to_row + n * LANES;
    store(sum, load(sum) + sums[u][n]);
  }
}

// Tiles of nearly equal size that fit in the registers.
static void NAME(block_sum)(const starling_block_sum *p) {
  enum { most = REGISTERS == 32 ? 24 : 12 };
  for (ptrdiff_t u = 0, rows; u < p->rows; u += rows) {
    rows = even_part(p->rows - u, 5);
    for (ptrdiff_t n = 0, vectors; n < p->vectors; n += vectors) {
      vectors = even_part(p->vectors - n, smaller(most / rows, 8));
      const float *from = p->from + u * p->from_row + n * LANES;
      float *to = p->to + u * p->to_row + n * LANES;
#define TILE(R, V) case 8 * R + V: if (R * V <= most) NAME(sum_tile)(p, from, to, R, V); break;
#define TILES(R) TILE(R, 1) TILE(R, 2) TILE(R, 3) TILE(R, 4) TILE(R, 5) TILE(R, 6) TILE(R, 7) TILE(R, 8)
      switch (8 * rows + vectors) { TILES(1) TILES(2) TILES(3) TILES(4) TILES(5) }
#undef TILE
#undef TILES
    }
  }
}

#if LANES == 16

// The gradients of sixteen channels of a pixel, zeros where there is no winner; and the winners.
INLINE vec NAME(gradients)(const starling_sort *p, ptrdiff_t pixel, ptrdiff_t j, ivec *winners) {
  const ivec lanes = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  *winners = load_bytes(p->winners + pixel * p->winners_pixel + j);
  const __mmask16 live = _mm512_movepi32_mask((__m512i)((*winners < 4) & (lanes < (int)(p->channels - j))));
  const float *from = p->gradient + pixel * p->gradient_pixel + j * p->gradient_channel;
  if (p->gradient_channel == 1) return _mm512_maskz_loadu_ps(live, from);
  return _mm512_mask_i32gather_ps((vec){0}, live, (__m512i)(lanes * (int)p->gradient_channel), from, 4);
}

// Adds to a list those of sixteen terms that the mask keeps.
INLINE void NAME(keep)(const starling_sort *p, ptrdiff_t list, ivec keeps, vec factors, ivec offsets) {
  const __mmask16 mask = _mm512_movepi32_mask((__m512i)keeps);
  const ptrdiff_t to = list * p->capacity + p->lengths[list];
  store(p->factors + to, _mm512_maskz_compress_ps(mask, factors));
  _mm512_storeu_si512(p->offsets + to, _mm512_maskz_compress_epi32(mask, (__m512i)offsets));
  p->lengths[list] += __builtin_popcount(mask);
}

static void NAME(sort_by_winner)(const starling_sort *p) {
  const ivec lanes = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  for (ptrdiff_t j = 0; j < p->channels; j += 16) {
    ivec winners;
    const vec g = NAME(gradients)(p, 0, j, &winners);
    UNROLLED for (int w = 0; w < 4; w++)
        NAME(keep)(p, w, (winners == w) & (g != 0), g, ((int)j + lanes) * p->channel_step);
  }
}

// Sixteen pixels of sixteen channels at a time: at first as vectors of channels, then of pixels.
static void NAME(sort_by_channel)(const starling_sort *p) {
  const __m512i steps = _mm512_castsi128_si512(_mm_loadu_si128((const __m128i *)p->winner_steps));
  for (ptrdiff_t pixel = 0; pixel < p->pixels; pixel += 16) {
    const ivec origins = (ivec)load((const float *)p->origins + pixel);
    for (ptrdiff_t j = 0; j < p->channels; j += 16) {
      vec g[16], step[16], sum = load(p->sums + j);
      UNROLLED for (ptrdiff_t n = 0; n < 16; n++) {
        g[n] = step[n] = (vec){0};
        if (pixel + n >= p->pixels) continue;
        ivec winners;
        g[n] = NAME(gradients)(p, pixel + n, j, &winners);
        step[n] = (vec)_mm512_permutexvar_epi32((__m512i)winners, steps);
        sum += g[n];
      }
      store(p->sums + j, sum);
      transpose(g);
      transpose(step);
      for (ptrdiff_t n = 0; n < smaller(p->channels - j, 16); n++)
        NAME(keep)(p, j + n, g[n] != 0, g[n], origins + (ivec)step[n]);
    }
  }
}

#else

// Adds a term to a list if its gradient is not zero and there is a winner: without a branch, which nobody could foresee.
INLINE float NAME(keep)(const starling_sort *p, ptrdiff_t list, float factor, uint8_t winner, int32_t offset) {
  const ptrdiff_t to = list * p->capacity + p->lengths[list];
  p->factors[to] = factor;
  p->offsets[to] = offset;
  p->lengths[list] += (factor != 0) & (winner < 4);
  return winner < 4 ? factor : 0;
}

static void NAME(sort_by_winner)(const starling_sort *p) {
  for (ptrdiff_t j = 0; j < p->channels; j++) {
    const uint8_t winner = p->winners[j];
    NAME(keep)(p, winner & 3, p->gradient[j * p->gradient_channel], winner, (int)j * p->channel_step);
  }
}

static void NAME(sort_by_channel)(const starling_sort *p) {
  for (ptrdiff_t pixel = 0; pixel < p->pixels; pixel++) {
    for (ptrdiff_t j = 0; j < p->channels; j++) {
      const float factor = p->gradient[pixel * p->gradient_pixel + j * p->gradient_channel];
      const uint8_t winner = p->winners[pixel * p->winners_pixel + j];
      p->sums[j] += NAME(keep)(p, j, factor, winner, p->origins[pixel] + p->winner_steps[winner & 3]);
    }
  }
}

#endif

// So many vectors of kernels at once: the numbers of X are spread over the lanes once for all of them.
INLINE void NAME(taps)(const starling_tap_sum *p, ptrdiff_t j, const int vectors) {
  vec sums[9][2] = {}, sum[2] = {};
  for (ptrdiff_t pixel = 0; pixel < p->pixels; pixel++) {
    const float *x = p->x + 2 * pixel;
    vec g[4][2];
    UNROLLED for (int m = 0; m < vectors; m++) {
      const vec all = load(p->gradient + pixel * p->gradient_pixel + j + m * LANES);
      const ivec winner = load_bytes(p->winners + pixel * p->winners_pixel + j + m * LANES);
      UNROLLED for (int w = 0; w < 4; w++) g[w][m] = (vec)((winner == w) & (ivec)all);
      sum[m] += (vec)((winner < 4) & (ivec)all);
    }
    UNROLLED for (int w = 0; w < 4; w++) UNROLLED for (int n = 0; n < 9; n++) {
      const vec at = splat(x[(w / 2 + n / 3) * p->x_row + w % 2 + n % 3]);
      UNROLLED for (int m = 0; m < vectors; m++) sums[n][m] += at * g[w][m];
    }
  }
  UNROLLED for (int m = 0; m < vectors; m++, j += LANES) {
    store(p->sums + j, load(p->sums + j) + sum[m]);
    UNROLLED for (int n = 0; n < 9; n++) store(p->to + n * p->to_tap + j, load(p->to + n * p->to_tap + j) + sums[n][m]);
  }
}

static void NAME(tap_sum)(const starling_tap_sum *p) {
  const ptrdiff_t end = p->vectors * LANES, pairs = REGISTERS == 32 ? end - end % (2 * LANES) : 0;
  for (ptrdiff_t j = 0; j < pairs; j += 2 * LANES) NAME(taps)(p, j, 2);
  for (ptrdiff_t j = pairs; j < end; j += LANES) NAME(taps)(p, j, 1);
}

static const starling_sparse_table NAME(starling_sparse_table) = {
    LANES, NAME(tap_sum), NAME(pool), NAME(block_sum), NAME(sort_by_winner), NAME(sort_by_channel)};
