// Compiles the loops of the file that BODY names once for each instruction set of the architecture.
//
// The body sees LANES, the numbers in a vector; NAME(x), x with the set's own ending; and the types and
// functions of vector.h.

#define STARLING_JOIN(a, b) a##_##b
#define STARLING_JOINED(a, b) STARLING_JOIN(a, b)
#define NAME(x) STARLING_JOINED(x, SET)

#define SET baseline
#define LANES 4
#if defined(__aarch64__)
#define REGISTERS 32
#else
#define REGISTERS 16
#endif
#include "vector.h"
#include BODY
#undef SET
#undef LANES
#undef REGISTERS

#if defined(__x86_64__)

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define SET avx2
#define LANES 8
#define REGISTERS 16
#include "vector.h"
#include BODY
#undef SET
#undef LANES
#undef REGISTERS
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma"))), apply_to = function)
#define SET avx512
#define LANES 16
#define REGISTERS 32
#include "vector.h"
#include BODY
#undef SET
#undef LANES
#undef REGISTERS
#pragma clang attribute pop

// The table of each set, picked by its number.
#define STARLING_TABLE(table, set) \
  ((set) == starling_avx512 ? &table##_avx512 : (set) == starling_avx2 ? &table##_avx2 : &table##_baseline)

#else

#define STARLING_TABLE(table, set) (&table##_baseline)

#endif
