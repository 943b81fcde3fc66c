// TorchScript: a step recorded while it runs, and the program made of it. tch's own tracing gives no way out of a step that
// fails, and only the first of several outputs.
//
// A tensor is a pointer to an at::Tensor, as tch holds it; one that is made is the caller's to free. src/shim/jit.rs
// declares these functions and is their only caller.

#include "guarded.h"

#include <ATen/ATen.h>
#include <torch/csrc/jit/api/function_impl.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/codegen/fuser/interface.h>
#include <torch/csrc/jit/frontend/tracer.h>
#include <torch/csrc/jit/passes/fixup_trace_scope_blocks.h>
#include <torch/csrc/jit/passes/normalize_ops.h>
#include <torch/csrc/jit/passes/tensorexpr_fuser.h>
#include <torch/csrc/jit/runtime/graph_executor.h>

#include <memory>
#include <vector>

namespace jit = torch::jit;
namespace tracer = torch::jit::tracer;

namespace {

// What a trace takes for granted of an input: sizes are written into the program as numbers.
struct Like {
  std::vector<int64_t> sizes;
  at::ScalarType kind;
  at::Device device;

  explicit Like(const at::Tensor& x) : sizes(x.sizes().vec()), kind(x.scalar_type()), device(x.device()) {}

  bool is(const at::Tensor& x) const {
    return x.sizes() == at::IntArrayRef(sizes) && x.scalar_type() == kind && x.device() == device;
  }
};

struct Program {
  jit::GraphFunction function;
  std::vector<Like> inputs;
  size_t outputs;
  // What was recorded to make it: it knows its tensors, and holds none of them.
  std::shared_ptr<tracer::TracingState> state;
};

// Refuses a graph that has for a constant what an earlier part of the same step made: each run would have the first's.
void refuse_leftovers(const jit::Graph& graph, tracer::TracingState& earlier) {
  for (const jit::Node* node : graph.nodes()) {
    const bool holds_tensor = node->kind() == c10::prim::Constant && node->hasAttribute(c10::attr::value) &&
        node->kindOf(c10::attr::value) == jit::AttributeKind::t;
    TORCH_CHECK(
        !holds_tensor || !earlier.hasValue(node->t(c10::attr::value)),
        "the step uses after its gradient what it made before it, and the two are programs of their own");
  }
}

const at::Tensor& tensor(const void* pointer) {
  return *static_cast<const at::Tensor*>(pointer);
}

std::string strategy(const jit::FusionStrategy& strategy) {
  std::string words;
  for (const auto& [behaviour, depth] : strategy) {
    words += words.empty() ? "" : ", ";
    words += (behaviour == jit::FusionBehavior::STATIC ? "static " : "dynamic ") + std::to_string(depth);
  }
  return words;
}

} // namespace

