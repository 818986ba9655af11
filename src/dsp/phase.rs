//! Integer phases: 2^32 to a turn, wrapping for free and never drifting.

/// One turn as a float.
pub const TURN: f32 = 4_294_967_296.0;

/// The phase increment a frame of `hertz`, given `turns_per_hertz` = 2^32 / rate. Held below half a turn.
#[inline(always)]
pub fn increment(hertz: f32, turns_per_hertz: f32) -> u32 {
    let turns = hertz * turns_per_hertz;
    (if turns < 2_147_483_520.0 { turns } else { 2_147_483_520.0 }) as i32 as u32
}
