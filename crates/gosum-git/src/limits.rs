//! What one repository may cost.

use std::fmt;

/// Bounds on everything that a server chooses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes of a ref listing.
    pub listing_bytes: u64,
    /// The most bytes of one pack.
    pub pack_bytes: u64,
    /// The most objects of one pack.
    pub objects: u32,
    /// The most bytes of one object.
    pub object_bytes: u64,
    /// The most bytes of all objects of one pack together, those that are read twice counted twice.
    pub unpacked_bytes: u64,
    /// The most bytes of one commit's files that attributes change; a file that is there several times counts once.
    pub converted_bytes: u64,
    /// The most bytes of commits, tags and trees, which stay in memory.
    pub kept_bytes: u64,
    /// How many deltas may stand between an object and what it is made from. Git itself makes no
    /// chain longer than 4095.
    pub delta_depth: u32,
    /// The most bytes of objects held at one time to make others from them.
    pub delta_bytes: u64,
    /// How deep folders may be nested.
    pub tree_depth: u32,
    /// The most files and folders of one tree.
    pub tree_entries: u32,
    /// The most bytes of `.gitattributes` files in force together.
    pub attribute_bytes: u64,
    /// How many bytes of patterns may be held against the paths of one commit.
    pub attribute_steps: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            listing_bytes: 64 << 20,
            pack_bytes: 2 << 30,
            objects: 4_000_000,
            object_bytes: 512 << 20,
            unpacked_bytes: 16 << 30,
            converted_bytes: 4 << 30,
            kept_bytes: 512 << 20,
            delta_depth: 4096,
            delta_bytes: 1 << 30,
            tree_depth: 1024,
            tree_entries: 1_000_000,
            attribute_bytes: 4 << 20,
            attribute_steps: 4_000_000_000,
        }
    }
}

/// One of the [`Limits`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Bound {
    /// [`Limits::listing_bytes`]
    ListingBytes,
    /// [`Limits::pack_bytes`]
    PackBytes,
    /// [`Limits::objects`]
    Objects,
    /// [`Limits::object_bytes`]
    ObjectBytes,
    /// [`Limits::unpacked_bytes`]
    UnpackedBytes,
    /// [`Limits::converted_bytes`]
    ConvertedBytes,
    /// [`Limits::kept_bytes`]
    KeptBytes,
    /// [`Limits::delta_depth`]
    DeltaDepth,
    /// [`Limits::delta_bytes`]
    DeltaBytes,
    /// [`Limits::tree_depth`]
    TreeDepth,
    /// [`Limits::tree_entries`]
    TreeEntries,
    /// [`Limits::attribute_bytes`]
    AttributeBytes,
    /// [`Limits::attribute_steps`]
    AttributeSteps,
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Bound::ListingBytes => "bytes of refs",
            Bound::PackBytes => "bytes of a pack",
            Bound::Objects => "objects in a pack",
            Bound::ObjectBytes => "bytes of one object",
            Bound::UnpackedBytes => "bytes unpacked",
            Bound::ConvertedBytes => "bytes of files that attributes change",
            Bound::KeptBytes => "bytes of commits and trees",
            Bound::DeltaDepth => "deltas on one another",
            Bound::DeltaBytes => "bytes of objects to make others from",
            Bound::TreeDepth => "folders in one another",
            Bound::TreeEntries => "files and folders in a tree",
            Bound::AttributeBytes => "bytes of .gitattributes files in force together",
            Bound::AttributeSteps => "steps to match .gitattributes patterns",
        })
    }
}
