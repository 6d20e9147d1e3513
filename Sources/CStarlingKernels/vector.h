// A vector of LANES numbers, under names that end in the instruction set. Included once for each set.

#define vec NAME(vec)
#define ivec NAME(ivec)
#define loose_vec NAME(loose_vec)
#define load NAME(load)
#define store NAME(store)
#define splat NAME(splat)
#define larger NAME(larger)
#define choose NAME(choose)
#define transpose NAME(transpose)
#define load_bytes NAME(load_bytes)
#define store_bytes NAME(store_bytes)
#define smaller NAME(smaller)
#define even_part NAME(even_part)
#define largest NAME(largest)
#define largest_of_four NAME(largest_of_four)
#define load_part NAME(load_part)
#define store_part NAME(store_part)

typedef float vec __attribute__((vector_size(4 * LANES)));
typedef int ivec __attribute__((vector_size(4 * LANES)));
typedef float loose_vec __attribute__((vector_size(4 * LANES), aligned(4)));

// Inside these, what a caller gives as a constant is one: loops over it unroll, branches on it vanish.
#define INLINE static inline __attribute__((always_inline))
#define UNROLLED _Pragma("clang loop unroll(full)")

// The LANES numbers at an address of any alignment.
INLINE vec load(const float *p) { return *(const loose_vec *)p; }

INLINE void store(float *p, vec v) { *(loose_vec *)p = v; }

// x − 0 is x for every x, which the compiler knows; x + 0 is not, for −0.
INLINE vec splat(float x) { return x - (vec){0}; }

// a where the mask is set, else b.
INLINE vec choose(ivec mask, vec a, vec b) { return (vec)((mask & (ivec)a) | (~mask & (ivec)b)); }

// The larger of each two, and b where it is no number: so that a NaN passes through max(0, b).
INLINE vec larger(vec a, vec b) {
#if LANES == 16
  return _mm512_max_ps(a, b);
#elif LANES == 8
  return _mm256_max_ps(a, b);
#elif defined(__x86_64__)
  return _mm_max_ps(a, b);
#else
  return choose(a > b, a, b);
#endif
}

// Small whole numbers that lie as bytes.
typedef uint8_t NAME(bytes) __attribute__((vector_size(LANES), aligned(1)));

INLINE ivec load_bytes(const uint8_t *p) { return __builtin_convertvector(*(const NAME(bytes) *)p, ivec); }

INLINE void store_bytes(uint8_t *p, ivec v) { *(NAME(bytes) *)p = __builtin_convertvector(v, NAME(bytes)); }

// The largest of four, and which it is, the first where several are equal; a NaN if one of them is one.
INLINE vec largest(const vec four[4], ivec *winner) {
  vec best = four[0];
  *winner = (ivec){0};
  UNROLLED for (int n = 1; n < 4; n++) {
    const ivec takes = four[n] > best;
    best = larger(four[n], best);
    *winner = (takes & n) | (~takes & *winner);
  }
  const ivec is_nan = (four[0] != four[0]) | (four[1] != four[1]) | (four[2] != four[2]) | (four[3] != four[3]);
  return choose(is_nan, splat(NAN), best);
}

// The largest of each four, raised to the floor. And, if that is asked for, which of them it was: 4 where none exceeds
// the floor.
INLINE vec largest_of_four(const vec four[4], vec floor, uint8_t *winners) {
  ivec winner;
  vec best = largest(four, &winner);
  if (winners) {
    const ivec dead = best <= floor;
    store_bytes(winners, (dead & 4) | (~dead & winner));
  }
  return larger(floor, best);
}

// The last numbers of an array, which do not fill a vector: zeros behind them, as if they did.
INLINE vec load_part(const float *p, ptrdiff_t count) {
  float padded[LANES] = {0};
  for (ptrdiff_t n = 0; n < count; n++) padded[n] = p[n];
  return load(padded);
}

INLINE void store_part(float *p, vec v, ptrdiff_t count) {
  float padded[LANES];
  store(padded, v);
  for (ptrdiff_t n = 0; n < count; n++) p[n] = padded[n];
}

INLINE ptrdiff_t smaller(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }

// The first of the nearly equal parts, none larger than `most`, that so many are taken in.
INLINE ptrdiff_t even_part(ptrdiff_t count, ptrdiff_t most) {
  const ptrdiff_t parts = (count + most - 1) / most;
  return (count + parts - 1) / parts;
}

// The numbers of the first halves, or of the second halves, of two vectors by turns.
#undef FIRST
#undef SECOND
#if LANES == 4
#define FIRST(a, b) __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define SECOND(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)
#elif LANES == 8
#define FIRST(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define SECOND(a, b) __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#else
#define FIRST(a, b) __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define SECOND(a, b) __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#endif

// Exchanges rows and columns. They are the high and the low half of a number's index in the block; every round of
// by-turns moves one bit of it from the top to the bottom, until the halves have changed places.
INLINE void transpose(vec block[LANES]) {
  UNROLLED for (int bit = LANES; bit > 1; bit /= 2) {
    vec turned[LANES];
    UNROLLED for (int n = 0; n < LANES; n++)
        turned[n] = n % 2 ? SECOND(block[n / 2], block[n / 2 + LANES / 2]) : FIRST(block[n / 2], block[n / 2 + LANES / 2]);
    UNROLLED for (int n = 0; n < LANES; n++) block[n] = turned[n];
  }
}
