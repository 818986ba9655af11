//! The highest level that a sound can have: what goes past it has run away, and so has what isn't finite.

/// +60 dBFS as a sample: a thousand times full scale. Music stays far below it even inside a patch (24 dB into a
/// distortion are +24 dBFS), and a signal that feeds itself with more gain than it loses passes it within seconds.
/// `docs/decisions/0002-blow-ups.md` says why it is this level.
pub const LOUDEST: f32 = 1_000.0;

/// The highest magnitude in `samples`, as the bits of a float: those of NaN are above those of infinity, and these above
/// all others, so that one comparison of integers finds whatever isn't at most a bound.
///
/// A plain loop, and none but plain loops around it in the block loop: closures would be compiled for any processor, where the higher
/// of two integers takes five instructions instead of one.
#[inline(always)]
pub fn highest_bits(samples: &[f32]) -> u32 {
    let mut highest = 0;
    for x in samples {
        highest = highest.max(magnitude(*x));
    }
    highest.cast_unsigned()
}

/// The bits of `x` without its sign; signed, because processors compare these sooner.
#[inline(always)]
fn magnitude(x: f32) -> i32 {
    (x.to_bits() & 0x7fff_ffff).cast_signed()
}

/// Whether `x` is a number and at most `bound` away from 0.
#[inline(always)]
pub fn is_within(x: f32, bound: f32) -> bool {
    x.abs() <= bound
}

#[cfg(test)]
mod tests {
    use super::{LOUDEST, highest_bits, is_within};

    #[test]
    fn what_is_not_a_number_is_above_every_bound() {
        for place in [0, 7, 8, 63, 66] {
            for (x, fine) in [
                (LOUDEST, true),
                (-LOUDEST, true),
                (1_000.1, false),
                (-1_000.1, false),
                (f32::NAN, false),
                (-f32::NAN, false),
                (f32::INFINITY, false),
                (f32::NEG_INFINITY, false),
                (f32::MAX, false),
                (-0.0, true),
                (1e-40, true),
            ] {
                let mut samples = [0.25_f32; 67];
                samples[place] = x;
                assert_eq!(highest_bits(&samples) <= LOUDEST.to_bits(), fine, "{x} at {place}");
                assert_eq!(is_within(x, LOUDEST), fine, "{x}");
            }
        }
        assert_eq!(highest_bits(&[]), 0);
        assert_eq!(f32::from_bits(highest_bits(&[0.5, -2.0, 1.0])), 2.0);
    }
}
