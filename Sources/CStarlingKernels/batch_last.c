#include "include/batch_last.h"

#if defined(__x86_64__)
#include <immintrin.h>
#else
#include <arm_neon.h>
#endif

#define INLINE static inline __attribute__((always_inline))
#define UNROLLED _Pragma("clang loop unroll(full)")

#define BODY "batch_last_body.h"
#include "each_set.h"

const starling_batch_last_table *starling_batch_last(starling_set set) {
  return STARLING_TABLE(starling_batch_last_table, set);
}
