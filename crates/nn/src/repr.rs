use std::fmt;

use tch::Tensor;

use crate::{Module, Visitor};

pub(crate) mod python;

/// PyTorch's `repr(module)`: the name, then either the one line of [`Module::extra_repr`] or, where there are
/// submodules, a line for each, indented by two.
///
/// ```
/// use selvedge_nn::{Relu, repr};
///
/// assert_eq!(repr(&Relu), "ReLU()");
/// ```
#[must_use]
pub fn repr(module: &dyn Module) -> String {
    let mut children = Children::default();
    module.visit(&mut children);
    let parts = if module.folds_equal_parts() { fold(children.parts) } else { children.parts };
    let extra = module.extra_repr();
    let name = module.name();
    if parts.is_empty() && extra.lines().count() <= 1 {
        return format!("{name}({extra})");
    }
    let parts = parts.into_iter().map(|(name, text)| format!("({name}): {}", text.replace('\n', "\n  ")));
    let lines: Vec<String> = extra.lines().map(str::to_owned).chain(parts).collect();
    format!("{name}(\n  {}\n)", lines.join("\n  "))
}

/// Writes `module` the way PyTorch prints it; the `Display` of a derived module calls this.
///
/// # Errors
///
/// When the formatter refuses the text.
pub fn write_repr(module: &dyn Module, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(&repr(module))
}

/// Writes neighbours that print the same as one, as PyTorch's `ModuleList` does: `(0-2): 3 x ...`.
fn fold(parts: Vec<(String, String)>) -> Vec<(String, String)> {
    parts
        .chunk_by(|one, next| one.1 == next.1)
        .map(|run| match run {
            [(first, text), .., (last, _)] => (format!("{first}-{last}"), format!("{} x {text}", run.len())),
            [part] => part.clone(),
            [] => unreachable!("a chunk has at least one part"),
        })
        .collect()
}

/// The names and the texts of the submodules.
#[derive(Default)]
struct Children {
    parts: Vec<(String, String)>,
}

impl Visitor for Children {
    fn parameter(&mut self, _: &str, _: &Tensor) {}

    fn buffer(&mut self, _: &str, _: &Tensor) {}

    fn module(&mut self, name: &str, module: &dyn Module) {
        self.parts.push((name.to_owned(), repr(module)));
    }
}
