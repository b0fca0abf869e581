"""Structured gradient alignment against loops in float64, the hand-made cases of specs/morngan section 8, its draws."""

import math
from collections import Counter

import pytest
import torch

from nightgen.models.losses import StructuredGradientAlignmentLoss, structured_gradient_alignment


def magnitudes(image):
    """Gradient magnitude of one image 3,H,W as nested lists: zeros around, central differences."""
    grey = sum(weight * (image[c] + 1) / 2 for c, weight in enumerate((0.299, 0.587, 0.114))).tolist()
    height, width = len(grey), len(grey[0])

    def at(y, x):
        return grey[y][x] if 0 <= y < height and 0 <= x < width else 0.0
    return [[math.sqrt((at(y, x + 1) - at(y, x - 1)) ** 2 + (at(y + 1, x) - at(y - 1, x)) ** 2 + 1e-6)
             for x in range(width)] for y in range(height)]


def of_cell(image, edges, rows, columns, threshold):
    g, e = magnitudes(image), edges.tolist()
    strongest = max(g[y][x] for y in rows for x in columns)
    missing = sum(max(threshold * e[y][x] - g[y][x] / strongest, 0) for y in rows for x in columns)
    return missing / (sum(e[y][x] for y in rows for x in columns) + 1)


@pytest.mark.parametrize('cell', [(0, 0), (1, 2), (3, 3)])
def test_a_given_cell_against_a_loop(cell):
    image = torch.rand(2, 3, 12, 20, dtype=torch.float64) * 2 - 1
    edges = torch.rand(2, 1, 12, 20, dtype=torch.float64)
    rows, columns = range(3 * cell[0], 3 * cell[0] + 3), range(5 * cell[1], 5 * cell[1] + 5)
    expected = sum(of_cell(image[n], edges[n, 0], rows, columns, 0.7) for n in range(2)) / 2
    loss = StructuredGradientAlignmentLoss(threshold=0.7, grid=4)
    assert loss(translated=image, edges=edges, cell=cell).item() == pytest.approx(expected, rel=1e-9)


def test_sides_that_the_grid_does_not_divide():
    """Together the cells cover every pixel once."""
    image, cells_of = torch.rand(1, 3, 7, 8, dtype=torch.float64), Counter()
    for y in range(7):
        for x in range(8):
            edges = torch.zeros(1, 1, 7, 8, dtype=torch.float64)
            edges[0, 0, y, x] = 1
            for cell in ((row, column) for row in range(3) for column in range(3)):
                # no gradient reaches this threshold: an edge in the cell always costs
                cells_of[y, x] += structured_gradient_alignment(image, edges, cell, threshold=2, grid=3).item() > 0
    assert len(cells_of) == 56 and set(cells_of.values()) == {1}


def test_only_the_edges_of_the_cell_count():
    image, edges = torch.rand(1, 3, 16, 16) * 2 - 1, torch.zeros(1, 1, 16, 16)
    edges[..., :8, :] = 1
    loss = StructuredGradientAlignmentLoss(grid=2)
    assert loss(image, edges, (1, 0)).item() == 0
    assert loss(image, edges, (0, 0)).item() > 0


def test_an_edge_under_the_strongest_gradient_costs_nothing():
    image, edges = -torch.ones(1, 3, 32, 32), torch.zeros(1, 1, 32, 32)
    image[..., 14:] = 0.5  # columns 13 and 14 have the strongest gradient of their cell
    edges[..., 13] = 1
    loss = StructuredGradientAlignmentLoss(grid=4)
    assert loss(image, edges, (1, 1)).item() == 0
    edges[..., 10] = 1  # and one without a gradient costs nearly threshold
    assert loss(image, edges, (1, 1)).item() == pytest.approx(8 * (0.8 - 1e-3 / 0.75) / 17, rel=1e-4)


def test_a_flat_cell_costs_nothing():
    """Known to be degenerate: everywhere the floor, so that every ratio is 1 (specs/morngan section 8)."""
    assert structured_gradient_alignment(torch.zeros(1, 3, 64, 64), torch.ones(1, 1, 64, 64), (3, 4)).item() == 0


def test_no_edge_costs_nothing_also_in_a_batch():
    image, edges = torch.rand(2, 3, 16, 16, requires_grad=True), torch.zeros(2, 1, 16, 16)
    value = structured_gradient_alignment(image, edges)
    value.backward()
    assert value.item() == 0 and (image.grad == 0).all()
    edges[1, 0, 3, 3] = 1  # one image has one edge, in cell (0, 0) of 4
    alone = structured_gradient_alignment(image[1:], edges[1:], (0, 0), grid=4)
    assert alone.item() > 0
    assert structured_gradient_alignment(image, edges, grid=4).item() == pytest.approx(alone.item() / 2, rel=1e-6)


