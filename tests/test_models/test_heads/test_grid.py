"""GridNet's last block as a head of mmseg's EncoderDecoder."""

from types import SimpleNamespace

import torch
import torch.nn.functional as F

from nightgen.models.heads import GridHead


def test_count():
    assert sum(p.numel() for p in GridHead().parameters()) == 41_280


def test_loss_and_accuracy_leave_out_what_is_unlabelled():
    torch.manual_seed(0)
    head, features = GridHead(4, 3), torch.randn(2, 4, 6, 8)
    label = torch.randint(0, 3, (2, 1, 6, 8))
    label[0, 0, :3] = 255
    samples = [SimpleNamespace(gt_sem_seg=SimpleNamespace(data=item)) for item in label]
    found = head.loss((features,), samples)
    logits, flat = head(features), label[:, 0]
    kept = flat != 255
    expected = F.cross_entropy(logits.permute(0, 2, 3, 1)[kept], flat[kept])
    torch.testing.assert_close(found['loss_ce'], expected)
    right = 100 * (logits.argmax(1)[kept] == flat[kept]).double().mean()
    torch.testing.assert_close(found['acc_seg'].double(), right)


def test_scores_have_the_size_of_the_picture():
    head, features = GridHead(4, 3).eval(), torch.randn(1, 4, 6, 8)
    assert head.predict((features,), [dict(img_shape=(6, 8))]).equal(head(features))
    larger = head.predict((features,), [dict(pad_shape=(12, 16), img_shape=(11, 16))])
    assert larger.equal(F.interpolate(head(features), (12, 16), mode='bilinear'))
