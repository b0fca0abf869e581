# FastCUT on Nightscape at 256x128, thermal to day; narrow and short as nightscape_small.py.
_base_ = [
    '../_base_/models/fastcut.py', '../_base_/datasets/nightscape_thermal_small.py',
    '../_base_/evaluators/nightscape_thermal_experts.py', '../_base_/schedules/two_sided_small.py',
    '../_base_/small_runtime.py']
model = dict(
    channels_last=True,
    generator=dict(base=16, num_blocks=4),
    discriminator=dict(base=16),
    sampler=dict(width=64),
    taps=('image', 'down1', 'down2', 'block1', 'block4'))
