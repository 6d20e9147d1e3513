// The panel's register tiles: ROWS × VECTORS accumulators that stay in registers for the whole sum.

// The end of a sum, for one row of a tile, whose own bias, if it has one, is so far from the first.
#define finish NAME(panel_finish)
INLINE void finish(const starling_panel *p, const vec *sums, int vectors, float *c, ptrdiff_t bias) {
  const vec floor = splat(p->floor);
  UNROLLED for (int n = 0; n < vectors; n++) {
    float *to = c + n * p->c_vector;
    vec sum = sums[n];
    switch (p->end) {
      case starling_panel_store:
        break;
      case starling_panel_add:
        sum = load(to) + sum;
        break;
      case starling_panel_add_scaled:
        sum = load(to) + p->scale * sum;
        break;
      case starling_panel_column_bias:
        sum = sum + load(p->bias + n * LANES);
        break;
      case starling_panel_row_bias:
        sum = sum + p->bias[bias];
        break;
      case starling_panel_element_bias:
        sum = sum + load(p->bias + bias + n * p->c_vector);
        break;
      case starling_panel_vector_bias:
        sum = sum + p->bias[bias + n];
        break;
    }
    store(to, larger(floor, sum));
  }
}

// The end of four rows that are a window.
#define finish_window NAME(panel_finish_window)
INLINE void finish_window(const starling_panel *p, const vec (*rows)[4], int vectors, ptrdiff_t window) {
  UNROLLED for (int n = 0; n < vectors; n++) {
    const vec bias = p->end == starling_panel_column_bias ? load(p->bias + n * LANES) : (vec){0};
    const vec four[4] = {rows[0][n] + bias, rows[1][n] + bias, rows[2][n] + bias, rows[3][n] + bias};
    store(p->c + window * p->c_row + n * p->c_vector,
          largest_of_four(
              four, splat(p->floor), p->winners ? p->winners + window * p->winners_row + n * LANES : NULL));
  }
}

// Rows of A are found by fours, each as a pointer and one of four offsets. Left to itself, the compiler goes from row
// to row by a chain of additions, which takes longer than the multiply-adds of a single vector.
#define HIDDEN(pointer) __asm__("" : "+r"(pointer))

#define tile NAME(panel_tile)
INLINE void tile(const starling_panel *p, const ptrdiff_t first, const int rows, const int vectors) {
  vec sums[28][4];
  UNROLLED for (int m = 0; m < rows; m++)
      UNROLLED for (int n = 0; n < vectors; n++) sums[m][n] = (vec){0};
  const ptrdiff_t a_row = p->a_row, a_k = p->a_k, b_k = p->b_k, b_vector = p->b_vector;
  // What sums are added to is fetched meanwhile: it may have gone far away since it was last added to.
  if (p->end == starling_panel_add)
    UNROLLED for (int m = 0; m < rows; m++)
        UNROLLED for (int n = 0; n < vectors; n++)
            __builtin_prefetch(p->c + (first + m) * p->c_row + n * p->c_vector, 1);
  const ptrdiff_t a_two = p->a_below ? p->a_below : 2 * a_row, a_four = p->a_below ? 2 * a_row : 4 * a_row;
  const ptrdiff_t in_four[4] = {0, a_row, a_two, a_two + a_row};
  const float *a = p->a + (p->a_below ? first / 2 : first) * a_row, *b = p->b;
  const ptrdiff_t a_turn = p->a_s - p->count_t * p->a_t, b_turn = p->b_s - p->count_t * p->b_t;
  ptrdiff_t t = p->count_t;
  for (ptrdiff_t runs = p->count_s * t; runs > 0; runs--) {
    const float *ak = a, *bk = b;
    for (ptrdiff_t k = p->count_k; k > 0; k--) {
      const float *four = ak;
      vec bs[4];
      UNROLLED for (int n = 0; n < vectors; n++) bs[n] = load(bk + n * b_vector);
      UNROLLED for (int m = 0; m < rows; m++) {
        if (m && m % 4 == 0) four += a_four;
        if (m % 4 == 0) HIDDEN(four);
        UNROLLED for (int n = 0; n < vectors; n++)
            sums[m][n] += splat(four[in_four[m % 4] + (rows == 1 ? n * p->a_vector : 0)]) * bs[n];
      }
      ak += a_k;
      bk += b_k;
    }
    const ptrdiff_t turns = -(--t == 0);
    a += p->a_t + (a_turn & turns);
    b += p->b_t + (b_turn & turns);
    t += p->count_t & turns;
  }
  if (rows % 4 == 0 && p->a_below) {
    UNROLLED for (int m = 0; m + 4 <= rows; m += 4) finish_window(p, sums + m, vectors, (first + m) / 4);
  } else {
    float *c = p->c + first * p->c_row;
    UNROLLED for (int m = 0; m < rows; m++)
        finish(p, sums[m], vectors, c + m * p->c_row, (first + m) * p->bias_row);
  }
}

