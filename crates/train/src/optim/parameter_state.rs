use tch::{Device, Kind, Tensor};

use crate::optim::{Row, StateValue};

/// What a rule keeps for one parameter, as a struct; it goes to and comes from PyTorch's state dict by the names
/// of its fields.
pub trait ParameterState: std::fmt::Debug + Send + Sized {
    /// The entries of PyTorch's `state_dict()["state"][index]`.
    fn entries(&self) -> Vec<(String, StateValue)>;

    /// The state of a parameter from such entries, on its device and of its kind.
    ///
    /// # Errors
    ///
    /// With the entry that is missing, unknown, or of another shape.
    fn from_entries(entries: Vec<(String, StateValue)>, parameter: &Tensor) -> Result<Self, String>;

    /// The state of a row of parameters from those of its parts; `None`, as by default, where it has none: when what
    /// is not a value for each value of a parameter, such as the number of steps, differs.
    fn join(parts: &[&Self], row: &Row) -> Option<Self> {
        let _ = (parts, row);
        None
    }

    /// Makes the states of the parts those of the row: their tensors become views of its own, and their numbers
    /// become equal to its.
    fn share(&mut self, parts: &mut [&mut Self], row: &Row) {
        let _ = (parts, row);
    }

    /// Ends that: what the parts of a row had in common becomes their own, so that each can be updated by itself.
    fn part(&mut self) {}
}

