//! The functions that a memoized function becomes.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Expr, FnArg, Pat, PatIdent, ReceiverKind, ReturnType, Signature};

use super::{
    argument::Argument,
    memo::Memo,
    plan::{Key, Place, Plan},
};
use crate::signature::Function;

/// All of it.
pub(super) fn write(plan: &Plan) -> TokenStream {
    let memo = Memo::of(plan);
    let function = function(plan, &memo);
    let body = body(plan);
    let helpers = Helpers { plan, memo: &memo }.write();
    let conditions = &plan.attributes.conditions;
    match plan.place {
        Place::Associated => quote!(#function #body #helpers),
        Place::Free => {
            let name = &plan.function.signature.ident;
            let visibility = &plan.function.visibility;
            let documentation = format!("The cache of the function `{name}`.");
            let outcome_check = outcome_check(plan);
            quote_spanned! {Span::mixed_site()=>
                #function

                #(#conditions)*
                #[doc = #documentation]
                #[allow(dead_code, missing_debug_implementations, non_camel_case_types, clippy::all, clippy::pedantic, clippy::restriction, clippy::nursery)]
                #visibility enum #name {}

                #(#conditions)*
                impl #name {
                    #body
                }

                #(#conditions)*
                #[allow(dead_code, unused_variables, clippy::all, clippy::pedantic, clippy::nursery, clippy::restriction)]
                impl #name {
                    #helpers
                }

                #(#conditions)*
                #outcome_check
            }
        }
    }
}

