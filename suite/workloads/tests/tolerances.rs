//! The tolerances tell right from wrong: at tier `tiny`, in every dtype, a right answer passes and the
//! mistakes that a backend's author can make, and the public suite made, do not. Right is what the reference says.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use chipmark_core::check::{Comparison, Scale, compare};
use chipmark_core::ops::arrange::Arrange;
use chipmark_core::ops::attention::{Attention, Mask};
use chipmark_core::ops::conv::Conv;
use chipmark_core::ops::elementwise::Elementwise;
use chipmark_core::ops::index::Index;
use chipmark_core::ops::linalg::Linalg;
use chipmark_core::ops::loss::Loss;
use chipmark_core::ops::norm::Norm;
use chipmark_core::ops::reduce::Reduce;
use chipmark_core::ops::sort::Sort;
use chipmark_core::{Backend, CaseId, DType, Digest, Fill, HostData, HostTensor, OpResult, Tier};
use chipmark_reference::{Reference, Tensor};
use chipmark_workloads::{Visitor, Workload, catalogue, describe, visit};

/// As many draws of the inputs: what fails by chance alone would pass in one.
const SEEDS: std::ops::Range<u64> = 0..10;

/// Another way to do a case, from its inputs and its right result.
type Way = fn(&Reference, &[Tensor], &Tensor) -> OpResult<Tensor>;

/// Compares another way to do a case with the right one. What it gives is rounded to the case's dtype.
struct Other {
    seed: u64,
    way: Way,
}

impl Visitor for Other {
    type Output = Comparison;

    fn visit<W: Workload>(self, workload: &W) -> Comparison {
        let backend = Reference::default();
        let host = workload.inputs(&mut Fill::new(self.seed, &workload.fill_key()), backend.conv_layout()).unwrap();
        let upload = |tensor: &HostTensor| backend.upload(tensor).unwrap();
        let step = |inputs: &[Tensor]| workload.step(&backend, &[], inputs).unwrap().tensors.remove(0);
        let digest = |tensor: &Tensor, dtype: DType| {
            let output = workload.canonical(backend.download(tensor).unwrap(), backend.conv_layout()).unwrap();
            let data = match output.data() {
                HostData::I64(index) => HostData::I64(index.clone()),
                _ => HostData::from_f64(&output.to_f64(), dtype),
            };
            [Digest::of(&HostTensor::new(output.shape().clone(), data).unwrap())]
        };

        let inputs: Vec<Tensor> = host.iter().map(upload).collect();
        let right = step(&inputs);
        let other = (self.way)(&backend, &inputs, &right).unwrap();
        let tolerances = workload.tolerances();
        let scales = tolerances.iter().any(|tolerance| tolerance.scale == Scale::AbsoluteInputs).then(|| {
            let absolute: Vec<Tensor> = host.iter().map(|tensor| upload(&tensor.abs())).collect();
            digest(&step(&absolute), DType::F64)
        });
        let scales = scales.as_ref().map(<[Digest; 1]>::as_slice);
        compare(&digest(&right, DType::F64), scales, &digest(&other, workload.dtype()), &tolerances)
    }
}

/// The tiny case of a case, in every dtype.
fn tiny(case: &CaseId) -> [CaseId; 3] {
    let tiny = describe(case).unwrap().at(Tier::Tiny).clone();
    DType::TIMED.map(|dtype| CaseId { dtype, ..tiny.clone() })
}

#[test]
fn what_is_right_and_rounded_once_passes() {
    let forward = catalogue(Some("layers")).into_iter().filter(|info| !info.case.workload.ends_with("_train"));
    for case in catalogue(Some("mlx-benchmark")).into_iter().chain(forward) {
        for id in tiny(&case.case) {
            let comparison = visit(&id, Other { seed: 1, way: |b, _, right| Ok(b.share(right)) }).unwrap();
            assert!(comparison.passes(), "{id}: {comparison:?}");
        }
    }
}

/// In every dtype a mistake must fail.
fn fails(case: &str, mistake: &str, way: Way) {
    for id in tiny(&case.parse().unwrap()) {
        fails_as(&id, mistake, way);
    }
}

/// At every draw a mistake must fail, and by its numbers: one that gives another shape proves nothing.
fn fails_as(id: &CaseId, mistake: &str, way: Way) {
    for seed in SEEDS {
        let comparison = visit(id, Other { seed, way }).unwrap();
        assert!(!comparison.passes(), "{id}, seed {seed}: {mistake} passes: {comparison:?}");
        let shape = comparison.mismatch.filter(|what| what.starts_with("shape"));
        assert_eq!(shape, None, "{id}: {mistake} is no test of the tolerance");
    }
}

