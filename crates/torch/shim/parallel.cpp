// libtorch's threads, for kernels in Rust.
#include "border.h"

#include <ATen/Parallel.h>

extern "C" char* selvedge_parallel_for(int64_t count, int64_t grain, void (*body)(const void*, int64_t, int64_t),
                                       const void* context) {
  return selvedge::guarded([&] {
    at::parallel_for(0, count, grain, [&](int64_t begin, int64_t end) { body(context, begin, end); });
  });
}
