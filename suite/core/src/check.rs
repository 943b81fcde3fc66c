//! The numeric check: what is kept of an output, what tolerance a case has, and how far an output is off.
//!
//! Nobody but the framework's own process holds its outputs; what travels is a [`Digest`]: every element of a small
//! output, 256 seeded positions of a large one, and sums over all of it.

use crate::{DType, Fill, HostData, HostTensor, Shape};
use serde::{Deserialize, Serialize};

/// Outputs up to this many elements are kept whole.
pub const WHOLE: usize = 4096;

/// How many elements are kept of a larger one.
pub const SAMPLED: usize = 256;

/// What is kept of one output, in the workload's own layout.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Digest {
    /// The output's shape.
    pub shape: Shape,
    /// All elements if there are at most [`WHOLE`], otherwise those at [`sampled_positions`].
    #[serde(with = "crate::json_f64::vec")]
    pub values: Vec<f64>,
    /// The sum of all elements.
    #[serde(with = "crate::json_f64")]
    pub sum: f64,
    /// The sum of their absolute values.
    #[serde(with = "crate::json_f64")]
    pub abs_sum: f64,
    /// How many elements are not finite.
    pub non_finite: u64,
}

/// The positions kept of an output of `numel` elements: the same for every backend.
#[must_use]
pub fn sampled_positions(numel: usize) -> Vec<usize> {
    if numel <= WHOLE {
        return (0..numel).collect();
    }
    let mut fill = Fill::new(numel as u64, "digest");
    // The two ends are where an off-by-one shows.
    let mut positions = vec![0, numel - 1];
    positions.extend((2..SAMPLED).map(|_| fill.below(numel)));
    positions
}

impl Digest {
    /// Keeps what is needed of an output.
    #[must_use]
    pub fn of(output: &HostTensor) -> Self {
        let numel = output.data().len();
        let values = sampled_positions(numel).into_iter().filter_map(|i| output.data().get_f64(i)).collect();
        // One loop a dtype: a classic output has 10^9 elements.
        let (sum, abs_sum, non_finite) = match output.data() {
            HostData::F32(v) => sums(v, |&x| f64::from(x)),
            HostData::F16(v) => sums(v, |x| x.to_f64()),
            HostData::BF16(v) => sums(v, |x| x.to_f64()),
            HostData::F64(v) => sums(v, |&x| x),
            #[expect(clippy::cast_precision_loss, reason = "indices are far below 2^53")]
            HostData::I64(v) => sums(v, |&x| x as f64),
        };
        Digest { shape: output.shape().clone(), values, sum, abs_sum, non_finite }
    }
}

/// The sum of all elements, that of their absolute values, and how many are not finite.
fn sums<T>(elements: &[T], widen: impl Fn(&T) -> f64) -> (f64, f64, u64) {
    let (mut sum, mut abs_sum, mut non_finite) = (0.0, 0.0, 0);
    for value in elements.iter().map(widen) {
        sum += value;
        abs_sum += value.abs();
        non_finite += u64::from(!value.is_finite());
    }
    (sum, abs_sum, non_finite)
}

/// What the error of an element is measured against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scale {
    /// The op applied to the absolute values of its inputs: |A|·|B| for a product, the forward-error bound of any sum
    /// of products (Higham, Accuracy and Stability of Numerical Algorithms, 3.1). The reference computes it.
    AbsoluteInputs,
    /// The expected element itself: for results of one sign, without cancellation.
    Element,
    /// A fixed magnitude of one: for results that are of order one by nature.
    One,
}

/// How far an output may be off: |y − r| ≤ bound · scale + floor for every element; and, unless each is measured against itself
/// anyway, ‖y − r‖ ≤ [`MOST`] · ‖r‖ + summed · ‖scale‖ + ‖floor‖ for all that are kept of it.
///
/// The second is there for sums of either sign: they are smaller than their scale by the root of their length, so that at some
/// length any bound that follows the dtype is larger than the result itself, and zeros would pass.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Tolerance {
    /// The largest allowed ratio of error to scale.
    pub bound: f64,
    /// What the scale is.
    pub scale: Scale,
    /// What an element may be off whatever its scale: half the dtype's smallest positive value, since what is nearer to zero
    /// rounds to zero.
    pub floor: f64,
    /// What the bound would be if the case were in f32. No result is better than that, however small it happens to be.
    pub summed: f64,
}

/// No bound is larger, and no output may be off by more of itself. A sum of one sign of which an eighth is left out is off by more.
pub const MOST: f64 = 0.1;

/// The roundings of an op that are no sum, in unit round-offs.
pub const HANDFUL: f64 = 8.0;

impl Tolerance {
    /// Nothing but the same bits.
    pub const EXACT: Tolerance = Tolerance::new(0.0, Scale::One);

    /// A tolerance for every element, whatever the dtype, and none for all together.
    #[must_use]
    pub const fn new(bound: f64, scale: Scale) -> Self {
        Tolerance { bound, scale, floor: 0.0, summed: bound }
    }

