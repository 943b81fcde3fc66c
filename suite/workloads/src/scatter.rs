//! Rows placed by index: set, added up, or the largest kept. The source is rows of a matrix x by one random index, picked
//! before any clock starts; another random index says where they go.

use crate::host::{floats, indices, rows};
use crate::rows::Rows;
use crate::workload::{Workload, bytes, named, product};
use chipmark_core::check::Scale;
use chipmark_core::{ConvLayout, Cost, DType, Fill, FullBackend, HostTensor, OpResult, Outputs, Tier, Tolerance};
use std::fmt::Debug;
use std::marker::PhantomData;

/// What becomes of the rows that meet in a place.
pub(crate) trait Meeting: Clone + Debug + PartialEq + 'static {
    const ID: &'static str;
    const ABOUT: &'static str;
    /// The operations of one source element.
    const FLOP: usize;

    /// How far the result may be off; not at all where nothing is added.
    fn tolerance(x: &Rows, dtype: DType) -> Tolerance {
        let _ = (x, dtype);
        Tolerance::EXACT
    }

    /// The row of x that each source is, given the places where they go. By default each is drawn by itself.
    fn sources(x: &Rows, fill: &mut Fill, places: &[usize]) -> Vec<usize> {
        places.iter().map(|_| fill.below(x.rows)).collect()
    }

    /// The rows that the source is scattered into: zeros by default.
    fn into(x: HostTensor) -> OpResult<HostTensor> {
        floats(x.shape().clone(), vec![0.0; x.shape().numel()], x.dtype())
    }

    /// The work.
    fn scatter<B: FullBackend>(
        backend: &B,
        into: &B::Tensor,
        places: &B::Tensor,
        source: &B::Tensor,
    ) -> OpResult<B::Tensor>;
}

/// `length` rows of x scattered over as many rows as x has.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scatter<M> {
    x: Rows,
    dtype: DType,
    meeting: PhantomData<M>,
}

impl<M: Meeting> Workload for Scatter<M> {
    const ID: &'static str = M::ID;
    const ABOUT: &'static str = M::ABOUT;
    const FORMS: &'static [&'static str] = Rows::FORMS;

    fn at(&self, tier: Tier) -> Self {
        Scatter { x: self.x.at(tier), ..*self }
    }

    fn label(&self) -> String {
        self.x.label()
    }

    fn dtype(&self) -> DType {
        self.dtype
    }

    fn parse(label: &str, dtype: DType) -> Result<Self, String> {
        Ok(Scatter { x: Rows::parse(label)?, dtype, meeting: PhantomData })
    }

    fn cost(&self) -> Cost {
        // The rows scattered into are an input and stay as they are: all are read, and as many written.
        let matrix = bytes(self.x.matrix(), self.dtype);
        let source = bytes(self.x.picked(), self.dtype).saturating_add(bytes(self.x.length, DType::I64));
        Cost::streaming(product(&[M::FLOP, self.x.picked()]), source.saturating_add(matrix), matrix)
    }

    fn tolerances(&self) -> Vec<Tolerance> {
        vec![M::tolerance(&self.x, self.dtype)]
    }

    fn inputs(&self, fill: &mut Fill, _: ConvLayout) -> OpResult<Vec<HostTensor>> {
        let x = fill.signed([self.x.rows, self.x.width], self.dtype)?;
        let places: Vec<usize> = (0..self.x.length).map(|_| fill.below(self.x.rows)).collect();
        let source = rows(&x, &M::sources(&self.x, fill, &places))?;
        Ok(vec![source, indices(&places)?, M::into(x)?])
    }

    fn step<B: FullBackend>(&self, backend: &B, _: &[HostTensor], x: &[B::Tensor]) -> OpResult<Outputs<B::Tensor>> {
        let [source, places, into] = named(Self::ID, x)?;
        Ok(Outputs::one(M::scatter(backend, into, places, source)?))
    }
}

/// `scatter`: rows set.
///
/// Of the sources that go to one place, any may win. So that there is one result and it can be compared exactly, they are all
/// the same row of x; which one is random. The cost is that of independent sources: as many rows are read and written, in
/// the same places. They are set in x itself, so that a scatter that adds fails even where no place is named twice.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Set;

impl Meeting for Set {
    const ID: &'static str = "scatter";
    const ABOUT: &'static str = "rows of a matrix set by a random index; of those for one place, any";
    const FLOP: usize = 0;

    fn sources(x: &Rows, fill: &mut Fill, places: &[usize]) -> Vec<usize> {
        let source_of: Vec<usize> = (0..x.rows).map(|_| fill.below(x.rows)).collect();
        places.iter().map(|&place| source_of[place]).collect()
    }

    fn into(x: HostTensor) -> OpResult<HostTensor> {
        Ok(x)
    }

    fn scatter<B: FullBackend>(
        backend: &B,
        into: &B::Tensor,
        places: &B::Tensor,
        source: &B::Tensor,
    ) -> OpResult<B::Tensor> {
        backend.scatter_set_rows(into, places, source)
    }
}

/// `scatter_sum`: rows added up.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sum;

impl Meeting for Sum {
    const ID: &'static str = "scatter_sum";
    const ABOUT: &'static str = "rows of a matrix added into zeros by a random index";
    const FLOP: usize = 1;

    /// As many rows meet in a place as there are sources a place, give or take the root of that. They are rows of x, and where these
    /// are few, the same ones meet again and again.
    fn tolerance(x: &Rows, dtype: DType) -> Tolerance {
        Tolerance::one_sign(dtype, x.length.div_ceil(x.rows), Scale::AbsoluteInputs)
    }

    fn scatter<B: FullBackend>(
        backend: &B,
        into: &B::Tensor,
        places: &B::Tensor,
        source: &B::Tensor,
    ) -> OpResult<B::Tensor> {
        backend.scatter_add_rows(into, places, source)
    }
}

/// `scatter_max`: the largest kept. Half of the elements are below the zeros that are there already.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Max;

impl Meeting for Max {
    const ID: &'static str = "scatter_max";
    const ABOUT: &'static str = "the largest of rows of a matrix, and of zero, by a random index";
    /// A comparison, which softmax counts too.
    const FLOP: usize = 1;

    fn scatter<B: FullBackend>(
        backend: &B,
        into: &B::Tensor,
        places: &B::Tensor,
        source: &B::Tensor,
    ) -> OpResult<B::Tensor> {
        backend.scatter_max_rows(into, places, source)
    }
}
