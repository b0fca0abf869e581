"""Labels that nobody drew: their fusion, denoising and distillation, and the memory of them; none of it is frozen."""
