//! The numeric check: what passes, what fails, and what is said of it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use chipmark_core::check::{MOST, SAMPLED, Scale, WHOLE, sampled_positions};
use chipmark_core::{DType, Digest, HostData, HostTensor, Tolerance, compare};
use proptest::prelude::*;

fn digest(shape: &[usize], values: &[f64]) -> Digest {
    Digest::of(&HostTensor::new(shape, HostData::F64(values.to_vec())).unwrap())
}

fn bound(bound: f64, scale: Scale) -> [Tolerance; 1] {
    [Tolerance::new(bound, scale)]
}

#[test]
fn the_scale_decides_what_an_error_is() {
    let (want, have) = ([digest(&[2], &[100.0, -1.0])], [digest(&[2], &[100.5, -1.0])]);
    let error = |scale, scales: Option<&[Digest]>| compare(&want, scales, &have, &bound(1.0, scale)).error;
    assert_eq!(error(Scale::One, None), 0.5);
    assert_eq!(error(Scale::Element, None), 0.005);
    assert_eq!(error(Scale::AbsoluteInputs, Some(&[digest(&[2], &[1000.0, 1.0])])), 0.0005);
}

#[test]
fn the_worst_element_is_named() {
    let want = [digest(&[2, 2], &[1.0, 2.0, 3.0, 4.0])];
    let have = [digest(&[2, 2], &[1.0, 2.0, 3.5, 4.1])];
    let comparison = compare(&want, None, &have, &bound(0.01, Scale::Element));
    assert!(!comparison.passes());
    let worst = comparison.worst.unwrap();
    assert_eq!((worst.output, worst.position, worst.expected, worst.got), (0, 2, 3.0, 3.5));
}

#[test]
fn nan_and_infinity_are_right_only_where_expected() {
    let passes = |want: f64, have: f64| {
        let compared = compare(&[digest(&[1], &[want])], None, &[digest(&[1], &[have])], &bound(1.0, Scale::One));
        compared.passes()
    };
    assert!(passes(f64::NAN, f64::NAN));
    assert!(passes(f64::NEG_INFINITY, f64::NEG_INFINITY));
    assert!(!passes(0.0, f64::NAN));
    assert!(!passes(f64::NAN, 0.0));
    assert!(!passes(f64::INFINITY, f64::NEG_INFINITY));
    assert!(!passes(0.0, f64::INFINITY));
}

#[test]
fn shapes_and_counts_of_outputs_must_agree() {
    let one = digest(&[2], &[1.0, 2.0]);
    let tolerances = bound(1.0, Scale::One);
    let turned = compare(&[digest(&[1, 2], &[1.0, 2.0])], None, std::slice::from_ref(&one), &tolerances);
    assert_eq!(turned.mismatch.as_deref(), Some("shape 2 instead of 1x2"));
    let missing = compare(&[one.clone(), one.clone()], None, std::slice::from_ref(&one), &tolerances);
    assert_eq!(missing.mismatch.as_deref(), Some("1 outputs instead of 2"));
    assert!(
        !compare(std::slice::from_ref(&one), None, std::slice::from_ref(&one), &[]).passes(),
        "no tolerance passes nothing"
    );
}

#[test]
fn each_output_has_its_own_tolerance_and_each_call_the_same_ones() {
    let outputs = |values: [f64; 4]| values.map(|value| digest(&[1], &[value]));
    let tolerances = [Tolerance::new(0.1, Scale::One), Tolerance::new(0.5, Scale::One)];
    let passes = |have| compare(&outputs([1.0; 4]), None, &outputs(have), &tolerances).passes();
    assert!(passes([1.0, 1.3, 1.0, 1.3]));
    assert!(!passes([1.3, 1.0, 1.0, 1.0]));
    assert!(!passes([1.0, 1.3, 1.3, 1.0]));
}

#[test]
fn a_wrong_region_between_the_samples_shows_in_the_sum() {
    let n = 10 * WHOLE;
    let right: Vec<f64> = (0..n).map(|i| 1.0 + (i % 7) as f64).collect();
    let positions = sampled_positions(n);
    assert_eq!(positions.len(), SAMPLED);
    let mut wrong = right.clone();
    for (i, value) in wrong.iter_mut().enumerate().filter(|(i, _)| !positions.contains(i)) {
        *value = if i % 100 == 0 { 0.0 } else { *value };
    }
    let comparison = compare(&[digest(&[n], &right)], None, &[digest(&[n], &wrong)], &bound(1e-4, Scale::Element));
    assert!(comparison.worst.is_none(), "no sampled element is off");
    assert!(comparison.mismatch.unwrap().contains("add up to"));
}

