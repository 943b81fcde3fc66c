//! The first cell of a row: `Argmax / dim=64x1024x128 axi=0`, or the op alone where the row is the mean over its shapes.

use crate::plain::quoted;
use chipmark_core::{CaseId, DType};

/// How an op's printed shapes become a case's label.
#[derive(Debug, Clone, Copy)]
enum Shapes {
    /// One tensor: `64x128x1024`.
    One,
    /// One tensor and an axis: `64x1024x128-axis0`.
    Along,
    /// One tensor; the axis is printed as -1 and goes without saying.
    Last,
    /// Two tensors: `1000x64x256@256x32`.
    Two,
    /// Two tensors and the axis at which they are joined: `1000000x64@1000000x32-axis1`.
    Joined,
    /// Two tensors of one shape, which stands in the label once.
    Same,
    /// A tensor and its one slope, which goes without saying.
    Slope,
    /// Inputs, weights and as many biases as the weights have columns, which go without saying.
    Affine,
    /// Queries, keys, and values of the keys' shape, which goes without saying.
    Attention,
}

/// The ops as they are printed, our workloads, and how their shapes are read.
const OPS: [(&str, &str, Shapes); 23] = [
    ("Argmax", "argmax", Shapes::Along),
    ("BCE", "bce", Shapes::Same),
    ("Concat", "concat", Shapes::Joined),
    ("Conv1d", "conv1d", Shapes::Two),
    ("Conv2d", "conv2d", Shapes::Two),
    ("Gather", "gather", Shapes::Two),
    ("LayerNorm", "layer_norm", Shapes::One),
    ("LeakyReLU", "leaky_relu", Shapes::One),
    ("Linear", "linear", Shapes::Affine),
    ("MatMul", "matmul", Shapes::Two),
    ("PReLU", "prelu", Shapes::Slope),
    ("ReLU", "relu", Shapes::One),
    ("ScaledDotProductAttention", "sdpa", Shapes::Attention),
    ("Scatter", "scatter", Shapes::Two),
    ("ScatterMax", "scatter_max", Shapes::Two),
    ("ScatterSum", "scatter_sum", Shapes::Two),
    ("SeLU", "selu", Shapes::One),
    ("Sigmoid", "sigmoid", Shapes::One),
    ("Softmax", "softmax", Shapes::Last),
    ("Softplus", "softplus", Shapes::One),
    ("Sort", "sort", Shapes::Along),
    ("Sum", "sum", Shapes::Along),
    ("SumAll", "sum_all", Shapes::One),
];

/// Reads a cell as a workload and, where shapes stand in it, a case: one that can be, if not one that is measured.
pub(super) fn parse(cell: &str) -> Result<(&'static str, Option<CaseId>), String> {
    let (printed, shapes) = match cell.split_once('/') {
        Some((op, shapes)) => (op.trim(), Some(shapes)),
        None => (cell, None),
    };
    let op = OPS.into_iter().find(|(known, ..)| *known == printed);
    let (_, workload, expected) = op.ok_or_else(|| format!("unknown op {}", quoted(printed)))?;
    let Some(shapes) = shapes else { return Ok((workload, None)) };
    let label =
        label(expected, shapes).ok_or_else(|| format!("{} has shapes that {printed} cannot have", quoted(cell)))?;
    Ok((workload, Some(CaseId { workload: workload.to_owned(), label, dtype: DType::F32 })))
}

fn label(expected: Shapes, text: &str) -> Option<String> {
    let mut shapes: Vec<&str> = Vec::new();
    let mut axis: Option<&str> = None;
    for word in text.split_whitespace() {
        match word.split_once('=')? {
            // No shape stands behind an axis, and there is one axis.
            ("dim", shape) if axis.is_none() && is_shape(shape) => shapes.push(shape),
            ("axi", of) if axis.is_none() => axis = Some(of),
            _ => return None,
        }
    }
    // As it is printed, and no other spelling of the same number.
    let along = |axis: &str, shape: &str| (0..shape.split('x').count()).find(|known| known.to_string() == axis);
    match (expected, shapes.as_slice(), axis) {
        (Shapes::One, [x], None) | (Shapes::Last, [x], Some("-1")) | (Shapes::Slope, [x, "1"], None) => {
            Some((*x).to_owned())
        }
        (Shapes::Along, [x], Some(axis)) => Some(format!("{x}-axis{}", along(axis, x)?)),
        (Shapes::Two, [a, b], None) => Some(format!("{a}@{b}")),
        (Shapes::Joined, [a, b], Some(axis)) => Some(format!("{a}@{b}-axis{}", along(axis, a)?)),
        (Shapes::Same, [x, y], None) if x == y => Some((*x).to_owned()),
        (Shapes::Affine, [x, w, b], None) if w.rsplit('x').next() == Some(b) => Some(format!("{x}@{w}")),
        (Shapes::Attention, [q, k, v], None) if k == v => Some(format!("{q}@{k}")),
        _ => None,
    }
}

