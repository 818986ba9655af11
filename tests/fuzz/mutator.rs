//! Inputs made from seeds, always the same ones in the same order.

/// Makes inputs.
pub(crate) struct Mutator<'s> {
    seeds: &'s [Vec<u8>],
    /// Words of the seeds, which are put into others.
    words: Vec<&'s [u8]>,
    state: u64,
}

/// Bytes and texts at which readers go wrong.
const ODD: &[&[u8]] = &[
    b"\0",
    b"\n",
    b"\r\n",
    b"\"",
    b"\\",
    b"{",
    b"}",
    b"(",
    b")",
    b"[",
    b"]",
    b"<",
    b">",
    b"/-",
    b"//",
    b"/*",
    b"*/",
    b"#",
    b"=",
    b"-1",
    b"0",
    b"1e999",
    b"NaN",
    b"inf",
    b"4294967296",
    b"18446744073709551615",
    b"99999999999999999999",
    b"0.0000001",
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
    b"\x80\0\0\0",
    b"\xc3",
    b"\xe2\x80\xae",
    b"\xef\xbb\xbf",
    b"*",
    b"~",
    b"?",
    b"  ",
];

/// The longest input, in bytes.
const LONGEST: usize = 16 << 10;

impl<'s> Mutator<'s> {
    pub(crate) fn new(seeds: &'s [Vec<u8>], seed: u64) -> Self {
        let words = seeds.iter().flat_map(|seed| seed.split(|byte| b" \n\"".contains(byte)));
        let words = words.filter(|word| (1..40).contains(&word.len())).collect();
        Self { seeds, words, state: seed }
    }

    /// A number under `below`, which isn't 0: splitmix64.
    fn draw(&mut self, below: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % below as u64) as usize
    }

    /// A short range of `input`.
    fn range(&mut self, input: &[u8]) -> std::ops::Range<usize> {
        let start = self.draw(input.len() + 1);
        let most = [1, 4, 16, 64, 1024][self.draw(5)];
        start..input.len().min(start + self.draw(most) + 1)
    }

    /// The next input.
    pub(crate) fn input(&mut self) -> Vec<u8> {
        let mut input = self.seeds[self.draw(self.seeds.len())].clone();
        for _ in 0..=self.draw(5) {
            let range = self.range(&input);
            match self.draw(8) {
                0 => drop(input.drain(range)),
                1 => {
                    let again = input[range.clone()].to_vec();
                    input.splice(range.start..range.start, again);
                }
                2 => {
                    if let Some(byte) = input.get_mut(range.start) {
                        *byte ^= 1 << self.draw(8);
                    }
                }
                3 => {
                    let odd = ODD[self.draw(ODD.len())];
                    input.splice(range.start..range.start, odd.iter().copied());
                }
                4 => {
                    let odd = ODD[self.draw(ODD.len())];
                    input.splice(range, odd.iter().copied());
                }
                5 if !self.words.is_empty() => {
                    let place = self.draw(self.words.len());
                    let word = self.words[place];
                    input.splice(range, word.iter().copied());
                }
                6 => {
                    let other = &self.seeds[self.draw(self.seeds.len())];
                    let part = self.range(other);
                    input.splice(range, other[part].iter().copied());
                }
                _ => input.truncate(range.start.max(1)),
            }
            input.truncate(LONGEST);
        }
        input
    }
}
