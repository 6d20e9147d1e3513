// Four rows of two vectors: eight chains of multiply-adds.
#define HEIGHT 4

// Outputs of up to HEIGHT rows and two vectors of columns, `second` apart, which may overlap.
#define block NAME(rows_block)
INLINE void block(
    const starling_rows *r, const float *kernel, const float *x, ptrdiff_t second, const float *bias, ptrdiff_t bias_row,
    ptrdiff_t bias_column, float floor, float *y, int height) {
  vec sum[HEIGHT][2];
  UNROLLED for (int h = 0; h < HEIGHT; h++) sum[h][0] = sum[h][1] = (vec){0};
  // The innermost loop is over channels; of a single one, over columns.
  const bool is_one = r->channels == 1;
  const ptrdiff_t columns = is_one ? 1 : r->kernel_width, terms = is_one ? r->kernel_width : r->channels;
  const ptrdiff_t x_term = is_one ? 1 : r->x_plane, kernel_term = is_one ? 1 : r->kernel_height * r->kernel_width;
  for (ptrdiff_t u = 0; u < r->kernel_height; u++)
    for (ptrdiff_t v = 0; v < columns; v++) {
      const float *at = x + u * r->x_row + v, *k = kernel + u * r->kernel_width + v;
      for (ptrdiff_t n = terms; n > 0; n--, at += x_term, k += kernel_term) {
        vec factor = splat(*k);
        UNROLLED for (int h = 0; h < HEIGHT; h++)
          if (h < height) {
            sum[h][0] += factor * load(at + h * r->x_row);
            sum[h][1] += factor * load(at + h * r->x_row + second);
          }
      }
    }
  UNROLLED for (int h = 0; h < HEIGHT; h++) {
    const float *add = bias + h * bias_row;
    float *to = y + h * r->y_row;
    if (h < height) {
      vec bias_0 = bias_column ? load(add) : splat(*add), bias_1 = bias_column ? load(add + second) : splat(*add);
      store(to, larger(splat(floor), sum[h][0] + bias_0));
      store(to + second, larger(splat(floor), sum[h][1] + bias_1));
    }
  }
}

static void NAME(rows_forward)(
    const starling_rows *r, const float *kernel, const float *bias, ptrdiff_t bias_row, ptrdiff_t bias_column,
    float floor, float *y) {
  for (ptrdiff_t row = 0; row < r->height; row += HEIGHT) {
    const int height = r->height - row < HEIGHT ? (int)(r->height - row) : HEIGHT;
    for (ptrdiff_t column = 0; column < r->width; column += 2 * LANES) {
      // The last two vectors of a row overlap their neighbours rather than leave it.
      const ptrdiff_t left = r->width - column;
      const ptrdiff_t first = left < LANES ? r->width - LANES : column;
      const ptrdiff_t second = left <= LANES ? 0 : left < 2 * LANES ? left - LANES : LANES;
      const float *x = r->x + row * r->x_row + first, *add = bias + row * bias_row + first * bias_column;
      float *to = y + row * r->y_row + first;
      if (height == HEIGHT)
        block(r, kernel, x, second, add, bias_row, bias_column, floor, to, HEIGHT);
      else
        block(r, kernel, x, second, add, bias_row, bias_column, floor, to, height);
    }
  }
}

// Ones for the first `count` lanes and zeros for the others: a window of this.
static const int NAME(lane_mask)[2 * LANES] = {
    -1, -1, -1, -1,
#if LANES >= 8
    -1, -1, -1, -1,
#endif
#if LANES == 16
    -1, -1, -1, -1, -1, -1, -1, -1,
#endif
};

// One weight of every kernel row at a time, or all nine of a 3×3 kernel: `kh` × `kw` sums in registers.
#define sums NAME(rows_sums)
INLINE void sums(
    const starling_rows *r, const float *x, const float *dY, int kh, int kw, float *dK, ptrdiff_t dK_row) {
  vec sum[9];
  UNROLLED for (int k = 0; k < 9; k++) sum[k] = (vec){0};
  // The last vector of a row goes back to where it fits, and drops the lanes that were there before.
  const ptrdiff_t tail = r->width % LANES, last = r->width - LANES;
  const ivec mask = ~(ivec)load((const float *)(NAME(lane_mask) + tail));
  for (ptrdiff_t row = 0; row < r->height; row++)
    for (ptrdiff_t column = 0; column < r->width; column += LANES) {
      const ptrdiff_t from = column <= last ? column : last;
      const float *at = x + row * r->x_row + from;
      vec g = load(dY + row * r->y_row + from);
      if (column > last) g = (vec)((ivec)g & mask);
      UNROLLED for (int u = 0; u < kh; u++)
        UNROLLED for (int v = 0; v < kw; v++) sum[u * kw + v] += g * load(at + u * r->x_row + v);
    }
  UNROLLED for (int u = 0; u < kh; u++)
    UNROLLED for (int v = 0; v < kw; v++) {
      float total = 0;
      for (int lane = 0; lane < LANES; lane++) total += sum[u * kw + v][lane];
      dK[u * dK_row + v] = total;
    }
}

static void NAME(rows_kernel_gradient)(const starling_rows *r, const float *dY, float *dK) {
  for (ptrdiff_t i = 0; i < r->channels; i++) {
    const float *x = r->x + i * r->x_plane;
    float *to = dK + i * r->kernel_height * r->kernel_width;
    if (r->kernel_height == 3 && r->kernel_width == 3) {
      sums(r, x, dY, 3, 3, to, 3);
      continue;
    }
    for (ptrdiff_t u = 0; u < r->kernel_height; u++) {
      ptrdiff_t v = 0;
      for (; v + 5 <= r->kernel_width; v += 5)
        sums(r, x + u * r->x_row + v, dY, 1, 5, to + u * r->kernel_width + v, 0);
      for (; v < r->kernel_width; v++) sums(r, x + u * r->x_row + v, dY, 1, 1, to + u * r->kernel_width + v, 0);
    }
  }
}

static const starling_rows_table NAME(starling_rows_table) = {NAME(rows_forward), NAME(rows_kernel_gradient)};

#undef HEIGHT
#undef block
#undef sums
