use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Data, DeriveInput, Error, Expr, Fields, Result};

use crate::field;

/// The implementations of `Module` and `Display` for a struct.
pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let Data::Struct(data) = &input.data else {
        return Err(Error::new_spanned(input, "Module can be derived for a struct only"));
    };
    let visits = match &data.fields {
        Fields::Unit => Vec::new(),
        fields => fields.iter().map(field::visit).collect::<Result<Vec<_>>>()?,
    };
    let Printed { name, extra_repr } = Printed::of(input)?;
    let extra_repr = extra_repr.then(|| {
        quote! {
            // Without the type's own method of this name, the call below would be to itself.
            #[deny(unconditional_recursion)]
            fn extra_repr(&self) -> ::std::string::String {
                Self::extra_repr(self)
            }
        }
    });
    let ident = &input.ident;
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    Ok(quote! {
        impl #generics ::selvedge_nn::Module for #ident #arguments #bounds {
            #[allow(unused_variables)]
            fn visit(&self, visitor: &mut dyn ::selvedge_nn::Visitor) {
                #(#visits)*
            }

            fn name(&self) -> &str {
                #name
            }

            #extra_repr
        }

        impl #generics ::core::fmt::Display for #ident #arguments #bounds {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::selvedge_nn::write_repr(self, f)
            }
        }
    })
}

/// What the attributes of the struct say about printing it.
struct Printed {
    name: TokenStream,
    extra_repr: bool,
}

impl Printed {
    fn of(input: &DeriveInput) -> Result<Self> {
        let mut printed = Self { name: input.ident.to_string().into_token_stream(), extra_repr: false };
        for attribute in input.attrs.iter().filter(|attribute| attribute.path().is_ident("module")) {
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("name") {
                    printed.name = meta.value()?.parse::<Expr>()?.into_token_stream();
                } else if meta.path.is_ident("extra_repr") {
                    printed.extra_repr = true;
                } else {
                    return Err(meta.error("expected `name = \"...\"` or `extra_repr`"));
                }
                Ok(())
            })?;
        }
        Ok(printed)
    }
}
