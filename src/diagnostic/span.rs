//! Places in source texts.

/// Which of the texts that were read together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u32);

/// Bytes `start..end` of one text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The text.
    pub source: SourceId,
    /// The first byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

impl Span {
    /// Bytes `start..end` of `source`. Texts are held under 1 MiB, so that offsets fit.
    pub const fn new(source: SourceId, start: usize, end: usize) -> Self {
        Self { source, start: start as u32, end: end as u32 }
    }

    /// From the start of this to the end of `other`, in the same text.
    #[must_use]
    pub const fn to(self, other: Self) -> Self {
        Self { end: other.end, ..self }
    }

    /// How many bytes.
    pub const fn len(self) -> usize {
        self.end.saturating_sub(self.start) as usize
    }

    /// Whether it is a point between two bytes.
    pub const fn is_empty(self) -> bool {
        self.len() == 0
    }
}
