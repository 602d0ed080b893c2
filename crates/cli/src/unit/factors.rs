use selvedge_train::TrainError;
use serde::{Deserialize, Serialize};

/// The function of a `LambdaLR` or a `MultiplicativeLR` as a table, since a file holds no function.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Factors {
    /// The factor of each epoch, or batch, from the first on. The last one stays.
    factors: Table,
}

/// For all groups of the optimizer, or for each.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a list of numbers, or for each group of the optimizer one")]
enum Table {
    All(Vec<f64>),
    Each(Vec<Vec<f64>>),
}

/// A sample: the rate stays as it is.
impl Default for Factors {
    fn default() -> Self {
        Self { factors: Table::All(vec![1.0]) }
    }
}

type Function = Box<dyn Fn(u64) -> f64 + Send>;

impl Factors {
    /// The functions of the epoch that the tables stand for.
    ///
    /// # Errors
    ///
    /// When a table is empty.
    pub(super) fn functions(self, unit: &'static str) -> Result<Vec<Function>, TrainError> {
        let tables = match self.factors {
            Table::All(table) => vec![table],
            Table::Each(tables) => tables,
        };
        let function = |table: Vec<f64>| {
            let Some(last) = table.last().copied() else {
                return Err(TrainError::OutOfDomain {
                    unit,
                    option: "factors",
                    expected: "at least one number",
                    found: "[]".to_owned(),
                });
            };
            let factor = move |epoch: u64| {
                usize::try_from(epoch).ok().and_then(|epoch| table.get(epoch).copied()).unwrap_or(last)
            };
            Ok(Box::new(factor) as Function)
        };
        tables.into_iter().map(function).collect()
    }
}
