#include "include/elementwise.h"

#define FAMILY elementwise
#include "each_set.h"
