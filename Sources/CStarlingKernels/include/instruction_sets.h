#ifndef STARLING_INSTRUCTION_SETS_H
#define STARLING_INSTRUCTION_SETS_H

#include <stdbool.h>

/// The sets that the loops are compiled for.
typedef enum {
  /// What every processor of the architecture has: SSE2 with 4 lanes, or NEON with 4.
  starling_baseline = 0,
  /// AVX2 and FMA: 8 lanes, 16 registers.
  starling_avx2 = 1,
  /// AVX-512 F, BW, DQ and VL: 16 lanes, 32 registers.
  starling_avx512 = 2,
} starling_set;

/// Whether this processor, and the system under it, can run loops of the set.
bool starling_supports(starling_set set);

/// Tells the processor that this thread waits in a loop for another one.
static inline void starling_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb");
#endif
}

#endif
