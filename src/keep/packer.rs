//! Compresses contents, now and when the program is built (`build.rs` reads this file too), to the same bytes.

use miniz_oxide::deflate::core::{
    CompressorOxide, TDEFLFlush, compress_to_output, create_comp_flags_from_zip_params,
};

/// Quick, and a few percent larger than the best.
const LEVEL: i32 = 1;
/// The format with a head and a checksum, zlib.
const WITH_HEAD: i32 = 1;

/// One content after the other in the same memory, of which most contents need little.
pub struct Packer(Box<CompressorOxide>);

impl Default for Packer {
    fn default() -> Self {
        let flags = create_comp_flags_from_zip_params(LEVEL, WITH_HEAD, 0);
        Self(Box::new(CompressorOxide::new(flags)))
    }
}

impl Packer {
    /// The bytes compressed.
    pub fn packed(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut packed = Vec::with_capacity(bytes.len() / 2);
        compress_to_output(&mut self.0, bytes, TDEFLFlush::Finish, |piece| {
            packed.extend_from_slice(piece);
            true
        });
        self.0.reset();
        packed
    }
}
