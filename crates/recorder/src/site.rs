//! Places in a program that are recorded.

use std::{
    panic::Location,
    sync::{
        OnceLock,
        atomic::{AtomicPtr, Ordering},
    },
};

use crate::{argument_counts::ArgumentCounts, memory, pointer_table::hash};

/// What a [`Site`] stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SiteKind {
    /// A function, method or closure.
    Function,
    /// An `async fn`, recorded poll by poll.
    Async,
    /// A part of a function.
    Scope,
    /// Calls that found their call tree full.
    Folded,
}

/// A function or scope that is recorded: a static, whose address is its identity.
///
/// Costs nothing until it is entered. There may be any number of them.
///
/// ```
/// use tuneup_recorder::{Site, SiteKind};
///
/// static PARSE: Site = Site::new(|| "my_crate::parse", SiteKind::Function, file!(), line!());
/// assert_eq!(PARSE.name(), "my_crate::parse");
/// ```
#[derive(Debug)]
pub struct Site {
    name: Name,
    kind: SiteKind,
    file: &'static str,
    line: u32,
    untimed: bool,
    arguments: Option<&'static ArgumentCounts>,
    resolved: OnceLock<&'static str>,
}

/// Names of types are not known when a static is made, so that a name may be a function.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Name {
    Known(&'static str),
    Asked(fn() -> &'static str),
}

impl Site {
    /// A site at `file` and `line` (from 1). `name` is called once, when somebody asks.
    ///
    /// ```
    /// use tuneup_recorder::{Site, SiteKind};
    ///
    /// static SITE: Site = Site::new(|| "work", SiteKind::Function, file!(), line!());
    /// assert_eq!(SITE.kind(), SiteKind::Function);
    /// ```
    #[must_use]
    pub const fn new(
        name: fn() -> &'static str,
        kind: SiteKind,
        file: &'static str,
        line: u32,
    ) -> Self {
        Self::with_name(Name::Asked(name), kind, file, line)
    }

    /// A site whose name is known.
    pub(crate) const fn known(
        name: &'static str,
        kind: SiteKind,
        file: &'static str,
        line: u32,
    ) -> Self {
        Self::with_name(Name::Known(name), kind, file, line)
    }

    const fn with_name(name: Name, kind: SiteKind, file: &'static str, line: u32) -> Self {
        Self {
            name,
            kind,
            file,
            line,
            untimed: false,
            arguments: None,
            resolved: OnceLock::new(),
        }
    }

    /// Says that calls are counted but not timed: see [`enter_untimed`](crate::enter_untimed).
    ///
    /// ```
    /// use tuneup_recorder::{Site, SiteKind};
    ///
    /// static SITE: Site = Site::new(|| "work", SiteKind::Function, file!(), line!()).untimed();
    /// assert!(SITE.is_untimed());
    /// ```
    #[must_use]
    pub const fn untimed(mut self) -> Self {
        self.untimed = true;
        self
    }

    /// Says where the arguments of its calls are counted: whoever enters it does that.
    ///
    /// ```
    /// use tuneup_recorder::{ArgumentCounts, Site, SiteKind};
    ///
    /// static COUNTS: ArgumentCounts = ArgumentCounts::new();
    /// static SITE: Site = Site::new(|| "work", SiteKind::Function, file!(), line!()).with_arguments(&COUNTS);
    /// assert_eq!(SITE.arguments().unwrap().read().hashed, 0);
    /// ```
    #[must_use]
    pub const fn with_arguments(mut self, counts: &'static ArgumentCounts) -> Self {
        self.arguments = Some(counts);
        self
    }

    /// The site of a scope that is named at run time, for the place of the caller.
    ///
    /// The same name at the same place is the same site: a lookup of a few nanoseconds, without a
    /// lock. There is room for about 4000 of them in a process; what finds none shares one site, `(other)`.
    ///
    /// ```
    /// use tuneup_recorder::Site;
    ///
    /// assert_eq!(Site::of_scope("load").name(), "load");
    /// ```
    #[track_caller]
    #[must_use]
    pub fn of_scope(name: &'static str) -> &'static Self {
        scope_site(name, Location::caller())
    }

    /// The full path of the function, or the name of the scope.
    ///
    /// ```
    /// # use tuneup_recorder::{Site, SiteKind};
    /// static SITE: Site = Site::new(|| "work", SiteKind::Function, file!(), line!());
    /// assert_eq!(SITE.name(), "work");
    /// ```
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self.name {
            Name::Known(name) => name,
            Name::Asked(name) => self.resolved.get_or_init(name),
        }
    }

    /// What it stands for.
    ///
    /// ```
    /// # use tuneup_recorder::{Site, SiteKind};
    /// assert_eq!(Site::of_scope("load").kind(), SiteKind::Scope);
    /// ```
    #[must_use]
    pub fn kind(&self) -> SiteKind {
        self.kind
    }

    /// Its file, as the compiler was given it.
    ///
    /// ```
    /// # use tuneup_recorder::Site;
    /// assert_eq!(Site::of_scope("load").file(), file!());
    /// ```
    #[must_use]
    pub fn file(&self) -> &'static str {
        self.file
    }

    /// Its line, from 1.
    ///
    /// ```
    /// # use tuneup_recorder::Site;
    /// assert!(Site::of_scope("load").line() > 0);
    /// ```
    #[must_use]
    pub fn line(&self) -> u32 {
        self.line
    }

    /// Where the arguments of its calls are counted; none if they are not.
    ///
    /// See [`with_arguments`](Self::with_arguments) for an example.
    #[must_use]
    pub fn arguments(&self) -> Option<&'static ArgumentCounts> {
        self.arguments
    }

    /// Whether its calls are counted but not timed.
    ///
    /// ```
    /// # use tuneup_recorder::Site;
    /// assert!(!Site::of_scope("load").is_untimed());
    /// ```
    #[must_use]
    pub fn is_untimed(&self) -> bool {
        self.untimed
    }
}

