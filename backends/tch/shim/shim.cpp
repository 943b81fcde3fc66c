// The few things that libtorch tells and that its Rust binding does not pass on: waiting for a device, allocator
// statistics, the precision policy, the gradient mode, threads and build flags. src/shim/mod.rs declares the same
// functions and is their only caller.

#include "guarded.h"

#include <ATen/Context.h>
#include <ATen/DeviceAccelerator.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <c10/core/GradMode.h>
#include <torch/mps.h>
#include <torch/version.h>

#include <cstdint>

namespace {

// Kinds of device, as src/shim/mod.rs numbers them.
constexpr int kCpu = 0;
constexpr int kCuda = 1;
constexpr int kMps = 2;

// A count that libtorch does not keep.
constexpr uint64_t kUnknown = UINT64_MAX;

const char* reduction(at::CuBLASReductionOption option) {
  switch (option) {
    case at::CuBLASReductionOption::AllowReducedPrecisionWithSplitK:
      return "reduced";
    case at::CuBLASReductionOption::DisallowReducedPrecisionAllowSplitK:
    case at::CuBLASReductionOption::DisallowReducedPrecisionDisallowSplitK:
      return "full";
  }
  return "unknown";
}

const char* matmul_precision(at::Float32MatmulPrecision precision) {
  switch (precision) {
    case at::Float32MatmulPrecision::HIGHEST:
      return "highest";
    case at::Float32MatmulPrecision::HIGH:
      return "high";
    case at::Float32MatmulPrecision::MEDIUM:
      return "medium";
  }
  return "unknown";
}

struct Named32 {
  const char* name;
  at::Float32Backend backend;
  at::Float32Op op;
};

// Wherever libtorch may take a shorter format for f32 work.
constexpr Named32 kFloat32[] = {
    {"cuda.matmul", at::Float32Backend::CUDA, at::Float32Op::MATMUL},
    {"cuda.conv", at::Float32Backend::CUDA, at::Float32Op::CONV},
    {"cuda.rnn", at::Float32Backend::CUDA, at::Float32Op::RNN},
    {"onednn.matmul", at::Float32Backend::MKLDNN, at::Float32Op::MATMUL},
    {"onednn.conv", at::Float32Backend::MKLDNN, at::Float32Op::CONV},
    {"onednn.rnn", at::Float32Backend::MKLDNN, at::Float32Op::RNN},
};

} // namespace

