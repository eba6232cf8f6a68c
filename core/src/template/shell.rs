//! Following the quoting of a shell command from left to right, to know how a value must be quoted where it enters.
//!
//! This is not a parser of the shell: it knows just enough of XCU 2.2 and 2.3 to tell the three places where quoting is
//! certain from all others. Whenever it cannot be certain (a here-document, `$'…'`, quotes within `${…}`, `case` within
//! `$(…)`), it loses track on purpose, and every placeholder from there on is refused.
//!
//! ```text
//!  Command ──'──▶ Single      Command, Double ──$(──▶ Command (until its `)`)
//!          ──"──▶ Double                      ──${──▶ Braces  (until `}`)
//!          ──#──▶ Comment                     ──`───▶ Backquotes
//!          ──((─▶ Arithmetic                  ──$((─▶ Arithmetic
//! ```

use super::error::Error;
use super::syntax::Name;

/// How deep constructs may be nested before track is lost.
const MAX_DEPTH: usize = 32;

/// Where a placeholder stands, among the places where its value can be quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Unquoted,
    InSingle,
    InDouble,
}

/// A construct that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Frame {
    /// Commands: the whole text, or what is within `$(…)` with this many parentheses open of its own.
    Command {
        parentheses: u32,
    },
    Single,
    Double,
    Braces,
    Arithmetic {
        parentheses: u32,
    },
    Backquotes,
    Comment,
}

/// What the last character may be the beginning of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Pending {
    #[default]
    Nothing,
    Backslash,
    Dollar,
    /// `$(`, of which a second parenthesis would make arithmetic.
    Substitution,
    /// `(`, likewise.
    Parenthesis,
    /// `${`, whose first character tells whether a parameter follows.
    OpenedBraces,
    Less,
    /// `<<`, of which a third makes a here-string.
    LessLess,
}

/// The state of the quoting after the text that was followed so far.
#[derive(Debug)]
pub(super) struct Quoting {
    /// The constructs that are open around the innermost.
    outer: Vec<Frame>,
    /// The innermost open construct.
    frame: Frame,
    pending: Pending,
    /// Whether the next character begins a word, so that `#` would begin a comment.
    at_word_start: bool,
    /// How many letters of an unquoted `case` the current word consists of; more than four when it is another word.
    letters_of_case: usize,
    /// Why track was lost.
    lost: Option<&'static str>,
}

impl Default for Quoting {
    fn default() -> Self {
        Self {
            outer: Vec::new(),
            frame: Frame::Command { parentheses: 0 },
            pending: Pending::Nothing,
            at_word_start: true,
            letters_of_case: 0,
            lost: None,
        }
    }
}

impl Quoting {
    /// Follows literal text.
    pub(super) fn follow(&mut self, text: &str) {
        for c in text.chars() {
            if self.lost.is_some() {
                return;
            }
            self.step(c);
        }
    }

    /// Where a placeholder that comes now stands. The value is quoted, so that the state after it is that of a
    /// word's ordinary letter.
    pub(super) fn place(&mut self, name: Name<'_>) -> Result<Standing, Error> {
        let refused = |place| Err(Error::Unsafe { name: name.text(), place });
        if let Some(place) = self.lost {
            return refused(place);
        }
        let standing = match (self.frame, self.pending) {
            (Frame::Single, _) => Standing::InSingle,
            (_, Pending::Backslash) => return refused("right after a backslash"),
            (_, Pending::LessLess) => return refused("in a here-document"),
            (Frame::Command { .. }, Pending::Dollar) => return refused("right after a `$`"),
            (Frame::Command { .. }, _) => Standing::Unquoted,
            (Frame::Double, _) => Standing::InDouble,
            (Frame::Braces, _) => return refused("within `${…}`"),
            (Frame::Arithmetic { .. }, _) => return refused("in arithmetic"),
            (Frame::Backquotes, _) => return refused("within backquotes"),
            (Frame::Comment, _) => return refused("in a comment"),
        };
        self.pending = Pending::Nothing;
        self.within_word();
        Ok(standing)
    }

    fn step(&mut self, c: char) {
        let pending = std::mem::take(&mut self.pending);
        match self.frame {
            Frame::Single if c == '\'' => self.close(),
            Frame::Single => {}
            Frame::Comment if c == '\n' => {
                self.close();
                self.begin_word();
            }
            Frame::Comment => {}
            Frame::Backquotes => self.in_backquotes(c, pending),
            Frame::Double => self.in_double(c, pending),
            Frame::Braces => self.in_braces(c, pending),
            Frame::Arithmetic { parentheses } => self.in_arithmetic(c, parentheses),
            Frame::Command { parentheses } => self.in_command(c, pending, parentheses),
        }
    }

    fn in_backquotes(&mut self, c: char, pending: Pending) {
        match c {
            _ if pending == Pending::Backslash => {}
            '\\' => self.pending = Pending::Backslash,
            '`' => self.close(),
            _ => {}
        }
    }

    fn in_double(&mut self, c: char, pending: Pending) {
        if pending == Pending::Backslash {
            return;
        }
        if pending == Pending::Dollar && self.after_dollar(c) {
            return;
        }
        match c {
            '\\' if pending == Pending::Dollar => self.lose("after a `$` and a backslash"),
            '\\' => self.pending = Pending::Backslash,
            '"' => self.close(),
            '`' => self.open(Frame::Backquotes),
            '$' => self.pending = Pending::Dollar,
            _ => {}
        }
    }

