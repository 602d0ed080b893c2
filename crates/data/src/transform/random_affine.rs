use serde::{Deserialize, Deserializer, Serialize};
use tch::Tensor;

use crate::functional::Affine;
use crate::transform::functional::Frame;
use crate::transform::{limits, written};
use crate::{Apply, Draws, Fill, Interpolation, Random, Result, functional};

/// Turns, moves, scales and shears each image; torchvision's `RandomAffine`.
///
/// # Shapes
///
/// `[N, C, H, W]`, unchanged.
///
/// Differs from PyTorch: each image of a batch has a draw of its own.
///
/// ```
/// use selvedge_data::RandomAffine;
///
/// let affine: RandomAffine = serde_json::from_str(r#"{"degrees": 10, "translate": [0.1, 0.1], "shear": 5}"#)?;
/// assert_eq!(affine.degrees, [-10.0, 10.0]);
/// assert_eq!(affine.shear, Some([-5.0, 5.0, 0.0, 0.0]));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RandomAffine {
    /// The least and the largest angle. In JSON, one number d stands for -d to d. No default, as in PyTorch.
    #[serde(deserialize_with = "written::around_zero")]
    pub degrees: [f64; 2],
    /// The largest shares of the width and the height to move by, either way. Default: 0, 0.
    #[serde(default)]
    pub translate: Option<[f64; 2]>,
    /// The least and the largest factor of the size. Default: 1.
    #[serde(default)]
    pub scale: Option<[f64; 2]>,
    /// The least and the largest degrees along x, then along y. In JSON, one number d stands for -d to d along
    /// x, two for the range along x. Default: 0.
    #[serde(default, deserialize_with = "shear")]
    pub shear: Option<[f64; 4]>,
    /// How values between pixels are found: nearest or bilinear. Default: nearest.
    #[serde(default = "written::nearest")]
    pub interpolation: Interpolation,
    /// What stands where the image is gone. Default: 0.
    #[serde(default = "written::black")]
    pub fill: Option<Fill>,
    /// What turns stand still around, `[x, y]` from the upper left corner. Default: the middle of the image.
    #[serde(default)]
    pub center: Option<[f64; 2]>,
}

fn shear<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<[f64; 4]>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "expected a number or a list of 2 or 4")]
    enum Shear {
        One(f64),
        Two([f64; 2]),
        Four([f64; 4]),
    }
    Ok(Option::<Shear>::deserialize(deserializer)?.map(|shear| match shear {
        Shear::One(most) => [-most, most, 0.0, 0.0],
        Shear::Two([least, most]) => [least, most, 0.0, 0.0],
        Shear::Four(ranges) => ranges,
    }))
}

impl RandomAffine {
    /// Turns by up to this angle in both directions, and nothing else.
    #[must_use]
    pub fn new(degrees: f64) -> Self {
        Self {
            degrees: [-degrees, degrees],
            translate: None,
            scale: None,
            shear: None,
            interpolation: Interpolation::Nearest,
            fill: written::black(),
            center: None,
        }
    }

    fn draw(&self, frame: Frame, random: &mut Random) -> Affine {
        let mut between = |[least, most]: [f64; 2]| random.between(least, most);
        let angle = between(self.degrees);
        let translate = self.translate.map_or([0.0; 2], |[across, down]| {
            let mut moved = |most: f64| between([-most, most]).round_ties_even();
            [moved(across * frame.width as f64), moved(down * frame.height as f64)]
        });
        let scale = self.scale.map_or(1.0, &mut between);
        let shear = self.shear.map_or([0.0; 2], |[a, b, c, d]| [between([a, b]), between([c, d])]);
        Affine { angle, translate, scale, shear }
    }
}

impl Apply for RandomAffine {
    fn apply_with(&self, images: &Tensor, draws: &Draws<'_>) -> Result<Tensor> {
        self.validate()?;
        let frame = Frame::of("RandomAffine", images)?;
        let affines: Vec<_> = draws.images().map(|mut random| self.draw(frame, &mut random)).collect();
        functional::affine(images, &affines, self.interpolation, self.fill.as_ref(), self.center)
    }

    fn validate(&self) -> Result<()> {
        limits::range("RandomAffine.degrees", self.degrees, f64::MIN, f64::MAX)?;
        limits::within("RandomAffine.translate", self.translate.as_slice().as_flattened(), 0.0, 1.0)?;
        limits::range("RandomAffine.scale", self.scale.unwrap_or([1.0; 2]), f64::MIN_POSITIVE, f64::MAX)?;
        let [a, b, c, d] = self.shear.unwrap_or([0.0; 4]);
        limits::range("RandomAffine.shear", [a, b], f64::MIN, f64::MAX)?;
        limits::range("RandomAffine.shear", [c, d], f64::MIN, f64::MAX)?;
        limits::within("RandomAffine.center", self.center.as_slice().as_flattened(), f64::MIN, f64::MAX)?;
        limits::sampled("RandomAffine.interpolation", self.interpolation)
    }
}
