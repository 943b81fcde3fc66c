//! 2-d convolution, forward.

use crate::tier::{SMALL_FLOP, shrink, tiny};
use crate::workload::{Workload, named, product, two_shapes};
use chipmark_core::check::Scale;
use chipmark_core::{ConvLayout, Cost, DType, Fill, FullBackend, HostTensor, OpResult, Outputs, Tier, Tolerance};

/// Images `[n, h, w, c]`, filters `[o, kh, kw, c]`, stride 1, no padding, no bias.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Conv2d {
    image: [usize; 4],
    filter: [usize; 4],
    dtype: DType,
}

impl Conv2d {
    fn output(&self) -> [usize; 4] {
        let ([n, h, w, _], [o, kh, kw, _]) = (self.image, self.filter);
        [n, h - kh + 1, w - kw + 1, o]
    }

    fn length(&self) -> usize {
        self.filter[1..].iter().product()
    }
}

impl Workload for Conv2d {
    const ID: &'static str = "conv2d";
    const ABOUT: &'static str = "2-d convolution, NHWC images and OHWI filters at the border, stride 1, no padding";
    const FORMS: &'static [&'static str] = &["{image}@{filter}"];

    fn at(&self, tier: Tier) -> Self {
        let mut case = self.clone();
        match tier {
            Tier::Full => {}
            Tier::Tiny => {
                case.image = self.image.map(tiny);
                case.filter = self.filter.map(tiny);
            }
            Tier::Small => {
                // Channels and filters stay; there are fewer images, then smaller ones.
                let limit = SMALL_FLOP / product(&[2, self.filter[0], self.length()]).max(1);
                let [n, h, w, c] = self.image;
                let [images] = shrink([n], limit, |d| product(&[d[0], h, w]));
                let [h, w] = shrink([h, w], limit, |d| product(&[images, d[0], d[1]]));
                case.image = [images, h.max(self.filter[1]), w.max(self.filter[2]), c];
            }
        }
        case
    }

    fn label(&self) -> String {
        let ([n, h, w, c], [o, kh, kw, ci]) = (self.image, self.filter);
        format!("{n}x{h}x{w}x{c}@{o}x{kh}x{kw}x{ci}")
    }

    fn dtype(&self) -> DType {
        self.dtype
    }

    fn parse(label: &str, dtype: DType) -> Result<Self, String> {
        let (image, filter) = two_shapes(label)?;
        let (&[n, h, w, c], &[o, kh, kw, ci]) = (&image[..], &filter[..]) else {
            return Err("images and filters have four dimensions each, NHWC@OHWI".to_owned());
        };
        if c != ci {
            return Err(format!("the images have {c} channels and the filters {ci}"));
        }
        if kh > h || kw > w {
            return Err("the filters are larger than the images".to_owned());
        }
        Ok(Conv2d { image: [n, h, w, c], filter: [o, kh, kw, ci], dtype })
    }

    fn cost(&self) -> Cost {
        let output = product(&self.output());
        let size = self.dtype.size_bytes() as u64;
        let inputs = product(&self.image).saturating_add(product(&self.filter));
        let flop = output.saturating_mul(2 * self.length() as u64);
        Cost::streaming(flop, inputs.saturating_mul(size), output.saturating_mul(size))
    }

    fn tolerances(&self) -> Vec<Tolerance> {
        vec![Tolerance::reduction(self.dtype, self.length(), Scale::AbsoluteInputs)]
    }

    fn inputs(&self, fill: &mut Fill, layout: ConvLayout) -> OpResult<Vec<HostTensor>> {
        Ok(vec![
            layout.from_channels_last(fill.signed(self.image, self.dtype)?)?,
            layout.from_channels_last(fill.signed(self.filter, self.dtype)?)?,
        ])
    }

    fn has_layout(&self) -> bool {
        true
    }

    fn canonical(&self, output: HostTensor, layout: ConvLayout) -> OpResult<HostTensor> {
        layout.to_channels_last(output)
    }

    fn step<B: FullBackend>(&self, backend: &B, _: &[HostTensor], x: &[B::Tensor]) -> OpResult<Outputs<B::Tensor>> {
        let [image, filters] = named(Self::ID, x)?;
        Ok(Outputs::one(backend.conv2d(image, filters)?))
    }
}
