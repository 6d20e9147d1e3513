// The loops of batch_last.h. A pixel is sixteen numbers: the outer loops run over its vectors.

#define has_bit NAME(has_bit)
#define look_up NAME(look_up)

INLINE ivec has_bit(ivec winner, int bit) { return (winner & bit) != 0; }

// The numbers of a table that the lanes' indices name. Only the low bits of an index count, as many as it takes.
INLINE vec look_up(const float *table, ivec index) {
#if LANES == 16
  return _mm512_permutexvar_ps((__m512i)index, load(table));
#elif LANES == 8
  return _mm256_permutevar8x32_ps(load(table), (__m256i)index);
#elif defined(__x86_64__)
  const ivec right = has_bit(index, 1);
  const vec upper = choose(right, splat(table[1]), splat(table[0]));
  return choose(has_bit(index, 2), choose(right, splat(table[3]), splat(table[2])), upper);
#else
  const uint8x16_t places = (uint8x16_t)((index & 3) * 0x04040404 + 0x03020100);
  return (vec)vqtbl1q_u8((uint8x16_t)load(table), places);
#endif
}

// Some kernels on the four pixels of a window: convolution, bias, the largest, floor.
INLINE void NAME(convolve_window)(
    const starling_pooled_convolution *p, ptrdiff_t first, ptrdiff_t pixel, const float *x, const int depth) {
  const ptrdiff_t kernel = p->kernel, row = p->x_row, x_k = p->x_k;
  const float *k = p->kernels + first * kernel;
  vec sums[6][4];
  UNROLLED for (int j = 0; j < depth; j++) UNROLLED for (int n = 0; n < 4; n++) sums[j][n] = (vec){0};
  for (ptrdiff_t s = 0; s < p->count_s; s++) {
    for (ptrdiff_t t = 0; t < p->count_t; t++) {
      const float *at = x + s * p->x_s + t * p->x_t;
      for (ptrdiff_t i = p->count_k; i > 0; i--) {
        const vec window[4] = {load(at), load(at + 16), load(at + row), load(at + row + 16)};
        UNROLLED for (int j = 0; j < depth; j++) {
          const vec scalar = splat(k[j * kernel]);
          UNROLLED for (int n = 0; n < 4; n++) sums[j][n] += scalar * window[n];
        }
        k++;
        at += x_k;
      }
    }
  }
  UNROLLED for (int j = 0; j < depth; j++) {
    const vec bias = splat(p->bias[first + j]);
    UNROLLED for (int n = 0; n < 4; n++) sums[j][n] += bias;
    ivec winner;
    const vec best = largest(sums[j], &winner);
    store(p->y + (first + j) * p->y_channel + pixel, larger(splat(p->floor), best));
    if (p->winners) store_bytes(p->winners + (first + j) * p->winners_channel + pixel, winner);
  }
}

static void NAME(pooled_convolution)(const starling_pooled_convolution *p) {
  for (ptrdiff_t j = 0, depth; j < p->depth; j += depth) {
    depth = even_part(p->depth - j, REGISTERS == 32 ? 6 : 2);
    for (ptrdiff_t pixel = 0; pixel < 16 * p->windows; pixel += LANES) {
      const float *x = p->x + pixel / 16 * 32 + pixel % 16;
#define DEPTH(N) case N: if (N <= 2 || REGISTERS == 32) NAME(convolve_window)(p, j, pixel, x, N); break;
      switch (depth) { DEPTH(1) DEPTH(2) DEPTH(3) DEPTH(4) DEPTH(5) DEPTH(6) }
#undef DEPTH
    }
  }
}

// dE/dK of `height` × `width` taps of a kernel. Behind a pooling, of the four products that a window's gradient has with a
// tap's pixels only the winner's is not zero: it is chosen first, then multiplied.
INLINE void NAME(taps)(
    const starling_kernel_gradient *p, const float *x, const float *dy, const uint8_t *winners, float *to,
    const bool pooled, const int height, const int width) {
  const ptrdiff_t x_row = p->x_row, to_row = 16 * p->kernel_width, step = pooled ? 2 : p->stride;
  vec sums[5][3];
  UNROLLED for (int u = 0; u < height; u++) UNROLLED for (int v = 0; v < width; v++)
      sums[u][v] = load(to + u * to_row + 16 * v);
  // One loop over rows and columns: maps are small, and a branch at the end of each row would be foreseen badly.
  const ptrdiff_t last = p->columns - 1, next_x = step * x_row - 16 * step * last, next_dy = p->dy_row - 16 * last;
  const ptrdiff_t next_winners = p->winners_row - 16 * last;
  ptrdiff_t column = 0;
  for (ptrdiff_t pixel = p->rows * p->columns; pixel > 0; pixel--) {
    const vec gradient = load(dy);
    const ivec winner = pooled ? load_bytes(winners) : (ivec){0};
    const ivec is_right = has_bit(winner, 1), is_lower = has_bit(winner, 2);
    vec over[3];
    UNROLLED for (int u = 0; u < height + pooled; u++) UNROLLED for (int v = 0; v < width; v++) {
      vec here = load(x + u * x_row + 16 * v);
      if (pooled) here = choose(is_right, load(x + u * x_row + 16 * v + 16), here);
      if (!pooled) sums[u][v] += gradient * here;
      if (pooled && u > 0) sums[u - 1][v] += gradient * choose(is_lower, here, over[v]);
      over[v] = here;
    }
    const bool ends = column == last;
    x += ends ? next_x : 16 * step;
    dy += ends ? next_dy : 16;
    if (pooled) winners += ends ? next_winners : 16;
    column = ends ? 0 : column + 1;
  }
  UNROLLED for (int u = 0; u < height; u++) UNROLLED for (int v = 0; v < width; v++)
      store(to + u * to_row + 16 * v, sums[u][v]);
}

