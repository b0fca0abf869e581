"""nightgen.compat: what is installed, and in which version."""

from importlib import metadata

from nightgen import compat


def test_versions_lists_what_is_here_and_what_is_not():
    report = {package.name: package for package in compat.versions()}
    assert report['torch'].version == metadata.version('torch') and report['mmengine'].version
    assert {'mmcv', 'mmseg', 'mmdet', 'numpy', 'cv2'} <= set(report)
    for package in report.values():
        assert package.tested and package.needed_for
        assert (package.version is None) == (package.distribution is None)
