// Tensors on memory that is not libtorch's, and the ops that tch lacks, or has without their options.
//
// A tensor is a pointer to an at::Tensor, as tch holds it; one that is made is the caller's to free. src/shim/tensors.rs
// declares these functions and is their only caller.

#include "guarded.h"

#include <ATen/ATen.h>

#include <cstdint>
#include <memory>

namespace {

template <class Op>
int made_by(void** made, char* text, size_t text_bytes, Op&& op) noexcept {
  return guarded(text, text_bytes, [&]() -> std::string {
    *made = new at::Tensor(std::forward<Op>(op)());
    return {};
  });
}

const at::Tensor& tensor(const void* pointer) {
  return *static_cast<const at::Tensor*>(pointer);
}

// The dtypes, as src/shim/tensors.rs numbers them.
constexpr at::ScalarType kDtypes[] = {at::kFloat, at::kHalf, at::kBFloat16, at::kDouble, at::kLong};

} // namespace

extern "C" {

// A tensor in the host's memory at `data`, row-major. `release(owner)` is called once: when no tensor is left on that memory,
// or at once if none can be made.
int chipmark_tch_adopt(
    void* data,
    const int64_t* size,
    size_t rank,
    int dtype,
    void* owner,
    void (*release)(void*),
    void** made,
    char* text,
    size_t text_bytes) {
  return made_by(made, text, text_bytes, [&] {
    const std::shared_ptr<void> held(owner, release);
    const auto options = at::TensorOptions().dtype(kDtypes[dtype]);
    return at::from_blob(data, at::IntArrayRef(size, rank), [held](void*) {}, options);
  });
}

int chipmark_tch_clone(const void* x, void** made, char* text, size_t text_bytes) {
  return made_by(made, text, text_bytes, [&] { return at::clone(tensor(x)); });
}

// a + factor · b, of equal shapes: at::add by itself would broadcast.
int chipmark_tch_triad(const void* a, const void* b, double factor, void** made, char* text, size_t text_bytes) {
  return made_by(made, text, text_bytes, [&] {
    TORCH_CHECK(tensor(a).sizes() == tensor(b).sizes(), tensor(a).sizes(), " and ", tensor(b).sizes(), " differ");
    return at::add(tensor(a), tensor(b), factor);
  });
}

int chipmark_tch_leaky_relu(const void* x, double slope, void** made, char* text, size_t text_bytes) {
  return made_by(made, text, text_bytes, [&] { return at::leaky_relu(tensor(x), slope); });
}

} // extern "C"
