use std::fmt;

use tch::Tensor;

use crate::{Module, Visitor};

/// Writes `module` the way PyTorch prints it; the `Display` of a derived module calls this.
///
/// # Errors
///
/// When the formatter refuses the text.
pub fn write_repr(module: &dyn Module, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(&repr(module))
}

/// PyTorch's `repr(module)`: the name, then either the one line of [`Module::extra_repr`] or, where there are
/// submodules, a line for each, indented by two.
fn repr(module: &dyn Module) -> String {
    let mut children = Children::default();
    module.visit(&mut children);
    let extra = module.extra_repr();
    let mut lines: Vec<&str> = extra.lines().collect();
    let name = module.name();
    if children.lines.is_empty() && lines.len() <= 1 {
        return format!("{name}({extra})");
    }
    lines.extend(children.lines.iter().map(String::as_str));
    format!("{name}(\n  {}\n)", lines.join("\n  "))
}

#[derive(Default)]
struct Children {
    lines: Vec<String>,
}

impl Visitor for Children {
    fn parameter(&mut self, _: &str, _: &Tensor) {}

    fn buffer(&mut self, _: &str, _: &Tensor) {}

    fn module(&mut self, name: &str, module: &dyn Module) {
        self.lines.push(format!("({name}): {}", repr(module).replace('\n', "\n  ")));
    }
}
