// The loops of batch_last.h. A pixel is HALVES vectors; the outer loops run over the vectors of a pixel.

#define HALVES (16 / LANES)
#define quad NAME(quad)
#define choice NAME(choice)
#define load_winner NAME(load_winner)
#define bit NAME(bit)
#define choose NAME(choose)
#define above NAME(above)
#define no_number NAME(no_number)
#define number NAME(number)
#define look_up NAME(look_up)

typedef float quad __attribute__((vector_size(16), aligned(4)));
typedef int NAME(loose_ivec) __attribute__((vector_size(4 * LANES), aligned(4)));

INLINE ivec load_winner(const int32_t *p) { return *(const NAME(loose_ivec) *)p; }

// Which of two numbers each lane takes: by a mask register, by the sign, or by all bits.
#if LANES == 16
typedef __mmask16 choice;
INLINE choice bit(ivec winner, int n) { return _mm512_test_epi32_mask((__m512i)winner, _mm512_set1_epi32(1 << n)); }
INLINE vec choose(choice c, vec yes, vec no) { return _mm512_mask_blend_ps(c, no, yes); }
#elif LANES == 8
typedef ivec choice;
INLINE choice bit(ivec winner, int n) { return winner << (31 - n); }
INLINE vec choose(choice c, vec yes, vec no) { return _mm256_blendv_ps(no, yes, (vec)c); }
#else
typedef ivec choice;
INLINE choice bit(ivec winner, int n) { return (winner << (31 - n)) >> 31; }
INLINE vec choose(choice c, vec yes, vec no) { return (vec)((c & (ivec)yes) | (~c & (ivec)no)); }
#endif

// Whether a is above b.
INLINE choice above(vec a, vec b) {
#if LANES == 16
  return _mm512_cmp_ps_mask(a, b, _CMP_GT_OQ);
#else
  return a > b;
#endif
}

// Whether either is no number.
INLINE choice no_number(vec a, vec b) {
#if LANES == 16
  return _mm512_cmp_ps_mask(a, b, _CMP_UNORD_Q);
#else
  return (a != a) | (b != b);
#endif
}

// The numbers of a table that the lanes' indices name. Only the low bits of an index count, as many as it takes.
INLINE vec look_up(const float *table, ivec index) {
#if LANES == 16
  return _mm512_permutexvar_ps((__m512i)index, load(table));
#elif LANES == 8
  return _mm256_permutevar8x32_ps(load(table), (__m256i)index);
#elif defined(__x86_64__)
  choice right = bit(index, 0);
  vec upper = choose(right, splat(table[1]), splat(table[0]));
  return choose(bit(index, 1), choose(right, splat(table[3]), splat(table[2])), upper);
#else
  uint8x16_t bytes = (uint8x16_t)((index & 3) * 0x04040404 + 0x03020100);
  return (vec)vqtbl1q_u8((uint8x16_t)load(table), bytes);
#endif
}

INLINE vec number(int n) { return (vec)((ivec){0} + n); }

// Convolution, bias, floor and 2 × 2 maximum: the four numbers of a window for some kernels.
INLINE void NAME(convolve_window)(
    const starling_pooled_convolution *p, const float *kernels, const float *x, const float *bias, float *y,
    int32_t *winners, const int depth) {
  const ptrdiff_t kernel = p->kernel, row = p->x_row, x_k = p->x_k;
  vec sums[6][4];
  UNROLLED for (int j = 0; j < depth; j++) UNROLLED for (int n = 0; n < 4; n++) sums[j][n] = (vec){0};
  const float *k = kernels;
  for (ptrdiff_t s = 0; s < p->count_s; s++) {
    for (ptrdiff_t t = 0; t < p->count_t; t++) {
      const float *at = x + s * p->x_s + t * p->x_t;
      for (ptrdiff_t n = p->count_k; n > 0; n--) {
        vec window[4] = {load(at), load(at + 16), load(at + row), load(at + row + 16)};
        UNROLLED for (int j = 0; j < depth; j++) {
          vec scalar = splat(k[j * kernel]);
          UNROLLED for (int n = 0; n < 4; n++) sums[j][n] += scalar * window[n];
        }
        k++;
        at += x_k;
      }
    }
  }
  UNROLLED for (int j = 0; j < depth; j++) {
    vec b = splat(bias[j]);
    UNROLLED for (int n = 0; n < 4; n++) sums[j][n] += b;
    vec upper = larger(sums[j][0], sums[j][1]), lower = larger(sums[j][2], sums[j][3]);
    vec most = larger(splat(p->floor), larger(upper, lower));
    // A NaN is found, not hidden.
    choice is_nan = no_number(sums[j][0], sums[j][1]) | no_number(sums[j][2], sums[j][3]);
    most = choose(is_nan, splat(__builtin_nanf("")), most);
    store(y + j * p->y_channel, most);
    if (winners) {
      vec in_upper = choose(above(sums[j][1], sums[j][0]), number(1), number(0));
      vec in_lower = choose(above(sums[j][3], sums[j][2]), number(3), number(2));
      vec winner = choose(above(lower, upper), in_lower, in_upper);
      winner = choose(above(most, splat(p->floor)), winner, number(4));
      store((float *)(winners + j * p->winners_channel), winner);
    }
  }
}

