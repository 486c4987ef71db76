mod cause;
mod lines;
mod notice;
mod tree;
