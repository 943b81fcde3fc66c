//! The classic suite: that it has the cases it says, and of each of its workloads the costs, the tiers, the inputs and what is
//! said of a label that does not fit. No framework is needed for any of it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use chipmark_core::{CaseId, ConvLayout, Cost, DType, Fill, HostData, HostTensor, Mode, Tier};
use chipmark_workloads::{Suite, Visitor, Workload, catalogue, describe, visit};
use std::collections::BTreeSet;

/// The labels of every workload of the suite, as the public one has them.
const CASES: [(&str, &[&str]); 23] = [
    ("argmax", &["64x1024x128-axis0", "64x1024x128-axis1", "64x1024x128-axis2", "64x128x1024-axis2"]),
    ("bce", &["1000000", "100000x32", "100000x64x2", "128x100000"]),
    (
        "concat",
        &[
            "1000000x64@1000000x32-axis1",
            "1000000x64@1000000x128-axis1",
            "1000000x64@1000000x64-axis0",
            "64x1000000@64x1000000-axis0",
        ],
    ),
    ("conv1d", &["100x256x3@8x3x3", "100x256x256@8x3x256", "16x1000x80@128x11x80", "16x1000x3@128x11x3"]),
    (
        "conv2d",
        &[
            "100x256x256x3@8x3x3x3",
            "10x256x256x12@8x3x3x12",
            "1x256x256x128@8x3x3x128",
            "100x28x28x3@8x3x3x3",
            "1000x28x28x3@8x3x3x3",
        ],
    ),
    ("gather", &["64x256@10", "64x256@1000", "64x256@1000000", "1024x32@10", "1024x32@1000", "1024x32@1000000"]),
    ("layer_norm", &["64x128x1024", "128x64x1024"]),
    ("leaky_relu", ACTIVATIONS),
    (
        "linear",
        &[
            "100x1024x32@32x1024",
            "100x1024x64@64x1024",
            "100x1024x256@256x1024",
            "100x1024x512@512x1024",
            "100x1x51200@51200x1",
        ],
    ),
    (
        "matmul",
        &[
            "32x1x1000@32x1000x128",
            "1000x64x256@256x32",
            "1000x64x1024@1000x1024x32",
            "1000x1024x64@1000x64x256",
            "64x1000000@1000000x32",
            "1000000x64@64x1024",
        ],
    ),
    ("prelu", ACTIVATIONS),
    ("relu", ACTIVATIONS),
    ("scatter", SCATTERS),
    ("scatter_max", SCATTERS),
    ("scatter_sum", SCATTERS),
    (
        "sdpa",
        &[
            "64x8x16x1024@64x8x16x1024",
            "64x8x16x1024@64x8x64x1024",
            "64x16x16x1024@64x16x16x1024",
            "64x16x16x1024@64x16x64x1024",
        ],
    ),
    ("selu", ACTIVATIONS),
    ("sigmoid", ACTIVATIONS),
    ("softmax", &["64x1000000", "1000000x64", "64x16x32x1024", "128x16x32x1024", "1024x16x32x128", "1024x64x32x8"]),
    ("softplus", ACTIVATIONS),
    ("sort", &["64x128x1024-axis0", "64x128x1024-axis1", "64x128x1024-axis2"]),
    ("sum", &["64x128x128x128-axis0", "64x128x128x128-axis1", "64x128x128x128-axis2", "64x128x128x128-axis3"]),
    ("sum_all", &["64x128x128x128", "1000000", "1000000x128", "128x1000000"]),
];
const ACTIVATIONS: &[&str] = &["128x16x1024", "64x128x1024"];
const SCATTERS: &[&str] = &["64x16@10", "64x16@1000", "64x16@1000000", "1024x32@10", "1024x32@1000", "1024x32@1000000"];

fn cost(id: &str) -> Cost {
    describe(&id.parse().unwrap()).unwrap().cost
}

fn at(id: &str, tier: Tier) -> String {
    describe(&id.parse().unwrap()).unwrap().at(tier).label.clone()
}

fn error(id: &str) -> String {
    describe(&id.parse().unwrap()).unwrap_err().to_string()
}

/// The inputs of a case, in channels-last layout.
fn inputs(id: &str) -> Vec<HostTensor> {
    struct Inputs;
    impl Visitor for Inputs {
        type Output = Vec<HostTensor>;

        fn visit<W: Workload>(self, workload: &W) -> Self::Output {
            workload.inputs(&mut Fill::new(1, &workload.fill_key()), ConvLayout::ChannelsLast).unwrap()
        }
    }
    visit(&id.parse().unwrap(), Inputs).unwrap()
}

