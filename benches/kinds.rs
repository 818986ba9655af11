//! The time of one block of each kind, one, four and eight lanes wide.

use chronus::modules::TABLE;
use chronus::modules::dispatch::Compilation;
use chronus::modules::kernel::Kernel;
use chronus::modules::solo::{LaneWidths, Solo, Width};
use chronus::modules::spec::{BLOCK, Family, Normal};
use chronus::units::unit::Unit;

fn main() {
    divan::main();
}

fn kinds() -> impl Iterator<Item = &'static str> {
    TABLE.iter().filter(|spec| matches!(spec.kernel, Kernel::Lanes { .. })).map(|spec| spec.kind)
}

#[divan::bench(args = kinds())]
fn one(bencher: divan::Bencher<'_, '_>, kind: &str) {
    block::<1>(bencher, kind);
}

#[divan::bench(args = kinds())]
fn four(bencher: divan::Bencher<'_, '_>, kind: &str) {
    block::<4>(bencher, kind);
}

#[divan::bench(args = kinds())]
fn eight(bencher: divan::Bencher<'_, '_>, kind: &str) {
    block::<8>(bencher, kind);
}

/// One block with noise at the input, an open gate and parameters at their defaults, but for envelopes: they move all the time.
fn block<const W: usize>(bencher: divan::Bencher<'_, '_>, kind: &str)
where
    LaneWidths: Width<W>,
{
    let Some(spec) = TABLE.iter().copied().find(|spec| spec.kind == kind) else { return };
    let Some(mut solo) = Solo::<W>::new(spec, 48_000.0, &[], [1; W], Compilation::best()) else { return };
    let mut x = 1u32;
    let noise = std::array::from_fn::<[f32; W], BLOCK, _>(|_| {
        std::array::from_fn(|_| {
            x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            x as f32 * (1.0 / 4_294_967_296.0) - 0.5
        })
    });
    for port in spec.inputs {
        if port.normal == Normal::Gate { solo.set(port.name, 1.0) } else { solo.feed(port.name, &noise) }
    }
    let envelope = spec.family == Family::Envelope;
    for param in spec.params.iter().filter(|param| envelope && param.unit == Unit::Seconds) {
        solo.set(param.name, param.max as f32);
    }
    let mut blocks = 0;
    bencher.counter(divan::counter::ItemsCount::new(BLOCK * W)).bench_local(|| {
        solo.run();
        blocks += 1;
        // Before it comes to rest.
        if envelope && blocks % 10_000 == 0 {
            solo.reset();
        }
    });
}
