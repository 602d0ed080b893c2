use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::nearest::nearest;
use crate::network::Network;

/// Everything that decides a training run. The run folder keeps it as `config.json`, and `--config` reads it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    /// Which of the chapter's networks.
    pub(crate) model: Network,
    /// Adam's learning rate.
    pub(crate) lr: f64,
    /// Images in a batch.
    pub(crate) batch_size: usize,
    /// Passes over the training set.
    pub(crate) epochs: usize,
    /// Decides the initial weights, the order of the images and the dropout.
    pub(crate) seed: u32,
    /// `auto`, `cpu`, `cuda`, `cuda:N` or `mps`.
    pub(crate) device: String,
    /// Threads of libtorch; its own choice where there is no number.
    pub(crate) threads: Option<usize>,
    /// The folder of the four IDX files; the system's and the cache where there is none.
    pub(crate) data_dir: Option<PathBuf>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            model: Network::Mlp,
            lr: 3e-3,
            batch_size: 64,
            epochs: 10,
            seed: 0,
            device: "auto".to_owned(),
            threads: None,
            data_dir: None,
        }
    }
}

/// A configuration that no run can have: wrong usage, in place of a failure.
#[derive(Debug, Error)]
#[error("{}", crate::told(.0))]
pub(crate) struct Invalid(anyhow::Error);

impl From<anyhow::Error> for Invalid {
    fn from(error: anyhow::Error) -> Self {
        Self(error)
    }
}

impl Config {
    /// Reads a configuration file: some or all of the keys of [`Config`], in JSON.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path)
            .with_context(|| format!("cannot read the configuration {}", path.display()))?;
        Self::parse(&text).with_context(|| format!("in the configuration {}", path.display()))
    }

    fn parse(text: &str) -> Result<Self> {
        let value: serde_json::Value = serde_json::from_str(text)?;
        let Some(given) = value.as_object() else {
            bail!("expected an object such as {{\"epochs\": 5}}, found {value}");
        };
        let known = serde_json::to_value(Self::default())?;
        let known: Vec<&str> = known.as_object().into_iter().flatten().map(|(key, _)| key.as_str()).collect();
        if let Some(unknown) = given.keys().find(|key| !known.contains(&key.as_str())) {
            let hint = nearest(unknown, &known).map_or_else(
                || format!("the keys are {}", known.join(", ")),
                |name| format!("did you mean {name:?}?"),
            );
            bail!("there is no key {unknown:?}: {hint}");
        }
        // Key by key, so that a message can say which.
        for (key, value) in given {
            let alone = serde_json::Value::Object([(key.clone(), value.clone())].into_iter().collect());
            serde_json::from_value::<Self>(alone).with_context(|| format!("{key:?} can not be {value}"))?;
        }
        let config: Self = serde_json::from_value(value)?;
        config.validate()?;
        Ok(config)
    }

    /// Refuses values that no run can have.
    pub(crate) fn validate(&self) -> Result<()> {
        if !(self.lr.is_finite() && self.lr >= 0.0) {
            bail!("the learning rate has to be a finite number of at least 0, found {}", self.lr);
        }
        if self.batch_size == 0 {
            bail!("the batch size has to be at least 1, found 0");
        }
        if self.epochs == 0 {
            bail!("the number of epochs has to be at least 1, found 0");
        }
        if self.threads == Some(0) {
            bail!("the number of threads has to be at least 1, found 0");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        format!("{:#}", Config::parse(text).unwrap_err())
    }

    #[test]
    fn what_is_not_given_has_its_default() {
        let config = Config::parse(r#"{"epochs": 3, "model": "cnn"}"#).unwrap();
        assert_eq!(config, Config { epochs: 3, model: Network::Cnn, ..Config::default() });
    }

    #[test]
    fn what_is_written_reads_back() {
        let config = Config { threads: Some(2), data_dir: Some("here".into()), ..Config::default() };
        assert_eq!(Config::parse(&serde_json::to_string(&config).unwrap()).unwrap(), config);
    }

    #[test]
    fn an_unknown_key_is_told_the_nearest() {
        assert_eq!(refusal(r#"{"epoch": 3}"#), r#"there is no key "epoch": did you mean "epochs"?"#);
        assert!(refusal(r#"{"zzzzzz": 3}"#).contains("the keys are model, lr"));
    }

    #[test]
    fn values_out_of_their_domain_are_refused() {
        for (text, expected) in [
            (r#"{"batch_size": 0}"#, "at least 1, found 0"),
            (r#"{"epochs": 0}"#, "at least 1, found 0"),
            (r#"{"threads": 0}"#, "at least 1, found 0"),
            (r#"{"lr": -1}"#, "found -1"),
            (r#"{"lr": "fast"}"#, r#""lr" can not be "fast""#),
            (r#"{"model": "mpl"}"#, r#""model" can not be "mpl""#),
            (r#"{"seed": -1}"#, r#""seed" can not be -1"#),
            ("[]", "expected an object"),
            ("{", "EOF"),
        ] {
            let message = refusal(text);
            assert!(message.contains(expected), "{text}: {message}");
        }
    }

    #[test]
    fn a_learning_rate_that_is_no_number_is_refused() {
        assert!(Config { lr: f64::NAN, ..Config::default() }.validate().is_err());
    }
}
