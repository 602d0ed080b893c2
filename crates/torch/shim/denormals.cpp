// How the threads that compute treat denormal numbers. The setting is a register of each thread, which a new thread
// takes over from the thread that starts it.
#include <ATen/Parallel.h>

#include <cstdint>

#if defined(__x86_64__) || defined(__i386__)
#include <xmmintrin.h>
#endif

namespace {

#if defined(__x86_64__) || defined(__i386__)
// Flush-to-zero of results and denormals-are-zero of operands.
constexpr unsigned FLUSH = 0x8040;

bool set(bool flush) {
  const unsigned rest = _mm_getcsr() & ~FLUSH;
  _mm_setcsr(flush ? rest | FLUSH : rest);
  return true;
}

bool is_set() { return (_mm_getcsr() & FLUSH) == FLUSH; }
#elif defined(__aarch64__)
// FZ, of operands and results.
constexpr uint64_t FLUSH = uint64_t{1} << 24;

uint64_t control() {
  uint64_t value;
  asm volatile("mrs %0, fpcr" : "=r"(value));
  return value;
}

bool set(bool flush) {
  const uint64_t rest = control() & ~FLUSH;
  asm volatile("msr fpcr, %0" : : "r"(flush ? rest | FLUSH : rest));
  return true;
}

bool is_set() { return (control() & FLUSH) != 0; }
#else
bool set(bool) { return false; }

bool is_set() { return false; }
#endif

}  // namespace

extern "C" {

bool selvedge_flush_denormals(bool flush) {
  const bool is_known = set(flush);
#ifdef _OPENMP
  // The pool of this thread, whole: OpenMP ends the threads above the number of a region.
#pragma omp parallel num_threads(at::get_num_threads())
  set(flush);
#endif
  return is_known;
}

bool selvedge_flushes_denormals() { return is_set(); }

}  // extern "C"
