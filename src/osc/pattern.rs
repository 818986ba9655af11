//! Patterns of addresses: which addresses a message means.
//!
//! `?` one character, `*` any run of characters, `[a-c]` one of these, `[!a-c]` one of the others, `{low,high}` one of these
//! texts, all within one part of an address; `//` any number of parts (OSC 1.1). rosc has a matcher too: its `*` needs a
//! character, its `[0-9]` takes `12`, its `[!x]` takes `/`, `{foo,foobar}` doesn't go back, and `//` is refused.

use std::iter::Peekable;
use std::str::Chars;

/// Longer patterns match nothing. Matching takes at most this times the length of the address.
pub const LONGEST: usize = 1024;

/// A pattern, ready to be matched: states of a machine that is in many of them at once, so that no pattern takes long.
#[derive(Clone, Debug)]
pub struct AddressPattern {
    /// The characters before the first sign of a pattern.
    start: String,
    /// What follows; nothing if the whole pattern is plain.
    states: Vec<MatchState>,
    fault: Option<&'static str>,
}

#[derive(Clone, Debug)]
enum MatchState {
    /// Takes this character and goes on with the next state.
    Char(char),
    /// Takes any character but `/`.
    Any,
    /// Takes a character in one of the ranges, or in none; never `/`.
    Class { others: bool, ranges: Vec<(char, char)> },
    /// Takes any character.
    Whatever,
    /// Takes nothing and goes on with each of these.
    Fork(Vec<usize>),
}

impl AddressPattern {
    /// Reads a pattern. One with a fault matches nothing.
    pub fn new(pattern: &str) -> Self {
        let sign = pattern.find(['?', '*', '[', ']', '{', '}']).unwrap_or(pattern.len());
        let at = pattern.find("//").unwrap_or(pattern.len()).min(sign);
        let start = pattern[..at].to_owned();
        let mut reader = PatternReader { signs: pattern[at..].chars().peekable(), states: Vec::new() };
        let fault =
            if pattern.len() > LONGEST { Some("the pattern is too long") } else { reader.read().err() };
        Self { start, states: reader.states, fault }
    }

    /// Whether it has no sign of a pattern in it, so that it is itself the only address that it matches.
    pub fn is_plain(&self) -> bool {
        self.states.is_empty() && self.fault.is_none()
    }

    /// What is wrong with it.
    pub fn fault(&self) -> Option<&'static str> {
        self.fault
    }

    /// Whether `address` is one of those that are meant.
    pub fn matches(&self, address: &str) -> bool {
        let Some(rest) = address.strip_prefix(self.start.as_str()).filter(|_| self.fault.is_none()) else {
            return false;
        };
        let mut now = StateSet::of(self.states.len() + 1);
        let mut next = now.clone();
        self.enter(0, &mut now);
        for c in rest.chars() {
            next.clear();
            for place in now.list.iter().copied() {
                if self.states.get(place).is_some_and(|state| state.takes(c)) {
                    self.enter(place + 1, &mut next);
                }
            }
            if next.list.is_empty() {
                return false;
            }
            std::mem::swap(&mut now, &mut next);
        }
        now.has(self.states.len())
    }

    /// Puts the machine at `place`, and wherever it gets from there without a character.
    fn enter(&self, place: usize, places: &mut StateSet) {
        let mut open = vec![place];
        while let Some(place) = open.pop() {
            if let Some(MatchState::Fork(targets)) = self.states.get(place) {
                if places.see(place) {
                    open.extend(targets.iter().copied());
                }
            } else if places.see(place) {
                places.list.push(place);
            }
        }
    }
}

impl MatchState {
    fn takes(&self, c: char) -> bool {
        match self {
            Self::Char(wanted) => c == *wanted,
            Self::Any => c != '/',
            Self::Class { others, ranges } => {
                c != '/' && ranges.iter().any(|(from, to)| (*from..=*to).contains(&c)) != *others
            }
            Self::Whatever => true,
            Self::Fork(_) => false,
        }
    }
}

/// Where the machine is: each place once.
#[derive(Clone, Debug)]
struct StateSet {
    list: Vec<usize>,
    seen: Vec<bool>,
}

impl StateSet {
    fn of(count: usize) -> Self {
        Self { list: Vec::with_capacity(count), seen: vec![false; count] }
    }

    fn clear(&mut self) {
        self.list.clear();
        self.seen.fill(false);
    }

    fn has(&self, place: usize) -> bool {
        self.seen[place]
    }

    /// Whether `place` is new.
    fn see(&mut self, place: usize) -> bool {
        !std::mem::replace(&mut self.seen[place], true)
    }
}

