//! Every op against results worked out by hand, strided inputs included, and the path that each op notes.

#![expect(clippy::unwrap_used, reason = "these helpers are part of the tests")]

use candle_core::Tensor;
use chipmark_candle::Candle;
use chipmark_core::ops::conv::Conv as _;
use chipmark_core::ops::elementwise::Elementwise as _;
use chipmark_core::ops::index::Index as _;
use chipmark_core::ops::linalg::Linalg as _;
use chipmark_core::ops::loss::Loss as _;
use chipmark_core::ops::norm::Norm as _;
use chipmark_core::ops::optim::{Adam, AdamState, Optim as _};
use chipmark_core::ops::reduce::Reduce as _;
use chipmark_core::{
    Backend, ConvLayout, DType, Device, HostData, HostTensor, OpError, OpPath, OpResult, OpenOptions, Shape,
};

fn cpu() -> Candle {
    Candle::open(Device::Cpu, &OpenOptions::default()).unwrap()
}

fn tensor<const N: usize>(b: &Candle, shape: [usize; N], values: &[f64]) -> Tensor {
    b.upload(&HostTensor::new(shape, HostData::from_f64(values, DType::F32)).unwrap()).unwrap()
}

fn index(b: &Candle, values: &[i64]) -> Tensor {
    b.upload(&HostTensor::new([values.len()], HostData::I64(values.to_vec())).unwrap()).unwrap()
}

/// Shape and elements; f32 results of small whole numbers are exact.
#[track_caller]
fn assert_is<const N: usize>(b: &Candle, got: OpResult<Tensor>, shape: [usize; N], values: &[f64]) {
    let host = b.download(&got.unwrap()).unwrap();
    assert_eq!(host.shape(), &Shape::from(shape));
    assert_eq!(host.to_f64(), values);
}

#[track_caller]
fn assert_near<const N: usize>(b: &Candle, got: OpResult<Tensor>, shape: [usize; N], values: &[f64]) {
    let host = b.download(&got.unwrap()).unwrap();
    assert_eq!(host.shape(), &Shape::from(shape));
    for (got, want) in host.to_f64().into_iter().zip(values) {
        assert!((got - want).abs() <= 1e-6 * want.abs().max(1.0), "{got} instead of {want}");
    }
}

/// Every second column of a wider tensor: strides that no kernel takes for contiguous.
fn with_gaps(x: &Tensor) -> Tensor {
    let rank = x.rank();
    let wide = Tensor::stack(&[x, &x.affine(0.0, 9.0).unwrap()], rank).unwrap();
    let gaps = wide.narrow(rank, 0, 1).unwrap().squeeze(rank).unwrap();
    assert!(!gaps.is_contiguous());
    gaps
}

