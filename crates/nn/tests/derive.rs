//! What `#[derive(Module)]` makes of a struct: paths, roles, generics and text.

use selvedge_nn::{Forward, Linear, Mode, Module, ModuleExt, Relu};
use tch::{Device, Kind, Tensor};

fn tensor() -> Tensor {
    Tensor::zeros([2], (Kind::Float, Device::Cpu))
}

fn names(tensors: Vec<(String, Tensor)>) -> Vec<String> {
    tensors.into_iter().map(|(name, _)| name).collect()
}

/// A parameter, and nothing to print.
#[derive(Module)]
struct Scale {
    #[module(parameter)]
    scale: Tensor,
}

#[derive(Module)]
struct Residual<M> {
    inner: M,
    shortcut: Option<M>,
}

impl<M: Forward> Forward for Residual<M> {
    fn forward(&self, input: &Tensor, mode: Mode) -> Tensor {
        let shortcut = self.shortcut.as_ref().map(|shortcut| shortcut.forward(input, mode));
        self.inner.forward(input, mode) + shortcut.unwrap_or_else(|| input.shallow_clone())
    }
}

#[test]
fn a_generic_module_holds_any_module() {
    let plain = Residual { inner: Linear::new(2, 2), shortcut: None };
    assert_eq!(names(plain.named_parameters()), ["inner.weight", "inner.bias"]);
    let boxed: Residual<Box<dyn Forward>> =
        Residual { inner: Box::new(Relu), shortcut: Some(Box::new(Linear::new(2, 2))) };
    assert_eq!(names(boxed.named_parameters()), ["shortcut.weight", "shortcut.bias"]);
    assert_eq!(boxed.forward(&Tensor::ones([3, 2], (Kind::Float, Device::Cpu)), Mode::Eval).size(), [3, 2]);
    assert_eq!(
        boxed.to_string(),
        "Residual(\n  (inner): ReLU()\n  (shortcut): Linear(in_features=2, out_features=2, bias=True)\n)"
    );
}

#[test]
fn roles_decide_what_is_seen() {
    #[derive(Module)]
    struct Everything<'a, T: Send + Sync, const N: usize>
    where
        T: std::fmt::Debug,
    {
        #[module(buffer)]
        mean: Option<Tensor>,
        #[module(parameter)]
        r#type: Tensor,
        #[module(parameter)]
        absent: Option<Tensor>,
        #[module(flatten)]
        inlined: Scale,
        #[module(flatten)]
        perhaps: Option<Residual<Linear>>,
        part: Scale,
        #[module(skip)]
        note: &'a [T; N],
    }
    let module = Everything {
        mean: Some(tensor()),
        r#type: tensor(),
        absent: None,
        inlined: Scale { scale: tensor() },
        perhaps: Some(Residual { inner: Linear::new(1, 1), shortcut: None }),
        part: Scale { scale: tensor() },
        note: &["a note"],
    };
    assert_eq!(
        names(module.named_parameters()),
        ["type", "scale", "inner.weight", "inner.bias", "part.scale"]
    );
    assert_eq!(names(module.named_buffers()), ["mean"]);
    assert_eq!(module.note.len(), 1);
    assert!(module.to_string().starts_with("Everything(\n  (inner): Linear"), "{module}");
}

#[test]
fn the_name_and_the_arguments_can_be_chosen() {
    #[derive(Module)]
    #[module(name = Self::NAME, extra_repr)]
    struct Window<const N: usize>;

    impl<const N: usize> Window<N> {
        const NAME: &'static str = ["Window0d", "Window1d"][N];

        fn extra_repr(&self) -> String {
            format!("dims={N}")
        }
    }
    assert_eq!(Window::<1>.to_string(), "Window1d(dims=1)");
    assert_eq!(Window::<0>.name(), "Window0d");
}
