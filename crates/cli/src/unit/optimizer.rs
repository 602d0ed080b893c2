use selvedge_train::TrainError;
use selvedge_train::optim::{
    Adadelta, Adafactor, Adagrad, Adam, AdamW, Adamax, Asgd, Lbfgs, LbfgsOptimizer, Muon, NAdam, Optimize,
    Optimizer, Parameters, RAdam, RmsProp, Rprop, Sgd, UpdateRule,
};

use super::units;

units! {
    /// How the weights are changed. `SparseAdam` is not here: no gradient of these networks is sparse.
    OptimizerUnit {
        "Adam" => Adam(Adam) = Adam::default(),
        "AdamW" => AdamW(AdamW) = AdamW::default(),
        "SGD" => Sgd(Sgd) = Sgd::default(),
        "Adadelta" => Adadelta(Adadelta) = Adadelta::default(),
        "Adafactor" => Adafactor(Adafactor) = Adafactor::default(),
        "Adagrad" => Adagrad(Adagrad) = Adagrad::default(),
        "Adamax" => Adamax(Adamax) = Adamax::default(),
        "ASGD" => Asgd(Asgd) = Asgd::default(),
        "LBFGS" => Lbfgs(Lbfgs) = Lbfgs::default(),
        "Muon" => Muon(Muon) = Muon::default(),
        "NAdam" => NAdam(NAdam) = NAdam::default(),
        "RAdam" => RAdam(RAdam) = RAdam::default(),
        "RMSprop" => RmsProp(RmsProp) = RmsProp::default(),
        "Rprop" => Rprop(Rprop) = Rprop::default(),
    }
}

impl OptimizerUnit {
    /// The optimizer of these parameters.
    ///
    /// # Errors
    ///
    /// When an option is out of its domain, or a parameter is not such as the rule takes.
    pub(crate) fn build(&self, parameters: Parameters) -> Result<Box<dyn Optimize>, TrainError> {
        match self.clone() {
            Self::Adam(rule) => driven(parameters, rule),
            Self::AdamW(rule) => driven(parameters, rule),
            Self::Sgd(rule) => driven(parameters, rule),
            Self::Adadelta(rule) => driven(parameters, rule),
            Self::Adafactor(rule) => driven(parameters, rule),
            Self::Adagrad(rule) => driven(parameters, rule),
            Self::Adamax(rule) => driven(parameters, rule),
            Self::Asgd(rule) => driven(parameters, rule),
            Self::Muon(rule) => driven(parameters, rule),
            Self::NAdam(rule) => driven(parameters, rule),
            Self::RAdam(rule) => driven(parameters, rule),
            Self::RmsProp(rule) => driven(parameters, rule),
            Self::Rprop(rule) => driven(parameters, rule),
            Self::Lbfgs(rule) => Ok(Box::new(LbfgsOptimizer::new(parameters, rule)?)),
        }
    }
}

fn driven<R: UpdateRule + 'static>(parameters: Parameters, rule: R) -> Result<Box<dyn Optimize>, TrainError> {
    Ok(Box::new(Optimizer::new(parameters, rule)?))
}
