//! How to go on when a release has stopped.

use std::path::Path;

use tuneup_packaging::Error;

use super::scratch::MADE;

/// What is said of an error. Once the checkout has the commit of the release, there is no beginning again.
pub(super) fn explained(error: &anyhow::Error, is_taken_over: bool) -> String {
    match error.downcast_ref() {
        Some(Error::MadeFileChanged { step, path, .. }) if is_taken_over => format!(
            "`{path}` has changed since the step `{step}` made it; find out who has written to it, and remove it: with --resume, its step and those after it run again",
            path = path.display()
        ),
        Some(Error::NothingToResume { path, reason }) if is_taken_over => format!(
            "there is nothing to go on with in `{}`: {reason}; give the options that the release was begun with",
            path.display()
        ),
        _ => format!("{error:#}"),
    }
}

/// How far a release has come that has stopped, and how it goes on.
pub(super) fn how_to_go_on(is_taken_over: bool) -> String {
    let come = match is_taken_over {
        true => {
            "The checkout has the commit of the release, and others may have something of it as well: the registry, the remote repository."
        }
        false => "Nothing has left this machine, and the checkout is as it was.",
    };
    format!(
        "{come} Mend what is wrong; if that takes no commit, --resume goes on where it has stopped."
    )
}

/// How to go on with a clone that is no longer as it was made.
pub(super) fn of_clone(clone: &Path, is_taken_over: bool) -> String {
    let clone = clone.display();
    match is_taken_over {
        true => format!(
            "bring it back by `git -C '{clone}' reset --hard {MADE} && git -C '{clone}' clean -fd`, and go on with --resume"
        ),
        false => "begin again without --resume".to_owned(),
    }
}
