use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Data, DeriveInput, Error, Expr, Fields, Generics, Ident, Result, Type, parse_quote};

use crate::field::{Part, Role};

/// The implementations of `Module` and `Display` for a struct.
pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let Data::Struct(data) = &input.data else {
        return Err(Error::new_spanned(input, "Module can be derived for a struct only"));
    };
    let parts = match &data.fields {
        Fields::Unit => Vec::new(),
        fields => fields.iter().map(Part::of).collect::<Result<Vec<_>>>()?,
    };
    let visits = parts.iter().map(Part::visit);
    let Said { name, extra_repr, running_statistics } = Said::of(input)?;
    let extra_repr = extra_repr.then(|| {
        quote! {
            // Without the type's own method of this name, the call below would be to itself.
            #[deny(unconditional_recursion)]
            fn extra_repr(&self) -> ::std::string::String {
                Self::extra_repr(self)
            }
        }
    });
    let running_statistics = running_statistics.then(|| {
        quote! {
            #[deny(unconditional_recursion)]
            fn running_statistics(&self) -> ::core::option::Option<::selvedge_nn::RunningStatistics<'_>> {
                Self::running_statistics(self)
            }
        }
    });
    let ident = &input.ident;
    let bounded = bounded(&input.generics, &parts);
    let (generics, arguments, bounds) = bounded.split_for_impl();
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

            #running_statistics
        }

        impl #generics ::core::fmt::Display for #ident #arguments #bounds {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::selvedge_nn::write_repr(self, f)
            }
        }
    })
}

/// The generics, with the bound that a submodule of a generic type is a module.
fn bounded(generics: &Generics, parts: &[Part<'_>]) -> Generics {
    let mut bounded = generics.clone();
    let submodules = parts.iter().filter(|part| matches!(part.role, Role::Submodule | Role::Flatten));
    for held in submodules.map(Part::held).filter(|held| mentions(held, generics)) {
        bounded.make_where_clause().predicates.push(parse_quote! { #held: ::selvedge_nn::Module });
    }
    bounded
}

/// Whether one of the type parameters stands in the type.
fn mentions(ty: &Type, generics: &Generics) -> bool {
    fn any(tokens: TokenStream, wanted: &dyn Fn(&Ident) -> bool) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(ident) => wanted(&ident),
            TokenTree::Group(group) => any(group.stream(), wanted),
            _ => false,
        })
    }
    any(ty.to_token_stream(), &|ident| generics.type_params().any(|parameter| parameter.ident == *ident))
}

/// What the attributes of the struct say: its name, and which methods of its own the trait's are.
struct Said {
    name: TokenStream,
    extra_repr: bool,
    running_statistics: bool,
}

impl Said {
    fn of(input: &DeriveInput) -> Result<Self> {
        let name = input.ident.to_string().into_token_stream();
        let mut said = Self { name, extra_repr: false, running_statistics: false };
        for attribute in input.attrs.iter().filter(|attribute| attribute.path().is_ident("module")) {
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("name") {
                    said.name = meta.value()?.parse::<Expr>()?.into_token_stream();
                } else if meta.path.is_ident("extra_repr") {
                    said.extra_repr = true;
                } else if meta.path.is_ident("running_statistics") {
                    said.running_statistics = true;
                } else {
                    return Err(meta.error("expected `name = \"...\"`, `extra_repr` or `running_statistics`"));
                }
                Ok(())
            })?;
        }
        Ok(said)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the derive says of a struct that it refuses.
    fn refused(input: DeriveInput) -> String {
        match expand(&input) {
            Ok(expanded) => panic!("it was taken: {expanded}"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn only_structs_with_named_fields_are_modules() {
        let message = refused(parse_quote! { enum Layer { Linear, Relu } });
        assert_eq!(message, "Module can be derived for a struct only");
        let message = refused(parse_quote! { struct Pair(Linear, Linear); });
        assert_eq!(message, "Module needs named fields: the names are the parameters' paths");
        assert!(expand(&parse_quote! { struct Identity; }).is_ok());
    }

    #[test]
    fn an_unknown_attribute_lists_the_known_ones() {
        let message = refused(parse_quote! { struct Net { #[module(param)] weight: Tensor } });
        assert_eq!(message, "expected `parameter`, `buffer`, `flatten` or `skip`");
        let message = refused(parse_quote! { #[module(title = "Net")] struct Net {} });
        assert_eq!(message, "expected `name = \"...\"`, `extra_repr` or `running_statistics`");
        let message = refused(parse_quote! { struct Net { #[module] weight: Tensor } });
        assert!(message.contains("parentheses"), "{message}");
    }

    #[test]
    fn a_field_has_one_role() {
        let expected = "a field has one of `parameter`, `buffer`, `flatten` and `skip`";
        let message = refused(parse_quote! { struct Net { #[module(parameter, skip)] weight: Tensor } });
        assert_eq!(message, expected);
        let twice = parse_quote! { struct Net { #[module(buffer)] #[module(buffer)] mean: Tensor } };
        assert_eq!(refused(twice), expected);
    }

    #[test]
    fn only_generic_submodules_are_bound() {
        let input: DeriveInput = parse_quote! {
            struct Block<A, B, C, const N: usize> where C: Send {
                inner: Vec<A>,
                shortcut: Option<B>,
                #[module(skip)]
                marker: PhantomData<C>,
                linear: Linear,
            }
        };
        let expanded = expand(&input).expect("a good struct").to_string();
        let found: String = expanded.split_whitespace().collect();
        assert!(
            found.contains("whereC:Send,Vec<A>:::selvedge_nn::Module,B:::selvedge_nn::Module{"),
            "{found}"
        );
        assert!(found.contains("forBlock<A,B,C,N>"), "{found}");
    }
}
