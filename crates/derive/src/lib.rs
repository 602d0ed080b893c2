//! `#[derive(Module)]` for `selvedge-nn`, which documents it at its trait `Module`.

mod field;
mod module;

use proc_macro::TokenStream;

/// Writes `Module` and `Display`; see the trait `Module` of `selvedge-nn`.
#[proc_macro_derive(Module, attributes(module))]
pub fn derive_module(input: TokenStream) -> TokenStream {
    let input = syn::parse_macro_input!(input as syn::DeriveInput);
    module::expand(&input).unwrap_or_else(|error| error.to_compile_error()).into()
}
