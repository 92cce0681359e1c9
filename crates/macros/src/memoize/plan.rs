//! What a function and its options ask for, after everything was refused that cannot be.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{
    Error, Expr, FnArg, GenericParam, Generics, Item, Path, PathArguments, Receiver, ReceiverKind,
    Result, ReturnType, Safety, Signature, Type, WherePredicate, spanned::Spanned as _,
};

use super::{
    argument::{Argument, borrow_in, word_in},
    attributes::Attributes,
    choices::{Choices, Maxsize},
};
use crate::{
    options::{Errors, MEMOIZE},
    signature::{Function, keyword},
};

/// As many arguments as a key of arguments may have.
const MOST_ARGUMENTS: usize = 12;

pub(super) struct Plan {
    pub(super) function: Function,
    pub(super) attributes: Attributes,
    pub(super) choices: Choices,
    facade: Option<Path>,
    pub(super) place: Place,
    pub(super) arguments: Vec<Argument>,
    pub(super) key: Key,
    /// Type and const parameters, without lifetimes.
    pub(super) generics: Generics,
    pub(super) answer: Answer,
}

/// Where the function stands.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Place {
    /// Where an enum can stand beside it.
    Free,
    /// In an `impl` block.
    Associated,
}

/// What two calls have in common when the second is not computed.
pub(super) enum Key {
    /// Some arguments, by their place; with the receiver in front where all instances share.
    Arguments { receiver: bool, places: Vec<usize> },
    /// What an expression makes of them.
    Expression(Box<Expr>),
}

/// What the function returns.
pub(super) struct Answer {
    pub(super) returned: Type,
    /// Whether it can be an error, or nothing, which is not kept.
    pub(super) is_fallible: bool,
}

impl Plan {
    pub(super) fn read(arguments: TokenStream, item: &TokenStream) -> Result<Self> {
        let function: Function =
            syn::parse2(item.clone()).map_err(|error| no_function(item, error))?;
        let options = MEMOIZE.read(arguments)?;
        let choices = options.memoize;
        let signature = &function.signature;
        if function.body.is_none() {
            let message = "`#[memoize]` needs the body of the function, and this one has none; memoize a function that the implementations call";
            return Err(Error::new(signature.ident.span(), message));
        }
        let mut errors = Errors::default();
        for refusal in refusals(&function) {
            errors.add(refusal);
        }
        let place = place(signature, &choices);
        let arguments = read_arguments(signature, &mut errors);
        let answer = Answer::read(signature, &choices, &mut errors);
        let generics = generics(&signature.generics, &mut errors);
        contradictions(signature, &choices, place, &mut errors);
        errors.or(())?;
        let key = Key::read(&choices, signature, &arguments)?;
        key.refusals(&arguments, signature)?;
        Ok(Self {
            attributes: Attributes::sort(&function.attributes),
            function,
            choices,
            facade: options.facade,
            place,
            arguments,
            key,
            generics,
            answer,
        })
    }

