use tch::{Kind, Tensor};

use super::frame::per_image;
use super::{Frame, to_dtype};
use crate::Result;

/// Turns the hue of each image by a share of the colour circle; torchvision's `adjust_hue`.
///
/// # Shapes
///
/// `[N, 1 or 3, H, W]`, unchanged; N factors from -0.5 to 0.5: 0 is the image. Grey images stay as they are.
///
/// # Errors
///
/// When the images have neither one nor three channels.
///
/// # Panics
///
/// Unless there is a factor for each image.
#[track_caller]
pub fn adjust_hue(images: &Tensor, factors: &[f64]) -> Result<Tensor> {
    let frame = Frame::coloured("adjust_hue", images)?;
    frame.one_each("adjust_hue", factors);
    if frame.channels == 1 || images.numel() == 0 {
        return Ok(images.shallow_clone());
    }
    let floats = to_dtype(images, Kind::Float, true)?;
    let [hue, saturation, value] = hsv(&floats);
    let hue = (hue + per_image(factors, &floats)).remainder(1.0);
    to_dtype(&rgb(&hue, &saturation, &value), images.kind(), true)
}

/// Hue, saturation and value, each `[N, 1, H, W]`.
fn hsv(images: &Tensor) -> [Tensor; 3] {
    let [red, green] = [0, 1].map(|channel| images.narrow(1, channel, 1));
    let (least, most) = images.aminmax(1, true);
    let grey = most.eq_tensor(&least);
    let range = &most - &least;
    let one = Tensor::ones_like(&most);
    let saturation = &range / one.where_self(&grey, &most);
    let away = (&most - images) / one.where_self(&grey, &range);
    let [red_away, green_away, blue_away] = [0, 1, 2].map(|channel| away.narrow(1, channel, 1));
    let from_red = &blue_away - &green_away;
    let from_green = &red_away + 2.0 - blue_away;
    let from_blue = green_away + 4.0 - red_away;
    let hue = from_red
        .where_self(&most.eq_tensor(&red), &from_green.where_self(&most.eq_tensor(&green), &from_blue));
    [(hue * (1.0 / 6.0) + 1.0).fmod(1.0), saturation, most]
}

fn rgb(hue: &Tensor, saturation: &Tensor, value: &Tensor) -> Tensor {
    let sixths = hue * 6.0;
    let sector = sixths.floor();
    let within = sixths - &sector;
    let sector = sector.to_kind(Kind::Int64).remainder(6);
    let part = saturation * within;
    let pale: Tensor = 1.0 - saturation;
    let fading: Tensor = 1.0 - &part;
    let falling = (fading * value).clamp(0.0, 1.0);
    let rising = ((part + &pale) * value).clamp(0.0, 1.0);
    let low = (pale * value).clamp(0.0, 1.0);
    // Which of the four each channel takes in each sixth of the circle.
    let levels = Tensor::cat(&[value, &low, &falling, &rising], 1);
    let choice = [[0_i64, 2, 1, 1, 3, 0], [3, 0, 0, 2, 1, 1], [1, 1, 3, 0, 0, 2]];
    let chosen = choice.map(|of_sector| {
        let of_sector = Tensor::from_slice(&of_sector).to_device(sector.device());
        of_sector.index_select(0, &sector.flatten(0, -1)).view_as(&sector)
    });
    levels.gather(1, &Tensor::cat(&chosen, 1), false)
}