#[test]
fn what_underflows_in_the_dtype_is_no_error() {
    // A large softmax in f16: 1e-8 is nearer to zero than to f16's smallest positive value.
    let tolerances = [Tolerance::reduction(DType::F16, 8, Scale::Element)];
    let passes = |r: f64, y: f64| compare(&[digest(&[1], &[r])], None, &[digest(&[1], &[y])], &tolerances).passes();
    assert!(passes(1.02e-8, 0.0));
    assert!(!passes(1.02e-6, 0.0));
}

#[test]
fn a_tolerance_follows_dtype_and_length() {
    let at = |dtype, n| Tolerance::reduction(dtype, n, Scale::Element).bound;
    assert_eq!(at(DType::F32, 16), 16.0 * 2f64.powi(-24));
    // The output is rounded in the dtype, and the sum in f32.
    assert_eq!(at(DType::BF16, 16), 8.0 * 2f64.powi(-8) + 8.0 * 2f64.powi(-24));
    assert_eq!(at(DType::F16, 1 << 20), 8.0 * 2f64.powi(-11) + 2048.0 * 2f64.powi(-24));
}

#[test]
fn a_result_that_is_small_beside_its_scale_is_held_to_its_own_size_too() {
    // 10^6 products: results of hundreds beside 2.5·10^5 of absolute values. bf16's bound alone would let zeros pass.
    let tolerance = Tolerance::reduction(DType::BF16, 1_000_000, Scale::AbsoluteInputs);
    let scales = [digest(&[3], &[2.5e5; 3])];
    let right = [300.0, -600.0, 300.0];
    let of = |share: f64| {
        let got = [digest(&[3], &right.map(|r| share * r))];
        compare(&[digest(&[3], &right)], Some(&scales), &got, &[tolerance])
    };
    assert!(of(1.01).passes());
    for share in [0.0, -1.0, 0.5] {
        let comparison = of(share);
        assert!(comparison.error < comparison.bound, "{share}: {comparison:?}");
        assert!(comparison.mismatch.unwrap().contains("together are off by"), "{share}");
    }
    // In f32 the bound follows the accumulator, and is enough. And what is as good as f32 passes, however small the result.
    let near_zero = [digest(&[1], &[0.01])];
    let off = compare(&near_zero, Some(&[digest(&[1], &[2.5e5])]), &[digest(&[1], &[0.02])], &[tolerance]);
    assert!(off.passes(), "{off:?}");
}

#[test]
fn a_sum_of_one_sign_is_held_to_the_worst_case_of_an_f32_accumulator() {
    let at = |dtype, n| Tolerance::one_sign(dtype, n, Scale::Element).bound;
    // Of random signs 8 + 2·√n units, and one a term.
    assert_eq!(at(DType::F32, 16), 32.0 * 2f64.powi(-24));
    assert_eq!(at(DType::BF16, 1 << 16), 8.0 * 2f64.powi(-8) + (512.0 + 65536.0) * 2f64.powi(-24));
    // What an op is composed of may add up in the dtype.
    let composed = |dtype, n| Tolerance::composed(dtype, n, Scale::Element).bound;
    assert_eq!(composed(DType::F16, 16), at(DType::F16, 16) + 8.0 * 2f64.powi(-11));
    // But nothing may be off by a tenth.
    assert_eq!([at(DType::F32, 1 << 24), composed(DType::BF16, 1 << 10)], [MOST, MOST]);
}

#[test]
fn a_digest_survives_json_whatever_it_holds() {
    let digest = digest(&[4], &[f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.1]);
    let text = serde_json::to_string(&digest).unwrap();
    let back: Digest = serde_json::from_str(&text).unwrap();
    assert!(back.values[0].is_nan());
    assert_eq!(back.values[1..], digest.values[1..]);
    assert_eq!(back.non_finite, 3);
    assert!(serde_json::from_str::<Digest>(&text.replace("\"-inf\"", "\"-info\"")).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: proptest::test_runner::RngSeed::Fixed(1), ..ProptestConfig::default() })]

    /// Equal outputs pass the strictest tolerance, and one changed element fails it, wherever it is.
    #[test]
    fn exact_means_exact(values in prop::collection::vec(-1e6f64..1e6, 1..200), at in any::<prop::sample::Index>()) {
        let shape = [values.len()];
        let want = [digest(&shape, &values)];
        prop_assert!(compare(&want, None, &want, &[Tolerance::EXACT]).passes());
        let mut changed = values;
        let at = at.index(changed.len());
        changed[at] += 1.0;
        let comparison = compare(&want, None, &[digest(&shape, &changed)], &[Tolerance::EXACT]);
        prop_assert!(!comparison.passes());
        prop_assert_eq!(comparison.worst.map(|w| w.position), Some(at));
    }
}