/// Makes states of signs.
#[derive(Debug)]
struct PatternReader<'p> {
    signs: Peekable<Chars<'p>>,
    states: Vec<MatchState>,
}

impl PatternReader<'_> {
    fn read(&mut self) -> Result<(), &'static str> {
        while let Some(sign) = self.signs.next() {
            match sign {
                '/' => self.slash(),
                '{' => self.choice()?,
                ']' => return Err("a `]` without a `[`"),
                '}' => return Err("a `}` without a `{`"),
                sign => self.within(sign)?,
            }
        }
        Ok(())
    }

    /// A sign that may stand in braces too.
    fn within(&mut self, sign: char) -> Result<(), &'static str> {
        match sign {
            '?' => self.states.push(MatchState::Any),
            '*' => self.run(MatchState::Any),
            '[' => self.class()?,
            c => self.states.push(MatchState::Char(c)),
        }
        Ok(())
    }

    /// Any number of what `state` takes.
    fn run(&mut self, state: MatchState) {
        let here = self.states.len();
        self.states.extend([MatchState::Fork(vec![here + 1, here + 3]), state, MatchState::Fork(vec![here])]);
    }

    /// One slash, or several: then parts may lie between.
    fn slash(&mut self) {
        self.states.push(MatchState::Char('/'));
        let mut several = false;
        while self.signs.next_if_eq(&'/').is_some() {
            several = true;
        }
        if !several {
            return;
        }
        let here = self.states.len();
        if self.signs.peek().is_none() {
            self.run(MatchState::Whatever);
            return;
        }
        // Straight on, or whole parts first, the last of which ends with a slash.
        self.states.push(MatchState::Fork(vec![here + 1, here + 5]));
        self.run(MatchState::Whatever);
        self.states.push(MatchState::Char('/'));
    }

    /// What stands in brackets.
    fn class(&mut self) -> Result<(), &'static str> {
        const OPEN: &str = "a `[` without a `]`";
        let others = self.signs.next_if_eq(&'!').is_some();
        let mut ranges = Vec::new();
        loop {
            let from = match self.signs.next().ok_or(OPEN)? {
                ']' => break,
                c => c,
            };
            if self.signs.next_if_eq(&'-').is_none() {
                ranges.push((from, from));
                continue;
            }
            match self.signs.next().ok_or(OPEN)? {
                // At the end it is a character like others.
                ']' => {
                    ranges.extend([(from, from), ('-', '-')]);
                    break;
                }
                to => ranges.push((from.min(to), from.max(to))),
            }
        }
        self.states.push(MatchState::Class { others, ranges });
        Ok(())
    }

    /// What stands in braces: a fork to each text, and forks from their ends to what follows.
    fn choice(&mut self) -> Result<(), &'static str> {
        let fork = self.states.len();
        self.states.push(MatchState::Fork(Vec::new()));
        let (mut starts, mut ends) = (vec![fork + 1], Vec::new());
        loop {
            match self.signs.next().ok_or("a `{` without a `}`")? {
                sign @ (',' | '}') => {
                    ends.push(self.states.len());
                    self.states.push(MatchState::Fork(Vec::new()));
                    if sign == '}' {
                        break;
                    }
                    starts.push(self.states.len());
                }
                '{' => return Err("a `{` within a `{`"),
                ']' => return Err("a `]` without a `[`"),
                '/' => return Err("a `/` within a `{`"),
                sign => self.within(sign)?,
            }
        }
        let behind = self.states.len();
        self.states[fork] = MatchState::Fork(starts);
        for end in ends {
            self.states[end] = MatchState::Fork(vec![behind]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{AddressPattern, LONGEST};

    fn all(pattern: &str, yes: &[&str], no: &[&str]) {
        let compiled = AddressPattern::new(pattern);
        for address in yes {
            assert!(compiled.matches(address), "{pattern} {address}");
        }
        for address in no {
            assert!(!compiled.matches(address), "{pattern} {address}");
        }
    }

    #[test]
    fn plain_addresses_mean_themselves() {
        assert!(AddressPattern::new("/mod/bass/filter/cutoff").is_plain());
        assert!(AddressPattern::new("").is_plain());
        for sign in ["/a?", "/*", "/[a]", "/{a}", "//a", "/a]", "/a}"] {
            assert!(!AddressPattern::new(sign).is_plain(), "{sign}");
        }
        all("/mod/bass", &["/mod/bass"], &["/mod/bas", "/mod/bassa", "/mod", "", "/mod/Bass", "/mod/bass/"]);
    }

    #[test]
    fn characters_and_runs_stay_in_their_part() {
        all("/a?c", &["/abc", "/aéc", "/a-c"], &["/ac", "/abbc", "/a/c"]);
        all("/a*c", &["/ac", "/abc", "/abcbc"], &["/a/c", "/ab/c", "/acb"]);
        all("/*/x", &["/a/x", "//x"], &["/x", "/a/b/x", "/a/xx"]);
        all("/**a*", &["/a", "/xxayy"], &["/x", "/a/"]);
        all("*", &["", "abc"], &["/abc"]);
    }

    #[test]
    fn classes_are_one_character() {
        all("/v[0-9]", &["/v0", "/v9"], &["/v", "/v12", "/va"]);
        all("/v[!0-8]", &["/v9", "/vx"], &["/v3", "/v/", "/v"]);
        all("/v[abx-z-]", &["/va", "/vy", "/v-"], &["/vc", "/v"]);
        all("/v[z-x]", &["/vy"], &["/va"]);
        all("/v[+-9]", &["/v1"], &["/v/"]);
        all("/v[a!]", &["/v!", "/va"], &["/vb"]);
        all("/v[]", &[], &["/v", "/va"]);
        all("/v[!]", &["/va"], &["/v", "/v/"]);
        all("/v[--]", &["/v-"], &["/v"]);
    }

    #[test]
    fn choices_go_back() {
        all("/{foo,foobar}", &["/foo", "/foobar"], &["/foob", "/", "/foo,foobar"]);
        all("/{foo,foobar}x", &["/foox", "/foobarx"], &["/foobar", "/fooxbar"]);
        all("/a{,b}c", &["/ac", "/abc"], &["/abbc"]);
        all("/{v?,*x[12]}/y", &["/v3/y", "/abx2/y", "/x1/y"], &["/v/y", "/abx3/y"]);
        all("/{}", &["/"], &["/a"]);
        all("/{a,b}{c,d}", &["/ac", "/bd"], &["/ab", "/a", "/acd"]);
    }

    #[test]
    fn double_slashes_are_any_number_of_parts() {
        all("//gain", &["/gain", "/mod/gain", "/mod/a/b/gain"], &["/mod/again", "gain", "/gain/x"]);
        all("/a//b", &["/a/b", "/a/x/b", "/a/x/y/b"], &["/ab", "/a/xb", "/a"]);
        all("/a///b", &["/a/b", "/a/x/b"], &["/ab"]);
        all("/a//", &["/a/", "/a/b", "/a/b/c"], &["/a", "/ab/c"]);
        all("//", &["/", "/a/b"], &["", "a"]);
        all("//*", &["/a", "/a/b"], &["a"]);
        all("//{gain,pan}", &["/mod/bass/pan", "/gain"], &["/mod/bass/tone"]);
    }

    /// The five faults of rosc's matcher (0.11.4).
    #[test]
    fn what_rosc_gets_wrong_is_right() {
        all("/a*", &["/a"], &[]);
        all("/[0-9]", &["/1"], &["/12"]);
        all("/[!x]b", &["/ab"], &["//b"]);
        all("/{foo,foobar}baz", &["/foobarbaz"], &[]);
        all("//b", &["/a/b"], &[]);
    }

    #[test]
    fn faulty_patterns_match_nothing() {
        for pattern in
            ["/a[b", "/a[b-", "/a[", "/a{b", "/a{b,", "/a]", "/a}", "/{a,{b}}", "/{a]}", "/{a/b}", "/{[a}"]
        {
            let compiled = AddressPattern::new(pattern);
            assert!(compiled.fault().is_some() && !compiled.is_plain(), "{pattern}");
            all(pattern, &[], &[pattern, "/a", "/ab", "/"]);
        }
        let long = "*".repeat(LONGEST + 1);
        assert_eq!(AddressPattern::new(&long).fault(), Some("the pattern is too long"));
        assert_eq!(AddressPattern::new("/a*").fault(), None);
    }

    /// Each of these takes a matcher that goes back for longer than the world stands.
    #[test]
    fn hostile_patterns_take_no_longer() {
        let address = format!("/{}", "a".repeat(2000));
        for pattern in ["*a", "{a,aa}", "{a*,*a}", "*?", "{,a}"] {
            let times = (LONGEST - 2) / pattern.len();
            assert!(
                !AddressPattern::new(&format!("/{}b", pattern.repeat(times))).matches(&address),
                "{pattern}"
            );
        }
        assert!(!AddressPattern::new(&format!("{}b", "//a".repeat(300))).matches(&"/a".repeat(1000)));
    }
}
