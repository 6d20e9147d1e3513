#include "include/sparse.h"

#define FAMILY sparse
#include "each_set.h"
