"""TensorFlow graphs: traced once, shared by equal networks, with fused updates and layers."""
