use std::sync::OnceLock;

use pulp::Arch;

use crate::libtorch::cpu_capability;

/// The vector instructions that kernels in Rust use: the best that the processor has, and on x86-64 none above those of
/// libtorch's own kernels, so that `ATEN_CPU_CAPABILITY=default|avx2|avx512` limits both.
///
/// ```
/// let sum = selvedge_torch::arch().dispatch(|| (0..4).map(|value| value as f32).sum::<f32>());
/// assert_eq!(sum, 6.0);
/// ```
#[must_use]
pub fn arch() -> Arch {
    static ARCH: OnceLock<Arch> = OnceLock::new();
    *ARCH.get_or_init(|| within(cpu_capability().as_deref().unwrap_or_default()))
}

#[cfg(target_arch = "x86_64")]
fn within(capability: &str) -> Arch {
    match (Arch::new(), capability) {
        (_, "DEFAULT") => Arch::Scalar,
        (Arch::V4(wide), "AVX2") => Arch::V3(*wide),
        (best, _) => best,
    }
}

/// Elsewhere libtorch's lowest level has vector instructions, too.
#[cfg(not(target_arch = "x86_64"))]
fn within(_: &str) -> Arch {
    Arch::new()
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;

    #[test]
    fn a_limit_of_libtorch_holds_for_our_kernels() {
        assert!(matches!(within("DEFAULT"), Arch::Scalar));
        assert!(!matches!(within("AVX2"), Arch::V4(_)));
        let [best, highest] = [Arch::new(), within("AVX512")].map(|arch| format!("{arch:?}"));
        assert_eq!(best, highest);
        let expected = within(&cpu_capability().unwrap());
        assert_eq!(format!("{:?}", arch()), format!("{expected:?}"));
    }
}
