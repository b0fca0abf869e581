"""Several domains in one sample."""

import itertools

import pytest
import torch
from mmengine.dataset import pseudo_collate
from mmengine.registry import init_default_scope
from torch.utils.data import DataLoader

from nightgen.datasets import ImageFolderDataset, IndexPairing, PairingRule, UnpairedDataset
from nightgen.datasets.samplers import ResumableSampler
from nightgen.datasets.unpaired import inputs_by_domain
from nightgen.models.data_preprocessor import TranslationDataPreprocessor
from nightgen.registry import DATASETS, TASK_UTILS
from nightgen.testing import write_pictures
from nightgen.utils.images import BrokenImageError
from nightgen.utils.seeding import Draw, Pick

PIPELINE = [dict(type='LoadImage'), dict(type='RandomCropImages', crop_size=8), dict(type='RandomFlipTranspose'),
            dict(type='PackTranslationInputs')]


@pytest.fixture
def config(tmp_path):
    write_pictures(tmp_path / 'night', number=5, seed=1)
    write_pictures(tmp_path / 'day', number=9, seed=2)
    return dict(type='UnpairedDataset', **{
        domain: dict(type='ImageFolderDataset', data_root=str(tmp_path / domain), domain=domain, pipeline=PIPELINE)
        for domain in ('night', 'day')})


def batches(dataset, workers, number, batch_size=3, start=0):
    sampler = ResumableSampler(dataset, seed=11)
    sampler.start_at(start)
    loader = DataLoader(dataset, batch_size, sampler=sampler, num_workers=workers, collate_fn=pseudo_collate)
    iterator = iter(loader)
    return [next(iterator) for _ in range(number)]


def same(first, second):
    return all(a.equal(b) for name in first['inputs'] for a, b in
               zip(first['inputs'][name], second['inputs'][name], strict=True)) and \
        [item.img_path for item in first['data_samples']] == [item.img_path for item in second['data_samples']]


def test_entries_and_meta_information_carry_the_domain(config, tmp_path):
    dataset = DATASETS.build(config)
    assert len(dataset) == 9 and dataset.domains == ('night', 'day') and dataset.sizes() == dict(night=5, day=9)
    sample = dataset[Draw(4, 0, 0)]
    assert sorted(sample['inputs']) == ['real_day', 'real_night']
    record = sample['data_samples']
    assert record.domain == ('night', 'day') and record.img_path['day'] == str(tmp_path / 'day' / '000004.png')
    assert '/night/' in record.img_path['night'] and record.img_shape == dict(night=(8, 8), day=(8, 8))


def test_epoch_shows_every_picture_of_the_longest_domain_and_mixes_partners(config):
    dataset = DATASETS.build(config)
    draws = iter(ResumableSampler(dataset, seed=0))
    paths = [dataset[next(draws)]['data_samples'].img_path for _ in range(36)]
    for epoch in range(4):
        assert len({path['day'] for path in paths[9 * epoch:9 * epoch + 9]}) == 9
    assert len({(path['night'], path['day']) for path in paths}) > 20


def test_the_sequence_does_not_depend_on_workers_nor_on_where_it_starts(config):
    dataset = DATASETS.build(config)
    alone = batches(dataset, 0, 6)
    assert all(map(same, alone, batches(dataset, 2, 6)))
    assert all(map(same, alone[4:], batches(dataset, 2, 2, start=12)))
    assert not same(alone[0], alone[3])  # the same pictures may come again, not the same crops


def test_domains_do_not_share_their_random_numbers(config):
    dataset = DATASETS.build(config)
    boxes = [dataset[Draw(0, draw, 0)]['data_samples'].crop_box for draw in range(8)]
    assert any(box['night'] != box['day'] for box in boxes)


def test_loading_leaves_the_callers_random_numbers_alone(config):
    dataset = DATASETS.build(config)
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    dataset[Draw(2, 0, 0)]
    assert torch.rand(3).equal(expected)


def test_pairing_can_come_from_elsewhere(config):
    @TASK_UTILS.register_module(name='LastNight', force=True)
    class LastNight(PairingRule):
        def bind(self, datasets):
            self.last = len(datasets['night']) - 1

        def __call__(self, index, sizes, rng):
            return dict(night=self.last, day=index)
    dataset = DATASETS.build(dict(config, pairing=dict(type='LastNight')))
    assert dataset.pair(3) == dict(night=4, day=3)
    assert DATASETS.build(dict(config, pairing=IndexPairing())).pair(7) == dict(night=2, day=7)
    dataset.pairing = lambda index, sizes, rng: dict(night=0)
    with pytest.raises(KeyError, match=r"chose for \['night'\], the domains are \['night', 'day'\]"):
        dataset.pair(0)


