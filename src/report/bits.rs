//! Bits, one after the other, with the two checksums of FLAC.

/// Bytes that are filled from the highest bit on.
#[derive(Default)]
pub(crate) struct BitWriter {
    bytes: Vec<u8>,
    /// The bits that don't fill a byte yet, the last one lowest.
    waiting: u64,
    count: u32,
}

impl BitWriter {
    /// Writes the lowest `count` bits of `value`, at most 32.
    pub(crate) fn put(&mut self, value: u32, count: u32) {
        if count == 0 {
            return;
        }
        let value = u64::from(value) & ((1 << count) - 1);
        self.waiting = self.waiting << count | value;
        self.count += count;
        while self.count >= 8 {
            self.count -= 8;
            self.bytes.push((self.waiting >> self.count) as u8);
        }
    }

    /// Writes a number in two's complement.
    pub(crate) fn signed(&mut self, value: i32, count: u32) {
        self.put(value as u32, count);
    }

    /// Writes a number as a Rice code: what is above its lowest `low` bits in zeros and a one, then these bits. Signs are folded
    /// into the lowest bit first.
    pub(crate) fn rice(&mut self, value: i32, low: u32) {
        let folded = folded(value);
        let mut zeros = folded >> low;
        while zeros >= 32 {
            self.put(0, 32);
            zeros -= 32;
        }
        self.put(1, zeros + 1);
        self.put(folded, low);
    }

    /// Fills the last byte with zeros.
    pub(crate) fn fill(&mut self) {
        self.put(0, (8 - self.count % 8) % 8);
    }

    /// Whole bytes so far.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// All bytes. What doesn't fill one is lost.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// 0, -1, 1, -2, 2 … as 0, 1, 2, 3, 4 …
pub(crate) fn folded(value: i32) -> u32 {
    ((value << 1) ^ (value >> 31)) as u32
}

/// The checksum of a frame's head: polynomial x^8 + x^2 + x + 1.
pub(crate) fn crc8(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ byte, |crc: u8, _| if crc & 0x80 == 0 { crc << 1 } else { crc << 1 ^ 0x07 })
    })
}

/// The checksum of a frame: polynomial x^16 + x^15 + x^2 + 1.
pub(crate) fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| {
        let crc = crc ^ u16::from(*byte) << 8;
        (0..8).fold(crc, |crc: u16, _| if crc & 0x8000 == 0 { crc << 1 } else { crc << 1 ^ 0x8005 })
    })
}

#[cfg(test)]
mod tests {
    use super::{BitWriter, crc8, crc16, folded};

    #[test]
    fn checksums_are_those_that_others_reckon() {
        // The check values of CRC-8/SMBUS and CRC-16/UMTS in the catalogue of G. Cook.
        assert_eq!((crc8(b"123456789"), crc16(b"123456789")), (0xf4, 0xfee8));
    }

    #[test]
    fn bits_stand_where_they_were_put() {
        let mut bits = BitWriter::default();
        bits.put(0b101, 3);
        bits.signed(-1, 5);
        bits.rice(-3, 1);
        bits.rice(40, 0);
        bits.fill();
        assert_eq!(bits.bytes()[0], 0b1011_1111);
        // -3 is 5: two zeros, a one, the bit below.
        assert_eq!(bits.bytes()[1], 0b0011_0000);
        assert_eq!(bits.into_bytes().len(), 2 + 10);
        assert_eq!([0, -1, 1, -2, i32::MIN].map(folded), [0, 1, 2, 3, u32::MAX]);
    }
}