/// Stands for the calls that found a call tree full.
pub(crate) static FOLDED: Site = Site::with_name(Name::Known("(other)"), SiteKind::Folded, "", 0);

const SCOPE_SLOTS: usize = 4096;
/// A fuller table would make a miss walk far.
const SCOPE_PROBES: usize = 64;

static SCOPES: [AtomicPtr<Site>; SCOPE_SLOTS] =
    [const { AtomicPtr::new(std::ptr::null_mut()) }; SCOPE_SLOTS];

fn scope_site(name: &'static str, place: &'static Location<'static>) -> &'static Site {
    let first = hash(name.as_ptr().addr(), std::ptr::from_ref(place).addr());
    for probe in 0..SCOPE_PROBES {
        let slot = &SCOPES[first.wrapping_add(probe) % SCOPE_SLOTS];
        let mut found = slot.load(Ordering::Acquire);
        if found.is_null() {
            found = make_scope_site(slot, name, place);
        }
        // SAFETY: what is in the table is never freed; null if there was no memory for it.
        match unsafe { found.as_ref() } {
            Some(site) if site.is_scope(name, place) => return site,
            Some(_) => {}
            None => break,
        }
    }
    &FOLDED
}

/// Puts a site into a slot that was empty; gives what is in there then. The few bytes of a site that comes second
/// are not worth a way to free them.
#[cold]
fn make_scope_site(
    slot: &AtomicPtr<Site>,
    name: &'static str,
    place: &'static Location<'static>,
) -> *mut Site {
    let kind = SiteKind::Scope;
    let site = Site::with_name(Name::Known(name), kind, place.file(), place.line());
    let Some(site) = memory::leak(site) else {
        return std::ptr::null_mut();
    };
    let site = std::ptr::from_ref(site).cast_mut();
    let null = std::ptr::null_mut();
    match slot.compare_exchange(null, site, Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => site,
        Err(other) => other,
    }
}

impl Site {
    fn is_scope(&self, name: &str, place: &Location<'_>) -> bool {
        self.line == place.line() && self.name() == name && self.file == place.file()
    }
}

/// The path of the function around `here`, an item nested in it: the name of its type without the
/// last segment, and without the closures between the two.
///
/// ```
/// fn outer() -> &'static str {
///     fn here() {}
///     tuneup_recorder::path_of(&here)
/// }
/// assert!(outer().ends_with("::outer"), "{}", outer());
/// ```
#[must_use]
pub fn path_of<T>(here: &T) -> &'static str {
    let mut path = std::any::type_name_of_val(here);
    if let Some((outer, _)) = path.rsplit_once("::") {
        path = outer;
    }
    while let Some(outer) = path.strip_suffix("::{{closure}}") {
        path = outer;
    }
    path
}
