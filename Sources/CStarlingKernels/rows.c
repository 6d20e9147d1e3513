#include "include/rows.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define BODY "rows_body.h"
#include "each_set.h"

const starling_rows_table *starling_rows_of(starling_set set) {
  return STARLING_TABLE(starling_rows_table, set);
}
