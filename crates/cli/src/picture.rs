//! The pictures of a run folder.

mod confusion;
mod curves;

use std::path::Path;

use anyhow::{Context, Result, anyhow};
use once_cell::sync::OnceCell;
use plotters::prelude::{BitMapBackend, DrawingArea, IntoDrawingArea, RGBColor};
use plotters::style::{FontStyle, register_font};

pub(crate) use confusion::confusion_matrix;
pub(crate) use curves::curves;

const BACKGROUND: RGBColor = RGBColor(255, 255, 255);
const INK: RGBColor = RGBColor(38, 44, 54);
const FAINT: RGBColor = RGBColor(222, 226, 232);
const TRAIN: RGBColor = RGBColor(0, 98, 155);
const TEST: RGBColor = RGBColor(208, 92, 32);

const FONT: &str = "sans-serif";

type Area<'a> = DrawingArea<BitMapBackend<'a>, plotters::coord::Shift>;

/// Paints a PNG beside its place and moves it there, so that a half-painted one is never found.
fn paint(path: &Path, size: (u32, u32), draw: impl FnOnce(&Area<'_>) -> Result<()>) -> Result<()> {
    register_fonts()?;
    let mut pixels = vec![0; (size.0 * size.1 * 3) as usize];
    {
        let area = BitMapBackend::with_buffer(&mut pixels, size).into_drawing_area();
        area.fill(&BACKGROUND)?;
        draw(&area)?;
        area.present()?;
    }
    let image =
        image::RgbImage::from_raw(size.0, size.1, pixels).context("the picture has the wrong size")?;
    let mut png = std::io::Cursor::new(Vec::new());
    image.write_to(&mut png, image::ImageFormat::Png)?;
    selvedge_atomic::write_atomically(path, png.get_ref())?;
    Ok(())
}

/// The picture's text must not depend on the fonts of the machine.
fn register_fonts() -> Result<()> {
    static REGISTERED: OnceCell<()> = OnceCell::new();
    REGISTERED
        .get_or_try_init(|| {
            register_font(FONT, FontStyle::Normal, epaint_default_fonts::HACK_REGULAR)
                .map_err(|_| anyhow!("the built-in font can not be read"))
        })
        .copied()
}