#define MOST_KERNELS (REGISTERS == 32 ? 6 : 2)

static void NAME(pooled_convolution)(const starling_pooled_convolution *p) {
  const ptrdiff_t tiles = (p->depth + MOST_KERNELS - 1) / MOST_KERNELS;
  const ptrdiff_t least = p->depth / tiles, larger_tiles = p->depth % tiles;
  for (ptrdiff_t window = 0; window < p->windows; window++) {
    for (int half = 0; half < HALVES; half++) {
      const ptrdiff_t pixel = 16 * window + LANES * half;
      ptrdiff_t j = 0;
      for (ptrdiff_t tile = 0; tile < tiles; tile++) {
        const ptrdiff_t depth = least + (tile < larger_tiles);
        const float *kernels = p->kernels + j * p->kernel, *x = p->x + 32 * window + LANES * half;
        const float *bias = p->bias + j;
        float *y = p->y + j * p->y_channel + pixel;
        int32_t *winners = p->winners ? p->winners + j * p->winners_channel + pixel : 0;
        switch (depth) {
          case 1: NAME(convolve_window)(p, kernels, x, bias, y, winners, 1); break;
          case 2: NAME(convolve_window)(p, kernels, x, bias, y, winners, 2); break;
#if REGISTERS == 32
          case 3: NAME(convolve_window)(p, kernels, x, bias, y, winners, 3); break;
          case 4: NAME(convolve_window)(p, kernels, x, bias, y, winners, 4); break;
          case 5: NAME(convolve_window)(p, kernels, x, bias, y, winners, 5); break;
          case 6: NAME(convolve_window)(p, kernels, x, bias, y, winners, 6); break;
#endif
        }
        j += depth;
      }
    }
  }
}

// dE/dK of `height` × `width` taps of one kernel, through the winners of 2 × 2 windows: of the four products that a
// window's gradient has with a tap's pixels, only the winner's is not zero. It is chosen first, then multiplied.
INLINE void NAME(pooled_taps)(
    const starling_kernel_gradient *p, const float *x, const float *dy, const int32_t *winners, float *sums,
    const int height, const int width) {
  vec taps[5][3];
  UNROLLED for (int u = 0; u < height; u++) UNROLLED for (int v = 0; v < width; v++)
      taps[u][v] = load(sums + (u * p->kernel_width + v) * 16);
  const ptrdiff_t x_row = p->x_row, columns = p->columns;
  const ptrdiff_t x_next = 2 * x_row - 32 * columns, dy_next = p->dy_row - 16 * columns;
  const ptrdiff_t winners_next = p->winners_row - 16 * columns;
  ptrdiff_t column = 0;
  for (ptrdiff_t window = p->rows * columns; window > 0; window--) {
    const float *at = x;
    vec gradient = load(dy);
    ivec winner = load_winner(winners);
    choice is_right = bit(winner, 0), is_lower = bit(winner, 1);
    vec over[3];
    UNROLLED for (int u = 0; u <= height; u++) {
      vec left = load(at);
      UNROLLED for (int v = 0; v < width; v++) {
        vec right = load(at + 16 * (v + 1)), here = choose(is_right, right, left);
        if (u > 0) taps[u - 1][v] += gradient * choose(is_lower, here, over[v]);
        over[v] = here;
        left = right;
      }
      at += x_row;
    }
    const int is_last = ++column == columns;
    x += 32 + (is_last ? x_next : 0);
    dy += 16 + (is_last ? dy_next : 0);
    winners += 16 + (is_last ? winners_next : 0);
    column = is_last ? 0 : column;
  }
  UNROLLED for (int u = 0; u < height; u++) UNROLLED for (int v = 0; v < width; v++)
      store(sums + (u * p->kernel_width + v) * 16, taps[u][v]);
}

