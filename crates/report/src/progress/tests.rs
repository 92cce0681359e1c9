use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use indicatif::{ProgressDrawTarget, TermLike};

use super::Progress;

/// A terminal that keeps what is written to it.
#[derive(Debug, Clone, Default)]
struct Recorder(Arc<Mutex<String>>);

impl Recorder {
    fn written(&self) -> String {
        self.0.lock().unwrap().clone()
    }

    fn target(&self) -> Option<ProgressDrawTarget> {
        Some(ProgressDrawTarget::term_like(Box::new(self.clone())))
    }

    fn write(&self, text: &str) -> io::Result<()> {
        self.0.lock().unwrap().push_str(text);
        Ok(())
    }
}

impl TermLike for Recorder {
    fn width(&self) -> u16 {
        80
    }

    fn move_cursor_up(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_down(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_right(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_left(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.write(text)?;
        self.write("\n")
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.write(text)
    }

    fn clear_line(&self) -> io::Result<()> {
        self.write("<clear>")
    }

    fn flush(&self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn nothing_is_written_before_patience_ends() {
    let terminal = Recorder::default();
    let progress = Progress::on(3, "cases", Duration::MAX, terminal.target());
    progress.set_message("queue");
    progress.inc(1);
    progress.inc(2);
    drop(progress);
    assert_eq!(terminal.written(), "");
}

#[test]
fn the_bar_is_shown_when_it_is_late_and_cleared_when_dropped() {
    let terminal = Recorder::default();
    let progress = Progress::on(4, "cases", Duration::ZERO, terminal.target());
    progress.inc(1);
    assert!(
        terminal.written().contains("cases"),
        "{:?}",
        terminal.written()
    );
    assert!(
        terminal.written().contains("1/4"),
        "{:?}",
        terminal.written()
    );
    drop(progress);
    assert!(
        terminal.written().ends_with("<clear>"),
        "{:?}",
        terminal.written()
    );
}

#[test]
fn without_a_terminal_nothing_is_written() {
    let progress = Progress::on(4, "cases", Duration::ZERO, None);
    progress.inc(1);
    progress.set_message("queue");
    assert!(progress.bar.is_hidden());
    progress.finish();
}

#[test]
fn more_steps_than_announced_are_no_failure() {
    let terminal = Recorder::default();
    let progress = Progress::on(0, "", Duration::ZERO, terminal.target());
    progress.inc(u64::MAX);
    progress.inc(u64::MAX);
    progress.finish();
    assert!(
        terminal.written().ends_with("<clear>"),
        "{:?}",
        terminal.written()
    );
}
