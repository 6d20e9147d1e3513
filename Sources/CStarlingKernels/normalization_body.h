// Batch normalization of pixels: each loop goes once over them.

#define row_of const starling_normalization

INLINE vec NAME(load_some)(const float *p, ptrdiff_t lanes) { return lanes == LANES ? load(p) : load_part(p, lanes); }

INLINE void NAME(store_some)(float *p, vec v, ptrdiff_t lanes) {
  if (lanes == LANES) {
    store(p, v);
  } else {
    store_part(p, v, lanes);
  }
}

// dE/dy, or 0 where y is held by the floor; `departure` is x − mean.
INLINE vec NAME(slope)(row_of *p, vec dY, vec departure, ptrdiff_t c) {
  const vec y = load(p->scale + c) * departure + load(p->shift + c);
  return (vec)((ivec)dY & (y > p->floor));
}

// The sums of some vectors of channels stay in registers.
INLINE void NAME(add_sums)(row_of *p, ptrdiff_t c, int vectors, ptrdiff_t lanes, bool of_slopes) {
  vec sums[4] = {{0}, {0}, {0}, {0}}, products[4] = {{0}, {0}, {0}, {0}};
  for (ptrdiff_t pixel = 0; pixel < p->count; pixel++) {
    UNROLLED for (int v = 0; v < vectors; v++) {
      const ptrdiff_t n = c + v * LANES;
      const vec departure = NAME(load_some)(p->x + pixel * p->x_pixel + n, lanes) - load(p->mean + n);
      vec g = departure;
      if (of_slopes) {
        g = NAME(slope)(p, NAME(load_some)(p->dY + pixel * p->dY_pixel + n, lanes), departure, n);
      }
      sums[v] += g;
      products[v] += g * departure;
    }
  }
  for (int v = 0; v < vectors; v++) {
    const ptrdiff_t n = c + v * LANES;
    store(p->sums + n, load(p->sums + n) + sums[v]);
    store(p->products + n, load(p->products + n) + products[v]);
  }
}

INLINE void NAME(add_all_sums)(row_of *p, bool of_slopes) {
  ptrdiff_t c = 0;
  for (; c + 4 * LANES <= p->channels; c += 4 * LANES) NAME(add_sums)(p, c, 4, LANES, of_slopes);
  for (; c + LANES <= p->channels; c += LANES) NAME(add_sums)(p, c, 1, LANES, of_slopes);
  if (c < p->channels) NAME(add_sums)(p, c, 1, p->channels - c, of_slopes);
}

static void NAME(statistics)(row_of *p) { NAME(add_all_sums)(p, false); }

static void NAME(slope_sums)(row_of *p) { NAME(add_all_sums)(p, true); }

INLINE void NAME(normalize_some)(row_of *p, ptrdiff_t pixel, ptrdiff_t c, ptrdiff_t lanes) {
  const vec departure = NAME(load_some)(p->x + pixel * p->x_pixel + c, lanes) - load(p->mean + c);
  const vec y = load(p->scale + c) * departure + load(p->shift + c);
  NAME(store_some)(p->y + pixel * p->y_pixel + c, larger(splat(p->floor), y), lanes);
}

INLINE void NAME(slopes_some)(row_of *p, ptrdiff_t pixel, ptrdiff_t c, ptrdiff_t lanes) {
  const vec departure = NAME(load_some)(p->x + pixel * p->x_pixel + c, lanes) - load(p->mean + c);
  const vec g = NAME(slope)(p, NAME(load_some)(p->dY + pixel * p->dY_pixel + c, lanes), departure, c);
  const vec way_of_statistics = load(p->pull + c) * departure + load(p->drift + c);
  NAME(store_some)(p->y + pixel * p->y_pixel + c, load(p->scale + c) * g + way_of_statistics, lanes);
}

// A copy of the row is the function's own: what is written cannot change it.
#define EACH_PIXEL(name)                                                                           \
  static void NAME(name)(row_of *pointer) {                                                        \
    row_of row = *pointer, *p = &row;                                                              \
    for (ptrdiff_t pixel = 0; pixel < p->count; pixel++) {                                         \
      ptrdiff_t c = 0;                                                                             \
      for (; c + LANES <= p->channels; c += LANES) NAME(name##_some)(p, pixel, c, LANES);          \
      if (c < p->channels) NAME(name##_some)(p, pixel, c, p->channels - c);                        \
    }                                                                                              \
  }

EACH_PIXEL(normalize) EACH_PIXEL(slopes)

static void NAME(unpool)(row_of *pointer) {
  row_of row = *pointer, *p = &row;
  for (ptrdiff_t pixel = 0; pixel < p->count; pixel++) {
    const ptrdiff_t window = pixel / 2;
    const bool is_seen = window < p->pooled;
    for (ptrdiff_t c = 0; c < p->channels; c += LANES) {
      ivec slope = {0};
      if (is_seen) {
        const ivec is_winner = load_bytes(p->winners + window * p->winners_pixel + c) == p->first + (int)(pixel % 2);
        slope = is_winner & (ivec)load(p->dY + window * p->dY_pixel + c);
      }
      store(p->y + pixel * p->y_pixel + c, (vec)slope);
    }
  }
}

static const starling_normalization_table NAME(starling_normalization_table) = {
    NAME(statistics), NAME(normalize), NAME(slope_sums), NAME(slopes), NAME(unpool),
};

#undef row_of
#undef EACH_PIXEL
