use std::mem;

use tch::Tensor;

/// How much the loss has to fall, of what the slope promises.
const FALL: f64 = 1e-4;
/// How much of the slope may be left.
const SLOPE: f64 = 0.9;

/// A place on the line that is searched.
#[derive(Debug)]
pub(super) struct Point {
    /// How far along the direction.
    pub(super) length: f64,
    pub(super) loss: f64,
    pub(super) gradient: Tensor,
    /// The derivative of the loss along the direction.
    pub(super) slope: f64,
}

impl Point {
    fn copy(&self) -> Self {
        Self { gradient: self.gradient.shallow_clone(), ..*self }
    }
}

/// Searches from `origin` along the direction for a point that satisfies the strong Wolfe conditions. Returns the
/// best point found and the number of evaluations, or the error of the evaluation that failed.
///
/// Nocedal and Wright, "Numerical Optimization", algorithms 3.5 and 3.6.
pub(super) fn strong_wolfe<E>(
    evaluate: &mut dyn FnMut(f64) -> Result<Point, E>,
    direction: &Tensor,
    origin: Point,
    length: f64,
    tolerance_change: f64,
    most: usize,
) -> Result<(Point, usize), E> {
    let (loss, slope) = (origin.loss, origin.slope);
    let falls = |point: &Point| point.loss <= loss + FALL * point.length * slope;
    let flat = |point: &Point| point.slope.abs() <= -SLOPE * slope;
    let mut previous = Point { length: 0.0, ..origin.copy() };
    let mut new = evaluate(length)?;
    let mut searched = 0;
    // Go on until the interval between two points must hold what is searched.
    while searched < most {
        if !falls(&new) || (searched > 1 && new.loss >= previous.loss) {
            break;
        }
        if flat(&new) {
            return Ok((new, searched + 1));
        }
        if new.slope >= 0.0 {
            break;
        }
        let bounds = (new.length + 0.01 * (new.length - previous.length), new.length * 10.0);
        let next = evaluate(cubic_minimum(&previous, &new, bounds))?;
        previous = mem::replace(&mut new, next);
        searched += 1;
    }
    let first = if searched == most { Point { length: 0.0, ..origin } } else { previous };
    let mut bracket = [first, new];

    // Narrow the interval.
    let widest = direction.abs().max().double_value(&[]);
    let lower = |bracket: &[Point; 2]| usize::from(bracket[0].loss > bracket[1].loss);
    let mut low = lower(&bracket);
    let mut stalled = false;
    while searched < most {
        let high = 1 - low;
        let (left, right) = ordered(bracket[0].length, bracket[1].length);
        if (right - left) * widest < tolerance_change {
            break;
        }
        let mut length = cubic_minimum(&bracket[0], &bracket[1], (left, right));
        let margin = 0.1 * (right - left);
        if (right - length).min(length - left) < margin {
            if stalled || length >= right || length <= left {
                let near_right = (length - right).abs() < (length - left).abs();
                length = if near_right { right - margin } else { left + margin };
                stalled = false;
            } else {
                stalled = true;
            }
        } else {
            stalled = false;
        }
        let point = evaluate(length)?;
        searched += 1;
        if !falls(&point) || point.loss >= bracket[low].loss {
            bracket[high] = point;
            low = lower(&bracket);
            continue;
        }
        let found = flat(&point);
        if !found && point.slope * (bracket[high].length - bracket[low].length) >= 0.0 {
            bracket[high] = bracket[low].copy();
        }
        bracket[low] = point;
        if found {
            break;
        }
    }
    let [first, second] = bracket;
    Ok((if low == 0 { first } else { second }, searched + 1))
}

fn ordered(first: f64, second: f64) -> (f64, f64) {
    if first <= second { (first, second) } else { (second, first) }
}

/// Where the cubic through two points with their slopes is smallest, within bounds.
fn cubic_minimum(first: &Point, second: &Point, bounds: (f64, f64)) -> f64 {
    let (left, right) = if first.length <= second.length { (first, second) } else { (second, first) };
    let width = right.length - left.length;
    let bend = left.slope + right.slope - 3.0 * (left.loss - right.loss) / (left.length - right.length);
    let square = bend * bend - left.slope * right.slope;
    if square < 0.0 {
        return (bounds.0 + bounds.1) / 2.0;
    }
    let root = square.sqrt();
    let minimum =
        right.length - width * ((right.slope + root - bend) / (right.slope - left.slope + 2.0 * root));
    minimum.max(bounds.0).min(bounds.1)
}
