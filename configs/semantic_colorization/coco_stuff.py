# Tests a network of pascal_context.py on COCO-Stuff's val2017, whose pictures it has never seen, with predicted maps;
# with COCO-Stuff's own, read as PASCAL-Context's classes: --cfg-options model.map_source=true
_base_ = './pascal_context.py'
photos = dict(
    type='ColorizationDataset',
    dataset=dict(
        type='COCOStuffDataset', data_root='data/coco_stuff164k', split='val2017', inputs=('label',), test_mode=True,
        pipeline=_base_.test_pipeline))
test_dataloader = dict(dataset=dict(_delete_=True, **photos))
