// A vector of LANES numbers, under names that end in the instruction set. Included once for each set.

#define vec NAME(vec)
#define ivec NAME(ivec)
#define loose_vec NAME(loose_vec)
#define load NAME(load)
#define store NAME(store)
#define splat NAME(splat)
#define larger NAME(larger)
#define load_part NAME(load_part)
#define store_part NAME(store_part)

typedef float vec __attribute__((vector_size(4 * LANES)));
typedef int ivec __attribute__((vector_size(4 * LANES)));
typedef float loose_vec __attribute__((vector_size(4 * LANES), aligned(4)));

// The LANES numbers at an address of any alignment.
static inline __attribute__((always_inline)) vec load(const float *p) { return *(const loose_vec *)p; }

static inline __attribute__((always_inline)) void store(float *p, vec v) { *(loose_vec *)p = v; }

// x − 0 is x for every x, which the compiler knows; x + 0 is not, for −0.
static inline __attribute__((always_inline)) vec splat(float x) { return x - (vec){0}; }

// The larger of each two, and b where it is no number: so that a NaN passes through max(0, b).
static inline __attribute__((always_inline)) vec larger(vec a, vec b) {
#if LANES == 16
  return _mm512_max_ps(a, b);
#elif LANES == 8
  return _mm256_max_ps(a, b);
#elif defined(__x86_64__)
  return _mm_max_ps(a, b);
#else
  ivec takes_a = a > b;
  return (vec)((takes_a & (ivec)a) | (~takes_a & (ivec)b));
#endif
}

// The last numbers of an array, which do not fill a vector: zeros behind them, as if they did.
static inline __attribute__((always_inline)) vec load_part(const float *p, ptrdiff_t count) {
  float padded[LANES] = {0};
  for (ptrdiff_t n = 0; n < count; n++) padded[n] = p[n];
  return load(padded);
}

static inline __attribute__((always_inline)) void store_part(float *p, vec v, ptrdiff_t count) {
  float padded[LANES];
  store(padded, v);
  for (ptrdiff_t n = 0; n < count; n++) p[n] = padded[n];
}
