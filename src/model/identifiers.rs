//! What names are made of, and which addresses names can make.

const fn of_name(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_' || byte == b'-'
}

/// Whether `word` can name something in a song: lower-case letters, digits, `_` and `-`, a letter first.
pub fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_lowercase()) && word.bytes().all(of_name)
}

/// Whether `address` can be an address of an engine: one or more words of the characters of names, `/` before each.
///
/// No such address means anything to a shell or a terminal.
pub fn is_address(address: &str) -> bool {
    let word = |word: &str| !word.is_empty() && word.bytes().all(of_name);
    address.strip_prefix('/').is_some_and(|words| words.split('/').all(word))
}

#[cfg(test)]
mod tests {
    use super::{is_address, is_name};

    #[test]
    fn names_begin_with_a_letter() {
        assert!(["a", "bass-2", "b_2"].into_iter().all(is_name));
        assert!(
            ["", "2a", "-a", "A", "b\u{e4}ss", "a b", "a.b", "a\u{1b}"]
                .into_iter()
                .all(|word| !is_name(word))
        );
    }

    #[test]
    fn addresses_are_words() {
        assert!(["/a", "/mod/bass-2/filter/cutoff", "/pattern/1"].into_iter().all(is_address));
        for address in [
            "",
            "/",
            "a",
            "//a",
            "/a/",
            "/a//b",
            "/A",
            "/a b",
            "/*",
            "/$(id)",
            "/`id`",
            "/a;b",
            "/a\n",
            "/a\u{1b}[2J",
            "/\u{202e}a",
        ] {
            assert!(!is_address(address), "{address:?}");
        }
    }
}
