mod lines;
mod tree;
