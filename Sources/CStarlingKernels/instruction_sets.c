#include "include/instruction_sets.h"

bool starling_supports(starling_set set) {
  switch (set) {
    case starling_baseline:
      return true;
#if defined(__x86_64__)
    case starling_avx2:
      __builtin_cpu_init();
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case starling_avx512:
      __builtin_cpu_init();
      return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
             && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
#endif
    default:
      return false;
  }
}
