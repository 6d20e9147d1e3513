#include "include/winograd.h"

// The five matrices of F(m × m, 3 × 3), as what they do to a column of numbers.
typedef enum { input_matrix, output_matrix, output_matrix_transposed, kernel_matrix, kernel_matrix_transposed } matrix;

#define FAMILY winograd
#include "each_set.h"
