//! Pictures for papers, as PNG and as SVG.

mod calibration;
mod confusion;
mod curves;

use std::io::Cursor;
use std::sync::OnceLock;

use plotters::coord::Shift;
use plotters::drawing::DrawingAreaErrorKind;
use plotters::prelude::{
    BitMapBackend, Color, DrawingArea, DrawingBackend, IntoDrawingArea, IntoFont, RGBColor, SVGBackend,
};
use plotters::style::{FontStyle, TextStyle, register_font};

use crate::{ReportError, Result, Run};
use calibration::Calibration;
use confusion::Confusion;
use curves::Curves;

const BACKGROUND: RGBColor = RGBColor(255, 255, 255);
const INK: RGBColor = RGBColor(38, 44, 54);
const FAINT: RGBColor = RGBColor(222, 226, 232);
const TRAIN: RGBColor = RGBColor(36, 80, 156);
const TEST: RGBColor = RGBColor(192, 57, 43);

const FONT: &str = "sans-serif";

/// A picture, and the name that its file has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Such as `curves.svg`.
    pub name: String,
    /// What to write.
    pub bytes: Vec<u8>,
}

/// The pictures of a run, each as PNG and as SVG: the curves, the confusion matrix and the calibration, and the first
/// layer as PNG alone. Those that the run has nothing for are left out.
///
/// # Errors
///
/// [`ReportError::Paint`] when a picture can not be painted.
pub fn pictures(run: &Run) -> Result<Vec<File>> {
    let mut files = Vec::new();
    if !run.epochs.is_empty() {
        files.extend(both(&Curves(&run.epochs))?);
    }
    if let Some(findings) = &run.findings {
        files.extend(both(&Confusion(findings))?);
        files.extend(both(&Calibration(findings))?);
    }
    if let Some(layer) = &run.first_layer {
        files.push(File { name: "first-layer.png".to_owned(), bytes: layer.picture.bytes() });
    }
    Ok(files)
}

type Area<DB> = DrawingArea<DB, Shift>;
type Drawn<DB> = std::result::Result<(), DrawingAreaErrorKind<<DB as DrawingBackend>::ErrorType>>;

trait Picture {
    const NAME: &'static str;

    fn size(&self) -> (u32, u32);

    fn draw<DB: DrawingBackend>(&self, area: &Area<DB>) -> Drawn<DB>;
}

fn both<P: Picture>(picture: &P) -> Result<[File; 2]> {
    let file = |extension: &str, bytes| File { name: format!("{}.{extension}", P::NAME), bytes };
    Ok([file("png", png(picture)?), file("svg", svg(picture)?.into_bytes())])
}

fn png<P: Picture>(picture: &P) -> Result<Vec<u8>> {
    let (width, height) = picture.size();
    let mut pixels = vec![0; (width * height * 3) as usize];
    on(picture, BitMapBackend::with_buffer(&mut pixels, (width, height)))?;
    let mut png = Cursor::new(Vec::new());
    let image = image::RgbImage::from_raw(width, height, pixels);
    let written = image.map(|image| image.write_to(&mut png, image::ImageFormat::Png));
    match written {
        Some(Ok(())) => Ok(png.into_inner()),
        Some(Err(error)) => Err(failed::<P>(error)),
        None => Err(failed::<P>("it has the wrong size")),
    }
}

fn svg<P: Picture>(picture: &P) -> Result<String> {
    let mut text = String::new();
    on(picture, SVGBackend::with_string(&mut text, picture.size()))?;
    Ok(text)
}

fn on<P: Picture, DB: DrawingBackend>(picture: &P, backend: DB) -> Result<()> {
    register_fonts::<P>()?;
    let area = backend.into_drawing_area();
    area.fill(&BACKGROUND).map_err(failed::<P>)?;
    picture.draw(&area).map_err(failed::<P>)?;
    area.present().map_err(failed::<P>)
}

fn failed<P: Picture>(reason: impl ToString) -> ReportError {
    ReportError::Paint { picture: P::NAME, reason: reason.to_string() }
}

/// The picture's text must not depend on the fonts of the machine.
fn register_fonts<P: Picture>() -> Result<()> {
    static REGISTERED: OnceLock<bool> = OnceLock::new();
    let register = || register_font(FONT, FontStyle::Normal, epaint_default_fonts::HACK_REGULAR).is_ok();
    if *REGISTERED.get_or_init(register) {
        Ok(())
    } else {
        Err(failed::<P>("the built-in font can not be read"))
    }
}

fn text(size: i32, colour: RGBColor) -> TextStyle<'static> {
    TextStyle { color: colour.to_backend_color(), ..TextStyle::from((FONT, size).into_font()) }
}
