use tch::Tensor;

/// Images and labels that go through the network together.
#[derive(Debug)]
pub struct Batch {
    /// Shape `[N, C, H, W]`; f32 unless the transform leaves the bytes as they are.
    pub images: Tensor,
    /// Shape `[N]`, i64; `[N, classes]`, f32 probabilities, after a [`Mix`](crate::Mix).
    pub labels: Tensor,
}

impl Batch {
    /// The number of images.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.size().first().map_or(0, |&count| count as usize)
    }

    /// Whether there are no images.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
