/// The leaf loops of the engine: C, because Swift cannot compile a loop for a chosen instruction set.
///
/// No function here allocates, starts a thread, or decides anything: blocking, packing, threading and the
/// choice of an algorithm are Swift. Each family of loops is written once, with vectors of LANES numbers,
/// and compiled once for each instruction set; a table of pointers leads to those of one set.
#ifndef C_STARLING_KERNELS_H
#define C_STARLING_KERNELS_H

#include "batch_last.h"
#include "dense.h"
#include "elementwise.h"
#include "instruction_sets.h"
#include "normalization.h"
#include "panel.h"
#include "rows.h"
#include "sparse.h"
#include "winograd.h"

#endif
