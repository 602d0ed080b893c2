use super::{Refusal, Stage};
use crate::Forward;

/// What a network does, one stage after the other.
///
/// A module of one's own offers itself by adding its parts in the order in which its `forward` runs them:
///
/// ```
/// use selvedge_nn::plan::{Chain, Refusal};
/// use selvedge_nn::{Forward, Linear, Mode, Module, Relu, functional as F};
/// use tch::Tensor;
///
/// #[derive(Module)]
/// struct Hidden {
///     linear: Linear,
/// }
///
/// impl Forward for Hidden {
///     fn forward(&self, input: &Tensor, mode: Mode) -> Tensor {
///         F::relu(&self.linear.forward(input, mode))
///     }
///
///     fn chain(&self, chain: &mut Chain) -> Result<(), Refusal> {
///         chain.then("linear", &self.linear)?.then("relu", &Relu)?;
///         Ok(())
///     }
/// }
///
/// let chain = Chain::of(&Hidden { linear: Linear::new(8, 4) })?;
/// assert_eq!(chain.links().len(), 2);
/// # Ok::<(), Refusal>(())
/// ```
#[derive(Debug, Default)]
pub struct Chain {
    path: Vec<String>,
    links: Vec<Link>,
}

/// A stage of a [`Chain`].
#[derive(Debug)]
pub struct Link {
    /// Where the layer is in the network, and its name.
    pub unit: String,
    /// What it does.
    pub stage: Box<dyn Stage>,
}

impl Link {
    /// Refuses the stage.
    pub fn refusal(&self, reason: impl Into<String>) -> Refusal {
        Refusal::new(&self.unit, reason)
    }
}

impl Chain {
    /// The stages of a module.
    ///
    /// # Errors
    ///
    /// When a part of it does not offer itself.
    pub fn of(module: &dyn Forward) -> Result<Self, Refusal> {
        let mut chain = Self::default();
        module.chain(&mut chain)?;
        Ok(chain)
    }

    /// Appends the stages of a part, under its name in the module that it is a part of.
    ///
    /// # Errors
    ///
    /// When the part does not offer itself.
    pub fn then(&mut self, name: &str, part: &dyn Forward) -> Result<&mut Self, Refusal> {
        self.path.push(name.to_owned());
        part.chain(self)?;
        self.path.pop();
        Ok(self)
    }

    /// Appends the stage of a layer.
    pub fn push(&mut self, layer: &str, stage: impl Stage + 'static) {
        self.links.push(Link { unit: self.unit(layer), stage: Box::new(stage) });
    }

    /// Refuses the layer that is being added.
    pub fn refusal(&self, layer: &str, reason: impl Into<String>) -> Refusal {
        Refusal::new(self.unit(layer), reason)
    }

    /// The stages so far.
    #[must_use]
    pub fn links(&self) -> &[Link] {
        &self.links
    }

    fn unit(&self, layer: &str) -> String {
        if self.path.is_empty() { layer.to_owned() } else { format!("{}: {layer}", self.path.join(".")) }
    }
}
