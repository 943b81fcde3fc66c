//! Attention.

use crate::{Mlx, error, graph, shape};
use chipmark_core::ops::attention::Attention;
use chipmark_core::{Backend, Mask, OpResult, op_shapes};
use mlx_rs::Array;
use mlx_rs::fast::{ScaledDotProductAttentionMask, scaled_dot_product_attention};

impl Attention for Mlx {
    /// MLX's one call for it, which on a GPU has kernels for some sizes of heads, masks and lengths, and composes the op itself
    /// for the rest, inside a gradient and on the CPU. Which it was is read from the graph that it built.
    fn sdpa(&self, q: &Array, k: &Array, v: &Array, mask: Mask<'_, Array>, scale: f64) -> OpResult<Array> {
        // MLX would broadcast the mask, take v of another width, and align a causal mask at the end.
        let [q_dims, k_dims, v_dims] = [q, k, v].map(shape::of);
        let (mask_shape, mask_dims);
        let (mask, dims) = match mask {
            Mask::None => (None, Mask::None),
            Mask::Causal => (Some(ScaledDotProductAttentionMask::Causal), Mask::Causal),
            Mask::Additive(array) => {
                mask_shape = shape::of(array);
                mask_dims = &*mask_shape;
                (Some(ScaledDotProductAttentionMask::Array(array)), Mask::Additive(&mask_dims))
            }
        };
        op_shapes::sdpa(shape::dtype_of(q), &q_dims, &k_dims, &v_dims, dims)?;
        #[expect(clippy::cast_possible_truncation, reason = "MLX takes the scale as f32")]
        let scale = scale as f32;
        let made = scaled_dot_product_attention(q, k, v, scale, mask, None).map_err(error::from_mlx("sdpa"))?;
        if self.log().is_open() {
            if graph::was_made_by(&made, "ScaledDotProductAttention") {
                self.log().native("sdpa", "mlx fast scaled_dot_product_attention, its kernel");
            } else {
                let how = "mlx fast scaled_dot_product_attention, without a kernel for this: multiply, matmul, add, softmax, matmul";
                self.log().composed("sdpa", how);
            }
        }
        Ok(made)
    }
}
