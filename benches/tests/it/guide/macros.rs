//! `docs/src/guide/macros.md`.

use tuneup_profiling::{Profiler, profile, profile_all};

use super::alone;

// ANCHOR: function
#[profile]
fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
    let number = text.trim().parse::<u32>()?;
    Ok(number * 2)
}
// ANCHOR_END: function

mod by_hand {
    use tuneup_recorder::{Site, SiteKind, enter, path_of};

    // ANCHOR: expanded
    pub(super) fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
        fn here() {}
        static SITE: Site = Site::new(|| path_of(&here), SiteKind::Function, file!(), line!());
        let _frame = enter(&SITE);
        let number = text.trim().parse::<u32>()?;
        Ok(number * 2)
    }
    // ANCHOR_END: expanded
}

// ANCHOR: all
struct Account {
    balance: i64,
}

#[profile_all]
impl Account {
    const fn new() -> Self {
        Self { balance: 0 } // const: left alone
    }

    fn deposit(&mut self, amount: i64) {
        self.balance += amount;
    }

    #[profile(skip)]
    fn balance(&self) -> i64 {
        self.balance
    }
}
// ANCHOR_END: all

#[test]
fn attributes_record_what_they_say() {
    let _alone = alone();
    let session = Profiler::builder().start().unwrap();
    assert_eq!(parse(" 21 "), by_hand::parse(" 21 "));
    let mut account = Account::new();
    account.deposit(3);
    assert_eq!(account.balance(), 3);
    let profile = session.finish();
    let calls = |name| profile.function(name).map(|function| function.calls);
    assert_eq!(calls("macros::parse"), Some(1));
    assert_eq!(calls("by_hand::parse"), Some(1));
    assert_eq!(calls("Account::deposit"), Some(1));
    assert_eq!(calls("Account::balance"), None);
    assert_eq!(calls("Account::new"), None);
}
