mod calibration;
mod classes;
pub(crate) mod configuration;
mod confusion;
mod curves;
mod environment;
mod mistakes;
mod parameters;
mod samples;
mod summary;
mod weights;

use askama::Template;

use crate::chart::Chart;
use crate::{Epoch, HeldOut, Run, figures};
use calibration::Calibration;
use classes::Classes;
use confusion::Confusion;
use mistakes::Slip;
use parameters::Parameters;
use samples::Followed;
use summary::Tile;
use weights::Weights;

/// The page, with everything as it is printed.
#[derive(Template)]
#[template(path = "page.html")]
struct Page<'a> {
    name: &'a str,
    lede: String,
    held_out: HeldOut,
    tiles: Vec<Tile>,
    charts: Vec<Chart>,
    epochs: Vec<[String; 5]>,
    parameters: Option<Parameters>,
    followed: Option<Followed>,
    confusion: Option<Confusion>,
    classes: Option<Classes>,
    calibration: Option<Calibration>,
    mistakes: Vec<Slip>,
    weights: Option<Weights>,
    configuration: Vec<(String, String)>,
    environment: Vec<(&'static str, String)>,
}

/// The page of a run: one file of HTML that holds its pictures and asks the network for nothing.
///
/// It depends on the run alone, so the same run gives the same bytes. What the run does not tell is left out.
///
/// ```
/// use selvedge_report::{About, Run, page};
///
/// let run = Run {
///     name: "<first> try".to_owned(),
///     config: serde_json::json!({"epochs": 3}),
///     about: About::default(),
///     epochs: vec![],
///     steps: vec![],
///     statistics: vec![],
///     samples: None,
///     predictions: vec![],
///     findings: None,
///     first_layer: None,
/// };
/// let html = page(&run);
/// assert!(html.contains("&#60;first&#62; try"));
/// assert!(!html.contains("<first>"));
/// ```
#[must_use]
pub fn page(run: &Run) -> String {
    let findings = run.findings.as_ref();
    let page = Page {
        name: &run.name,
        lede: summary::lede(run),
        held_out: run.held_out(),
        tiles: summary::tiles(run),
        charts: curves::charts(run),
        epochs: run.epochs.iter().map(epoch).collect(),
        parameters: Parameters::of(run),
        followed: Followed::of(run),
        confusion: findings.map(Confusion::of),
        classes: findings.map(Classes::of),
        calibration: findings.map(Calibration::of),
        mistakes: findings.map(mistakes::slips).unwrap_or_default(),
        weights: run.first_layer.as_ref().map(Weights::of),
        configuration: configuration::rows(&run.config),
        environment: environment::rows(run),
    };
    // Writing into memory does not fail, and our own templates have no code that does.
    page.render().unwrap_or_default()
}

fn epoch(row: &Epoch) -> [String; 5] {
    [
        row.epoch.to_string(),
        figures::decimal(row.train_loss, 4),
        figures::decimal(row.measured.loss(), 4),
        figures::percent(row.measured.accuracy(), 2),
        figures::duration(row.seconds),
    ]
}
