use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Error, Field, Result, Type};

/// What a field is to the module that holds it.
enum Role {
    Submodule,
    Parameter,
    Buffer,
    Flatten,
    Skip,
}

/// The statement that shows the field to the visitor.
pub(crate) fn visit(field: &Field) -> Result<TokenStream> {
    let Some(ident) = &field.ident else {
        return Err(Error::new_spanned(
            field,
            "Module needs named fields: the names are the parameters' paths",
        ));
    };
    let name = ident.to_string();
    let name = name.strip_prefix("r#").unwrap_or(&name);
    let method = match role(field)? {
        Role::Skip => return Ok(TokenStream::new()),
        Role::Flatten => return Ok(quote! { ::selvedge_nn::Module::visit(&self.#ident, visitor); }),
        Role::Submodule => "module",
        Role::Parameter => "parameter",
        Role::Buffer => "buffer",
    };
    let method = format_ident!("{method}");
    Ok(if is_option(&field.ty) {
        quote! {
            if let ::core::option::Option::Some(value) = &self.#ident {
                visitor.#method(#name, value);
            }
        }
    } else {
        quote! { visitor.#method(#name, &self.#ident); }
    })
}

fn role(field: &Field) -> Result<Role> {
    let mut role = Role::Submodule;
    for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("module")) {
        attribute.parse_nested_meta(|meta| {
            role = if meta.path.is_ident("parameter") {
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
            Ok(())
        })?;
    }
    Ok(role)
}

fn is_option(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|segment| segment.ident == "Option"))
}
