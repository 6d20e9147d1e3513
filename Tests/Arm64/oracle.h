/// What the checks of the leaf loops have in common.
///
/// A case draws its numbers, runs a loop, and holds every number that the loop could have written to a plain
/// reference in double precision. The numbers are eighths from −1 to 1: sums of their products are exact in
/// float, in any order, so that nothing but equality will do. Where an order is promised, the case is run once
/// more with numbers whose products do round, and a reference that rounds as the promised chain does.
#ifndef STARLING_ORACLE_H
#define STARLING_ORACLE_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "CStarlingKernels.h"

#define COUNT(array) ((ptrdiff_t)(sizeof(array) / sizeof *(array)))

/// A table that grows needs another check: `members` counts its loops, and one for `lanes`.
#define COVERS(table, members) _Static_assert(sizeof(table) == (members) * sizeof(void *), "a loop has no check")

/// The set under test, and the numbers in its vector.
extern starling_set set;
extern ptrdiff_t lanes;

/// Whether the numbers are to round.
extern bool rounds;

/// Begins a case, under a name that its failures bear, and drops the memory of the last one.
void begin(const char *format, ...) __attribute__((format(printf, 1, 2)));

/// Memory between two pages that nobody may touch, right before the upper one or right behind the lower one.
void *room(ptrdiff_t bytes);

/// A whole number from 0 on, below the limit.
int below(int limit);

/// An eighth from −1 to 1; or any number there, if the numbers are to round.
float number(void);

/// So many of them, and what they are before a loop changes them.
float *numbers(ptrdiff_t count);
double *copy(const float *x, ptrdiff_t count);

/// sum + a · b, rounded as a vector's multiply-add if the numbers are to round.
double chain(double sum, double a, double b);

/// x, raised to the floor; a NaN stays one.
double raised(double x, double floor);

/// Notes a failure unless the number is the wanted one, give or take the slack.
void check(const char *what, ptrdiff_t n, double got, double want, double slack);

/// The distance from the wanted number in units in the last place of a float.
double ulps(float got, double want);

/// Holds an array to another.
#define SAME(what, got, want, count) \
  for (ptrdiff_t n_ = 0, count_ = (count); n_ < count_; n_++) check(what, n_, (got)[n_], (want)[n_], 0)

void check_panel(void);
void check_dense(void);
void check_rows(void);
void check_elementwise(void);
void check_sparse(void);
void check_normalization(void);
void check_batch_last(void);
void check_winograd(void);

#endif