extern "C" {

// Waits until the device has done all that was submitted to it.
int chipmark_tch_synchronize(int kind, int index, char* text, size_t text_bytes) {
  return guarded(text, text_bytes, [&]() -> std::string {
    if (kind == kCuda) {
      at::accelerator::synchronizeDevice(static_cast<c10::DeviceIndex>(index));
    } else if (kind == kMps) {
      torch::mps::synchronize();
    }
    return {};
  });
}

// Bytes that live tensors hold on the device, now and at most since the process started or the peak was reset.
int chipmark_tch_memory(int kind, int index, uint64_t* now_bytes, uint64_t* peak_bytes, char* text, size_t text_bytes) {
  return guarded(text, text_bytes, [&]() -> std::string {
    *now_bytes = kUnknown;
    *peak_bytes = kUnknown;
    if (kind == kCuda) {
      const auto stats = at::accelerator::getDeviceStats(static_cast<c10::DeviceIndex>(index));
      const auto& allocated = stats.allocated_bytes[static_cast<size_t>(c10::CachingAllocator::StatType::AGGREGATE)];
      *now_bytes = static_cast<uint64_t>(allocated.current);
      *peak_bytes = static_cast<uint64_t>(allocated.peak);
    } else if (kind == kMps) {
      // The allocator of MPS keeps no peak.
      *now_bytes = static_cast<uint64_t>(at::detail::getMPSHooks().getCurrentAllocatedMemory());
    }
    return {};
  });
}

// Starts the peak of chipmark_tch_memory anew: CUDA's allocator alone keeps one.
int chipmark_tch_reset_peak(int kind, int index, char* text, size_t text_bytes) {
  return guarded(text, text_bytes, [&]() -> std::string {
    if (kind == kCuda) {
      at::accelerator::resetPeakStats(static_cast<c10::DeviceIndex>(index));
    }
    return {};
  });
}

// How many devices of a kind can be used.
int chipmark_tch_device_count(int kind, int* count, char* text, size_t text_bytes) {
  return guarded(text, text_bytes, [&]() -> std::string {
    *count = 0;
    if (kind == kCpu) {
      *count = 1;
    } else if (kind == kCuda && at::Context::hasCUDA()) {
      *count = static_cast<int>(at::detail::getCUDAHooks().getNumGPUs());
    } else if (kind == kMps) {
      *count = at::Context::hasMPS() ? 1 : 0;
    }
    return {};
  });
}

// Seeds libtorch's own random generators, on every device.
int chipmark_tch_seed(uint64_t seed, char* text, size_t text_bytes) {
  return guarded(text, text_bytes, [&]() -> std::string {
    at::manual_seed(seed);
    return {};
  });
}

// Threads that one op may use on the CPU.
int chipmark_tch_set_threads(int threads, char* text, size_t text_bytes) {
  return guarded(text, text_bytes, [&]() -> std::string {
    at::set_num_threads(threads);
    return {};
  });
}

// Threads in force: within one op, and for ops side by side.
int chipmark_tch_threads(int* within, int* between, char* text, size_t text_bytes) {
  return guarded(text, text_bytes, [&]() -> std::string {
    *within = at::get_num_threads();
    *between = static_cast<int>(at::get_num_interop_threads());
    return {};
  });
}

// Whether this thread records operations for automatic differentiation; `previous` is what it did before.
int chipmark_tch_set_grad_mode(int enabled, int* previous, char* text, size_t text_bytes) {
  return guarded(text, text_bytes, [&]() -> std::string {
    *previous = c10::GradMode::is_enabled() ? 1 : 0;
    c10::GradMode::set_enabled(enabled != 0);
    return {};
  });
}

// Whether this thread records operations for automatic differentiation.
int chipmark_tch_grad_mode(int* enabled, char* text, size_t text_bytes) {
  return guarded(text, text_bytes, [&]() -> std::string {
    *enabled = c10::GradMode::is_enabled() ? 1 : 0;
    return {};
  });
}

// f32 work is done in f32, or with `tf32` from factors rounded to TF32 wherever libtorch has a way; sums of half-precision
// products are kept in f32.
int chipmark_tch_set_precision(int tf32, char* text, size_t text_bytes) {
  return guarded(text, text_bytes, [&]() -> std::string {
    at::Context& context = at::globalContext();
    // The older switches first: libtorch refuses to be asked while these and the newer ones disagree.
    context.setFloat32MatmulPrecision(tf32 ? "high" : "highest");
    context.setAllowTF32CuDNN(tf32 != 0);
    for (const Named32& place : kFloat32) {
      context.setFloat32Precision(place.backend, place.op, tf32 ? at::Float32Precision::TF32 : at::Float32Precision::IEEE);
    }
    context.setAllowFP16ReductionCuBLAS(false);
    context.setAllowBF16ReductionCuBLAS(false);
    context.setAllowFP16AccumulationCuBLAS(false);
    context.setAllowFP16BF16ReductionMathSDP(false);
    context.setAllowFP16ReductionCPU(false);
    return {};
  });
}

// The precision policy as libtorch states it, a line `name=value` each.
int chipmark_tch_precision(char* text, size_t text_bytes) {
  return guarded(text, text_bytes, [&]() -> std::string {
    at::Context& context = at::globalContext();
    std::string lines;
    const auto line = [&](const char* name, const std::string& value) { lines += std::string(name) + "=" + value + "\n"; };
    line("matmul", matmul_precision(context.float32MatmulPrecision()));
    for (const Named32& place : kFloat32) {
      line(place.name, at::precision2str(context.float32Precision(place.backend, place.op)));
    }
    line("cublas.tf32", on_off(context.allowTF32CuBLAS()));
    line("cudnn.tf32", on_off(context.allowTF32CuDNN()));
    line("cublas.f16_sums", reduction(context.allowFP16ReductionCuBLAS()));
    line("cublas.bf16_sums", reduction(context.allowBF16ReductionCuBLAS()));
    line("cublas.f16_accumulation", on_off(context.allowFP16AccumulationCuBLAS()));
    line("sdp.half_sums", on_off(context.allowFP16BF16ReductionMathSDP()));
    line("cpu.f16_sums", context.allowFP16ReductionCPU() ? "reduced" : "full");
    return lines;
  });
}

// What libtorch tells of its build: `what` is 0 for its configuration, 1 for MKL, 2 for oneDNN, 3 for OpenMP, 4 for the
// instruction set that its kernels take on this processor, 5 for the version of the headers of this file, 6 for its
// account of its threads.
int chipmark_tch_describe(int what, char* text, size_t text_bytes) {
  return guarded(text, text_bytes, [&]() -> std::string {
    switch (what) {
      case 0:
        return at::show_config();
      case 1:
        return at::Context::hasMKL() ? at::get_mkl_version() : std::string();
      case 2:
        return at::Context::hasMKLDNN() ? at::get_mkldnn_version() : std::string();
      case 3:
        return at::Context::hasOpenMP() ? at::get_openmp_version() : std::string();
      case 4:
        return at::get_cpu_capability();
      case 5:
        return TORCH_VERSION;
      case 6:
        return at::get_parallel_info();
      default:
        return {};
    }
  });
}

} // extern "C"