/// An index tensor's elements.
fn index(tensor: &HostTensor) -> Vec<usize> {
    let HostData::I64(index) = tensor.data() else { panic!("{} is no index", tensor.dtype()) };
    index.iter().map(|&i| usize::try_from(i).unwrap()).collect()
}

/// A matrix's rows.
fn rows(tensor: &HostTensor) -> Vec<Vec<f64>> {
    tensor.to_f64().chunks(tensor.shape()[1]).map(<[f64]>::to_vec).collect()
}

#[test]
fn the_suite_has_the_cases_of_the_public_one() {
    let suite: Vec<CaseId> = catalogue(Some("mlx-benchmark")).into_iter().map(|info| info.case).collect();
    let found: BTreeSet<String> = suite.iter().map(ToString::to_string).collect();
    let wanted: BTreeSet<String> = CASES
        .iter()
        .flat_map(|(workload, labels)| labels.iter().map(move |label| format!("{workload}/{label}/f32")))
        .collect();
    assert_eq!(found, wanted);
    assert_eq!((suite.len(), wanted.len()), (91, 91), "each once");
    let selects = Suite::find("mlx-benchmark").unwrap().select;
    assert!(selects.iter().all(|select| select.modes.as_deref() == Some(&[Mode::Latency])));
}

#[test]
fn costs_of_arithmetic_are_those_counted_by_hand() {
    // 14 outputs a signal and filter, each of 3·5 products.
    let conv = cost("conv1d/2x16x5@7x3x5/f32");
    assert_eq!((conv.flop, conv.bytes), (2 * 2 * 14 * 7 * 15, 4 * (2 * 16 * 5 + 7 * 3 * 5 + 2 * 14 * 7)));
    // Eight operations an element and one division; two tensors in, one number out.
    let bce = cost("bce/10x3/f16");
    assert_eq!((bce.flop, bce.bytes), (8 * 30 + 1, 2 * (30 + 30 + 1)));
    // The largest, a difference, its exponential, the sum and a quotient.
    assert_eq!(cost("softmax/10x20/bf16"), Cost::streaming(5 * 200, 400, 400));
    let norm = cost("layer_norm/6x10/f32");
    assert_eq!((norm.flop, norm.bytes), (5 * 60, 4 * 120));
    // 2·6 heads, 3 queries, 4 keys: 144 pairs, each of two products of length 5 and seven more operations. q and the result
    // have 180 elements, k and v 2·2·4·5, the mask 12.
    let sdpa = cost("sdpa/2x6x3x5@2x2x4x5/f32");
    assert_eq!((sdpa.flop, sdpa.bytes), (144 * 27, 4 * (180 + 2 * 80 + 12 + 180)));
    // And the scores in between.
    assert_eq!(sdpa.working_set_bytes, sdpa.bytes + 4 * 144);
    assert_eq!(cost("sum/4x5x6-axis1/bf16"), Cost::streaming(120, 240, 48));
    assert_eq!(cost("sum_all/4x5x6/f32"), Cost::streaming(120, 480, 4));
    for (name, flop) in [("relu", 1), ("leaky_relu", 2), ("prelu", 2), ("selu", 4), ("sigmoid", 3), ("softplus", 3)] {
        let slopes = if name == "prelu" { 4 } else { 0 };
        assert_eq!(cost(&format!("{name}/3x7/f32")), Cost::streaming(flop * 21, 84 + slopes, 84), "{name}");
    }
}

#[test]
fn costs_of_moving_and_choosing_are_those_counted_by_hand() {
    // A comparison an element; 24 indices of eight bytes.
    assert_eq!(cost("argmax/4x5x6-axis1/f16"), Cost::streaming(120, 240, 192));
    assert_eq!(cost("sort/4x5x6-axis1/f32"), Cost::streaming(0, 480, 480));
    assert_eq!(cost("concat/4x5@4x3-axis1/f32"), Cost::streaming(0, 128, 128));
    // A matrix of 6·7, an index of 10, and ten rows out; then ten rows in and the matrix out.
    assert_eq!(cost("gather/6x7@10/f32"), Cost::streaming(0, 4 * 42 + 80, 4 * 70));
    assert_eq!(cost("scatter/6x7@10/f32"), Cost::streaming(0, 4 * 70 + 80 + 4 * 42, 4 * 42));
    assert_eq!(cost("scatter_sum/6x7@10/bf16"), Cost::streaming(70, 2 * 70 + 80 + 2 * 42, 2 * 42));
    assert_eq!(cost("scatter_max/6x7@10/f32"), Cost::streaming(70, 4 * 70 + 80 + 4 * 42, 4 * 42));
}

