"""Pictures of any size as images like those of MNIST."""
