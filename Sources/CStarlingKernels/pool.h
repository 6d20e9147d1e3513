// Max pooling of windows of four, for the bodies that do it. Included once for each set.

#define largest_of_four NAME(largest_of_four)
#define select NAME(select)

typedef uint8_t NAME(bytes) __attribute__((vector_size(LANES), aligned(1)));

static inline __attribute__((always_inline)) vec select(ivec mask, vec a, vec b) {
  return (vec)((mask & (ivec)a) | (~mask & (ivec)b));
}

// The largest of each four, raised to the floor: a NaN wherever one of them is one. And, if that is asked for, which
// of them it was: the first of equals, and 4 where none exceeds the floor.
static inline __attribute__((always_inline)) vec largest_of_four(const vec *four, vec floor, uint8_t *winners) {
  vec best = four[0];
  if (winners) {
    ivec winner = {0};
    _Pragma("clang loop unroll(full)") for (int i = 1; i < 4; i++) {
      const ivec takes = (four[i] > best) | (four[i] != four[i]);
      best = select(takes, four[i], best);
      winner = (takes & (ivec){0} + i) | (~takes & winner);
    }
    const ivec dead = best <= floor;
    winner = (dead & (ivec){0} + 4) | (~dead & winner);
    *(NAME(bytes) *)winners = __builtin_convertvector(winner, NAME(bytes));
  } else {
    _Pragma("clang loop unroll(full)") for (int i = 1; i < 4; i++)
        best = select(four[i] != four[i], four[i], larger(four[i], best));
  }
  return larger(floor, best);
}