def test_cells_are_drawn_evenly_among_those_with_edges_each_image_its_own():
    """Edges in three cells, each of another cost: the costs that occur say which cells were drawn."""
    torch.manual_seed(0)
    image, edges = torch.rand(1, 3, 8, 8, dtype=torch.float64) * 2 - 1, torch.zeros(1, 1, 8, 8, dtype=torch.float64)
    cells = [(0, 1), (2, 2), (3, 0)]
    for number, (row, column) in enumerate(cells):
        edges[..., 2 * row, 2 * column] = 0.2 + 0.1 * number
    costs = [structured_gradient_alignment(image, edges, cell, threshold=6, grid=4).item() for cell in cells]
    assert len({round(cost, 9) for cost in costs}) == 3 and min(costs) > 0
    seen = Counter()
    for _ in range(600):
        value = structured_gradient_alignment(image, edges, threshold=6, grid=4).item()
        seen[min(range(3), key=lambda number: abs(costs[number] - value))] += 1
        assert min(abs(cost - value) for cost in costs) < 1e-12
    assert all(150 < seen[number] < 250 for number in range(3))  # 200 expected, standard deviation 11.5
    pairs = {structured_gradient_alignment(image.expand(2, -1, -1, -1), edges.expand(2, -1, -1, -1), threshold=6,
                                           grid=4).item() for _ in range(50)}
    assert len({round(value, 9) for value in pairs}) > 3  # two images may draw different cells


def test_the_draw_comes_from_torchs_generator():
    image, edges = torch.rand(4, 3, 32, 32) * 2 - 1, torch.rand(4, 1, 32, 32)
    values = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        values.append(StructuredGradientAlignmentLoss()(image, edges).item())
    assert values[0] == values[1] != values[2]


def test_gradient():
    torch.manual_seed(1)
    image = (torch.rand(1, 3, 6, 6, dtype=torch.float64) * 2 - 1).requires_grad_()
    edges = torch.rand(1, 1, 6, 6, dtype=torch.float64)
    assert torch.autograd.gradcheck(
        lambda x: structured_gradient_alignment(x, edges, (0, 1), threshold=0.9, grid=2), image)


def test_replicated_border():
    """A uniform cell at the border: with zeros its frame is the strongest gradient and edges inside cost."""
    image, edges = torch.zeros(1, 3, 16, 16), torch.zeros(1, 1, 16, 16)
    edges[..., 4, 4] = 1
    assert structured_gradient_alignment(image, edges, (0, 0), grid=2).item() > 0.39
    assert StructuredGradientAlignmentLoss(grid=2, pad='replicate')(image, edges, (0, 0)).item() == 0


def test_16_bit_inputs():
    image, edges = torch.rand(2, 3, 16, 16).bfloat16(), torch.rand(2, 1, 16, 16)
    low = structured_gradient_alignment(image, edges, (1, 1), grid=2)
    assert low.dtype == torch.float32
    assert low.item() == pytest.approx(structured_gradient_alignment(image.double(), edges, (1, 1), grid=2).item(),
                                       rel=1e-5)


@pytest.mark.parametrize(('arguments', 'words'), [
    ((torch.zeros(1, 1, 16, 16), torch.zeros(1, 1, 16, 16)), 'N,3,H,W'),
    ((torch.zeros(1, 3, 16, 16), torch.zeros(1, 16, 16)), 'N,1,H,W'),
    ((torch.zeros(2, 3, 16, 16), torch.zeros(1, 1, 16, 16)), 'N,1,H,W'),
    ((torch.zeros(1, 3, 16, 16), torch.zeros(1, 1, 16, 16), (8, 0)), 'outside'),
    ((torch.zeros(1, 3, 4, 16), torch.zeros(1, 1, 4, 16)), 'does not fit'),
])
def test_bad_arguments(arguments, words):
    with pytest.raises(ValueError, match=words):
        structured_gradient_alignment(*arguments)


def test_bad_settings_are_refused_when_built():
    with pytest.raises(ValueError, match="'reflect'"):
        StructuredGradientAlignmentLoss(pad='reflect')
    with pytest.raises(ValueError, match='grid'):
        StructuredGradientAlignmentLoss(grid=0)
