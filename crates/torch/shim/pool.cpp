// The graph of a pool whose output Rust has computed: its backward is libtorch's.
#include "border.h"

#include <ATen/ops/max_pool2d_with_indices_backward.h>
#include <torch/csrc/autograd/custom_function.h>

namespace {

struct Windows {
  std::vector<int64_t> kernel_size, stride, padding, dilation;
  bool ceil_mode;
};

// What is given by pointer is no input that a gradient is asked for.
struct MaxPool : torch::autograd::Function<MaxPool> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& input,
                            const at::Tensor* output, const at::Tensor* indices, const Windows* windows) {
    context->save_for_backward({input, *indices});
    context->saved_data["kernel_size"] = windows->kernel_size;
    context->saved_data["stride"] = windows->stride;
    context->saved_data["padding"] = windows->padding;
    context->saved_data["dilation"] = windows->dilation;
    context->saved_data["ceil_mode"] = windows->ceil_mode;
    return *output;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto size = [&](const char* name) { return context->saved_data[name].toIntVector(); };
    return {at::max_pool2d_with_indices_backward(gradients[0], saved[0], size("kernel_size"), size("stride"),
                                                 size("padding"), size("dilation"),
                                                 context->saved_data["ceil_mode"].toBool(), saved[1]),
            at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

extern "C" {

// Height and width of each.
struct SelvedgeWindows {
  int64_t kernel_size[2], stride[2], padding[2], dilation[2];
};

char* selvedge_record_max_pool2d(const at::Tensor* input, const at::Tensor* output, const at::Tensor* indices,
                                 const SelvedgeWindows* windows, bool ceil_mode, at::Tensor** recorded) {
  return selvedge::guarded([&] {
    const auto list = [](const int64_t(&pair)[2]) { return std::vector<int64_t>(pair, pair + 2); };
    const Windows sizes{list(windows->kernel_size), list(windows->stride), list(windows->padding),
                        list(windows->dilation), ceil_mode};
    *recorded = new at::Tensor(MaxPool::apply(*input, output, indices, &sizes));
  });
}

}  // extern "C"
