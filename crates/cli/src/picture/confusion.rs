use std::path::Path;

use anyhow::Result;
use plotters::element::{Rectangle, Text};
use plotters::prelude::{Color, IntoFont, RGBColor};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontTransform, TextStyle};

use super::{BACKGROUND, FONT, INK, TRAIN, paint};

const CELL: i32 = 62;
const LEFT: i32 = 150;
const TOP: i32 = 70;
const BOTTOM: i32 = 150;

/// Paints how often each class (row) was taken for each (column). The darker a cell, the larger its share of
/// the row.
pub(crate) fn confusion_matrix(path: &Path, counts: &[Vec<i64>], classes: &[&str]) -> Result<()> {
    let side = CELL * counts.len() as i32;
    let size = ((LEFT + side + 40) as u32, (TOP + side + BOTTOM) as u32);
    paint(path, size, |area| {
        area.draw(&Text::new("Test set: garment (row), prediction (column)", (LEFT, 24), text(20, INK)))?;
        for (row, counts) in counts.iter().enumerate() {
            let total = counts.iter().sum::<i64>().max(1) as f64;
            let y = TOP + CELL * row as i32;
            let label = text(16, INK).pos(Pos::new(HPos::Right, VPos::Center));
            area.draw(&Text::new(classes[row], (LEFT - 10, y + CELL / 2), label))?;
            for (column, &count) in counts.iter().enumerate() {
                let x = LEFT + CELL * column as i32;
                let share = count as f64 / total;
                area.draw(&Rectangle::new([(x, y), (x + CELL - 2, y + CELL - 2)], shade(share).filled()))?;
                let colour = if share > 0.5 { BACKGROUND } else { INK };
                let style = text(16, colour).pos(Pos::new(HPos::Center, VPos::Center));
                area.draw(&Text::new(count.to_string(), (x + CELL / 2 - 1, y + CELL / 2 - 1), style))?;
            }
        }
        for (column, class) in classes.iter().enumerate() {
            let at = (LEFT + CELL * column as i32 + CELL / 2, TOP + side + 10);
            let font = (FONT, 16).into_font().transform(FontTransform::Rotate90);
            let style = TextStyle::from(font).color(&INK).pos(Pos::new(HPos::Left, VPos::Center));
            area.draw(&Text::new(*class, at, style))?;
        }
        Ok(())
    })
}

fn text(size: i32, colour: RGBColor) -> TextStyle<'static> {
    TextStyle { color: colour.to_backend_color(), ..TextStyle::from((FONT, size).into_font()) }
}

/// From nearly white to the colour of the training curve. The root shows small shares, too.
fn shade(share: f64) -> RGBColor {
    let mix = |low: u8, high: u8| (f64::from(low) + share.sqrt() * (f64::from(high) - f64::from(low))) as u8;
    RGBColor(mix(246, TRAIN.0), mix(248, TRAIN.1), mix(251, TRAIN.2))
}