    /// The path of what expansions call.
    pub(super) fn private(&self) -> TokenStream {
        match &self.facade {
            Some(facade) => quote!(#facade::__private),
            None => quote!(::tuneup_caching::__private),
        }
    }

    pub(super) fn is_async(&self) -> bool {
        self.function.is_async()
    }

    pub(super) fn receiver(&self) -> Option<&Receiver> {
        self.function.signature.receiver()
    }

    /// What the parts are called from where they stand.
    pub(super) fn path(&self, part: &str) -> TokenStream {
        let name = self.name(part);
        match self.place {
            Place::Free => {
                let companion = &self.function.signature.ident;
                quote_spanned!(Span::mixed_site()=> #companion::#name)
            }
            Place::Associated => quote_spanned!(Span::mixed_site()=> Self::#name),
        }
    }

    /// A part's own name.
    pub(super) fn name(&self, part: &str) -> Ident {
        let function = &self.function.signature.ident;
        match self.place {
            Place::Free => Ident::new(part, Span::mixed_site()),
            Place::Associated => match part.strip_prefix("__") {
                Some(part) => format_ident!("__{function}_{part}", span = Span::mixed_site()),
                None => format_ident!("{function}_{part}", span = function.span()),
            },
        }
    }
}

fn no_function(item: &TokenStream, error: Error) -> Error {
    let mend = match syn::parse2::<Item>(item.clone()) {
        Ok(Item::Fn(_) | Item::Verbatim(_)) => return error,
        Ok(Item::Impl(_)) => "put it on the functions in here",
        Ok(_) => "put it on a function",
        Err(_) => return error,
    };
    let message =
        format!("`#[memoize]` remembers what a function returns, and this is none; {mend}");
    Error::new(keyword(item), message)
}

fn refusals(function: &Function) -> Vec<Error> {
    let signature = &function.signature;
    let mut refusals = Vec::new();
    let mut refuse = |span: Span, message: &str| refusals.push(Error::new(span, message));
    if let Some(constness) = &signature.constness {
        refuse(
            constness.span,
            "`#[memoize]` cannot stand on a `const fn`, which has no place to remember anything; remove `const`, or use a `const` item",
        );
    }
    if let Safety::Unsafe(word) = &signature.safety {
        refuse(
            word.span,
            "`#[memoize]` cannot stand on an `unsafe fn`: what made the first call safe is not looked at by the next; memoize a safe function inside of it",
        );
    }
    if let Some(variadic) = &signature.variadic {
        refuse(
            variadic.span(),
            "`#[memoize]` cannot look up arguments that have no number; remove `...`",
        );
    }
    if let Some(defaultness) = &function.defaultness {
        refuse(
            defaultness.span,
            "`#[memoize]` cannot stand on a `default fn`; memoize a function that it calls",
        );
    }
    if is_primitive(&signature.ident) {
        refuse(
            signature.ident.span(),
            "`#[memoize]` makes a type with the name of the function, which would hide the primitive type; give the function another name",
        );
    }
    if let Some(receiver) = signature.receiver()
        && let ReceiverKind::Reference(_, _, Some(mutability)) = &receiver.kind
    {
        refuse(
            mutability.span,
            "what a method changes is not remembered: `#[memoize]` takes no `&mut self`; take `&self`",
        );
    }
    refusals
}

fn is_primitive(name: &Ident) -> bool {
    const PRIMITIVES: &[&str] = &[
        "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "str", "u8",
        "u16", "u32", "u64", "u128", "usize",
    ];
    PRIMITIVES.iter().any(|primitive| name == primitive)
}

fn place(signature: &Signature, choices: &Choices) -> Place {
    let names_self = || word_in(&signature.to_token_stream(), &["Self"]).is_some();
    if signature.receiver().is_some() || choices.shared.is_some() || names_self() {
        Place::Associated
    } else {
        Place::Free
    }
}

fn read_arguments(signature: &Signature, errors: &mut Errors) -> Vec<Argument> {
    let mut arguments = Vec::new();
    for (index, input) in signature.inputs.iter().enumerate() {
        if let FnArg::Typed(argument) = input {
            match Argument::read(argument, index) {
                Ok(argument) => arguments.push(argument),
                Err(error) => errors.add(error),
            }
        }
    }
    arguments
}

impl Answer {
    fn read(signature: &Signature, choices: &Choices, errors: &mut Errors) -> Self {
        let returned = match &signature.output {
            ReturnType::Default => syn::parse_quote!(()),
            ReturnType::Type(_, returned) => (**returned).clone(),
        };
        let tokens = returned.to_token_stream();
        if let Some(word) = word_in(&tokens, &["impl"]) {
            let message =
                "a cache keeps values of a type that has a name; write it, or `Arc<dyn …>`";
            errors.add(Error::new(word.span(), message));
        } else if let Some(borrow) = borrow_in(&tokens) {
            let message = "the cache outlives what is borrowed here; return a value that owns what it has: `String`, or `Arc<…>`, which is cheaper to clone";
            errors.add(Error::new(borrow, message));
        }
        let can_fail = is_result_or_option(&returned);
        if let (Some(word), false) = (choices.cache_errors, can_fail) {
            // By another name it may be one all the same, and then the word is right.
            if !matches!(returned, Type::Path(_)) {
                let message = "`cache_errors` keeps errors, or `None`, and this function returns neither; remove it";
                errors.add(Error::new(word, message));
            }
        }
        Self {
            returned,
            is_fallible: can_fail && choices.cache_errors.is_none(),
        }
    }
}

fn is_result_or_option(returned: &Type) -> bool {
    match returned {
        Type::Path(path) => path.path.segments.last().is_some_and(|last| {
            // `Result` is often an alias without parameters, as `fmt::Result` is.
            let has_parameters = matches!(last.arguments, PathArguments::AngleBracketed(_));
            last.ident == "Result" || last.ident == "Option" && has_parameters
        }),
        Type::Paren(paren) => is_result_or_option(&paren.elem),
        Type::Group(group) => is_result_or_option(&group.elem),
        _ => false,
    }
}

/// The parameters that a cache depends on: it outlives all lifetimes.
fn generics(written: &Generics, errors: &mut Errors) -> Generics {
    let mut generics = written.clone();
    generics.params = std::mem::take(&mut generics.params)
        .into_iter()
        .filter(|parameter| !matches!(parameter, GenericParam::Lifetime(_)))
        .collect();
    if let Some(clause) = &mut generics.where_clause {
        clause.predicates = std::mem::take(&mut clause.predicates)
            .into_iter()
            .filter(|predicate| !matches!(predicate, WherePredicate::Lifetime(_)))
            .collect();
    }
    for lifetime in written.lifetimes() {
        let name = &lifetime.lifetime.ident;
        let parameters = generics.params.to_token_stream();
        let clause = generics.where_clause.to_token_stream();
        let named = word_in(&parameters, &[&name.to_string()])
            .or_else(|| word_in(&clause, &[&name.to_string()]));
        if let Some(named) = named {
            let message = "the cache outlives this lifetime, so its types cannot depend on it; use `'static`, or remove the bound";
            errors.add(Error::new(named.span(), message));
        }
    }
    generics
}

fn contradictions(signature: &Signature, choices: &Choices, place: Place, errors: &mut Errors) {
    let bounded = matches!(choices.maxsize, Some(Maxsize::Entries(_)));
    if let Some(policy) = &choices.policy {
        if !bounded {
            let message = "a policy says what goes when the cache is full, and this one has no bound; add `maxsize = …`, or remove the policy";
            errors.add(Error::new(policy.span(), message));
        } else if choices.by_thread.is_some() && policy != "Lru" {
            let message = "a cache `by_thread` is always LRU; remove the policy";
            errors.add(Error::new(policy.span(), message));
        }
    }
    if let Some(typed) = choices.typed {
        let has_types = place == Place::Associated
            || signature.generics.type_params().next().is_some()
            || signature.generics.const_params().next().is_some();
        if choices.key.is_none() || !has_types {
            let message = "arguments of different types are never the same here; `typed` is for generic functions with a `key = \"…\"`; remove it";
            errors.add(Error::new(typed, message));
        }
    }
    let receiver = signature.receiver();
    if let Some(word) = choices.cache_word {
        let message = if receiver.is_none() {
            Some(
                "`cache` names a field of `self`, and this function has none; remove it: the function has a cache of its own",
            )
        } else if choices.shared.is_some() {
            Some(
                "`shared` is one cache for all instances, and `cache` is one for each; remove one of them",
            )
        } else if choices.by_thread.is_some() {
            Some(
                "`cache` is one for each instance, and `by_thread` one for each thread; remove one of them",
            )
        } else {
            None
        };
        if let Some(message) = message {
            errors.add(Error::new(word, message));
        }
        if let Some(receiver) = receiver
            && let Some(span) = owned_receiver(receiver)
        {
            let message = "the cache is in the instance, which this call takes away; take `&self`";
            errors.add(Error::new(span, message));
        }
    } else if let (Some(receiver), None) = (receiver, choices.shared) {
        let message = "whose cache is it? `cache = \"self.cache\"`, a field of the type `MethodCache`, is one for each instance and goes with it; `shared` is one for all, with `self` in the key";
        errors.add(Error::new(receiver.self_token.span, message));
    }
}

/// Where a receiver says that it owns the instance, or a part in it.
fn owned_receiver(receiver: &Receiver) -> Option<Span> {
    match &receiver.kind {
        ReceiverKind::Reference(..) => None,
        ReceiverKind::Typed(_, kind) if matches!(**kind, Type::Reference(_)) => None,
        ReceiverKind::Typed(_, kind) => Some(kind.span()),
        _ => Some(receiver.self_token.span),
    }
}

impl Key {
    fn read(choices: &Choices, signature: &Signature, arguments: &[Argument]) -> Result<Self> {
        let Some(expression) = &choices.key else {
            return Ok(Self::Arguments {
                receiver: signature.receiver().is_some() && choices.shared.is_some(),
                places: (0..arguments.len()).collect(),
            });
        };
        let chosen = match bare(expression) {
            Expr::Tuple(tuple) => tuple.elems.iter().map(|e| place_of(e, arguments)).collect(),
            other => place_of(other, arguments).map(|place| vec![place]),
        };
        match chosen {
            Some(places) => Ok(Self::Arguments {
                receiver: false,
                places,
            }),
            None => Ok(Self::Expression(Box::new(expression.clone()))),
        }
    }

    fn refusals(&self, arguments: &[Argument], signature: &Signature) -> Result<()> {
        let mut errors = Errors::default();
        match self {
            Self::Arguments { receiver, places } => {
                for place in places {
                    if let Some(error) = arguments[*place].refusal() {
                        errors.add(error);
                    }
                }
                if places.len() + usize::from(*receiver) > MOST_ARGUMENTS {
                    let message = format!(
                        "`#[memoize]` looks up {MOST_ARGUMENTS} arguments at most; take them as a struct, or choose some: `key = \"(…)\"`"
                    );
                    errors.add(Error::new(signature.ident.span(), message));
                }
                if let (true, Some(written)) = (*receiver, signature.receiver())
                    && let ReceiverKind::Typed(_, kind) = &written.kind
                {
                    let message = "a key with this `self` could keep the instance alive; say what tells instances apart: `key = \"self.…\"`";
                    errors.add(Error::new(kind.span(), message));
                }
            }
            Self::Expression(_) => {
                for argument in arguments {
                    let tokens = argument.written.to_token_stream();
                    if let Some(word) = word_in(&tokens, &["impl"]) {
                        let message = "the expression of the key could depend on a type that has no name; give the function a type parameter, or choose arguments: `key = \"(…)\"`";
                        errors.add(Error::new(word.span(), message));
                    }
                }
            }
        }
        errors.or(())
    }
}

/// What is in the parentheses that stand around an expression, visible or not.
fn bare(expression: &Expr) -> &Expr {
    match expression {
        Expr::Paren(paren) => bare(&paren.expr),
        Expr::Group(group) => bare(&group.expr),
        other => other,
    }
}

/// Which argument an expression is, if it is one.
fn place_of(expression: &Expr, arguments: &[Argument]) -> Option<usize> {
    let Expr::Path(path) = bare(expression) else {
        return None;
    };
    let name = path.path.get_ident()?;
    arguments.iter().position(|argument| argument.name == *name)
}