#[test]
fn an_axis_that_is_not_passed_fails() {
    // Cubes, so that the shape does not tell.
    fails("argmax/16x16x16-axis1/f32", "the last axis", |b, x, _| b.argmax(&x[0], 2));
    fails("sort/64x64x64-axis0/f32", "the last axis", |b, x, _| b.sort(&x[0], 2));
    fails("sum/64x128x128x128-axis1/f32", "the last axis", |b, x, _| b.sum(&x[0], 3));
    fails("sum/64x128x128x128-axis3/f32", "the axis before it", |b, x, _| b.sum(&x[0], 2));
    fails("cumsum/64x64x64-axis1/f32", "the last axis", |b, x, _| b.cumsum(&x[0], 2));
    fails("softmax/64x64-axis0/f32", "the last axis", |b, x, _| b.softmax(&x[0], 1));
    fails("layer_norm/64x128x1024/f32", "the axis before it", |b, x, _| {
        b.swap_axes(&b.layer_norm(&b.swap_axes(&x[0], 1, 2)?, None, 1e-5)?, 1, 2)
    });
    fails("concat/64x64@64x64-axis0/f32", "the other way round", |b, x, _| b.concat(&x[1], &x[0], 0));
}

/// The rows of x from the last to the first.
fn reversed(b: &Reference, x: &Tensor) -> OpResult<Tensor> {
    let rows = i64::try_from(x.shape()[0]).unwrap();
    let index: Vec<i64> = (0..rows).rev().collect();
    b.gather_rows(x, &b.upload(&HostTensor::new([index.len()], HostData::I64(index))?)?)
}

#[test]
fn rows_thrown_away_or_put_at_wrong_places_fail() {
    for rows in ["64x16@10", "64x16@1000", "64x16@1000000", "1024x32@10", "1024x32@1000", "1024x32@1000000"] {
        let [set, sum, max] =
            ["scatter", "scatter_sum", "scatter_max"].map(|workload| format!("{workload}/{rows}/f32"));
        for case in [&set, &sum, &max] {
            fails(case, "throwing the result away", |b, x, _| Ok(b.share(&x[2])));
        }
        let wrong = "taking the source from its end";
        fails(&set, wrong, |b, x, _| b.scatter_set_rows(&x[2], &x[1], &reversed(b, &x[0])?));
        fails(&sum, wrong, |b, x, _| b.scatter_add_rows(&x[2], &x[1], &reversed(b, &x[0])?));
        fails(&max, wrong, |b, x, _| b.scatter_max_rows(&x[2], &x[1], &reversed(b, &x[0])?));
        fails(&set, "adding", |b, x, _| b.scatter_add_rows(&x[2], &x[1], &x[0]));
        fails(&max, "adding", |b, x, _| b.scatter_add_rows(&x[2], &x[1], &x[0]));
    }
    // So few that some rows stay as they are.
    fails("scatter/64x16@10/f32", "setting in zeros", |b, x, _| {
        b.scatter_set_rows(&b.sub(&x[2], &x[2])?, &x[1], &x[0])
    });
    fails("scatter_sum/64x16@1000000/f32", "setting", |b, x, _| b.scatter_set_rows(&x[2], &x[1], &x[0]));
    fails("gather/64x256@1000/f32", "taking the index from its end", |b, _, right| reversed(b, right));
}

#[test]
fn a_loss_of_something_else_fails() {
    for shape in ["1000000", "100000x32", "100000x64x2", "128x100000"] {
        let case = format!("bce/{shape}/f32");
        fails(&case, "taking probabilities for logits", |b, x, _| b.bce(&b.sigmoid(&x[0])?, &x[1]));
        fails(&case, "exchanging the targets", |b, x, _| b.bce(&x[0], &b.affine(&x[1], -1.0, 1.0)?));
        fails(&case, "leaving out the targets that are zero", |b, x, _| {
            b.bce(&b.affine(&b.mul(&x[0], &x[1])?, 1.0, 1e-9)?, &x[1])
        });
    }
}

/// 1/√d.
fn scale_of(x: &[Tensor]) -> f64 {
    1.0 / f64::from(u32::try_from(x[0].shape()[3]).unwrap()).sqrt()
}

