use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use selvedge_nn::{ModuleExt, StateDict};
use serde_json::Value;
use tch::Device;

use super::error::Result;
use super::manifest::Manifest;
use super::{CheckpointError, State};
use crate::optim::OptimizerStateDict;
use crate::trainer::Training;
use crate::{TrainError, generators};

const MODEL: &str = "model.safetensors";
const OPTIMIZER: &str = "optimizer.safetensors";
const AVERAGED: &str = "averaged.safetensors";
const GENERATORS: &str = "generators.safetensors";
const STATE: &str = "state.json";
/// What the names of copies of the caller's files begin with.
const COPY: &str = "run-";

/// What is in a checkpoint: copies on the CPU, so that the training can go on while they are written.
#[derive(Debug)]
pub struct Snapshot {
    /// What is no tensor.
    pub state: State,
    model: StateDict,
    optimizer: StateDict,
    averaged: Option<StateDict>,
    generators: StateDict,
    pub(super) copies: BTreeMap<String, Vec<u8>>,
}

impl Snapshot {
    /// Copies everything that `training` has. `config` is kept as it is.
    ///
    /// # Errors
    ///
    /// When libtorch does not give the state of its generators.
    pub fn of(training: &Training<'_>, config: &Value) -> Result<Self> {
        let device = training.train.device();
        let (optimizer, rest) = training.optimizer.state_dict().into_parts();
        let state = State {
            selvedge: env!("CARGO_PKG_VERSION").to_owned(),
            libtorch: selvedge_torch::libtorch::version().map_err(TrainError::from)?,
            threads: tch::get_num_threads(),
            device: format!("{device:?}"),
            position: training.position(),
            optimizer_name: training.optimizer.name().into_owned(),
            optimizer: rest,
            schedule_name: training.scheduler.as_ref().map(|scheduler| scheduler.name().to_owned()),
            schedule: training.scheduler.as_ref().map(|scheduler| scheduler.state_dict()),
            scaler: training.scaler.clone(),
            config: config.clone(),
        };
        Ok(Self {
            state,
            model: copied(&training.model.state_dict()),
            optimizer: copied(&optimizer),
            averaged: training.averaged.as_ref().map(|averaged| copied(&averaged.state_dict())),
            generators: generators::states(device)?,
            copies: BTreeMap::new(),
        })
    }

    /// The copy of one of [`Checkpointer::copy_files`](super::Checkpointer::copy_files), as the file was when the
    /// checkpoint was taken; `None` where there was no such file.
    #[must_use]
    pub fn copy_of(&self, name: &str) -> Option<&[u8]> {
        self.copies.get(name).map(Vec::as_slice)
    }

    /// Where a checkpoint's copy of a file is.
    #[must_use]
    pub fn path_of(checkpoint: &Path, name: &str) -> PathBuf {
        checkpoint.join(format!("{COPY}{name}"))
    }

    /// Puts everything back. The network, the optimizer, the schedule and the averages of `training` have to be made as
    /// they were at first.
    ///
    /// # Errors
    ///
    /// When one of them is of another kind or shape; then some of it may have been put back.
    pub fn restore(&self, training: &mut Training<'_>) -> Result<()> {
        let state = &self.state;
        state.check().map_err(CheckpointError::Unfit)?;
        let unfit = |what: &str, ours: Option<&str>, theirs: Option<&str>| {
            let name = |name: Option<&str>| name.unwrap_or("none").to_owned();
            CheckpointError::Unfit(format!("its {what} is {}, expected {}", name(theirs), name(ours)))
        };
        let ours = training.optimizer.name();
        if ours != state.optimizer_name {
            return Err(unfit("optimizer", Some(&ours), Some(&state.optimizer_name)));
        }
        let does_not_fit = |error: &dyn std::error::Error| CheckpointError::Unfit(error.to_string());
        match (&mut training.scheduler, &state.schedule) {
            (Some(scheduler), Some(state)) => {
                scheduler.load_state_dict(state).map_err(|error| does_not_fit(&error))?;
            }
            (None, None) => {}
            (scheduler, _) => {
                let ours = scheduler.as_ref().map(|scheduler| scheduler.name());
                return Err(unfit("schedule", ours, state.schedule_name.as_deref()));
            }
        }
        match (&training.averaged, &self.averaged) {
            (Some(averaged), Some(state)) => {
                averaged.load_state_dict(state).map_err(|error| does_not_fit(&error))?;
            }
            (None, None) => {}
            (ours, theirs) => {
                let name = |is_there: bool| is_there.then_some("there");
                return Err(unfit("averaged model", name(ours.is_some()), name(theirs.is_some())));
            }
        }
        training.model.load_state_dict(&self.model).map_err(|error| does_not_fit(&error))?;
        // After the schedule, whose learning rates are in here.
        let optimizer = OptimizerStateDict::from_parts(&self.optimizer, &state.optimizer)?;
        training.optimizer.load_state_dict(&optimizer).map_err(|error| does_not_fit(&error))?;
        training.scaler = state.scaler.clone();
        training.set_position(&state.position).map_err(|error| does_not_fit(&error))?;
        // Last, since making a network draws.
        Ok(generators::restore(&self.generators, training.train.device())?)
    }