extern "C" {

// PyTorch's own defaults, whatever was set before: the executor that profiles a program's first run and then optimises it.
int chipmark_tch_set_jit(char* text, size_t text_bytes) {
  return guarded(text, text_bytes, [&]() -> std::string {
    jit::getExecutorMode() = true;
    jit::getProfilingMode() = true;
    jit::getNumProfiledRuns() = 1;
    jit::setGraphExecutorOptimize(true);
    jit::FusionStrategy fusion{{jit::FusionBehavior::STATIC, 2}, {jit::FusionBehavior::DYNAMIC, 10}};
    jit::setFusionStrategy(fusion);
    return {};
  });
}

// How programs are executed, a line `name=value` each.
int chipmark_tch_jit(char* text, size_t text_bytes) {
  return guarded(text, text_bytes, [&]() -> std::string {
    const bool profiling = jit::getExecutorMode() && jit::getProfilingMode();
    std::string lines = std::string("executor=") + (profiling ? "profiling" : "simple") + "\n";
    lines += "profiled_runs=" + std::to_string(jit::getNumProfiledRuns()) + "\n";
    lines += std::string("optimize=") + on_off(jit::getGraphExecutorOptimize()) + "\n";
    lines += "fusion=" + strategy(jit::getFusionStrategy()) + "\n";
    lines += std::string("fusion.cpu=") + on_off(jit::tensorExprFuserEnabled() && jit::canFuseOnCPU()) + "\n";
    lines += std::string("fusion.gpu=") + on_off(jit::tensorExprFuserEnabled() && jit::canFuseOnGPU()) + "\n";
    return lines;
  });
}

// Whether this thread records what it calls.
int chipmark_tch_is_recording(int* recording, char* text, size_t text_bytes) {
  return guarded(text, text_bytes, [&]() -> std::string {
    *recording = tracer::isTracing() ? 1 : 0;
    return {};
  });
}

// Starts to record what this thread calls. `inputs` become the program's arguments, and each must be another tensor, because
// libtorch tells arguments apart by their identity.
int chipmark_tch_record(const void* const* inputs, size_t count, char* text, size_t text_bytes) {
  return guarded(text, text_bytes, [&]() -> std::string {
    TORCH_CHECK(!tracer::isTracing(), "a step is being recorded already");
    auto state = std::make_shared<tracer::TracingState>();
    for (size_t i = 0; i < count; ++i) {
      state->setValue(tensor(inputs[i]), state->graph->addInput()->setType(jit::TensorType::get()));
    }
    tracer::setTracingState(std::move(state));
    return {};
  });
}

// Stops recording. What was recorded is lost.
int chipmark_tch_abandon(char* text, size_t text_bytes) {
  return guarded(text, text_bytes, [&]() -> std::string {
    tracer::abandon();
    return {};
  });
}

// The program from `inputs`, those that chipmark_tch_record was given, to `outputs`, of what was recorded so far. `earlier` is
// the program of the same step's part before this one, or null. The program is the caller's to free.
int chipmark_tch_program(
    const void* earlier,
    const void* const* inputs,
    size_t inputs_count,
    const void* const* outputs,
    size_t outputs_count,
    void** program,
    char* text,
    size_t text_bytes) {
  return guarded(text, text_bytes, [&]() -> std::string {
    const auto state = tracer::getTracingState();
    TORCH_CHECK(state != nullptr, "no step is being recorded");
    std::vector<jit::Value*> values;
    for (size_t i = 0; i < outputs_count; ++i) {
      TORCH_CHECK(state->hasValue(tensor(outputs[i])), "no recorded op made output ", i);
      values.push_back(state->getValue(tensor(outputs[i])));
    }
    auto graph = state->graph;
    // A function of TorchScript returns one value.
    graph->registerOutput(outputs_count == 1 ? values[0] : graph->insertNode(graph->createTuple(values))->output());
    // What torch::jit::tracer::trace does to a graph that is complete.
    jit::FixupTraceScopeBlocks(graph, nullptr);
    jit::NormalizeOps(graph);
    if (earlier != nullptr) {
      refuse_leftovers(*graph, *static_cast<const Program*>(earlier)->state);
    }
    std::vector<Like> like;
    for (size_t i = 0; i < inputs_count; ++i) {
      like.emplace_back(tensor(inputs[i]));
    }
    *program = new Program{{"step", graph, nullptr}, std::move(like), outputs_count, state};
    return {};
  });
}

int chipmark_tch_free_program(void* program, char* text, size_t text_bytes) {
  return guarded(text, text_bytes, [&]() -> std::string {
    delete static_cast<Program*>(program);
    return {};
  });
}

// Runs a program. `outputs` has room for as many tensors as it was made of.
int chipmark_tch_run(void* program, const void* const* inputs, size_t count, void** outputs, char* text, size_t text_bytes) {
  return guarded(text, text_bytes, [&]() -> std::string {
    auto& made = *static_cast<Program*>(program);
    TORCH_CHECK(count == made.inputs.size(), "the step has ", made.inputs.size(), " inputs and is given ", count);
    jit::Stack stack;
    stack.reserve(count);
    for (size_t i = 0; i < count; ++i) {
      const at::Tensor& input = tensor(inputs[i]);
      TORCH_CHECK(
          made.inputs[i].is(input), "input ", i, " is ", input.scalar_type(), " ", input.sizes(), " on ", input.device(),
          ", and the step was compiled for ", made.inputs[i].kind, " ", at::IntArrayRef(made.inputs[i].sizes), " on ",
          made.inputs[i].device);
      stack.emplace_back(input);
    }
    made.function.run(stack);
    if (made.outputs == 1) {
      outputs[0] = new at::Tensor(std::move(stack.front()).toTensor());
      return {};
    }
    const auto& elements = stack.front().toTupleRef().elements();
    for (size_t i = 0; i < made.outputs; ++i) {
      outputs[i] = new at::Tensor(elements[i].toTensor());
    }
    return {};
  });
}

} // extern "C"