// dE/dK of `width` taps in one row of `height` kernels.
INLINE void NAME(dense_taps)(
    const starling_kernel_gradient *p, const float *x, const float *dy, const int32_t *winners, float *sums,
    const int height, const int width) {
  const ptrdiff_t channel = p->dy_channel, stride = 16 * p->stride;
  const ptrdiff_t kernel = 16 * p->kernel_height * p->kernel_width;
  vec taps[5][3];
  UNROLLED for (int j = 0; j < height; j++) UNROLLED for (int v = 0; v < width; v++)
      taps[j][v] = load(sums + j * kernel + 16 * v);
  for (ptrdiff_t row = 0; row < p->rows; row++) {
    const float *at = x + row * p->stride * p->x_row, *gradients = dy + row * p->dy_row;
    for (ptrdiff_t column = p->columns; column > 0; column--) {
      vec pixels[3];
      UNROLLED for (int v = 0; v < width; v++) pixels[v] = load(at + 16 * v);
      UNROLLED for (int j = 0; j < height; j++) {
        vec gradient = load(gradients + j * channel);
        UNROLLED for (int v = 0; v < width; v++) taps[j][v] += gradient * pixels[v];
      }
      at += stride;
      gradients += 16;
    }
  }
  UNROLLED for (int j = 0; j < height; j++) UNROLLED for (int v = 0; v < width; v++)
      store(sums + j * kernel + 16 * v, taps[j][v]);
}

#define ARGUMENTS \
  const starling_kernel_gradient *p, const float *x, const float *dy, const int32_t *winners, float *sums
