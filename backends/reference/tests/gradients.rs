//! Gradients of the reference against central finite differences: (f(x + h) − f(x − h)) / 2h, whose error is of order
//! h² and ε/h, so below 1e-8 here.
#![expect(clippy::unwrap_used, reason = "helpers of tests are tests too")]

mod support;

use chipmark_core::ops::arrange::Arrange;
use chipmark_core::ops::attention::Attention;
use chipmark_core::ops::conv::Conv;
use chipmark_core::ops::elementwise::Elementwise;
use chipmark_core::ops::index::Index;
use chipmark_core::ops::linalg::Linalg;
use chipmark_core::ops::loss::Loss;
use chipmark_core::ops::norm::Norm;
use chipmark_core::ops::reduce::Reduce;
use chipmark_core::ops::sort::Sort;
use chipmark_core::{Backend, DType, Fill, Mask, OpError, OpResult};
use chipmark_reference::{Reference, Tensor};
use std::cell::RefCell;
use support::{assert_near, floats, indices, read, reference};

const STEP: f64 = 1e-5;
const SEEDS: u64 = 5;

/// Compares the gradients of mean(weights · op(inputs)) with finite differences, for several seeds. Inputs are at least
/// 0.3 away from zero, and positive where `positive`.
#[track_caller]
fn check(shapes: &[&[usize]], positive: bool, op: impl Fn(&Reference, &[Tensor]) -> OpResult<Tensor>) {
    let b = reference();
    for seed in 0..SEEDS {
        let mut fill = Fill::new(seed, "gradients");
        let mut away = |dims: &[usize]| -> Vec<f64> {
            let values = fill.signed(dims, DType::F64).unwrap().to_f64();
            values.iter().map(|x| if positive { 0.3 + x.abs() } else { x + 0.3f64.copysign(*x) }).collect()
        };
        let values: Vec<Vec<f64>> = shapes.iter().map(|dims| away(dims)).collect();
        let tensors = |values: &[Vec<f64>]| -> Vec<Tensor> {
            shapes.iter().zip(values).map(|(dims, values)| floats(&b, dims, values)).collect()
        };
        let output = op(&b, &tensors(&values)).unwrap();
        let weights = floats(&b, output.shape(), &away(output.shape()));
        let scalar =
            |b: &Reference, inputs: &[Tensor]| -> OpResult<Tensor> { b.mean_all(&b.mul(&op(b, inputs)?, &weights)?) };
        let value_at = |values: &[Vec<f64>]| read(&b, scalar(&b, &tensors(values))).1[0];

        let (value, gradients) = b.value_and_grad(scalar, &tensors(&values)).unwrap();
        assert_eq!(read(&b, Ok(value)).1, [value_at(&values)]);
        assert_eq!(gradients.len(), shapes.len());
        for (i, gradient) in gradients.into_iter().enumerate() {
            let differences: Vec<f64> = (0..values[i].len())
                .map(|j| {
                    let moved = |step: f64| {
                        let mut values = values.clone();
                        values[i][j] += step;
                        value_at(&values)
                    };
                    (moved(STEP) - moved(-STEP)) / (2.0 * STEP)
                })
                .collect();
            let (shape, gradient) = read(&b, Ok(gradient));
            assert_eq!(shape, shapes[i]);
            assert_near(&gradient, &differences, 1e-8);
            assert!(gradient.iter().any(|g| *g != 0.0), "all of gradient {i} is zero");
        }
    }
}

#[test]
fn of_arithmetic_broadcast_in_every_way() {
    let pairs: [[&[usize]; 2]; 6] = [
        [&[2, 3], &[2, 3]],
        [&[2, 3], &[]],
        [&[3], &[2, 3]],
        [&[2, 1, 3], &[4, 1]],
        [&[1, 3, 1], &[2, 1, 2]],
        [&[1], &[4]],
    ];
    for pair in pairs {
        check(&pair, false, |b, x| b.add(&x[0], &x[1]));
        check(&pair, false, |b, x| b.sub(&x[0], &x[1]));
        check(&pair, false, |b, x| b.mul(&x[0], &x[1]));
        check(&pair, false, |b, x| b.div(&x[0], &x[1]));
    }
}

#[test]
fn of_one_operand_arithmetic() {
    check(&[&[3, 2]], false, |b, x| b.affine(&x[0], -2.5, 0.75));
    check(&[&[3, 2]], true, |b, x| b.sqrt(&x[0]));
    check(&[&[7, 3]], false, |b, x| b.relu(&x[0]));
    check(&[&[3, 2]], false, |b, x| b.copy(&x[0]));
    check(&[&[3, 5]], false, |b, x| b.mean_all(&x[0]));
    check(&[&[3, 5]], false, |b, x| b.sum_all(&x[0]));
    check(&[&[3, 2], &[3, 2]], false, |b, x| b.triad(&x[0], &x[1], -2.5));
}

