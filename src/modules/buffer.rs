//! One block of a signal, several lanes side by side, tagged as constant or varying by whoever wrote it.

use bytemuck::{Pod, Zeroable};

use crate::modules::spec::BLOCK;

/// One frame of every lane.
pub type Row<const W: usize> = [f32; W];
/// One block of every lane.
pub type Rows<const W: usize> = [[f32; W]; BLOCK];

/// Eight floats on a 32-byte boundary, so that vector loads never straddle cache lines.
#[derive(Clone, Copy, Debug, Zeroable, Pod)]
#[repr(C, align(32))]
pub(crate) struct Chunk([f32; 8]);

impl Chunk {
    pub(crate) const SILENT: Self = Self([0.0; 8]);
}

/// Eight samples, counted frame by frame and lane by lane: at any width a whole number of frames.
pub type Eight = [f32; 8];

/// A row again and again, eight samples of it.
#[inline(always)]
pub fn eight_of<const W: usize>(row: Row<W>) -> Eight {
    let mut eight = [0.0; 8];
    for k in 0..8 {
        eight[k] = row[k % W];
    }
    eight
}

/// What a buffer holds: a row for the whole block, or its samples, eight at a time.
#[derive(Clone, Copy, Debug)]
pub enum Flat<'a, const W: usize> {
    /// The same in every frame.
    Constant(Row<W>),
    /// Frame by frame.
    Varying(&'a [Eight]),
}

/// A block of [`BLOCK`] rows of some width, and whether its first row holds for all of it.
///
/// The default buffer is empty: a place-holder while the real one is lent out. Making one doesn't allocate.
#[derive(Clone, Debug, Default)]
pub struct Buffer {
    chunks: Box<[Chunk]>,
    constant: bool,
    /// The first sample, while it is constant: of one lane that is all there is to it, and at hand without the samples.
    first: f32,
}

impl Buffer {
    /// A silent, constant buffer of `width` lanes: 1, 4 or 8.
    pub fn new(width: usize) -> Self {
        Self { chunks: vec![Chunk::SILENT; BLOCK * width / 8].into_boxed_slice(), constant: true, first: 0.0 }
    }

    /// The lanes it is wide.
    pub fn width(&self) -> usize {
        self.chunks.len() * 8 / BLOCK
    }

    /// Whether the first row holds for the whole block.
    #[inline(always)]
    pub fn is_constant(&self) -> bool {
        self.constant
    }

    /// Whether it is constant and +0 in every lane.
    #[inline(always)]
    pub fn is_silent<const W: usize>(&self) -> bool {
        match self.flat::<W>() {
            Flat::Constant(row) => is_silent(row),
            Flat::Varying(_) => false,
        }
    }

    /// All samples, frame by frame, lanes side by side.
    #[inline(always)]
    pub fn samples(&self) -> &[f32] {
        bytemuck::cast_slice(&self.chunks)
    }

    /// The samples that say anything: the first row of a constant, otherwise all.
    #[inline(always)]
    pub fn content(&self) -> &[f32] {
        if self.constant { &self.samples()[..self.width()] } else { self.samples() }
    }

    /// All samples, to be written; the tag stays as it is. What writes to a constant buffer tags it anew.
    #[inline(always)]
    pub fn samples_mut(&mut self) -> &mut [f32] {
        bytemuck::cast_slice_mut(&mut self.chunks)
    }

