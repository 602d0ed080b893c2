use plotters::element::{Rectangle, Text};
use plotters::prelude::{Color, DrawingBackend, IntoFont, RGBColor};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontTransform, TextStyle};

use super::{Area, BACKGROUND, Drawn, FONT, INK, Picture, TRAIN, text};
use crate::Findings;

const CELL: i32 = 62;
const LEFT: i32 = 150;
const TOP: i32 = 70;
const BOTTOM: i32 = 150;

/// How often each class (row) was taken for each (column). The darker a cell, the larger its share of the row.
pub(super) struct Confusion<'a>(pub(super) &'a Findings);

impl Confusion<'_> {
    fn side(&self) -> i32 {
        CELL * self.0.confusion.len() as i32
    }

    fn class(&self, number: usize) -> &str {
        self.0.classes.get(number).map_or("", String::as_str)
    }
}

impl Picture for Confusion<'_> {
    const NAME: &'static str = "confusion";

    fn size(&self) -> (u32, u32) {
        ((LEFT + self.side() + 40) as u32, (TOP + self.side() + BOTTOM) as u32)
    }

    fn draw<DB: DrawingBackend>(&self, area: &Area<DB>) -> Drawn<DB> {
        area.draw(&Text::new("Test set: class (row), prediction (column)", (LEFT, 24), text(20, INK)))?;
        for (row, counts) in self.0.confusion.iter().enumerate() {
            let total = counts.iter().sum::<i64>().max(1) as f64;
            let y = TOP + CELL * row as i32;
            let label = text(16, INK).pos(Pos::new(HPos::Right, VPos::Center));
            area.draw(&Text::new(self.class(row), (LEFT - 10, y + CELL / 2), label))?;
            for (column, &count) in counts.iter().enumerate() {
                let x = LEFT + CELL * column as i32;
                let share = count as f64 / total;
                area.draw(&Rectangle::new([(x, y), (x + CELL - 2, y + CELL - 2)], shade(share).filled()))?;
                let colour = if share > 0.5 { BACKGROUND } else { INK };
                let style = text(16, colour).pos(Pos::new(HPos::Center, VPos::Center));
                area.draw(&Text::new(count.to_string(), (x + CELL / 2 - 1, y + CELL / 2 - 1), style))?;
            }
        }
        for column in 0..self.0.confusion.len() {
            let at = (LEFT + CELL * column as i32 + CELL / 2, TOP + self.side() + 10);
            let font = (FONT, 16).into_font().transform(FontTransform::Rotate90);
            let style = TextStyle::from(font).color(&INK).pos(Pos::new(HPos::Left, VPos::Center));
            area.draw(&Text::new(self.class(column), at, style))?;
        }
        Ok(())
    }
}

/// From nearly white to the colour of the training curve. The root shows small shares, too.
fn shade(share: f64) -> RGBColor {
    let mix = |low: u8, high: u8| (f64::from(low) + share.sqrt() * (f64::from(high) - f64::from(low))) as u8;
    RGBColor(mix(246, TRAIN.0), mix(248, TRAIN.1), mix(251, TRAIN.2))
}
