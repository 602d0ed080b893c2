// Calls an operator of libtorch by its name, through the dispatcher.
#include "border.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/ivalue.h>
#include <ATen/core/stack.h>

#include <cstdlib>
#include <memory>

extern "C" {

// The order is that of `Argument` in operator.rs.
enum class SelvedgeKind : uint32_t { Tensors, Tensor, Scalar, Scalars, Flag, None };

struct SelvedgeArgument {
  SelvedgeKind kind;
  double scalar;
  const void* data;
  size_t length;
};

void selvedge_free(char* text) {
  if (text != nullptr && *text != '\0') free(text);
}

// A handle to an operator with `arguments` arguments; it lives as long as the process.
char* selvedge_operator_find(const char* name, const char* overload, size_t arguments, void** found) {
  return selvedge::guarded([&] {
    auto handle = c10::Dispatcher::singleton().findSchemaOrThrow(name, overload);
    TORCH_CHECK(handle.schema().arguments().size() == arguments, handle.schema(), " does not take ", arguments, " arguments");
    *found = new c10::OperatorHandle(handle);
  });
}

} // extern "C"

// The stack that the operator leaves when it is called with the arguments.
static torch::jit::Stack call(void* found, const SelvedgeArgument* arguments, size_t length) {
  torch::jit::Stack stack;
  stack.reserve(length);
  for (size_t i = 0; i < length; ++i) {
    const auto& argument = arguments[i];
    switch (argument.kind) {
      case SelvedgeKind::Tensors: {
        selvedge::Tensors tensors{static_cast<at::Tensor* const*>(argument.data), argument.length};
        stack.emplace_back(c10::List<at::Tensor>(tensors.list("tensor")));
        break;
      }
      case SelvedgeKind::Tensor:
        stack.emplace_back(*static_cast<const at::Tensor*>(argument.data));
        break;
      case SelvedgeKind::Scalar:
        stack.emplace_back(c10::Scalar(argument.scalar));
        break;
      case SelvedgeKind::Scalars: {
        c10::List<c10::Scalar> scalars;
        scalars.reserve(argument.length);
        const auto* values = static_cast<const double*>(argument.data);
        for (size_t j = 0; j < argument.length; ++j) scalars.push_back(values[j]);
        stack.emplace_back(std::move(scalars));
        break;
      }
      case SelvedgeKind::Flag:
        stack.emplace_back(argument.length != 0);
        break;
      case SelvedgeKind::None:
        stack.emplace_back();
        break;
    }
  }
  static_cast<c10::OperatorHandle*>(found)->callBoxed(stack);
  return stack;
}

extern "C" {

// Calls it without recording a graph; a list of tensors that it returns goes into `results`, which has room for
// `capacity` pointers.
char* selvedge_operator_call(
    void* found, const SelvedgeArgument* arguments, size_t length, at::Tensor** results, size_t capacity) {
  return selvedge::guarded_without_gradient([&] {
    auto stack = call(found, arguments, length);
    if (capacity == 0) return;
    auto list = stack.at(0).toTensorVector();
    TORCH_CHECK(list.size() == capacity, "expected ", capacity, " results, found ", list.size());
    std::vector<std::unique_ptr<at::Tensor>> owned;
    for (auto& tensor : list) owned.push_back(std::make_unique<at::Tensor>(std::move(tensor)));
    for (size_t i = 0; i < capacity; ++i) results[i] = owned[i].release();
  });
}

// Calls it with the graph recorded, where it is on, and returns its one tensor.
char* selvedge_operator_apply(void* found, const SelvedgeArgument* arguments, size_t length, at::Tensor** result) {
  return selvedge::guarded([&] {
    *result = new at::Tensor(call(found, arguments, length).at(0).toTensor());
  });
}

} // extern "C"
