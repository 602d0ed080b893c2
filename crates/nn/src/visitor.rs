use tch::Tensor;

use crate::Module;

/// Is shown what a [`Module`] holds, one name at a time.
///
/// A `tch::Tensor` is a handle, so a visitor that copies into a tensor, or clones the handle, reaches the
/// module's own values.
pub trait Visitor {
    /// A tensor that training changes.
    fn parameter(&mut self, name: &str, parameter: &Tensor);

    /// A tensor that is saved with the module but not trained, such as `running_mean`.
    fn buffer(&mut self, name: &str, buffer: &Tensor);

    /// A module inside the module. A visitor that wants what it holds visits it in turn.
    fn module(&mut self, name: &str, module: &dyn Module);
}

/// What a tensor is to the module that holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Parameter,
    Buffer,
}

/// Calls `f` with the dotted path of each tensor of `module`, in PyTorch's order: what the module itself
/// holds, parameters before buffers, then its submodules.
pub(crate) fn walk<M: Module + ?Sized>(module: &M, f: &mut dyn FnMut(&str, Role, &Tensor)) {
    Walk { path: String::new(), f }.descend(module);
}

struct Walk<'a> {
    path: String,
    f: &'a mut dyn FnMut(&str, Role, &Tensor),
}

impl Walk<'_> {
    fn descend<M: Module + ?Sized>(&mut self, module: &M) {
        for role in [Role::Parameter, Role::Buffer] {
            module.visit(&mut Own { walk: self, role });
        }
        module.visit(&mut Children { walk: self });
    }

    /// Runs `f` with `name` appended to the path.
    fn within(&mut self, name: &str, f: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        if length > 0 {
            self.path.push('.');
        }
        self.path.push_str(name);
        f(self);
        self.path.truncate(length);
    }
}

struct Own<'a, 'b> {
    walk: &'a mut Walk<'b>,
    role: Role,
}

impl Own<'_, '_> {
    fn tensor(&mut self, name: &str, role: Role, tensor: &Tensor) {
        if self.role == role {
            self.walk.within(name, |walk| (walk.f)(&walk.path, role, tensor));
        }
    }
}

impl Visitor for Own<'_, '_> {
    fn parameter(&mut self, name: &str, parameter: &Tensor) {
        self.tensor(name, Role::Parameter, parameter);
    }

    fn buffer(&mut self, name: &str, buffer: &Tensor) {
        self.tensor(name, Role::Buffer, buffer);
    }

    fn module(&mut self, _: &str, _: &dyn Module) {}
}

struct Children<'a, 'b> {
    walk: &'a mut Walk<'b>,
}

impl Visitor for Children<'_, '_> {
    fn parameter(&mut self, _: &str, _: &Tensor) {}

    fn buffer(&mut self, _: &str, _: &Tensor) {}

    fn module(&mut self, name: &str, module: &dyn Module) {
        self.walk.within(name, |walk| walk.descend(module));
    }
}

/// Panics when a container can not give a part that name.
#[track_caller]
pub(crate) fn check_name<'a>(container: &str, name: &str, mut known: impl Iterator<Item = &'a String>) {
    assert!(!name.is_empty(), "{container}: a part needs a name");
    assert!(!name.contains('.'), "{container}: expected a name without a dot, found {name:?}");
    assert!(!known.any(|known| known == name), "{container}: there is a part {name:?} already");
}
