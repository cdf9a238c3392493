//! What the command line knows about the terminal: its width, whether colours are welcome, a password unseen.
//!
//! Invariant: the terminal shows what is typed again after a password was read, also when reading failed.
//! Refuses: colours where `NO_COLOR` is set or the output is no terminal.

use std::io::{self, BufRead, IsTerminal, Write};

use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcgetwinsize, tcsetattr};

use crate::config::no_color;

/// Columns of a terminal that does not say.
const USUAL_WIDTH: usize = 100;

/// Columns of standard output.
pub(super) fn width() -> usize {
    tcgetwinsize(io::stdout())
        .ok()
        .map(|size| usize::from(size.ws_col))
        .filter(|columns| *columns > 0)
        .unwrap_or(USUAL_WIDTH)
}

/// Whether standard output takes colours.
pub(super) fn is_coloured() -> bool {
    io::stdout().is_terminal() && !no_color()
}

/// One line of standard input. On a terminal it is asked for with `prompt` and not shown.
pub(super) fn read_secret(prompt: &str) -> io::Result<String> {
    let stdin = io::stdin();
    let shown = stdin.is_terminal().then(|| tcgetattr(&stdin)).transpose()?;
    if let Some(shown) = &shown {
        let mut hidden = shown.clone();
        hidden.local_modes.remove(LocalModes::ECHO);
        write!(io::stderr(), "{prompt}")?;
        tcsetattr(&stdin, OptionalActions::Flush, &hidden)?;
    }
    let mut line = String::new();
    let read = stdin.lock().read_line(&mut line);
    if let Some(shown) = &shown {
        tcsetattr(&stdin, OptionalActions::Flush, shown)?;
        writeln!(io::stderr())?;
    }
    read?;
    line.truncate(line.trim_end_matches(['\r', '\n']).len());
    Ok(line)
}
