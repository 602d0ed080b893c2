//! The inputs of libFuzzer for [`selvedge_fuzz::image_folder`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    selvedge_fuzz::image_folder(bytes);
});
