#include "include/panel.h"

#define FAMILY panel
#include "each_set.h"