#[test]
fn smaller_cases_keep_what_makes_them() {
    // Equal dimensions stay equal, and an index that names rows more than once still does.
    assert_eq!(at("scatter_sum/64x16@1000000/f32", Tier::Tiny), "11x9@24");
    assert_eq!(at("gather/1024x32@1000000/f32", Tier::Tiny), "15x10@24");
    assert_eq!(at("sum/64x128x128x128-axis2/f32", Tier::Tiny), "11x12x12x12-axis2");
    assert_eq!(at("concat/64x1000000@64x1000000-axis0/f32", Tier::Tiny), "11x24@11x24-axis0");
    assert_eq!(at("concat/1000000x64@1000000x32-axis1/f32", Tier::Tiny), "24x11@24x10-axis1");
    assert_eq!(at("conv1d/16x1000x80@128x11x80/f32", Tier::Tiny), "9x14x11@12x8x11");
    assert_eq!(at("sdpa/64x16x16x1024@64x16x64x1024/f32", Tier::Tiny), "11x9x9x7@11x9x11x7");
    // 32 heads share 8 of k and v, four to one, at every size.
    assert_eq!(at("sdpa/64x32x16x1024@64x8x64x1024/f32", Tier::Tiny), "5x32x9x7@5x8x11x7");
    assert_eq!(at("sdpa/64x32x16x1024@64x8x64x1024/f32", Tier::Small), "1x32x16x1024@1x8x64x1024");
    // The index is what is shortened, the matrix stays; the axis stays, the rest gives way.
    assert_eq!(at("gather/64x256@1000000/f32", Tier::Small), "64x256@7812");
    assert_eq!(at("scatter/1024x32@1000/f32", Tier::Small), "1024x32@1000");
    assert_eq!(at("concat/1000000x64@1000000x128-axis1/f32", Tier::Small), "7812x64@7812x128-axis1");
    assert_eq!(at("concat/64x1000000@64x1000000-axis0/f32", Tier::Small), "64x15625@64x15625-axis0");
    assert_eq!(at("sort/64x128x1024-axis0/f32", Tier::Small), "64x32x1024-axis0");
    assert_eq!(at("layer_norm/64x128x1024/f32", Tier::Small), "16x128x1024");
    assert_eq!(at("sum_all/128x1000000/f32", Tier::Small), "2x1000000");
    assert_eq!(at("conv1d/16x1000x80@128x11x80/f32", Tier::Small), "1x1000x80@128x11x80");
}

#[test]
fn what_does_not_fit_is_said_in_one_clear_line() {
    for (id, why) in [
        ("argmax/4x5/f32", "'4x5' does not say along which axis: write it like 64x128-axis1"),
        ("sort/4x5-axisx/f32", "'x' is no axis"),
        ("sum/4x5-axis2/f32", "a shape with 2 dimensions has no axis 2"),
        ("concat/4x5@4x6/f32", "'4x5@4x6' does not say along which axis: write it like 64x32@64x16-axis1"),
        ("concat/4x5@4x6-axis0/f32", "4x5 and 4x6 differ in more than axis 0"),
        ("concat/4x5@4x5x1-axis0/f32", "4x5 and 4x5x1 differ in more than axis 0"),
        ("concat/4x5@4x5-axis2/f32", "a shape with 2 dimensions has no axis 2"),
        ("conv1d/2x8x3@4x3x2/f32", "the signals have 3 channels and the filters 2"),
        ("conv1d/2x8x3@4x9x3/f32", "the filters are longer than the signals"),
        ("conv1d/2x8x3x1@4x3x3/f32", "signals and filters have three dimensions each, NLC@OKI"),
        ("gather/64x256/f32", "'64x256' is no matrix and index length: write it like 64x256@1000"),
        ("scatter/64@10/f32", "'64@10' is no matrix and index length: write it like 64x256@1000"),
        ("scatter_max/64x2@10x2/f32", "'64x2@10x2' is no matrix and index length: write it like 64x256@1000"),
        ("layer_norm/64x1/f32", "the last axis of 64x1 has one element, whose norm is zero whatever it is"),
        ("sdpa/2x3x4@2x3x4/f32", "q and k have four dimensions each, such as 64x8x16x1024@64x8x64x1024"),
        ("sdpa/2x3x4x5@1x3x4x5/f32", "the first dimensions of 2x3x4x5 and 1x3x4x5, or the last, differ"),
        ("sdpa/2x3x4x5@2x3x4x6/f32", "the first dimensions of 2x3x4x5 and 2x3x4x6, or the last, differ"),
        ("sdpa/2x3x4x5@2x2x4x5/f32", "3 heads of q cannot share 2 of k and v"),
        ("bce/0x3/f32", "'0x3' is not a shape: write it like 64x128, each dimension at least 1"),
    ] {
        let (workload, label) = id.rsplit_once('/').unwrap().0.split_once('/').unwrap();
        assert_eq!(error(id), format!("{workload}: '{label}' does not fit: {why}"));
    }
}

