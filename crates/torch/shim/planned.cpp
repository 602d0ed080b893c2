// Kernels of a planned step that `tch` does not bind: a loss with what its backward needs, and backwards that give
// several gradients. They write into tensors that Rust laid out.
#include "border.h"

#include <ATen/ops/_batch_norm_impl_index.h>
#include <ATen/ops/_batch_norm_impl_index_backward.h>
#include <ATen/ops/convolution_backward.h>
#include <ATen/ops/nll_loss_forward.h>

namespace {

at::IntArrayRef list(const int64_t* values, size_t length) {
  return {values, length};
}

// Copies what has a place and gives the first gradient away.
void hand_over(std::tuple<at::Tensor, at::Tensor, at::Tensor> gradients, at::Tensor** of_input,
               at::Tensor* of_weight, at::Tensor* of_bias) {
  auto& [input_gradient, weight_gradient, bias_gradient] = gradients;
  if (of_weight != nullptr) of_weight->copy_(weight_gradient);
  if (of_bias != nullptr) of_bias->copy_(bias_gradient);
  if (of_input != nullptr) *of_input = new at::Tensor(std::move(input_gradient));
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
    auto gradients = at::convolution_backward(
        *gradient, *input, *weight, at::OptionalIntArrayRef(list(&channels, 1)), list(o.stride, o.dimensions),
        list(o.padding, o.dimensions), list(o.dilation, o.dimensions), false, none, o.groups,
        {of_input != nullptr, of_weight != nullptr, of_bias != nullptr});
    hand_over(std::move(gradients), of_input, of_weight, of_bias);
  });
}

// What the backward wants comes back in new tensors: the output, the mean, the inverse deviation, and what cuDNN keeps.
char* selvedge_batch_norm(const at::Tensor* input, const at::Tensor* weight, const at::Tensor* bias,
                          const at::Tensor* running_mean, const at::Tensor* running_variance, bool training,
                          double momentum, double eps, at::Tensor** tensors, int64_t* kernel) {
  return selvedge::guarded_without_gradient([&] {
    auto [output, mean, inverse_deviation, reserve, index] = at::_batch_norm_impl_index(
        *input, selvedge::optional(weight), selvedge::optional(bias), selvedge::optional(running_mean),
        selvedge::optional(running_variance), training, momentum, eps, true);
    *kernel = index;
    tensors[0] = new at::Tensor(std::move(output));
    tensors[1] = new at::Tensor(std::move(mean));
    tensors[2] = new at::Tensor(std::move(inverse_deviation));
    tensors[3] = new at::Tensor(std::move(reserve));
  });
}

char* selvedge_batch_norm_backward(const at::Tensor* gradient, const at::Tensor* input, const at::Tensor* weight,
                                   const at::Tensor* running_mean, const at::Tensor* running_variance, double eps,
                                   at::Tensor* const* tensors, int64_t kernel, at::Tensor** of_input,
                                   at::Tensor* of_weight, at::Tensor* of_bias) {
  return selvedge::guarded_without_gradient([&] {
    auto gradients = at::_batch_norm_impl_index_backward(
        kernel, *input, *gradient, selvedge::optional(weight), selvedge::optional(running_mean),
        selvedge::optional(running_variance), *tensors[1], *tensors[2], true, eps,
        {of_input != nullptr, of_weight != nullptr, of_bias != nullptr}, *tensors[3]);
    hand_over(std::move(gradients), of_input, of_weight, of_bias);
  });
}

}  // extern "C"
