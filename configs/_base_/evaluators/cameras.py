# Fixed cameras without a hidden day: the error of pixels that never change to the camera's median day, beside that of
# the night itself. make_reference.py --spread tells which pixels these are.
val_evaluator = [dict(type='Colourfulness')]
_table = [
    dict(
        type='StaticPixelError', reference='{root}/references/{camera}.png',
        spread='{root}/references/{camera}_spread.png'),
    dict(type='Colourfulness')]
test_evaluator = [dict(type='BaselineTable', metrics=_table, baselines=('night_input',)), *_table]