    /// A tolerance of `bound`, which is a function of the unit round-off of what leaves an op.
    #[must_use]
    pub fn rounding(dtype: DType, scale: Scale, bound: impl Fn(f64) -> f64) -> Self {
        let [bound, summed] = [dtype.unit_roundoff(), accumulator(dtype)].map(bound);
        Tolerance { bound, scale, floor: dtype.smallest_positive() / 2.0, summed }
    }

    /// The tolerance of an op that reduces `length` terms of either sign: `8·u_out + 2·√length·u_acc`. The output is rounded in its
    /// dtype; sums are kept in f32 or better, and their rounding errors, of random sign, grow with the root of the length
    /// (Higham and Mary, SIAM J. Sci. Comput. 41, 2019, give λ·√n·u with probability 1 − 2·exp(−λ²/2); λ = 2 for each element).
    ///
    /// The eight are for the handful of roundings that are no sum, and let a framework pass that adds up a half dtype in itself:
    /// partial sums of random signs are small. That of k products of numbers uniform in [−1, 1) is about √k/3; each addition is
    /// off by 0.4·u of that in the root mean square, all together by 0.4·u·n/√18; the absolute values add up to n/4. So a plain
    /// loop is off by 0.4 units of theirs, whatever its length, until it is off by a tenth of itself ([`MOST`]).
    #[must_use]
    pub fn reduction(dtype: DType, length: usize, scale: Scale) -> Self {
        let sum = 2.0 * root(length) * accumulator(dtype);
        Tolerance::rounding(dtype, scale, |u| HANDFUL * u + sum)
    }

    /// The same, if the terms may all have one sign, or come again and again: `length·u_acc` on top, [`MOST`] together. The random
    /// model does not hold for such sums: in a single accumulator that has grown large, every small term is rounded away, and
    /// always downwards. What holds is the worst case (Higham, Accuracy and Stability of Numerical Algorithms, 4.2).
    #[must_use]
    pub fn one_sign(dtype: DType, length: usize, scale: Scale) -> Self {
        let random = Tolerance::reduction(dtype, length, scale);
        #[expect(clippy::cast_precision_loss, reason = "a length is far below 2^53")]
        let worst = length as f64 * accumulator(dtype);
        random.with(|bound| (bound + worst).min(MOST))
    }

    /// The same, for ops that frameworks compose of ops of the dtype and so add up in it: `2·√length·u_out` on top, [`MOST`]
    /// together. Such a framework passes while its sums are short, and not once they stall.
    #[must_use]
    pub fn composed(dtype: DType, length: usize, scale: Scale) -> Self {
        let once = Tolerance::one_sign(dtype, length, scale);
        let in_dtype = 2.0 * root(length) * dtype.unit_roundoff();
        Tolerance { bound: (once.bound + in_dtype).min(MOST), ..once }
    }

    /// Another bound made of this one, in the dtype and in f32.
    #[must_use]
    pub fn with(self, bound: impl Fn(f64) -> f64) -> Self {
        Tolerance { bound: bound(self.bound), summed: bound(self.summed), ..self }
    }
}

/// The unit round-off of what sums of a dtype are kept in: f32 or better.
fn accumulator(dtype: DType) -> f64 {
    dtype.unit_roundoff().min(DType::F32.unit_roundoff())
}

#[expect(clippy::cast_precision_loss, reason = "a length is far below 2^53")]
fn root(length: usize) -> f64 {
    (length as f64).sqrt()
}

/// The worst element of a comparison.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Worst {
    /// Which output.
    pub output: usize,
    /// Its row-major position.
    pub position: usize,
    /// What the reference has there.
    #[serde(with = "crate::json_f64")]
    #[cfg_attr(feature = "schema", schemars(schema_with = "crate::text_schema::float"))]
    pub expected: f64,
    /// What the backend has there.
    #[serde(with = "crate::json_f64")]
    #[cfg_attr(feature = "schema", schemars(schema_with = "crate::text_schema::float"))]
    pub got: f64,
}

/// How far a backend's outputs are off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Comparison {
    /// The largest ratio of error to scale.
    #[serde(with = "crate::json_f64")]
    #[cfg_attr(feature = "schema", schemars(schema_with = "crate::text_schema::float"))]
    pub error: f64,
    /// The largest that is allowed.
    #[serde(with = "crate::json_f64")]
    #[cfg_attr(feature = "schema", schemars(schema_with = "crate::text_schema::float"))]
    pub bound: f64,
    /// Where it is; `None` if every element is equal.
    pub worst: Option<Worst>,
    /// What else is wrong: shapes, or sums. Such a result fails whatever its error.
    pub mismatch: Option<String>,
}

impl Comparison {
    /// Whether the outputs are right.
    #[must_use]
    pub fn passes(&self) -> bool {
        self.mismatch.is_none() && self.error <= self.bound
    }

    fn mismatch(bound: f64, what: String) -> Self {
        Comparison { error: f64::INFINITY, bound, worst: None, mismatch: Some(what) }
    }
}

