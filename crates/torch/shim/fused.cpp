// The fused optimizer kernels. They read raw memory by the sizes of the parameters, so everything that Rust
// could get wrong is checked here first.
#include "border.h"

#include <ATen/Parallel.h>
#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_fused_adagrad.h>
#include <ATen/ops/_fused_adam.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/_fused_sgd.h>
#include <ATen/ops/empty_like.h>

namespace {

using List = std::vector<at::Tensor>;

void same_length(const char* what, const List& list, const List& parameters) {
  TORCH_CHECK(list.size() == parameters.size(), "expected ", parameters.size(), " tensors of ", what,
              ", one for each parameter, found ", list.size());
}

List parameters_of(selvedge::Tensors tensors) {
  List parameters = tensors.list("parameter");
  for (size_t i = 0; i < parameters.size(); ++i) {
    const auto& parameter = parameters[i];
    TORCH_CHECK(parameter.layout() == at::kStrided, "parameter ", i,
                " is sparse; the fused kernels take dense tensors");
    TORCH_CHECK(at::isFloatingType(parameter.scalar_type()), "parameter ", i, " is ", parameter.scalar_type(),
                ", not a floating type");
    TORCH_CHECK(parameter.is_non_overlapping_and_dense(), "parameter ", i, " has gaps or overlaps in memory");
    TORCH_CHECK(parameter.device() == parameters[0].device(), "parameter ", i, " is on ", parameter.device(),
                ", the first on ", parameters[0].device());
    TORCH_CHECK(parameter.scalar_type() == parameters[0].scalar_type(), "parameter ", i, " is ",
                parameter.scalar_type(), ", the first ", parameters[0].scalar_type());
  }
  return parameters;
}

// Tensors that the kernel walks together with the parameters.
List beside(const char* what, selvedge::Tensors tensors, const List& parameters) {
  List list = tensors.list(what);
  same_length(what, list, parameters);
  for (size_t i = 0; i < list.size(); ++i) {
    const auto &tensor = list[i], &parameter = parameters[i];
    TORCH_CHECK(tensor.layout() == at::kStrided, what, " ", i,
                " is sparse; the fused kernels take dense tensors");
    TORCH_CHECK(tensor.device() == parameter.device(), what, " ", i, " is on ", tensor.device(),
                ", its parameter on ", parameter.device());
    TORCH_CHECK(tensor.scalar_type() == parameter.scalar_type(), what, " ", i, " is ", tensor.scalar_type(),
                ", its parameter ", parameter.scalar_type());
    TORCH_CHECK(tensor.sizes() == parameter.sizes(), what, " ", i, " has shape ", tensor.sizes(),
                ", its parameter ", parameter.sizes());
    TORCH_CHECK(tensor.strides() == parameter.strides(), what, " ", i, " has strides ", tensor.strides(),
                ", its parameter ", parameter.strides());
  }
  return list;
}

// A gradient may lie otherwise in memory (a transposed weight's does): the kernel then gets a copy.
List gradients_of(selvedge::Tensors tensors, const List& parameters, bool written) {
  List gradients = tensors.list("gradient");
  same_length("gradient", gradients, parameters);
  std::vector<at::Tensor*> pointers;
  for (size_t i = 0; i < gradients.size(); ++i) {
    auto& gradient = gradients[i];
    const auto& parameter = parameters[i];
    if (!written && gradient.layout() == at::kStrided && gradient.sizes() == parameter.sizes() &&
        gradient.strides() != parameter.strides()) {
      gradient = at::empty_like(parameter).copy_(gradient);
    }
    pointers.push_back(&gradient);
  }
  return beside("gradient", {pointers.data(), pointers.size()}, parameters);
}

void one_float(const char* what, size_t i, const at::Tensor& tensor) {
  TORCH_CHECK(tensor.numel() == 1 && tensor.scalar_type() == at::kFloat, what, " ", i, " is not one f32 value");
}

// Step counts, one float each, where the parameters are.
List steps_of(selvedge::Tensors tensors, const List& parameters) {
  List steps = tensors.list("step");
  same_length("step", steps, parameters);
  for (size_t i = 0; i < steps.size(); ++i) {
    one_float("step", i, steps[i]);
    TORCH_CHECK(steps[i].device() == parameters[i].device(), "step ", i, " is on ", steps[i].device(),
                ", its parameter on ", parameters[i].device());
  }
  return steps;
}

std::optional<at::Tensor> scaling_of(const char* what, const at::Tensor* tensor, const List& parameters) {
  if (tensor != nullptr) {
    TORCH_CHECK(tensor->defined() && tensor->numel() == 1 && tensor->scalar_type() == at::kFloat, what,
                " is not one f32 value");
    TORCH_CHECK(tensor->device() == parameters[0].device(), what, " is on ", tensor->device(),
                ", the parameters on ", parameters[0].device());
  }
  return selvedge::optional(tensor);
}

// The options as Rust lays them out.
struct SelvedgeAdam {
  double lr, beta1, beta2, eps, weight_decay;
  bool amsgrad, maximize, decoupled;
};

struct SelvedgeSgd {
  double lr, momentum, dampening, weight_decay;
  bool nesterov, maximize, first_step;
};

struct SelvedgeAdagrad {
  double lr, lr_decay, eps, weight_decay;
  bool maximize;
};

// libtorch's SGD on the CPU computes whole vectors of bf16 and f16 and does not store them; only the values that
// are left at the end of a tensor change. This kernel computes as it does, in f32, and stores every value.
template <typename Number>
void sgd_of_halves(const SelvedgeSgd& o, const at::Tensor& parameter, const at::Tensor& gradient,
                   const at::Tensor* buffer, const std::optional<at::Tensor>& scale) {
  constexpr int64_t GRAIN = 32768;
  auto* values = parameter.mutable_data_ptr<Number>();
  auto* slopes = gradient.mutable_data_ptr<Number>();
  auto* directions = buffer == nullptr ? nullptr : buffer->mutable_data_ptr<Number>();
  const float lr = o.lr, momentum = o.momentum, kept = 1 - o.dampening, weight_decay = o.weight_decay;
  const float divisor = scale ? *scale->const_data_ptr<float>() : 1;
  at::parallel_for(0, parameter.numel(), GRAIN, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      float slope = slopes[i];
      if (scale) {
        slope /= divisor;
        slopes[i] = slope;
      }
      if (o.maximize) slope = -slope;
      const float value = values[i];
      if (weight_decay != 0) slope += weight_decay * value;
      if (directions != nullptr) {
        const float direction = o.first_step ? slope : momentum * static_cast<float>(directions[i]) + kept * slope;
        directions[i] = direction;
        slope = o.nesterov ? slope + momentum * direction : direction;
      }
      values[i] = value - lr * slope;
    }
  });
}

