// The panel's register tiles: ROWS × VECTORS accumulators that stay in registers for the whole sum.

// The end of a sum, for one row of a tile.
#define finish NAME(panel_finish)
static inline __attribute__((always_inline)) void finish(
    const starling_panel *p, vec *sums, int vectors, float *c, const float *bias) {
  vec floor = splat(p->floor);
#pragma clang loop unroll(full)
  for (int n = 0; n < vectors; n++) {
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
        sum = sum + *bias;
        break;
      case starling_panel_element_bias:
        sum = sum + load(bias + n * p->c_vector);
        break;
    }
    store(to, larger(floor, sum));
  }
}

// What sums are added to is fetched while they are computed: it may have gone far away since it was last added to.
#define TILE(ROWS, VECTORS)                                                                                 \
  static void NAME(tile_##ROWS##x##VECTORS)(                                                                \
      const starling_panel *p, const float *a, float *c, const float *bias) {                               \
    vec sums[ROWS][VECTORS];                                                                                \
    _Pragma("clang loop unroll(full)") for (int m = 0; m < ROWS; m++)                                       \
        _Pragma("clang loop unroll(full)") for (int n = 0; n < VECTORS; n++) sums[m][n] = (vec){0};         \
    const ptrdiff_t a_row = p->a_row, a_k = p->a_k, b_k = p->b_k, b_vector = p->b_vector;                   \
    if (p->end == starling_panel_add)                                                                       \
      _Pragma("clang loop unroll(full)") for (int m = 0; m < ROWS; m++)                                     \
          _Pragma("clang loop unroll(full)") for (int n = 0; n < VECTORS; n++)                              \
              __builtin_prefetch(c + m * p->c_row + n * p->c_vector, 1);                                    \
    for (ptrdiff_t s = 0; s < p->count_s; s++) {                                                            \
      for (ptrdiff_t t = 0; t < p->count_t; t++) {                                                          \
        const float *ak = a + s * p->a_s + t * p->a_t, *bk = p->b + s * p->b_s + t * p->b_t;                \
        for (ptrdiff_t k = p->count_k; k > 0; k--) {                                                        \
          vec b[VECTORS];                                                                                   \
          _Pragma("clang loop unroll(full)") for (int n = 0; n < VECTORS; n++) b[n] = load(bk + n * b_vector); \
          _Pragma("clang loop unroll(full)") for (int m = 0; m < ROWS; m++) {                               \
            vec am = splat(ak[m * a_row]);                                                                  \
            _Pragma("clang loop unroll(full)") for (int n = 0; n < VECTORS; n++) sums[m][n] += am * b[n];   \
          }                                                                                                 \
          ak += a_k;                                                                                        \
          bk += b_k;                                                                                        \
        }                                                                                                   \
      }                                                                                                     \
    }                                                                                                       \
    _Pragma("clang loop unroll(full)") for (int m = 0; m < ROWS; m++)                                       \
        finish(p, sums[m], VECTORS, c + m * p->c_row, bias + m * p->bias_row);                              \
  }

#define TILES_2(V) TILE(1, V) TILE(2, V)
#define TILES_3(V) TILES_2(V) TILE(3, V)
#define TILES_6(V) TILES_3(V) TILE(4, V) TILE(5, V) TILE(6, V)
#define TILES_9(V) TILES_6(V) TILE(7, V) TILE(8, V) TILE(9, V)
#define TILES_14(V) TILES_9(V) TILE(10, V) TILE(11, V) TILE(12, V) TILE(13, V) TILE(14, V)

#define NAMES_2(V) NAME(tile_1x##V), NAME(tile_2x##V)
#define NAMES_3(V) NAMES_2(V), NAME(tile_3x##V)
#define NAMES_6(V) NAMES_3(V), NAME(tile_4x##V), NAME(tile_5x##V), NAME(tile_6x##V)
#define NAMES_9(V) NAMES_6(V), NAME(tile_7x##V), NAME(tile_8x##V), NAME(tile_9x##V)
#define NAMES_14(V) \
  NAMES_9(V), NAME(tile_10x##V), NAME(tile_11x##V), NAME(tile_12x##V), NAME(tile_13x##V), NAME(tile_14x##V)

// A tile's accumulators, its part of B and one number of A have to fit in the registers.
#if REGISTERS == 32
TILES_14(1) TILES_14(2) TILES_9(3) TILES_6(4)
#define ROWS_1 14
#define ROWS_2 14
#define ROWS_3 9
#define ROWS_4 6
#define TILE_NAMES {NAMES_14(1)}, {NAMES_14(2)}, {NAMES_9(3)}, {NAMES_6(4)}
#else
TILES_9(1) TILES_6(2) TILES_3(3) TILES_2(4)
#define ROWS_1 9
#define ROWS_2 6
#define ROWS_3 3
#define ROWS_4 2
#define TILE_NAMES {NAMES_9(1)}, {NAMES_6(2)}, {NAMES_3(3)}, {NAMES_2(4)}
#endif

typedef void (*NAME(tile))(const starling_panel *, const float *, float *, const float *);

static const NAME(tile) NAME(tiles)[4][14] = {TILE_NAMES};

static void NAME(run_panel)(const starling_panel *p);

static const starling_panel_table NAME(starling_panel_table) = {
    LANES, {0, ROWS_1, ROWS_2, ROWS_3, ROWS_4}, NAME(run_panel)};

// Tiles of nearly equal height: fourteen rows and then one would leave the units idle on the one.
static void NAME(run_panel)(const starling_panel *p) {
  const ptrdiff_t most = NAME(starling_panel_table).tile_rows[p->vectors];
  const ptrdiff_t tiles = (p->rows + most - 1) / most;
  const NAME(tile) *of_height = NAME(tiles)[p->vectors - 1];
  ptrdiff_t m = 0;
  for (ptrdiff_t t = 0; t < tiles; t++) {
    const ptrdiff_t rows = p->rows / tiles + (t < p->rows % tiles);
    of_height[rows - 1](p, p->a + m * p->a_row, p->c + m * p->c_row, p->bias + m * p->bias_row);
    m += rows;
  }
}

#undef finish
#undef TILE
#undef TILES_2
#undef TILES_3
#undef TILES_6
#undef TILES_9
#undef TILES_14
#undef NAMES_2
#undef NAMES_3
#undef NAMES_6
#undef NAMES_9
#undef NAMES_14
#undef ROWS_1
#undef ROWS_2
#undef ROWS_3
#undef ROWS_4
#undef TILE_NAMES
