//! Sites that stand for those of other programs: kept for good, and each once, however often it is read.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, PoisonError},
};

use crate::{
    lines::LineSite,
    site::{Site, SiteKind},
};

/// What was made of each description.
type Kept<Key, Site> = Mutex<Option<HashMap<Key, &'static Site>>>;

/// The site of a function or scope; the same for the same.
pub(super) fn site(
    name: String,
    file: String,
    line: u32,
    kind: SiteKind,
    untimed: bool,
) -> &'static Site {
    static SITES: Kept<(String, String, u32, SiteKind, bool), Site> = Mutex::new(None);
    kept(&SITES, (name, file, line, kind, untimed), |key| {
        let (name, file) = (key.0.clone().leak(), key.1.clone().leak());
        let site = Site::known(name, kind, file, line);
        if untimed { site.untimed() } else { site }
    })
}

/// The site of a function with lines; the same for the same.
pub(super) fn line_site(
    name: String,
    file: String,
    lines: Vec<u32>,
    is_async: bool,
) -> &'static LineSite {
    static SITES: Kept<(String, String, Vec<u32>, bool), LineSite> = Mutex::new(None);
    kept(&SITES, (name, file, lines, is_async), |key| {
        let (name, file) = (key.0.clone().leak(), key.1.clone().leak());
        LineSite::known(name, file, key.2.clone().leak(), is_async)
    })
}

fn kept<Key: Eq + Hash, Site>(
    sites: &Kept<Key, Site>,
    key: Key,
    make: impl FnOnce(&Key) -> Site,
) -> &'static Site {
    let mut sites = sites.lock().unwrap_or_else(PoisonError::into_inner);
    let sites = sites.get_or_insert_default();
    if let Some(site) = sites.get(&key) {
        return site;
    }
    let site: &'static Site = Box::leak(Box::new(make(&key)));
    sites.insert(key, site);
    site
}
