use std::ops::Range;

/// What is done with each plane.
#[derive(Debug)]
pub(super) struct Windowed {
    pub(super) rows: Axis,
    pub(super) columns: Axis,
}

/// One of the two directions of a plane.
#[derive(Debug)]
pub(super) struct Axis {
    size: usize,
    stride: usize,
    dilation: usize,
    windows: Vec<Window>,
    /// The windows that have all their values.
    whole: Range<usize>,
}

/// The values that a window has of the input.
#[derive(Debug, Clone, Copy)]
struct Window {
    first: usize,
    count: usize,
}

impl Axis {
    /// From the sizes of the input and of the output, and those of the windows. None where they are not sizes, or a
    /// window has no value of the input.
    pub(super) fn new(numbers: [i64; 6]) -> Option<Self> {
        // What is below this does not overflow in the sums and products here.
        let small = |number: i64| usize::try_from(number).ok().filter(|&number| number < 1 << 30);
        let [size, outputs, kernel, stride, padding, dilation] = numbers.map(small);
        let (size, kernel, stride, padding, dilation) = (size?, kernel?, stride?, padding?, dilation?);
        let window = |output: usize| {
            let start = output * stride;
            let outside = padding.saturating_sub(start).div_ceil(dilation);
            let within = (size + padding).saturating_sub(start).div_ceil(dilation).min(kernel);
            let count = within.checked_sub(outside).filter(|&count| count > 0)?;
            Some(Window { first: start + outside * dilation - padding, count })
        };
        if stride == 0 || dilation == 0 {
            return None;
        }
        let windows: Vec<Window> = (0..outputs?).map(window).collect::<Option<_>>()?;
        let first = windows.iter().position(|window| window.count == kernel).unwrap_or(windows.len());
        let count = windows[first..].iter().take_while(|window| window.count == kernel).count();
        Some(Self { size, stride, dilation, windows, whole: first..first + count })
    }
}

impl Windowed {
    /// The values of a plane of the input, and of the output.
    pub(super) fn sizes(&self) -> [usize; 2] {
        let Self { rows, columns } = self;
        [rows.size * columns.size, rows.windows.len() * columns.windows.len()]
    }

    /// The values that are looked at in a plane, at most.
    pub(super) fn work(&self) -> usize {
        let values = |axis: &Axis| axis.windows.iter().map(|window| window.count).sum::<usize>();
        values(&self.rows) * values(&self.columns)
    }

    #[inline(always)]
    pub(super) fn pool(&self, output: &mut [f32], indices: &mut [i64], input: &[f32]) {
        let Self { rows, columns } = self;
        let (width, whole) = (columns.windows.len(), columns.whole.clone());
        if width == 0 {
            return;
        }
        let lines = output.chunks_exact_mut(width).zip(indices.chunks_exact_mut(width));
        for (&row, (output, indices)) in rows.windows.iter().zip(lines) {
            let mut line = Line { of: self, row, output, indices, input };
            line.one_by_one(0..whole.start);
            // Numbers that the compiler knows, so that what is compared is in registers.
            match (columns.stride, whole.len()) {
                (1, 16..) => line.together::<16, 1>(whole.clone()),
                (1, 8..) => line.together::<8, 1>(whole.clone()),
                (1, 4..) => line.together::<4, 1>(whole.clone()),
                (2, 16..) => line.together::<16, 2>(whole.clone()),
                (2, 8..) => line.together::<8, 2>(whole.clone()),
                (2, 4..) => line.together::<4, 2>(whole.clone()),
                _ => line.one_by_one(whole.clone()),
            }
            line.one_by_one(whole.end..width);
        }
    }
}

/// A row of the output.
struct Line<'a> {
    of: &'a Windowed,
    row: Window,
    output: &'a mut [f32],
    indices: &'a mut [i64],
    input: &'a [f32],
}

impl Line<'_> {
    /// Windows that may have fewer values than others.
    #[inline(always)]
    fn one_by_one(&mut self, outputs: Range<usize>) {
        for output in outputs {
            self.largest::<1, 1>(output);
        }
    }

    /// At least `N` windows that have all their values, `N` at a time: the last ones with some before them.
    #[inline(always)]
    fn together<const N: usize, const STRIDE: usize>(&mut self, outputs: Range<usize>) {
        for output in outputs.clone().step_by(N) {
            self.largest::<N, STRIDE>(output.min(outputs.end - N));
        }
    }

    /// `N` windows from this one on, which are `STRIDE` from each other and have as many values each.
    #[inline(always)]
    fn largest<const N: usize, const STRIDE: usize>(&mut self, output: usize) {
        let Windowed { rows, columns } = self.of;
        let window = columns.windows[output];
        let first = self.row.first * columns.size + window.first;
        // Where all are negative infinity, the first is the largest.
        let mut largest = [f32::NEG_INFINITY; N];
        let mut places: [i32; N] = std::array::from_fn(|lane| (first + lane * STRIDE) as i32);
        for row in 0..self.row.count {
            for column in 0..window.count {
                let place = first + row * rows.dilation * columns.size + column * columns.dilation;
                let values = &self.input[place..=place + (N - 1) * STRIDE];
                for lane in 0..N {
                    let (value, place) = (values[lane * STRIDE], (place + lane * STRIDE) as i32);
                    let is_larger = (value > largest[lane]) | value.is_nan();
                    largest[lane] = if is_larger { value } else { largest[lane] };
                    places[lane] = if is_larger { place } else { places[lane] };
                }
            }
        }
        self.output[output..output + N].copy_from_slice(&largest);
        self.indices[output..output + N].copy_from_slice(&places.map(i64::from));
    }
}
