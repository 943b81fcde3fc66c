//! Every workload through the registry: ids, tiers, inputs and costs. No framework is needed for any of it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use chipmark_core::{CaseId, ConvLayout, DType, Fill, Mode, Tier};
use chipmark_workloads::{CaseError, Visitor, Workload, catalogue, describe, visit, workloads};
use proptest::prelude::*;

fn every_case() -> Vec<CaseId> {
    catalogue(None).into_iter().map(|info| info.case).collect()
}

#[test]
fn an_id_names_the_case_that_it_came_from_at_every_tier() {
    for id in every_case() {
        for tier in Tier::ALL {
            let at = describe(&id).unwrap().at(tier).clone();
            let info = describe(&at).unwrap();
            assert_eq!(info.case, at);
            assert_eq!(at.to_string().parse::<CaseId>(), Ok(at.clone()));
            assert!(!info.modes.is_empty());
        }
    }
}

#[test]
fn tiers_are_ordered_and_small_ones_are_small() {
    for id in every_case() {
        let info = describe(&id).unwrap();
        let [tiny, small, full] = info.tiers.clone().map(|tier| describe(&tier).unwrap().cost);
        assert!(tiny.working_set_bytes <= small.working_set_bytes, "{id}");
        assert!(small.working_set_bytes <= full.working_set_bytes, "{id}");
        assert!(small.flop <= 1 << 28 && small.working_set_bytes <= 64 << 20, "{id}: {small:?}");
        // A graph that can be learned has a least size.
        let most = if id.workload == "gcn_epoch" { 512 << 10 } else { 256 << 10 };
        assert!(tiny.working_set_bytes <= most, "{id}: {tiny:?}");
        let tiny = info.at(Tier::Tiny);
        assert_eq!(describe(tiny).unwrap().at(Tier::Tiny), tiny, "a tiny case's tiny case is itself");
    }
}

struct Inputs(u64);

impl Visitor for Inputs {
    /// Each input's shape, dtype and bytes, and the working set that the case states.
    type Output = (Vec<(Vec<usize>, DType, usize)>, u64, Vec<f64>);

    fn visit<W: Workload>(self, workload: &W) -> Self::Output {
        let mut fill = Fill::new(self.0, &workload.fill_key());
        let inputs = workload.inputs(&mut fill, ConvLayout::ChannelsLast).unwrap();
        let shapes = inputs.iter().map(|t| (t.shape().to_vec(), t.dtype(), t.size_bytes())).collect();
        let first = inputs.first().map(chipmark_core::HostTensor::to_f64).unwrap_or_default();
        (shapes, workload.cost().working_set_bytes, first)
    }
}

#[test]
fn inputs_are_reproducible_never_all_zero_and_within_the_stated_working_set() {
    for id in every_case() {
        let tiny = describe(&id).unwrap().at(Tier::Tiny).clone();
        let (shapes, working_set, values) = visit(&tiny, Inputs(1)).unwrap();
        let bytes: usize = shapes.iter().map(|(_, _, bytes)| bytes).sum();
        assert!(bytes as u64 <= working_set, "{tiny}: {bytes} bytes of inputs, {working_set} stated");
        assert!(values.iter().any(|v| *v != 0.0), "{tiny}");
        assert_eq!(values, visit(&tiny, Inputs(1)).unwrap().2, "{tiny}");
        assert_ne!(values, visit(&tiny, Inputs(2)).unwrap().2, "{tiny}");
    }
}

