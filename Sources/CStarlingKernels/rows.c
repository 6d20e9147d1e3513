#include "include/rows.h"

#define FAMILY rows
#include "each_set.h"
