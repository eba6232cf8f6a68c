//! Output as plain text: escape sequences and control characters are left out, whatever they were meant to do.

/// Leaves out escape sequences (ECMA-48: CSI, OSC and other strings, two-character escapes) and control characters. What a
/// carriage return would write over is left out, too.
pub(crate) fn without_escapes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\u{1b}' => skip_escape(&mut letters),
            '\u{9b}' => skip_csi(&mut letters),
            '\r' if letters.peek() == Some(&'\n') => {}
            '\r' => out.truncate(out.rfind('\n').map_or(0, |end| end + 1)),
            '\n' | '\t' => out.push(letter),
            _ if letter.is_control() => {}
            _ => out.push(letter),
        }
    }
    out
}

type Letters<'a> = std::iter::Peekable<std::str::Chars<'a>>;

fn skip_escape(letters: &mut Letters<'_>) {
    match letters.next() {
        Some('[') => skip_csi(letters),
        // Strings: they end with BEL or ST (`ESC \`); one that does not end within a line is cut off there.
        Some(']' | 'P' | 'X' | '^' | '_') => {
            while let Some(letter) = letters.next_if(|letter| *letter != '\n') {
                if letter == '\u{7}'
                    || letter == '\u{9c}'
                    || (letter == '\u{1b}' && letters.next_if_eq(&'\\').is_some())
                {
                    return;
                }
            }
        }
        // Two or more characters: intermediate ones, then the final one.
        Some(' '..='/') => {
            while letters.next_if(|letter| matches!(letter, ' '..='/')).is_some() {}
            letters.next_if(|letter| *letter != '\n');
        }
        _ => {}
    }
}

fn skip_csi(letters: &mut Letters<'_>) {
    while letters.next_if(|letter| matches!(letter, ' '..='?')).is_some() {}
    letters.next_if(|letter| matches!(letter, '@'..='~'));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escapes_are_left_out_and_text_stays() {
        for (text, expected) in [
            ("\u{1b}[1;31mred\u{1b}[0m", "red"),
            ("\u{1b}]8;;https://evil.example\u{7}link\u{1b}]8;;\u{7}", "link"),
            ("\u{1b}]0;title\u{1b}\\x", "x"),
            ("10%\r50%\r100%\n", "100%\n"),
            ("a\r\nb", "a\nb"),
            ("\u{1b}(Bx\u{8}\u{0}y", "xy"),
            ("\u{1b}", ""),
            ("\u{1b}[", ""),
            ("<b>&", "<b>&"),
            ("日本\tx", "日本\tx"),
        ] {
            assert_eq!(without_escapes(text), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_controls_a_terminal_is_left(text in any::<String>()) {
            let plain = without_escapes(&text);
            prop_assert!(plain.chars().all(|letter| !letter.is_control() || letter == '\n' || letter == '\t'));
        }
    }
}
