//! The conformance checks: the reference passes them, and each planted fault is found and named.
#![expect(clippy::unwrap_used, reason = "helpers of tests are tests too")]

mod fault;
mod faulty;
mod ops;

use chipmark_core::{DType, Device};
use chipmark_reference::Reference;
use chipmark_reference::conformance::{self, Verdict};
use faulty::Faulty;

#[test]
fn the_reference_passes_and_lacks_nothing() {
    assert_eq!(conformance::everything::<Reference>(Device::Cpu).unwrap(), []);
}

#[test]
fn a_device_that_is_not_there_is_a_failure() {
    let failures = conformance::elementwise::<Reference>(Device::Metal).unwrap_err().to_string();
    assert!(failures.contains("reference:metal does not open"), "{failures}");
}

/// Asserts that each line of the failures has `what` in it.
#[track_caller]
fn assert_only(verdict: Verdict, what: &str) {
    let failures = verdict.unwrap_err().0;
    assert!(!failures.is_empty());
    for failure in failures {
        assert!(failure.contains(what), "'{what}' is not in: {failure}");
    }
}

/// Asserts that each of `what` begins a failure.
#[track_caller]
fn assert_each(verdict: &Verdict, what: &[&str]) {
    let failures = &verdict.as_ref().unwrap_err().0;
    for what in what {
        assert!(failures.iter().any(|failure| failure.starts_with(what)), "'{what}' begins no line of {failures:?}");
    }
}

/// The gaps as `what dtype`.
#[track_caller]
fn gaps(verdict: Verdict) -> Vec<String> {
    verdict.unwrap().iter().map(|gap| format!("{} {}", gap.what, gap.dtype)).collect()
}

#[test]
fn without_a_fault_the_wrapper_passes() {
    assert_eq!(conformance::everything::<Faulty<{ fault::NONE }>>(Device::Cpu).unwrap(), []);
}

#[test]
fn an_axis_that_is_not_passed() {
    type B = Faulty<{ fault::AXIS_NOT_PASSED }>;
    assert_only(conformance::normalisations::<B>(Device::Cpu), "softmax");
    assert_only(conformance::elementwise::<B>(Device::Cpu), "EqualArgmax");
    assert_only(conformance::ordering::<B>(Device::Cpu), "sort");
    assert_only(conformance::arranging::<B>(Device::Cpu), "concat");
    let reductions = conformance::reductions::<B>(Device::Cpu);
    assert_each(&reductions, &["Sum ", "Argmax "]);
    assert!(reductions.unwrap_err().0.iter().all(|failure| failure.contains(" axis: ")), "only those with an axis");
}

#[test]
fn a_result_that_is_thrown_away() {
    let verdict = conformance::indexing::<Faulty<{ fault::RESULT_THROWN_AWAY }>>(Device::Cpu);
    assert_each(&verdict, &["ScatterAddRows ", "ScatterSetRows ", "ScatterMaxRows "]);
    assert_only(verdict, "Scatter");
}

#[test]
fn an_input_that_is_changed() {
    let verdict = conformance::indexing::<Faulty<{ fault::SCATTERS_IN_PLACE }>>(Device::Cpu);
    assert_only(verdict, "changes its input 0");
}

#[test]
fn a_maximum_that_adds() {
    assert_only(conformance::indexing::<Faulty<{ fault::MAXIMUM_ADDED }>>(Device::Cpu), "scatter_max_rows");
}

#[test]
fn logits_and_probabilities_confused() {
    let failures = conformance::losses::<Faulty<{ fault::LOGITS_CONFUSED }>>(Device::Cpu).unwrap_err().0;
    for dtype in DType::TIMED {
        for case in [format!("(cross_entropy) {dtype} of 1x3"), format!("(bce) {dtype} of 5x7")] {
            assert!(failures.iter().any(|failure| failure.contains(&case)), "{case}: {failures:?}");
        }
    }
}

#[test]
fn a_mask_that_hides_nothing() {
    let verdict = conformance::attention::<Faulty<{ fault::MASK_IGNORED }>>(Device::Cpu);
    assert_each(&verdict, &["Sdpa { hidden: Future,", "Sdpa { hidden: Given,"]);
    let failures = verdict.unwrap_err().0;
    assert!(!failures.iter().any(|failure| failure.contains("hidden: Nothing")), "{failures:?}");
}

