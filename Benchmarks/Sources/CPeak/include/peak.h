#ifndef PEAK_H
#define PEAK_H

#include <stddef.h>

/// Does `turns` turns of independent multiply-adds on numbers that stay in registers, and returns how many
/// multiply-adds a turn has, counted by lanes. Instruction sets as `starling_set` counts them: 0, 1, 2.
ptrdiff_t peak_multiply_adds(int set, ptrdiff_t turns);

#endif
