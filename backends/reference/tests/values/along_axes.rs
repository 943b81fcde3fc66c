//! Ops along one axis or all: reductions, normalisations and ordering.

use crate::support::{assert_near, floats, read, reference};
use chipmark_core::ops::norm::Norm;
use chipmark_core::ops::reduce::Reduce;
use chipmark_core::ops::sort::Sort;

#[test]
fn reductions() {
    let b = reference();
    let x = floats(&b, &[2, 3], &[1.0, 5.0, 3.0, 4.0, 2.0, 9.0]);
    assert_eq!(read(&b, b.mean_all(&x)), (vec![], vec![4.0]));
    assert_eq!(read(&b, b.argmax(&x, 0)), (vec![3], vec![1.0, 0.0, 1.0]));
    assert_eq!(read(&b, b.argmax(&x, 1)), (vec![2], vec![1.0, 2.0]));
    let below = floats(&b, &[3], &[-3.0, -1.0, -2.0]);
    assert_eq!(read(&b, b.argmax(&below, 0)), (vec![], vec![1.0]));
}

#[test]
fn sums_along_each_axis() {
    let b = reference();
    let x = floats(&b, &[2, 3, 2], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0]);
    assert_eq!(read(&b, b.sum(&x, 0)), (vec![3, 2], vec![11.0, 22.0, 33.0, 44.0, 55.0, 66.0]));
    assert_eq!(read(&b, b.sum(&x, 1)), (vec![2, 2], vec![9.0, 12.0, 90.0, 120.0]));
    assert_eq!(read(&b, b.sum(&x, 2)), (vec![2, 3], vec![3.0, 7.0, 11.0, 30.0, 70.0, 110.0]));
    assert_eq!(read(&b, b.sum_all(&x)), (vec![], vec![231.0]));
    assert!(b.sum(&x, 3).is_err());
}

#[test]
fn running_sums_end_in_the_sum() {
    let b = reference();
    let x = floats(&b, &[2, 3], &[1.0, 2.0, 4.0, 10.0, 20.0, 40.0]);
    assert_eq!(read(&b, b.cumsum(&x, 0)), (vec![2, 3], vec![1.0, 2.0, 4.0, 11.0, 22.0, 44.0]));
    assert_eq!(read(&b, b.cumsum(&x, 1)), (vec![2, 3], vec![1.0, 3.0, 7.0, 10.0, 30.0, 70.0]));
    assert!(b.cumsum(&x, 2).is_err());
}

#[test]
fn softmax_goes_along_its_axis() {
    let b = reference();
    let (ln2, ln3) = (2f64.ln(), 3f64.ln());
    let x = floats(&b, &[2, 2], &[0.0, ln2, ln3, 1000.0]);
    let (shape, rows) = read(&b, b.softmax(&x, 1));
    assert_eq!(shape, [2, 2]);
    assert_near(&rows, &[1.0 / 3.0, 2.0 / 3.0, 0.0, 1.0], 1e-15);
    let columns = read(&b, b.softmax(&x, 0)).1;
    assert_near(&columns, &[0.25, 0.0, 0.75, 1.0], 1e-15);
}

#[test]
fn layer_norm_takes_the_variance_of_all() {
    let b = reference();
    // Means 2 and 20; variances 1 and 100, by division by n.
    let x = floats(&b, &[2, 2], &[1.0, 3.0, 10.0, 30.0]);
    assert_eq!(read(&b, b.layer_norm(&x, None, 0.0)), (vec![2, 2], vec![-1.0, 1.0, -1.0, 1.0]));
    // Epsilon is under the root: √(1 + 3) and √(100 + 3).
    let root = 10.0 / 103f64.sqrt();
    assert_near(&read(&b, b.layer_norm(&x, None, 3.0)).1, &[-0.5, 0.5, -root, root], 1e-15);
    let (weight, bias) = (floats(&b, &[2], &[2.0, 3.0]), floats(&b, &[2], &[10.0, 20.0]));
    assert_eq!(read(&b, b.layer_norm(&x, Some([&weight, &bias]), 0.0)).1, [8.0, 23.0, 8.0, 23.0]);
}

#[test]
fn sorts_along_its_axis() {
    let b = reference();
    let x = floats(&b, &[3, 3], &[3.0, -1.0, 2.0, 3.0, f64::NEG_INFINITY, 5.0, 0.0, 7.0, -4.0]);
    let columns = [0.0, f64::NEG_INFINITY, -4.0, 3.0, -1.0, 2.0, 3.0, 7.0, 5.0];
    assert_eq!(read(&b, b.sort(&x, 0)), (vec![3, 3], columns.to_vec()));
    let rows = [-1.0, 2.0, 3.0, f64::NEG_INFINITY, 3.0, 5.0, -4.0, 0.0, 7.0];
    assert_eq!(read(&b, b.sort(&x, 1)), (vec![3, 3], rows.to_vec()));
}
