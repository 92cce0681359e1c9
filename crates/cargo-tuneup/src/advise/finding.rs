//! A finding: what it is about, the figures behind it, what to do, and what that would bring.

use serde_json::{Map, Value, json};
use tuneup_profiling::Function;
use tuneup_report::Unit;

use super::remedy::Remedy;

/// One thing that is worth doing.
pub(super) struct Finding {
    /// Which rule has found it: a word that stays the same from version to version.
    pub(super) rule: &'static str,
    /// What is the matter, in one sentence without a full stop.
    pub(super) title: String,
    pub(super) place: Place,
    /// The file that it was read from.
    pub(super) input: String,
    /// What was measured. None is without.
    pub(super) figures: Vec<Figure>,
    /// What to do, in sentences.
    pub(super) advice: String,
    pub(super) remedy: &'static Remedy,
    pub(super) gain: Gain,
}

/// A function, an allocation, a cache, a stage, or a bench.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) name: String,
    /// Empty if it is not known.
    pub(super) file: String,
    /// From 1; 0 if it is not known.
    pub(super) line: u32,
}

/// A measured number. Its name ends in what it is measured in: `_ns`, `_bytes`, or `_share` for a part from 0 to 1; all others are counts.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Figure {
    pub(super) name: &'static str,
    pub(super) value: f64,
}

/// What doing it brings.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Gain {
    /// The part of the whole that is to be had, 0 to 1. Findings are ranked by it.
    pub(super) share: f64,
    /// Which whole that is part of.
    pub(super) of: &'static str,
    /// Whether that is the most there can be, rather than what to expect.
    pub(super) is_limit: bool,
    /// How it follows from the figures.
    pub(super) derivation: String,
}

impl Place {
    /// A name without a line in a source file.
    pub(super) fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }

    pub(super) fn of(function: &Function) -> Self {
        Self {
            name: function.name.clone(),
            file: function.file.clone(),
            line: function.line,
        }
    }

    /// As people read it.
    pub(super) fn text(&self) -> String {
        match (&self.file[..], self.line) {
            ("", _) => self.name.clone(),
            (file, 0) => format!("{} in {file}", self.name),
            (file, line) => format!("{} at {file}:{line}", self.name),
        }
    }

    fn json(&self) -> Value {
        json!({
            "name": self.name,
            "file": (!self.file.is_empty()).then_some(&self.file),
            "line": (self.line > 0).then_some(self.line),
        })
    }
}

impl Figure {
    pub(super) fn new(name: &'static str, value: f64) -> Self {
        Self { name, value }
    }

    /// As people read it: `self 1.204 s`, `hits 93.1 %`.
    fn text(&self) -> String {
        let (name, unit) = self.name_and_unit();
        format!("{} {}", name.replace('_', " "), unit.format(self.value))
    }

    fn name_and_unit(&self) -> (&'static str, Unit) {
        let endings = [
            ("_ns", Unit::Nanoseconds),
            ("_bytes", Unit::Bytes),
            ("_share", Unit::Percent),
        ];
        for (ending, unit) in endings {
            if let Some(name) = self.name.strip_suffix(ending) {
                return (name, unit);
            }
        }
        let is_whole = self.value.fract() == 0.0;
        (self.name, if is_whole { Unit::Count } else { Unit::Plain })
    }

    fn json(&self) -> Value {
        let is_whole = self.value.fract() == 0.0 && (0.0..9e15).contains(&self.value);
        if is_whole {
            json!(self.value as u64)
        } else {
            json!(self.value)
        }
    }
}

impl Gain {
    /// As people read it: `at most 91.7 % of the recorded time`.
    pub(super) fn text(&self) -> String {
        let share = Unit::Percent.format(self.share);
        let most = if self.is_limit { "at most " } else { "" };
        format!("{most}{share} of {}", self.of)
    }
}

impl Finding {
    /// All its figures in one line.
    pub(super) fn evidence(&self) -> String {
        let figures: Vec<String> = self.figures.iter().map(Figure::text).collect();
        figures.join(", ")
    }

    pub(super) fn json(&self, rank: usize) -> Value {
        let figures: Map<String, Value> = self
            .figures
            .iter()
            .map(|figure| (figure.name.to_owned(), figure.json()))
            .collect();
        json!({
            "rank": rank,
            "rule": self.rule,
            "title": self.title,
            "where": self.place.json(),
            "input": self.input,
            "evidence": figures,
            "advice": self.advice,
            "crate": self.remedy.package,
            "features": self.remedy.features,
            "call": self.remedy.call,
            "code": self.remedy.code(),
            "gain": {
                "share": self.gain.share,
                "of": self.gain.of,
                "is_limit": self.gain.is_limit,
                "derivation": self.gain.derivation,
            },
        })
    }
}