#[test]
fn elementwise_ops_broadcast_as_in_numpy() {
    let b = cpu();
    let x = tensor(&b, [2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let row = tensor(&b, [3], &[1.0, 2.0, 4.0]);
    let column = tensor(&b, [2, 1], &[10.0, 20.0]);
    assert_is(&b, b.add(&x, &x), [2, 3], &[2.0, 4.0, 6.0, 8.0, 10.0, 12.0]);
    assert_is(&b, b.add(&column, &row), [2, 3], &[11.0, 12.0, 14.0, 21.0, 22.0, 24.0]);
    assert_is(&b, b.sub(&row, &x), [2, 3], &[0.0, 0.0, 1.0, -3.0, -3.0, -2.0]);
    assert_is(&b, b.mul(&x, &column), [2, 3], &[10.0, 20.0, 30.0, 80.0, 100.0, 120.0]);
    assert_is(&b, b.div(&x, &row), [2, 3], &[1.0, 1.0, 0.75, 4.0, 2.5, 1.5]);
    assert_is(&b, b.mul(&with_gaps(&x), &x), [2, 3], &[1.0, 4.0, 9.0, 16.0, 25.0, 36.0]);
    assert_is(&b, b.affine(&x.t().unwrap(), 2.0, -1.0), [3, 2], &[1.0, 7.0, 3.0, 9.0, 5.0, 11.0]);
    assert_is(&b, b.sqrt(&tensor(&b, [2], &[9.0, 0.25])), [2], &[3.0, 0.5]);
    assert_is(&b, b.relu(&tensor(&b, [3], &[-1.0, 0.0, 2.0])), [3], &[0.0, 0.0, 2.0]);
    assert!(matches!(b.add(&x, &tensor(&b, [2], &[1.0, 2.0])), Err(OpError::Framework { op: "add", .. })));
}

#[test]
fn classes_are_compared_with_what_argmax_gives() {
    let b = cpu();
    let x = tensor(&b, [3, 3], &[0.0, 2.0, 1.0, 5.0, 4.0, 3.0, 0.0, 1.0, 9.0]);
    let best = b.argmax(&x, 1).unwrap();
    assert_is(&b, Ok(best.clone()), [3], &[1.0, 0.0, 2.0]);
    assert_is(&b, b.argmax(&x.t().unwrap(), 0), [3], &[1.0, 0.0, 2.0]);
    assert_is(&b, b.equal(&best, &index(&b, &[1, 1, 2])), [3], &[1.0, 0.0, 1.0]);
    assert_is(&b, b.equal(&best, &best), [3], &[1.0, 1.0, 1.0]);
    let share = b.mean_all(&b.equal(&best, &index(&b, &[1, 1, 2])).unwrap());
    assert_near(&b, share, [], &[2.0 / 3.0]);
    assert_eq!(b.download(&best).unwrap().dtype(), DType::I64);
}

#[test]
fn products() {
    let b = cpu();
    let x = tensor(&b, [2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let w = tensor(&b, [2, 3], &[1.0, 0.0, -1.0, 2.0, 1.0, 0.0]);
    let bias = tensor(&b, [2], &[10.0, 20.0]);
    assert_is(&b, b.matmul(&x, &w.t().unwrap()), [2, 2], &[-2.0, 4.0, -2.0, 13.0]);
    assert_is(&b, b.matmul(&with_gaps(&x), &with_gaps(&w).t().unwrap()), [2, 2], &[-2.0, 4.0, -2.0, 13.0]);
    let batch = tensor(&b, [2, 1, 2], &[1.0, 2.0, 3.0, 4.0]);
    let other = tensor(&b, [2, 2, 1], &[5.0, 6.0, 7.0, 8.0]);
    assert_is(&b, b.matmul(&batch, &other), [2, 1, 1], &[17.0, 53.0]);
    let mirror = tensor(&b, [2, 2], &[0.0, 1.0, 1.0, 0.0]);
    assert_is(&b, b.matmul(&batch, &mirror), [2, 1, 2], &[2.0, 1.0, 4.0, 3.0]);
    assert_is(&b, b.matmul(&with_gaps(&batch), &mirror), [2, 1, 2], &[2.0, 1.0, 4.0, 3.0]);
    let swapped = other.transpose(0, 1).unwrap().contiguous().unwrap().transpose(0, 1).unwrap();
    assert_is(&b, b.matmul(&batch, &swapped), [2, 1, 1], &[17.0, 53.0]);

    let linear = [8.0, 24.0, 8.0, 33.0];
    assert_is(&b, b.linear(&x, &w, &bias), [2, 2], &linear);
    assert_is(&b, b.linear(&with_gaps(&x), &with_gaps(&w), &bias), [2, 2], &linear);
    let deep = |dims: &[usize]| x.reshape(dims).unwrap();
    assert_is(&b, b.linear(&deep(&[2, 1, 3]), &w, &bias), [2, 1, 2], &linear);
    assert_is(&b, b.linear(&with_gaps(&deep(&[1, 2, 3])), &w, &bias), [1, 2, 2], &linear);
    assert_is(&b, b.linear(&deep(&[1, 1, 2, 1, 3]), &w, &bias), [1, 1, 2, 1, 2], &linear);
    assert_is(&b, b.linear(&x.get(0).unwrap(), &w, &bias), [2], &linear[..2]);
}

#[test]
fn matrices_of_unlike_batches_are_not_mixed() {
    let b = cpu();
    let x = tensor(&b, [2, 3, 1, 1], &[1.0; 6]);
    let y = tensor(&b, [3, 2, 1, 1], &[1.0; 6]);
    assert!(matches!(b.matmul(&x, &y), Err(OpError::Framework { op: "matmul", .. })));
    assert!(b.matmul(&x, &tensor(&b, [1], &[1.0])).is_err());
    assert!(b.linear(&tensor(&b, [], &[1.0]), &x, &y).is_err());
    let (w, one) = (tensor(&b, [2, 3], &[1.0; 6]), tensor(&b, [1], &[1.0]));
    assert!(matches!(b.linear(&w, &w, &one), Err(OpError::Framework { op: "linear", .. })));
}

#[test]
fn convolution_is_cross_correlation_in_channels_first() {
    let b = cpu();
    assert_eq!(b.conv_layout(), ConvLayout::ChannelsFirst);
    // Channel 1 is ten times channel 0.
    let plane = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0];
    let images: Vec<f64> = plane.into_iter().chain(plane.map(|v| 10.0 * v)).collect();
    let images = tensor(&b, [1, 2, 3, 3], &images);
    let filters = tensor(&b, [2, 2, 2, 2], &[1., 0., 0., 0., 0., 0., 0., 1., 0., 1., 0., 0., 0., 0., 0., 0.]);
    let want = [51.0, 62.0, 84.0, 95.0, 2.0, 3.0, 5.0, 6.0];
    assert_is(&b, b.conv2d(&images, &filters), [1, 2, 2, 2], &want);
    assert_is(&b, b.conv2d(&with_gaps(&images), &with_gaps(&filters)), [1, 2, 2, 2], &want);
    let one = tensor(&b, [1, 2, 1, 1], &[1.0, 0.5]);
    assert_is(&b, b.conv2d(&images, &one), [1, 1, 3, 3], &plane.map(|v| 6.0 * v));
    let large = tensor(&b, [1, 2, 4, 1], &[1.0; 8]);
    assert!(matches!(b.conv2d(&images, &large), Err(OpError::Framework { op: "conv2d", .. })));
    assert!(b.conv2d(&images, &tensor(&b, [1, 3, 1, 1], &[1.0; 3])).is_err());
}

#[test]
fn softmax_of_any_axis() {
    let b = cpu();
    let ln = |v: f64| v.ln();
    let x = tensor(&b, [2, 2], &[ln(1.0), ln(3.0), ln(4.0), ln(4.0)]);
    assert_near(&b, b.softmax(&x, 1), [2, 2], &[0.25, 0.75, 0.5, 0.5]);
    assert_near(&b, b.softmax(&x, 0), [2, 2], &[0.2, 3.0 / 7.0, 0.8, 4.0 / 7.0]);
    assert_near(&b, b.softmax(&x.t().unwrap(), 1), [2, 2], &[0.2, 0.8, 3.0 / 7.0, 4.0 / 7.0]);
    // Larger than exp can take.
    assert_near(&b, b.softmax(&tensor(&b, [2], &[1000.0, 1000.0]), 0), [2], &[0.5, 0.5]);
    assert!(b.softmax(&x, 2).is_err());
    assert!(b.softmax(&tensor(&b, [2, 0], &[]), 1).is_err());
}

#[test]
fn rows_are_gathered_placed_and_sliced() {
    let b = cpu();
    let x = tensor(&b, [3, 2], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    assert_is(&b, b.gather_rows(&x, &index(&b, &[2, 0, 2])), [3, 2], &[5.0, 6.0, 1.0, 2.0, 5.0, 6.0]);
    assert_is(&b, b.gather_rows(&x.t().unwrap(), &index(&b, &[1])), [1, 3], &[2.0, 4.0, 6.0]);
    let place = index(&b, &[1, 1, 0]);
    let placed = [15.0, 26.0, 7.0, 10.0, 5.0, 6.0];
    let added = tensor(&b, [3, 2], &[1.0, 2.0, 3.0, 4.0, 14.0, 24.0]);
    assert_is(&b, b.scatter_add_rows(&x, &place, &added), [3, 2], &placed);
    assert_is(&b, b.scatter_add_rows(&with_gaps(&x), &place, &with_gaps(&added)), [3, 2], &placed);
    assert_is(&b, Ok(b.share(&x)), [3, 2], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    assert_is(&b, b.slice_rows(&x, 1, 2), [2, 2], &[3.0, 4.0, 5.0, 6.0]);
    assert_is(&b, b.slice_rows(&x.t().unwrap(), 1, 1), [1, 3], &[2.0, 4.0, 6.0]);
    for outside in [3, -1] {
        assert!(b.gather_rows(&x, &index(&b, &[outside])).is_err());
    }
    assert!(b.slice_rows(&x, 2, 2).is_err());
}

#[test]
fn cross_entropy_of_logits() {
    let b = cpu();
    let logits = tensor(&b, [2, 2], &[0.0, 3f64.ln(), 0.0, 0.0]);
    let classes = index(&b, &[1, 0]);
    assert_near(&b, b.cross_entropy(&logits, &classes), [], &[f64::midpoint((4.0f64 / 3.0).ln(), 2f64.ln())]);
    assert_near(&b, b.cross_entropy(&tensor(&b, [1, 2], &[0.0, 1e4]), &index(&b, &[0])), [], &[1e4]);
}

#[test]
fn one_step_of_adam() {
    let b = cpu();
    let adam = Adam { rate: 0.1, decay: 0.5, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
    let (param, zero) = (tensor(&b, [2], &[2.0, -4.0]), tensor(&b, [2], &[0.0, 0.0]));
    let state = AdamState { param: &param, m: &zero, v: &zero };
    let powers = [tensor(&b, [1], &[0.9]), tensor(&b, [1], &[0.999])];
    let next = b.adam(&adam, &state, &tensor(&b, [2], &[1.0, 1.0]), [&powers[0], &powers[1]]).unwrap();
    // With the decay the gradient is 2 and −1: the first step is the rate, against its sign.
    assert_near(&b, Ok(next.param), [2], &[1.9, -3.9]);
    assert_near(&b, Ok(next.m), [2], &[0.2, -0.1]);
    assert_near(&b, Ok(next.v), [2], &[0.004, 0.001]);
}

#[test]
fn the_gradient_of_every_differentiable_op() {
    let b = cpu();
    let x = tensor(&b, [2, 2], &[1.0, 2.0, 3.0, 4.0]);
    let w = tensor(&b, [2, 2], &[1.0, 0.0, -1.0, 2.0]);
    let bias = tensor(&b, [2], &[0.0, 0.0]);
    let (value, grads) = b
        .value_and_grad(
            |b, p| {
                let [x, w, bias] = p else { return Err(OpError::framework("test", "three parameters")) };
                b.mean_all(&b.linear(x, w, bias)?)
            },
            &[b.share(&x), b.share(&w), b.share(&bias)],
        )
        .unwrap();
    assert_is(&b, Ok(value), [], &[3.0]);
    let [dx, dw, dbias] = <[Tensor; 3]>::try_from(grads).unwrap();
    assert_is(&b, Ok(dx), [2, 2], &[0.0, 0.5, 0.0, 0.5]);
    assert_is(&b, Ok(dw), [2, 2], &[1.0, 1.5, 1.0, 1.5]);
    assert_is(&b, Ok(dbias), [2], &[0.5, 0.5]);

    // Σ of gathered, scattered and sliced rows: row 1 is taken twice, row 0 stays in `into`.
    let rows = |b: &Candle, p: &[Tensor]| {
        let taken = b.gather_rows(&p[0], &index(b, &[1, 1]))?;
        let placed = b.scatter_add_rows(&p[0], &index(b, &[0, 1]), &taken)?;
        b.mean_all(&b.slice_rows(&placed, 0, 1)?)
    };
    let (value, grads) = b.value_and_grad(rows, &[b.share(&x)]).unwrap();
    assert_is(&b, Ok(value), [], &[5.0]);
    assert_is(&b, Ok(grads.into_iter().next().unwrap()), [2, 2], &[0.5, 0.5, 0.5, 0.5]);

    // Softmax minus one-hot, over the two rows.
    let classes = index(&b, &[1, 0]);
    let logits = tensor(&b, [2, 2], &[0.0, 3f64.ln(), 0.0, 0.0]);
    let (_, grads) = b.value_and_grad(|b, p| b.cross_entropy(&p[0], &classes), &[logits]).unwrap();
    assert_near(&b, Ok(grads.into_iter().next().unwrap()), [2, 2], &[0.125, -0.125, -0.25, 0.25]);

    // A sum of softmax is constant; its square is not: d Σ s²/2 = s (s − Σ s²).
    let square = |b: &Candle, p: &[Tensor]| {
        let s = b.softmax(&p[0], 0)?;
        b.mean_all(&b.mul(&s, &s)?)
    };
    let x = tensor(&b, [2], &[0.0, 3f64.ln()]);
    let (_, grads) = b.value_and_grad(square, &[x]).unwrap();
    assert_near(&b, Ok(grads.into_iter().next().unwrap()), [2], &[-0.09375, 0.09375]);

    let signs = |b: &Candle, p: &[Tensor]| b.mean_all(&b.sqrt(&b.relu(&b.affine(&p[0], 4.0, 0.0)?)?)?);
    let (value, grads) = b.value_and_grad(signs, &[tensor(&b, [2], &[1.0, 4.0])]).unwrap();
    assert_is(&b, Ok(value), [], &[3.0]);
    assert_is(&b, Ok(grads.into_iter().next().unwrap()), [2], &[0.5, 0.25]);

    let images = tensor(&b, [1, 1, 2, 2], &[1.0, 2.0, 3.0, 4.0]);
    let filters = tensor(&b, [1, 1, 1, 2], &[10.0, 1.0]);
    let (value, grads) = b.value_and_grad(|b, p| b.mean_all(&b.conv2d(&p[0], &p[1])?), &[images, filters]).unwrap();
    assert_is(&b, Ok(value), [], &[23.0]);
    let [dx, dk] = <[Tensor; 2]>::try_from(grads).unwrap();
    assert_is(&b, Ok(dx), [1, 1, 2, 2], &[5.0, 0.5, 5.0, 0.5]);
    assert_is(&b, Ok(dk), [1, 1, 1, 2], &[2.0, 3.0]);
}

#[test]
fn a_parameter_that_does_not_matter_has_a_gradient_of_zeros() {
    let b = cpu();
    let x = tensor(&b, [2], &[1.0, 3.0]);
    let (value, grads) = b.value_and_grad(|b, p| b.mean_all(&p[0]), &[b.share(&x), b.share(&x)]).unwrap();
    assert!(!value.track_op(), "the value keeps the whole tape alive");
    let [used, unused] = <[Tensor; 2]>::try_from(grads).unwrap();
    assert_is(&b, Ok(used), [2], &[0.5, 0.5]);
    assert_is(&b, Ok(unused), [2], &[0.0, 0.0]);
    assert!(matches!(b.value_and_grad(|_, p| Ok(p[0].clone()), &[x]), Err(OpError::Framework { .. })));
}

#[test]
fn every_dtype_goes_there_and_back_bit_for_bit() {
    let b = cpu();
    let values = [0.1, -2.5, 1e-3, 7.0, 0.0, 3.3];
    for dtype in DType::ALL {
        let host = HostTensor::new([2, 3], HostData::from_f64(&values, dtype)).unwrap();
        let device = b.upload(&host).unwrap();
        assert_eq!(b.download(&device).unwrap(), host);
        assert_eq!(b.download(&device.t().unwrap()).unwrap(), host.permute(&[1, 0]).unwrap());
        let last = b.download(&device.get(1).unwrap()).unwrap();
        assert_eq!(last.to_f64(), &host.to_f64()[3..]);
    }
    b.finish(&[]).unwrap();
}

#[test]
fn softmax_says_which_path_it_took() {
    let b = cpu();
    let x = tensor(&b, [2, 2], &[1.0, 2.0, 3.0, 4.0]);
    let paths = |run: &dyn Fn()| {
        b.log().open();
        run();
        b.log().close()
    };
    let native = OpPath::Native { op: "softmax".into(), call: "candle_nn::ops::softmax_last_dim".into() };
    assert_eq!(paths(&|| drop(b.softmax(&x, 1).unwrap())), [native]);
    let is_composed =
        |paths: Vec<OpPath>| paths.iter().any(|path| matches!(path, OpPath::Composed { op, .. } if op == "softmax"));
    assert!(is_composed(paths(&|| drop(b.softmax(&x, 0).unwrap()))));
    let train = || drop(b.value_and_grad(|b, p| b.mean_all(&b.softmax(&p[0], 1)?), &[b.share(&x)]).unwrap());
    assert!(is_composed(paths(&train)));
}

#[test]
fn a_dtype_without_a_kernel_is_unsupported() {
    let b = cpu();
    let ints = |shape: [usize; 2]| {
        b.upload(&HostTensor::new(shape, HostData::from_f64(&[1.0; 4], DType::I64)).unwrap()).unwrap()
    };
    let x = ints([2, 2]);
    assert!(matches!(b.matmul(&x, &x), Err(OpError::Unsupported { op: "matmul", .. })));
    assert!(matches!(b.softmax(&x, 1), Err(OpError::Unsupported { op: "softmax", .. })));
}
