//! What MLX built for a call: asked of its own account of the graph, for the calls that choose between a kernel and a
//! composition of their own by device, shapes and whether a gradient is taken.

use crate::vector::Vector;
use mlx_rs::Array;
use std::ffi::c_char;
use std::ptr::null_mut;

/// Whether the last node of an array's graph is MLX's primitive of this name. False where MLX gives no account.
pub(crate) fn was_made_by(array: &Array, primitive: &str) -> bool {
    account(array).is_some_and(|text| last_node(&text) == Some(primitive))
}

/// The primitive that made the output: MLX lists nodes in the order in which they run, a line `Name inputs -> outputs` each.
fn last_node(account: &str) -> Option<&str> {
    account.lines().rev().find(|line| line.contains("->"))?.split_whitespace().next()
}

/// MLX's listing of the graph that leads to an array.
fn account(array: &Array) -> Option<String> {
    let outputs = Vector::of("print_graph", std::slice::from_ref(array)).ok()?;
    let (mut text, mut bytes): (*mut c_char, usize) = (null_mut(), 0);
    // SAFETY: both outlive the stream, which writes them when it is closed.
    let stream = unsafe { libc::open_memstream(&raw mut text, &raw mut bytes) };
    if stream.is_null() {
        return None;
    }
    // SAFETY: makes an empty table of names, freed below.
    let namer = unsafe { mlx_sys::mlx_node_namer_new() };
    // SAFETY: all three are valid for the call, which only reads the arrays.
    let status = unsafe { mlx_sys::mlx_print_graph(stream.cast(), namer, outputs.as_raw()) };
    // SAFETY: freed once. The call cannot fail on a table that was just made.
    unsafe { mlx_sys::mlx_node_namer_free(namer) };
    // SAFETY: open, and not used after.
    let closed = unsafe { libc::fclose(stream) };
    if text.is_null() {
        return None;
    }
    // SAFETY: once closed, the stream has left `bytes` bytes at `text`.
    let written = unsafe { std::slice::from_raw_parts(text.cast::<u8>(), bytes) };
    let account = String::from_utf8_lossy(written).into_owned();
    // SAFETY: allocated by the stream, and the caller's to free.
    unsafe { libc::free(text.cast()) };
    (status == 0 && closed == 0).then_some(account)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The only test in this binary that calls MLX, which is not thread-safe.
    #[test]
    fn mlx_tells_what_made_an_array() {
        let x = Array::from_slice(&[1.0f32, 2.0, 3.0, 4.0], &[2, 2]);
        let softmax = mlx_rs::ops::softmax_axis(&x, 1, true).unwrap();
        assert!(was_made_by(&softmax, "Softmax"), "{:?}", account(&softmax));
        let product = mlx_rs::ops::matmul(&softmax, &x).unwrap();
        assert!(was_made_by(&product, "Matmul"), "{:?}", account(&product));
        assert!(!was_made_by(&product, "Softmax"), "what made an input made no output");
    }

    #[test]
    fn the_last_node_made_the_output() {
        let account = "Inputs: A, B\nOutputs: D\nMatmul A, B -> C\nScaledDotProductAttention A, B, C -> D\n";
        assert_eq!(last_node(account), Some("ScaledDotProductAttention"));
        assert_eq!(last_node(""), None);
    }
}
