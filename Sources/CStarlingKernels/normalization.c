#include "include/normalization.h"

#define FAMILY normalization
#include "each_set.h"
