//! The tolerances tell right from wrong at the timed shapes too, in every dtype. At the lengths of the suites' sums, on random
//! terms and without a framework: what was added up in f32 and rounded once passes; zeros, the negated result, and one
//! that lacks an eighth of its terms do not. Layers and attention are in `tolerances`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::cast_precision_loss, reason = "lengths are far below 2^53")]

use chipmark_core::{CaseId, DType, Digest, Fill, HostData, HostTensor, Tolerance, compare};
use chipmark_workloads::{catalogue, describe};
use std::collections::BTreeMap;

/// What is added up, and how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sum {
    /// Products of numbers of either sign.
    Products(usize),
    /// Numbers of either sign, to so many sums.
    Numbers { length: usize, sums: usize },
    /// eˣ, of which each is a share.
    Shares(usize),
    /// Losses.
    Losses(usize),
}

fn dims(shape: &str) -> Vec<usize> {
    shape.split('x').map(|dim| dim.parse().unwrap()).collect()
}

/// The sum of a case, where it is no more than that.
fn sum_of(case: &CaseId) -> Option<Sum> {
    let (first, second) = case.label.split_once('@').unwrap_or((&case.label, ""));
    let (shape, axis) = first.split_once("-axis").unwrap_or((first, ""));
    let all = || dims(shape).iter().product();
    match case.workload.as_str() {
        "matmul" | "linear" => dims(first).last().map(|&k| Sum::Products(k)),
        "conv1d" | "conv2d" => Some(Sum::Products(dims(second)[1..].iter().product())),
        "sum" => {
            let length = dims(shape)[axis.parse::<usize>().unwrap()];
            Some(Sum::Numbers { length, sums: 64 })
        }
        "sum_all" => Some(Sum::Numbers { length: all(), sums: 1 }),
        "softmax" => dims(shape).last().map(|&length| Sum::Shares(length)),
        "bce" => Some(Sum::Losses(all())),
        _ => None,
    }
}

/// The sums of the suites, each with the tolerances that its cases have, one a dtype and case.
fn sums() -> BTreeMap<Sum, Vec<(CaseId, Tolerance)>> {
    let mut sums: BTreeMap<Sum, Vec<(CaseId, Tolerance)>> = BTreeMap::new();
    for suite in ["mlx-benchmark", "matmul-sweep", "layers"] {
        for info in catalogue(Some(suite)) {
            let Some(sum) = sum_of(&info.case) else { continue };
            for dtype in DType::TIMED {
                let case = CaseId { dtype, ..info.case.clone() };
                let tolerance = describe(&case).unwrap().tolerances[0];
                let all = sums.entry(sum).or_default();
                if all.iter().all(|(known, same)| known.dtype != dtype || *same != tolerance) {
                    all.push((case, tolerance));
                }
            }
        }
    }
    sums
}

/// One sum: in f64 in eight parts, of absolute values, in one f32 and in sixteen.
struct Added {
    parts: [f64; 8],
    absolute: f64,
    loop_f32: f64,
    blocked_f32: f64,
}

impl Added {
    #[expect(clippy::cast_possible_truncation, reason = "rounding is the purpose")]
    fn up(length: usize, mut term: impl FnMut() -> f64) -> Self {
        let (mut parts, mut absolute, mut single, mut lanes) = ([0.0; 8], 0.0, 0f32, [0f32; 16]);
        for i in 0..length {
            let term = term();
            parts[i * 8 / length] += term;
            absolute += term.abs();
            single += term as f32;
            lanes[i % 16] += term as f32;
        }
        let blocked_f32 = f64::from(lanes.iter().sum::<f32>());
        Added { parts, absolute, loop_f32: f64::from(single), blocked_f32 }
    }

    fn right(&self) -> f64 {
        self.parts.iter().sum()
    }

    /// Without so many eighths.
    fn without(&self, eighths: usize) -> f64 {
        self.parts[eighths..].iter().sum()
    }
}

