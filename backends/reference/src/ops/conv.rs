//! Convolutions: every patch of an image is laid out as a row, and the rows are multiplied by the filters.

use crate::Reference;
use crate::tape::Backward;
use crate::tensor::{Tensor, shared, zeros};
use chipmark_core::op_shapes as shapes;
use chipmark_core::ops::conv::{Conv, ConvLayout};
use chipmark_core::{Backend, OpError, OpResult, Shape};
use ndarray::linalg::general_mat_mul;
use ndarray::{
    Array, Array2, Array3, ArrayD, ArrayRef, ArrayView1, ArrayViewMut1, CowArray, Dimension, Ix2, Ix3, IxDyn,
};

/// The lengths of one convolution: images, filters and results with four axes each. A sequence is an image of height one.
#[derive(Clone)]
struct Lengths {
    op: &'static str,
    x: Shape,
    filters: Shape,
    out: Shape,
}

/// The dimensions with a height of one where there is none.
fn with_height(dims: &[usize]) -> Shape {
    let mut shape = Shape::from(dims);
    if shape.rank() == 3 {
        shape.0.insert(1, 1);
    }
    shape
}

impl Lengths {
    /// How many patches an image has, and how many elements a patch.
    fn rows(&self) -> (usize, usize) {
        (self.out[1] * self.out[2], self.filters[1..].iter().product())
    }

    /// For each row of each patch, which is one run of neighbours both in the image and in the patch: where it starts in
    /// the image's elements and where in the patches'. With it, the length of a run.
    fn runs(&self) -> (impl Iterator<Item = (usize, usize)>, usize) {
        let (width, channels, out_width) = (self.x[2], self.x[3], self.out[2]);
        let run = self.filters[2] * channels;
        let places = (0..self.out[1] * out_width).flat_map(move |patch| (0..self.filters[1]).map(move |i| (patch, i)));
        let starts = places.enumerate().map(move |(n, (patch, i))| {
            let (y, x) = (patch / out_width, patch % out_width);
            (((y + i) * width + x) * channels, n * run)
        });
        (starts, run)
    }

    /// Lays the patches of one image out as rows.
    fn lay_out(&self, image: &ArrayView1<f64>, rows: &mut Array2<f64>) -> OpResult<()> {
        let (starts, run) = self.runs();
        let (image, rows) =
            (image.as_slice().ok_or_else(|| self.scattered())?, rows.as_slice_mut().ok_or_else(|| self.scattered())?);
        for (in_image, in_rows) in starts {
            rows[in_rows..in_rows + run].copy_from_slice(&image[in_image..in_image + run]);
        }
        Ok(())
    }

    /// Adds the rows up at the places in the image that they were taken from.
    fn add_back(&self, rows: &Array2<f64>, image: &mut ArrayViewMut1<f64>) -> OpResult<()> {
        let (starts, run) = self.runs();
        let (rows, image) =
            (rows.as_slice().ok_or_else(|| self.scattered())?, image.as_slice_mut().ok_or_else(|| self.scattered())?);
        for (in_image, in_rows) in starts {
            for (to, from) in image[in_image..in_image + run].iter_mut().zip(&rows[in_rows..in_rows + run]) {
                *to += from;
            }
        }
        Ok(())
    }

