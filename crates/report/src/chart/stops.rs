use super::{LEFT, Plot, RIGHT, Scale, WIDTH, place};

/// More of them would be narrower than a pointer.
const LIMIT: usize = 120;

/// A part of the chart that tells its values when the pointer is over it.
#[derive(Debug)]
pub(super) struct Stop {
    pub(super) left: String,
    pub(super) width: String,
    pub(super) at: String,
    /// The place on the axis, such as `epoch 3`.
    pub(super) here: String,
    /// Each line's style, name and value there.
    pub(super) values: Vec<(usize, String, String)>,
}

/// Where the lines that are not faint have points. Where there are only faint ones, theirs.
pub(super) fn stops(plot: &Plot, x: &Scale) -> Vec<Stop> {
    let only_faint = plot.series.iter().all(|series| series.faint);
    let told = || plot.series.iter().filter(|series| only_faint || !series.faint);
    let mut places: Vec<f64> = told().flat_map(|series| &series.points).map(|point| point.0).collect();
    places.sort_by(f64::total_cmp);
    places.dedup();
    let every = places.len().div_ceil(LIMIT).max(1);
    let places: Vec<f64> = places.into_iter().step_by(every).collect();
    let at: Vec<f64> = places.iter().map(|&place| x.at(place)).collect();
    (0..places.len())
        .map(|stop| {
            let left = if stop == 0 { LEFT } else { f64::midpoint(at[stop - 1], at[stop]) };
            let right = at.get(stop + 1).map_or(WIDTH - RIGHT, |next| f64::midpoint(at[stop], *next));
            let here = places[stop];
            Stop {
                left: place(left),
                width: place((right - left).max(0.0)),
                at: place(at[stop]),
                here: format!("{} {}", plot.x, crate::figures::significant(here)),
                values: told()
                    .filter_map(|series| {
                        let (_, value) = series.points.iter().find(|point| point.0 == here)?;
                        Some((series.style, series.name.clone(), (plot.written)(*value)))
                    })
                    .collect(),
            }
        })
        .collect()
}
