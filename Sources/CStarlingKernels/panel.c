#include "include/panel.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define BODY "panel_body.h"
#include "each_set.h"

const starling_panel_table *starling_panels(starling_set set) {
  return STARLING_TABLE(starling_panel_table, set);
}
