// CUDA as seen without its toolkit: libtorch's device-neutral interfaces, and the driver where there is one.
#include "border.h"

#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/CachingDeviceAllocator.h>

#include <dlfcn.h>

#ifdef SELVEDGE_CUDA
namespace at::cuda {
int warp_size();
}

// A linker that drops libraries nobody refers to would drop libtorch_cuda, and CUDA with it: nothing but its
// presence in the process registers the kernels. This refers to it. What runs before `main` is never dropped
// itself, unlike a constant that nobody reads, and what is volatile has to be there.
[[gnu::constructor]] static void keep_libtorch_cuda() {
  static int (*volatile refers)() = &at::cuda::warp_size;
  (void)refers;
}
#endif

namespace {

// The functions of the driver that are needed, from libcuda.so.1. All of them have been there since CUDA 4.
struct Driver {
  int (*initialise)(unsigned) = nullptr;
  int (*count)(int*) = nullptr;
  int (*device)(int*, int) = nullptr;
  int (*name)(char*, int, int) = nullptr;
  int (*attribute)(int*, int, int) = nullptr;
  int (*explain)(int, const char**) = nullptr;
  bool loaded = false;

  Driver() {
    void* library = dlopen("libcuda.so.1", RTLD_LAZY | RTLD_LOCAL);
    if (library == nullptr) return;
    loaded = find(library, "cuInit", initialise) && find(library, "cuDeviceGetCount", count) &&
             find(library, "cuDeviceGet", device) && find(library, "cuDeviceGetName", name) &&
             find(library, "cuDeviceGetAttribute", attribute) && find(library, "cuGetErrorString", explain);
  }

  template <typename Function>
  static bool find(void* library, const char* symbol, Function& function) {
    function = reinterpret_cast<Function>(dlsym(library, symbol));
    return function != nullptr;
  }

  void check(int status, const char* what) const {
    if (status == 0) return;
    const char* text = nullptr;
    explain(status, &text);
    TORCH_CHECK(false, what, ": ", text == nullptr ? "unknown error" : text, " (", status, ")");
  }
};

const Driver& driver() {
  static const Driver driver;
  return driver;
}

int device_of(int index) {
  TORCH_CHECK(driver().loaded, "there is no CUDA driver");
  driver().check(driver().initialise(0), "cuInit");
  int device = 0;
  driver().check(driver().device(&device, index), "cuDeviceGet");
  return device;
}

c10::DeviceAllocator* allocator() {
  return c10::getDeviceAllocator(at::kCUDA);
}

}  // namespace

extern "C" {

// Whether the shim was built against a libtorch with CUDA, and whether that is loaded.
bool selvedge_cuda_built() {
#ifdef SELVEDGE_CUDA
  return true;
#else
  return false;
#endif
}

bool selvedge_cuda_loaded() {
  return at::CUDAHooksRegistry()->Has("CUDAHooks");
}

bool selvedge_cuda_driver() {
  return driver().loaded;
}

char* selvedge_cuda_devices(int* count) {
  return selvedge::guarded([&] {
    *count = 0;
    if (!driver().loaded) return;
    driver().check(driver().initialise(0), "cuInit");
    driver().check(driver().count(count), "cuDeviceGetCount");
  });
}

char* selvedge_cuda_name(int index, char** name) {
  return selvedge::guarded([&] {
    char text[256] = {};
    driver().check(driver().name(text, sizeof text, device_of(index)), "cuDeviceGetName");
    text[sizeof text - 1] = '\0';
    *name = selvedge::message(text);
  });
}

char* selvedge_cuda_capability(int index, int* major, int* minor) {
  return selvedge::guarded([&] {
    // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR and _MINOR.
    driver().check(driver().attribute(major, 75, device_of(index)), "cuDeviceGetAttribute");
    driver().check(driver().attribute(minor, 76, device_of(index)), "cuDeviceGetAttribute");
  });
}

struct SelvedgeMemory {
  int64_t allocated, reserved, peak_allocated, peak_reserved;
};

char* selvedge_cuda_memory(int index, SelvedgeMemory* memory) {
  return selvedge::guarded([&] {
    *memory = {};
    // Before the first tensor there is nothing to ask for.
    if (!allocator()->initialized()) return;
    const auto stats = allocator()->getDeviceStats(static_cast<c10::DeviceIndex>(index));
    // The first of each array is the sum over all pools.
    *memory = {stats.allocated_bytes[0].current, stats.reserved_bytes[0].current,
               stats.allocated_bytes[0].peak, stats.reserved_bytes[0].peak};
  });
}

char* selvedge_cuda_reset_peak(int index) {
  return selvedge::guarded([&] {
    if (allocator()->initialized()) allocator()->resetPeakStats(static_cast<c10::DeviceIndex>(index));
  });
}

char* selvedge_cuda_empty_cache() {
  return selvedge::guarded([&] {
    if (allocator()->initialized()) allocator()->emptyCache();
  });
}

}  // extern "C"
