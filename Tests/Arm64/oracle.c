// Runs the checks of all families for each instruction set of this machine.

#include "oracle.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

starling_set set;
ptrdiff_t lanes;
bool rounds;

static struct {
  const char *name;
  void (*check)(void);
} families[] = {
    {"panel", check_panel},   {"dense", check_dense},
    {"rows", check_rows},     {"elementwise", check_elementwise},
    {"sparse", check_sparse}, {"normalization", check_normalization},
    {"winograd", check_winograd}, {"batch_last", check_batch_last},
};

#if defined(__aarch64__)
static const char *const set_names[] = {"arm64 NEON"};
static const bool fuses[] = {true};
#else
static const char *const set_names[] = {"x86-64 baseline", "x86-64 AVX2", "x86-64 AVX-512"};
static const bool fuses[] = {false, true, true};
#endif

static char name[200], family[80];
static long cases, checks, failures;

static struct {
  char *at;
  size_t bytes;
} rooms[64];
static int room_count;
static bool at_front;

void begin(const char *format, ...) {
  while (room_count > 0) room_count--, munmap(rooms[room_count].at, rooms[room_count].bytes);
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(name, sizeof name, format, arguments);
  va_end(arguments);
  cases++;
}

void *room(ptrdiff_t bytes) {
  const size_t page = (size_t)sysconf(_SC_PAGESIZE), inner = ((size_t)bytes + page - 1) / page * page;
  char *at = mmap(NULL, inner + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANON, -1, 0);
  if (at == MAP_FAILED || room_count == COUNT(rooms) || (inner && mprotect(at + page, inner, PROT_READ | PROT_WRITE))) {
    fprintf(stderr, "error: no memory for the oracle\n");
    exit(2);
  }
  rooms[room_count].at = at;
  rooms[room_count++].bytes = inner + 2 * page;
  return at + page + (at_front ? 0 : inner - (size_t)bytes);
}

static uint64_t state;

static uint32_t bits(void) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(state >> 33);
}

int below(int limit) { return (int)(bits() % (uint32_t)limit); }

float number(void) { return rounds ? (float)((int)bits() - (1 << 30)) / (1 << 30) : (float)(below(17) - 8) / 8; }

float *numbers(ptrdiff_t count) {
  float *x = room(count * (ptrdiff_t)sizeof(float));
  for (ptrdiff_t n = 0; n < count; n++) x[n] = number();
  return x;
}

double *copy(const float *x, ptrdiff_t count) {
  double *y = room(count * (ptrdiff_t)sizeof(double));
  for (ptrdiff_t n = 0; n < count; n++) y[n] = x[n];
  return y;
}

double chain(double sum, double a, double b) {
  if (!rounds) return sum + a * b;
  return fuses[set] ? fmaf((float)a, (float)b, (float)sum) : (float)((float)(a * b) + sum);
}

double raised(double x, double floor) { return x < floor ? floor : x; }

void check(const char *what, ptrdiff_t n, double got, double want, double slack) {
  checks++;
  if (got == (float)want || fabs(got - want) <= slack || (isnan(got) && isnan(want))) return;
  if (failures++ < 20) printf("error: %s: %s: %s[%td] is %.9g, expected %.9g\n", family, name, what, n, got, want);
}

double ulps(float got, double want) {
  if (got == (float)want || (isnan(got) && isnan(want))) return 0;
  int exponent;
  frexp(want, &exponent);
  return fabs(got - want) / ldexp(1, exponent < -125 ? -149 : exponent - 24);
}

// What was touched beyond its end.
static void on_fault(int signal) {
  char line[400];
  int length = snprintf(line, sizeof line, "error: %s: %s: signal %d, memory beyond an array was touched\n", family, name, signal);
  _exit(write(STDOUT_FILENO, line, (size_t)length) < 0 ? 2 : 1);
}

int main(void) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  signal(SIGSEGV, on_fault);
  signal(SIGBUS, on_fault);
  for (int s = 0; s < COUNT(set_names); s++) {
    set = (starling_set)s;
    if (!starling_supports(set)) {
      printf("%s: not on this machine, so not checked\n", set_names[s]);
      continue;
    }
    lanes = starling_panel_loops(set)->lanes;
    for (ptrdiff_t f = 0; f < COUNT(families); f++) {
      snprintf(family, sizeof family, "%s, %s", set_names[s], families[f].name);
      cases = checks = 0;
      state = 1;
      for (int front = 0; front < 2; front++) {
        at_front = front;
        families[f].check();
      }
      printf("%-30s %6ld cases, %8ld numbers\n", family, cases, checks);
    }
  }
  if (failures > 0) printf("error: %ld numbers are wrong\n", failures);
  return failures > 0;
}