/// The same outputs, done in several ways.
#[derive(Default)]
struct Ways {
    right: Vec<f64>,
    scale: Vec<f64>,
    loop_f32: Vec<f64>,
    blocked_f32: Vec<f64>,
    eighth_missing: Vec<f64>,
    half_missing: Vec<f64>,
}

impl Ways {
    /// Adds outputs made of a sum.
    fn add(&mut self, added: &Added, made: impl Fn(f64) -> f64) {
        self.right.push(made(added.right()));
        self.scale.push(made(added.absolute));
        self.loop_f32.push(made(added.loop_f32));
        self.blocked_f32.push(made(added.blocked_f32));
        self.eighth_missing.push(made(added.without(1)));
        self.half_missing.push(made(added.without(4)));
    }

    fn of(sum: Sum) -> Self {
        let mut fill = Fill::new(1, &format!("{sum:?}"));
        let mut ways = Ways::default();
        let mut signed = move || 2.0 * fill.unit() - 1.0;
        match sum {
            Sum::Products(length) => {
                for _ in 0..64 {
                    ways.add(&Added::up(length, || signed() * signed()), |sum| sum);
                }
            }
            Sum::Numbers { length, sums } => {
                // As the workload draws them: the mean of their sum is four of its deviations.
                let mean = 4.0 / (3.0 * length as f64).sqrt();
                for _ in 0..sums {
                    ways.add(&Added::up(length, || signed() + mean), |sum| sum);
                }
            }
            Sum::Shares(length) => {
                for _ in 0..16 {
                    let mut shown = Vec::new();
                    let added = Added::up(length, || {
                        let share = (4.0 * signed()).exp();
                        if shown.len() < 16 {
                            shown.push(share);
                        }
                        share
                    });
                    shown.iter().for_each(|share| ways.add(&added, |sum| share / sum));
                }
            }
            Sum::Losses(length) => {
                let loss = || {
                    let drawn = signed();
                    -(0.5 + 0.1 + 0.35 * drawn.abs()).ln()
                };
                ways.add(&Added::up(length, loss), |sum| sum / length as f64);
            }
        }
        ways
    }

    /// What of this a comparison lets pass.
    fn passing(&self, dtype: DType, tolerance: Tolerance) -> Vec<&'static str> {
        let digest = |values: &[f64], dtype| {
            [Digest::of(&HostTensor::new([values.len()], HostData::from_f64(values, dtype)).unwrap())]
        };
        let zeros = vec![0.0; self.right.len()];
        let negated: Vec<f64> = self.right.iter().map(|r| -r).collect();
        let ways = [
            ("in one f32", &self.loop_f32),
            ("in blocks of f32", &self.blocked_f32),
            ("zeros", &zeros),
            ("negated", &negated),
            ("without an eighth", &self.eighth_missing),
            ("without a half", &self.half_missing),
        ];
        let (right, scale) = (digest(&self.right, DType::F64), digest(&self.scale, DType::F64));
        let passes = |values: &[f64]| compare(&right, Some(&scale), &digest(values, dtype), &[tolerance]).passes();
        ways.into_iter().filter(|(_, values)| passes(values)).map(|(name, _)| name).collect()
    }
}

#[test]
fn at_the_timed_lengths_what_is_right_passes_and_nothing_else() {
    let sums = sums();
    assert!(sums.len() > 30, "{}", sums.len());
    for (sum, cases) in sums {
        let ways = Ways::of(sum);
        for (case, tolerance) in cases {
            let mut passing = ways.passing(case.dtype, tolerance);
            if matches!(sum, Sum::Numbers { sums: 1, .. }) && case.dtype != DType::F32 {
                // An eighth of numbers of either sign may add up to nothing, and there is one sum alone to tell by.
                passing.retain(|&way| way != "without an eighth");
            }
            assert_eq!(passing, ["in one f32", "in blocks of f32"], "{case}: {tolerance:?}");
        }
    }
}