#[test]
fn heads_that_are_served_by_others() {
    let verdict = conformance::attention::<Faulty<{ fault::HEADS_INTERLEAVED }>>(Device::Cpu);
    assert_only(verdict.clone(), "x4x");
    assert_each(&verdict, &["Sdpa { hidden: Nothing,", "Sdpa { hidden: Future,", "Sdpa { hidden: Given,"]);
}

#[test]
fn a_variance_of_n_less_one() {
    assert_only(conformance::normalisations::<Faulty<{ fault::VARIANCE_OF_A_SAMPLE }>>(Device::Cpu), "layer_norm");
}

#[test]
fn activations_that_overflow_or_approximate() {
    assert_only(conformance::elementwise::<Faulty<{ fault::EXPONENTIAL_OVERFLOWS }>>(Device::Cpu), "softplus");
    let verdict = conformance::elementwise::<Faulty<{ fault::APPROXIMATE_GELU }>>(Device::Cpu);
    assert_only(verdict, "(gelu) f32");
}

#[test]
fn a_view_whose_elements_are_still_in_their_old_order() {
    let verdict = conformance::arranging::<Faulty<{ fault::VIEW_NOT_ARRANGED }>>(Device::Cpu);
    assert_each(&verdict, &["SwapAxes ", "ReshapeOfSwapped "]);
    assert_only(verdict, "Swap");
}

#[test]
fn steps_that_compile() {
    assert_eq!(conformance::everything::<Faulty<{ fault::COMPILES }>>(Device::Cpu).unwrap(), []);
    let missing = gaps(conformance::compiled::<Faulty<{ fault::LISTS_WHAT_IT_CANNOT_COMPILE }>>(Device::Cpu));
    assert_eq!(missing, DType::TIMED.map(|dtype| format!("compile {dtype}")));
}

#[test]
fn steps_that_compile_wrongly() {
    let compiled_in = conformance::compiled::<Faulty<{ fault::COMPILES_IN_THE_INPUTS }>>(Device::Cpu);
    assert_each(&compiled_in, &["compiled Chain", "compiled Softmax", "compiled Gather", "compiled TwoOutputs"]);
    assert_only(compiled_in, ", run 1: error ");
    assert_only(conformance::compiled::<Faulty<{ fault::COMPILES_AGAIN }>>(Device::Cpu), ": traced 4 times");
    let unlisted = conformance::compiled::<Faulty<{ fault::COMPILES_UNLISTED }>>(Device::Cpu);
    assert_only(unlisted, "compile works, but EXECUTIONS does not list it");
    let swallowed = conformance::compiled::<Faulty<{ fault::COMPILES_ERRORS_AWAY }>>(Device::Cpu);
    assert_only(swallowed, "an error inside a compiled step was swallowed");
}

#[test]
fn host_memory_that_is_adopted() {
    assert_eq!(conformance::transfers::<Faulty<{ fault::ADOPTS }>>(Device::Cpu).unwrap(), []);
    let let_go = conformance::transfers::<Faulty<{ fault::ADOPTS_WITHOUT_HOLDING_ON }>>(Device::Cpu);
    assert_only(let_go, ", without its host tensor: element 0 comes back as ");
    assert_only(conformance::transfers::<Faulty<{ fault::ADOPTS_ANOTHER }>>(Device::Cpu), "adoption ");
}

#[test]
fn one_element_that_is_off_is_shown() {
    let failures = conformance::products::<Faulty<{ fault::ONE_ELEMENT_OFF }>>(Device::Cpu).unwrap_err();
    let first = &failures.0[0];
    assert!(first.starts_with("Matmul (matmul) f32 of 3x5, 5x7: error "), "{first}");
    assert!(first.contains("worst in output 0 at 10: "), "{first}");
}

#[test]
fn an_op_that_notes_no_path() {
    let verdict = conformance::convolutions::<Faulty<{ fault::NOTES_NOTHING }>>(Device::Cpu);
    assert_only(verdict, "notes no path for conv");
}

