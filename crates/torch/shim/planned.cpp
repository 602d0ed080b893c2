// Kernels of a planned step that `tch` does not bind: a loss with what its backward needs, and backwards that give
// several gradients. They write into tensors that Rust laid out.
#include "border.h"

#include <ATen/ops/convolution_backward.h>
#include <ATen/ops/native_batch_norm_backward.h>
#include <ATen/ops/nll_loss_forward.h>

namespace {

at::IntArrayRef list(const int64_t* values, size_t length) {
  return {values, length};
}

}  // namespace

extern "C" {

struct SelvedgeConvolution {
  const int64_t *stride, *padding, *dilation;
  size_t dimensions;
  int64_t groups;
};

char* selvedge_nll_loss(at::Tensor* loss, at::Tensor* total_weight, const at::Tensor* input,
                        const at::Tensor* target, const at::Tensor* weight, int64_t reduction,
                        int64_t ignore_index) {
  return selvedge::guarded_without_gradient([&] {
    at::nll_loss_forward_out(*loss, *total_weight, *input, *target, selvedge::optional(weight), reduction,
                             ignore_index);
  });
}

// A gradient whose place is null is not computed. The input's comes back as a new tensor, since the kernels make
// it: to copy it would cost more than its memory.
char* selvedge_convolution_backward(const SelvedgeConvolution* options, const at::Tensor* gradient,
                                    const at::Tensor* input, const at::Tensor* weight,
                                    at::Tensor** of_input, at::Tensor* of_weight, at::Tensor* of_bias) {
  return selvedge::guarded_without_gradient([&] {
    const auto& o = *options;
    const int64_t channels = weight->size(0);
    const std::vector<int64_t> none(o.dimensions, 0);
    auto [input_gradient, weight_gradient, bias_gradient] = at::convolution_backward(
        *gradient, *input, *weight, at::OptionalIntArrayRef(list(&channels, 1)), list(o.stride, o.dimensions),
        list(o.padding, o.dimensions), list(o.dilation, o.dimensions), false, none, o.groups,
        {of_input != nullptr, of_weight != nullptr, of_bias != nullptr});
    if (of_weight != nullptr) of_weight->copy_(weight_gradient);
    if (of_bias != nullptr) of_bias->copy_(bias_gradient);
    if (of_input != nullptr) *of_input = new at::Tensor(std::move(input_gradient));
  });
}

char* selvedge_batch_norm_backward(const at::Tensor* gradient, const at::Tensor* input, const at::Tensor* weight,
                                   const at::Tensor* mean, const at::Tensor* inverse_deviation, double eps,
                                   at::Tensor** of_input, at::Tensor* of_weight, at::Tensor* of_bias) {
  return selvedge::guarded_without_gradient([&] {
    auto [input_gradient, weight_gradient, bias_gradient] = at::native_batch_norm_backward(
        *gradient, *input, selvedge::optional(weight), std::nullopt, std::nullopt, *mean, *inverse_deviation, true,
        eps, {of_input != nullptr, of_weight != nullptr, of_bias != nullptr});
    if (of_weight != nullptr) of_weight->copy_(weight_gradient);
    if (of_bias != nullptr) of_bias->copy_(bias_gradient);
    if (of_input != nullptr) *of_input = new at::Tensor(std::move(input_gradient));
  });
}

}  // extern "C"
