#include "include/normalization.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define BODY "normalization_body.h"
#include "each_set.h"

const starling_normalization_table *starling_normalizations(starling_set set) {
  return STARLING_TABLE(starling_normalization_table, set);
}
