// A linear layer whose gradients Rust may multiply. Its forward is libtorch's.
#include "border.h"

#include <ATen/autocast_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/linear.h>
#include <torch/csrc/autograd/custom_function.h>

namespace {

// Writes `first · second` into `output`, or leaves it and says so.
using Multiply = bool (*)(const at::Tensor* output, const at::Tensor* first, const at::Tensor* second);

at::Tensor product(Multiply multiply, const at::Tensor& first, const at::Tensor& second) {
  // A gradient of the gradient is libtorch's.
  if (!c10::GradMode::is_enabled()) {
    const at::Tensor output = at::empty({first.size(0), second.size(1)}, first.options());
    if (multiply(&output, &first, &second)) return output;
  }
  return first.mm(second);
}

struct Linear : torch::autograd::Function<Linear> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& input,
                            const at::Tensor& weight, const std::optional<at::Tensor>& bias, Multiply multiply) {
    context->save_for_backward({input, weight});
    context->saved_data["has_bias"] = bias.has_value();
    context->saved_data["multiply"] = reinterpret_cast<int64_t>(multiply);
    return at::linear(input, weight, bias);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor &input = saved[0], &weight = saved[1];
    const auto multiply = reinterpret_cast<Multiply>(context->saved_data["multiply"].toInt());
    const bool has_bias = context->saved_data["has_bias"].toBool();
    const at::Tensor gradient = gradients[0].reshape({-1, weight.size(0)});
    at::Tensor of_input, of_weight, of_bias;
    if (context->needs_input_grad(0)) of_input = product(multiply, gradient, weight).view(input.sizes());
    if (context->needs_input_grad(1)) {
      of_weight = product(multiply, gradient.t(), input.view({-1, weight.size(1)}));
    }
    if (has_bias && context->needs_input_grad(2)) of_bias = gradient.sum(0);
    return {of_input, of_weight, of_bias, at::Tensor()};
  }
};

bool is_plain(const at::Tensor& tensor) {
  return tensor.layout() == at::kStrided && tensor.device().is_cpu() && tensor.scalar_type() == at::kFloat &&
         tensor.is_contiguous();
}

}  // namespace

extern "C" char* selvedge_linear(const at::Tensor* input, const at::Tensor* weight, const at::Tensor* bias,
                                 Multiply multiply, at::Tensor** output) {
  return selvedge::guarded([&] {
    const auto optional = selvedge::optional(bias);
    const bool is_matrix = weight->dim() == 2 && input->dim() >= 2 && input->numel() > 0;
    const bool takes = is_matrix && is_plain(*input) && is_plain(*weight) && c10::GradMode::is_enabled() &&
                       !at::autocast::is_autocast_enabled(at::kCPU);
    *output = new at::Tensor(takes ? Linear::apply(*input, *weight, optional, multiply)
                                   : at::linear(*input, *weight, optional));
  });
}