#[test]
fn attention_with_another_mask_or_scale_fails() {
    for kv in ["64x8x16x1024", "64x8x64x1024"] {
        let case = format!("sdpa/64x8x16x1024@{kv}/f32");
        fails(&case, "no mask", |b, x, _| b.sdpa(&x[0], &x[1], &x[2], Mask::None, scale_of(x)));
        fails(&case, "a mask that is all ones", |b, x, _| {
            let ones = vec![1.0; x[3].shape().iter().product()];
            let ones = b.upload(&HostTensor::new(x[3].shape(), HostData::F64(ones))?)?;
            b.sdpa(&x[0], &x[1], &x[2], Mask::Additive(&ones), scale_of(x))
        });
        fails(&case, "no scale", |b, x, _| b.sdpa(&x[0], &x[1], &x[2], Mask::Additive(&x[3]), 1.0));
        fails(&case, "a scale of 1/d", |b, x, _| {
            b.sdpa(&x[0], &x[1], &x[2], Mask::Additive(&x[3]), scale_of(x) * scale_of(x))
        });
    }
    fails("sdpa/4x8x16x64@4x2x16x64/f32", "heads shared by turns", |b, x, _| {
        // Query heads 0, 4, 1, 5, … in the place of 0, 1, 2, 3, …: two groups of four taken as four groups of two.
        let [batch, heads, l, d] = *x[0].shape() else { panic!("q has {} axes", x[0].shape().len()) };
        let q = b.reshape(&x[0], &[batch, 2, heads / 2, l * d])?;
        let q = b.reshape(&b.swap_axes(&q, 1, 2)?, &[batch, heads, l, d])?;
        b.sdpa(&q, &x[1], &x[2], Mask::Additive(&x[3]), scale_of(x))
    });
}

#[test]
fn a_neighbouring_function_fails() {
    fails("relu/128x16x1024/f32", "no function", |b, x, _| Ok(b.share(&x[0])));
    fails("leaky_relu/128x16x1024/f32", "relu", |b, x, _| b.relu(&x[0]));
    fails("prelu/128x16x1024/f32", "leaky_relu", |b, x, _| b.leaky_relu(&x[0], 0.01));
    fails("selu/128x16x1024/f32", "the wrong factor", |b, _, right| b.affine(right, 1.0 / 1.050_7, 0.0));
    fails("sigmoid/128x16x1024/f32", "the logits", |b, x, _| Ok(b.share(&x[0])));
    fails("softplus/128x16x1024/f32", "relu", |b, x, _| b.relu(&x[0]));
    fails("layer_norm/64x128x1024/f32", "the mean left in", |b, _, right| b.affine(right, 1.0, 0.75f64.sqrt()));
}

#[test]
fn products_of_the_wrong_elements_fail() {
    fails("conv1d/100x256x256@8x3x256/f32", "filters from their end", |b, x, _| {
        let filters = b.swap_axes(&reversed(b, &b.swap_axes(&x[1], 0, 1)?)?, 0, 1)?;
        b.conv1d(&x[0], &filters)
    });
    fails("linear/100x1024x64@64x1024/f32", "the bias left out", |b, x, _| {
        b.linear(&x[0], &x[1], &b.sub(&x[2], &x[2])?)
    });
}

#[test]
fn a_sum_of_too_few_fails() {
    for shape in ["64x128x128x128", "1000000x128", "128x1000000"] {
        let case = format!("sum_all/{shape}/f32");
        // In f32 alone: a half dtype may add up in itself, and is then off by as much as a row.
        let [id, ..] = tiny(&case.parse().unwrap());
        fails_as(&id, "a row left out", |b, x, right| b.sub(right, &b.sum_all(&b.slice_rows(&x[0], 0, 1)?)?));
        fails(&case, "zeros", |b, _, right| b.affine(right, 0.0, 0.0));
        fails(&case, "the wrong sign", |b, _, right| b.affine(right, -1.0, 0.0));
    }
}

#[test]
fn a_running_sum_of_other_elements_fails() {
    let case = "cumsum/64x128x1024-axis2/f32";
    fails(case, "each without its own element", |b, x, right| b.sub(right, &x[0]));
    fails(case, "each over all", |b, x, right| {
        let all = b.reshape(&b.sum(&x[0], 2)?, &[right.shape()[0], right.shape()[1], 1])?;
        b.add(&b.affine(right, 0.0, 0.0)?, &all)
    });
}

/// Where a case's sums are as long as when it is timed, in every dtype.
fn fails_at_length(case: &str, mistake: &str, way: Way) {
    for dtype in DType::TIMED {
        let id = CaseId { dtype, ..case.parse().unwrap() };
        let comparison = visit(&id, Other { seed: 1, way }).unwrap();
        assert!(!comparison.passes(), "{id}: {mistake} passes: {comparison:?}");
        let comparison = visit(&id, Other { seed: 1, way: |b, _, right| Ok(b.share(right)) }).unwrap();
        assert!(comparison.passes(), "{id}: {comparison:?}");
    }
}

