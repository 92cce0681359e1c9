//! What a function does to have its arguments counted: which functions can, and what is put in at their head.

use std::collections::BTreeSet;

use syn::{
    FnArg, Pat, PatIdent, Receiver, ReceiverKind, ReturnType, Signature, Type, TypePtr,
    TypeReference,
    visit::{self, Visit},
};

/// What is put in, on one line.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Counting {
    /// The static that counts, before the function's site.
    pub(super) counts: String,
    /// What tells the site of it.
    pub(super) of_site: &'static str,
    /// Before the call begins, so that hashing is no part of its time.
    pub(super) call: String,
}

/// An error says why what the function gives may depend on more than its arguments, or why nothing could be remembered of it.
pub(super) fn counting_of(signature: &Signature) -> Result<Counting, &'static str> {
    if let Some(reason) = refusal(signature) {
        return Err(reason);
    }
    let mut adding = String::new();
    for name in names(signature) {
        adding +=
            &format!("(&::tuneup_runtime::Argument(&{name})).add_to(&mut __tuneup_arguments); ");
    }
    Ok(Counting {
        counts: "static __TUNEUP_COUNTS: ::tuneup_runtime::ArgumentCounts = ::tuneup_runtime::ArgumentCounts::new(); ".to_owned(),
        of_site: ".with_arguments(&__TUNEUP_COUNTS)",
        call: format!(
            "if ::tuneup_runtime::is_recording() {{ #[allow(unused_imports)] use ::tuneup_runtime::{{Hashed as _, Unhashed as _}}; \
             let mut __tuneup_arguments = ::tuneup_runtime::Arguments::new(); {adding}__TUNEUP_COUNTS.count(__tuneup_arguments); }} "
        ),
    })
}

fn refusal(signature: &Signature) -> Option<&'static str> {
    let gives_nothing = match &signature.output {
        ReturnType::Default => true,
        ReturnType::Type(_, declared) => match &**declared {
            Type::Never(_) => true,
            Type::Tuple(tuple) => tuple.elems.is_empty(),
            _ => false,
        },
    };
    let mut handed_over = HandedOver::default();
    signature
        .inputs
        .iter()
        .for_each(|input| handed_over.visit_fn_arg(input));
    if gives_nothing {
        Some("it gives nothing that could be remembered")
    } else if signature.inputs.is_empty() {
        Some("it takes no arguments")
    } else if handed_over.is_changed {
        Some("it may change what it is given")
    } else if handed_over.has_pointer {
        Some("what is behind a pointer may change")
    } else if signature.variadic.is_some() {
        Some("it takes any number of arguments")
    } else {
        None
    }
}

/// What the types of arguments allow.
#[derive(Default)]
struct HandedOver {
    is_changed: bool,
    has_pointer: bool,
}

impl<'ast> Visit<'ast> for HandedOver {
    fn visit_receiver(&mut self, receiver: &'ast Receiver) {
        self.is_changed |= matches!(receiver.kind, ReceiverKind::Reference(_, _, Some(_)));
        visit::visit_receiver(self, receiver);
    }

    fn visit_type_reference(&mut self, reference: &'ast TypeReference) {
        self.is_changed |= reference.mutability.is_some();
        visit::visit_type_reference(self, reference);
    }

    fn visit_type_ptr(&mut self, pointer: &'ast TypePtr) {
        self.has_pointer = true;
        visit::visit_type_ptr(self, pointer);
    }
}

/// By which the body knows the arguments, and parts of them; each once.
fn names(signature: &Signature) -> BTreeSet<String> {
    let mut names = Names::default();
    for input in &signature.inputs {
        match input {
            FnArg::Receiver(_) => {
                names.0.insert("self".to_owned());
            }
            FnArg::Typed(argument) => names.visit_pat(&argument.pat),
        }
    }
    names.0
}

#[derive(Default)]
struct Names(BTreeSet<String>);

impl<'ast> Visit<'ast> for Names {
    fn visit_pat_ident(&mut self, pattern: &'ast PatIdent) {
        self.0.insert(pattern.ident.to_string());
        visit::visit_pat_ident(self, pattern);
    }

    /// Constants in patterns have paths, and `_` no name.
    fn visit_pat(&mut self, pattern: &'ast Pat) {
        if !matches!(pattern, Pat::Path(_) | Pat::Wild(_)) {
            visit::visit_pat(self, pattern);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(signature: &str) -> Result<Counting, &'static str> {
        counting_of(&syn::parse_str(signature).unwrap())
    }

    fn names_of(signature: &str) -> Vec<String> {
        names(&syn::parse_str(signature).unwrap())
            .into_iter()
            .collect()
    }

    #[test]
    fn every_name_is_added_once_and_nothing_ends_a_line() {
        let counting = of("fn f(a: &str, (b, _): (u8, u8), mut c: u8) -> u8").unwrap();
        for name in ["a", "b", "c"] {
            assert_eq!(
                counting.call.matches(&format!("Argument(&{name})")).count(),
                1
            );
        }
        assert!(!counting.call.contains('\n') && !counting.counts.contains('\n'));
        assert_eq!(
            names_of("fn f(&self, Point { x, y: Y(z) }: Point, w @ Some(_): O, r#type: u8) -> u8"),
            ["r#type", "self", "w", "x", "z"]
        );
    }

    #[test]
    fn what_gives_nothing_or_changes_something_is_left_out() {
        for (signature, reason) in [
            ("fn f(a: u8)", "gives nothing"),
            ("fn f(a: u8) -> ()", "gives nothing"),
            ("fn f(a: u8) -> !", "gives nothing"),
            ("fn f() -> u8", "no arguments"),
            ("fn f(a: &mut u8) -> u8", "may change"),
            ("fn f(a: Option<&mut u8>) -> u8", "may change"),
            ("fn f(&mut self) -> u8", "may change"),
            ("fn f(self: Pin<&mut Self>, a: u8) -> u8", "may change"),
            ("fn f(a: *const u8) -> u8", "behind a pointer"),
            ("unsafe extern \"C\" fn f(a: u8, ...) -> u8", "any number"),
        ] {
            let refused = of(signature).unwrap_err();
            assert!(refused.contains(reason), "{signature}: {refused}");
        }
        for signature in [
            "fn f(a: u8) -> u8",
            "fn f(mut self) -> u8",
            "async fn f(&self, a: &str) -> Result<(), ()>",
        ] {
            assert!(of(signature).is_ok(), "{signature}");
        }
    }
}
