use selvedge_golden::Case;
use selvedge_nn::{Mode, ModuleExt};
use tch::{Kind, Tensor};

use crate::run::Run;

const STEP: f64 = 1e-5;

/// The number of values that are moved of each tensor; they are spread over it.
const VALUES: usize = 12;

/// Compares the gradients of a case, in f64, with what moving one value by a small step does.
pub(crate) fn check(case: &Case, mode: Mode) {
    let run = Run::of(case, Kind::Double, mode);
    let inputs =
        run.inputs.iter().enumerate().map(|(index, input)| (format!("input.{index}"), input.shallow_clone()));
    for (name, tensor) in inputs.chain(run.unit.named_parameters()) {
        let Some(gradient) = run.roles.get(&format!("gradient.{name}")) else { continue };
        let gradient = Vec::<f64>::try_from(&gradient.reshape([-1])).expect("a flat tensor of doubles");
        let values = tensor.detach().view([-1]);
        let every = gradient.len().div_ceil(VALUES).max(1);
        for (index, gradient) in gradient.into_iter().enumerate().step_by(every) {
            let difference =
                (moved(&run, &values, index, STEP) - moved(&run, &values, index, -STEP)) / (2.0 * STEP);
            assert!(
                (difference - gradient).abs() <= 1e-6 * (1.0 + gradient.abs()),
                "{} {mode:?}: the gradient of {name}, value {index}, is {gradient}, by differences {difference}",
                case.name
            );
        }
    }
}

/// The total with one value moved.
fn moved(run: &Run, values: &Tensor, index: usize, step: f64) -> f64 {
    let mut value = values.get(index as i64);
    let before = value.copy();
    let _ = value.g_add_scalar_(step);
    let total = run.value();
    value.copy_(&before);
    total
}
