//! Which compilation of a kernel runs: chosen once, by asking the processor.

use crate::modules::call::Call;
use crate::modules::kernel::{KernelFn, Widths};

/// A compilation of the kernels that this processor can run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compilation(Instructions);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Instructions {
    Baseline,
    #[cfg_attr(not(target_arch = "x86_64"), expect(dead_code, reason = "no other processor has it"))]
    Avx2,
}

impl Compilation {
    /// For any processor of the target.
    pub const BASELINE: Self = Self(Instructions::Baseline);

    /// The fastest that this processor can run. All give the same bits.
    pub fn best() -> Self {
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            return Self(Instructions::Avx2);
        }
        Self::BASELINE
    }

    /// Does `work` in this compilation: what of it is inlined is compiled for the same instructions as the kernels.
    #[inline(always)]
    #[allow(
        unsafe_code,
        reason = "with `Runnable::run` the one place where code compiled for AVX2 is called"
    )]
    pub fn run(self, work: impl Work) {
        #[cfg(target_arch = "x86_64")]
        if self.0 == Instructions::Avx2 {
            // SAFETY: only `Compilation::best` makes this compilation, after it had found AVX2.
            unsafe { run_avx2(work) };
            return;
        }
        work.run();
    }

    /// The kernels of this compilation, of the two that there are.
    pub fn choose<'a>(self, baseline: &'a Widths, avx2: &'a Widths) -> Chosen<'a> {
        Chosen(match self.0 {
            Instructions::Baseline => baseline,
            Instructions::Avx2 => avx2,
        })
    }
}

/// Something to do in whichever compilation is the best. Its `run` must be `#[inline(always)]`.
pub trait Work {
    /// Does it.
    fn run(self);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn run_avx2(work: impl Work) {
    work.run();
}

/// Kernels that this processor can run.
#[derive(Clone, Copy, Debug)]
pub struct Chosen<'a>(&'a Widths);

impl Chosen<'_> {
    /// The kernel of one lane.
    pub fn one(self) -> Runnable<1> {
        Runnable(self.0.one)
    }

    /// The kernel of four lanes.
    pub fn four(self) -> Runnable<4> {
        Runnable(self.0.four)
    }

    /// The kernel of eight lanes.
    pub fn eight(self) -> Runnable<8> {
        Runnable(self.0.eight)
    }
}

/// A kernel that this processor can run.
#[derive(Clone, Copy, Debug)]
pub struct Runnable<const W: usize>(KernelFn<W>);

impl<const W: usize> Runnable<W> {
    /// Runs one block.
    #[inline(always)]
    #[allow(unsafe_code, reason = "the one place where kernels compiled for AVX2 are called")]
    pub fn run(self, call: &mut Call<'_, W>) {
        // SAFETY: a `Runnable` is made from a `Chosen`, that by `Compilation::choose`, and AVX2 kernels are chosen only
        // by a compilation that `Compilation::best` made after it had found AVX2.
        unsafe { (self.0)(call) }
    }
}
