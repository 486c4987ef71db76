mod cause;
mod lines;
mod tree;