/// Whether this is `64x1024x128`: one to four extents of at most nine digits each.
fn is_shape(text: &str) -> bool {
    let is_extent = |extent: &str| {
        (1..=9).contains(&extent.len()) && extent.bytes().all(|byte| byte.is_ascii_digit()) && !extent.starts_with('0')
    };
    text.split('x').count() <= 4 && text.split('x').all(is_extent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(cell: &str) -> String {
        match parse(cell).unwrap() {
            (_, Some(case)) => case.to_string(),
            (workload, None) => workload.to_owned(),
        }
    }

    #[test]
    fn every_form_of_shapes_becomes_a_case() {
        for (printed, ours) in [
            ("Argmax / dim=64x1024x128 axi=0", "argmax/64x1024x128-axis0/f32"),
            ("BCE / dim=1000000 dim=1000000", "bce/1000000/f32"),
            ("Concat / dim=1000000x64 dim=1000000x32 axi=1", "concat/1000000x64@1000000x32-axis1/f32"),
            ("Conv1d / dim=100x256x3 dim=8x3x3", "conv1d/100x256x3@8x3x3/f32"),
            ("Gather / dim=64x256 dim=10", "gather/64x256@10/f32"),
            ("Linear / dim=100x1024x32 dim=32x1024 dim=1024", "linear/100x1024x32@32x1024/f32"),
            ("Linear / dim=100x1x51200 dim=51200x1 dim=1", "linear/100x1x51200@51200x1/f32"),
            ("PReLU / dim=128x16x1024 dim=1", "prelu/128x16x1024/f32"),
            (
                "ScaledDotProductAttention / dim=64x8x16x1024 dim=64x8x64x1024 dim=64x8x64x1024",
                "sdpa/64x8x16x1024@64x8x64x1024/f32",
            ),
            ("Softmax / dim=64x1000000 axi=-1", "softmax/64x1000000/f32"),
            ("SumAll / dim=1000000", "sum_all/1000000/f32"),
            ("LayerNorm", "layer_norm"),
            ("ScatterMax", "scatter_max"),
        ] {
            assert_eq!(id(printed), ours);
        }
    }

    #[test]
    fn what_is_no_op_or_shape_is_refused() {
        assert_eq!(parse("Dropout").unwrap_err(), "unknown op 'Dropout'");
        assert_eq!(parse("argmax / dim=2x2 axi=0").unwrap_err(), "unknown op 'argmax'");
        for bad in [
            "Argmax / dim=64x1024x128",
            "Argmax / dim=64x1024x128 axi=3",
            "Argmax / dim=64x1024x128 axi=-1",
            "Argmax / axi=0 dim=64x1024x128",
            "Argmax / dim=64x1024x128 axi=0 axi=1",
            "Argmax / dim=64x1024x128 axi=0 keep=1",
            "Argmax /",
            "BCE / dim=10 dim=11",
            "Linear / dim=10x2 dim=2x3 dim=4",
            "PReLU / dim=10 dim=2",
            "ReLU / dim=0x4",
            "ReLU / dim=1x2x3x4x5",
            "ReLU / dim=../../etc",
            "ReLU / dim=1234567890",
            "ReLU / 4x4",
            "Softmax / dim=4x4 axi=1",
            "ScaledDotProductAttention / dim=2x2 dim=2x3 dim=2x4",
        ] {
            let why = parse(bad).unwrap_err();
            assert!(why.contains("shapes that") && !why.contains('\n'), "{why}");
        }
    }
}
