// What crosses the border between Rust and C++. Each function of the shim is `extern "C"`, takes what is
// declared here and returns null or a message that Rust frees with `selvedge_free`: no exception leaves it.
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>
#include <c10/util/Exception.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

namespace selvedge {

// A slice of tensors, as Rust holds them.
struct Tensors {
  at::Tensor* const* data;
  size_t length;

  std::vector<at::Tensor> list(const char* what) const {
    std::vector<at::Tensor> tensors;
    tensors.reserve(length);
    for (size_t i = 0; i < length; ++i) {
      TORCH_CHECK(data[i]->defined(), what, " ", i, " is undefined");
      tensors.push_back(*data[i]);
    }
    return tensors;
  }
};

inline std::optional<at::Tensor> optional(const at::Tensor* tensor) {
  return tensor == nullptr ? std::nullopt : std::optional<at::Tensor>(*tensor);
}

inline char* message(const char* text) noexcept {
  char* copy = strdup(text);
  // Out of memory: Rust still has to see a failure.
  static char none[] = "";
  return copy == nullptr ? none : copy;
}

// Runs `body` and turns what it throws into a message.
template <typename Body>
char* guarded(Body body) noexcept {
  try {
    body();
    return nullptr;
  } catch (const c10::Error& error) {
    return message(error.what_without_backtrace());
  } catch (const std::exception& error) {
    return message(error.what());
  } catch (...) {
    return message("a C++ exception of an unknown type");
  }
}

// The same without recording a graph: for what changes tensors in place.
template <typename Body>
char* guarded_without_gradient(Body body) noexcept {
  return guarded([&] {
    c10::NoGradGuard guard;
    body();
  });
}

}  // namespace selvedge
