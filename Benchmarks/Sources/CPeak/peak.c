// The yardstick: as many multiply-adds as the machine can do, with no memory in the way.

#include "include/peak.h"

// CHAINS sums of their own: more than a unit's latency takes to fill, fewer than there are registers. What the
// compiler cannot see through keeps it from working the loop out beforehand.
#define PEAK(NAME, LANES, CHAINS, OPERANDS)                                                        \
  typedef float NAME##_vector __attribute__((vector_size(4 * LANES)));                             \
  static ptrdiff_t NAME(ptrdiff_t turns) {                                                         \
    NAME##_vector sums[CHAINS] = {{0}}, a = {0}, b = {0};                                          \
    __asm__ volatile("" : OPERANDS(a), OPERANDS(b));                                               \
    for (ptrdiff_t turn = 0; turn < turns; turn++) {                                               \
      _Pragma("clang loop unroll(full)") for (int n = 0; n < CHAINS; n++) sums[n] = sums[n] * a + b; \
      _Pragma("clang loop unroll(full)") for (int n = 0; n < CHAINS; n++)                          \
          __asm__ volatile("" : OPERANDS(sums[n]));                                                \
    }                                                                                              \
    return CHAINS * LANES;                                                                         \
  }

#pragma STDC FP_CONTRACT ON

#if defined(__x86_64__)

#define VECTOR_REGISTER(x) "+v"(x)
PEAK(baseline, 4, 12, VECTOR_REGISTER)

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
PEAK(avx2, 8, 12, VECTOR_REGISTER)
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma"))), apply_to = function)
PEAK(avx512, 16, 24, VECTOR_REGISTER)
#pragma clang attribute pop

ptrdiff_t peak_multiply_adds(int set, ptrdiff_t turns) {
  return set == 2 ? avx512(turns) : set == 1 ? avx2(turns) : baseline(turns);
}

#else

#define VECTOR_REGISTER(x) "+w"(x)
PEAK(baseline, 4, 24, VECTOR_REGISTER)

ptrdiff_t peak_multiply_adds(int set, ptrdiff_t turns) { return baseline(turns); }

#endif
