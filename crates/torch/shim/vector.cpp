// Two operations over long vectors in one pass, where each by itself would wait for memory.
#include "border.h"

#include <ATen/Dispatch.h>
#include <ATen/TensorIterator.h>
#include <ATen/ops/dot.h>

#include <algorithm>
#include <mutex>
#include <utility>

namespace {

// So many sums side by side that the compiler keeps them in registers of several numbers.
constexpr int64_t LANES = 32;
// Sums longer than this are taken in double, whatever the numbers are.
constexpr int64_t BLOCK = 4096;

template <typename Number>
Number add_and_dot(Number* __restrict sum, const Number* __restrict addend, Number factor,
                   const Number* __restrict with, int64_t length) {
  Number lanes[LANES] = {};
  int64_t i = 0;
  for (; i + LANES <= length; i += LANES) {
    for (int64_t lane = 0; lane < LANES; ++lane) {
      const Number value = sum[i + lane] + factor * addend[i + lane];
      sum[i + lane] = value;
      lanes[lane] += value * with[i + lane];
    }
  }
  for (int64_t lane = 0; i < length; ++i, ++lane) {
    sum[i] += factor * addend[i];
    lanes[lane] += sum[i] * with[i];
  }
  Number total = 0;
  for (const Number lane : lanes) total += lane;
  return total;
}

// Shorter vectors stay in the fastest cache from one operation to the next.
constexpr int64_t LONG = 16384;

// Whether the pass can take them: `sum` is not one of the others under another name, and where it overlaps one in
// part the iterator refuses it.
bool long_vectors(const at::Tensor& sum, const at::Tensor& addend, const at::Tensor& with) {
  for (const auto* tensor : {&sum, &addend, &with}) {
    if (!tensor->is_cpu() || tensor->layout() != at::kStrided || !tensor->is_contiguous() ||
        tensor->scalar_type() != sum.scalar_type() || tensor->sizes() != sum.sizes()) {
      return false;
    }
  }
  const bool numbers = sum.scalar_type() == at::kFloat || sum.scalar_type() == at::kDouble;
  return numbers && sum.dim() == 1 && sum.numel() >= LONG &&
         sum.const_data_ptr() != addend.const_data_ptr() && sum.const_data_ptr() != with.const_data_ptr();
}

}  // namespace

extern "C" {

// Libtorch's threads share the pass, as the iterator divides it. What they find is added in the order of the vector.
char* selvedge_add_and_dot(const at::Tensor* sum, const at::Tensor* addend, double factor, const at::Tensor* with,
                           double* product) {
  return selvedge::guarded_without_gradient([&] {
    if (!long_vectors(*sum, *addend, *with)) {
      *product = sum->add_(*addend, factor).dot(*with).item<double>();
      return;
    }
    auto iterator = at::TensorIteratorConfig()
                        .add_output(*sum)
                        .add_const_input(*addend)
                        .add_const_input(*with)
                        .resize_outputs(false)
                        .build();
    std::vector<std::pair<const char*, double>> parts;
    std::mutex lock;
    AT_DISPATCH_FLOATING_TYPES(sum->scalar_type(), "add_and_dot", [&] {
      // The vectors lie without gaps, so there is one dimension and one stride.
      iterator.for_each([&](char** data, const int64_t*, int64_t length, int64_t) {
        double part = 0;
        for (int64_t start = 0; start < length; start += BLOCK) {
          const auto at = [&](int operand) { return reinterpret_cast<scalar_t*>(data[operand]) + start; };
          part += add_and_dot<scalar_t>(at(0), at(1), static_cast<scalar_t>(factor), at(2),
                                        std::min(BLOCK, length - start));
        }
        const std::lock_guard<std::mutex> guard(lock);
        parts.emplace_back(data[0], part);
      });
    });
    std::sort(parts.begin(), parts.end());
    *product = 0;
    for (const auto& part : parts) *product += part.second;
  });
}

}  // extern "C"
