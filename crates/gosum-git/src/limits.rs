//! What one repository may cost.

use std::fmt;

macro_rules! limits {
    ($($(#[$doc:meta])* $field:ident, $bound:ident, $default:expr, $what:literal;)*) => {
        /// Bounds on everything that a server chooses.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct Limits {
            $($(#[$doc])* pub $field: u64,)*
        }

        impl Default for Limits {
            fn default() -> Limits {
                Limits { $($field: $default,)* }
            }
        }

        impl Limits {
            /// Sets one of them.
            pub fn set(&mut self, bound: Bound, value: u64) {
                match bound {
                    $(Bound::$bound => self.$field = value,)*
                }
            }

            /// Returns one of them.
            pub fn get(&self, bound: Bound) -> u64 {
                match bound {
                    $(Bound::$bound => self.$field,)*
                }
            }
        }

        /// One of the [`Limits`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Bound {
            $(#[doc = concat!("[`Limits::", stringify!($field), "`]")] $bound,)*
        }

        impl Bound {
            /// All of them, in the order in which they are told.
            pub const ALL: &[Bound] = &[$(Bound::$bound,)*];

            /// Returns the name by which people set it, such as `pack-bytes`.
            pub fn name(self) -> String {
                match self {
                    $(Bound::$bound => stringify!($field),)*
                }
                .replace('_', "-")
            }

            /// Returns what is counted, such as `bytes of a pack`.
            fn what(self) -> &'static str {
                match self {
                    $(Bound::$bound => $what,)*
                }
            }
        }
    };
}

limits! {
    /// How many seconds everything may take that is asked of the repository.
    seconds, Seconds, 30 * 60, "seconds for one repository";
    /// The most bytes of a ref listing.
    listing_bytes, ListingBytes, 64 << 20, "bytes of refs";
    /// The most bytes of one pack; of all packs of one fetch, four times as many.
    pack_bytes, PackBytes, 2 << 30, "bytes of a pack";
    /// The most objects of one pack; of all packs of one fetch, twice as many.
    objects, Objects, 2_000_000, "objects in a pack";
    /// The most bytes of one object.
    object_bytes, ObjectBytes, 512 << 20, "bytes of one object";
    /// The most bytes of all objects of one pack together, deltas counted too; of all packs of one fetch, four times as many.
    unpacked_bytes, UnpackedBytes, 16 << 30, "bytes unpacked";
    /// The most bytes of objects that are made anew, because files are to be converted or read: what they are made from
    /// counts too, each time.
    remade_bytes, RemadeBytes, 256 << 30, "bytes of objects made anew";
    /// The most bytes of an object that is read whole: a commit, a tag or a tree, a file that attributes change, a
    /// `.gitattributes` or go.mod file.
    read_bytes, ReadBytes, 48 << 20, "bytes of an object that is read whole";
    /// The most bytes of one commit's files that attributes change; a file that is there several times counts once.
    converted_bytes, ConvertedBytes, 4 << 30, "bytes of files that attributes change";
    /// The most bytes of all commits, tags and trees of the repository; the first of them stay in memory.
    kept_bytes, KeptBytes, 4 << 30, "bytes of commits and trees";
    /// The most bytes that the history takes in memory.
    history_bytes, HistoryBytes, 256 << 20, "bytes of a history";
    /// How many deltas may stand between an object and what it is made from. Git itself makes no chain longer than
    /// 4095.
    delta_depth, DeltaDepth, 4096, "deltas on one another";
    /// The most bytes of objects held at one time to make others from them, on disk for the most part.
    delta_bytes, DeltaBytes, 1 << 30, "bytes of objects to make others from";
    /// How deep folders may be nested.
    tree_depth, TreeDepth, 1024, "folders in one another";
    /// The most files and folders of one tree.
    tree_entries, TreeEntries, 500_000, "files and folders in a tree";
    /// The most bytes of `.gitattributes` files in force together.
    attribute_bytes, AttributeBytes, 4 << 20, "bytes of .gitattributes files in force together";
    /// How many bytes of patterns may be held against the paths of one commit.
    attribute_steps, AttributeSteps, 4_000_000_000, "steps to match .gitattributes patterns";
}

/// What is counted, and the name by which people set the limit.
impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, the limit `{}`", self.what(), self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_set_by_its_name() {
        let mut limits = Limits::default();
        for (value, bound) in (7..).zip(Bound::ALL) {
            assert!(limits.get(*bound) > 100, "{}", bound.name());
            limits.set(*bound, value);
            assert_eq!(limits.get(*bound), value);
        }
        assert_eq!((limits.seconds, limits.listing_bytes, limits.attribute_steps), (7, 8, 23));
        assert_eq!(Bound::TreeEntries.name(), "tree-entries");
    }
}
