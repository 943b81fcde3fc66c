//! 1-d convolution, forward.

use crate::tier::{SMALL_FLOP, shrink, tiny};
use crate::workload::{Workload, named, product, two_shapes};
use chipmark_core::check::Scale;
use chipmark_core::{ConvLayout, Cost, DType, Fill, FullBackend, HostTensor, OpResult, Outputs, Tier, Tolerance};

/// Signals `[n, l, c]`, filters `[o, k, c]`, stride 1, no padding, no bias.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Conv1d {
    signal: [usize; 3],
    filter: [usize; 3],
    dtype: DType,
}

impl Conv1d {
    fn output(&self) -> [usize; 3] {
        let ([n, l, _], [o, k, _]) = (self.signal, self.filter);
        [n, l - k + 1, o]
    }

    fn length(&self) -> usize {
        self.filter[1..].iter().product()
    }
}

impl Workload for Conv1d {
    const ID: &'static str = "conv1d";
    const ABOUT: &'static str = "1-d convolution, NLC signals and OKI filters at the border, stride 1, no padding";
    const FORMS: &'static [&'static str] = &["{signal}@{filter}"];

    fn at(&self, tier: Tier) -> Self {
        let mut case = self.clone();
        match tier {
            Tier::Full => {}
            Tier::Tiny => {
                case.signal = self.signal.map(tiny);
                case.filter = self.filter.map(tiny);
            }
            Tier::Small => {
                // Channels and filters stay; there are fewer signals, then shorter ones.
                let limit = SMALL_FLOP / product(&[2, self.filter[0], self.length()]).max(1);
                let [n, l, c] = self.signal;
                let [n] = shrink([n], limit, |d| product(&[d[0], l]));
                let [l] = shrink([l], limit, |d| product(&[n, d[0]]));
                case.signal = [n, l.max(self.filter[1]), c];
            }
        }
        case
    }

    fn label(&self) -> String {
        let ([n, l, c], [o, k, ci]) = (self.signal, self.filter);
        format!("{n}x{l}x{c}@{o}x{k}x{ci}")
    }

    fn dtype(&self) -> DType {
        self.dtype
    }

    fn parse(label: &str, dtype: DType) -> Result<Self, String> {
        let (signal, filter) = two_shapes(label)?;
        let (&[n, l, c], &[o, k, ci]) = (&signal[..], &filter[..]) else {
            return Err("signals and filters have three dimensions each, NLC@OKI".to_owned());
        };
        if c != ci {
            return Err(format!("the signals have {c} channels and the filters {ci}"));
        }
        if k > l {
            return Err("the filters are longer than the signals".to_owned());
        }
        Ok(Conv1d { signal: [n, l, c], filter: [o, k, ci], dtype })
    }

    fn cost(&self) -> Cost {
        let output = product(&self.output());
        let size = self.dtype.size_bytes() as u64;
        let inputs = product(&self.signal).saturating_add(product(&self.filter));
        let flop = output.saturating_mul(2 * self.length() as u64);
        Cost::streaming(flop, inputs.saturating_mul(size), output.saturating_mul(size))
    }

    fn tolerances(&self) -> Vec<Tolerance> {
        vec![Tolerance::reduction(self.dtype, self.length(), Scale::AbsoluteInputs)]
    }

    fn inputs(&self, fill: &mut Fill, layout: ConvLayout) -> OpResult<Vec<HostTensor>> {
        Ok(vec![
            layout.from_channels_last(fill.signed(self.signal, self.dtype)?)?,
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
        let [signals, filters] = named(Self::ID, x)?;
        Ok(Outputs::one(backend.conv1d(signals, filters)?))
    }
}