#[test]
fn of_activations() {
    check(&[&[7, 3]], false, |b, x| b.leaky_relu(&x[0], 0.2));
    check(&[&[7, 3], &[1]], false, |b, x| b.prelu(&x[0], &x[1]));
    check(&[&[7, 3]], false, |b, x| b.selu(&x[0]));
    check(&[&[7, 3]], false, |b, x| b.sigmoid(&x[0]));
    check(&[&[7, 3]], false, |b, x| b.softplus(&x[0]));
    check(&[&[7, 3]], false, |b, x| b.gelu(&x[0]));
}

#[test]
fn of_sums_along_each_axis() {
    for axis in 0..3 {
        check(&[&[2, 3, 4]], false, |b, x| b.sum(&x[0], axis));
    }
}

#[test]
fn of_products() {
    check(&[&[2, 3], &[3, 4]], false, |b, x| b.matmul(&x[0], &x[1]));
    check(&[&[3, 2, 3], &[3, 3, 2]], false, |b, x| b.matmul(&x[0], &x[1]));
    check(&[&[2, 2, 3], &[3, 4]], false, |b, x| b.matmul(&x[0], &x[1]));
    check(&[&[2, 3], &[4, 3], &[4]], false, |b, x| b.linear(&x[0], &x[1], &x[2]));
    check(&[&[2, 1, 3], &[2, 3], &[2]], false, |b, x| b.linear(&x[0], &x[1], &x[2]));
    check(&[&[3], &[2, 3], &[2]], false, |b, x| b.linear(&x[0], &x[1], &x[2]));
}

#[test]
fn of_convolutions() {
    check(&[&[2, 5, 2], &[3, 2, 2]], false, |b, x| b.conv1d(&x[0], &x[1]));
    check(&[&[1, 3, 1], &[2, 3, 1]], false, |b, x| b.conv1d(&x[0], &x[1]));
    check(&[&[2, 4, 3, 2], &[3, 2, 2, 2]], false, |b, x| b.conv2d(&x[0], &x[1]));
    check(&[&[1, 3, 5, 1], &[2, 3, 2, 1]], false, |b, x| b.conv2d(&x[0], &x[1]));
}

#[test]
fn of_softmax_along_each_axis() {
    for axis in 0..3 {
        check(&[&[2, 3, 4]], false, |b, x| b.softmax(&x[0], axis));
    }
}

#[test]
fn of_layer_norm() {
    check(&[&[3, 5]], false, |b, x| b.layer_norm(&x[0], None, 0.1));
    check(&[&[2, 3, 4], &[4], &[4]], false, |b, x| b.layer_norm(&x[0], Some([&x[1], &x[2]]), 0.1));
}

#[test]
fn of_attention_under_each_mask() {
    check(&[&[2, 3, 2, 3], &[2, 3, 4, 3], &[2, 3, 4, 3]], false, |b, x| b.sdpa(&x[0], &x[1], &x[2], Mask::None, 0.7));
    check(&[&[1, 4, 3, 2], &[1, 2, 3, 2], &[1, 2, 3, 2]], false, |b, x| b.sdpa(&x[0], &x[1], &x[2], Mask::Causal, 0.7));
    check(&[&[1, 2, 2, 3], &[1, 1, 3, 3], &[1, 1, 3, 3]], false, |b, x| {
        let mask = floats(b, &[2, 3], &[0.5, f64::NEG_INFINITY, -0.5, 0.0, 1.0, f64::NEG_INFINITY]);
        b.sdpa(&x[0], &x[1], &x[2], Mask::Additive(&mask), 0.7)
    });
}

#[test]
fn of_rearranged_elements() {
    for axis in 0..2 {
        check(&[&[2, 3], &[2, 3]], false, |b, x| b.concat(&x[0], &x[1], axis));
    }
    check(&[&[2, 3], &[2, 1]], false, |b, x| b.concat(&x[0], &x[1], 1));
    check(&[&[2, 6]], false, |b, x| b.reshape(&x[0], &[3, 4]));
    check(&[&[2, 3, 4]], false, |b, x| b.swap_axes(&x[0], 0, 2));
    check(&[&[2, 3, 4]], false, |b, x| b.reshape(&b.swap_axes(&x[0], 2, 1)?, &[6, 4]));
}

#[test]
fn of_rows_by_index() {
    check(&[&[4, 3]], false, |b, x| b.gather_rows(&x[0], &indices(b, &[6], &[3, 0, 3, 3, 1, 0])));
    check(&[&[3, 2], &[5, 2]], false, |b, x| b.scatter_add_rows(&x[0], &indices(b, &[5], &[1, 1, 0, 1, 0]), &x[1]));
    check(&[&[5, 2]], false, |b, x| b.slice_rows(&x[0], 1, 3));
}

#[test]
fn of_cross_entropy() {
    check(&[&[4, 3]], false, |b, x| b.cross_entropy(&x[0], &indices(b, &[4], &[2, 0, 0, 1])));
}

#[test]
fn of_bce_by_probabilities_and_targets() {
    // Sigmoid brings both between zero and one.
    check(&[&[3, 2], &[3, 2]], false, |b, x| b.bce(&b.sigmoid(&x[0])?, &b.sigmoid(&x[1])?));
}