    /// What it holds, at its width.
    #[inline(always)]
    pub fn flat<const W: usize>(&self) -> Flat<'_, W> {
        if self.constant {
            let mut row = [self.first; W];
            if W > 1 {
                row.copy_from_slice(&self.chunks[0].0[..W]);
            }
            Flat::Constant(row)
        } else {
            Flat::Varying(bytemuck::cast_slice(&self.chunks))
        }
    }

    /// All samples, eight at a time, to be written; the tag stays as it is.
    #[inline(always)]
    pub fn eights_mut(&mut self) -> &mut [Eight] {
        bytemuck::cast_slice_mut(&mut self.chunks)
    }

    /// The rows, to be read by a kernel.
    ///
    /// # Panics
    /// If `W` isn't the buffer's width.
    #[inline(always)]
    pub fn input<const W: usize>(&self) -> In<'_, W> {
        let rows = self.all_rows::<W>();
        if self.constant { In::Constant(&rows[0]) } else { In::Varying(rows) }
    }

    /// All rows as they are; of a constant buffer only the first says anything.
    ///
    /// # Panics
    /// If `W` isn't the buffer's width.
    #[inline(always)]
    pub fn all_rows<const W: usize>(&self) -> &Rows<W> {
        whole(self.samples().as_chunks::<W>().0)
    }

    /// Its first rows at a width of at most its own, to be used as scratch.
    ///
    /// # Panics
    /// If it is narrower than `W`.
    #[inline(always)]
    pub fn first_rows<const W: usize>(&mut self) -> &mut Rows<W> {
        match self.samples_mut().as_chunks_mut::<W>().0.first_chunk_mut() {
            Some(rows) => rows,
            None => wrong_width(),
        }
    }

    /// Says whether the first row holds for the whole block.
    #[inline(always)]
    pub fn tag(&mut self, constant: bool) {
        self.constant = constant;
        if constant {
            self.first = self.samples()[0];
        }
    }

    /// Takes over another buffer's content and tag.
    ///
    /// # Panics
    /// If the other is of another width.
    pub fn copy(&mut self, other: &Self) {
        let said = if other.constant { 1 } else { other.chunks.len() };
        self.chunks[..said].copy_from_slice(&other.chunks[..said]);
        (self.constant, self.first) = (other.constant, other.first);
    }

    /// One lane, frame by frame.
    pub fn lane(&self, lane: usize) -> impl Iterator<Item = f32> {
        let step = if self.constant { 0 } else { self.width() };
        let samples = self.samples();
        (0..BLOCK).map(move |frame| samples[frame * step + lane])
    }

    /// Takes over one lane of another buffer.
    pub fn copy_lane(&mut self, lane: usize, other: &Self, from: usize) {
        if self.constant && other.constant {
            self.set_lane(lane, other.samples()[from]);
            return;
        }
        self.expand();
        let width = self.width();
        let own = self.samples_mut().iter_mut().skip(lane).step_by(width);
        own.zip(other.lane(from)).for_each(|(own, sample)| *own = sample);
    }

    /// All rows, to be written; the buffer counts as varying from now on.
    ///
    /// # Panics
    /// If `W` isn't the buffer's width.
    #[inline(always)]
    pub fn rows<const W: usize>(&mut self) -> &mut Rows<W> {
        self.constant = false;
        let rows: &mut [Row<W>] = self.samples_mut().as_chunks_mut::<W>().0;
        match rows.try_into() {
            Ok(rows) => rows,
            Err(_) => wrong_width(),
        }
    }

    /// Says that `row` holds for the whole block.
    ///
    /// # Panics
    /// If `W` isn't the buffer's width.
    #[inline(always)]
    pub fn set<const W: usize>(&mut self, row: Row<W>) {
        self.rows::<W>()[0] = row;
        (self.constant, self.first) = (true, row[0]);
    }

    /// Writes the constant of one lane, which must not be in a varying buffer.
    pub fn set_lane(&mut self, lane: usize, value: f32) {
        debug_assert!(self.constant, "a lane's constant in a varying buffer");
        self.samples_mut()[lane] = value;
        self.first = self.samples()[0];
    }

    /// Makes a varying buffer constant at its last row.
    pub fn settle(&mut self) {
        if !self.constant {
            let width = self.width();
            self.samples_mut().copy_within((BLOCK - 1) * width.., 0);
            self.tag(true);
        }
    }

    /// Writes out a constant buffer in full and counts it as varying, so that single frames can be changed.
    pub fn expand(&mut self) {
        if self.constant {
            let width = self.width();
            let samples = self.samples_mut();
            for frame in 1..BLOCK {
                samples.copy_within(..width, frame * width);
            }
            self.constant = false;
        }
    }
}

