//! Integer phases: 2^32 to a turn, wrapping for free and never drifting.

/// One turn as a float.
pub const TURN: f32 = 4_294_967_296.0;
/// The greatest increment a frame that a float holds below half a turn.
const FASTEST: f32 = 2_147_483_520.0;

/// The phase increment a frame of `hertz` >= 0, given `turns_per_hertz` = 2^32 / rate. Held below half a turn.
#[inline(always)]
pub fn increment(hertz: f32, turns_per_hertz: f32) -> u32 {
    let turns = hertz * turns_per_hertz;
    whole(if turns < FASTEST { turns } else { FASTEST })
}

/// The whole number nearest to `x`, which lies between 0 and 2^31; any number for any other `x`.
///
/// A cast saturates, which takes branches that keep lanes from running side by side. Here adding 2^23 rounds the
/// upper and then the lower sixteen bits in the mantissa, exactly.
#[inline(always)]
pub fn whole(x: f32) -> u32 {
    const UPPER: f32 = 8_388_608.0;
    const LOWER: f32 = 12_582_912.0;
    let upper = x * (1.0 / 65536.0) + UPPER;
    let lower = (x - (upper - UPPER) * 65536.0) + LOWER;
    (upper.to_bits() << 16).wrapping_add(lower.to_bits().wrapping_sub(LOWER.to_bits()))
}

/// A number of turns, of which whole ones don't count, as a phase. Up to 2^22 turns either way.
#[inline(always)]
pub fn wrapped(turns: f32) -> u32 {
    const ROUND: f32 = 12_582_912.0;
    let rest = turns - ((turns + ROUND) - ROUND);
    // Between -1/2 and 1/2: moved up by a whole turn's half, which the sign bit takes off again.
    whole((rest + 0.5) * (TURN / 2.0)).wrapping_mul(2) ^ 0x8000_0000
}

/// A share of a turn from 0 to 1 as a phase.
pub fn share(turn: f32) -> u32 {
    (f64::from(turn) * f64::from(TURN)) as u64 as u32
}

#[cfg(test)]
mod tests {
    use super::{share, whole, wrapped};

    #[test]
    fn whole_numbers_are_nearest() {
        for i in 0..2_000_000u32 {
            let x = i as f32 * 1073.7;
            assert!((f64::from(whole(x)) - f64::from(x)).abs() <= 0.5, "{x}");
        }
        for x in [0.0, 0.4, 0.6, 1.0, 65535.0, 65536.0, 16_777_215.0, 2_147_483_520.0f32] {
            assert!((f64::from(whole(x)) - f64::from(x)).abs() <= 0.5, "{x}");
        }
    }

    #[test]
    fn whole_turns_do_not_count() {
        for turns in [0.0, 0.25, 0.75, 1.25, -0.25, -3.75, 100.125f32] {
            let want = share((f64::from(turns) - libm::floor(f64::from(turns))) as f32);
            assert!(wrapped(turns).wrapping_sub(want).cast_signed().abs() < 512, "{turns}");
        }
    }
}