    fn in_braces(&mut self, c: char, pending: Pending) {
        let names_a_parameter = c.is_alphanumeric() || "_#!?@*-$".contains(c);
        match (pending, c) {
            (Pending::OpenedBraces, _) if !names_a_parameter => self.lose("after an unusual `${…}`"),
            (Pending::OpenedBraces, _) => {}
            (_, '\'' | '"' | '\\' | '`') => self.lose("after a quote within `${…}`"),
            (Pending::Dollar, '(' | '[') => self.lose("after a substitution within `${…}`"),
            (Pending::Dollar, '{') => self.open_braces(),
            (Pending::Dollar, '$') => {}
            (_, '$') => self.pending = Pending::Dollar,
            (_, '}') => self.close(),
            _ => {}
        }
    }

    /// Both `((…))` and `$((…))`; the shell may also find that these are parentheses within parentheses.
    fn in_arithmetic(&mut self, c: char, parentheses: u32) {
        let after_case = !c.is_alphanumeric() && self.letters_of_case == CASE.len();
        match c {
            _ if after_case => self.lose("after an unusual `((`"),
            '\'' | '"' | '\\' | '`' | '#' | '\n' | ';' => self.lose("after an unusual `((`"),
            '(' => self.frame = Frame::Arithmetic { parentheses: parentheses.saturating_add(1) },
            ')' if parentheses == 1 => return self.close(),
            ')' => self.frame = Frame::Arithmetic { parentheses: parentheses.saturating_sub(1) },
            _ if c.is_alphanumeric() => return self.letter(c),
            _ => {}
        }
        self.begin_word();
    }

    fn in_command(&mut self, c: char, pending: Pending, parentheses: u32) {
        match pending {
            Pending::Backslash if c == '\n' => return,
            Pending::Backslash => return self.within_word(),
            Pending::Dollar if self.after_dollar(c) => return,
            Pending::Dollar if c == '\'' => return self.lose("after a `$'…'`"),
            Pending::Substitution if c == '(' => {
                self.begin_word();
                return self.frame = Frame::Arithmetic { parentheses: 2 };
            }
            Pending::Parenthesis if c == '(' => return self.open_arithmetic(parentheses),
            Pending::Less if c == '<' => return self.pending = Pending::LessLess,
            Pending::LessLess if c != '<' => return self.lose("after the beginning of a here-document"),
            Pending::Dollar | Pending::Less | Pending::Substitution | Pending::Parenthesis if c == '\\' => {
                return self.lose("after an operator and a backslash");
            }
            _ => {}
        }
        self.in_plain_command(c, parentheses);
    }

    fn in_plain_command(&mut self, c: char, parentheses: u32) {
        match c {
            '\\' => self.pending = Pending::Backslash,
            '#' if self.at_word_start => self.open(Frame::Comment),
            '\'' => self.open_within_word(Frame::Single),
            '"' => self.open_within_word(Frame::Double),
            '`' => self.open_within_word(Frame::Backquotes),
            '$' => {
                self.within_word();
                self.pending = Pending::Dollar;
            }
            ' ' | '\t' | '\n' | ';' | '&' | '|' | '<' | '>' | '(' | ')' => self.delimiter(c, parentheses),
            _ => self.letter(c),
        }
    }

    fn delimiter(&mut self, c: char, parentheses: u32) {
        let substituted = !self.outer.is_empty();
        if substituted && self.letters_of_case == CASE.len() {
            return self.lose("after a `case` within `$(…)`");
        }
        self.begin_word();
        match c {
            '<' => self.pending = Pending::Less,
            '(' => {
                self.pending = Pending::Parenthesis;
                self.frame = Frame::Command { parentheses: parentheses.saturating_add(1) };
            }
            ')' if substituted && parentheses == 0 => {
                self.close();
                self.within_word();
            }
            ')' => self.frame = Frame::Command { parentheses: parentheses.saturating_sub(1) },
            _ => {}
        }
    }

    fn letter(&mut self, c: char) {
        let continues = CASE.get(self.letters_of_case) == Some(&c);
        let begun_well = self.at_word_start || self.letters_of_case > 0;
        self.letters_of_case = if continues && begun_well { self.letters_of_case + 1 } else { CASE.len() + 1 };
        self.at_word_start = false;
    }

    /// Whether the character belongs to the `$` before it.
    fn after_dollar(&mut self, c: char) -> bool {
        match c {
            '(' => {
                self.open(Frame::Command { parentheses: 0 });
                self.begin_word();
                self.pending = Pending::Substitution;
            }
            '{' => self.open_braces(),
            '[' => self.lose("after a `$[`"),
            '$' | '#' | '?' | '!' | '*' | '@' | '-' => {}
            _ => return false,
        }
        true
    }

    fn open_braces(&mut self) {
        self.open(Frame::Braces);
        self.pending = Pending::OpenedBraces;
    }

    /// The first of the two parentheses was counted already.
    fn open_arithmetic(&mut self, parentheses: u32) {
        self.frame = Frame::Command { parentheses: parentheses.saturating_sub(1) };
        self.open(Frame::Arithmetic { parentheses: 2 });
        self.begin_word();
    }

    fn open_within_word(&mut self, frame: Frame) {
        self.within_word();
        self.open(frame);
    }

    fn open(&mut self, frame: Frame) {
        if self.outer.len() >= MAX_DEPTH {
            return self.lose("too deep within quotes and substitutions");
        }
        self.outer.push(std::mem::replace(&mut self.frame, frame));
    }

    fn close(&mut self) {
        if let Some(frame) = self.outer.pop() {
            self.frame = frame;
        }
        self.within_word();
    }

    fn begin_word(&mut self) {
        self.at_word_start = true;
        self.letters_of_case = 0;
    }

    fn within_word(&mut self) {
        self.at_word_start = false;
        self.letters_of_case = CASE.len() + 1;
    }

    fn lose(&mut self, place: &'static str) {
        self.lost = Some(place);
    }
}

/// The reserved word whose patterns have parentheses of their own.
const CASE: [char; 4] = ['c', 'a', 's', 'e'];
