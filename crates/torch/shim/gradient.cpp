// What a handle of tch can not say of its tensor.
#include "border.h"

extern "C" {

char* selvedge_clear_gradient(const at::Tensor* tensor) {
  return selvedge::guarded([&] {
    if (tensor->grad().defined()) tensor->mutable_grad() = at::Tensor();
  });
}

bool selvedge_is_same(const at::Tensor* first, const at::Tensor* second) {
  return first->is_same(*second);
}

} // extern "C"
