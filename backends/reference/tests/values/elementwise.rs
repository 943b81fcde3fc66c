//! Elementwise ops.

use crate::support::{assert_near, floats, indices, read, reference};
use chipmark_core::ops::elementwise::Elementwise;

#[test]
fn arithmetic_broadcasts_as_numpy_does() {
    let b = reference();
    let column = floats(&b, &[2, 1], &[6.0, -8.0]);
    let row = floats(&b, &[3], &[1.0, 2.0, -4.0]);
    let shape = vec![2, 3];
    assert_eq!(read(&b, b.add(&column, &row)), (shape.clone(), vec![7.0, 8.0, 2.0, -7.0, -6.0, -12.0]));
    assert_eq!(read(&b, b.sub(&column, &row)), (shape.clone(), vec![5.0, 4.0, 10.0, -9.0, -10.0, -4.0]));
    assert_eq!(read(&b, b.sub(&row, &column)), (shape.clone(), vec![-5.0, -4.0, -10.0, 9.0, 10.0, 4.0]));
    assert_eq!(read(&b, b.mul(&column, &row)), (shape.clone(), vec![6.0, 12.0, -24.0, -8.0, -16.0, 32.0]));
    assert_eq!(read(&b, b.div(&column, &row)), (shape, vec![6.0, 3.0, -1.5, -8.0, -4.0, 2.0]));
    let scalar = floats(&b, &[], &[2.0]);
    assert_eq!(read(&b, b.mul(&scalar, &scalar)), (vec![], vec![4.0]));
    assert_eq!(read(&b, b.mul(&scalar, &row)), (vec![3], vec![2.0, 4.0, -8.0]));
}

#[test]
fn one_operand_arithmetic() {
    let b = reference();
    let x = floats(&b, &[4], &[-2.0, 0.0, 2.25, f64::NAN]);
    let affine = read(&b, b.affine(&x, -3.0, 0.5)).1;
    assert_eq!(affine[..3], [6.5, 0.5, -6.25]);
    let relu = read(&b, b.relu(&x)).1;
    assert_eq!(relu[..3], [0.0, 0.0, 2.25]);
    assert!(relu[3].is_nan(), "relu must not hide a NaN");
    assert_eq!(read(&b, b.sqrt(&x)).1[1..3], [0.0, 1.5]);
    assert!(read(&b, b.sqrt(&x)).1[0].is_nan());
}

#[test]
fn activations_with_a_slope_below_zero() {
    let b = reference();
    let x = floats(&b, &[4], &[-2.0, 0.0, 3.0, f64::NAN]);
    let leaky = read(&b, b.leaky_relu(&x, 0.01)).1;
    assert_eq!(leaky[..3], [-0.02, 0.0, 3.0]);
    assert!(leaky[3].is_nan(), "leaky_relu must not hide a NaN");
    let learned = floats(&b, &[1], &[0.25]);
    assert_eq!(read(&b, b.prelu(&x, &learned)).1[..3], [-0.5, 0.0, 3.0]);
    assert_eq!(read(&b, b.prelu(&floats(&b, &[], &[-8.0]), &learned)), (vec![], vec![-2.0]));
    assert!(b.prelu(&x, &floats(&b, &[4], &[0.25; 4])).is_err(), "one slope for all");
}

#[test]
fn activations_with_exponentials() {
    let b = reference();
    let (ln2, ln3) = (2f64.ln(), 3f64.ln());
    let x = floats(&b, &[6], &[0.0, 1.0, -ln2, -1000.0, 1000.0, -1e-9]);
    // λ and λ·α as Klambauer et al. print them, to 9 places.
    let (scale, low) = (1.050_700_987, 1.758_099_341);
    assert_near(&read(&b, b.selu(&x)).1, &[0.0, scale, -low / 2.0, -low, 1000.0 * scale, -low * 1e-9], 1e-9);

    let x = floats(&b, &[6], &[0.0, ln3, -ln3, -30.0, -1000.0, 1000.0]);
    let tiny = (-30f64).exp();
    let sigmoid = read(&b, b.sigmoid(&x)).1;
    assert_near(&sigmoid, &[0.5, 0.75, 0.25, 0.0, 0.0, 1.0], 1e-12);
    let softplus = read(&b, b.softplus(&x)).1;
    assert_near(&softplus, &[ln2, 4f64.ln(), (4f64 / 3.0).ln(), 0.0, 0.0, 1000.0], 1e-12);
    for small in [sigmoid[3], softplus[3]] {
        assert!((small / tiny - 1.0).abs() < 1e-12, "{small:e} instead of {tiny:e}");
    }
}

#[test]
fn gelu_is_exact() {
    let b = reference();
    // Φ(1), Φ(2) and Φ(−10) from tables of the normal distribution.
    let x = floats(&b, &[5], &[0.0, 1.0, -1.0, 2.0, 1000.0]);
    let one = 0.841_344_746_068_542_9;
    let two = 0.977_249_868_051_820_8;
    assert_near(&read(&b, b.gelu(&x)).1, &[0.0, one, one - 1.0, 2.0 * two, 1000.0], 1e-15);
    let far = read(&b, b.gelu(&floats(&b, &[1], &[-10.0]))).1[0];
    assert!((far / -7.619_853_024_160_527e-23 - 1.0).abs() < 1e-12, "{far:e}");
}

#[test]
fn copy_and_triad() {
    let b = reference();
    let (x, y) = (floats(&b, &[3], &[1.0, -0.0, f64::INFINITY]), floats(&b, &[3], &[10.0, 20.0, 1.0]));
    let copy = read(&b, b.copy(&x)).1;
    assert_eq!(copy.iter().map(|x| x.to_bits()).collect::<Vec<_>>(), [1.0, -0.0, f64::INFINITY].map(f64::to_bits));
    assert_eq!(read(&b, b.triad(&x, &y, -3.0)).1, [-29.0, -60.0, f64::INFINITY]);
    assert!(b.triad(&x, &floats(&b, &[1], &[1.0]), 1.0).is_err(), "a triad does not broadcast");
}

#[test]
fn equal_compares_indices() {
    let b = reference();
    let equal = b.equal(&indices(&b, &[4], &[1, 2, 0, 5]), &indices(&b, &[4], &[1, 3, 0, 4]));
    assert_eq!(read(&b, equal), (vec![4], vec![1.0, 0.0, 1.0, 0.0]));
    let floating = floats(&b, &[4], &[0.0; 4]);
    assert!(b.equal(&floating, &floating).is_err(), "equal is for indices");
}

#[test]
fn tanh_by_its_addition_theorem() {
    let b = reference();
    // tanh(ln 3 / 2) = (3 − 1) / (3 + 1).
    let x = floats(&b, &[3], &[0.0, 0.5 * 3f64.ln(), -0.5 * 3f64.ln()]);
    assert_near(&read(&b, b.tanh(&x)).1, &[0.0, 0.5, -0.5], 1e-15);
}