#define TILE(taps, H, W) \
  static void NAME(taps##_##H##x##W)(ARGUMENTS) { NAME(taps)(p, x, dy, winners, sums, H, W); }
#define TILE_ROW(taps, H) TILE(taps, H, 1) TILE(taps, H, 2) TILE(taps, H, 3)
#define TILES(taps) TILE_ROW(taps, 1) TILE_ROW(taps, 2) TILE_ROW(taps, 3) TILE_ROW(taps, 4) TILE_ROW(taps, 5)
#define NAME_ROW(taps, H) {NAME(taps##_##H##x1), NAME(taps##_##H##x2), NAME(taps##_##H##x3)}
#define NAMES(taps) {NAME_ROW(taps, 1), NAME_ROW(taps, 2), NAME_ROW(taps, 3), NAME_ROW(taps, 4), NAME_ROW(taps, 5)}

TILES(pooled_taps)
TILES(dense_taps)

typedef void (*NAME(taps))(ARGUMENTS);
static const NAME(taps) NAME(pooled_tiles)[5][3] = NAMES(pooled_taps);
static const NAME(taps) NAME(dense_tiles)[5][3] = NAMES(dense_taps);

INLINE ptrdiff_t NAME(smaller)(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }

// Tiles that fit in the registers: at most 5 high, and so many wide.
#define POOLED_WIDTH (REGISTERS == 32 ? 3 : 1)
#define DENSE_WIDTH (REGISTERS == 32 ? 3 : 2)
#define DENSE_HEIGHT (REGISTERS == 32 ? 5 : 4)

static void NAME(kernel_gradient)(const starling_kernel_gradient *p) {
  const ptrdiff_t height = p->kernel_height, width = p->kernel_width;
  for (ptrdiff_t lane = 0; lane < 16; lane += LANES) {
    const float *x = p->x + lane, *dy = p->dy + lane;
    float *sums = p->sums + lane;
    if (p->winners) {
      for (ptrdiff_t j = 0; j < p->depth; j++)
        for (ptrdiff_t u = 0; u < height; u += 5)
          for (ptrdiff_t v = 0; v < width; v += POOLED_WIDTH)
            NAME(pooled_tiles)[NAME(smaller)(5, height - u) - 1][NAME(smaller)(POOLED_WIDTH, width - v) - 1](
                p, x + u * p->x_row + 16 * v, dy + j * p->dy_channel,
                p->winners + j * p->winners_channel + lane, sums + 16 * ((j * height + u) * width + v));
    } else {
      for (ptrdiff_t j = 0; j < p->depth; j += DENSE_HEIGHT)
        for (ptrdiff_t u = 0; u < height; u++)
          for (ptrdiff_t v = 0; v < width; v += DENSE_WIDTH)
            NAME(dense_tiles)[NAME(smaller)(DENSE_HEIGHT, p->depth - j) - 1][NAME(smaller)(DENSE_WIDTH, width - v) - 1](
                p, x + u * p->x_row + 16 * v, dy + j * p->dy_channel, 0,
                sums + 16 * ((j * height + u) * width + v));
    }
  }
}

// What `count` pixels under each window get, summed over the kernels; offsets lead to them.
INLINE void NAME(input_pixels)(
    const starling_pooled_input_gradient *p, const float *numbers, const ptrdiff_t *offsets, ptrdiff_t lane,
    const int count) {
  for (ptrdiff_t row = 0; row < p->rows; row++) {
    for (ptrdiff_t column = 0; column < p->columns; column++) {
      const float *dy = p->dy + row * p->dy_row + 16 * column + lane, *taken = numbers;
      const int32_t *winners = p->winners + row * p->winners_row + 16 * column + lane;
      float *dx = p->dx + 2 * row * p->x_row + 32 * column + lane;
      vec sums[18];
      UNROLLED for (int n = 0; n < count; n++) sums[n] = (vec){0};
      for (ptrdiff_t j = p->depth; j > 0; j--) {
        vec gradient = load(dy);
        ivec winner = load_winner(winners);
        UNROLLED for (int table = 0; table < count; table += LANES / 4) {
          UNROLLED for (int n = 0; n < LANES / 4 && table + n < count; n++)
            sums[table + n] += gradient * look_up(taken + 4 * table, winner + 4 * n);
        }
        taken += p->taken_kernel;
        dy += p->dy_channel;
        winners += p->winners_channel;
      }
      UNROLLED for (int n = 0; n < count; n++) store(dx + offsets[n], load(dx + offsets[n]) + sums[n]);
    }
  }
}

static void NAME(pooled_input_gradient)(const starling_pooled_input_gradient *p) {
  const ptrdiff_t width = p->kernel_width + 1, pixels = (p->kernel_height + 1) * width;
  for (ptrdiff_t lane = 0; lane < 16; lane += LANES) {
    for (ptrdiff_t first = 0, count; first < pixels; first += count) {
      const ptrdiff_t most = NAME(smaller)(REGISTERS == 32 ? 18 : 9, pixels - first);
      count = most == 18 ? 18 : most >= 16 ? 16 : most >= 9 ? 9 : most >= 4 ? 4 : 1;
      ptrdiff_t offsets[18];
      for (ptrdiff_t n = 0; n < count; n++)
        offsets[n] = (first + n) / width * p->x_row + (first + n) % width * 16;
      const float *numbers = p->taken + 4 * first;
      switch (count) {
#if REGISTERS == 32
        case 18: NAME(input_pixels)(p, numbers, offsets, lane, 18); break;
        case 16: NAME(input_pixels)(p, numbers, offsets, lane, 16); break;
#endif
        case 9: NAME(input_pixels)(p, numbers, offsets, lane, 9); break;
        case 4: NAME(input_pixels)(p, numbers, offsets, lane, 4); break;
        case 1: NAME(input_pixels)(p, numbers, offsets, lane, 1); break;
      }
    }
  }
}

// Biases of a position each, and a floor.

static void NAME(add_bias)(float *y, const float *bias, float floor, ptrdiff_t pixels) {
  for (ptrdiff_t n = 0; n < 16 * pixels; n += LANES) store(y + n, larger(splat(floor), load(y + n) + splat(bias[n / 16])));
}

// Gradients through ReLU, and their sums.

static void NAME(mask)(float *dy, const float *y, ptrdiff_t pixels, float *sum) {
  for (ptrdiff_t lane = 0; lane < 16; lane += LANES) {
    vec total = load(sum + lane);
    for (ptrdiff_t n = lane; n < 16 * pixels; n += 16) {
      vec gradient = load(dy + n);
      if (y) {
        gradient = (vec)((load(y + n) > 0) & (ivec)gradient);
        store(dy + n, gradient);
      }
      total += gradient;
    }
    store(sum + lane, total);
  }
}

static void NAME(mask_losers)(float *dy, const int32_t *winners, ptrdiff_t pixels, float *sum) {
  for (ptrdiff_t lane = 0; lane < 16; lane += LANES) {
    vec total = load(sum + lane);
    for (ptrdiff_t n = lane; n < 16 * pixels; n += 16) {
      vec gradient = (vec)((load_winner(winners + n) < 4) & (ivec)load(dy + n));
      store(dy + n, gradient);
      total += gradient;
    }
    store(sum + lane, total);
  }
}

static void NAME(total)(const float *from, ptrdiff_t stride, ptrdiff_t groups, float *to, ptrdiff_t pixels) {
  for (ptrdiff_t pixel = 0; pixel < pixels; pixel++) {
    quad four[4] = {0};
    for (ptrdiff_t group = 0; group < groups; group++)
      UNROLLED for (int n = 0; n < 4; n++) four[n] += *(const quad *)(from + group * stride + 16 * pixel + 4 * n);
    quad sum = (four[0] + four[1]) + (four[2] + four[3]);
    to[pixel] = (sum[0] + sum[1]) + (sum[2] + sum[3]);
  }
}

static const starling_batch_last_table NAME(starling_batch_last_table) = {
    NAME(pooled_convolution), NAME(kernel_gradient), NAME(pooled_input_gradient),
    NAME(add_bias), NAME(mask), NAME(mask_losers), NAME(total)};

#undef HALVES
#undef quad
#undef choice
#undef load_winner
#undef bit
#undef choose
#undef above
#undef no_number
#undef number
#undef look_up
#undef MOST_KERNELS
#undef ARGUMENTS
#undef TILE
#undef POOLED_WIDTH
#undef DENSE_WIDTH
#undef DENSE_HEIGHT
#undef TILE_ROW
#undef TILES
#undef NAME_ROW
#undef NAMES
