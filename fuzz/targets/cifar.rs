//! The inputs of libFuzzer for [`selvedge_fuzz::cifar`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    selvedge_fuzz::cifar(bytes);
});