/// The function under its own name.
fn function(plan: &Plan, memo: &Memo) -> TokenStream {
    let private = plan.private();
    let mut signature = plan.function.signature.clone();
    name_arguments(&mut signature, plan);
    let (visibility, attributes) = (&plan.function.visibility, &plan.attributes.function);
    let conditions = &plan.attributes.conditions;
    let memo = &memo.expression;
    let (_, types, _) = plan.generics.split_for_impl();
    let turbofish = types.as_turbofish();
    let uncached = plan.path("uncached");
    let receiver = plan.receiver().map(|receiver| {
        let word = &receiver.self_token;
        quote!(#word,)
    });
    let names = plan.arguments.iter().map(|argument| &argument.name);
    let compute = quote_spanned! {Span::mixed_site()=>
        move || #uncached #turbofish(#receiver #(#names),*)
    };
    let answer = match plan.answer.is_fallible {
        true => quote_spanned!(Span::mixed_site()=> #private::Outcome::from_value(value)),
        false => quote_spanned!(Span::mixed_site()=> value),
    };
    let load = match (plan.is_async(), plan.answer.is_fallible) {
        (false, false) => quote_spanned!(Span::mixed_site()=> memo.load(key, #compute)),
        (false, true) => quote_spanned!(Span::mixed_site()=> memo.try_load(key, #compute)),
        (true, false) => {
            quote_spanned!(Span::mixed_site()=> memo.load_async(key, #compute).await)
        }
        (true, true) => {
            quote_spanned!(Span::mixed_site()=> memo.try_load_async(key, #compute).await)
        }
    };
    let (looked_up, owned) = (lookup(plan), owned(plan));
    let suited = suited(plan);
    let statements = quote_spanned! {Span::mixed_site()=>
        #suited
        let memo = #memo;
        let key = {
            let lookup = #looked_up;
            if let ::core::option::Option::Some(value) = memo.get(&lookup) {
                return #answer;
            }
            #owned
        };
        #load
    };
    let mut block = Group::new(Delimiter::Brace, statements);
    // From its first token to its last, the function stands where it was written: lints speak of it as of any other.
    if let Some(body) = &plan.function.body {
        block.set_span(body.brace.span.join());
    }
    quote_spanned! {Span::mixed_site()=>
        #(#conditions)*
        #(#attributes)*
        #visibility #signature #block
    }
}

/// Statements that do nothing, but where the compiler says which type lacks what.
fn suited(plan: &Plan) -> TokenStream {
    let private = plan.private();
    let kinds = match &plan.key {
        Key::Arguments { receiver, places } => {
            let of_self = receiver.then(|| quote!(#private::argument::<Self>();));
            let of_arguments = places.iter().map(|place| {
                let owned = &plan.arguments[*place].owned;
                quote_spanned!(Span::mixed_site()=> #private::argument::<#owned>();)
            });
            quote!(#of_self #(#of_arguments)*)
        }
        Key::Expression(_) => TokenStream::new(),
    };
    let returned = &plan.answer.returned;
    let value = match plan.answer.is_fallible {
        true => quote!(<#returned as #private::Outcome>::Value),
        false => quote!(#returned),
    };
    let fallback = fallback(&private);
    quote_spanned!(Span::mixed_site()=> #fallback #kinds #private::value::<#value>();)
}

/// What is in scope for caches of types that lack something.
fn fallback(private: &TokenStream) -> TokenStream {
    quote_spanned! {Span::mixed_site()=>
        #[allow(unused_imports)]
        use #private::Unsuited as _;
    }
}

/// What is looked up, of the arguments as they came.
fn lookup(plan: &Plan) -> TokenStream {
    let private = plan.private();
    match &plan.key {
        Key::Arguments { receiver, places } => {
            let of_self = receiver.then(|| borrowed_self(plan));
            let borrowed = places.iter().map(|place| plan.arguments[*place].borrowed());
            quote_spanned!(Span::mixed_site()=> #private::Arguments((#of_self #(#borrowed,)*)))
        }
        Key::Expression(expression) => expressed(plan, expression),
    }
}

fn borrowed_self(plan: &Plan) -> Option<TokenStream> {
    let receiver = plan.receiver()?;
    let word = &receiver.self_token;
    Some(match receiver.kind {
        ReceiverKind::Reference(..) => quote!(#word,),
        _ => quote!(&#word,),
    })
}

/// What the user's expression makes of the arguments.
fn expressed(plan: &Plan, expression: &Expr) -> TokenStream {
    let destructured = plan.arguments.iter().map(Argument::destructured);
    quote_spanned! {Span::mixed_site()=>
        { #(#destructured)* #expression }
    }
}

/// What goes into the cache, of what was looked up.
fn owned(plan: &Plan) -> TokenStream {
    match plan.key {
        Key::Arguments { .. } => quote_spanned!(Span::mixed_site()=> memo.key(&lookup)),
        Key::Expression(_) => quote_spanned!(Span::mixed_site()=> lookup),
    }
}

/// Arguments as variables that can be passed on.
fn name_arguments(signature: &mut Signature, plan: &Plan) {
    let mut arguments = plan.arguments.iter();
    for input in &mut signature.inputs {
        match input {
            FnArg::Receiver(receiver) => {
                // `mut self` is the body's.
                receiver.mutability = None;
                receiver.attrs.clear();
            }
            FnArg::Typed(typed) => {
                if let Some(argument) = arguments.next() {
                    typed.attrs.clear();
                    *typed.pat = variable(&argument.name);
                }
            }
        }
    }
}

fn variable(name: &Ident) -> Pat {
    Pat::Ident(PatIdent {
        attrs: Vec::new(),
        by_ref: None,
        mutability: None,
        ident: name.clone(),
        subpat: None,
    })
}

/// The function with the body that was written.
fn body(plan: &Plan) -> TokenStream {
    let Function {
        visibility,
        signature,
        body,
        ..
    } = &plan.function;
    let mut signature = signature.clone();
    let function = signature.ident.to_string();
    signature.ident = plan.name("uncached");
    signature.abi = None;
    // With braces that nobody wrote, it is nobody's function: it is dead only if the other one is, of which the compiler
    // speaks already.
    let body = body.as_ref().map(|body| {
        let (attributes, items) = (&body.inner_attributes, &body.items);
        let statements = &body.statements;
        quote_spanned!(Span::mixed_site()=> { #(#attributes)* #(#items)* #statements })
    });
    let documentation =
        format!("Calls the body of `{function}`: nothing is looked up, and nothing is kept.");
    let attributes = &plan.attributes.body;
    let conditions = match plan.place {
        Place::Free => &[][..],
        Place::Associated => &plan.attributes.conditions,
    };
    quote_spanned! {Span::mixed_site()=>
        #(#conditions)*
        #[doc = #documentation]
        #(#attributes)*
        #visibility #signature #body
    }
}

/// Where `Result` stands by another name, its errors would be kept.
fn outcome_check(plan: &Plan) -> TokenStream {
    let is_concrete = plan.generics.params.is_empty() && plan.place == Place::Free;
    let ReturnType::Type(_, returned) = &plan.function.signature.output else {
        return TokenStream::new();
    };
    if !is_concrete || plan.answer.is_fallible || plan.choices.cache_errors.is_some() {
        return TokenStream::new();
    }
    let private = plan.private();
    let span = syn::spanned::Spanned::span(returned).resolved_at(Span::mixed_site());
    quote_spanned! {span=>
        const _: () = {
            #[allow(unused_imports)]
            use #private::CannotFail as _;
            ::core::assert!(
                !<#private::Kind<#returned>>::CAN_FAIL,
                "this is `Result` or `Option` by another name, and `#[memoize]` would keep errors: write `Result<…>` or `Option<…>`, or add `cache_errors`"
            );
        };
    }
}

/// What handles the cache.
struct Helpers<'a> {
    plan: &'a Plan,
    memo: &'a Memo,
}

impl Helpers<'_> {
    fn write(&self) -> TokenStream {
        let items = &self.memo.items;
        let hidden = self.hidden(items);
        let method = self.method();
        let (info, clear, invalidate) = (self.info(), self.clear(), self.invalidate());
        quote!(#hidden #method #info #clear #invalidate)
    }

    fn attributes(&self) -> TokenStream {
        match self.plan.place {
            Place::Free => TokenStream::new(),
            Place::Associated => {
                let conditions = &self.plan.attributes.conditions;
                quote! {
                    #(#conditions)*
                    #[allow(dead_code, unused_variables, clippy::all, clippy::pedantic, clippy::nursery, clippy::restriction)]
                }
            }
        }
    }

    fn hidden(&self, item: &TokenStream) -> TokenStream {
        if item.is_empty() {
            return TokenStream::new();
        }
        let attributes = self.attributes();
        quote!(#attributes #[doc(hidden)] #item)
    }

    /// A function whose type tells this method from others with a cache in the same field.
    fn method(&self) -> TokenStream {
        let name = self.plan.name("__method");
        match self.plan.place {
            Place::Free => TokenStream::new(),
            Place::Associated => {
                self.hidden(&quote_spanned!(Span::mixed_site()=> const fn #name() {}))
            }
        }
    }

    /// The receiver of a method, by reference.
    fn receiver(&self) -> TokenStream {
        match self.plan.receiver() {
            None => TokenStream::new(),
            Some(receiver) => {
                let word = &receiver.self_token;
                quote!(&#word,)
            }
        }
    }

    fn info(&self) -> TokenStream {
        let private = self.plan.private();
        self.helper(
            "cache_info",
            "What the cache has done and what it holds.",
            &TokenStream::new(),
            quote!(-> #private::Info),
            &quote!(.info()),
        )
    }

    fn clear(&self) -> TokenStream {
        self.helper(
            "cache_clear",
            "Forgets all answers, and begins to count anew.",
            &TokenStream::new(),
            TokenStream::new(),
            &quote!(.clear()),
        )
    }

    fn invalidate(&self) -> TokenStream {
        let plan = self.plan;
        let private = plan.private();
        let parameters: Vec<_> = match &plan.key {
            Key::Arguments { places, .. } => places
                .iter()
                .map(|place| plan.arguments[*place].parameter())
                .collect(),
            Key::Expression(_) => plan.arguments.iter().map(Argument::as_written).collect(),
        };
        let lookup = match &plan.key {
            Key::Arguments { receiver, places } => {
                let of_self = receiver.then(|| {
                    let word = plan.receiver().map(|receiver| receiver.self_token);
                    quote!(#word,)
                });
                let names = places.iter().map(|place| &plan.arguments[*place].name);
                quote!(#private::Arguments((#of_self #(#names,)*)))
            }
            Key::Expression(expression) => expressed(plan, expression),
        };
        self.helper(
            "cache_invalidate",
            "Forgets the answer to these arguments; whether there was one.",
            &quote!(#(#parameters),*),
            quote!(-> ::core::primitive::bool),
            &quote!(.invalidate(&#lookup)),
        )
    }

    fn helper(
        &self,
        name: &str,
        documentation: &str,
        parameters: &TokenStream,
        output: TokenStream,
        call: &TokenStream,
    ) -> TokenStream {
        let plan = self.plan;
        let attributes = self.attributes();
        let visibility = &plan.function.visibility;
        let name = plan.name(name);
        let (generics, _, clause) = plan.generics.split_for_impl();
        let receiver = self.receiver();
        let memo = &self.memo.expression;
        let fallback = fallback(&plan.private());
        quote_spanned! {Span::mixed_site()=>
            #attributes
            #[doc = #documentation]
            #visibility fn #name #generics(#receiver #parameters) #output #clause {
                #fallback
                #memo #call
            }
        }
    }
}
