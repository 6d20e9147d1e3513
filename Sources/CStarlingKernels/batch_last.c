#include "include/batch_last.h"

#define FAMILY batch_last
#include "each_set.h"
