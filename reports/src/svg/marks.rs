//! How far a value is to be trusted, and the words for it. Every chart shows it in the same way: composed in stripes, doubtful in
//! dashes, imported hollow.

use crate::model::CellView;

/// What there is to know about a value beside the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// An op of it was built from others: stripes.
    Composed,
    /// It has a flag: dashes.
    Doubtful,
    /// It was published by others and not measured here: hollow.
    Imported,
}

/// The marks of a value: none, which is plain, or any of them together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Marks(u8);

impl Mark {
    /// Every mark.
    pub const ALL: [Mark; 3] = [Mark::Composed, Mark::Doubtful, Mark::Imported];

    /// What it means, for the key of a chart.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Mark::Composed => "composed",
            Mark::Doubtful => "flagged",
            Mark::Imported => "published, not measured here",
        }
    }

    fn bit(self) -> u8 {
        match self {
            Mark::Composed => 1,
            Mark::Doubtful => 2,
            Mark::Imported => 4,
        }
    }
}

impl Marks {
    /// No mark.
    pub const PLAIN: Marks = Marks(0);

    /// Those of a cell that was measured here: composed, and doubtful if it has any flag.
    #[must_use]
    pub fn of(cell: &CellView) -> Self {
        let composed = cell.composed.then_some(Mark::Composed);
        let doubtful = (!cell.result.flags.is_empty()).then_some(Mark::Doubtful);
        composed.into_iter().chain(doubtful).collect()
    }

    /// These and one more.
    #[must_use]
    pub fn with(self, mark: Mark) -> Self {
        Marks(self.0 | mark.bit())
    }

    /// Whether one is among them.
    #[must_use]
    pub fn has(self, mark: Mark) -> bool {
        self.0 & mark.bit() != 0
    }

    /// What they mean, such as `composed, flagged`; empty for none.
    pub(crate) fn told(self) -> String {
        let about: Vec<&str> = Mark::ALL.into_iter().filter(|mark| self.has(*mark)).map(Mark::about).collect();
        about.join(", ")
    }

    /// The marks of both.
    #[must_use]
    pub fn and(self, other: Marks) -> Self {
        Marks(self.0 | other.0)
    }
}

impl From<Mark> for Marks {
    fn from(mark: Mark) -> Self {
        Marks::PLAIN.with(mark)
    }
}

impl FromIterator<Mark> for Marks {
    fn from_iter<I: IntoIterator<Item = Mark>>(marks: I) -> Self {
        marks.into_iter().fold(Marks::PLAIN, Marks::with)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_can_be_put_together() {
        let both: Marks = [Mark::Composed, Mark::Imported].into_iter().collect();
        assert_eq!(Mark::ALL.map(|mark| both.has(mark)), [true, false, true]);
        assert_eq!(Marks::from(Mark::Composed).and(Mark::Imported.into()), both);
        assert_eq!(Marks::default(), Marks::PLAIN);
        assert_eq!(both.told(), "composed, published, not measured here");
    }
}