def test_view_shows_each_picture_of_one_domain_once(config):
    dataset = DATASETS.build(config)
    view = dataset.view('night')
    assert len(view) == 5 and [view[index]['data_samples'].key for index in range(5)] == [f'{i:06d}' for i in range(5)]
    assert list(view[0]['inputs']) == ['real_night']
    with pytest.raises(KeyError, match=r"no domain 'dusk', there are \['night', 'day'\]"):
        dataset.view('dusk')


def test_one_domain_is_enough_and_none_is_an_error(config):
    assert len(UnpairedDataset(night=config['night'])) == 5
    with pytest.raises(ValueError, match='at least one domain'):
        UnpairedDataset()
    with pytest.raises(TypeError, match="domain 'day' must be a dataset"):
        UnpairedDataset(night=config['night'], day=3)


def test_indices_outside_are_errors(config):
    with pytest.raises(IndexError, match='outside the 9 samples'):
        DATASETS.build(config)[9]


@pytest.mark.parametrize('workers', [0, 1])
def test_an_unreadable_training_picture_is_named_whichever_process_meets_it(config, tmp_path, workers):
    path = tmp_path / 'day' / '000003.png'
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(BrokenImageError, match='cannot read image .*/day/000003.png: PNG truncated'):
        batches(DATASETS.build(config), workers, 4)


def test_a_domain_can_be_several_folders(config):
    init_default_scope('nightgen')  # as in every run: mmengine's own wrappers look their members up by it
    both = dict(type='ConcatDataset', datasets=[config['night'], dict(config['day'], domain='night')])
    dataset = UnpairedDataset(night=both, day=config['day'])
    assert dataset.sizes() == dict(night=14, day=9)
    paths = {dataset.view('night')[index]['data_samples'].img_path for index in range(14)}
    assert len(paths) == 14 and dataset[Draw(13, 0, 0)]['data_samples'].img_path['night'].endswith('day/000008.png')


def test_metainfo_is_kept_by_domain(config):
    config['night']['metainfo'] = dict(note=1)
    assert DATASETS.build(config).metainfo == dict(domains=('night', 'day'), night=dict(note=1), day={})


def test_instances_are_taken(config):
    night = ImageFolderDataset(**{key: value for key, value in config['night'].items() if key != 'type'})
    assert UnpairedDataset(night=night, day=config['day']).datasets['night'] is night


def replaying(config, pick, **more):
    """A data set whose rule always wants the same of the day."""
    dataset = DATASETS.build(dict(config, **more))
    dataset.pairing = lambda draw, sizes, rng: dict(night=0, day=pick)
    return dataset


def test_a_rule_can_have_a_crop_and_a_flip_replayed(config):
    wanted = dict(crop_box=(1, 3, 8, 8), flip=(True, False, False))
    dataset = replaying(config, Pick(4, **wanted))
    picture = DATASETS.build(dict(config['day'], pipeline=[PIPELINE[0], PIPELINE[-1]]))[4]['inputs']['real']
    for draw in range(3):
        sample = dataset[next(itertools.islice(iter(ResumableSampler(dataset, seed=5)), draw, None))]
        assert sample['inputs']['real_day'].equal(picture[:, 1:9, 3:11].flip(-1))
        assert sample['data_samples'].crop_box['day'] == (1, 3, 8, 8) and sample['data_samples'].draw == draw


def test_what_nobody_replays_is_an_error(config):
    without = dict(config['day'], pipeline=[PIPELINE[0], PIPELINE[1], PIPELINE[3]])
    with pytest.raises(ValueError, match=r"wants flip=\(True, .* of 'day' replayed, and the sample has None"):
        replaying(config, Pick(4, flip=(True, False, False)), day=without)[0]


def test_choices_are_made_where_the_sampler_draws(config):
    """In the main process: a rule with state that changes there is seen by samples that workers load."""
    dataset = DATASETS.build(config)
    chosen = []

    def rule(draw, sizes, rng):
        chosen.append((int(draw), draw.draw, draw.seed))
        return dict(night=len(chosen) % 5, day=int(draw))

    dataset.pairing = rule
    loaded = batches(dataset, 2, 2)
    assert [seed for *_, seed in chosen] == [11] * len(chosen) and len(chosen) >= 6
    assert [draw for _, draw, _ in chosen] == list(range(len(chosen)))
    keys = [sample.key for batch in loaded for sample in batch['data_samples']]
    assert keys == [dict(night=f'{(place + 1) % 5:06d}', day=f'{chosen[place][0]:06d}') for place in range(6)]