#[test]
fn a_slice_beyond_the_end_that_is_cut_short() {
    type B = Faulty<{ fault::SLICE_CLAMPS }>;
    assert_only(conformance::bad_shapes::<B>(Device::Cpu), "accepted, and gave");
    assert_eq!(conformance::indexing::<B>(Device::Cpu).unwrap(), [], "slices that fit are right");
}

#[test]
fn a_panic_is_a_failure_with_its_message() {
    let verdict = conformance::bad_shapes::<Faulty<{ fault::PANICS }>>(Device::Cpu);
    assert_only(verdict.clone(), "Matmul of");
    assert_only(verdict, "panicked: called `Result::unwrap()`");
}

#[test]
fn what_is_unsupported_is_listed_once_for_each_dtype() {
    let missing = gaps(conformance::everything::<Faulty<{ fault::NO_SQRT }>>(Device::Cpu));
    let ops = ["adam", "gradient of sqrt", "sqrt"];
    let expected: Vec<String> = ops.iter().flat_map(|op| DType::TIMED.map(|dtype| format!("{op} {dtype}"))).collect();
    assert_eq!(missing, expected);
    assert_eq!(gaps(conformance::everything::<Faulty<{ fault::NO_F16 }>>(Device::Cpu)), ["upload f16"]);
}

#[test]
fn a_backend_without_gradients() {
    type B = Faulty<{ fault::NO_GRADIENT }>;
    let missing = gaps(conformance::gradients::<B>(Device::Cpu));
    assert!(missing.contains(&"gradient of matmul f32".to_owned()), "{missing:?}");
    assert!(missing.iter().all(|gap| gap.starts_with("gradient of ")), "{missing:?}");
}

#[test]
fn wrong_gradients() {
    let failures = conformance::gradients::<Faulty<{ fault::GRADIENT_NOT_ADDED_UP }>>(Device::Cpu).unwrap_err().0;
    for op in [
        "Add",
        "Relu",
        "Prelu",
        "Gelu",
        "Sum",
        "Linear",
        "Conv1d",
        "Conv2d",
        "Sdpa",
        "Softmax",
        "LayerNorm",
        "Concat",
        "GatherRows",
        "CrossEntropy",
        "Bce",
    ] {
        assert!(failures.iter().any(|f| f.starts_with(&format!("gradient of {op} "))), "{op} is not in {failures:?}");
    }
    assert!(failures.iter().any(|f| f.starts_with("gradient of a network f32")), "{failures:?}");
}

#[test]
fn gradients_of_what_has_none() {
    assert_only(
        conformance::gradients::<Faulty<{ fault::GRADIENT_OF_MANY }>>(Device::Cpu),
        "the gradient of a function of 3 elements: accepted",
    );
    assert_only(
        conformance::gradients::<Faulty<{ fault::REWRITES_ERRORS }>>(Device::Cpu),
        "an error inside value_and_grad came out as",
    );
}

#[test]
fn a_result_in_another_dtype() {
    type B = Faulty<{ fault::WIDENS }>;
    assert_only(conformance::products::<B>(Device::Cpu), "gives f64 instead of ");
    assert_only(conformance::transfers::<B>(Device::Cpu), "comes back as f64 instead of ");
}

#[test]
fn bytes_that_change_on_the_way() {
    let verdict = conformance::transfers::<Faulty<{ fault::LOSES_SIGN_OF_ZERO }>>(Device::Cpu);
    assert_only(verdict, "comes back as Some(0.0) instead of Some(-0.0)");
}

#[test]
fn a_result_of_another_shape() {
    let verdict = conformance::reductions::<Faulty<{ fault::SHAPE_OF_MEAN }>>(Device::Cpu);
    assert_only(verdict, "shape 1 instead of scalar");
}

#[test]
fn channels_first_passes_where_it_is_done_and_fails_where_it_is_only_claimed() {
    assert_eq!(conformance::convolutions::<Faulty<{ fault::CHANNELS_FIRST }>>(Device::Cpu).unwrap(), []);
    assert_only(conformance::convolutions::<Faulty<{ fault::CHANNELS_CONFUSED }>>(Device::Cpu), "(conv");
}

#[test]
fn a_device_that_opens_but_is_not_listed() {
    let verdict = conformance::transfers::<Faulty<{ fault::HIDES_ITS_DEVICE }>>(Device::Cpu);
    assert_only(verdict, "cpu opens, but devices() does not list it");
}