#[test]
fn costs_are_those_counted_by_hand() {
    let cost = |id: &str| describe(&id.parse().unwrap()).unwrap().cost;
    // 32 products of 1×1000 and 1000×128: 2·32·1·1000·128 operations; 32·1000 + 32·1000·128 + 32·128 floats.
    let matmul = cost("matmul/32x1x1000@32x1000x128/f32");
    assert_eq!((matmul.flop, matmul.bytes), (8_192_000, 4 * (32_000 + 4_096_000 + 4_096)));
    // b once, under every batch.
    assert_eq!(cost("matmul/10x4x5@5x6/f16").bytes, 2 * (200 + 30 + 240));
    // A product and a bias for each of 100·1024·1024 outputs.
    let linear = cost("linear/100x1024x32@32x1024/f32");
    assert_eq!(linear.flop, 100 * 1024 * 1024 * 65);
    assert_eq!(linear.bytes, 4 * (100 * 1024 * 32 + 1024 * 32 + 1024 + 100 * 1024 * 1024));
    // 26·26·8 outputs an image, each of 3·3·3 products.
    let conv = cost("conv2d/100x28x28x3@8x3x3x3/f32");
    assert_eq!(conv.flop, 100 * 26 * 26 * 8 * 27 * 2);
    assert_eq!(conv.bytes, 4 * (100 * 28 * 28 * 3 + 8 * 27 + 100 * 26 * 26 * 8));
    assert_eq!(cost("softmax/10x20/bf16").bytes, 2 * 2 * 200);
    assert_eq!(cost("round_trip/1MiB/f32").bytes, 2 << 20);
    // Two hidden layers and an output layer on 2708 nodes; see the cost model's comment for the passes.
    let (n, f) = (2708u64, 1433u64);
    let layers = [(f, 16), (16, 16), (16, 7)];
    let expected: u64 = layers
        .iter()
        .enumerate()
        .map(|(i, (a, b))| {
            let (weights, propagation) = (2 * n * a * b, 2 * n * n * b);
            3 * (weights + propagation) + if i > 0 { weights } else { 0 }
        })
        .sum();
    assert_eq!(cost("gcn_epoch/dense-2708n-10556e-1433f-7c/f32").flop, expected);
}

#[test]
fn what_names_no_case_says_why() {
    let error = |id: &str| describe(&id.parse().unwrap()).unwrap_err();
    assert!(
        matches!(error("matmull/2x2@2x2/f32"), CaseError::UnknownWorkload { nearest: Some(n), .. } if n == "matmul")
    );
    assert!(error("matmul/2x3@4x2/f32").to_string().contains("differ"));
    assert!(error("matmul/2x3/f32").to_string().contains("'@'"));
    assert!(error("conv2d/1x2x2x3@8x3x3x3/f32").to_string().contains("larger than the images"));
    assert!(error("softmax/4x4-axis2/f32").to_string().contains("no axis 2"));
    assert!(error("host_to_device/3B/f32").to_string().contains("whole elements"));
    assert!(error("gcn_epoch/dense-9n-4e-20f-7c/f32").to_string().contains("nodes a class"));
    assert_eq!(error("gcn_epoch/dense-67n-262e-35f-7c/f16").to_string(), "gcn_epoch has no cases in f16");
    assert!(matches!(error("matmul/2x2@2x2/i64"), CaseError::NoDtype { .. }));
}

#[test]
fn a_mode_is_offered_only_where_it_means_something() {
    let modes = |id: &str| describe(&id.parse().unwrap()).unwrap().modes;
    assert!(!modes("gcn_epoch/sparse-67n-262e-35f-7c/f32").contains(&Mode::Throughput));
    assert!(!modes("device_to_host/1MiB/f32").contains(&Mode::Transfer));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, rng_seed: proptest::test_runner::RngSeed::Fixed(1), ..ProptestConfig::default() })]

    /// Whatever stands in an id, reading it ends in a case or an error, and a case has that id again.
    #[test]
    fn any_label_is_a_case_or_an_error(
        workload in prop::sample::select(workloads().iter().map(|w| w.id).collect::<Vec<_>>()),
        label in "[0-9a-zx@.-]{1,24}",
    ) {
        let id = CaseId { workload: workload.to_owned(), label, dtype: DType::F32 };
        if let Ok(info) = describe(&id) {
            prop_assert_eq!(describe(&info.case).unwrap().case, info.case);
        }
    }

    /// Any product's shapes make an id that reads back, at every tier.
    #[test]
    fn any_product_keeps_fitting_together(dims in prop::array::uniform4(1usize..5000), batched in any::<bool>()) {
        let [batch, m, k, n] = dims;
        let b = if batched { format!("{batch}x{k}x{n}") } else { format!("{k}x{n}") };
        let id: CaseId = format!("matmul/{batch}x{m}x{k}@{b}/f32").parse().unwrap();
        let info = describe(&id).unwrap();
        prop_assert_eq!(&info.case, &id);
        for tier in Tier::ALL {
            prop_assert!(describe(info.at(tier)).is_ok());
        }
    }
}
