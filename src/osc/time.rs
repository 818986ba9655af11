//! Times of bundles: NTP timestamps, 32 bits of seconds since 1900 and 32 bits of fractions.

/// Seconds from 1900, where NTP counts from, to 1970, where Unix does (RFC 5905).
const TO_UNIX: u64 = 2_208_988_800;

/// 2^32: what a second is divided into.
const FRACTIONS: f64 = 4_294_967_296.0;

/// When a message is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Time {
    /// At once.
    Now,
    /// At an NTP timestamp.
    At(u64),
}

impl Time {
    /// What a bundle's timetag says. 1 is at once; so is 0, which senders write that have no clock.
    pub const fn of_tag(tag: u64) -> Self {
        if tag <= 1 { Self::Now } else { Self::At(tag) }
    }

    /// The timetag of a bundle that is meant then.
    pub const fn tag(self) -> u64 {
        match self {
            Self::Now => 1,
            Self::At(ntp) => ntp,
        }
    }

    /// The seconds from `now`, an NTP timestamp, until then; negative if it has passed. Right over the turn of the era in
    /// 2036, for times up to 68 years apart.
    pub fn seconds_from(self, now: u64) -> f64 {
        match self {
            Self::Now => 0.0,
            Self::At(ntp) => ntp.wrapping_sub(now) as i64 as f64 / FRACTIONS,
        }
    }
}

/// The NTP timestamp of so many `seconds` and `nanos` (below a thousand million) after 1970.
pub const fn of_unix(seconds: u64, nanos: u32) -> u64 {
    let whole = seconds.wrapping_add(TO_UNIX) << 32;
    whole | (((nanos as u64) << 32) / 1_000_000_000)
}

/// The NTP timestamp `seconds` after `ntp`; before it if they are negative.
pub fn later(ntp: u64, seconds: f64) -> u64 {
    ntp.wrapping_add((seconds * FRACTIONS) as i64 as u64)
}

#[cfg(test)]
mod tests {
    use super::{Time, later, of_unix};

    #[test]
    fn unix_counts_from_1970() {
        assert_eq!(of_unix(0, 0), 2_208_988_800 << 32);
        assert_eq!(of_unix(0, 500_000_000), (2_208_988_800 << 32) | 1 << 31);
        assert_eq!(of_unix(0, 999_999_999) >> 32, 2_208_988_800);
        // 2036-02-07 06:28:16 UTC: the seconds begin anew.
        assert_eq!(of_unix(2_085_978_496, 0), 0);
    }

    #[test]
    fn times_apart_are_seconds() {
        let now = of_unix(1_800_000_000, 250_000_000);
        for seconds in [0.0, 0.125, -0.125, 3.5, -1_000_000.0] {
            assert!((Time::At(later(now, seconds)).seconds_from(now) - seconds).abs() < 1e-9);
        }
        assert_eq!(Time::Now.seconds_from(now), 0.0);
        // Over the turn of the era, and before 1970.
        assert_eq!(Time::At(5 << 32).seconds_from(u64::MAX - (1 << 32) + 1), 6.0);
        assert!(Time::At(2).seconds_from(now) < 0.0 || Time::At(2).seconds_from(now) > 0.0);
    }

    #[test]
    fn tags_of_no_time_are_now() {
        assert_eq!([0, 1, 2].map(Time::of_tag), [Time::Now, Time::Now, Time::At(2)]);
        assert_eq!([Time::Now, Time::At(7)].map(Time::tag), [1, 7]);
        assert_eq!(later(5, f64::NAN), 5);
        assert_eq!(later(0, 1e300), i64::MAX as u64);
    }
}