/// The sums of layers and of attention, of fewer rows than in the suites. Those of single ops are in `power`.
const AT_LENGTH: [&str; 9] = [
    "sdpa/1x1x16x1024@1x1x16x1024/f32",
    "sdpa/1x1x16x1024@1x1x64x1024/f32",
    "causal_attention/1x1x128x128@1x1x128x128/f32",
    "causal_attention/1x1x1024x128@1x1x1024x128/f32",
    "attention/1x16x512-heads8/f32",
    "transformer/1x16x512-heads8-hidden2048/f32",
    "mlp/1x16x512-hidden2048/f32",
    "conv_block/1x8x8x64/f32",
    "layer_norm/1x16x1024/f32",
];

#[test]
fn at_the_timed_lengths_zeros_and_the_wrong_sign_fail() {
    for case in AT_LENGTH {
        fails_at_length(case, "zeros", |b, _, right| b.affine(right, 0.0, 0.0));
        fails_at_length(case, "the wrong sign", |b, _, right| b.affine(right, -1.0, 0.0));
    }
}

#[test]
fn at_the_timed_lengths_attention_to_too_few_keys_fails() {
    let without_an_eighth: Way = |b, x, _| {
        // Values that are zero are as if an eighth of the sum over keys were left out.
        let [_, _, keys, d] = *x[2].shape() else { panic!("v has {} axes", x[2].shape().len()) };
        let kept = (0..keys * d).map(|at| if at / d % 8 == 0 { 0.0 } else { 1.0 }).collect();
        let v = b.mul(&x[2], &b.upload(&HostTensor::new([1, 1, keys, d], HostData::F64(kept))?)?)?;
        b.sdpa(&x[0], &x[1], &v, x.get(3).map_or(Mask::Causal, Mask::Additive), scale_of(x))
    };
    for case in &AT_LENGTH[..4] {
        fails_at_length(case, "an eighth of the keys left out", without_an_eighth);
    }
}

/// A parameter left out of a layer: what has one of each.
struct Without {
    seed: u64,
    /// Which input.
    parameter: usize,
    /// What is there instead of each element.
    instead: f64,
}

impl Visitor for Without {
    type Output = Comparison;

    fn visit<W: Workload>(self, workload: &W) -> Comparison {
        let backend = Reference::default();
        let mut host = workload.inputs(&mut Fill::new(self.seed, &workload.fill_key()), backend.conv_layout()).unwrap();
        let output = |host: &[HostTensor], dtype: DType| {
            let inputs: Vec<Tensor> = host.iter().map(|tensor| backend.upload(tensor).unwrap()).collect();
            let made = backend.download(&workload.step(&backend, &[], &inputs).unwrap().tensors[0]).unwrap();
            let made = workload.canonical(made, backend.conv_layout()).unwrap();
            let data = HostData::from_f64(&made.to_f64(), dtype);
            [Digest::of(&HostTensor::new(made.shape().clone(), data).unwrap())]
        };
        let right = output(&host, DType::F64);
        let shape = host[self.parameter].shape().clone();
        let elements = vec![self.instead; shape.numel()];
        host[self.parameter] = HostTensor::new(shape, HostData::from_f64(&elements, workload.dtype())).unwrap();
        compare(&right, None, &output(&host, workload.dtype()), &workload.tolerances())
    }
}

#[test]
fn a_parameter_left_out_of_a_layer_fails() {
    // The parameters in their order; the bias of k is not among them, for softmax takes out what all keys have in common.
    let zeros = |parameters: &[usize]| parameters.iter().map(|&parameter| (parameter, 0.0)).collect::<Vec<_>>();
    let norms = [(0, 1.0), (1, 0.0), (10, 1.0), (11, 0.0)];
    let of_attention = [0, 1, 2, 4, 5, 6, 7];
    let of_transformer = [2, 3, 4, 6, 7, 8, 9, 12, 13, 14, 15];
    for (case, parameters) in [
        ("mlp/8x128x512-hidden2048/f32", zeros(&[0, 1, 2, 3])),
        ("attention/8x128x512-heads8/f32", zeros(&of_attention)),
        ("attention/8x128x512-heads8-groups2/f32", zeros(&of_attention)),
        ("conv_block/16x56x56x64/f32", zeros(&[0, 1, 2, 3])),
        ("transformer/8x128x512-heads8-hidden2048/f32", [zeros(&of_transformer), norms.to_vec()].concat()),
    ] {
        for id in tiny(&case.parse().unwrap()) {
            for &(parameter, instead) in &parameters {
                for seed in SEEDS {
                    let comparison = visit(&id, Without { seed, parameter, instead }).unwrap();
                    assert!(!comparison.passes(), "{id}, seed {seed}: without input {parameter}: {comparison:?}");
                }
            }
        }
    }
}
