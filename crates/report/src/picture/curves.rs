use std::ops::Range;

use plotters::prelude::{
    ChartBuilder, Circle, Color, DrawingBackend, IntoFont, LineSeries, PathElement, RGBColor,
    SeriesLabelPosition,
};

use super::{Area, BACKGROUND, Drawn, FAINT, FONT, INK, Picture, TEST, TRAIN};
use crate::Epoch;

/// The loss, of the training set and of the images held out, beside the accuracy on these.
pub(super) struct Curves<'a>(pub(super) &'a [Epoch]);

impl Picture for Curves<'_> {
    const NAME: &'static str = "curves";

    fn size(&self) -> (u32, u32) {
        (1280, 520)
    }

    fn draw<DB: DrawingBackend>(&self, area: &Area<DB>) -> Drawn<DB> {
        let of = |value: fn(&Epoch) -> f64| self.0.iter().map(|row| (row.epoch as f64, value(row))).collect();
        let (left, right) = area.split_horizontally(640);
        let train = Curve { label: "training", colour: TRAIN, points: of(|row| row.train_loss) };
        let label = self.0.last().map_or("test", |row| row.measured.held_out().word());
        let held_out = Curve { label, colour: TEST, points: of(|row| row.measured.loss()) };
        panel(&left, "Loss", &[train, held_out])?;
        let accuracy = Curve { label, colour: TEST, points: of(|row| 100.0 * row.measured.accuracy()) };
        panel(&right, &format!("Accuracy on the {label} set, %"), &[accuracy])
    }
}

struct Curve {
    label: &'static str,
    colour: RGBColor,
    points: Vec<(f64, f64)>,
}

fn panel<DB: DrawingBackend>(area: &Area<DB>, title: &str, curves: &[Curve]) -> Drawn<DB> {
    let epochs = curves.iter().flat_map(|curve| &curve.points).map(|point| point.0).fold(1.0, f64::max);
    let mut chart = ChartBuilder::on(area)
        .caption(title, (FONT, 24).into_font().color(&INK))
        .margin(16)
        .x_label_area_size(44)
        .y_label_area_size(60)
        .build_cartesian_2d(1.0..epochs.max(2.0), span(curves))?;
    chart
        .configure_mesh()
        .x_desc("epoch")
        .x_labels(epochs.clamp(2.0, 10.0) as usize)
        .x_label_formatter(&|epoch| format!("{epoch:.0}"))
        .y_label_formatter(&|value| format!("{value:.2}"))
        .label_style((FONT, 16).into_font().color(&INK))
        .axis_style(INK)
        .bold_line_style(FAINT)
        .light_line_style(BACKGROUND)
        .draw()?;
    for &Curve { label, colour, ref points } in curves {
        chart
            .draw_series(LineSeries::new(points.iter().copied(), colour.stroke_width(3)))?
            .label(label)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 20, y)], colour.stroke_width(3)));
        chart.draw_series(points.iter().map(|point| Circle::new(*point, 4, colour.filled())))?;
    }
    if curves.len() == 1 {
        return Ok(());
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .background_style(BACKGROUND)
        .border_style(FAINT)
        .label_font((FONT, 16).into_font().color(&INK))
        .draw()?;
    Ok(())
}

/// The values of all curves that are numbers, with a little room above and below.
fn span(curves: &[Curve]) -> Range<f64> {
    let values =
        || curves.iter().flat_map(|curve| &curve.points).map(|point| point.1).filter(|y| y.is_finite());
    let (low, high) = (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
    if low > high {
        return 0.0..1.0;
    }
    let room = if high > low { 0.08 * (high - low) } else { 0.5 };
    low - room..high + room
}