def test_a_rule_with_run_state_must_not_choose_in_workers(config):
    class Remembers(IndexPairing):
        def shared_run_state(self):
            return {}

    dataset = DATASETS.build(dict(config, pairing=Remembers()))
    assert dataset[3]['data_samples'].key['day'] == '000003'  # looked at by hand
    with pytest.raises(RuntimeError, match='Remembers has run state and must choose in the main process'):
        dataset[Draw(3, 0, 0)]


def test_an_entry_can_be_named_in_full(config, tmp_path):
    """A night camera's pipeline loads the day's background."""
    write_pictures(tmp_path / 'beside', number=5, seed=3)
    night = dict(config['night'], beside=dict(reference_day='../beside'), pipeline=[
        dict(type='LoadImage'), dict(type='LoadImage', key='reference_day'), PIPELINE[1],
        dict(type='PackTranslationInputs', full_names=('reference_day',))])
    dataset = DATASETS.build(dict(config, night=night))
    sample = dataset[Draw(2, 0, 0)]
    assert sorted(sample['inputs']) == ['real_day', 'real_night', 'reference_day']
    assert sorted(dataset.view('night')[0]['inputs']) == ['real_night', 'reference_day']
    batch = TranslationDataPreprocessor()(pseudo_collate([sample]))['inputs']
    assert batch['reference_day'].shape == (1, 3, 8, 8) and batch['reference_day'].min() >= -1
    top, left, rows, columns = sample['data_samples'].crop_box['night']
    key = sample['data_samples'].key['night']
    beside = DATASETS.build(dict(type='ImageFolderDataset', data_root=str(tmp_path / 'beside'),
                                 pipeline=[PIPELINE[0], PIPELINE[-1]]))[int(key)]['inputs']['real']
    assert sample['inputs']['reference_day'].equal(beside[:, top:top + rows, left:left + columns])
    with pytest.raises(ValueError, match=r"two domains give the batch entries \['real'\]"):
        full = [PIPELINE[0], PIPELINE[1], dict(type='PackTranslationInputs', full_names=('real',))]
        DATASETS.build(dict(config, night=dict(config['night'], pipeline=full),
                            day=dict(config['day'], pipeline=full)))[Draw(0, 0, 0)]
    with pytest.raises(KeyError, match='full_names=.*are not packed'):
        wrong = [PIPELINE[0], dict(type='PackTranslationInputs', full_names=('refrence_day',))]
        DATASETS.build(dict(config['day'], pipeline=wrong))[0]


WITH_EDGES = [PIPELINE[0], dict(type='LoadBeside', make=dict(edges=dict(day=dict(type='CannyEdges')))), *PIPELINE[1:]]


def test_inputs_go_to_the_domains_that_they_are_of(config):
    for domain in ('night', 'day'):
        config[domain]['pipeline'] = WITH_EDGES
    assert set(DATASETS.build(config)[0]['inputs']) == {'real_night', 'real_day'}
    dataset = DATASETS.build(dict(config, inputs=('edges_day',)))
    assert dataset.datasets['day'].inputs == ('edges',) and dataset.datasets['night'].inputs == ()
    assert set(dataset[0]['inputs']) == {'real_night', 'real_day', 'edges_day'}
    own = dict(config, night=dict(config['night'], domain='day', inputs=('edges',)))
    assert set(DATASETS.build(own)[0]['inputs']) == {'real_night', 'real_day', 'edges_night'}


def test_inputs_of_a_domain_of_several_folders(config):
    init_default_scope('nightgen')
    day = dict(config['day'], pipeline=WITH_EDGES)
    several = dict(type='ConcatDataset', datasets=[day, dict(day)])
    dataset = DATASETS.build(dict(config, day=several, inputs=('edges_day',)))
    assert dataset.sizes()['day'] == 18 and 'edges_day' in dataset[17]['inputs']


def test_an_entry_belongs_to_the_longest_name_of_a_domain():
    assert inputs_by_domain(('edges_far_day', 'label_day', 'edges_day'), ('day', 'far_day')) == dict(
        far_day=('edges',), day=('label', 'edges'))


def test_inputs_that_nobody_provides_fail_when_the_data_set_is_built(config):
    for domain in ('night', 'day'):
        config[domain]['pipeline'] = WITH_EDGES
    with pytest.raises(ValueError, match="'edges' of the domain 'night' is wanted, and neither a file nor a recipe"):
        DATASETS.build(dict(config, inputs=('edges_day', 'edges_night')))
    with pytest.raises(ValueError, match=r"'edges_dawn' of inputs is of no domain: .* \['night', 'day'\]"):
        DATASETS.build(dict(config, inputs=('edges_dawn',)))
    built = ImageFolderDataset(**{key: value for key, value in config['day'].items() if key != 'type'})
    with pytest.raises(ValueError, match=r"the dataset of 'day' is built already; build it with inputs=\('edges',\)"):
        UnpairedDataset(inputs=('edges_day',), day=built)
