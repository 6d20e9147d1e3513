#include "include/dense.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define BODY "dense_body.h"
#include "each_set.h"

const starling_dense_table *starling_dense(starling_set set) {
  return STARLING_TABLE(starling_dense_table, set);
}