#[inline(always)]
fn is_silent<const W: usize>(row: Row<W>) -> bool {
    let mut bits = 0;
    for x in row {
        bits |= x.to_bits();
    }
    bits == 0
}

#[inline(always)]
fn whole<const W: usize>(rows: &[Row<W>]) -> &Rows<W> {
    match rows.try_into() {
        Ok(rows) => rows,
        Err(_) => wrong_width(),
    }
}

#[cold]
fn wrong_width() -> ! {
    unreachable!("a buffer was read at a width that isn't its own")
}

/// A row over and over, as wide as `P` lanes: few lanes alone would be packed and unpacked on their way from frame to
/// frame.
#[inline(always)]
pub(crate) fn wide<const W: usize, const P: usize>(row: &Row<W>) -> Row<P> {
    let mut wide = [0.0; P];
    for l in 0..P {
        wide[l] = row[l % W];
    }
    wide
}

/// An input of one block: one row that holds for all of it, or a row a frame.
#[derive(Clone, Copy, Debug)]
pub enum In<'a, const W: usize> {
    /// The same in every frame.
    Constant(&'a Row<W>),
    /// A row a frame.
    Varying(&'a Rows<W>),
}

impl<'a, const W: usize> In<'a, W> {
    /// The row of frame `i`.
    #[inline(always)]
    pub fn at(&self, i: usize) -> &'a Row<W> {
        match self {
            Self::Constant(row) => row,
            Self::Varying(rows) => &rows[i],
        }
    }

    /// Whether one row holds for the whole block.
    #[inline(always)]
    pub const fn is_constant(&self) -> bool {
        matches!(self, Self::Constant(_))
    }

    /// Whether every lane is silent (+0) for the whole block.
    #[inline(always)]
    pub fn is_silent(&self) -> bool {
        match self {
            Self::Constant(row) => is_silent(**row),
            Self::Varying(_) => false,
        }
    }

    /// The `n`th `RUN` samples of the block, lanes side by side; `RUN` is a multiple of the lanes.
    #[inline(always)]
    pub fn run<const RUN: usize>(&self, n: usize) -> [f32; RUN] {
        match self {
            Self::Constant(row) => {
                let mut run = [0.0; RUN];
                for to in run.as_chunks_mut::<W>().0 {
                    *to = **row;
                }
                run
            }
            Self::Varying(rows) => rows.as_flattened().as_chunks().0[n],
        }
    }

    /// A row a frame, written out into `spare` where one row holds for all.
    #[inline(always)]
    pub fn rows<'s>(&self, spare: &'s mut Rows<W>) -> &'s Rows<W>
    where
        'a: 's,
    {
        match self {
            Self::Constant(row) => {
                spare.fill(**row);
                spare
            }
            Self::Varying(rows) => rows,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Buffer;

    #[test]
    fn an_expanded_constant_reads_the_same() {
        let mut buffer = Buffer::new(4);
        buffer.set([1.0, 2.0, 3.0, 4.0]);
        let before: Vec<[f32; 4]> = (0..64).map(|i| *buffer.input::<4>().at(i)).collect();
        buffer.expand();
        assert!(!buffer.is_constant());
        let after: Vec<[f32; 4]> = (0..64).map(|i| *buffer.input::<4>().at(i)).collect();
        assert_eq!(before, after);
    }

    #[test]
    fn silence_is_positive_zero() {
        let mut buffer = Buffer::new(1);
        assert!(buffer.is_silent::<1>());
        buffer.set([-0.0]);
        assert!(!buffer.is_silent::<1>());
    }
}
