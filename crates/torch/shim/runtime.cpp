// The state of libtorch that is not a tensor: generators, determinism, precision, autocast, memory, the build;
// and what a process inherits.
#include "border.h"

#include <ATen/Context.h>
#include <ATen/Version.h>
#include <ATen/core/Generator.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <signal.h>

#include <mutex>

// <ATen/autocast_mode.h> brings all of ATen with it; these are what is used of it.
namespace at::autocast {
TORCH_API bool is_autocast_enabled(at::DeviceType device_type);
TORCH_API void set_autocast_enabled(at::DeviceType device_type, bool enabled);
TORCH_API at::ScalarType get_autocast_dtype(at::DeviceType device_type);
TORCH_API void set_autocast_dtype(at::DeviceType device_type, at::ScalarType dtype);
TORCH_API void clear_cache();
TORCH_API int increment_nesting();
TORCH_API int decrement_nesting();
}  // namespace at::autocast

namespace {

// The default generator of a CUDA device, or of the CPU for -1. It wants its lock held.
at::Generator generator_of(int device) {
  const auto place =
      device < 0 ? at::Device(at::kCPU) : at::Device(at::kCUDA, static_cast<at::DeviceIndex>(device));
  return at::globalContext().defaultGenerator(place);
}

at::DeviceType type_of(bool cuda) {
  return cuda ? at::kCUDA : at::kCPU;
}

}  // namespace

extern "C" {

char* selvedge_generator_state(int device, at::Tensor** state) {
  return selvedge::guarded([&] {
    auto generator = generator_of(device);
    std::lock_guard<std::mutex> lock(generator.mutex());
    *state = new at::Tensor(generator.get_state());
  });
}

char* selvedge_generator_set_state(int device, const at::Tensor* state) {
  return selvedge::guarded([&] {
    auto generator = generator_of(device);
    std::lock_guard<std::mutex> lock(generator.mutex());
    TORCH_CHECK(state->defined(), "the state is undefined");
    generator.set_state(*state);
  });
}

char* selvedge_generator_seed(int device, uint64_t seed) {
  return selvedge::guarded([&] {
    auto generator = generator_of(device);
    std::lock_guard<std::mutex> lock(generator.mutex());
    generator.set_current_seed(seed);
  });
}

char* selvedge_generator_initial_seed(int device, uint64_t* seed) {
  return selvedge::guarded([&] {
    auto generator = generator_of(device);
    std::lock_guard<std::mutex> lock(generator.mutex());
    *seed = generator.current_seed();
  });
}

struct SelvedgeDeterminism {
  bool algorithms, warn_only, cudnn, cudnn_benchmark;
};

char* selvedge_determinism(SelvedgeDeterminism* settings) {
  return selvedge::guarded([&] {
    auto& context = at::globalContext();
    *settings = {context.deterministicAlgorithms(), context.deterministicAlgorithmsWarnOnly(),
                 context.deterministicCuDNN(), context.benchmarkCuDNN()};
  });
}

char* selvedge_set_determinism(const SelvedgeDeterminism* settings) {
  return selvedge::guarded([&] {
    auto& context = at::globalContext();
    context.setDeterministicAlgorithms(settings->algorithms, settings->warn_only);
    context.setDeterministicCuDNN(settings->cudnn);
    context.setBenchmarkCuDNN(settings->cudnn_benchmark);
  });
}

char* selvedge_precision(uint32_t* matmul, bool* cudnn_tf32) {
  return selvedge::guarded([&] {
    *matmul = static_cast<uint32_t>(at::globalContext().float32MatmulPrecision());
    *cudnn_tf32 = at::globalContext().allowTF32CuDNN();
  });
}

char* selvedge_set_precision(uint32_t matmul, bool cudnn_tf32) {
  return selvedge::guarded([&] {
    static_assert(static_cast<uint32_t>(at::Float32MatmulPrecision::MEDIUM) == 2,
                  "the order of matmul precisions");
    const char* names[] = {"highest", "high", "medium"};
    TORCH_CHECK(matmul < 3, "no such precision");
    at::globalContext().setFloat32MatmulPrecision(names[matmul]);
    at::globalContext().setAllowTF32CuDNN(cudnn_tf32);
  });
}

// What autocast is on this thread for a type of device.
struct SelvedgeAutocast {
  bool enabled;
  int8_t kind;
};

char* selvedge_autocast_enter(bool cuda, SelvedgeAutocast wanted, SelvedgeAutocast* before) {
  return selvedge::guarded([&] {
    const auto type = type_of(cuda);
    *before = {at::autocast::is_autocast_enabled(type),
               static_cast<int8_t>(at::autocast::get_autocast_dtype(type))};
    at::autocast::set_autocast_dtype(type, static_cast<at::ScalarType>(wanted.kind));
    at::autocast::set_autocast_enabled(type, wanted.enabled);
    at::autocast::increment_nesting();
  });
}

char* selvedge_autocast_leave(bool cuda, SelvedgeAutocast before) {
  return selvedge::guarded([&] {
    const auto type = type_of(cuda);
    // The casts of the weights are kept until the outermost guard leaves.
    if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
    at::autocast::set_autocast_enabled(type, before.enabled);
    at::autocast::set_autocast_dtype(type, static_cast<at::ScalarType>(before.kind));
  });
}

bool selvedge_keep_freed_memory() {
#ifdef __GLIBC__
  const int most = 1 << 30;
  // A glibc that takes no threshold above 32 MiB leaves what is larger to the system.
  const bool kept = mallopt(M_MMAP_THRESHOLD, most) == 1 || mallopt(M_MMAP_THRESHOLD, 32 << 20) == 1;
  return kept && mallopt(M_TRIM_THRESHOLD, most) == 1;
#else
  return false;
#endif
}

bool selvedge_ignores_signal(int number) {
#ifdef _WIN32
  return false;
#else
  struct sigaction action;
  return sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
#endif
}

char* selvedge_configuration(char** text) {
  return selvedge::guarded([&] { *text = selvedge::message(at::show_config().c_str()); });
}

char* selvedge_cpu_capability(char** text) {
  return selvedge::guarded([&] { *text = selvedge::message(at::get_cpu_capability().c_str()); });
}

}  // extern "C"
