#include "include/sparse.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define BODY "sparse_body.h"
#include "each_set.h"

const starling_sparse_table *starling_sparse(starling_set set) {
  return STARLING_TABLE(starling_sparse_table, set);
}