#define TILE(ROWS, VECTORS) \
  static void NAME(tile_##ROWS##x##VECTORS)(const starling_panel *p, ptrdiff_t first) { tile(p, first, ROWS, VECTORS); }
#define TILES_2(V) TILE(1, V) TILE(2, V)
#define TILES_3(V) TILES_2(V) TILE(3, V)
#define TILES_6(V) TILES_3(V) TILE(4, V) TILE(5, V) TILE(6, V)
#define TILES_9(V) TILES_6(V) TILE(7, V) TILE(8, V) TILE(9, V)
#define TILES_14(V) TILES_9(V) TILE(10, V) TILE(11, V) TILE(12, V) TILE(13, V) TILE(14, V)
#define TILES_28(V) \
  TILES_14(V) TILE(15, V) TILE(16, V) TILE(17, V) TILE(18, V) TILE(19, V) TILE(20, V) TILE(21, V) TILE(22, V) \
  TILE(23, V) TILE(24, V) TILE(25, V) TILE(26, V) TILE(27, V) TILE(28, V)

#define NAMES_2(V) NAME(tile_1x##V), NAME(tile_2x##V)
#define NAMES_3(V) NAMES_2(V), NAME(tile_3x##V)
#define NAMES_6(V) NAMES_3(V), NAME(tile_4x##V), NAME(tile_5x##V), NAME(tile_6x##V)
#define NAMES_9(V) NAMES_6(V), NAME(tile_7x##V), NAME(tile_8x##V), NAME(tile_9x##V)
#define NAMES_14(V) \
  NAMES_9(V), NAME(tile_10x##V), NAME(tile_11x##V), NAME(tile_12x##V), NAME(tile_13x##V), NAME(tile_14x##V)
#define NAMES_28(V) \
  NAMES_14(V), NAME(tile_15x##V), NAME(tile_16x##V), NAME(tile_17x##V), NAME(tile_18x##V), NAME(tile_19x##V), \
  NAME(tile_20x##V), NAME(tile_21x##V), NAME(tile_22x##V), NAME(tile_23x##V), NAME(tile_24x##V), \
  NAME(tile_25x##V), NAME(tile_26x##V), NAME(tile_27x##V), NAME(tile_28x##V)

// A tile's accumulators, its part of B and one number of A have to fit in the registers.
#if REGISTERS == 32
TILES_28(1) TILES_14(2) TILES_9(3) TILES_6(4)
#define ROWS_1 28
#define ROWS_2 14
#define ROWS_3 9
#define ROWS_4 6
#define TILE_NAMES {NAMES_28(1)}, {NAMES_14(2)}, {NAMES_9(3)}, {NAMES_6(4)}
#else
TILES_9(1) TILES_6(2) TILES_3(3) TILE(4, 3) TILES_2(4)
#define ROWS_1 9
#define ROWS_2 6
#define ROWS_3 4
#define ROWS_4 2
#define TILE_NAMES {NAMES_9(1)}, {NAMES_6(2)}, {NAMES_3(3), NAME(tile_4x3)}, {NAMES_2(4)}
#endif

typedef void (*NAME(some_tile))(const starling_panel *, ptrdiff_t first);

static const NAME(some_tile) NAME(tiles)[4][28] = {TILE_NAMES};

static void NAME(run_panel)(const starling_panel *p);

static const starling_panel_table NAME(starling_panel_table) = {
    LANES, {0, ROWS_1, ROWS_2, ROWS_3, ROWS_4}, NAME(run_panel)};

// Tiles of nearly equal height: fourteen rows and then one would leave the units idle on the one.
static void NAME(run_panel)(const starling_panel *p) {
  const ptrdiff_t unit = p->a_below ? 4 : 1, units = p->rows / unit;
  const ptrdiff_t most = NAME(starling_panel_table).tile_rows[p->vectors] / unit;
  const ptrdiff_t tiles = (units + most - 1) / most;
  const NAME(some_tile) *of_height = NAME(tiles)[p->vectors - 1];
  ptrdiff_t m = 0;
  for (ptrdiff_t t = 0; t < tiles; t++) {
    const ptrdiff_t rows = (units / tiles + (t < units % tiles)) * unit;
    of_height[rows - 1](p, m);
    m += rows;
  }
}

#undef finish
#undef finish_window
#undef HIDDEN
#undef tile
#undef TILE
#undef TILES_2
#undef TILES_3
#undef TILES_6
#undef TILES_9
#undef TILES_14
#undef TILES_28
#undef NAMES_2
#undef NAMES_3
#undef NAMES_6
#undef NAMES_9
#undef NAMES_14
#undef NAMES_28
#undef ROWS_1
#undef ROWS_2
#undef ROWS_3
#undef ROWS_4
#undef TILE_NAMES
