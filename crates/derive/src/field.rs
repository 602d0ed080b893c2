use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::spanned::Spanned;
use syn::{Error, Field, GenericArgument, PathArguments, Result, Type};

/// What a field is to the module that holds it.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Role {
    Submodule,
    Parameter,
    Buffer,
    Flatten,
    Skip,
}

/// A field with the role that its attribute gives it.
pub(crate) struct Part<'a> {
    field: &'a Field,
    pub(crate) role: Role,
}

impl<'a> Part<'a> {
    pub(crate) fn of(field: &'a Field) -> Result<Self> {
        if field.ident.is_none() {
            return Err(Error::new_spanned(
                field,
                "Module needs named fields: the names are the parameters' paths",
            ));
        }
        Ok(Self { field, role: role(field)? })
    }

    /// The type of what the field holds, without the `Option`.
    pub(crate) fn held(&self) -> &'a Type {
        inside_option(&self.field.ty).unwrap_or(&self.field.ty)
    }

    /// The statement that shows the field to the visitor.
    pub(crate) fn visit(&self) -> TokenStream {
        let ident = &self.field.ident;
        let name = ident.as_ref().map(ToString::to_string).unwrap_or_default();
        let name = name.strip_prefix("r#").unwrap_or(&name);
        // So that a field of a wrong type is what the compiler points at.
        let span = self.field.ty.span();
        let show = match self.role {
            Role::Skip => return TokenStream::new(),
            Role::Submodule => quote_spanned! { span=> visitor.module(#name, value); },
            Role::Parameter => quote_spanned! { span=> visitor.parameter(#name, value); },
            Role::Buffer => quote_spanned! { span=> visitor.buffer(#name, value); },
            Role::Flatten => quote_spanned! { span=> ::selvedge_nn::Module::visit(value, visitor); },
        };
        if inside_option(&self.field.ty).is_some() {
            quote_spanned! { span=>
                if let ::core::option::Option::Some(value) = &self.#ident {
                    #show
                }
            }
        } else {
            quote_spanned! { span=> { let value = &self.#ident; #show } }
        }
    }
}

fn role(field: &Field) -> Result<Role> {
    let mut given = None;
    for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("module")) {
        attribute.parse_nested_meta(|meta| {
            let role = if meta.path.is_ident("parameter") {
                Role::Parameter
            } else if meta.path.is_ident("buffer") {
                Role::Buffer
            } else if meta.path.is_ident("flatten") {
                Role::Flatten
            } else if meta.path.is_ident("skip") {
                Role::Skip
            } else {
                return Err(meta.error("expected `parameter`, `buffer`, `flatten` or `skip`"));
            };
            if given.replace(role).is_some() {
                return Err(meta.error("a field has one of `parameter`, `buffer`, `flatten` and `skip`"));
            }
            Ok(())
        })?;
    }
    Ok(given.unwrap_or(Role::Submodule))
}

fn inside_option(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|segment| segment.ident == "Option")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first() {
        Some(GenericArgument::Type(held)) => Some(held),
        _ => None,
    }
}
