//! The code after a kind: kernels over lanes, compiled twice, or a unit from another crate.

use crate::modules::call::Call;
use crate::modules::state::Setup;

/// A kernel for lanes of one width, compiled for one set of instructions.
///
/// The type is `unsafe fn` because one of the two compilations needs AVX2; the engine's dispatch is the one
/// place that calls it, after having asked the processor.
pub type KernelFn<const W: usize> = unsafe fn(&mut Call<'_, W>);

/// One compilation of a kernel, at each width.
#[derive(Clone, Copy, Debug)]
pub struct Widths {
    /// One lane.
    pub one: KernelFn<1>,
    /// Four lanes.
    pub four: KernelFn<4>,
    /// Eight lanes.
    pub eight: KernelFn<8>,
}

/// The code that makes a module's sound.
#[derive(Debug)]
pub enum Kernel {
    /// Stateless functions over rows, made by `kernel!`.
    Lanes {
        /// For any processor of the target.
        baseline: Widths,
        /// For processors with AVX2: the same arithmetic, the same bits.
        avx2: Widths,
        /// From how many equal modules on lanes cost less than one module after another, as `benches/kinds.rs` shows;
        /// 0 if they never do.
        pays: usize,
    },
    /// A unit from another crate, which keeps its own state and runs at width 1 only.
    Foreign(fn(&Setup<'_>) -> Box<dyn Foreign>),
}

/// A unit from another crate after the face of a kernel.
pub trait Foreign: Send {
    /// Runs one block. The call's rows, words and rings are empty.
    fn run(&mut self, call: &mut Call<'_, 1>);
    /// Forgets everything heard so far; must not allocate.
    fn reset(&mut self);
    /// Goes on with the state of another unit of the same kind, at the same rate; must not allocate.
    fn adopt(&mut self, other: &dyn Foreign);
    /// Itself, for [`Foreign::adopt`].
    fn as_any(&self) -> &dyn std::any::Any;
}

/// Compiles a kernel `fn name<const W: usize>(call: &mut Call<'_, W>)`, which must be `#[inline(always)]`, at every
/// width, once for the baseline and once for AVX2 (never `fma`, which would change bits).
///
/// `kernel!(name, pays 3)` says that lanes pay from three equal modules on. `kernel!(name, pays 3, baseline four)` says that
/// at four lanes the baseline is the faster one with AVX2 too, as `benches/kinds.rs` shows: where the registers are as wide
/// as two rows, the compiler packs two rows into one and unpacks them again on the way from frame to frame.
macro_rules! kernel {
    ($name:ident) => {
        $crate::modules::kernel::kernel!($name, pays 0)
    };
    ($name:ident, pays $pays:literal $(, baseline $width:ident)?) => {{
        use $crate::modules::call::Call;
        use $crate::modules::kernel::{Kernel, Widths};

        macro_rules! widths {
            ($attribute:meta) => {{
                #[$attribute]
                fn one(call: &mut Call<'_, 1>) {
                    $name::<1>(call);
                }
                #[$attribute]
                fn four(call: &mut Call<'_, 4>) {
                    $name::<4>(call);
                }
                #[$attribute]
                fn eight(call: &mut Call<'_, 8>) {
                    $name::<8>(call);
                }
                Widths { one, four, eight }
            }};
        }
        const BASELINE: Widths = widths!(inline(never));
        #[cfg(target_arch = "x86_64")]
        const AVX2: Widths = Widths { $($width: BASELINE.$width,)? ..widths!(target_feature(enable = "avx2")) };
        #[cfg(not(target_arch = "x86_64"))]
        const AVX2: Widths = BASELINE;
        Kernel::Lanes { baseline: BASELINE, avx2: AVX2, pays: $pays }
    }};
}
pub(crate) use kernel;
