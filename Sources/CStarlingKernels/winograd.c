#include "include/winograd.h"

#include <stdbool.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

// The five matrices of F(m × m, 3 × 3), as what they do to a column of numbers.
typedef enum { input_matrix, output_matrix, output_matrix_transposed, kernel_matrix, kernel_matrix_transposed } matrix;

#define BODY "winograd_body.h"
#include "each_set.h"

const starling_winograd_table *starling_winograds(starling_set set) {
  return STARLING_TABLE(starling_winograd_table, set);
}