#[test]
fn what_has_no_gradient_here_says_so_and_is_never_zero() {
    let b = reference();
    let row = indices(&b, &[1], &[0]);
    let mask = |b: &Reference, p: &Tensor| {
        let q = floats(b, &[1, 1, 2, 2], &[1.0; 4]);
        b.sdpa(&q, &q, &q, Mask::Additive(p), 1.0)
    };
    type Of<'a> = Box<dyn Fn(&Reference, &Tensor) -> OpResult<Tensor> + 'a>;
    let ops: [(&str, Of); 4] = [
        ("sort", Box::new(|b, p| b.sort(p, 1))),
        ("scatter_set_rows", Box::new(|b, p| b.scatter_set_rows(p, &row, &b.slice_rows(p, 1, 1)?))),
        ("scatter_max_rows", Box::new(|b, p| b.scatter_max_rows(p, &row, &b.slice_rows(p, 1, 1)?))),
        ("sdpa", Box::new(mask)),
    ];
    for (name, op) in ops {
        let param = [floats(&b, &[2, 2], &[1.0, 2.0, 3.0, 4.0])];
        match b.value_and_grad(|b, p| b.mean_all(&op(b, &p[0])?), &param) {
            Err(OpError::Unsupported { op, .. }) => assert_eq!(op, name),
            other => panic!("{name}: {:?}", other.map(|(value, _)| value)),
        }
    }
}

#[test]
fn of_a_network_that_uses_its_parameters_twice() {
    check(&[&[4, 3], &[3, 3], &[3]], false, |b, x| {
        let hidden = b.relu(&b.linear(&x[0], &x[1], &x[2])?)?;
        let again = b.linear(&hidden, &x[1], &x[2])?;
        b.cross_entropy(&b.add(&again, &b.softmax(&hidden, 1)?)?, &indices(b, &[4], &[0, 1, 2, 1]))
    });
}

#[test]
fn a_parameter_that_is_not_used_has_a_gradient_of_zeros() {
    let b = reference();
    let params = [floats(&b, &[2], &[3.0, 4.0]), floats(&b, &[1, 2], &[5.0, 6.0])];
    let (value, gradients) = b.value_and_grad(|b, p| b.mean_all(&p[0]), &params).unwrap();
    assert_eq!(read(&b, Ok(value)).1, [3.5]);
    assert_eq!(read(&b, Ok(gradients[0].clone())), (vec![2], vec![0.5, 0.5]));
    assert_eq!(read(&b, Ok(gradients[1].clone())), (vec![1, 2], vec![0.0, 0.0]));
    let constant = floats(&b, &[], &[1.0]);
    let (_, gradients) = b.value_and_grad(|b, _| Ok(b.share(&constant)), &params).unwrap();
    assert_eq!(read(&b, Ok(gradients[0].clone())).1, [0.0, 0.0]);
}

#[test]
fn a_parameter_given_back_as_it_is_has_a_gradient_of_one() {
    let b = reference();
    let (_, gradients) = b.value_and_grad(|b, p| Ok(b.share(&p[0])), &[floats(&b, &[1], &[7.0])]).unwrap();
    assert_eq!(read(&b, Ok(gradients[0].clone())), (vec![1], vec![1.0]));
}

#[test]
fn a_tensor_kept_from_an_earlier_run_is_a_constant() {
    let b = reference();
    let kept = RefCell::new(None);
    let param = [floats(&b, &[1], &[3.0])];
    let keep = |b: &Reference, p: &[Tensor]| {
        *kept.borrow_mut() = Some(b.share(&p[0]));
        b.mul(&p[0], &p[0])
    };
    b.value_and_grad(keep, &param).unwrap();
    let kept = kept.into_inner().unwrap();
    let (value, gradients) = b.value_and_grad(|b, p| b.mul(&p[0], &kept), &param).unwrap();
    assert_eq!(read(&b, Ok(value)).1, [9.0]);
    assert_eq!(read(&b, Ok(gradients[0].clone())).1, [3.0], "x · constant, not x²");
}

#[test]
fn what_cannot_be_differentiated_is_an_error_and_leaves_the_backend_usable() {
    let b = reference();
    let param = [floats(&b, &[2], &[1.0, 2.0])];
    assert!(b.value_and_grad(|b, p| Ok(b.share(&p[0])), &param).is_err(), "two elements");
    let of_indices = b.value_and_grad(|b, p| b.mean_all(&p[0]), &[indices(&b, &[1], &[0])]);
    assert!(of_indices.is_err(), "an index has no derivative");
    let nested = b.value_and_grad(|b, p| Ok(b.value_and_grad(|b, q| b.mean_all(&q[0]), p)?.0), &param);
    assert!(matches!(nested, Err(OpError::Unsupported { .. })));
    let (_, gradients) = b.value_and_grad(|b, p| b.mean_all(&p[0]), &param).unwrap();
    assert_eq!(read(&b, Ok(gradients[0].clone())).1, [0.5, 0.5]);
}
