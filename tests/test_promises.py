"""The names that users write (DESIGN section 4): parts with their arguments, losses with what they are called with, the
metrics, the Python interface, and the commands with their options."""

import inspect

import pytest

import nightgen.evaluation.metrics  # noqa: F401
import nightgen.models  # noqa: F401
from nightgen import apis
from nightgen.models import losses
from nightgen.models.translators import BaseTranslator
from nightgen.registry import LOSSES, METRICS, MODELS

# Type: (arguments that it is built with, arguments that it is called with).
LOSS_TABLE = {
    'AdversarialLoss': ('mode scale_reduction', None),
    'GradientPenaltyLoss': ('', 'real fake discriminator'),
    'PixelLoss': ('kind', 'pred target'),
    'SSIMLoss': ('window_size', 'pred target'),
    'TotalVariationLoss': ('', 'image'),
    'StructuredGradientAlignmentLoss': ('threshold grid', 'translated edges cell'),
    'MonochromaticLoss': ('', 'image'),
    'TemperatureLoss': ('', 'image label'),
    'BalancedCrossEntropyLoss': ('', 'logits label'),
    'SemanticBoundaryLoss': ('', 'logits label'),
    'ConditionalGradientRepairLoss': ('', 'translated source background'),
    'ScaleRobustnessLoss': ('l1_weight', 'scaled reference'),
    'BackgroundRegressionLoss': ('', 'fake reference'),
    'ForegroundContrastLoss': ('mode temperature', 'fake source reference'),
    'PatchNCELoss': ('temperature', 'query key'),
    'PerceptualLoss': ('layers weights', 'pred target'),
}
BUILT_WITH = {
    'LaplacianPyramid': 'num_levels',
    'N2DLPNet': 'num_levels pyramid',
    'UNet': '', 'ResNetEncoder': '', 'ResNetDecoder': '', 'ResNetGenerator': '',
    'ColorInvariant': 'kind',
    'LearnableColorInvariant': 'invariants out_channels mix scale_init learn_scale k eps post pad',
    'SegmentationExpert': 'config checkpoint', 'DetectionExpert': 'config checkpoint',
}
METRIC_NAMES = ('FrechetInceptionDistance', 'KernelInceptionDistance', 'APCE', 'SegmentationConsistency',
                'DetectionConsistency', 'PSNR', 'SSIM', 'ChromaError', 'PerceptualDistance', 'Colourfulness',
                'ChromaHistogram')
COMMANDS = {
    'tools/train.py': '--work-dir --resume --amp --accumulate --auto-scale-lr --cfg-options --launcher',
    'tools/test.py': '--out-dir',
    'tools/translate.py': 'config checkpoint input out',
    'tools/analysis_tools/get_flops.py': '--shape --json',
    'tools/analysis_tools/benchmark.py': 'inference training dataloader metrics',
    'tools/misc/doctor.py': '',
}


def takes(function, names: str) -> bool:
    """Whether it can be called with these keywords."""
    arguments = inspect.signature(function).parameters
    return set(names.split()) <= set(arguments) or any(one.kind is one.VAR_KEYWORD for one in arguments.values())


@pytest.mark.parametrize('name', LOSS_TABLE)
def test_losses(name):
    built, called = LOSS_TABLE[name]
    loss = LOSSES.get(name)
    assert loss is getattr(losses, name) and takes(loss, built)
    assert called is None or takes(loss.forward, called)
    snake = ''.join(f'_{letter.lower()}' if letter.isupper() and (not before.isupper() or after.islower()) else
                    letter.lower() for before, letter, after in zip('_' + name, name, name[1:] + '_', strict=False))
    assert callable(getattr(losses, snake.strip('_').removesuffix('_loss'), None)), 'its function, in snake case'


def test_the_two_sides_of_an_adversarial_loss():
    loss = LOSSES.build(dict(type='AdversarialLoss', mode='lsgan'))
    assert takes(loss.generator, 'fake_scores real_scores') and takes(loss.discriminator, 'real_scores fake_scores')
    for mode in ('lsgan', 'vanilla', 'wgan', 'hinge', 'relativistic_lsgan'):
        for reduction in ('sum', 'mean', 'progressive'):
            LOSSES.build(dict(type='AdversarialLoss', mode=mode, scale_reduction=reduction))


@pytest.mark.parametrize('name', BUILT_WITH)
def test_parts(name):
    assert takes(MODELS.get(name), BUILT_WITH[name])
    if name == 'LaplacianPyramid':
        assert all(hasattr(MODELS.get(name), way) for way in ('decompose', 'reconstruct'))


def test_element_wise_similarity():
    from nightgen.models import layers
    assert losses.elementwise_similarity is layers.elementwise_similarity
    assert list(inspect.signature(layers.elementwise_similarity).parameters) == ['features', 'reference']


@pytest.mark.parametrize('name', METRIC_NAMES)
def test_metrics(name):
    assert METRICS.get(name).__name__ == name


def test_python_interface():
    assert list(inspect.signature(apis.init_model).parameters)[:3] == ['config', 'checkpoint', 'device']
    for inferencer in (apis.NightgenInferencer, apis.ColorizationInferencer):
        assert list(inspect.signature(inferencer).parameters)[:3] == ['config_or_name', 'weights', 'device']
        assert list(inspect.signature(inferencer.__call__).parameters)[1:4] == ['inputs', 'out_dir', 'batch_size']
    assert takes(BaseTranslator.translate, 'x direction label') and callable(BaseTranslator.inference_network)


@pytest.mark.parametrize('script', COMMANDS)
def test_commands(script, load_tool, capsys, monkeypatch):
    tool = load_tool(script)
    monkeypatch.setattr('sys.argv', [script, '--help'])
    with pytest.raises(SystemExit) as ended:
        tool.main()
    printed = capsys.readouterr().out
    assert not ended.value.code and all(option in printed for option in COMMANDS[script].split())
