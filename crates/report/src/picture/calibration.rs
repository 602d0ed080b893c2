use plotters::element::Rectangle;
use plotters::prelude::{ChartBuilder, Color, DrawingBackend, IntoFont, LineSeries};

use super::{Area, BACKGROUND, Drawn, FAINT, FONT, INK, Picture, TEST, TRAIN};
use crate::{Findings, figures};

/// The reliability diagram: how often the network is right when it is that sure.
pub(super) struct Calibration<'a>(pub(super) &'a Findings);

impl Picture for Calibration<'_> {
    const NAME: &'static str = "calibration";

    fn size(&self) -> (u32, u32) {
        (640, 640)
    }

    fn draw<DB: DrawingBackend>(&self, area: &Area<DB>) -> Drawn<DB> {
        let error = figures::percent(self.0.calibration_error, 2);
        let mut chart = ChartBuilder::on(area)
            .caption(format!("Expected calibration error: {error}"), (FONT, 24).into_font().color(&INK))
            .margin(16)
            .x_label_area_size(48)
            .y_label_area_size(60)
            .build_cartesian_2d(0.0..100.0, 0.0..100.0)?;
        chart
            .configure_mesh()
            .x_desc("confidence, %")
            .y_desc("accuracy, %")
            .x_label_formatter(&|value| format!("{value:.0}"))
            .y_label_formatter(&|value| format!("{value:.0}"))
            .label_style((FONT, 16).into_font().color(&INK))
            .axis_style(INK)
            .bold_line_style(FAINT)
            .light_line_style(BACKGROUND)
            .draw()?;
        let width = 100.0 / self.0.calibration.len().max(1) as f64;
        for (number, bin) in self.0.calibration.iter().enumerate().filter(|(_, bin)| bin.count > 0) {
            let (left, right) = (width * (number as f64 + 0.06), width * (number as f64 + 0.94));
            let bar = |low: f64, high: f64| [(left, 100.0 * low), (right, 100.0 * high)];
            let (low, high) = (bin.accuracy.min(bin.confidence), bin.accuracy.max(bin.confidence));
            chart.draw_series([
                Rectangle::new(bar(0.0, bin.accuracy), TRAIN.filled()),
                Rectangle::new(bar(low, high), TEST.mix(0.6).filled()),
            ])?;
        }
        chart.draw_series(LineSeries::new([(0.0, 0.0), (100.0, 100.0)], INK.stroke_width(1)))?;
        Ok(())
    }
}
