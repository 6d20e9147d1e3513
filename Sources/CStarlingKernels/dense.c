#include "include/dense.h"

#define FAMILY dense
#include "each_set.h"