INLINE void NAME(tile_gradient)(
    const starling_kernel_gradient *p, const float *x, const float *dy, const uint8_t *winners, float *to,
    const int height, const int width) {
  if (winners) NAME(taps)(p, x, dy, winners, to, true, height, width);
  else NAME(taps)(p, x, dy, NULL, to, false, height, width);
}

static void NAME(kernel_gradient)(const starling_kernel_gradient *p) {
  const ptrdiff_t widest = REGISTERS == 32 ? 3 : p->winners ? 1 : 2;
  for (ptrdiff_t lane = 0; lane < 16; lane += LANES) {
    for (ptrdiff_t j = 0; j < p->depth; j++) {
      const float *dy = p->dy + j * p->dy_channel + lane;
      const uint8_t *winners = p->winners ? p->winners + j * p->winners_channel + lane : NULL;
      for (ptrdiff_t u = 0, height; u < p->kernel_height; u += height) {
        height = smaller(p->kernel_height - u, 5);
        for (ptrdiff_t v = 0, width; v < p->kernel_width; v += width) {
          width = smaller(p->kernel_width - v, widest);
          const float *x = p->x + u * p->x_row + 16 * v + lane;
          float *to = p->sums + 16 * ((j * p->kernel_height + u) * p->kernel_width + v) + lane;
#define TILE(H, W) case 4 * H + W: if (W <= 2 || REGISTERS == 32) NAME(tile_gradient)(p, x, dy, winners, to, H, W); break;
#define TILES(H) TILE(H, 1) TILE(H, 2) TILE(H, 3)
          switch (4 * height + width) { TILES(1) TILES(2) TILES(3) TILES(4) TILES(5) }
#undef TILE
#undef TILES
        }
      }
    }
  }
}

// What `count` pixels under each window get, summed over the kernels, by so many looks at four pixels.
INLINE void NAME(spread)(
    const starling_pooled_input_gradient *p, ptrdiff_t lane, ptrdiff_t first, ptrdiff_t count, const int quads) {
  const ptrdiff_t width = p->kernel_width + 1;
  ptrdiff_t places[20];
  for (ptrdiff_t n = 0; n < count; n++) places[n] = (first + n) / width * p->x_row + (first + n) % width * 16;
  for (ptrdiff_t row = 0; row < p->rows; row++) {
    for (ptrdiff_t column = 0; column < p->columns; column++) {
      const float *dy = p->dy + row * p->dy_row + 16 * column + lane, *taken = p->taken + 4 * first;
      const uint8_t *winners = p->winners + row * p->winners_row + 16 * column + lane;
      float *dx = p->dx + 2 * row * p->x_row + 32 * column + lane;
      vec sums[20];
      UNROLLED for (int n = 0; n < 4 * quads; n++) sums[n] = (vec){0};
      for (ptrdiff_t j = p->depth; j > 0; j--) {
        const vec gradient = load(dy);
        const ivec winner = load_bytes(winners);
        // A table holds LANES numbers, of LANES / 4 pixels.
        UNROLLED for (int n = 0; n < 4 * quads; n++)
            sums[n] += gradient * look_up(taken + n / (LANES / 4) * LANES, winner + 4 * (n % (LANES / 4)));
        taken += p->taken_kernel;
        dy += p->dy_channel;
        winners += p->winners_channel;
      }
      UNROLLED for (int n = 0; n < 4 * quads; n++)
          if (n < count) store(dx + places[n], load(dx + places[n]) + sums[n]);
    }
  }
}

static void NAME(pooled_input_gradient)(const starling_pooled_input_gradient *p) {
  const ptrdiff_t pixels = (p->kernel_height + 1) * (p->kernel_width + 1);
  for (ptrdiff_t lane = 0; lane < 16; lane += LANES) {
    for (ptrdiff_t first = 0, quads; first < pixels; first += 4 * quads) {
      const ptrdiff_t left = pixels - first;
      quads = even_part((left + 3) / 4, REGISTERS == 32 ? 5 : 2);
      const ptrdiff_t count = smaller(left, 4 * quads);
#define QUADS(N) case N: if (N <= 2 || REGISTERS == 32) NAME(spread)(p, lane, first, count, N); break;
      switch (quads) { QUADS(1) QUADS(2) QUADS(3) QUADS(4) QUADS(5) }
#undef QUADS
    }
  }
}

static const starling_batch_last_table NAME(starling_batch_last_table) = {
    NAME(pooled_convolution), NAME(kernel_gradient), NAME(pooled_input_gradient)};

#undef has_bit
#undef look_up
