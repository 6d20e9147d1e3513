// Compiles the loops of a FAMILY, FAMILY_body.h, once for each instruction set of the architecture, and defines the
// function that leads to their tables.
//
// A body sees LANES, the numbers in a vector; REGISTERS, how many vectors stay at hand; NAME(x), x with the set's own
// ending; and the types and functions of vector.h.

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__)
#include <immintrin.h>
#else
#include <arm_neon.h>
#endif

#define STARLING_JOIN(a, b) a##b
#define STARLING_JOINED(a, b) STARLING_JOIN(a, b)
#define STARLING_QUOTE(x) #x
#define STARLING_QUOTED(x) STARLING_QUOTE(x)

#define BODY STARLING_QUOTED(STARLING_JOINED(FAMILY, _body).h)
#define LOOPS STARLING_JOINED(STARLING_JOINED(starling_, FAMILY), _loops)
#define TABLE STARLING_JOINED(STARLING_JOINED(starling_, FAMILY), _table)
#define NAME(x) STARLING_JOINED(x, SET)

#define SET _baseline
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
#define SET _avx2
#define LANES 8
#define REGISTERS 16
#include "vector.h"
#include BODY
#undef SET
#undef LANES
#undef REGISTERS
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma"))), apply_to = function)
#define SET _avx512
#define LANES 16
#define REGISTERS 32
#include "vector.h"
#include BODY
#pragma clang attribute pop

#endif

const TABLE *LOOPS(starling_set set) {
#if defined(__x86_64__)
  if (set == starling_avx512) return &STARLING_JOINED(TABLE, _avx512);
  if (set == starling_avx2) return &STARLING_JOINED(TABLE, _avx2);
#endif
  return &STARLING_JOINED(TABLE, _baseline);
}
