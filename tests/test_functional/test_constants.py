import torch

from nightgen.functional import constant


def test_it_has_the_values_and_is_made_once():
    like = torch.zeros(1, dtype=torch.float64)
    made = constant(((1.5, 2.0), (3.0, 4.25)), like)
    assert made.dtype is torch.float64 and made.tolist() == [[1.5, 2.0], [3.0, 4.25]]
    assert constant(((1.5, 2.0), (3.0, 4.25)), like + 1) is made
    assert constant(((1.5, 2.0), (3.0, 4.25)), like.float()).dtype is torch.float32


def test_one_that_was_made_in_inference_mode_can_be_trained_with():
    with torch.inference_mode():
        made = constant((7.125, 8.0), torch.zeros(1))
    x = torch.ones(2, requires_grad=True)
    (x * made).sum().backward()
    assert x.grad.tolist() == [7.125, 8.0]
