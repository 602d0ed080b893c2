// A CUDA graph: what some work launches, recorded once and launched again as one.
#include "border.h"

// libtorch's header wants those of CUDA's runtime, which need not be there; their functions are not called.
#if defined(SELVEDGE_CUDA) && __has_include(<cuda_runtime_api.h>) && __has_include(<crt/host_defines.h>)
#include <ATen/core/CachingHostAllocator.h>
#include <ATen/cuda/CUDAGeneratorImpl.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/core/StreamGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <torch/version.h>

#include <map>
#include <memory>

namespace at::cuda {
// As libtorch's own header declares it, which wants those of cuBLAS, too.
void clearCublasWorkspacesForStream(cudaStream_t stream);
}

// libtorch's graph, which also takes back what a recording began that the device refused to end.
struct SelvedgeGraph : at::cuda::CUDAGraph {
  // The stream that is recorded, while it is.
  std::optional<c10::StreamGuard> recorded;

  // From here on what the thread launches on the device goes to the stream.
  void begin(c10::Stream stream) {
    recorded.emplace(stream);
    forget_workspaces();
    // What other threads do to the device is theirs.
    capture_begin({0, 0}, cudaStreamCaptureModeThreadLocal);
  }

  // The thread's own stream comes back, whatever became of the recording.
  void end() {
    struct Restored {
      SelvedgeGraph* graph;
      ~Restored() {
        attempt([&] { graph->forget_workspaces(); });
        graph->recorded.reset();
      }
    } restored{this};
    capture_end();
  }

  ~SelvedgeGraph() {
    if (capture_dev_ == UNDEFINED_DEVICE || capture_ended_) return;
    // The allocators would go on asking this graph whether memory is for it.
    using Allocator = c10::cuda::CUDACachingAllocator::CUDAAllocator;
    auto* const device = static_cast<Allocator*>(c10::getDeviceAllocator(at::kCUDA));
    attempt([&] { device->endAllocateToPool(capture_dev_, mempool_id_); });
    attempt([&] { device->releasePool(capture_dev_, mempool_id_); });
    auto* const host = at::getHostAllocator(at::kCUDA);
    attempt([&] { host->end_allocate_to_pool(mempool_id_); });
    attempt([&] { host->release_pool(mempool_id_); });
#if TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR < 13
    // Later ones do it themselves. What is drawn would still be expected to be recorded.
    for (auto& [state, increment] : captured_generator_states_) state->capturing_ = false;
#endif
  }

 private:
  // cuBLAS keeps memory to work in for each stream, and a graph that goes gives it back: each has to have its own, or
  // those recorded after it on the stream would write where others are. The memory stays the graph's own.
  void forget_workspaces() {
#if TORCH_VERSION_MAJOR > 2 || TORCH_VERSION_MINOR >= 13
    void* const stream = recorded->current_stream().native_handle();
    at::cuda::clearCublasWorkspacesForStream(static_cast<cudaStream_t>(stream));
#endif
  }

  // An allocator refuses where the recording had not come that far, or was ended.
  template <typename Step>
  static void attempt(Step step) {
    try {
      step();
    } catch (const c10::Error&) {
    }
  }
};

namespace {

// The default stream can not be recorded. A thread has one stream for all its recordings on a device.
c10::Stream stream_to_record(c10::Device device) {
  thread_local std::map<c10::DeviceIndex, c10::Stream> streams;
  auto found = streams.find(device.index());
  if (found == streams.end()) {
    const auto stream = c10::impl::VirtualGuardImpl(device.type()).getStreamFromGlobalPool(device);
    found = streams.emplace(device.index(), stream).first;
  }
  return found->second;
}

}  // namespace

extern "C" {

bool selvedge_graphs_built() {
  return true;
}

// From here on what this thread launches on the device is recorded, and not run.
char* selvedge_graph_begin(int index, SelvedgeGraph** graph) {
  return selvedge::guarded([&] {
    const c10::Device device(c10::kCUDA, static_cast<c10::DeviceIndex>(index));
    c10::impl::VirtualGuardImpl(c10::kCUDA).getStream(device).synchronize();
    auto recording = std::make_unique<SelvedgeGraph>();
    recording->begin(stream_to_record(device));
    *graph = recording.release();
  });
}

char* selvedge_graph_end(SelvedgeGraph* graph) {
  return selvedge::guarded([&] { graph->end(); });
}

char* selvedge_graph_replay(SelvedgeGraph* graph) {
  return selvedge::guarded([&] { graph->replay(); });
}

char* selvedge_graph_free(SelvedgeGraph* graph) {
  return selvedge::guarded([&] { delete graph; });
}

}  // extern "C"

#else

struct SelvedgeGraph;

namespace {

char* not_built() {
  return selvedge::message(
      "this program was built without the headers of CUDA's runtime; build it again with CUDA_HOME set");
}

}  // namespace

extern "C" {

bool selvedge_graphs_built() {
  return false;
}

char* selvedge_graph_begin(int, SelvedgeGraph**) {
  return not_built();
}

char* selvedge_graph_end(SelvedgeGraph*) {
  return not_built();
}

char* selvedge_graph_replay(SelvedgeGraph*) {
  return not_built();
}

char* selvedge_graph_free(SelvedgeGraph*) {
  return nullptr;
}

}  // extern "C"

#endif