#[test]
fn the_largest_of_a_lane_is_alone_in_every_dtype() {
    for dtype in DType::TIMED {
        // The axis in the middle: lanes lie five apart.
        let x = &inputs(&format!("argmax/6x300x5-axis1/{dtype}"))[0];
        let values = x.to_f64();
        let places: Vec<usize> = (0..6)
            .flat_map(|block| (0..5).map(move |lane| (block, lane)))
            .map(|(block, lane)| {
                let lane: Vec<f64> = (0..300).map(|i| values[(block * 300 + i) * 5 + lane]).collect();
                let largest = lane.iter().copied().fold(f64::MIN, f64::max);
                let at: Vec<usize> = (0..300).filter(|&i| lane[i] >= largest).collect();
                assert_eq!(at.len(), 1, "{dtype}: {largest} is there more than once");
                at[0]
            })
            .collect();
        assert!(places.iter().collect::<BTreeSet<_>>().len() > 20, "{dtype}: all in the same places: {places:?}");
    }
}

#[test]
fn probabilities_are_never_certain_and_both_targets_are_there() {
    for dtype in DType::TIMED {
        let tensors = inputs(&format!("bce/50000/{dtype}"));
        let (p, t) = (tensors[0].to_f64(), tensors[1].to_f64());
        let unit = dtype.unit_roundoff();
        assert!(p.iter().all(|p| *p >= 0.05 - unit && *p <= 0.95 + unit && 1.0 - p > unit), "{dtype}");
        assert!(p.iter().zip(&t).all(|(p, t)| *t == f64::from(u8::from(*p > 0.5))), "{dtype}");
        let ones = t.iter().sum::<f64>();
        assert!((24_000.0..26_000.0).contains(&ones), "{dtype}: {ones}");
    }
}

#[test]
fn sources_are_rows_of_the_matrix_and_one_place_is_set_to_one_row() {
    let tensors = inputs("scatter/20x3@200/f16");
    let (source, places, x) = (rows(&tensors[0]), index(&tensors[1]), rows(&tensors[2]));
    for (row, place) in source.iter().zip(&places) {
        assert!(x.contains(row));
        let first = places.iter().position(|other| other == place).unwrap();
        assert_eq!(*row, source[first]);
    }
    let moved = source.iter().zip(&places).filter(|(row, place)| **row != x[**place]).count();
    assert!(moved > 100, "a discarded scatter would leave {moved} of 200 wrong");
}

#[test]
fn reduced_sources_are_drawn_apart_from_their_places_and_meet_zeros() {
    for workload in ["scatter_sum", "scatter_max"] {
        let tensors = inputs(&format!("{workload}/20x3@200/f32"));
        let (source, places) = (rows(&tensors[0]), index(&tensors[1]));
        let first: Vec<&Vec<f64>> =
            source.iter().zip(&places).filter(|(_, place)| **place == places[0]).map(|p| p.0).collect();
        assert!(first.iter().any(|row| **row != *first[0]), "{workload}: one row for a place");
        let distinct: BTreeSet<String> = source.iter().map(|row| format!("{row:?}")).collect();
        assert!((15..=20).contains(&distinct.len()), "{workload}: {} different rows of 20", distinct.len());
        assert!(tensors[2].to_f64().iter().all(|value| *value == 0.0), "{workload}");
    }
}

#[test]
fn the_mask_lets_a_query_see_the_keys_up_to_its_own() {
    for dtype in DType::TIMED {
        let tensors = inputs(&format!("sdpa/1x2x3x4@1x1x5x4/{dtype}"));
        let (o, x) = (0.0, f64::NEG_INFINITY);
        assert_eq!(rows(&tensors[3]), [[o, x, x, x, x], [o, o, x, x, x], [o, o, o, x, x]], "{dtype}");
    }
}
