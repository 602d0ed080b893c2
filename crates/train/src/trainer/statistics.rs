use std::ops::ControlFlow;

use selvedge_nn::{Forward, ModuleExt};
use serde::{Deserialize, Serialize};
use tch::{Device, Kind, Tensor};

use super::{Event, JsonLines, Observer, Training};
use crate::TrainError;
use crate::metric::undefined;

/// What the values of a tensor are like; NaN where it is not finite.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Statistics {
    /// The square root of the sum of the squares.
    #[serde(with = "undefined")]
    pub norm: f64,
    /// The mean.
    #[serde(with = "undefined")]
    pub mean: f64,
    /// The standard deviation, with N below the fraction.
    #[serde(with = "undefined")]
    pub std: f64,
    /// The lowest value.
    #[serde(with = "undefined")]
    pub min: f64,
    /// The highest value.
    #[serde(with = "undefined")]
    pub max: f64,
}

/// What a parameter and its gradient are like.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ParameterStatistics {
    /// The path of the parameter.
    pub name: String,
    /// Its values.
    pub values: Statistics,
    /// Those of its gradient, where there is one.
    pub gradient: Option<Statistics>,
}

/// What each parameter of `model` and its gradient, `parameter.grad()`, are like. It waits for the device once.
///
/// [`CompiledStep`](crate::CompiledStep) keeps its gradients elsewhere; [`Training::statistics`] finds them.
///
/// ```
/// use selvedge_nn::Linear;
/// use selvedge_train::trainer::statistics;
/// use tch::{Kind, Tensor};
///
/// let model = Linear::new(2, 1);
/// model.weight.shallow_clone().set_data(&Tensor::from_slice(&[3.0f32, -4.0]).unsqueeze(0));
/// model.weight.square().sum(Kind::Float).backward();
/// let found = statistics(&model);
/// assert_eq!((found[0].name.as_str(), found[0].values.norm), ("weight", 5.0));
/// assert_eq!(found[0].gradient.unwrap().min, -8.0);
/// assert!(found[1].gradient.is_none());
/// ```
#[must_use]
pub fn statistics(model: &dyn Forward) -> Vec<ParameterStatistics> {
    by(model, |parameter| Some(parameter.grad()).filter(Tensor::defined))
}

impl Training<'_> {
    /// What each parameter of the network and its [gradient](Self::gradient) by the last step are like. It waits for the
    /// device once.
    #[must_use]
    pub fn statistics(&self) -> Vec<ParameterStatistics> {
        by(self.model, |parameter| self.gradient(parameter))
    }
}

fn by(model: &dyn Forward, gradient: impl Fn(&Tensor) -> Option<Tensor>) -> Vec<ParameterStatistics> {
    let _no_grad = tch::no_grad_guard();
    let named = model.named_parameters();
    let gradients: Vec<Option<Tensor>> = named.iter().map(|(_, parameter)| gradient(parameter)).collect();
    let there = gradients.iter().flatten();
    let all: Vec<Tensor> = named.iter().map(|(_, parameter)| parameter).chain(there).map(figures).collect();
    if all.is_empty() {
        return Vec::new();
    }
    let rows = Tensor::stack(&all, 0).to_device(Device::Cpu).to_kind(Kind::Double);
    let row = |at: i64| {
        let figure = |column| rows.double_value(&[at, column]);
        Statistics { norm: figure(0), mean: figure(1), std: figure(2), min: figure(3), max: figure(4) }
    };
    let mut next = named.len() as i64;
    let of_parameter = |(at, ((name, _), gradient)): (usize, (&(String, Tensor), &Option<Tensor>))| {
        let gradient = gradient.is_some().then(|| {
            next += 1;
            row(next - 1)
        });
        ParameterStatistics { name: name.clone(), values: row(at as i64), gradient }
    };
    named.iter().zip(&gradients).enumerate().map(of_parameter).collect()
}

/// The figures of [`Statistics`], in order.
fn figures(tensor: &Tensor) -> Tensor {
    let dense = if tensor.is_sparse() { tensor.to_dense(None::<Kind>, false) } else { tensor.detach() };
    let values = dense.flatten(0, -1).to_kind(Kind::Float);
    let deviation = values.std(false);
    Tensor::stack(&[values.norm(), values.mean(None::<Kind>), deviation, values.min(), values.max()], 0)
}

/// Writes the [statistics](Training::statistics) of the network into a file, a line every so many updates.
#[derive(Debug)]
pub struct StatisticsLog {
    /// Where to.
    pub file: JsonLines,
    /// After so many updates.
    pub every: u64,
    /// Whether of the gradients, too.
    pub gradients: bool,
}

/// A line of a [`StatisticsLog`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StatisticsRow {
    /// The updates before it.
    pub step: u64,
    /// Each parameter.
    pub parameters: Vec<ParameterStatistics>,
}

impl<E: From<TrainError>> Observer<E> for StatisticsLog {
    fn observe(&mut self, event: &Event<'_>, training: &Training<'_>) -> Result<ControlFlow<()>, E> {
        let stepped = matches!(event, Event::Stepped { .. });
        if stepped && training.step().is_multiple_of(self.every.max(1)) {
            let parameters = match self.gradients {
                true => training.statistics(),
                false => by(training.model, |_| None),
            };
            self.file.append(&StatisticsRow { step: training.step(), parameters })?;
        }
        Ok(ControlFlow::Continue(()))
    }
}