    /// Images or results as `[n, …]` with rows of the length of one of them, all elements in row-major order.
    fn per_image<'a>(&self, x: &'a ArrayRef<f64, IxDyn>) -> OpResult<CowArray<'a, f64, Ix2>> {
        let [n, rest @ ..] = x.shape() else { return Err(OpError::framework(self.op, "expected images")) };
        self.reshaped(x, (*n, rest.iter().product()))
    }

    /// The gradient's matrix for one image after the other: `[n, patches, filters]`.
    fn gradients<'a>(&self, g: &'a ArrayRef<f64, IxDyn>) -> OpResult<CowArray<'a, f64, Ix3>> {
        g.to_shape((self.out[0], self.rows().0, self.out[3])).map_err(|error| OpError::framework(self.op, error))
    }

    fn filter_rows<'a>(&self, filters: &'a ArrayRef<f64, IxDyn>) -> OpResult<CowArray<'a, f64, Ix2>> {
        self.reshaped(filters, (self.filters[0], self.rows().1))
    }

    fn scattered(&self) -> OpError {
        OpError::framework(self.op, "the elements are not in row-major order")
    }

    fn reshaped<'a>(&self, x: &'a ArrayRef<f64, IxDyn>, dims: (usize, usize)) -> OpResult<CowArray<'a, f64, Ix2>> {
        x.to_shape(dims).map_err(|error| OpError::framework(self.op, error))
    }

    /// The result as an array with the axes of the op.
    fn finished<D: Dimension>(&self, out: Array<f64, D>, dims: &[usize]) -> OpResult<ArrayD<f64>> {
        out.into_shape_with_order(IxDyn(dims)).map_err(|error| OpError::framework(self.op, error))
    }

    fn forward(
        &self,
        x: &ArrayRef<f64, IxDyn>,
        filters: &ArrayRef<f64, IxDyn>,
        dims: &[usize],
    ) -> OpResult<ArrayD<f64>> {
        let refuse = |error| OpError::framework(self.op, error);
        let (patches, patch) = self.rows();
        let filters = self.filter_rows(filters)?;
        let mut rows: Array2<f64> = zeros(self.op, &[patches, patch])?.into_dimensionality().map_err(refuse)?;
        let out = zeros(self.op, &[self.out[0], patches, self.out[3]])?;
        let mut out: Array3<f64> = out.into_dimensionality().map_err(refuse)?;
        for (image, mut out) in self.per_image(x)?.outer_iter().zip(out.outer_iter_mut()) {
            self.lay_out(&image, &mut rows)?;
            general_mat_mul(1.0, &rows, &filters.t(), 0.0, &mut out);
        }
        self.finished(out, dims)
    }

    fn to_x(&self, g: &ArrayRef<f64, IxDyn>, filters: &ArrayRef<f64, IxDyn>, dims: &[usize]) -> OpResult<ArrayD<f64>> {
        let filters = self.filter_rows(filters)?;
        let mut out = Array2::zeros((self.x[0], self.x[1..].iter().product()));
        for (g, mut image) in self.gradients(g)?.outer_iter().zip(out.outer_iter_mut()) {
            self.add_back(&g.dot(&filters), &mut image)?;
        }
        self.finished(out, dims)
    }

    fn to_filters(&self, g: &ArrayRef<f64, IxDyn>, x: &ArrayRef<f64, IxDyn>, dims: &[usize]) -> OpResult<ArrayD<f64>> {
        let (patches, patch) = self.rows();
        let mut rows = Array2::zeros((patches, patch));
        let mut out = Array2::zeros((self.filters[0], patch));
        for (image, g) in self.per_image(x)?.outer_iter().zip(self.gradients(g)?.outer_iter()) {
            self.lay_out(&image, &mut rows)?;
            general_mat_mul(1.0, &g.t(), &rows, 1.0, &mut out);
        }
        self.finished(out, dims)
    }
}

impl Reference {
    /// A convolution whose result, by the rule of shapes, is `dims`.
    fn convolution(&self, op: &'static str, x: &Tensor, filters: &Tensor, dims: &Shape) -> OpResult<Tensor> {
        self.log().native(op, "patches by ndarray product");
        let (images, weights) = (x.floats(op)?.clone(), filters.floats(op)?.clone());
        let (x_dims, filter_dims) = (Shape::from(images.shape()), Shape::from(weights.shape()));
        let lengths =
            Lengths { op, x: with_height(&x_dims), filters: with_height(&filter_dims), out: with_height(dims) };
        let out = lengths.forward(&images, &weights, dims)?;
        let again = lengths.clone();
        let to_x: Backward = Box::new(move |g| lengths.to_x(g, &weights, &x_dims));
        let to_filters: Backward = Box::new(move |g| again.to_filters(g, &images, &filter_dims));
        Ok(self.made(shared(out), vec![(x, to_x), (filters, to_filters)]))
    }
}

impl Conv for Reference {
    fn conv_layout(&self) -> ConvLayout {
        ConvLayout::ChannelsLast
    }

    fn conv1d(&self, x: &Tensor, filters: &Tensor) -> OpResult<Tensor> {
        let dims = shapes::conv1d(x.dtype(), x.shape(), filters.shape())?;
        self.convolution("conv1d", x, filters, &dims)
    }

    fn conv2d(&self, x: &Tensor, filters: &Tensor) -> OpResult<Tensor> {
        let dims = shapes::conv2d(x.dtype(), x.shape(), filters.shape())?;
        self.convolution("conv2d", x, filters, &dims)
    }
}
