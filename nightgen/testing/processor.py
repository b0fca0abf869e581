"""What the processor under the tests can do: tests of a fast form ask here, and run the refusal where it cannot."""

from nightgen.models.backbones.n2d_lpnet_inference import bf16_convolutions, bf16_is_faster, fused_operators

__all__ = ['bf16_convolutions', 'bf16_is_faster', 'fused_operators']