// Whether libtorch's kernel is wrong for these parameters.
bool are_halves_on_cpu(const List& parameters) {
  const auto kind = parameters[0].scalar_type();
  return parameters[0].is_cpu() && (kind == at::kHalf || kind == at::kBFloat16);
}

}  // namespace

extern "C" {

char* selvedge_count_steps(selvedge::Tensors counts) {
  return selvedge::guarded_without_gradient([&] {
    List steps = counts.list("step"), elsewhere;
    for (size_t i = 0; i < steps.size(); ++i) one_float("step", i, steps[i]);
    for (auto& step : steps) {
      if (step.is_cpu()) {
        *step.mutable_data_ptr<float>() += 1;
      } else {
        elsewhere.push_back(step);
      }
    }
    if (!elsewhere.empty()) at::_foreach_add_(elsewhere, 1);
  });
}

char* selvedge_fused_adam(const SelvedgeAdam* options, selvedge::Tensors self, selvedge::Tensors grads,
                          selvedge::Tensors averages, selvedge::Tensors squares, selvedge::Tensors maxima,
                          selvedge::Tensors counts, at::Tensor* grad_scale, at::Tensor* found_inf) {
  return selvedge::guarded_without_gradient([&] {
    const auto& o = *options;
    auto parameters = parameters_of(self);
    if (parameters.empty()) return;
    auto gradients = gradients_of(grads, parameters, grad_scale != nullptr);
    auto exp_avgs = beside("exp_avg", averages, parameters);
    auto exp_avg_sqs = beside("exp_avg_sq", squares, parameters);
    auto max_exp_avg_sqs = o.amsgrad ? beside("max_exp_avg_sq", maxima, parameters) : List();
    auto steps = steps_of(counts, parameters);
    auto scale = scaling_of("the gradient scale", grad_scale, parameters);
    auto infinite = scaling_of("found_inf", found_inf, parameters);
    auto run = [&](auto kernel) {
      kernel(parameters, gradients, exp_avgs, exp_avg_sqs, max_exp_avg_sqs, steps, o.lr, o.beta1, o.beta2,
             o.weight_decay, o.eps, o.amsgrad, o.maximize, scale, infinite);
    };
    if (o.decoupled) {
      run([](auto&&... all) { at::_fused_adamw_(all...); });
    } else {
      run([](auto&&... all) { at::_fused_adam_(all...); });
    }
  });
}

char* selvedge_fused_sgd(const SelvedgeSgd* options, selvedge::Tensors self, selvedge::Tensors grads,
                         selvedge::Tensors buffers, at::Tensor* grad_scale, at::Tensor* found_inf) {
  return selvedge::guarded_without_gradient([&] {
    const auto& o = *options;
    auto parameters = parameters_of(self);
    if (parameters.empty()) return;
    auto gradients = gradients_of(grads, parameters, grad_scale != nullptr);
    auto momentum_buffers = o.momentum == 0 ? List() : beside("momentum_buffer", buffers, parameters);
    auto scale = scaling_of("the gradient scale", grad_scale, parameters);
    auto infinite = scaling_of("found_inf", found_inf, parameters);
    if (are_halves_on_cpu(parameters)) {
      if (infinite && *infinite->const_data_ptr<float>() == 1) return;
      for (size_t i = 0; i < parameters.size(); ++i) {
        const auto* buffer = momentum_buffers.empty() ? nullptr : &momentum_buffers[i];
        const bool bf16 = parameters[i].scalar_type() == at::kBFloat16;
        auto* run = bf16 ? sgd_of_halves<at::BFloat16> : sgd_of_halves<at::Half>;
        run(o, parameters[i], gradients[i], buffer, scale);
      }
      return;
    }
    at::_fused_sgd_(parameters, gradients, momentum_buffers, o.weight_decay, o.momentum, o.lr, o.dampening,
                    o.nesterov, o.maximize, o.first_step, scale, infinite);
  });
}

char* selvedge_fused_adagrad(const SelvedgeAdagrad* options, selvedge::Tensors self, selvedge::Tensors grads,
                             selvedge::Tensors squares, selvedge::Tensors counts, at::Tensor* grad_scale,
                             at::Tensor* found_inf) {
  return selvedge::guarded_without_gradient([&] {
    const auto& o = *options;
    auto parameters = parameters_of(self);
    if (parameters.empty()) return;
    auto gradients = gradients_of(grads, parameters, grad_scale != nullptr);
    auto sums = beside("sum", squares, parameters);
    auto steps = steps_of(counts, parameters);
    at::_fused_adagrad_(parameters, gradients, sums, steps, o.lr, o.lr_decay, o.weight_decay, o.eps,
                        o.maximize, scaling_of("the gradient scale", grad_scale, parameters),
                        scaling_of("found_inf", found_inf, parameters));
  });
}

}  // extern "C"
