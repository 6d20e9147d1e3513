// How often a process has asked for memory, so that tests can show where it never does.
#ifndef CALLOCATIONS_H
#define CALLOCATIONS_H

#include <stdbool.h>

/// Whether allocations are counted here: only with glibc, and not under a sanitizer, which has its own.
bool allocations_are_counted(void);

/// Allocations so far, by all threads; 0 where they are not counted.
long allocations_so_far(void);

#endif
