#include "include/elementwise.h"

#include <math.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define BODY "elementwise_body.h"
#include "each_set.h"

const starling_elementwise_table *starling_elementwises(starling_set set) {
  return STARLING_TABLE(starling_elementwise_table, set);
}