/// Compares a backend's outputs with the expected ones, each under its own tolerance; where there are more outputs, as of
/// several calls, the tolerances are taken in turn again. `scales` are the digests of the same step on absolute inputs,
/// where a tolerance asks for them ([`Scale::AbsoluteInputs`]); without them the expected element serves.
///
/// The error and bound reported are those of the element that comes closest to its bound, or exceeds it most.
#[must_use]
pub fn compare(expected: &[Digest], scales: Option<&[Digest]>, got: &[Digest], tolerances: &[Tolerance]) -> Comparison {
    let Some(&first) = tolerances.first() else {
        return Comparison::mismatch(0.0, "no tolerance is stated".to_owned());
    };
    if expected.len() != got.len() {
        return Comparison::mismatch(first.bound, format!("{} outputs instead of {}", got.len(), expected.len()));
    }
    let mut result = Comparison { error: 0.0, bound: first.bound, worst: None, mismatch: None };
    let mut worst_share = 0.0;
    for (output, ((want, have), &tolerance)) in expected.iter().zip(got).zip(tolerances.iter().cycle()).enumerate() {
        if want.shape != have.shape || want.values.len() != have.values.len() {
            let what = format!("shape {} instead of {}", have.shape, want.shape);
            return Comparison::mismatch(tolerance.bound, what);
        }
        let scale_digest = scales.and_then(|s| s.get(output));
        let positions = sampled_positions(want.shape.numel());
        let mut all = Norms::default();
        for (i, (&r, &y)) in want.values.iter().zip(&have.values).enumerate() {
            let scale = match tolerance.scale {
                Scale::AbsoluteInputs => scale_digest.and_then(|s| s.values.get(i)).map_or(r.abs(), |s| s.abs()),
                Scale::Element => r.abs(),
                Scale::One => 1.0,
            };
            let error = error_ratio(y, r, scale, tolerance.floor);
            all.add(y, r, scale);
            // With a bound of zero any error at all is infinitely far beyond it.
            let share = if error == 0.0 { 0.0 } else { error / tolerance.bound };
            if share > worst_share {
                worst_share = share;
                let position = positions.get(i).copied().unwrap_or(i);
                result.error = error;
                result.bound = tolerance.bound;
                result.worst = Some(Worst { output, position, expected: r, got: y });
            }
        }
        let mismatch = whole_output_mismatch(output, want, have, scale_digest, tolerance);
        if let Some(what) = mismatch.or_else(|| all.mismatch(output, tolerance)) {
            result.mismatch.get_or_insert(what);
        }
    }
    result
}

/// Sums of squares over the elements that are kept of an output, where they are finite.
#[derive(Debug, Clone, Copy, Default)]
struct Norms {
    count: f64,
    errors: f64,
    expected: f64,
    scales: f64,
}

impl Norms {
    fn add(&mut self, y: f64, r: f64, scale: f64) {
        if y.is_finite() && r.is_finite() && scale.is_finite() {
            self.count += 1.0;
            self.errors += (y - r) * (y - r);
            self.expected += r * r;
            self.scales += scale * scale;
        }
    }

    /// What every element may be off and all of them together may not: a result that is small beside its scale, and wrong.
    fn mismatch(self, output: usize, tolerance: Tolerance) -> Option<String> {
        if tolerance.scale == Scale::Element {
            return None;
        }
        let [errors, expected, scales, count] = [self.errors, self.expected, self.scales, self.count].map(f64::sqrt);
        let off = errors > MOST * expected + tolerance.summed * scales + tolerance.floor * count;
        off.then(|| {
            format!("the elements of output {output} together are off by {errors:.1e}, and they are {expected:.1e}")
        })
    }
}

/// What the sampled elements can miss and counts and sums over the whole output cannot: a wrong region.
fn whole_output_mismatch(
    output: usize,
    want: &Digest,
    have: &Digest,
    scale: Option<&Digest>,
    tolerance: Tolerance,
) -> Option<String> {
    if want.non_finite != have.non_finite {
        let (got, expected) = (have.non_finite, want.non_finite);
        return Some(format!("{got} elements of output {output} are not finite instead of {expected}"));
    }
    // The error of a sum is at most the sum of the errors.
    #[expect(clippy::cast_precision_loss, reason = "a count of elements is far below 2^53")]
    let numel = want.shape.numel() as f64;
    let sum_scale = match (tolerance.scale, scale) {
        (Scale::One, _) => numel,
        (Scale::AbsoluteInputs, Some(scale)) => scale.abs_sum,
        _ => want.abs_sum,
    };
    let floor = tolerance.floor * numel;
    let off = want.non_finite == 0 && error_ratio(have.sum, want.sum, sum_scale, floor) > tolerance.bound;
    off.then(|| format!("the elements of output {output} add up to {:e} instead of {:e}", have.sum, want.sum))
}

/// |y − r| / scale. Equal values, infinities too, have no error, and neither has a NaN that is expected; an unexpected
/// one is infinitely wrong.
fn error_ratio(y: f64, r: f64, scale: f64, floor: f64) -> f64 {
    if y == r || (y.is_nan() && r.is_nan()) || (y - r).abs() <= floor {
        return 0.0;
    }
    let ratio = ((y - r).abs() - floor) / scale;
    if ratio.is_nan() || scale <= 0.0 { f64::INFINITY } else { ratio }
}