    /// The parameters and buffers of the network, those of its `model.safetensors`, also where there are
    /// [averages](Self::averaged).
    #[must_use]
    pub fn model(&self) -> &StateDict {
        &self.model
    }

    /// The state of the averaged model, where there is one, its `averaged.safetensors`: the averages under `module.` and
    /// how many there were under `n_averaged`, as in PyTorch's `AveragedModel`.
    #[must_use]
    pub fn averaged(&self) -> Option<&StateDict> {
        self.averaged.as_ref()
    }

    /// Writes the files into an empty folder, with their manifest.
    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        self.model.save(folder.join(MODEL))?;
        self.optimizer.save(folder.join(OPTIMIZER))?;
        if let Some(averaged) = &self.averaged {
            averaged.save(folder.join(AVERAGED))?;
        }
        self.generators.save(folder.join(GENERATORS))?;
        for (name, bytes) in &self.copies {
            let path = Self::path_of(folder, name);
            fs::write(&path, bytes).map_err(CheckpointError::io("write", path))?;
        }
        let path = folder.join(STATE);
        let text = serde_json::to_string_pretty(&self.state)
            .map_err(|error| CheckpointError::Malformed { path: path.clone(), reason: error.to_string() })?;
        fs::write(&path, text + "\n").map_err(CheckpointError::io("write", path))?;
        Manifest::write(folder)
    }

    /// Reads a checkpoint after all its files were verified.
    ///
    /// # Errors
    ///
    /// With the file that is missing, short, altered or of another version.
    pub fn read(folder: &Path) -> Result<Self> {
        let mut copies = BTreeMap::new();
        for name in Manifest::verify(folder, &[MODEL, OPTIMIZER, GENERATORS, STATE])? {
            if let Some(copied) = name.strip_prefix(COPY) {
                let path = folder.join(&name);
                let bytes = fs::read(&path).map_err(CheckpointError::io("read", path))?;
                copies.insert(copied.to_owned(), bytes);
            }
        }
        let path = folder.join(STATE);
        let text = fs::read_to_string(&path).map_err(CheckpointError::io("read", &path))?;
        let malformed = |reason| CheckpointError::Malformed { path: path.clone(), reason };
        let state: State = serde_json::from_str(&text).map_err(|error| malformed(error.to_string()))?;
        state.check().map_err(malformed)?;
        let averaged = folder.join(AVERAGED);
        Ok(Self {
            state,
            model: StateDict::load(folder.join(MODEL))?,
            optimizer: StateDict::load(folder.join(OPTIMIZER))?,
            averaged: averaged.exists().then(|| StateDict::load(averaged)).transpose()?,
            generators: StateDict::load(folder.join(GENERATORS))?,
            copies,
        })
    }
}

fn copied(state: &StateDict) -> StateDict {
    state.iter().map(|(name, tensor)| (name.to_owned(), tensor.to_device(Device::Cpu).copy())).collect()
}
