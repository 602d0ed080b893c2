//! Line charts for the page: SVG that takes its colours from the page, so that it follows light and dark.

mod scale;
mod stops;

use askama::Template;

pub(crate) use scale::Scale;
use stops::Stop;

/// The size in the chart's own units. A chart is as wide as its column; on a phone the page makes its text larger.
const WIDTH: f64 = 400.0;
const HEIGHT: f64 = 248.0;
const LEFT: f64 = 56.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 30.0;
const BOTTOM: f64 = 44.0;
/// More points than these are averaged.
const POINTS: usize = 240;

/// What a chart shows.
#[derive(Debug, Clone)]
pub(crate) struct Plot {
    /// Unique in the page.
    pub(crate) id: String,
    pub(crate) title: String,
    /// For those who do not see it.
    pub(crate) description: String,
    pub(crate) x: &'static str,
    pub(crate) y: String,
    pub(crate) series: Vec<Series>,
    /// Whether the lowest label is 0.
    pub(crate) from_zero: bool,
    /// Writes a value for the pointer.
    pub(crate) written: fn(f64) -> String,
}

/// A line.
#[derive(Debug, Clone)]
pub(crate) struct Series {
    pub(crate) name: String,
    /// Its colour and dashes, by number.
    pub(crate) style: usize,
    /// A thin line without dots, which the pointer does not tell.
    pub(crate) faint: bool,
    /// A point that is not finite interrupts the line.
    pub(crate) points: Vec<(f64, f64)>,
}

/// The chart with all places computed.
#[derive(Debug, Template)]
#[template(path = "chart.html")]
pub(crate) struct Chart {
    id: String,
    title: String,
    description: String,
    x: &'static str,
    y: String,
    x_ticks: Vec<Tick>,
    y_ticks: Vec<Tick>,
    lines: Vec<Line>,
    stops: Vec<Stop>,
    frame: Frame,
}

/// The area of the lines.
#[derive(Debug)]
struct Frame {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    height: f64,
}

#[derive(Debug)]
struct Tick {
    at: String,
    label: String,
}

#[derive(Debug)]
struct Line {
    style: usize,
    faint: bool,
    path: String,
    dots: Vec<(String, String)>,
}

impl Plot {
    /// Whether there is anything to draw.
    pub(crate) fn is_empty(&self) -> bool {
        !self.series.iter().any(|series| series.points.iter().any(|point| point.1.is_finite()))
    }

    pub(crate) fn draw(mut self) -> Chart {
        let across = self.series.iter().flat_map(|series| &series.points).map(|point| point.0).collect();
        let x = Scale::whole(across, (LEFT, WIDTH - RIGHT));
        for series in &mut self.series {
            series.points = averaged(&series.points, POINTS);
        }
        let values = self.series.iter().flat_map(values_to_show).collect();
        let y = Scale::nice(values, self.from_zero, (HEIGHT - BOTTOM, TOP));
        let ticks = |scale: &Scale| {
            scale
                .ticks()
                .into_iter()
                .map(|(value, label)| Tick { at: place(scale.at(value)), label })
                .collect()
        };
        let lines = self.series.iter().map(|series| {
            let points =
                || series.points.iter().map(|&(across, up)| (x.at(across), up.is_finite().then(|| y.at(up))));
            let few = !series.faint && series.points.len() <= 40;
            Line {
                style: series.style,
                faint: series.faint,
                path: path(points()),
                dots: if few {
                    points().filter_map(|(x, y)| Some((place(x), place(y?)))).collect()
                } else {
                    Vec::new()
                },
            }
        });
        Chart {
            lines: lines.collect(),
            stops: stops::stops(&self, &x),
            x_ticks: ticks(&x),
            y_ticks: ticks(&y),
            frame: Frame {
                left: LEFT,
                right: WIDTH - RIGHT,
                top: TOP,
                bottom: HEIGHT - BOTTOM,
                height: HEIGHT - BOTTOM - TOP,
            },
            id: self.id,
            title: self.title,
            description: self.description,
            x: self.x,
            y: self.y,
        }
    }
}

/// The values that have to be inside the frame: all of them, but for the highest and the lowest few of a faint line,
/// so that a first step or a hiccup does not flatten the rest.
fn values_to_show(series: &Series) -> Vec<f64> {
    let mut values: Vec<f64> =
        series.points.iter().map(|point| point.1).filter(|value| value.is_finite()).collect();
    if series.faint {
        values.sort_by(f64::total_cmp);
        let few = values.len() / 50;
        values = values[few..values.len() - few].to_vec();
    }
    values
}

/// One decimal is finer than a screen shows.
fn place(at: f64) -> String {
    format!("{at:.1}")
}

fn path(points: impl Iterator<Item = (f64, Option<f64>)>) -> String {
    let mut text = String::new();
    let mut down = false;
    for (x, y) in points {
        let Some(y) = y else {
            down = false;
            continue;
        };
        text.push_str(if down { "L" } else { "M" });
        text.push_str(&format!("{x:.1} {y:.1}"));
        down = true;
    }
    text
}

/// At most `limit` points, each the mean of its neighbours.
fn averaged(points: &[(f64, f64)], limit: usize) -> Vec<(f64, f64)> {
    if points.len() <= limit {
        return points.to_vec();
    }
    let size = points.len().div_ceil(limit);
    let mean = |part: &[(f64, f64)], of: fn(&(f64, f64)) -> f64| {
        part.iter().map(of).sum::<f64>() / part.len() as f64
    };
    points.chunks(size).map(|part| (mean(part, |point| point.0), mean(part, |point| point.1))).collect()
}