/// Writes a struct and its [`ParameterState`].
macro_rules! parameter_state {
    ($(#[$meta:meta])* pub struct $state:ident { $($(#[$doc:meta])* $field:ident: $ty:ty,)* } $(check $check:ident)?) => {
        $(#[$meta])*
        #[derive(Debug)]
        pub struct $state {
            $($(#[$doc])* pub $field: $ty,)*
        }

        impl $crate::optim::ParameterState for $state {
            fn entries(&self) -> Vec<(String, $crate::optim::StateValue)> {
                use $crate::optim::parameter_state::StateField;
                let fields = [$((stringify!($field), self.$field.export()),)*];
                fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
            }

            fn from_entries(
                mut entries: Vec<(String, $crate::optim::StateValue)>,
                parameter: &tch::Tensor,
            ) -> Result<Self, String> {
                use $crate::optim::parameter_state::{StateField, take};
                let state = Self {$(
                    $field: <$ty>::import(take(&mut entries, stringify!($field)), parameter)
                        .map_err(|reason| format!(concat!("{:?} ", "{}"), stringify!($field), reason))?,
                )*};
                $($check(&state, parameter)?;)?
                match entries.first() {
                    Some((unknown, _)) => Err(format!("{unknown:?} is no state of this optimizer")),
                    None => Ok(state),
                }
            }

            fn join(parts: &[&Self], row: &$crate::optim::Row) -> Option<Self> {
                use $crate::optim::parameter_state::StateField;
                Some(Self {$(
                    $field: <$ty>::join(&parts.iter().map(|part| &part.$field).collect::<Vec<_>>(), row)?,
                )*})
            }

            fn share(&mut self, parts: &mut [&mut Self], row: &$crate::optim::Row) {
                use $crate::optim::parameter_state::StateField;
                $(
                    let fields = parts.iter_mut().map(|part| &mut part.$field);
                    self.$field.share(&mut fields.collect::<Vec<_>>(), row);
                )*
            }

            fn part(&mut self) {
                use $crate::optim::parameter_state::StateField;
                $(self.$field.part();)*
            }
        }
    };
}
pub(super) use parameter_state;

/// Removes an entry.
pub(super) fn take(entries: &mut Vec<(String, StateValue)>, name: &str) -> Option<StateValue> {
    let index = entries.iter().position(|(known, _)| known == name)?;
    match entries.swap_remove(index).1 {
        StateValue::None => None,
        value => Some(value),
    }
}

/// The type of a field of a state.
pub(super) trait StateField: Sized {
    fn export(&self) -> Option<StateValue>;

    fn import(value: Option<StateValue>, parameter: &Tensor) -> Result<Self, String>;

    /// As [`ParameterState::join`].
    fn join(_: &[&Self], _: &Row) -> Option<Self> {
        None
    }

    /// As [`ParameterState::share`].
    fn share(&mut self, _: &mut [&mut Self], _: &Row) {}

    /// As [`ParameterState::part`].
    fn part(&mut self) {}
}

impl StateField for Tensor {
    fn export(&self) -> Option<StateValue> {
        Some(StateValue::Tensor(self.shallow_clone()))
    }

    /// PyTorch, too, moves the state to the parameter's device and kind.
    fn import(value: Option<StateValue>, parameter: &Tensor) -> Result<Self, String> {
        let tensor = match value {
            Some(StateValue::Tensor(tensor)) => tensor,
            Some(other) => return Err(format!("is {other:?}, expected a tensor")),
            None => return Err("is missing".to_owned()),
        };
        if tensor.size() != parameter.size() {
            return Err(format!("has shape {:?}, the parameter {:?}", tensor.size(), parameter.size()));
        }
        // A copy with the strides of the parameter, which the kernels ask for, and apart from the caller's tensor.
        let _no_grad = tch::no_grad_guard();
        let mut kept = parameter.zeros_like();
        kept.copy_(&tensor);
        Ok(kept)
    }

    fn join(parts: &[&Self], row: &Row) -> Option<Self> {
        Some(row.gather(parts, (parts[0].kind(), parts[0].device())))
    }

    fn share(&mut self, parts: &mut [&mut Self], row: &Row) {
        for (index, part) in parts.iter_mut().enumerate() {
            if !row.begins(self, index, part) {
                **part = row.part(self, index);
            }
        }
    }
}

impl StateField for Option<Tensor> {
    fn export(&self) -> Option<StateValue> {
        self.as_ref().and_then(StateField::export)
    }

    fn import(value: Option<StateValue>, parameter: &Tensor) -> Result<Self, String> {
        value.map(|value| Tensor::import(Some(value), parameter)).transpose()
    }

    fn join(parts: &[&Self], row: &Row) -> Option<Self> {
        if parts.iter().all(|part| part.is_none()) {
            return Some(None);
        }
        let parts: Vec<&Tensor> = parts.iter().map(|part| part.as_ref()).collect::<Option<_>>()?;
        Some(Some(row.gather(&parts, (parts[0].kind(), parts[0].device()))))
    }

    fn share(&mut self, parts: &mut [&mut Self], row: &Row) {
        for (index, part) in parts.iter_mut().enumerate() {
            match (self.as_ref(), part.as_ref()) {
                (Some(whole), Some(known)) if row.begins(whole, index, known) => {}
                (whole, _) => **part = whole.map(|whole| row.part(whole, index)),
            }
        }
    }
}

/// A tensor with a dimension of the parameter reduced to 1.
#[derive(Debug)]
pub struct Factor(pub Tensor);

impl StateField for Option<Factor> {
    fn export(&self) -> Option<StateValue> {
        self.as_ref().and_then(|factor| factor.0.export())
    }

    fn import(value: Option<StateValue>, parameter: &Tensor) -> Result<Self, String> {
        let Some(StateValue::Tensor(tensor)) = value else { return Ok(None) };
        let (found, whole) = (tensor.size(), parameter.size());
        let fits = |(found, whole): (&i64, &i64)| *found == 1 || found == whole;
        if found.len() != whole.len() || !found.iter().zip(&whole).all(fits) {
            return Err(format!("has shape {found:?}, which is not {whole:?} with a dimension reduced"));
        }
        Ok(Some(Factor(tensor.detach().to_device(parameter.device()).to_kind(parameter.kind()).copy())))
    }
}

impl StateField for i64 {
    fn export(&self) -> Option<StateValue> {
        Some(StateValue::Int(*self))
    }

    fn import(value: Option<StateValue>, parameter: &Tensor) -> Result<Self, String> {
        HostNumber::import(value, parameter).map(|HostNumber(number)| number as i64)
    }
}

/// The number of steps, as an f32 beside the parameter: the fused kernels read it there, so that no step waits
/// for the device. Saved as PyTorch saves it by default, on the CPU.
#[derive(Debug)]
pub struct DeviceStep(pub Tensor);

impl DeviceStep {
    pub(super) fn start(parameter: &Tensor) -> Self {
        Self(Tensor::zeros([0_i64; 0], (Kind::Float, parameter.device())))
    }
}

impl StateField for DeviceStep {
    fn export(&self) -> Option<StateValue> {
        Some(StateValue::Tensor(self.0.to_device(Device::Cpu).copy()))
    }

    fn import(value: Option<StateValue>, parameter: &Tensor) -> Result<Self, String> {
        let HostNumber(step) = HostNumber::import(value, parameter)?;
        let start = Self::start(parameter);
        let _ = start.0.shallow_clone().fill_(f64::from(step));
        Ok(start)
    }

    fn join(parts: &[&Self], _: &Row) -> Option<Self> {
        let count = |part: &Self| part.0.double_value(&[]);
        parts.iter().all(|part| count(part) == count(parts[0])).then(|| Self(parts[0].0.copy()))
    }

    /// The row's count is that of all its parts.
    fn share(&mut self, parts: &mut [&mut Self], _: &Row) {
        for part in parts.iter_mut().filter(|part| part.0.data_ptr() != self.0.data_ptr()) {
            part.0 = self.0.shallow_clone();
        }
    }

    fn part(&mut self) {
        self.0 = self.0.copy();
    }
}

/// A number that PyTorch keeps as an f32 tensor on the CPU.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HostNumber(pub f32);

impl StateField for HostNumber {
    fn export(&self) -> Option<StateValue> {
        Some(StateValue::Tensor(Tensor::from(self.0)))
    }

    fn import(value: Option<StateValue>, _: &Tensor) -> Result<Self, String> {
        match value {
            Some(StateValue::Tensor(tensor)) if tensor.numel() == 1 => {
                Ok(Self(tensor.double_value(&vec![0; tensor.dim()]) as f32))
            }
            Some(StateValue::Int(number)) => Ok(Self(number as f32)),
            Some(StateValue::Float(number)) => Ok(Self(number as f32)),
            Some(other) => Err(format!("is {other:?}, expected one number")),
            None => Err("is missing".to_owned()),
        }
    }

    fn join(parts: &[&Self], _: &Row) -> Option<Self> {
        parts.iter().all(|part| *part == parts[0]).then(|| *parts[0])
    }

    fn share(&mut self, parts: &mut [&mut Self], _: &Row) {
        for part in parts.iter_mut() {
            **part = *self;
        }
    }
}
