//! A real terminal: a session of tmux.

use std::{
    process::{Command, Output},
    time::Duration,
};

use tempfile::TempDir;

use crate::skip::skip;

/// Ends with the test.
pub(crate) struct Terminal {
    /// Where its socket is: one of its own, so that nothing is left of it.
    folder: TempDir,
}

impl Terminal {
    /// Runs a line of shell in a terminal of this size. None, and a word about it, where tmux is missing; that is an error under CI.
    pub(crate) fn run((columns, lines): (u16, u16), line: &str) -> Option<Self> {
        let terminal = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        if terminal.tmux(&["-V"]).is_err() {
            skip("tmux is missing");
            return None;
        }
        let (columns, lines) = (columns.to_string(), lines.to_string());
        terminal
            .tmux(&["new-session", "-d", "-x", &columns, "-y", &lines, line])
            .unwrap();
        Some(terminal)
    }

    fn tmux(&self, arguments: &[&str]) -> std::io::Result<Output> {
        Command::new("tmux")
            .arg("-S")
            .arg(self.folder.path().join("socket"))
            .args(["-f", "/dev/null"])
            .args(arguments)
            .output()
    }

    pub(crate) fn press(&self, key: &str) {
        self.tmux(&["send-keys", key]).unwrap();
    }

    /// The screen, once this is on it.
    pub(crate) fn screen_with(&self, expected: &str) -> String {
        let mut screen = String::new();
        for _ in 0..300 {
            let captured = self.tmux(&["capture-pane", "-p"]).unwrap();
            screen = String::from_utf8(captured.stdout).unwrap();
            if screen.contains(expected) {
                return screen;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("`{expected}` was never shown; last was:\n{screen}");
    }

    /// The screen and what has scrolled out of it.
    pub(crate) fn all(&self) -> String {
        let captured = self.tmux(&["capture-pane", "-p", "-S", "-"]).unwrap();
        String::from_utf8(captured.stdout).unwrap()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.tmux(&["kill-server"]);
    }
}
