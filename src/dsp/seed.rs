//! Seeds and draws: all chance in a song is a pure function of where it is asked for.

/// A 64-bit seed that is narrowed down step by step: by a name, by a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Seed(u64);

impl Seed {
    /// The seed of a whole song.
    pub fn new(song: u64) -> Self {
        Self(mix(song ^ 0x9e37_79b9_7f4a_7c15))
    }

    /// The seed of the thing called `name` under this one.
    #[must_use]
    pub fn name(self, name: &str) -> Self {
        // FNV-1a, then mixed: short names differ in few bits.
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Self(mix(self.0.rotate_left(23) ^ hash))
    }

    /// The seed of the thing numbered `number` under this one.
    #[must_use]
    pub fn number(self, number: u64) -> Self {
        Self(mix(self.0.rotate_left(41) ^ mix(number.wrapping_add(0x632b_e59b_d9b4_e019))))
    }

    /// A draw from 0 to 1, 1 excluded.
    pub fn share(self) -> f64 {
        (self.0 >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
    }

    /// A draw from -1 to 1, 1 excluded.
    pub fn bipolar(self) -> f64 {
        self.share() * 2.0 - 1.0
    }

    /// As a number.
    pub fn long(self) -> u64 {
        self.0
    }

    /// As a seed for a kernel.
    pub fn word(self) -> u32 {
        (self.0 >> 32) as u32
    }
}

/// The finaliser of `SplitMix64` (Steele, Lea, Flood 2014): every input bit reaches every output bit.
fn mix(x: u64) -> u64 {
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::Seed;

    #[test]
    fn draws_are_even() {
        let mean = (0..10_000).map(|i| Seed::new(7).name("hat").number(i).share()).sum::<f64>() / 1e4;
        assert!((mean - 0.5).abs() < 0.01, "{mean}");
    }

    #[test]
    fn names_and_numbers_lead_to_different_seeds() {
        let song = Seed::new(0);
        assert_ne!(song.name("a").name("b"), song.name("b").name("a"));
        assert_ne!(song.number(1).number(2), song.number(2).number(1));
        assert_ne!(song.name(""), song);
    }
}
